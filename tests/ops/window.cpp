// SPDX-License-Identifier: Apache-2.0
// Windows against plain loops over places: strides, padding of both signs, both dilations, short and long, by ops and other functions;
// pools; select_and_scatter.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <tuple>

#include <doctest/doctest.h>

#include <sinter/sinter.hpp>

#include "near.hpp"

namespace {

using sinter::axis;
using sinter::dyn;
using sinter::shape;
using sinter::tensor;
using sinter::value;
using sinter::window;

constexpr window make(shape<> size, shape<> stride, shape<> base, shape<> dilation, shape<> low, shape<> high) {
  window w(size, stride);
  for (int d = 0; d < size.rank; ++d)
    w.base_dilation[d] = base[d], w.window_dilation[d] = dilation[d], w.low[d] = low[d], w.high[d] = high[d];
  return w;
}

// Element (i, j) of x between its neighbours and in its padding, as the specification has it.
template <class X> std::int64_t padded_at(const X& x, const window& w, std::int64_t init, std::int64_t i, std::int64_t j) {
  i -= w.low[0], j -= w.low[1];
  const auto in = [](std::int64_t k, std::int64_t step, std::int64_t n) { return k >= 0 && k % step == 0 && k / step < n; };
  if (!in(i, w.base_dilation[0], x.extent(0)) || !in(j, w.base_dilation[1], x.extent(1))) return init;
  return x(i / w.base_dilation[0], j / w.base_dilation[1]);
}
template <class X, class Y, class F> void check(const X& x, const Y& y, const window& w, std::int64_t init, F f) {
  for (std::int64_t i = 0; i < y.extent(0); ++i)
    for (std::int64_t j = 0; j < y.extent(1); ++j) {
      std::int64_t acc = init;
      for (std::int64_t p = 0; p < w.size[0]; ++p)
        for (std::int64_t q = 0; q < w.size[1]; ++q)
          acc = f(acc, padded_at(x, w, init, i * w.stride[0] + p * w.window_dilation[0], j * w.stride[1] + q * w.window_dilation[1]));
      REQUIRE(y(i, j) == acc);
    }
}
template <class X> void fill(X& x, std::uint32_t seed) {
  for (sinter::extent_t i = 0; i < x.size(); ++i) x.data()[i] = near::bits(seed + static_cast<std::uint32_t>(i)) % 100;
}

constexpr auto sum = [](auto a, auto b) { return a + b; };
constexpr auto largest = [](auto a, auto b) { return sinter::maximum(a, b); };
constexpr auto last_odd = [](auto a, auto b) { return sinter::where((b & 1) == 1, b, a); };  // keeps order
constexpr std::int64_t plain_last_odd(std::int64_t a, std::int64_t b) { return b % 2 == 1 ? b : a; }
constexpr std::int64_t plain_sum(std::int64_t a, std::int64_t b) { return a + b; }
constexpr std::int64_t plain_largest(std::int64_t a, std::int64_t b) { return std::max(a, b); }

constexpr auto at_least = [](const value* a, const value* b, value* out) { *out = *a >= *b; };

constexpr window dilated = make(shape{2, 3}, shape{2, 1}, shape{2, 3}, shape{3, 2}, shape{2, 1}, shape{1, 4});
constexpr window cut = make(shape{3, 2}, shape{1, 2}, shape{1, 2}, shape{1, 1}, shape{-2, 3}, shape{1, -3});
constexpr window large = make(shape{5, 9}, shape{2, 1}, shape{1, 1}, shape{1, 2}, shape{4, 8}, shape{0, 3});
constexpr window row = make(shape{1, 20}, shape{1, 2}, shape{1, 1}, shape{1, 2}, shape{0, 3}, shape{0, 0});
constexpr window apart = make(shape{1, 40}, shape{1, 30}, shape{1, 1}, shape{1, 1}, shape{0, 0}, shape{0, 30});
constexpr window before = make(shape{30, 1}, shape{1, 1}, shape{1, 1}, shape{1, 1}, shape{29, 0}, shape{0, 0});
constexpr window after = make(shape{30, 1}, shape{1, 1}, shape{1, 1}, shape{1, 1}, shape{0, 0}, shape{29, 0});
constexpr window whole = make(shape{30, 1}, shape{3, 1}, shape{1, 1}, shape{1, 1}, shape{0, 0}, shape{0, 0});

}  // namespace

TEST_CASE("windows of few elements") {
  tensor<std::int64_t, 7, 6> x;
  fill(x, 1);
  constexpr auto f = sinter::fn([](auto v) {
    return std::tuple(sinter::reduce_window(v, 0, sum, dilated), sinter::reduce_window(v, 5, sum, cut),
                      sinter::reduce_window(v, -1000, largest, dilated), sinter::reduce_window(v, 4, last_odd, dilated),
                      sinter::reduce_window(v, 3, last_odd, cut));
  });
  const auto [a, b, c, d, e] = f(x);
  CHECK((a.extent(0) == 7 && a.extent(1) == 17 && b.extent(0) == 4 && b.extent(1) == 5));
  check(x, a, dilated, 0, plain_sum);
  check(x, b, cut, 5, plain_sum);
  check(x, c, dilated, -1000, plain_largest);
  check(x, d, dilated, 4, plain_last_odd);
  check(x, e, cut, 3, plain_last_odd);
}

