// SPDX-License-Identifier: Apache-2.0
// Attention against plain loops in double: heads that share keys, masks, caches, run-time extents; and its plan.
#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <vector>

#include <sinter/sinter.hpp>

namespace {

using namespace sinter;

template <class T> T filled(T t, int seed) {
  for (extent_t i = 0; i < t.size(); ++i) t.data()[i] = static_cast<float>((i * 37 + seed * 11) % 101 - 50) / 40;
  return t;
}
// hides(i, j): whether query i does not see key j; bias(h, i, j) is added.
template <class Y, class Q, class K, class Hides, class Bias>
void check(const Y& y, const Q& q, const K& k, const K& v, Hides hides, Bias bias) {
  const extent_t heads = q.extent(0), s = q.extent(1), d = q.extent(2), t = k.extent(1), shared = heads / k.extent(0);
  for (extent_t h = 0; h < heads; ++h)
    for (extent_t i = 0; i < s; ++i) {
      std::vector<double> p(static_cast<std::size_t>(t));
      double most = -std::numeric_limits<double>::infinity(), sum = 0;
      for (extent_t j = 0; j < t; ++j) {
        double x = 0;
        for (extent_t c = 0; c < d; ++c) x += static_cast<double>(q(h, i, c)) * static_cast<double>(k(h / shared, j, c));
        x = hides(i, j) ? -std::numeric_limits<double>::infinity() : x / std::sqrt(static_cast<double>(d)) + bias(h, i, j);
        p[static_cast<std::size_t>(j)] = x, most = x > most ? x : most;
      }
      for (double& x : p) x = std::exp(x - most), sum += x;
      for (extent_t c = 0; c < d; ++c) {
        double want = 0;
        for (extent_t j = 0; j < t; ++j) want += p[static_cast<std::size_t>(j)] / sum * static_cast<double>(v(h / shared, j, c));
        CHECK(std::abs(static_cast<double>(y(h, i, c)) - want) <= 2e-6);
      }
    }
}
constexpr auto nothing = [](extent_t, extent_t) { return false; };
constexpr auto zero = [](extent_t, extent_t, extent_t) { return 0.0; };

const auto q = filled(tensor<float, 4, 37, 16>(), 1);
const auto k = filled(tensor<float, 4, 45, 16>(), 2);
const auto v = filled(tensor<float, 4, 45, 16>(), 3);

TEST_CASE("attention over all keys, causal with a cache, with heads that share keys") {
  check(eval(attention(q, k, v)), q, k, v, nothing, zero);
  check(
      eval(attention(q, k, v, causal)), q, k, v, [](extent_t i, extent_t j) { return j > i + 8; }, zero);
  const auto k2 = filled(tensor<float, 2, 45, 16>(), 2), v2 = filled(tensor<float, 2, 45, 16>(), 3);
  check(
      eval(attention(q, k2, v2, causal)), q, k2, v2, [](extent_t i, extent_t j) { return j > i + 8; }, zero);
  const auto k1 = filled(tensor<float, 1, 45, 16>(), 2), v1 = filled(tensor<float, 1, 45, 16>(), 3);
  check(eval(attention(q, k1, v1)), q, k1, v1, nothing, zero);
  const auto one = filled(tensor<float, 4, 1, 16>(), 4);
  check(eval(attention(one, k, v, causal)), one, k, v, nothing, zero);
}

TEST_CASE("masks: of bool, added, for all heads or each") {
  tensor<bool, 45> padding;
  for (extent_t j = 0; j < 45; ++j) padding(j) = j < 30;
  check(
      eval(attention(q, k, v, padding)), q, k, v, [](extent_t, extent_t j) { return j >= 30; }, zero);
  const auto bias = filled(tensor<float, 4, 37, 45>(), 5);
  check(eval(attention(q, k, v, bias)), q, k, v, nothing,
        [&](extent_t h, extent_t i, extent_t j) { return static_cast<double>(bias(h, i, j)); });
  const auto k2 = filled(tensor<float, 2, 45, 16>(), 2), v2 = filled(tensor<float, 2, 45, 16>(), 3);
  check(
      eval(attention(q, k2, v2, bias, causal)), q, k2, v2, [](extent_t i, extent_t j) { return j > i + 8; },
      [&](extent_t h, extent_t i, extent_t j) { return static_cast<double>(bias(h, i, j)); });
}

constexpr auto f = fn([](auto a, auto b, auto c) { return attention(a, b, c, causal); });

TEST_CASE("attention with run-time extents, and on several threads, gives the same bits") {
  const tensor<float, 4, 37, 16> y = f(q, k, v);
  const tensor<float, dyn, dyn, dyn> a = q, b = k, c = v, z = f(a, b, c);
  for (extent_t i = 0; i < y.size(); ++i) CHECK(y.data()[i] == z.data()[i]);
  const auto long_q = filled(tensor<float, 2, 400, 64>(), 1), long_k = filled(tensor<float, 2, 400, 64>(), 2);
  const tensor<float, 2, 400, 64> once = f(long_q, long_k, long_k);
  set_num_threads(2);
  const tensor<float, 2, 400, 64> again = f(long_q, long_k, long_k);
  set_num_threads(1);
  for (extent_t i = 0; i < once.size(); ++i) CHECK(once.data()[i] == again.data()[i]);
}

// What a causal mask hides does not count, whatever it is: keys and values behind a query may be NaN or infinite, in blocks of any height.
template <class Tensor, class F> void check_hidden(const Tensor& a, const Tensor& b, const Tensor& c, F attend) {
  const Tensor want = attend(a, b, c);
  const extent_t s = a.extent(1), last = b.extent(1) - 1;
  for (const float bad : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()})
    for (const extent_t at : {last, last - 1, last - 7, last - s / 2}) {
      Tensor b2 = b, c2 = c;
      for (extent_t e = 0; e < b.extent(2); ++e) b2(0, at, e) = bad, c2(0, at, e) = bad, c2(1, at, e % 3) = -bad;
      const Tensor got = attend(a, b2, c2);
      for (extent_t h = 0; h < a.extent(0); ++h)
        for (extent_t i = 0; i < s; ++i)
          for (extent_t e = 0; e < a.extent(2); ++e)
            if (h > 1 || i + (last + 1 - s) < at) CHECK(got(h, i, e) == want(h, i, e));
            else if (h == 0 || e < 3) CHECK(!std::isfinite(got(h, i, e)));
    }
}
TEST_CASE("hidden keys and values do not reach the result") {
  const auto all = [](const auto& a, const auto& b, const auto& c) { return f(a, b, c); };
  const auto large = [](int seed) { return filled(tensor<float, 3, 150, 20>(), seed); };
  const auto small = [](int seed) { return filled(tensor<float, 3, 11, 8>(), seed); };
  check_hidden(large(1), large(2), large(3), all);
  check_hidden(small(1), small(2), small(3), all);
  check_hidden(large(1), large(2), large(3), [](const auto& a, const auto& b, const auto& c) {
    return tensor<float, 3, 150, 20>(f.with<schedule<blocks<12, 1024>>>()(a, b, c));
  });
  check_hidden(large(1), large(2), large(3),
               [](const auto& a, const auto& b, const auto& c) { return tensor<float, 3, 150, 20>(f.prepare(a, b, constant(c))(a, b)); });
  check_hidden(large(1), large(2), large(3), [](const auto& a, const auto& b, const auto& c) {
    return tensor<float, 3, 150, 20>(fn([](auto x, auto y, auto z) { return attention(x, y, z * 3, causal); })(a, b, c));
  });
}

