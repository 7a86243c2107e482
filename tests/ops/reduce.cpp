// SPDX-License-Identifier: Apache-2.0
// Reductions: axis lists against plain loops, lengths around every block, NaN and ties, and the fixed order, bit by bit.
#include <bit>
#include <cmath>
#include <cstdint>
#include <functional>
#include <limits>
#include <vector>

#include <doctest/doctest.h>

#include <sinter/sinter.hpp>

namespace {

using sinter::axis;
using sinter::dyn;
using sinter::extent_t;
using sinter::keepdims;
using sinter::tensor;

constexpr float inf = std::numeric_limits<float>::infinity(), quiet_nan = std::numeric_limits<float>::quiet_NaN();
constexpr int lengths[] = {0, 1, 63, 64, 65, 1000, 8192, 8193, 20000};

// Reproducible numbers in [-1, 1).
float noise(std::uint32_t i) {
  i = i * 747796405u + 2891336453u;
  i = ((i >> ((i >> 28) + 4)) ^ i) * 277803737u;
  return static_cast<float>((i >> 22) ^ i) * 0x1p-31f - 1.f;
}
template <class T> void fill_with_noise(T& t, std::uint32_t seed = 0) {
  for (auto& x : t) x = static_cast<typename T::value_type>(noise(seed++));
}
bool same_bits(float a, float b) { return std::bit_cast<std::uint32_t>(a) == std::bit_cast<std::uint32_t>(b); }
bool same_bits(double a, double b) { return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b); }

// The order that include/sinter/README.md fixes, as plain loops.
template <class T> struct pairwise_sum {
  std::vector<T> waiting;
  std::uint64_t count = 0;
  void push(T x) {
    for (std::uint64_t k = count++; k & 1; k >>= 1) x = waiting.back() + x, waiting.pop_back();
    waiting.push_back(x);
  }
  T result() {
    T x = waiting.back();
    waiting.pop_back();
    for (; !waiting.empty(); waiting.pop_back()) x = waiting.back() + x;
    return x;
  }
};
template <class T> T row_sum(extent_t n, const std::function<T(extent_t)>& get) {
  std::vector<T> blocks;
  extent_t i = 0;
  do {
    T lane[64] = {};
    for (const extent_t begin = i; i < n && i < begin + 8192; ++i) lane[(i - begin) % 64] += get(i);
    for (int half = 32; half > 0; half /= 2)
      for (int j = 0; j < half; ++j) lane[j] += lane[j + half];
    blocks.push_back(lane[0]);
  } while (i < n);
  if (blocks.size() == 1) return blocks[0];
  return row_sum<T>(static_cast<extent_t>(blocks.size()), [&](extent_t k) { return blocks[static_cast<std::size_t>(k)]; });
}
template <class T, class Get> T column_sum(extent_t n, Get get) {
  pairwise_sum<T> blocks;
  extent_t i = 0;
  do {
    T sum = 0;
    for (const extent_t begin = i; i < n && i < begin + 1024; ++i) sum += get(i);
    blocks.push(sum);
  } while (i < n);
  return blocks.result();
}

}  // namespace

TEST_CASE_TEMPLATE("sums along the innermost axis have the order of 64 lanes", T, float, double) {
  for (const int n : lengths) {
    tensor<T, dyn, dyn> x(3, n);
    fill_with_noise(x, 7);
    const tensor<T, dyn> y = sinter::sum(x, axis<1>);
    const tensor<T, dyn> fused = sinter::sum(x * T(1.5), axis<-1>);
    const T total = sinter::sum(x);
    CAPTURE(n);
    for (int i = 0; i < 3; ++i) {
      CHECK(same_bits(y(i), row_sum<T>(n, [&](extent_t j) { return x(i, j); })));
      CHECK(same_bits(fused(i), row_sum<T>(n, [&](extent_t j) { return x(i, j) * T(1.5); })));
    }
    CHECK(same_bits(total, row_sum<T>(3 * n, [&](extent_t j) { return x.data()[j]; })));
  }
}

