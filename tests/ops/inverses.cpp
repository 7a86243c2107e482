// SPDX-License-Identifier: Apache-2.0
// Functions that are no opcode, against long double: inverse hyperbolic functions, erf_inv, Bessel functions, digamma, zeta, polygamma.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <tuple>

#include <doctest/doctest.h>

#include <sinter/sinter.hpp>
#include <sinter/special.hpp>

#include "near.hpp"

namespace {

using namespace sinter;
using wide = long double;

constexpr int count = 1500;
// Special values, then numbers around 0, around 1, of some tens and of all sizes.
template <class T> tensor<T, count> inputs() {
  using limits = std::numeric_limits<T>;
  const T special[] = {0,
                       T(-0.0),
                       1,
                       -1,
                       limits::infinity(),
                       -limits::infinity(),
                       limits::quiet_NaN(),
                       limits::min(),
                       limits::denorm_min(),
                       limits::max(),
                       limits::lowest(),
                       T(0x1p28),
                       T(0x1p57),
                       -T(0x1p40),
                       T(1e-12),
                       8,
                       -8,
                       T(7.9999),
                       2,
                       -3,
                       10};
  tensor<T, count> x;
  for (int i = 0; i < count; ++i) {
    const double u = near::noise(static_cast<std::uint32_t>(i));
    const double kinds[] = {u, 2 + u, 12 * u, std::ldexp(u, i % 60 - 30)};
    x(i) = i < 21 ? special[i] : static_cast<T>(kinds[i % 4]);
  }
  return x;
}
template <class F> constexpr auto thin(F f) { return fn(f).template with<schedule<packets<1>, cached>>(); }

// e^-|x| I_n(x) by its power series, all of whose terms are positive, or the asymptotic one.
wide bessel(int n, wide x) {
  const wide a = std::fabs(x);
  if (std::isinf(a)) return x > 0 || n == 0 ? 0.0L : -0.0L;
  wide sum = 0, term = n == 0 ? 1 : a / 2;
  if (a < 40) {
    for (int k = 1; k < 200; ++k) sum += term, term *= a * a / 4 / (k * (k + n));
    sum *= std::exp(-a);
  } else {
    term = 1;
    for (int k = 1; k < 30; ++k) sum += term, term *= -(4 * n * n - (2 * k - 1) * (2 * k - 1)) / (k * 8 * a);
    sum /= std::sqrt(2 * 3.14159265358979323846264338L * a);
  }
  return n == 1 && std::signbit(x) ? -sum : sum;
}
wide zeta_of(wide s, wide q) {
  wide sum = 0;
  for (int k = 0; k < 40; ++k) sum += std::pow(q + k, -s);
  const wide a = q + 40;
  return sum + std::pow(a, -s) * (a / (s - 1) + 0.5L + s / (12 * a) - s * (s + 1) * (s + 2) / (720 * a * a * a) +
                                  s * (s + 1) * (s + 2) * (s + 3) * (s + 4) / (30240 * a * a * a * a * a));
}
wide digamma_of(wide x) {
  constexpr wide pi = 3.14159265358979323846264338L;
  if (std::isinf(x)) return x > 0 ? x : NAN;
  if (x <= 0 && x == std::floor(x)) return NAN;
  if (x < 0.5L) return digamma_of(1 - x) - pi / std::tan(pi * (x - std::round(x)));
  wide sum = 0;
  for (; x < 40; ++x) sum += 1 / x;
  const wide w = 1 / (x * x);
  return std::log(x) - 0.5L / x - w * (1 / 12.L - w * (1 / 120.L - w * (1 / 252.L - w / 240.L))) - sum;
}

}  // namespace

TEST_CASE_TEMPLATE("inverse hyperbolic functions", T, float, double) {
  const auto x = inputs<T>();
  constexpr auto f = thin([](auto v) { return std::tuple(asinh(v), acosh(v), atanh(v)); });
  const auto [s, c, t] = f(x);
  const auto plain = f.template on<backend::scalar>()(x);
  for (int i = 0; i < count; ++i) {
    CAPTURE(x(i));
    CHECK(near::ulp(s(i), std::asinh(static_cast<wide>(x(i)))) <= 1.5);
    CHECK(near::ulp(c(i), std::acosh(static_cast<wide>(x(i)))) <= 1.3);
    CHECK(near::ulp(t(i), std::atanh(static_cast<wide>(x(i)))) <= 1.5);
    REQUIRE(
        (near::same(s(i), std::get<0>(plain)(i)) && near::same(c(i), std::get<1>(plain)(i)) && near::same(t(i), std::get<2>(plain)(i))));
  }
}

