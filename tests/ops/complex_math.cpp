// SPDX-License-Identifier: Apache-2.0
// Functions of complex elements against std::complex<long double>: over all magnitudes, on both sides of branch cuts, with both zeros and
// infinities. A bound holds in each part, or (`whole`) in units of the last place of the result's magnitude.
#include <algorithm>
#include <complex>
#include <initializer_list>
#include <vector>

#include "complex_near.hpp"

namespace {

using namespace near;
using exact = std::complex<long double>;

enum class bound { each, whole };
// Where infinite parts of the argument make both parts of the result NaN.
enum class infinite { good, im, re };

template <class T> std::vector<T> arguments() {
  using R = typename T::value_type;
  using limits = std::numeric_limits<R>;
  std::vector<R> part;
  for (const double x : {0., 1e-30, 1e-9, 1e-3, 0.25, 0.5, 0.70710678, 1., 1.5, 2., 3.140625, 10., 20., 80.5, 88.875, 100., 1e9, 1e30})
    part.push_back(static_cast<R>(x));
  for (const R x : {limits::epsilon(), 1 - limits::epsilon() / 2, 1 + limits::epsilon(), limits::min(), limits::max(), limits::infinity()})
    part.push_back(x);
  if (sizeof(R) == 8)
    for (const double x : {1e-300, 1e-160, 1e-100, 300., 709.875, 720., 1e150, 1e160, 1e300}) part.push_back(static_cast<R>(x));
  std::vector<T> all;
  for (const R x : part)
    for (const R y : part)
      for (const T z : {T(x, y), T(-x, y), T(x, -y), T(-x, -y)}) all.push_back(z);
  for (std::uint32_t i = 0; i < 3000; i += 3) {  // magnitudes from 1/16 to 16, many near 1
    const double size = i % 2 ? std::exp2(4 * noise(i)) : 1, angle = 3.14159 * noise(i + 1);
    all.push_back(T(static_cast<R>(size * std::cos(angle)), static_cast<R>(size * std::sin(angle))));
  }
  return all;
}

template <class T, class F, class G>
void compare(F f, G reference, double most, bound kind = bound::each, infinite where = infinite::good) {
  const std::vector<T> z = arguments<T>();
  tensor<T, dyn> x(static_cast<sinter::extent_t>(z.size()));
  for (std::size_t i = 0; i < z.size(); ++i) x.data()[i] = z[i];
  const auto y = f.template on<sinter::backend::scalar>()(x);  // the bits of every backend, and compiled in half the time
  int wrong = 0;
  for (std::size_t i = 0; i < z.size(); ++i) {
    const T got = y.data()[i];
    if (where != infinite::good && std::isinf(where == infinite::im ? z[i].imag() : z[i].real())) {
      wrong += !std::isnan(got.real()) && !std::isnan(got.imag());
      continue;
    }
    const exact want = reference(exact(z[i].real(), z[i].imag()));
    // An infinity may come a little early; the unit of a small part may be that of the large one.
    using R = typename T::value_type;
    const auto off = [&](R part, long double of) {
      if (kind == bound::each || !std::isfinite(part) || !std::isfinite(of) || of == 0) return ulp(part, of);
      const long double size = std::abs(want);
      if (size > static_cast<long double>(std::numeric_limits<R>::max())) return ulp(part, of);
      return ulp(static_cast<R>(size), size + (static_cast<long double>(part) - of)) - 0.5;
    };
    const double re = off(got.real(), want.real()), im = off(got.imag(), want.imag());
    if (re <= most && im <= most) continue;
    if (wrong++ > 4) break;
    CAPTURE(z[i].real());
    CAPTURE(z[i].imag());
    CHECK(static_cast<long double>(got.real()) == want.real());
    CHECK(static_cast<long double>(got.imag()) == want.imag());
    CHECK(re <= most);
    CHECK(im <= most);
  }
  CHECK(wrong == 0);
}

constexpr auto exp_of = sinter::fn([](auto x) { return sinter::exp(x); });
constexpr auto expm1_of = sinter::fn([](auto x) { return sinter::expm1(x); });
constexpr auto log_of = sinter::fn([](auto x) { return sinter::log(x); });
constexpr auto log1p_of = sinter::fn([](auto x) { return sinter::log1p(x); });
constexpr auto sqrt_of = sinter::fn([](auto x) { return sinter::sqrt(x); });
constexpr auto rsqrt_of = sinter::fn([](auto x) { return sinter::rsqrt(x); });
constexpr auto cbrt_of = sinter::fn([](auto x) { return sinter::cbrt(x); });
constexpr auto sin_of = sinter::fn([](auto x) { return sinter::sin(x); });
constexpr auto cos_of = sinter::fn([](auto x) { return sinter::cos(x); });
constexpr auto tan_of = sinter::fn([](auto x) { return sinter::tan(x); });
constexpr auto sinh_of = sinter::fn([](auto x) { return sinter::sinh(x); });
constexpr auto cosh_of = sinter::fn([](auto x) { return sinter::cosh(x); });
constexpr auto tanh_of = sinter::fn([](auto x) { return sinter::tanh(x); });
constexpr auto asin_of = sinter::fn([](auto x) { return sinter::asin(x); });
constexpr auto acos_of = sinter::fn([](auto x) { return sinter::acos(x); });
constexpr auto atan_of = sinter::fn([](auto x) { return sinter::atan(x); });
constexpr auto asinh_of = sinter::fn([](auto x) { return sinter::asinh(x); });
constexpr auto acosh_of = sinter::fn([](auto x) { return sinter::acosh(x); });
constexpr auto atanh_of = sinter::fn([](auto x) { return sinter::atanh(x); });
constexpr auto sigmoid_of = sinter::fn([](auto x) { return sinter::sigmoid(x); });
constexpr auto sign_of = sinter::fn([](auto x) { return sinter::sign(x); });

// One kernel, whatever the function.
static_assert(asin_of.plan<tensor<c64, 100>>().kernels == 1 && asin_of.plan<tensor<c64, 100>>().temporaries == 0);

template <class F> c128 at(F f, c128 z) { return f(tensor<c128>(z))(); }

}  // namespace

