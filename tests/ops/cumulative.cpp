// SPDX-License-Identifier: Apache-2.0
// Cumulative ops against plain loops: short, middle and long axes, both directions, every type, no elements, derivatives, and scans by
// functions that do not commute.
#include <cmath>
#include <complex>
#include <cstdint>
#include <tuple>

#include <doctest/doctest.h>

#include <sinter/complex.hpp>
#include <sinter/sinter.hpp>

#include "near.hpp"

namespace {

using sinter::axis;
using sinter::tensor;

// The places of an axis in order, and where those before them ended.
template <int A, int N, int B, class F> void along_middle(bool backward, F f) {
  for (int i = 0; i < A; ++i)
    for (int k = 0; k < B; ++k)
      for (int j = 0; j < N; ++j) {
        const int at = backward ? N - 1 - j : j;
        f(i, at, k, j == 0 ? -1 : backward ? at + 1 : at - 1);
      }
}

std::int32_t sum_of(std::int32_t a, std::int32_t b) {
  return static_cast<std::int32_t>(static_cast<std::uint32_t>(a) + static_cast<std::uint32_t>(b));
}
std::int32_t product_of(std::int32_t a, std::int32_t b) {
  return static_cast<std::int32_t>(static_cast<std::uint32_t>(a) * static_cast<std::uint32_t>(b));
}
std::int32_t larger_of(std::int32_t a, std::int32_t b) { return a > b ? a : b; }
std::int32_t smaller_of(std::int32_t a, std::int32_t b) { return a < b ? a : b; }

template <int A, int N, int B, class F> void check_integers(F f, bool backward, std::int32_t (*combine)(std::int32_t, std::int32_t)) {
  tensor<std::int32_t, A, N, B> x;
  for (int i = 0; i < A * N * B; ++i) x.data()[i] = static_cast<std::int32_t>(near::bits(static_cast<std::uint32_t>(i + N))) | 1;
  const auto y = f(x);
  along_middle<A, N, B>(backward, [&](int i, int j, int k, int before) {
    REQUIRE(y(i, j, k) == (before < 0 ? x(i, j, k) : combine(y(i, before, k), x(i, j, k))));
  });
}

// The pairs of a linear recurrence y = a y + c.
constexpr auto after = [](auto p, auto q) {
  return std::tuple(std::get<0>(p) * std::get<0>(q), std::get<1>(p) * std::get<0>(q) + std::get<1>(q));
};
template <int N, int B> void check_recurrence() {
  tensor<std::uint32_t, N, B> a, c;
  for (int i = 0; i < N * B; ++i)
    a.data()[i] = near::bits(static_cast<std::uint32_t>(i)), c.data()[i] = near::bits(static_cast<std::uint32_t>(i + 7000));
  constexpr auto f = sinter::fn([](auto u, auto v) { return std::get<1>(sinter::associative_scan(after, std::tuple(u, v))); });
  constexpr auto b =
      sinter::fn([](auto u, auto v) { return std::get<1>(sinter::associative_scan(after, std::tuple(u, v), -2, sinter::backward)); });
  const auto y = f(a, c), z = b(a, c);
  for (int k = 0; k < B; ++k) {
    std::uint32_t forward = 0, backward = 0;
    for (int j = 0; j < N; ++j) {
      forward = a(j, k) * forward + c(j, k);
      backward = a(N - 1 - j, k) * backward + c(N - 1 - j, k);
      REQUIRE(y(j, k) == forward);
      REQUIRE(z(N - 1 - j, k) == backward);
    }
  }
}

}  // namespace

TEST_CASE("integers, exactly") {
  constexpr auto sum = sinter::fn([](auto v) { return sinter::cumsum(v, axis<1>); });
  constexpr auto sum_back = sinter::fn([](auto v) { return sinter::cumsum(v, axis<1>, sinter::backward); });
  constexpr auto product = sinter::fn([](auto v) { return sinter::cumprod(v, axis<1>); });
  constexpr auto most = sinter::fn([](auto v) { return sinter::cummax(v, axis<-2>, sinter::backward); });
  constexpr auto least = sinter::fn([](auto v) { return sinter::cummin(v, axis<1>); });
  check_integers<2, 1, 3>(sum, false, sum_of);
  check_integers<3, 5, 2>(sum, false, sum_of);
  check_integers<3, 5, 2>(sum_back, true, sum_of);
  check_integers<2, 9, 1>(product, false, product_of);
  check_integers<2, 6, 3>(most, true, larger_of);
  check_integers<1, 37, 1>(least, false, smaller_of);
  check_integers<2, 300, 2>(sum, false, sum_of);
  check_integers<1, 777, 1>(sum_back, true, sum_of);
  check_integers<2, 0, 3>(sum, false, sum_of);
}