TEST_CASE_TEMPLATE("sums along other axes run in sequence inside blocks of 1024", T, float, double) {
  for (const int n : {0, 1, 2, 63, 1000, 1024, 1025, 5000})
    for (const int m : {1, 3, 16, 37, 100}) {
      tensor<T, dyn, dyn> x(n, m);
      fill_with_noise(x, 11);
      const tensor<T, dyn> y = sinter::sum(x, axis<0>);
      CAPTURE(n);
      CAPTURE(m);
      for (int j = 0; j < m; ++j) CHECK(same_bits(y(j), column_sum<T>(n, [&](extent_t i) { return x(i, j); })));
    }
}

TEST_CASE("the order does not depend on fusion, static extents, backends, or the layout of the operand") {
  tensor<float, 130, 1100> x;
  fill_with_noise(x, 3);
  tensor<float, dyn, dyn> d(130, 1100);
  d = x;
  const tensor<float, 130> rows = sinter::sum(x, axis<1>);
  const tensor<float, 1100> columns = sinter::sum(x, axis<0>);
  const tensor<float, dyn> rows_d = sinter::sum(d, axis<1>), columns_d = sinter::sum(d, axis<0>);
  const tensor<float, 130> swapped = sinter::sum(sinter::transpose(x), axis<0>);
  const tensor<float, 1100> swapped2 = sinter::sum(sinter::transpose(x), axis<1>);
  constexpr auto f = sinter::fn(
      [](auto a) { return std::tuple(sinter::sum(a, axis<1>), sinter::sum(a, axis<0>), sinter::sum(a), sinter::max(a, axis<1>)); });
  const auto [r, c, t, m] = f(x);
  const auto [rs, cs, ts, ms] = f.on<sinter::backend::scalar>()(x);
  CHECK(same_bits(t, ts));
  CHECK(same_bits(t, row_sum<float>(130 * 1100, [&](extent_t i) { return x.data()[i]; })));
  for (int i = 0; i < 130; ++i) {
    CHECK(same_bits(rows(i), row_sum<float>(1100, [&](extent_t j) { return x(i, j); })));
    CHECK(same_bits(rows(i), rows_d(i)));
    CHECK(same_bits(rows(i), r(i)));
    CHECK(same_bits(rows(i), rs(i)));
    CHECK(same_bits(m(i), ms(i)));
    CHECK(same_bits(swapped(i), column_sum<float>(1100, [&](extent_t j) { return x(i, j); })));
  }
  for (int j = 0; j < 1100; ++j) {
    CHECK(same_bits(columns(j), column_sum<float>(130, [&](extent_t i) { return x(i, j); })));
    CHECK(same_bits(columns(j), columns_d(j)));
    CHECK(same_bits(columns(j), c(j)));
    CHECK(same_bits(columns(j), cs(j)));
    CHECK(same_bits(swapped2(j), row_sum<float>(130, [&](extent_t i) { return x(i, j); })));
  }
  // A view of the same elements with other strides.
  const sinter::view<const float, 100, 300> part = x.sub(sinter::range<10, 110>, sinter::range<100, 1000, 3>);
  const tensor<float, 100> part_rows = sinter::sum(part, axis<1>);
  const tensor<float, 300> part_columns = sinter::sum(part, axis<0>);
  for (int i = 0; i < 100; ++i) CHECK(same_bits(part_rows(i), row_sum<float>(300, [&](extent_t j) { return part(i, j); })));
  for (int j = 0; j < 300; ++j) CHECK(same_bits(part_columns(j), column_sum<float>(100, [&](extent_t i) { return part(i, j); })));
}