// One kernel, nothing of size s x t; however it is spelled.
template <extent_t S> using heads = tensor<float, 12, S, 64>;
constexpr auto plain =
    fn([](auto a, auto b, auto c) { return einsum<"hqk,hkd->hqd">(softmax(einsum<"hqd,hkd->hqk">(a, b) * 0.125f, axis<2>), c); });
constexpr auto capped =
    fn([](auto a, auto b, auto c) { return matmul(softmax(tanh(matmul(a, transpose<0, 2, 1>(b)) * 0.01f) * 30, axis<2>), c); });
static_assert(f.plan<heads<512>, heads<512>, heads<512>>().kernels == 1);
static_assert(plain.plan<heads<512>, heads<512>, heads<512>>().kernels == 1);
static_assert(capped.plan<heads<512>, heads<512>, heads<512>>().kernels == 1);
static_assert(f.plan<heads<512>, heads<512>, heads<512>>().temporaries == 0);
static_assert(f.plan<heads<2048>, heads<2048>, heads<2048>>().workspace_bytes <= 4 * 64 * 4 * 2048);
static_assert(f.plan<tensor<float, dyn, dyn, dyn>, tensor<float, dyn, dyn, dyn>, tensor<float, dyn, dyn, dyn>>().kernels == 1);
// Near misses stay composed: probabilities that are wanted, a softmax along the queries.
static_assert(fn([](auto a, auto b, auto c) {
                auto p = softmax(matmul(a, transpose<0, 2, 1>(b)), axis<2>);
                return std::tuple(p, matmul(p, c));
              })
                  .plan<heads<512>, heads<512>, heads<512>>()
                  .kernels == 2);
