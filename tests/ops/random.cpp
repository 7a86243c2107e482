// SPDX-License-Identifier: Apache-2.0
// Random numbers: the published answers of Threefry, keys as JAX derives them, moments, and the same bits in every setting.
#include <sinter/random.hpp>
#include <sinter/xsimd.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <numeric>
#include <tuple>
#include <vector>

#include <doctest/doctest.h>

namespace {

using namespace sinter;
using word = std::uint32_t;

template <class X, class Y> bool same(const X& x, const Y& y) {
  return x.size() == y.size() && std::memcmp(x.data(), y.data(), static_cast<std::size_t>(x.size()) * sizeof(*x.data())) == 0;
}
// The same block in plain C++.
std::tuple<word, word> block(word k0, word k1, word x0, word x1) {
  const word k[] = {k0, k1, k0 ^ k1 ^ 0x1bd11bdau};
  constexpr int turn[2][4] = {{13, 15, 26, 6}, {17, 29, 16, 24}};
  x0 += k[0], x1 += k[1];
  for (word i = 0; i < 5; ++i) {
    for (const int r : turn[i % 2]) x0 += x1, x1 = (x1 << r | x1 >> (32 - r)) ^ x0;
    x0 += k[(i + 1) % 3], x1 += k[(i + 2) % 3] + i + 1;
  }
  return {x0, x1};
}
// One packet at a time, so that it compiles fast: no bit depends on it, which a test below holds against all other settings.
using thin = schedule<packets<1>, cached>;
template <class F> auto drawn(F f, const tensor<word, 2>& key) { return fn(f).template with<thin>()(key); }
struct moments {
  double mean = 0, second = 0, third = 0, fourth = 0;
  template <class X> explicit moments(const X& x) {
    const auto n = static_cast<double>(x.size());
    for (const auto e : x) mean += static_cast<double>(e) / n;
    for (const auto e : x) {
      const double d = static_cast<double>(e) - mean;
      second += d * d / n, third += d * d * d / n, fourth += d * d * d * d / n;
    }
  }
};

}  // namespace

TEST_CASE("random: the published blocks of Threefry-2x32-20") {
  // kat_vectors of Random123.
  const tensor<word, 3> x0{0, 0xffffffff, 0x243f6a88}, x1{0, 0xffffffff, 0x85a308d3}, k0{0, 0xffffffff, 0x13198a2e},
      k1{0, 0xffffffff, 0x03707344};
  const tensor<word, 3> first = map<sinter::detail::threefry<sinter::detail::block_word::first>>(k0, k1, x0, x1),
                        second = map<sinter::detail::threefry<sinter::detail::block_word::second>>(k0, k1, x0, x1);
  CHECK(same(first, tensor<word, 3>{0x6b200159, 0x1cb996fc, 0xc4923a9c}));
  CHECK(same(second, tensor<word, 3>{0x99ba4efe, 0xbb002be7, 0x483df7a0}));
}

TEST_CASE("random: keys") {
  const auto key = random_key(0x0123456789abcdef);
  CHECK((key(0) == 0x01234567 && key(1) == 0x89abcdef));
  const tensor<word, 2, 2> pair = split(random_key(0));
  CHECK(same(pair, tensor<word, 2, 2>{{1797259609, 2579123966}, {928981903, 3453687069}}));  // jax.random.split(jax.random.PRNGKey(0))
  const tensor<word, 1000, 2> many = split<1000>(key);
  const tensor<word, 2> folded = fold_in(key, 77);
  int wrong = 0;
  for (word i = 0; i < 1000; ++i) wrong += block(key(0), key(1), 0, i) != std::tuple(many(i, 0), many(i, 1));
  CHECK(wrong == 0);
  CHECK(block(key(0), key(1), 0, 77) == std::tuple(folded(0), folded(1)));
  constexpr auto step = fn([](auto k, auto i) { return std::tuple(fold_in(k, i), split(k, 3), random_bits<word, 4>(fold_in(k, i))); });
  const auto [at, three, bits] = step(key, tensor<std::int64_t>(77));
  CHECK(same(at, folded));
  CHECK(three(2, 1) == many(2, 1));
  CHECK(same(bits, eval(random_bits<word, 4>(folded))));
}

TEST_CASE("random: bits of every width") {
  const auto key = random_key(42);
  const tensor<word, 10, 100> b32 = random_bits<word, 10, 100>(key);
  const tensor<std::uint64_t, 1000> b64 = random_bits<std::uint64_t, 1000>(key);
  const tensor<std::uint16_t, 1000> b16 = random_bits<std::uint16_t, 1000>(key);
  const tensor<std::uint8_t, 5, 2, 100> b8 = random_bits<std::uint8_t, 5, 2, 100>(key);
  int wrong = 0;
  for (int i = 0; i < 1000; ++i) {
    const auto [first, second] = block(0, 42, 0, static_cast<word>(i));
    const word both = first ^ second;
    wrong += b32.data()[i] != both || b64(i) != (static_cast<std::uint64_t>(first) << 32 | second);
    wrong += b16(i) != static_cast<std::uint16_t>(both) || b8.data()[i] != static_cast<std::uint8_t>(both);
  }
  CHECK(wrong == 0);
  const tensor<std::int64_t, 1000> s64 = random_bits<std::int64_t, 1000>(key);
  const tensor<std::int8_t, 1000> s8 = random_bits<std::int8_t, 1000>(key);
  CHECK(std::memcmp(s64.data(), b64.data(), sizeof(std::int64_t) * 1000) == 0);
  CHECK(std::memcmp(s8.data(), b8.data(), 1000) == 0);
  const word alone = random_bits<word>(key);
  CHECK(alone == b32(0, 0));
}