TEST_CASE("axes that are not neighbours: the last run first") {
  tensor<float, 9, 7, 70> x;
  fill_with_noise(x, 5);
  const tensor<float, 7> y = sinter::sum(x, axis<0, 2>);
  const tensor<float, 9, 7> inner = sinter::sum(x, axis<2>);
  for (int j = 0; j < 7; ++j) CHECK(same_bits(y(j), column_sum<float>(9, [&](extent_t i) { return inner(i, j); })));
  const tensor<float, 9> two = sinter::sum(x, axis<1, 2>);
  for (int i = 0; i < 9; ++i) CHECK(same_bits(two(i), row_sum<float>(490, [&](extent_t j) { return x.data()[490 * i + j]; })));
  const tensor<float, 70> front = sinter::sum(x, axis<0, 1>);
  for (int k = 0; k < 70; ++k) CHECK(same_bits(front(k), column_sum<float>(63, [&](extent_t i) { return x.data()[70 * i + k]; })));
  const tensor<float, 9, 70> middle = sinter::sum(x, axis<1>);
  for (int i = 0; i < 9; ++i)
    for (int k = 0; k < 70; ++k) CHECK(same_bits(middle(i, k), column_sum<float>(7, [&](extent_t j) { return x(i, j, k); })));
}

namespace {

// Reduces by plain loops; mask names the reduced axes.
template <class T, class F> std::vector<T> plain(const T* x, std::vector<int> shape, unsigned mask, T start, F combine) {
  int kept = 1, all = 1;
  for (std::size_t a = 0; a < shape.size(); ++a) all *= shape[a], kept *= (mask >> a & 1) ? 1 : shape[a];
  std::vector<T> y(static_cast<std::size_t>(kept), start);
  for (int k = 0; k < all; ++k) {
    int rest = k, to = 0, stride = 1;
    for (std::size_t a = shape.size(); a-- > 0;) {
      if (!(mask >> a & 1)) to += rest % shape[a] * stride, stride *= shape[a];
      rest /= shape[a];
    }
    y[static_cast<std::size_t>(to)] = combine(y[static_cast<std::size_t>(to)], x[k]);
  }
  return y;
}

const std::vector<int> four{3, 4, 5, 17};
template <int... A> constexpr unsigned mask_of() {
  unsigned mask = 0;
  ((mask |= 1u << (A < 0 ? A + 4 : A)), ...);
  return mask == 0 ? 15 : mask;
}
// A sum and an order: what the axes mean does not depend on the op.
template <int... A> void check_axes(const tensor<float, 3, 4, 5, 17>& x) {
  constexpr auto f =
      sinter::fn([](auto v) { return std::tuple(sinter::sum(v, axis<A...>, keepdims), sinter::max(v, sinter::axes(axis<A...>))); });
  const auto [s, hi] = f(x);
  static_assert(std::remove_cvref_t<decltype(s)>::rank == 4);
  const auto sums = plain<float>(x.data(), four, mask_of<A...>(), 0, [](float a, float b) { return a + b; });
  const auto highest = plain<float>(x.data(), four, mask_of<A...>(), -inf, [](float a, float b) { return a > b ? a : b; });
  REQUIRE(s.size() == static_cast<extent_t>(sums.size()));
  REQUIRE(hi.size() == s.size());
  int wrong = 0;
  for (std::size_t i = 0; i < sums.size(); ++i) wrong += s.data()[i] != sums[i] || hi.data()[i] != highest[i];
  CHECK(wrong == 0);
}
// All ops of one axis list in one function.
template <int... A> void check_ops(const tensor<float, 3, 4, 5, 17>& x) {
  constexpr auto f = sinter::fn([](auto v) {
    const sinter::axes a = axis<A...>;
    const sinter::keep k{true};
    return std::tuple(sinter::sum(v, a), sinter::min(v, a, k), sinter::any(v == 7, a), sinter::all_of(v > -100, a, k),
                      sinter::prod(sinter::where(v > 0, 1, -1), a), sinter::mean(v * 2, a), sinter::var(v, a, k));
  });
  const auto [s, lo, any, all, p, mean, var] = f(x);
  const auto sums = plain<float>(x.data(), four, mask_of<A...>(), 0, [](float a, float b) { return a + b; });
  const auto squares = plain<float>(x.data(), four, mask_of<A...>(), 0, [](float a, float b) { return a + b * b; });
  const auto lowest = plain<float>(x.data(), four, mask_of<A...>(), inf, [](float a, float b) { return a < b ? a : b; });
  const auto anys = plain<float>(x.data(), four, mask_of<A...>(), 0, [](float a, float b) { return a != 0 || b == 7 ? 1.f : 0.f; });
  const auto products = plain<float>(x.data(), four, mask_of<A...>(), 1, [](float a, float b) { return b > 0 ? a : -a; });
  REQUIRE(s.size() == static_cast<extent_t>(sums.size()));
  const double n = static_cast<double>(x.size()) / static_cast<double>(s.size());
  int wrong = 0;
  for (std::size_t i = 0; i < sums.size(); ++i) {
    const double expected_mean = 2 * static_cast<double>(sums[i]) / n, m = static_cast<double>(sums[i]) / n;
    wrong += s.data()[i] != sums[i] || lo.data()[i] != lowest[i] || any.data()[i] != (anys[i] != 0) || !all.data()[i] ||
             static_cast<float>(p.data()[i]) != products[i];
    CHECK(mean.data()[i] == doctest::Approx(expected_mean).epsilon(1e-5));
    CHECK(var.data()[i] == doctest::Approx(static_cast<double>(squares[i]) / n - m * m).epsilon(1e-4));
  }
  CHECK(wrong == 0);
}

}  // namespace