TEST_CASE_TEMPLATE("exponentials and logarithms", T, c64, c128) {
  const bool narrow = sizeof(T) == 8;
  compare<T>(
      exp_of, [](exact z) { return std::exp(z); }, 2.2, bound::each, infinite::im);
  compare<T>(
      expm1_of,
      [](exact z) {
        const long double half = std::sin(z.imag() / 2);
        if (z.real() > 100) return std::exp(z);
        return exact(std::expm1(z.real()) * std::cos(z.imag()) - 2 * half * half, std::exp(z).imag());
      },
      2.6, bound::whole, infinite::im);
  compare<T>(
      log_of, [](exact z) { return std::log(z); }, narrow ? 0.51 : 1.7, bound::whole);
  compare<T>(
      log1p_of,
      [](exact z) {
        const exact y = std::log(exact(1 + z.real(), z.imag()));
        if (std::fabs(z.real()) > 0.1L || std::fabs(z.imag()) > 0.1L) return y;
        return exact(std::log1p(z.real() * (2 + z.real()) + z.imag() * z.imag()) / 2, y.imag());
      },
      narrow ? 0.51 : 1.7, bound::whole);
  compare<T>(
      sigmoid_of,
      [](exact z) {
        const exact e = std::exp(z.real() < 0 ? z : -z);
        if (z.real() < 0 && e == 0.L) return e;
        const exact y = z.real() < 0 ? e / (1.L + e) : 1.L / (1.L + e);
        return y.imag() == 0 ? exact(y.real(), std::copysign(0.L, std::sin(z.imag()))) : y;
      },
      6, bound::whole, infinite::im);
}

TEST_CASE_TEMPLATE("roots and directions", T, c64, c128) {
  compare<T>(
      sqrt_of, [](exact z) { return std::sqrt(z); }, 3.1);
  compare<T>(
      cbrt_of,
      [](exact z) {
        const long double angle = std::arg(z) / 3, size = std::cbrt(std::abs(z));
        return angle == 0 ? exact(size, angle) : exact(size * std::cos(angle), size * std::sin(angle));
      },
      2.7, bound::whole);
  const auto finite = [](exact z) { return std::isfinite(z.real()) && std::isfinite(z.imag()); };
  compare<T>(
      rsqrt_of,
      [&](exact z) {
        if (std::abs(z) == 0) return exact(HUGE_VAL, std::nan(""));
        return finite(z) ? std::conj(std::sqrt(z)) / std::abs(z) : exact(0, std::copysign(0.L, -z.imag()));
      },
      4.8);
  compare<T>(
      sign_of,
      [&](exact z) {
        const long double size = std::abs(z), of = finite(z) ? 0 : std::nan("");
        if (size == 0) return z;
        return exact(std::isinf(z.real()) ? of : z.real() / size, std::isinf(z.imag()) ? of : z.imag() / size);
      },
      2.3);
}

TEST_CASE_TEMPLATE("trigonometric and hyperbolic functions", T, c64, c128) {
  compare<T>(
      sin_of, [](exact z) { return std::sin(z); }, 2.6, bound::each, infinite::re);
  compare<T>(
      cos_of, [](exact z) { return std::cos(z); }, 2.6, bound::each, infinite::re);
  compare<T>(
      tan_of, [](exact z) { return std::tan(z); }, 7.5, bound::each, infinite::re);
  compare<T>(
      sinh_of, [](exact z) { return std::sinh(z); }, 2.6, bound::each, infinite::im);
  compare<T>(
      cosh_of, [](exact z) { return std::cosh(z); }, 2.6, bound::each, infinite::im);
  compare<T>(
      tanh_of, [](exact z) { return std::tanh(z); }, 7.5, bound::each, infinite::im);
}