TEST_CASE("random: moments") {
  constexpr int n = 1000000;  // bounds: five standard deviations of each figure
  const auto key = random_key(7);
  const tensor<float, 1000, 1000> u = drawn([](auto k) { return uniform<float, 1000, 1000>(k); }, key);
  const moments m(u);
  CHECK(std::fabs(m.mean - 0.5) < 5 * 0.2887 / 1000);
  CHECK(std::fabs(m.second - 1 / 12.) < 5 * 0.0745 / 1000);
  int bins[256] = {}, outside = 0;
  for (const float e : u) {
    outside += e < 0 || e >= 1;
    ++bins[static_cast<int>(e * 256) & 255];
  }
  CHECK(outside == 0);
  double chi2 = 0;
  for (const int b : bins) chi2 += (b - n / 256.) * (b - n / 256.) / (n / 256.);
  CHECK(std::fabs(chi2 - 255) < 5 * std::sqrt(2 * 255.));
  double neighbours = 0;
  for (int i = 0; i + 1 < n; ++i) neighbours += (u.data()[i] - 0.5) * (u.data()[i + 1] - 0.5) / n;
  CHECK(std::fabs(neighbours) < 5 / 12. / 1000);

  const auto is_normal = [&](const auto& x) {
    const moments z(x);
    CHECK(std::fabs(z.mean) < 5 * 1.0 / 1000);
    CHECK(std::fabs(z.second - 1) < 5 * std::sqrt(2.) / 1000);
    CHECK(std::fabs(z.third) < 5 * std::sqrt(15.) / 1000);
    CHECK(std::fabs(z.fourth - 3) < 5 * std::sqrt(96.) / 1000);
  };
  is_normal(drawn([](auto k) { return normal<float, n>(k); }, key));
  is_normal(drawn([](auto k) { return normal<double, n>(k); }, key));
  is_normal(drawn([](auto k) { return normal<float16, n>(k); }, key));
  const tensor<double, n> d = drawn([](auto k) { return uniform<double, n>(k, -3, 5); }, key);
  const moments wide(d);
  CHECK(std::fabs(wide.mean - 1) < 5 * 8 * 0.2887 / 1000);
  CHECK(std::fabs(wide.second - 64 / 12.) < 5 * 64 * 0.0745 / 1000);
  for (const auto e : drawn([](auto k) { return uniform<bfloat16, 4096>(k); }, key)) CHECK_UNARY(float(e) >= 0 && float(e) < 1);
  const moments g(drawn([](auto k) { return gumbel<float, n>(k); }, key));
  CHECK(std::fabs(g.mean - 0.5772156649) < 5 * 1.2825 / 1000);
  const double hits = static_cast<double>(float(sum(cast<float>(bernoulli<n>(key, 0.3)))));
  CHECK(std::fabs(hits / n - 0.3) < 5 * std::sqrt(0.21) / 1000);
}

TEST_CASE("random: classes and dropout") {
  constexpr int n = 100000;
  const auto key = random_key(3);
  const tensor<float, 4> logits{0, 1, 2, -INFINITY};
  const tensor<std::int64_t, n> c = categorical(key, broadcast_to<n, 4>(logits));
  double count[4] = {};
  for (const auto e : c) count[e] += 1. / n;
  const tensor<float, 4> p = softmax(logits);
  for (int i = 0; i < 4; ++i) CHECK(std::fabs(count[i] - p(i)) < 5 * 0.5 / std::sqrt(double(n)));
  CHECK(count[3] == 0);

  constexpr auto drop = fn([](auto k, auto x) { return dropout(k, 0.25, x); });
  tensor<float, n> x;
  x.fill(3);
  const tensor<float, n> y = drop(key, x);
  int kept = 0, wrong = 0;
  for (const float e : y) kept += e != 0, wrong += e != 0 && e != 4;
  CHECK(wrong == 0);
  CHECK(std::fabs(kept / double(n) - 0.75) < 5 * 0.433 / std::sqrt(double(n)));
  static_assert(drop.plan<tensor<word, 2>, tensor<float, n>>().kernels == 1);
  const auto dx = grad<1>([](auto k, auto v) { return sum(dropout(k, 0.25, v) * v); })(key, x);
  for (int i = 0; i < 100; ++i) CHECK(dx(i) == 2 * y(i));
  const tensor<bool, 3> each = bernoulli(key, tensor<double, 3>{0, 1, 0});
  CHECK((!each(0) && each(1) && !each(2)));
}