TEST_CASE("axis lists") {
  tensor<float, 3, 4, 5, 17> x;
  for (extent_t i = 0; i < x.size(); ++i) x.data()[i] = static_cast<float>((i * 7919) % 23 - 11);  // whole numbers: every order is exact
  check_ops<>(x);
  check_ops<-2>(x);
  check_ops<3>(x);
  check_ops<0, 2>(x);
  check_ops<3, 0, 1>(x);
  check_axes<>(x);
  check_axes<0>(x);
  check_axes<1>(x);
  check_axes<3>(x);
  check_axes<-2>(x);
  check_axes<0, 1>(x);
  check_axes<2, 3>(x);
  check_axes<1, 2>(x);
  check_axes<0, -1>(x);
  check_axes<3, 0, 1>(x);
  check_axes<0, 2>(x);
  check_axes<1, 3>(x);
  check_axes<0, 1, 2, 3>(x);
}

TEST_CASE("keepdims, and extents of 1") {
  const tensor<float, 2, 1, 3> x{{{1, 2, 3}}, {{4, 5, 6}}};
  const tensor<float, 2, 1, 1> a = sinter::sum(x, axis<2>, keepdims);
  CHECK(a(1, 0, 0) == 15);
  const tensor<float, 2, 3> b = sinter::sum(x, axis<1>);
  CHECK(b(1, 2) == 6);
  const tensor<float, 1, 1, 1> c = sinter::sum(x, keepdims);
  CHECK(c(0, 0, 0) == 21);
  const tensor<std::int64_t, 2, 3> d = sinter::argmax(x, axis<1>);
  CHECK(d(1, 2) == 0);
  const tensor<float, 1, 1> one{{-0.f}};
  CHECK(static_cast<float>(sinter::max(one)) == 0);
  CHECK(static_cast<float>(sinter::var(one)) == 0);
  const tensor<float> number(3.f);
  CHECK(static_cast<float>(sinter::sum(number)) == 3);
  CHECK(static_cast<std::int64_t>(sinter::argmax(number)) == 0);
}

TEST_CASE("NaN wins in max and min, zeros are ordered") {
  for (const int n : lengths) {
    if (n == 0) continue;
    tensor<float, dyn> x(n);
    for (const int at : {0, n / 2, n - 1}) {
      x.fill(1);
      x(at) = quiet_nan;
      CHECK(std::isnan(static_cast<float>(sinter::max(x))));
      CHECK(std::isnan(static_cast<float>(sinter::min(x))));
      CHECK(std::isnan(static_cast<float>(sinter::sum(x))));
      CHECK(static_cast<std::int64_t>(sinter::argmax(x)) == at);
      CHECK(static_cast<std::int64_t>(sinter::argmin(x)) == at);
      x.fill(-inf);
      CHECK(static_cast<float>(sinter::max(x)) == -inf);
      CHECK(static_cast<std::int64_t>(sinter::argmax(x)) == 0);
      CHECK(static_cast<std::int64_t>(sinter::argmin(x)) == 0);
      x(at) = 2;
      CHECK(static_cast<float>(sinter::max(x)) == 2);
      CHECK(static_cast<std::int64_t>(sinter::argmax(x)) == at);
      x.fill(-0.f);
      x(at) = 0.f;
      CHECK_FALSE(std::signbit(static_cast<float>(sinter::max(x))));
      if (n > 1) CHECK(std::signbit(static_cast<float>(sinter::min(x))));
      x.fill(inf);
      CHECK(static_cast<float>(sinter::min(x)) == inf);
      CHECK(static_cast<float>(sinter::sum(x)) == inf);
    }
  }
}