TEST_CASE("scans by a function that does not commute") {
  check_recurrence<13, 2>();
  check_recurrence<100, 1>();
  check_recurrence<277, 3>();
  check_recurrence<20, 4100>();
}

TEST_CASE("floating point: flat, wide rows, one rounding, NaN and logarithms") {
  tensor<float, 4, 9> x;
  near::fill(x, 5, 1);
  x(2, 3) = std::nanf("");
  const tensor<float, 36> flat = sinter::cumsum(x), most = sinter::cummax(x);
  double sum = 0;
  for (int i = 0; i < 36; ++i) {
    sum += static_cast<double>(x.data()[i]);
    if (i < 21) CHECK(flat(i) == doctest::Approx(sum).epsilon(1e-5));
    else CHECK(std::isnan(flat(i)));
    CHECK(std::isnan(most(i)) == (i >= 21));
  }

  tensor<sinter::bfloat16, 40> h;
  for (int i = 0; i < 40; ++i) h(i) = sinter::bfloat16(1.0f / static_cast<float>(i + 1));
  const tensor<sinter::bfloat16, 40> sums = sinter::cumsum(h, axis<0>);
  double exact = 0;
  for (int i = 0; i < 40; ++i) {
    exact += static_cast<double>(static_cast<float>(h(i)));
    CHECK(static_cast<float>(sums(i)) == static_cast<float>(sinter::bfloat16(static_cast<float>(exact))));
  }

  tensor<double, 30, 2> l;
  for (int i = 0; i < 60; ++i) l.data()[i] = 800 * std::sin(i);
  l(0, 1) = l(1, 1) = -HUGE_VAL;
  const tensor<double, 30, 2> logs = sinter::cumlogsumexp(l, axis<0>);
  for (int k = 0; k < 2; ++k) {
    double most_l = -HUGE_VAL;
    for (int i = 0; i < 30; ++i) {
      most_l = std::max(most_l, l(i, k));
      double total = 0;
      for (int j = 0; j <= i; ++j) total += std::exp(l(j, k) - most_l);
      if (std::isinf(most_l)) CHECK(logs(i, k) == -HUGE_VAL);
      else CHECK(logs(i, k) == doctest::Approx(most_l + std::log(total)).epsilon(1e-14));
    }
  }

  tensor<std::complex<float>, 20> z;
  for (int i = 0; i < 20; ++i) z(i) = {static_cast<float>(i), static_cast<float>(-2 * i)};
  const tensor<std::complex<float>, 20> zs = sinter::cumsum(z, axis<0>);
  for (int i = 0; i < 20; ++i) CHECK(zs(i) == std::complex<float>(static_cast<float>(i * (i + 1) / 2), static_cast<float>(-i * (i + 1))));
}

TEST_CASE("derivatives and batches") {
  tensor<double, 40> x, w;
  near::fill(x, 1, 1), near::fill(w, 1, 2);
  constexpr auto slope = sinter::fn(sinter::grad([](auto v, auto by) { return sinter::sum(by * sinter::cumsum(v * v, axis<0>)); }));
  const auto d = slope(x, w);
  for (int i = 0; i < 40; ++i) {
    double after = 0;
    for (int j = i; j < 40; ++j) after += w(j);
    CHECK(d(i) == doctest::Approx(2 * x(i) * after).epsilon(1e-12));
  }
  tensor<double, 300> u;
  for (int i = 0; i < 300; ++i) u(i) = 1 + 0.01 * std::sin(i);
  constexpr auto of_last =
      sinter::fn(sinter::grad([](auto v) { return sinter::sum(sinter::slice(sinter::cumprod(v, axis<0>), sinter::range<299, 300>)); }));
  const auto e = of_last(u);
  double product = 1;
  for (int i = 0; i < 300; ++i) product *= u(i);
  for (int i = 0; i < 300; ++i) CHECK(e(i) == doctest::Approx(product / u(i)).epsilon(1e-10));

  tensor<std::int32_t, 3, 50> m;
  for (int i = 0; i < 150; ++i) m.data()[i] = i * i % 17;
  constexpr auto rows = sinter::fn(sinter::vmap([](auto v) { return sinter::associative_scan([](auto a, auto b) { return a + b; }, v); }));
  const auto r = rows(m);
  for (int i = 0; i < 3; ++i) {
    int sum = 0;
    for (int j = 0; j < 50; ++j) CHECK(r(i, j) == (sum += m(i, j)));
  }
}