TEST_CASE("windows of many elements") {
  tensor<std::int64_t, 30, 70> x;
  fill(x, 2);
  constexpr auto sums = sinter::fn([](auto v) {
    return std::tuple(sinter::reduce_window(v, 0, sum, large), sinter::reduce_window(v, 0, sum, row),
                      sinter::reduce_window(v, 0, sum, apart));
  });
  constexpr auto ordered = sinter::fn(
      [](auto v) { return std::tuple(sinter::reduce_window(v, 2, last_odd, large), sinter::reduce_window(v, 2, last_odd, row)); });
  const auto [a, b, c] = sums(x);
  check(x, a, large, 0, plain_sum);
  check(x, b, row, 0, plain_sum);
  check(x, c, apart, 0, plain_sum);
  const auto [d, e] = ordered(x);
  check(x, d, large, 2, plain_last_odd);
  check(x, e, row, 2, plain_last_odd);
}

TEST_CASE("windows over all before an element, after it, and over all") {
  tensor<std::int64_t, 30, 3> x;
  fill(x, 3);
  constexpr auto f = sinter::fn([](auto v) {
    return std::tuple(sinter::reduce_window(v, 0, sum, before), sinter::reduce_window(v, 0, sum, after),
                      sinter::reduce_window(v, 7, sum, whole), sinter::reduce_window(v, 1, sum, before),
                      sinter::reduce_window(v, 2, last_odd, after));
  });
  const auto [a, b, c, d, e] = f(x);
  check(x, a, before, 0, plain_sum);
  check(x, b, after, 0, plain_sum);
  check(x, c, whole, 7, plain_sum);
  check(x, d, before, 1, plain_sum);
  check(x, e, after, 2, plain_last_odd);
}

TEST_CASE("several operands, no windows, single numbers, truth values") {
  tensor<float, 4, 6> x, t;
  near::fill(x, 5, 1), near::fill(t, 5, 2);
  constexpr auto f = sinter::fn([](auto key, auto v) {  // what v is where key is least
    const value both[] = {key, v}, init[] = {value(HUGE_VAL).as(*v.graph(), v.type()), value(0).as(*v.graph(), v.type())};
    value y[2];
    sinter::detail::reduce_window(
        *v.graph(), both, init, 2, window(shape{2, 2}),
        [](const value* a, const value* b, value* out) {
          out[0] = sinter::where(a[0] <= b[0], a[0], b[0]), out[1] = sinter::where(a[0] <= b[0], a[1], b[1]);
        },
        y);
    return y[1];
  });
  const auto y = f(x, t);
  for (int i = 0; i < 3; ++i)
    for (int j = 0; j < 5; ++j) {
      int at = i * 6 + j;
      for (const int k : {at + 1, at + 6, at + 7})
        if (x.data()[k] < x.data()[at]) at = k;
      CHECK(y(i, j) == t.data()[at]);
    }
  constexpr auto none = sinter::fn([](auto v) { return sinter::reduce_window(v, 3, sum, window(shape{5, 2})); });
  CHECK(none(x).size() == 0);
  constexpr auto scalar = sinter::fn([](auto v) { return sinter::reduce_window(v, 3, sum, window()); });
  CHECK(scalar(tensor<float>(4.f))() == 7);
  tensor<bool, 9> b;
  for (int i = 0; i < 9; ++i) b(i) = i == 4;
  constexpr auto any = sinter::fn([](auto v) {
    return sinter::reduce_window(
        v, false, [](auto p, auto q) { return p | q; }, window(shape{3}));
  });
  const auto found = any(b);
  for (int i = 0; i < 7; ++i) CHECK(found(i) == (i >= 2 && i <= 4));
}