TEST_CASE("argmax and argmin give the first of equals, along any axis") {
  for (const int n : {1, 2, 63, 64, 65, 130, 1000, 8193, 20000}) {
    tensor<float, dyn, dyn> x(2, n);
    for (int i = 0; i < n; ++i) x(0, i) = static_cast<float>(i % 50), x(1, i) = static_cast<float>(-(i % 64));
    const tensor<std::int64_t, dyn> hi = sinter::argmax(x, axis<1>), lo = sinter::argmin(x, axis<-1>);
    CHECK(hi(0) == (n > 49 ? 49 : n - 1));
    CHECK(lo(0) == 0);
    CHECK(hi(1) == 0);
    CHECK(lo(1) == (n > 63 ? 63 : n - 1));
    const tensor<std::int64_t, dyn> down = sinter::argmax(x, axis<0>);
    for (int i = 0; i < n; i += 7) CHECK(down(i) == (i % 50 >= -(i % 64) ? 0 : 1));
    const tensor<float, dyn, dyn> t = sinter::transpose(x);
    const tensor<std::int64_t, dyn> columns = sinter::argmax(t, axis<0>), least = sinter::argmin(t, axis<0>);
    CHECK(columns(0) == hi(0));
    CHECK(columns(1) == hi(1));
    CHECK(least(0) == lo(0));
    CHECK(least(1) == lo(1));
  }
  tensor<float, 70> x;
  x(5) = quiet_nan, x(69) = quiet_nan, x(3) = inf;
  CHECK(static_cast<std::int64_t>(sinter::argmax(x)) == 5);
  CHECK(static_cast<std::int64_t>(sinter::argmin(x)) == 5);
  tensor<float, 70, 2> two;
  two(5, 0) = quiet_nan, two(69, 0) = quiet_nan, two(69, 1) = quiet_nan;
  const tensor<std::int64_t, 2> c = sinter::argmax(two, axis<0>);
  CHECK(c(0) == 5);
  CHECK(c(1) == 69);
  tensor<double, 3, 40> d;
  d(1, 39) = 1, d(2, 0) = 1;
  CHECK(static_cast<std::int64_t>(sinter::argmax(d)) == 79);
  tensor<std::int8_t, 300> i;
  i(299) = 127, i(7) = -128;
  CHECK(static_cast<std::int64_t>(sinter::argmax(i)) == 299);
  CHECK(static_cast<std::int64_t>(sinter::argmin(i)) == 7);
  tensor<std::uint64_t, 5> u{0, ~std::uint64_t{0}, 1, 2, 3};
  CHECK(static_cast<std::int64_t>(sinter::argmax(u)) == 1);
  tensor<std::int64_t, 3> lowest{std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::min(),
                                 std::numeric_limits<std::int64_t>::min()};
  CHECK(static_cast<std::int64_t>(sinter::argmax(lowest)) == 0);
}