TEST_CASE("random: permutations") {
  const auto key = random_key(5);
  const tensor<std::int64_t, 1000> order = permutation<1000>(key);
  std::vector<std::int64_t> sorted(order.begin(), order.end()), expected(1000);
  std::sort(sorted.begin(), sorted.end());
  std::iota(expected.begin(), expected.end(), 0);
  CHECK(sorted == expected);
  // All 24 orders of 4 are equally likely, on all places: chi squared with 23 degrees of freedom.
  constexpr int draws = 24000;
  const tensor<word, draws, 2> keys = split<draws>(key);
  const tensor<std::int64_t, draws, 4> all = vmap([](auto k) { return permutation<4>(k); })(keys);
  std::vector<int> seen(256);
  for (int i = 0; i < draws; ++i) ++seen[static_cast<std::size_t>(all(i, 0) + 4 * all(i, 1) + 16 * all(i, 2) + 64 * all(i, 3))];
  double chi2 = 0;
  int kinds = 0;
  for (const int n : seen)
    if (n) ++kinds, chi2 += (n - draws / 24.) * (n - draws / 24.) / (draws / 24.);
  CHECK(kinds == 24);
  CHECK(std::fabs(chi2 - 23) < 5 * std::sqrt(2 * 23.));
  // Rows, of known and of run-time extents; nothing and one.
  tensor<float, 1000, 3> x;
  std::iota(x.begin(), x.end(), 0.f);
  const tensor<float, 1000, 3> shuffled = permutation(key, x);
  const tensor<float, dyn, 3> open(x);
  constexpr auto shuffle = fn([](auto k, auto v) { return std::tuple(permutation(k, v), permutation(k, v.extent(0))); });
  const auto [rows, again] = shuffle(key, open);
  int wrong = 0;
  for (int i = 0; i < 1000; ++i)
    for (int j = 0; j < 3; ++j) wrong += shuffled(i, j) != static_cast<float>(order(i) * 3 + j) || rows(i, j) != shuffled(i, j);
  CHECK(wrong == 0);
  CHECK(same(again, order));
  CHECK(eval(permutation<0>(key)).size() == 0);
  CHECK(eval(permutation<1>(key))(0) == 0);
}

TEST_CASE("random: bits do not depend on fusion, vectors, batches or threads") {
  const auto key = random_key(11);
  constexpr auto f = fn([](auto k) {
    return std::tuple(uniform<float, 37, 53>(k), normal<float, 37, 53>(k), normal<double, 1961>(k), gumbel<float, 1961>(k),
                      random_bits<std::uint64_t, 1961>(k));
  });
  const auto results = f(key);  // clang 14 captures no structured bindings
  const auto &u = std::get<0>(results), &z = std::get<1>(results);
  const auto& d = std::get<2>(results);
  const auto& g = std::get<3>(results);
  const auto& b = std::get<4>(results);
  const auto check = [&](const auto& h) {
    const auto [u2, z2, d2, g2, b2] = h(key);
    CHECK((same(u, u2) && same(z, z2) && same(d, d2) && same(g, g2) && same(b, b2)));
  };
  check(f.with<thin>().on<backend::scalar>());
  check(f.with<thin>().on<backend::xsimd>());
  check(f.with<thin>());
  CHECK(same(u, eval(uniform<float, 37, 53>(key))));
  CHECK(same(u, eval(uniform<float, 1961>(key))));
  // A part of it, transposed and inside of a reduction, in one kernel.
  constexpr auto part = fn([](auto k) { return sum(transpose(slice(uniform<float, 37, 53>(k), range<3, 30, 2>, range<1, 50>)), axis<0>); });
  CHECK(part(key).size() == 14);
  CHECK(same(part(key), eval(sum(transpose(slice(u, range<3, 30, 2>, range<1, 50>)), axis<0>))));
  static_assert(part.plan<tensor<word, 2>>().kernels == 1);
  // Run-time extents.
  constexpr auto like = fn([](auto k, auto x) { return uniform<float>(k, shape{x.extent(0), x.extent(1)}, -1, 2) * x; });
  tensor<float, dyn, 53> ones(37);
  ones.fill(1);
  CHECK(same(like(key, ones), eval(uniform<float, 37, 53>(key, -1, 2))));
  // One batch of keys, or one key after the other.
  constexpr auto one = [](auto k) { return normal<float, 5, 7>(k); };
  const tensor<word, 9, 2> keys = split<9>(key);
  const tensor<float, 9, 5, 7> all = vmap(one)(keys);
  for (int i = 0; i < 9; ++i) {
    const tensor<word, 2> k{keys(i, 0), keys(i, 1)};
    const tensor<float, 5, 7> alone = fn(one)(k);
    CHECK(std::memcmp(&all(i, 0, 0), alone.data(), sizeof(float) * 35) == 0);
  }
  constexpr auto large = fn([](auto k) { return uniform<float, 1000, 1000>(k); });
  const auto before = large(key);
  set_num_threads(2);
  CHECK(same(before, large(key)));
  set_num_threads(1);
}