TEST_CASE_TEMPLATE("inverse functions and their cuts", T, c64, c128) {
  const bool narrow = sizeof(T) == 8;
  compare<T>(
      asin_of, [](exact z) { return std::asin(z); }, narrow ? 0.51 : 3.5);
  compare<T>(
      acos_of, [](exact z) { return std::acos(z); }, narrow ? 0.51 : 3.5);
  compare<T>(
      asinh_of, [](exact z) { return std::asinh(z); }, narrow ? 0.51 : 3.5);
  compare<T>(
      acosh_of, [](exact z) { return std::acosh(z); }, narrow ? 0.51 : 3.5);
  compare<T>(
      atanh_of, [](exact z) { return std::atanh(z); }, narrow ? 0.51 : 3.2);
  compare<T>(
      atan_of, [](exact z) { return std::atan(z); }, narrow ? 0.51 : 3.2);
}

TEST_CASE_TEMPLATE("powers", T, c64, c128) {
  tensor<T, 2000> a, b;
  fill_complex(a), fill_complex(b, 4711);
  a *= 3, b *= 3;
  const auto y = sinter::eval(sinter::pow(a, b));
  using R = typename T::value_type;
  double worst = 0;
  for (int i = 0; i < 2000; ++i) {
    const exact want = std::pow(exact(a(i).real(), a(i).imag()), exact(b(i).real(), b(i).imag()));
    const long double size = std::abs(want);
    worst = std::max(worst, ulp(static_cast<R>(size), size + std::abs(exact(y(i).real(), y(i).imag()) - want)) - 0.5);
  }
  CHECK(worst <= (sizeof(T) == 8 ? 1 : 15));
}

TEST_CASE("powers, roots of special numbers and angles of complex numbers") {
  const auto near = [](c128 got, c128 want) { return std::abs(got - want) <= 1e-14 * std::abs(want); };
  CHECK(near(sinter::eval(sinter::pow(tensor<c128>(c128(7.5, 5.5)), c128(5.5, 7.5)))(), c128(392.89270835580857, 1801.8249193362644)));
  CHECK(near(sinter::eval(sinter::pow(tensor<c128>(c128(1.5, 2.5)), c128(2.5, 1.5)))(), c128(-1.5679313814305016, -2.6674775446623613)));
  CHECK(sinter::eval(sinter::pow(tensor<c128>(), c128(0, 0)))() == c128(1, 0));
  CHECK(sinter::eval(sinter::pow(tensor<c128>(), c128(2, 1)))() == c128(0, 0));
  CHECK(std::abs(sinter::eval(sinter::pow(tensor<c64>(c64(1.5f, 2.5f)), c64(2.5f, 1.5f)))() - c64(-1.56793141f, -2.66747761f)) < 3e-7f);
  CHECK(near(at(cbrt_of, {3, 4}), c128(1.6289371459221759, 0.5201745023045458)));
  CHECK(at(sqrt_of, {-1, 0}) == c128(0, 1));
  CHECK(at(sqrt_of, {-1, -0.}) == c128(0, -1));
  CHECK(at(rsqrt_of, {-4, 0}) == c128(0, -0.5));
  CHECK(near(at(tanh_of, {3.5, 4.5}), c128(1.0016627850956348, 7.5285721538218659e-4)));
  CHECK(near(at(sigmoid_of, {1, 2}), c128(1.02141536417218054, 0.40343870608154248)));
  const auto angle = sinter::eval(sinter::atan2(tensor<c128, 2>{c128(1, 0), c128(-1, 0)}, tensor<c128, 2>()));
  CHECK(near(angle(0), c128(1.5707963267948966, 0)));
  CHECK(near(angle(1), c128(-1.5707963267948966, 0)));
  CHECK(near(sinter::eval(sinter::exp2(tensor<c128>(c128(3, 0.5))))(), std::exp(c128(3, 0.5) * 0.69314718055994531)));
  CHECK(near(sinter::eval(sinter::log2(tensor<c128>(c128(3, 4))))(), std::log(c128(3, 4)) / 0.69314718055994531));
  const double nan = std::numeric_limits<double>::quiet_NaN();
  for (const c128 z : {at(sign_of, {nan, 0}), at(sign_of, {0, nan}), at(exp_of, {1, nan}), at(sqrt_of, {nan, 1}), at(log_of, {1, nan}),
                       at(asin_of, {nan, 1}), at(tanh_of, {1, nan})})
    CHECK((std::isnan(z.real()) && std::isnan(z.imag())));
}

TEST_CASE("the larger and the smaller of complex numbers") {
  const tensor<c64, 4> a{c64(1.5, 2.5), c64(1.5, 7.5), c64(0, 1.5), c64(0, 1.5)},
      b{c64(7.5, 1.5), c64(1.5, 2.5), c64(-0.f, 2.5), c64(0, 1.5)};
  const tensor<c64, 4> large{b(0), a(1), b(2), a(3)}, small{a(0), b(1), a(2), a(3)};
  CHECK(same_elements(sinter::eval(sinter::maximum(a, b)), large));
  CHECK(same_elements(sinter::eval(sinter::minimum(a, b)), small));
  CHECK(sinter::eval(sinter::maximum(a, 1))(2) == c64(1, 0));
}