TEST_CASE("integers wrap at their own width") {
  for (const int n : {1, 64, 65, 1000}) {
    tensor<std::int8_t, dyn> a(n);
    a.fill(100);
    CHECK(static_cast<std::int8_t>(sinter::sum(a)) == static_cast<std::int8_t>(100 * n));
    tensor<std::uint8_t, dyn> b(n);
    b.fill(3);
    std::uint8_t power = 1;
    for (int i = 0; i < n; ++i) power = static_cast<std::uint8_t>(power * 3);
    CHECK(static_cast<std::uint8_t>(sinter::prod(b)) == power);
    tensor<std::int32_t, dyn> c(n);
    c.fill(0x70000001);
    CHECK(static_cast<std::int32_t>(sinter::sum(c)) == static_cast<std::int32_t>(0x70000001u * static_cast<std::uint32_t>(n)));
    tensor<std::int64_t, dyn> d(n);
    d.fill(std::int64_t{1} << 62);
    CHECK(static_cast<std::int64_t>(sinter::sum(d)) == static_cast<std::int64_t>((std::uint64_t{1} << 62) * static_cast<std::uint64_t>(n)));
    tensor<std::uint16_t, dyn, 3> e(n);
    e.fill(40000);
    CHECK(sinter::eval(sinter::sum(e, axis<0>))(2) == static_cast<std::uint16_t>(40000 * n));
    CHECK(static_cast<std::uint16_t>(sinter::max(e)) == 40000);
    CHECK(static_cast<std::int8_t>(sinter::min(a)) == 100);
  }
}

TEST_CASE_TEMPLATE("f16 and bf16 accumulate in f32 and round once", T, sinter::float16, sinter::bfloat16) {
  for (const int n : {1, 64, 1000, 9000}) {
    tensor<T, dyn, dyn> x(2, n);
    fill_with_noise(x, 1);
    const tensor<T, dyn> rows = sinter::sum(x, axis<1>);
    for (int i = 0; i < 2; ++i) CHECK(rows(i).bits == T(row_sum<float>(n, [&](extent_t j) { return static_cast<float>(x(i, j)); })).bits);
    const tensor<T, dyn, dyn> t = sinter::transpose(x);
    const tensor<T, dyn> columns = sinter::sum(t, axis<0>);
    for (int i = 0; i < 2; ++i)
      CHECK(columns(i).bits == T(column_sum<float>(n, [&](extent_t j) { return static_cast<float>(x(i, j)); })).bits);
    const tensor<T> highest = sinter::max(x);
    float expected = -2;
    for (const T v : x) expected = std::max(expected, static_cast<float>(v));
    CHECK(static_cast<float>(highest()) == expected);
  }
  tensor<T, 4096> ones;
  ones.fill(T(1.f));
  CHECK(static_cast<float>(tensor<T>(sinter::sum(ones))()) == 4096);  // in T alone it would stop at 2048 or 256
}

TEST_CASE("of nothing") {
  const tensor<float, 3, 0> x;
  CHECK(sinter::eval(sinter::sum(x, axis<1>))(2) == 0);
  CHECK(sinter::eval(sinter::prod(x, axis<1>))(2) == 1);
  CHECK_FALSE(sinter::eval(sinter::any(x > 0, axis<1>))(2));
  CHECK(sinter::eval(sinter::all_of(x > 0, axis<1>))(2));
  CHECK(std::isnan(sinter::eval(sinter::mean(x, axis<1>))(2)));
  CHECK(sinter::eval(sinter::sum(x, axis<0>)).size() == 0);
  CHECK(sinter::eval(sinter::max(x, axis<0>)).size() == 0);
  tensor<float, dyn, dyn> d(3, 0);
  CHECK(sinter::eval(sinter::sum(d, axis<1>))(2) == 0);
  CHECK(std::isnan(sinter::eval(sinter::mean(d, axis<1>))(2)));
  CHECK_THROWS_AS(sinter::eval(sinter::max(d, axis<1>)), sinter::shape_error);
  CHECK_THROWS_AS(sinter::eval(sinter::argmin(d, axis<1>)), sinter::shape_error);
  CHECK(sinter::eval(sinter::max(d, axis<0>)).size() == 0);
  tensor<float, dyn, dyn> e(0, 3);
  CHECK(sinter::eval(sinter::sum(e, axis<0>))(2) == 0);
  CHECK(sinter::eval(sinter::prod(e, axis<0>))(2) == 1);
  CHECK(sinter::eval(sinter::all_of(e > 0, axis<0>))(2));
}

