// SPDX-License-Identifier: Apache-2.0
// The backend of one lane in plain C++: what every machine has, and the reference for the others.
#pragma once

#include <sinter/core/dtype.hpp>
#include <sinter/simd/pack.hpp>

namespace sinter {
namespace backend {
/// One lane, plain C++.
struct scalar {};
}  // namespace backend

inline namespace SINTER_ISA {
namespace simd {

template <> struct instructions<backend::scalar> {
  template <class R> static constexpr int lanes = 1;
  template <class R, int N> using vector = R;
  template <int W, int N> using logical = bool;
  static constexpr bool has_fma = true, has_half = true;
  // Integers go through unsigned, where wrapping is defined.
  template <class R> using wrapping = typename std::conditional_t<std::integral<R>, std::make_unsigned<R>, std::type_identity<R>>::type;

  template <class R, int N> SINTER_INLINE static R set(R x) { return x; }
  template <class R, int N> SINTER_INLINE static R iota(R start) { return start; }

  template <std::integral R> SINTER_INLINE static R add(R a, R b) {
    return static_cast<R>(std::make_unsigned_t<R>(a) + std::make_unsigned_t<R>(b));
  }
  template <std::integral R> SINTER_INLINE static R sub(R a, R b) {
    return static_cast<R>(std::make_unsigned_t<R>(a) - std::make_unsigned_t<R>(b));
  }
  template <std::integral R> SINTER_INLINE static R mul(R a, R b) {
    return static_cast<R>(std::make_unsigned_t<R>(a) * std::make_unsigned_t<R>(b));
  }
  template <std::integral R> SINTER_INLINE static R neg(R a) { return sub(R{0}, a); }
  template <std::floating_point R> SINTER_INLINE static R add(R a, R b) { return a + b; }
  template <std::floating_point R> SINTER_INLINE static R sub(R a, R b) { return a - b; }
  template <std::floating_point R> SINTER_INLINE static R mul(R a, R b) {
    R r = a * b;
    SINTER_KEEP_ROUNDING(r);
    return r;
  }
  template <std::floating_point R> SINTER_INLINE static R neg(R a) { return -a; }
  template <class R> SINTER_INLINE static R div(R a, R b) { return a / b; }

  SINTER_INLINE static float fma(float a, float b, float c) { return __builtin_fmaf(a, b, c); }
  SINTER_INLINE static double fma(double a, double b, double c) { return __builtin_fma(a, b, c); }
  SINTER_INLINE static float sqrt(float a) { return __builtin_sqrtf(a); }
  SINTER_INLINE static double sqrt(double a) { return __builtin_sqrt(a); }
  SINTER_INLINE static float floor(float a) { return __builtin_floorf(a); }
  SINTER_INLINE static double floor(double a) { return __builtin_floor(a); }
  SINTER_INLINE static float ceil(float a) { return __builtin_ceilf(a); }
  SINTER_INLINE static double ceil(double a) { return __builtin_ceil(a); }
  SINTER_INLINE static float trunc(float a) { return __builtin_truncf(a); }
  SINTER_INLINE static double trunc(double a) { return __builtin_trunc(a); }
  SINTER_INLINE static float round(float a) { return __builtin_rintf(a); }  // the default rounding mode: halves to even
  SINTER_INLINE static double round(double a) { return __builtin_rint(a); }
  template <class R> SINTER_INLINE static R min_fast(R a, R b) { return a < b ? a : b; }
  template <class R> SINTER_INLINE static R max_fast(R a, R b) { return a > b ? a : b; }

  template <class R> SINTER_INLINE static bool equal(R a, R b) { return a == b; }
  template <class R> SINTER_INLINE static bool not_equal(R a, R b) { return a != b; }
  template <class R> SINTER_INLINE static bool less(R a, R b) { return a < b; }
  template <class R> SINTER_INLINE static bool less_equal(R a, R b) { return a <= b; }
  template <class R> SINTER_INLINE static R select(bool m, R a, R b) { return m ? a : b; }

  template <class R> SINTER_INLINE static R bit_and(R a, R b) { return a & b; }
  template <class R> SINTER_INLINE static R bit_or(R a, R b) { return a | b; }
  template <class R> SINTER_INLINE static R bit_xor(R a, R b) { return a ^ b; }
  template <class R, class K> SINTER_INLINE static R shift_left(R a, K k) { return static_cast<R>(std::make_unsigned_t<R>(a) << k); }
  template <class R, class K> SINTER_INLINE static R shift_right(R a, K k) { return static_cast<R>(a >> k); }
  template <int K, class R> SINTER_INLINE static R shift_left(R a) { return shift_left(a, K); }
  template <int K, class R> SINTER_INLINE static R shift_right(R a) { return shift_right(a, K); }

  SINTER_INLINE static bool mask_and(bool a, bool b) { return a && b; }
  SINTER_INLINE static bool mask_or(bool a, bool b) { return a || b; }
  SINTER_INLINE static bool mask_xor(bool a, bool b) { return a != b; }
  SINTER_INLINE static bool mask_not(bool a) { return !a; }
  template <int W, int N> SINTER_INLINE static bool first_lanes(int k) { return k > 0; }
  template <int W, int N> SINTER_INLINE static bool any(bool m) { return m; }
  template <int W, int N> SINTER_INLINE static bool all(bool m) { return m; }
  template <int W> SINTER_INLINE static bool mask_first(bool m) { return m; }
  template <int W2, int W, int N> SINTER_INLINE static bool mask_cast(bool m) { return m; }

  template <class R, int N> SINTER_INLINE static R first(R a) { return a; }
  template <class R2, int N, class R> SINTER_INLINE static R2 bit_cast_to(R a) { return __builtin_bit_cast(R2, a); }
  template <class R2, class R, int N> SINTER_INLINE static R2 convert(R a) { return static_cast<R2>(a); }
  SINTER_INLINE static float round_to_half(float a) { return float16(a); }

  template <class R, int N, class S> SINTER_INLINE static R load(const S* p) { return *p; }
  template <class R, int N, class S> SINTER_INLINE static void store(S* p, R x) { *p = static_cast<S>(x); }
  template <int N> SINTER_INLINE static float load_half(const std::uint16_t* p) { return sinter::detail::from_half(*p); }
  template <int N> SINTER_INLINE static void store_half(std::uint16_t* p, float x) { *p = sinter::detail::to_half(x); }
};

static_assert(vector_backend<backend::scalar>);

}  // namespace simd
}  // namespace SINTER_ISA
}  // namespace sinter