TEST_CASE_TEMPLATE("Bessel functions", T, float, double) {
  const auto x = inputs<T>();
  const auto [y0, y1] = thin([](auto v) { return std::tuple(bessel_i0e(v), bessel_i1e(v)); })(x);
  for (int i = 0; i < count; ++i) {
    CAPTURE(x(i));
    CHECK(near::ulp(y0(i), bessel(0, static_cast<wide>(x(i)))) <= (sizeof(T) == 4 ? 3.5 : 3));
    CHECK(near::ulp(y1(i), bessel(1, static_cast<wide>(x(i)))) <= (sizeof(T) == 4 ? 4 : 3));
  }
}

TEST_CASE_TEMPLATE("digamma", T, float, double) {
  const auto x = inputs<T>();
  const auto y = thin([](auto v) { return digamma(v); })(x);
  for (int i = 0; i < count; ++i) {
    const wide exact = digamma_of(static_cast<wide>(x(i)));
    CAPTURE(x(i));
    CAPTURE(y(i));
    if (sizeof(T) == 4 || !(std::fabs(exact) < 1)) CHECK(near::ulp(y(i), exact) <= (sizeof(T) == 4 ? 0.51 : 14));
    else CHECK(std::fabs(static_cast<wide>(y(i)) - exact) < 14 * 0x1p-52L);
  }
}

TEST_CASE_TEMPLATE("zeta and polygamma", T, float, double) {
  constexpr int n = 400;
  tensor<T, n> s, q;
  for (int i = 0; i < n; ++i) s(i) = static_cast<T>(1 + i % 8), q(i) = static_cast<T>(std::ldexp(1 + i / 400., i % 13 - 6));
  for (int i = 300; i < n; ++i) s(i) = static_cast<T>(1.25 + i % 7);
  const auto [y, p] = thin([](auto a, auto b) { return std::tuple(zeta(a, b), polygamma(a, b)); })(s, q);
  for (int i = 0; i < n; ++i) {
    CAPTURE(s(i));
    CAPTURE(q(i));
    const wide order = static_cast<wide>(s(i)), at = static_cast<wide>(q(i));
    if (order == 1) CHECK(y(i) == std::numeric_limits<T>::infinity());
    else CHECK(near::ulp(y(i), zeta_of(order, at)) <= (sizeof(T) == 4 ? 0.51 : 8));
    const wide derivative = (static_cast<int>(order) % 2 ? 1 : -1) * std::tgamma(order + 1) * zeta_of(order + 1, at);
    CHECK(near::ulp(p(i), order == std::floor(order) ? derivative : NAN) <= (sizeof(T) == 4 ? 0.51 : 40));
  }
  const T inf = std::numeric_limits<T>::infinity();
  const tensor<T, 6> order{2, 3, T(0.5), 2, 2, T(2.5)}, at{0, -4, 2, inf, -2.5, -2.5};
  const tensor<T, 6> ends = zeta(order, at);
  CHECK((ends(0) == inf && ends(1) == inf && std::isnan(ends(2)) && ends(3) == 0 && std::isnan(ends(5))));
  CHECK(near::ulp(ends(4), zeta_of(2, 0.5L) + 1 / 0.25L + 1 / 2.25L + 1 / 6.25L) <= 4);
  const tensor<T, 2> first = polygamma(T(0), tensor<T, 2>{1, 3});
  CHECK(std::fabs(first(0) + T(0.5772156649015329)) < T(1e-6));
  CHECK(std::fabs(first(1) - T(0.9227843350984671)) < T(1e-6));
}

TEST_CASE("special functions of f16 round once") {
  tensor<float16, 64> x;
  for (int i = 0; i < 64; ++i) x(i) = float16(0.03f * static_cast<float>(i) + 0.5f);
  const auto [a, b] = thin([](auto v) { return std::tuple(digamma(v), asinh(v)); })(x);
  for (int i = 0; i < 64; ++i) {
    CHECK(a(i).bits == float16(static_cast<float>(digamma_of(static_cast<wide>(float(x(i)))))).bits);
    CHECK(b(i).bits == float16(static_cast<float>(std::asinh(static_cast<wide>(float(x(i)))))).bits);
  }
}