TEST_CASE("one pass for several reductions, reductions of reductions") {
  tensor<float, 20, 33> x;
  fill_with_noise(x, 9);
  constexpr auto f = sinter::fn([](auto v) {
    const auto m = sinter::mean(v, axis<1>, keepdims);
    const auto d = v - m;
    return std::tuple(sinter::sum(d * d, axis<1>), sinter::max(sinter::sum(v, axis<1>)), sinter::sum(sinter::max(v, axis<0>)),
                      sinter::argmax(sinter::sum(v, axis<0>)));
  });
  const auto [squares, top, total, where] = f(x);
  double best = -1e9, all = 0;
  for (int i = 0; i < 20; ++i) {
    double s = 0, q = 0;
    for (int j = 0; j < 33; ++j) s += static_cast<double>(x(i, j));
    for (int j = 0; j < 33; ++j) q += (static_cast<double>(x(i, j)) - s / 33) * (static_cast<double>(x(i, j)) - s / 33);
    CHECK(squares(i) == doctest::Approx(q).epsilon(1e-5));
    best = std::max(best, s);
  }
  int column = 0;
  double largest = -1e9;
  for (int j = 0; j < 33; ++j) {
    float m = -inf;
    double s = 0;
    for (int i = 0; i < 20; ++i) m = std::max(m, x(i, j)), s += static_cast<double>(x(i, j));
    all += static_cast<double>(m);
    if (s > largest) largest = s, column = j;
  }
  CHECK(static_cast<double>(top) == doctest::Approx(best).epsilon(1e-5));
  CHECK(static_cast<double>(total) == doctest::Approx(all).epsilon(1e-5));
  CHECK(where == column);
}

TEST_CASE("long reductions read once, with the bits of a single kernel") {
  constexpr int n = 40 * 8192;
  static tensor<float, n> x;
  fill_with_noise(x, 5);
  for (float& e : x) e = e * 3 + 100;
  constexpr auto moments =
      sinter::fn([](auto v) { return std::tuple(sinter::mean(v), sinter::var(v), sinter::max(v), sinter::sum(v * v)); });
  static_assert(moments.plan<tensor<float, n>>().kernels == 4 && moments.plan<tensor<float, n>>().bytes_read < n * 4 + 4096);
  const auto [mean, var, most, squares] = moments(x);
  tensor<float, dyn> d(n);
  d = x;
  const auto dynamic = moments(d);
  CHECK(same_bits(mean(), std::get<0>(dynamic)()));
  CHECK(same_bits(most(), std::get<2>(dynamic)()));
  CHECK(same_bits(squares(), std::get<3>(dynamic)()));
  CHECK(same_bits(mean() * n, row_sum<float>(n, [&](extent_t i) { return x(i); }) / n * n));
  double exact_mean = 0, exact = 0;
  for (float e : x) exact_mean += static_cast<double>(e) / n;
  for (float e : x) exact += (static_cast<double>(e) - exact_mean) * (static_cast<double>(e) - exact_mean) / n;
  CHECK(std::fabs(static_cast<double>(var()) / exact - 1) < 1e-7);
  CHECK(std::fabs(static_cast<double>(std::get<1>(dynamic)()) / exact - 1) < 1e-6);
  constexpr auto by_rows =
      sinter::fn([](auto v) { return std::tuple(sinter::var(v, axis<1>), sinter::min(v, axis<1>, sinter::keepdims)); });
  static tensor<double, 2, 17 * 8192> y;
  for (int i = 0; i < 2; ++i)
    for (int j = 0; j < 17 * 8192; ++j) y(i, j) = j % 1000 + 1e6 * (j / 8192) + i;
  const auto [v, least] = by_rows(y);
  for (int i = 0; i < 2; ++i) {
    double m = 0, s = 0;
    for (int j = 0; j < 17 * 8192; ++j) m += y(i, j) / (17 * 8192);
    for (int j = 0; j < 17 * 8192; ++j) s += (y(i, j) - m) * (y(i, j) - m) / (17 * 8192);
    CHECK(std::fabs(v(i) / s - 1) < 1e-12);
    CHECK(least(i, 0) == i);
  }
}