TEST_CASE("pools") {
  tensor<float, dyn, 8, 7, 3> x(2);
  near::fill(x, 5, 1);
  const tensor<float, 2, 4, 3, 3> most = sinter::max_pool<2, 2>(x, sinter::window_strides<2, 2>);
  const tensor<float, 2, 4, 4, 3> padded = sinter::max_pool<3, 3>(sinter::exp(x), sinter::window_strides<2, 2>, sinter::same_padding);
  const tensor<float, 2, 8, 5, 3> mean = sinter::avg_pool<3, 3>(x, sinter::edges<1, 1>, sinter::edges<0, 0>);
  const tensor<float, 2, 1, 1, 3> all = sinter::avg_pool<8, 7>(x);
  for (int n = 0; n < 2; ++n)
    for (int c = 0; c < 3; ++c) {
      for (int i = 0; i < 4; ++i)
        for (int j = 0; j < 4; ++j) {
          float a = -HUGE_VALF, b = -HUGE_VALF;
          for (int p = 0; p < 3; ++p)
            for (int q = 0; q < 3; ++q) {
              const int h = 2 * i + p, v = 2 * j + q - 1;  // 8: one row after the last; 7: one column on either side
              if (p < 2 && q < 2 && j < 3) a = std::max(a, x(n, 2 * i + p, 2 * j + q, c));
              if (h < 8 && v >= 0 && v < 7) b = std::max(b, x(n, h, v, c));
            }
          if (j < 3) CHECK(most(n, i, j, c) == a);
          CHECK(padded(n, i, j, c) == doctest::Approx(std::exp(b)).epsilon(1e-6));
        }
      double total = 0;
      for (int i = 0; i < 8; ++i)
        for (int j = 0; j < 7; ++j) {
          total += static_cast<double>(x(n, i, j, c));
          double s = 0;
          for (int p = -1; p < 2; ++p)
            for (int q = 0; q < 3 && j < 5; ++q) s += i + p >= 0 && i + p < 8 ? static_cast<double>(x(n, i + p, j + q, c)) : 0;
          if (j < 5) CHECK(mean(n, i, j, c) == doctest::Approx(s / 9).epsilon(1e-5));
        }
      CHECK(all(n, 0, 0, c) == doctest::Approx(total / 56).epsilon(1e-5));
    }

  tensor<float, 1, 4, 4, 1> y;
  near::fill(y, 5, 3);
  constexpr auto slope =
      sinter::fn(sinter::grad([](auto v) { return sinter::sum(sinter::max_pool<2, 2>(v, sinter::window_strides<2, 2>)); }));
  const auto d = slope(y);
  for (int i = 0; i < 16; ++i) {
    const int corner = i / 8 * 8 + i % 4 / 2 * 2;
    const float top = std::max({y.data()[corner], y.data()[corner + 1], y.data()[corner + 4], y.data()[corner + 5]});
    CHECK(d.data()[i] == (y.data()[i] == top ? 1 : 0));
  }
}

TEST_CASE("select_and_scatter") {
  // The example of the specification.
  tensor<std::int64_t, 4, 2> x{{1, 5}, {2, 5}, {3, 6}, {4, 4}};
  tensor<std::int64_t, 2, 2> s{{5, 6}, {7, 8}};
  constexpr auto f = sinter::fn([](auto v, auto u) {
    window w(shape{3, 1}, shape{2, 1});
    w.high[0] = 1;
    sinter::graph::builder& g = *v.graph();
    const value zero = value(0).as(g, v.type()), seven = value(7).as(g, v.type());
    const auto add = [](const value* a, const value* b, value* out) { *out = *a + *b; };
    const auto twice = [](const value* a, const value* b, value* out) { *out = *a * 2 + *b; };
    return std::tuple(sinter::detail::select_and_scatter(g, v, u, zero, w, at_least, add),
                      sinter::detail::select_and_scatter(g, v, u, seven, w, at_least, twice));
  });
  const auto [y, z] = f(x, s);
  const std::int64_t sums[] = {0, 0, 0, 0, 5, 14, 7, 0}, folds[] = {7, 7, 7, 7, 19, 48, 21, 7};
  for (int i = 0; i < 8; ++i) CHECK((y.data()[i] == sums[i] && z.data()[i] == folds[i]));

  tensor<bool, 2, 4, 6> b;
  tensor<bool, 1, 3, 5> by;
  b.fill(true), by.fill(true);
  constexpr auto any = sinter::fn([](auto v, auto u) {
    return sinter::detail::select_and_scatter(*v.graph(), v, u, value(false).as(*v.graph(), v.type()), window(shape{2, 2, 2}), at_least,
                                              [](const value* p, const value* q, value* out) { *out = *p | *q; });
  });
  const auto c = any(b, by);
  for (int i = 0; i < 2; ++i)
    for (int j = 0; j < 4; ++j)
      for (int k = 0; k < 6; ++k) CHECK(c(i, j, k) == (i == 0 && j < 3 && k < 5));

  tensor<float, 9, 9> p;
  tensor<float, 3, 3> q;
  near::fill(p, 5, 5), near::fill(q, 5, 6);
  constexpr auto wide = sinter::fn([](auto v, auto u) {
    return sinter::detail::select_and_scatter(*v.graph(), v, u, value(0).as(*v.graph(), v.type()), window(shape{5, 5}, shape{2, 2}),
                                              at_least, [](const value* a, const value* d, value* out) { *out = *a + *d; });
  });
  const auto r = wide(p, q);
  tensor<double, 9, 9> exact;
  exact.fill(0);
  for (int i = 0; i < 3; ++i)
    for (int j = 0; j < 3; ++j) {
      int at = 18 * i + 2 * j;
      for (int k = 0; k < 25; ++k)
        if (const int other = 18 * i + 2 * j + k / 5 * 9 + k % 5; p.data()[other] > p.data()[at]) at = other;
      exact.data()[at] += static_cast<double>(q(i, j));
    }
  for (int i = 0; i < 81; ++i) CHECK(r.data()[i] == doctest::Approx(exact.data()[i]).epsilon(1e-6));
}
