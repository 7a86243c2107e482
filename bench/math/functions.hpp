// SPDX-License-Identifier: Apache-2.0
// The functions that are measured: on packs, exactly (in a wider type), and where their speed is measured.
#pragma once

#include <cmath>

#include <sinter/simd/math.hpp>

namespace measure {

namespace simd = sinter::simd;

struct exp_f {
  static constexpr const char* name = "exp";
  static constexpr double low = -80, high = 80;
  template <class P, class X> SINTER_INLINE static X on(X x) { return simd::exp<P>(x); }
  template <class T> static T exact(T x) { return std::exp(x); }
};
struct exp2_f {
  static constexpr const char* name = "exp2";
  static constexpr double low = -80, high = 80;
  template <class P, class X> SINTER_INLINE static X on(X x) { return simd::exp2<P>(x); }
  template <class T> static T exact(T x) { return std::exp2(x); }
};
struct expm1_f {
  static constexpr const char* name = "expm1";
  static constexpr double low = -10, high = 10;
  template <class P, class X> SINTER_INLINE static X on(X x) { return simd::expm1<P>(x); }
  template <class T> static T exact(T x) { return std::expm1(x); }
};
struct log_f {
  static constexpr const char* name = "log";
  static constexpr double low = 0, high = 100;
  template <class P, class X> SINTER_INLINE static X on(X x) { return simd::log<P>(x); }
  template <class T> static T exact(T x) { return std::log(x); }
};
struct log2_f {
  static constexpr const char* name = "log2";
  static constexpr double low = 0, high = 100;
  template <class P, class X> SINTER_INLINE static X on(X x) { return simd::log2<P>(x); }
  template <class T> static T exact(T x) { return std::log2(x); }
};
struct log1p_f {
  static constexpr const char* name = "log1p";
  static constexpr double low = -0.9, high = 10;
  template <class P, class X> SINTER_INLINE static X on(X x) { return simd::log1p<P>(x); }
  template <class T> static T exact(T x) { return std::log1p(x); }
};
struct sin_f {
  static constexpr const char* name = "sin";
  static constexpr double low = -10, high = 10;
  template <class P, class X> SINTER_INLINE static X on(X x) { return simd::sin<P>(x); }
  template <class T> static T exact(T x) { return std::sin(x); }
};
struct cos_f {
  static constexpr const char* name = "cos";
  static constexpr double low = -10, high = 10;
  template <class P, class X> SINTER_INLINE static X on(X x) { return simd::cos<P>(x); }
  template <class T> static T exact(T x) { return std::cos(x); }
};
struct tan_f {
  static constexpr const char* name = "tan";
  static constexpr double low = -10, high = 10;
  template <class P, class X> SINTER_INLINE static X on(X x) { return simd::tan<P>(x); }
  template <class T> static T exact(T x) { return std::tan(x); }
};
struct asin_f {
  static constexpr const char* name = "asin";
  static constexpr double low = -1, high = 1;
  template <class P, class X> SINTER_INLINE static X on(X x) { return simd::asin<P>(x); }
  template <class T> static T exact(T x) { return std::asin(x); }
};
struct acos_f {
  static constexpr const char* name = "acos";
  static constexpr double low = -1, high = 1;
  template <class P, class X> SINTER_INLINE static X on(X x) { return simd::acos<P>(x); }
  template <class T> static T exact(T x) { return std::acos(x); }
};
struct atan_f {
  static constexpr const char* name = "atan";
  static constexpr double low = -10, high = 10;
  template <class P, class X> SINTER_INLINE static X on(X x) { return simd::atan<P>(x); }
  template <class T> static T exact(T x) { return std::atan(x); }
};
struct atan2_f {
  static constexpr const char* name = "atan2";
  static constexpr double low = -1, high = 1;
  template <class P, class X> SINTER_INLINE static X on(X a, X b) { return simd::atan2<P>(a, b); }
  template <class T> static T exact(T a, T b) { return std::atan2(a, b); }
};
struct sinh_f {
  static constexpr const char* name = "sinh";
  static constexpr double low = -10, high = 10;
  template <class P, class X> SINTER_INLINE static X on(X x) { return simd::sinh<P>(x); }
  template <class T> static T exact(T x) { return std::sinh(x); }
};
struct cosh_f {
  static constexpr const char* name = "cosh";
  static constexpr double low = -10, high = 10;
  template <class P, class X> SINTER_INLINE static X on(X x) { return simd::cosh<P>(x); }
  template <class T> static T exact(T x) { return std::cosh(x); }
};
struct tanh_f {
  static constexpr const char* name = "tanh";
  static constexpr double low = -5, high = 5;
  template <class P, class X> SINTER_INLINE static X on(X x) { return simd::tanh<P>(x); }
  template <class T> static T exact(T x) { return std::tanh(x); }
};
struct erf_f {
  static constexpr const char* name = "erf";
  static constexpr double low = -4, high = 4;
  template <class P, class X> SINTER_INLINE static X on(X x) { return simd::erf<P>(x); }
  template <class T> static T exact(T x) { return std::erf(x); }
};
struct erfc_f {
  static constexpr const char* name = "erfc";
  static constexpr double low = -3, high = 9;
  template <class P, class X> SINTER_INLINE static X on(X x) { return simd::erfc<P>(x); }
  template <class T> static T exact(T x) { return std::erfc(x); }
};
struct lgamma_f {
  static constexpr const char* name = "lgamma";
  static constexpr double low = 0, high = 20;
  template <class P, class X> SINTER_INLINE static X on(X x) { return simd::lgamma<P>(x); }
  template <class T> static T exact(T x) {
    int sign;  // unlike std::lgamma, from several threads
    if constexpr (sizeof(T) == 4) return ::lgammaf_r(x, &sign);
    else if constexpr (sizeof(T) == 8) return ::lgamma_r(x, &sign);
    else return ::lgammal_r(x, &sign);
  }
  template <class T> static double least(T x) { return x < 0 ? 1 : 0; }  // near the zeros the error is small beside 1
};
struct pow_f {
  static constexpr const char* name = "pow";
  static constexpr double low = 0.1, high = 10;
  template <class P, class X> SINTER_INLINE static X on(X a, X b) { return simd::pow<P>(a, b); }
  template <class T> static T exact(T a, T b) { return std::pow(a, b); }
};
struct cbrt_f {
  static constexpr const char* name = "cbrt";
  static constexpr double low = -100, high = 100;
  template <class P, class X> SINTER_INLINE static X on(X x) { return simd::cbrt<P>(x); }
  template <class T> static T exact(T x) { return std::cbrt(x); }
};
struct sigmoid_f {
  static constexpr const char* name = "sigmoid";
  static constexpr double low = -10, high = 10;
  template <class P, class X> SINTER_INLINE static X on(X x) { return simd::sigmoid<P>(x); }
  template <class T> static T exact(T x) { return x < 0 ? std::exp(x) / (1 + std::exp(x)) : 1 / (1 + std::exp(-x)); }
};
struct rsqrt_f {
  static constexpr const char* name = "rsqrt";
  static constexpr double low = 0, high = 100;
  template <class P, class X> SINTER_INLINE static X on(X x) { return simd::rsqrt<P>(x); }
  template <class T> static T exact(T x) { return 1 / std::sqrt(x); }
};

template <class... F> struct list {};
using all = list<exp_f, exp2_f, expm1_f, log_f, log2_f, log1p_f, sin_f, cos_f, tan_f, asin_f, acos_f, atan_f, atan2_f, sinh_f, cosh_f,
                 tanh_f, sigmoid_f, erf_f, erfc_f, lgamma_f, pow_f, rsqrt_f, cbrt_f>;

}  // namespace measure