static_assert(fn([](auto a, auto b, auto c) { return matmul(softmax(matmul(a, transpose<0, 2, 1>(b)), axis<1>), c); })
                  .plan<heads<512>, heads<512>, heads<512>>()
                  .kernels > 1);
// A wide layer in between is worth a matrix in memory.
static_assert(fn([](auto x, auto w, auto u) { return dot(relu(dot(x, w)), u); })
                  .plan<tensor<float, 512, 768>, tensor<float, 768, 3072>, tensor<float, 3072, 768>>()
                  .kernels == 2);

// Causal attention leaves out the blocks that it hides: found in plain ops too, whatever their spelling, and not where it would be wrong.
constexpr float hidden = -std::numeric_limits<float>::infinity();
template <class F> constexpr bool leaves_out(F) {
  using plan = typename function<F>::template program<heads<512>, heads<512>, heads<512>>;
  bool limited = false;
  for (const auto& g : plan::value.groups) limited |= g.limited;
  return limited;
}
template <class Choose> constexpr auto scored(Choose) {
  return [](auto a, auto b, auto c) {
    auto s = einsum<"hqd,hkd->hqk">(a, b) * 0.125f;
    const auto row = iota<std::int32_t, 12, 512, 512>(axis<1>), column = iota<std::int32_t, 12, 512, 512>(axis<2>);
    return einsum<"hqk,hkd->hqd">(Choose{}(s, row, column), c);
  };
}
static_assert(leaves_out([](auto a, auto b, auto c) { return attention(a, b, c, causal); }));
static_assert(!leaves_out([](auto a, auto b, auto c) { return attention(a, b, c); }));
static_assert(leaves_out(scored([](auto s, auto i, auto j) { return softmax(where(j > i, hidden, s), axis<2>); })));
static_assert(leaves_out(scored([](auto s, auto i, auto j) { return softmax(where(i >= j, s, hidden), axis<2>); })));
static_assert(leaves_out(scored([](auto s, auto i, auto j) { return softmax(where(j < i + 3, tanh(s), hidden), axis<2>); })));
static_assert(!leaves_out(scored([](auto s, auto i, auto j) { return softmax(where(j >= i, s, hidden), axis<2>); })));      // a later part
static_assert(!leaves_out(scored([](auto s, auto i, auto j) { return softmax(where(j <= i, s, -1e9f), axis<2>); })));       // not nothing
static_assert(!leaves_out(scored([](auto s, auto i, auto j) { return softmax(where(j <= i, s, hidden), axis<2>) + 1; })));  // is read
static_assert(!leaves_out(scored([](auto s, auto i, auto j) { return exp(where(j <= i, s, hidden) - mean(s, axis<2>, keepdims)); })));

template <extent_t h, extent_t s, extent_t t, extent_t d> void check_same() {
  tensor<bool, s, t> sees;
  for (extent_t i = 0; i < s; ++i)
    for (extent_t j = 0; j < t; ++j) sees(i, j) = j <= i + t - s;
  const auto a = filled(tensor<float, h, s, d>(), 1);
  const auto b = filled(tensor<float, h, t, d>(), 2), c = filled(tensor<float, h, t, d>(), 3);
  const auto y = eval(attention(a, b, c, causal)), z = eval(attention(a, b, c, sees));
  bool equal = true;
  for (extent_t i = 0; i < y.size(); ++i) equal &= y.data()[i] == z.data()[i] || (y.data()[i] != y.data()[i] && z.data()[i] != z.data()[i]);
  CHECK(equal);
}
TEST_CASE("what causal attention leaves out changes no bit") {
  check_same<2, 400, 400, 64>();
  check_same<2, 130, 333, 32>();  // a cache before
  check_same<2, 200, 90, 16>();   // the first queries see nothing
  check_same<1, 700, 1300, 64>();
  check_same<2, 100, 64, 8>();
}

}  // namespace