TEST_CASE("derivatives of special functions") {
  const auto slope = [](auto f, double x) { return grad(f)(tensor<double, 1>{x})(0); };
  const auto near_to = [](double a, double b) { return std::fabs(a - b) < 1e-12 * (1 + std::fabs(b)); };
  CHECK(near_to(slope([](auto v) { return sum(asinh(v)); }, 0.75), 0.8));
  CHECK(near_to(slope([](auto v) { return sum(acosh(v)); }, 1.25), 4 / 3.));
  CHECK(near_to(slope([](auto v) { return sum(atanh(v)); }, 0.5), 4 / 3.));
  CHECK(near_to(slope([](auto v) { return sum(digamma(v)); }, 1), 1.6449340668482264));
  CHECK(near_to(slope([](auto v) { return sum(polygamma(1, v)); }, 1), -2.4041138063191886));
  CHECK(near_to(slope([](auto v) { return sum(zeta(2, v)); }, 1), -2.4041138063191886));
  CHECK(near_to(slope([](auto v) { return sum(bessel_i0e(v)); }, 1), -0.25784919224393199));
  CHECK(near_to(slope([](auto v) { return sum(bessel_i1e(v)); }, 0), 0.5));
  CHECK(near_to(slope([](auto v) { return sum(bessel_i1e(v)); }, 2), -0.0143956113197354492));
  CHECK(slope([](auto v) { return sum(round_away(v)); }, 1.5) == 0);
}

TEST_CASE("erf_inv") {
  const auto exact = [](double x) {
    if (x == 0) return 0.0L;
    const long double a = std::fabs(static_cast<long double>(x)), left = 1 - a;
    long double y = a < 0.5L ? a * 0.886226925L : std::sqrt(-std::log(left)) * 0.8L;
    for (int i = 0; i < 60; ++i) {  // Newton on what keeps its digits
      const long double slope = 1.12837916709551257390L * std::exp(-y * y);
      const long double step = a < 0.5L ? (a - std::erf(y)) / slope : (std::erfc(y) - left) / slope;
      y += step > 0.3L ? 0.3L : step < -0.3L ? -0.3L : step;
    }
    return x < 0 ? -y : y;
  };
  const auto worst = [&](auto type, auto points) {
    using T = decltype(type);
    const auto y = eval(erf_inv(points));
    double most = 0;
    for (extent_t i = 0; i < points.size(); ++i) {
      const long double e = exact(points(i));
      const T r = static_cast<T>(e);
      const double unit = static_cast<double>(std::nextafter(std::fabs(r), std::numeric_limits<T>::infinity()) - std::fabs(r));
      if (e != 0) most = std::max(most, static_cast<double>(std::fabs(e - static_cast<long double>(y(i)))) / unit);
    }
    return most;
  };
  tensor<float, 20000> x;
  tensor<double, 20000> d;
  for (int i = 0; i < 20000; ++i) {
    const double t = i < 10000 ? i / 5000. - 1 : (i % 2 ? 1 : -1) * (1 - std::exp2(-(i - 10000) / 200.));
    d(i) = t > -1 && t < 1 ? t : 0;
    x(i) = static_cast<float>(d(i));
    if (std::fabs(x(i)) == 1) x(i) = 0;
  }
  const double f32 = worst(0.f, x), f64 = worst(0., d);
  CHECK(f32 < 4);
  CHECK(f64 < 5);
  const tensor<float, 5> ends = erf_inv(tensor<float, 5>{-1, 1, 2, 0, NAN});
  CHECK((ends(0) == -INFINITY && ends(1) == INFINITY && std::isnan(ends(2)) && ends(3) == 0 && std::isnan(ends(4))));
  const tensor<float, 2> slope = grad([](auto v) { return sum(erf_inv(v)); })(tensor<float, 2>{0, 0.5f});
  CHECK(std::fabs(slope(0) - 0.8862269f) < 1e-6f);
  CHECK(std::fabs(slope(1) - 1.1125828f) < 1e-5f);
}
