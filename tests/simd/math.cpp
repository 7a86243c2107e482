// SPDX-License-Identifier: Apache-2.0
// The mathematical functions of simd/math/ under both policies: errors against long double, special values, and the same bits on vectors
// and single lanes.
#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include <sinter/simd/highway.hpp>
#include <sinter/simd/math.hpp>
#include <sinter/simd/scalar.hpp>

namespace {

namespace simd = sinter::simd;
namespace backend = sinter::backend;
using sinter::math::accurate;
using sinter::math::fast;
using real = long double;

// A function: the largest error in ulp {f32, f64, fast f32, fast f64}, on packs, and exactly.
struct exp_f {
  static constexpr double ulp[] = {0.92, 0.92, 0.92, 0.92};
  template <class P, class X> SINTER_INLINE static X on(X x) { return simd::exp<P>(x); }
  static real exact(real x) { return std::exp(x); }
};
struct exp2_f {
  static constexpr double ulp[] = {0.92, 1, 0.92, 1};
  template <class P, class X> SINTER_INLINE static X on(X x) { return simd::exp2<P>(x); }
  static real exact(real x) { return std::exp2(x); }
};
struct expm1_f {
  static constexpr double ulp[] = {1.5, 1.5, 1.5, 2.1};
  template <class P, class X> SINTER_INLINE static X on(X x) { return simd::expm1<P>(x); }
  static real exact(real x) { return std::expm1(x); }
};
struct log_f {
  static constexpr double ulp[] = {0.9, 0.85, 1.25, 0.85};
  template <class P, class X> SINTER_INLINE static X on(X x) { return simd::log<P>(x); }
  static real exact(real x) { return std::log(x); }
};
struct log2_f {
  static constexpr double ulp[] = {1.2, 0.9, 1.2, 0.9};
  template <class P, class X> SINTER_INLINE static X on(X x) { return simd::log2<P>(x); }
  static real exact(real x) { return std::log2(x); }
};
struct log1p_f {
  static constexpr double ulp[] = {0.9, 0.85, 1.25, 0.85};
  template <class P, class X> SINTER_INLINE static X on(X x) { return simd::log1p<P>(x); }
  static real exact(real x) { return std::log1p(x); }
};
struct tanh_f {
  static constexpr double ulp[] = {1.5, 1.65, 3.7, 1.65};
  template <class P, class X> SINTER_INLINE static X on(X x) { return simd::tanh<P>(x); }
  static real exact(real x) { return std::tanh(x); }
};
struct sigmoid_f {
  static constexpr double ulp[] = {1.75, 1.75, 2.5, 2.5};
  template <class P, class X> SINTER_INLINE static X on(X x) { return simd::sigmoid<P>(x); }
  static real exact(real x) { return x < 0 ? std::exp(x) / (1 + std::exp(x)) : 1 / (1 + std::exp(-x)); }
};
struct erf_f {
  static constexpr double ulp[] = {1.3, 1.2, 3.6, 1.2};
  template <class P, class X> SINTER_INLINE static X on(X x) { return simd::erf<P>(x); }
  static real exact(real x) { return std::erf(x); }
};
struct rsqrt_f {
  static constexpr double ulp[] = {1.5, 1.5, 1.5, 1.5};
  template <class P, class X> SINTER_INLINE static X on(X x) { return simd::rsqrt<P>(x); }
  static real exact(real x) { return 1 / std::sqrt(x); }
};
struct pow_f {
  static constexpr double ulp[] = {0.55, 0.95, 0.55, 0.95};
  template <class P, class X> SINTER_INLINE static X on(X x, X y) { return simd::pow<P>(x, y); }
  static real exact(real x, real y) {  // the limits in binary64: glibc's long double pow gives -0 for (-inf)^(-2^63)
    const double limit = std::pow(static_cast<double>(x), static_cast<double>(y));
    return limit != 0 && std::isfinite(limit) ? std::pow(x, y) : limit;
  }
};
struct sin_f {
  static constexpr double ulp[] = {0.85, 0.85, 2.5, 0.85};
  template <class P, class X> SINTER_INLINE static X on(X x) { return simd::sin<P>(x); }
  static real exact(real x) { return std::sin(x); }
};
struct cos_f {
  static constexpr double ulp[] = {0.85, 0.85, 2.5, 0.85};
  template <class P, class X> SINTER_INLINE static X on(X x) { return simd::cos<P>(x); }
  static real exact(real x) { return std::cos(x); }
};
struct tan_f {
  static constexpr double ulp[] = {1.4, 1.4, 1.8, 1.7};
  template <class P, class X> SINTER_INLINE static X on(X x) { return simd::tan<P>(x); }
  static real exact(real x) { return std::tan(x); }
};
struct asin_f {
  static constexpr double ulp[] = {0.7, 0.7, 2.1, 2.1};
  template <class P, class X> SINTER_INLINE static X on(X x) { return simd::asin<P>(x); }
  static real exact(real x) { return std::asin(x); }
};
struct acos_f {
  static constexpr double ulp[] = {0.7, 0.7, 1.3, 1.3};
  template <class P, class X> SINTER_INLINE static X on(X x) { return simd::acos<P>(x); }
  static real exact(real x) { return std::acos(x); }
};
struct atan_f {
  static constexpr double ulp[] = {0.8, 0.8, 1.25, 1.45};
  template <class P, class X> SINTER_INLINE static X on(X x) { return simd::atan<P>(x); }
  static real exact(real x) { return std::atan(x); }
};
struct sinh_f {
  static constexpr double ulp[] = {1.35, 1.35, 1.35, 1.35};
  template <class P, class X> SINTER_INLINE static X on(X x) { return simd::sinh<P>(x); }
  static real exact(real x) { return std::sinh(x); }
};
struct cosh_f {
  static constexpr double ulp[] = {1.35, 1.35, 1.35, 1.35};
  template <class P, class X> SINTER_INLINE static X on(X x) { return simd::cosh<P>(x); }
  static real exact(real x) { return std::cosh(x); }
};
struct erfc_f {
  static constexpr double ulp[] = {2.6, 2.8, 2.6, 2.8};
  template <class P, class X> SINTER_INLINE static X on(X x) { return simd::erfc<P>(x); }
  static real exact(real x) { return std::erfc(x); }
};
struct cbrt_f {
  static constexpr double ulp[] = {0.51, 0.51, 0.51, 0.51};
  template <class P, class X> SINTER_INLINE static X on(X x) { return simd::cbrt<P>(x); }
  static real exact(real x) { return std::cbrt(x); }
};
struct lgamma_f {
  static constexpr double ulp[] = {0.51, 8, 0.51, 8};
  template <class P, class X> SINTER_INLINE static X on(X x) { return simd::lgamma<P>(x); }
  static real exact(real x) { return std::lgamma(x); }
  static real unit(real x) { return x < 0 ? 1 : 0; }  // near its zeros the error is small beside 1
};
struct atan2_f {
  static constexpr double ulp[] = {0.95, 0.85, 1.65, 1.65};
  template <class P, class X> SINTER_INLINE static X on(X y, X x) { return simd::atan2<P>(y, x); }
  static real exact(real y, real x) { return std::atan2(y, x); }
};

template <class R> using bits_of = simd::word<sizeof(R)>;

// Equal bits, or both NaN.
template <class R> bool same(R a, R b) { return (a != a && b != b) || std::memcmp(&a, &b, sizeof(R)) == 0; }

// The distance in units of the last place of the exact value; NaN and infinities must agree.
template <class R> double distance(R got, real exact, real least = 0) {
  const R rounded = static_cast<R>(exact);
  if (rounded != rounded || got != got) return (rounded != rounded) == (got != got) ? 0 : 1e9;
  if (std::isinf(rounded) || std::isinf(got)) return got == rounded ? 0 : 1e9;
  if (exact == 0) return same(got, rounded) ? 0 : 1e9;
  int e = 0;
  (void)std::frexp(std::max(std::fabs(exact), least), &e);
  e = std::max(e, std::numeric_limits<R>::min_exponent);
  return static_cast<double>(std::fabs(static_cast<real>(got) - exact) / std::ldexp(1.0L, e - std::numeric_limits<R>::digits));
}

template <class R> std::vector<R> special() {
  using L = std::numeric_limits<R>;
  std::vector<R> v{0,
                   1,
                   2,
                   3,
                   R(0.5),
                   R(1.5),
                   R(0.1),
                   R(7.3),
                   10,
                   R(1e6),
                   R(1e10),
                   R(1 + 0x1p-20),
                   R(1 - 0x1p-20),
                   L::min(),
                   L::denorm_min(),
                   L::min() / 4,
                   L::max(),
                   L::infinity(),
                   L::quiet_NaN(),
                   R(0x1p31),
                   R(0x1p63),
                   R(1e30)};
  for (std::size_t i = v.size(); i-- > 0;) v.push_back(-v[i]);
  return v;
}
std::uint64_t mixed(std::uint64_t i) {
  i = (i + 1) * 0x9e3779b97f4a7c15u;
  i = (i ^ (i >> 30)) * 0xbf58476d1ce4e5b9u;
  i = (i ^ (i >> 27)) * 0x94d049bb133111ebu;
  return i ^ (i >> 31);
}
double unit(std::uint64_t i) { return static_cast<double>(mixed(i) >> 11) * 0x1p-53; }  // in [0, 1)

// Special values, then in turn: every pattern of bits, -4 to 4, and where exp neither overflows nor vanishes.
template <class R> const std::vector<R>& arguments() {
  static const std::vector<R> values = [] {
    std::vector<R> v = special<R>();
    for (std::uint64_t i = 0; v.size() < 15040 - 3; ++i) {
      v.push_back(std::bit_cast<R>(static_cast<bits_of<R>>(mixed(3 * i) >> (64 - 8 * sizeof(R)))));
      v.push_back(static_cast<R>(8 * unit(3 * i + 1) - 4));
      v.push_back(static_cast<R>((unit(3 * i + 2) - 0.5) * (sizeof(R) == 4 ? 212 : 1500)));
    }
    v.resize(15040, R(1));
    return v;
  }();
  return values;
}
// Every special value with every other, then pairs of ordinary numbers whose power is one.
template <class R> const std::pair<std::vector<R>, std::vector<R>>& pairs() {
  static const std::pair<std::vector<R>, std::vector<R>> values = [] {
    std::vector<R> x, y;
    for (const R a : special<R>())
      for (const R b : special<R>()) x.push_back(a), y.push_back(b);
    for (std::uint64_t i = 0; i < 4000; ++i) {
      const R base = static_cast<R>(std::exp2(20 * unit(5 * i) - 10));
      x.push_back(base), y.push_back(static_cast<R>((sizeof(R) == 4 ? 100 : 740) * (2 * unit(5 * i + 1) - 1)) / std::log(base));
      x.push_back(static_cast<R>(2 * unit(5 * i + 2) - 1)), y.push_back(static_cast<R>(2 * unit(5 * i + 3) - 1));
    }
    while (x.size() % 64 != 0) x.push_back(1), y.push_back(1);
    return std::pair(x, y);
  }();
  return values;
}

template <class F, class P, class B, int N, class R> SINTER_NOINLINE void apply(const std::vector<R>& x, const std::vector<R>& y, R* out) {
  for (std::size_t i = 0; i < x.size(); i += N) {
    if constexpr (requires(simd::pack<B, R, N> v) { F::template on<P>(v); })
      simd::store(out + i, F::template on<P>(simd::load<B, N>(&x[i])));
    else simd::store(out + i, F::template on<P>(simd::load<B, N>(&x[i]), simd::load<B, N>(&y[i])));
  }
}
template <class F, class P, class R> void check(const char* name) {
  constexpr bool binary = requires { F::exact(real(), real()); };
  const auto& x = binary ? pairs<R>().first : arguments<R>();
  const auto& y = binary ? pairs<R>().second : x;
  std::vector<R> vector(x.size()), scalar(x.size());
  apply<F, P, backend::highway, 2 * simd::native_lanes<backend::highway, R>>(x, y, vector.data());
  apply<F, P, backend::scalar, 1>(x, y, scalar.data());
  constexpr double bound = F::ulp[(sizeof(R) == 8) + 2 * P::is_fast];
  int different = 0, wrong = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    different += !same(vector[i], scalar[i]);
    real exact;
    if constexpr (binary) exact = F::exact(x[i], y[i]);
    else exact = F::exact(x[i]);
    double d = distance(vector[i], exact);
    if constexpr (requires { F::unit(exact); }) d = distance(vector[i], exact, F::unit(x[i]));
    if (d > bound && ++wrong < 4)
      MESSAGE(std::string(name) << std::string(P::is_fast ? ", fast, " : ", ") << x[i] << ", " << y[i] << ": " << vector[i]
                                << " is wrong by " << d << " ulp");
  }
  CAPTURE(name);
  CHECK(wrong == 0);
  CHECK(different == 0);
}
template <class F> void check(const char* name) {
  check<F, accurate, float>(name);
  check<F, accurate, double>(name);
  check<F, fast, float>(name);
  check<F, fast, double>(name);
}

}  // namespace

TEST_CASE("simd: exponentials and logarithms") {
  check<exp_f>("exp");
  check<exp2_f>("exp2");
  check<expm1_f>("expm1");
  check<log_f>("log");
  check<log2_f>("log2");
  check<log1p_f>("log1p");
}
TEST_CASE("simd: hyperbolic functions and their kin") {
  check<tanh_f>("tanh");
  check<sigmoid_f>("sigmoid");
  check<sinh_f>("sinh");
  check<cosh_f>("cosh");
  check<erf_f>("erf");
  check<erfc_f>("erfc");
  check<lgamma_f>("lgamma");
}
TEST_CASE("simd: circular functions") {
  check<sin_f>("sin");
  check<cos_f>("cos");
  check<tan_f>("tan");
  check<asin_f>("asin");
  check<acos_f>("acos");
  check<atan_f>("atan");
  check<atan2_f>("atan2");
}
TEST_CASE("simd: powers") {
  check<rsqrt_f>("rsqrt");
  check<cbrt_f>("cbrt");
  check<pow_f>("pow");
}
