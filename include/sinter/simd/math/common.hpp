// SPDX-License-Identifier: Apache-2.0
// What the mathematical functions share: polynomials, facts of the IEEE formats, scaling by powers of two, sums in two numbers, and a
// way out for the few arguments that the common path cannot take. Polynomials are minimax, found with a Remez iteration in binary128
// whose coefficients are rounded one by one, the rest fitted again.
#pragma once

#include <limits>

#include <sinter/simd/convert.hpp>
#include <sinter/simd/math/policy.hpp>
#include <sinter/simd/memory.hpp>
#include <sinter/simd/scalar.hpp>

namespace sinter {
inline namespace SINTER_ISA {
namespace simd {

namespace detail {

/// c0 + c1 x + c2 x^2 + ... by Horner's rule.
template <class X> SINTER_INLINE X polynomial(X, typename X::element c) { return X(c); }
template <class X, class... C> SINTER_INLINE X polynomial(X x, typename X::element c0, C... c) {
  return fma(x, polynomial(x, c...), X(c0));
}

// What the functions need to know of an IEEE format. hi + lo is ln 2; hi is short, so that n * hi is exact.
template <class R> struct format;
template <> struct format<float> {
  static constexpr int fraction = 23, bias = 127;
  static constexpr float log2e = 0x1.715476p+0f, ln2 = 0x1.62e43p-1f, ln2_hi = 0x1.62e4p-1f, ln2_lo = 0x1.7f7d1cp-20f;
  static constexpr float integer = 0x1.8p23f;  // x + integer is x rounded, as an integer in the low bits
  static constexpr float sqrt_half = 0x1.6a09e6p-1f;
};
template <> struct format<double> {
  static constexpr int fraction = 52, bias = 1023;
  static constexpr double log2e = 0x1.71547652b82fep+0, ln2 = 0x1.62e42fefa39efp-1, ln2_hi = 0x1.62e42feep-1,
                          ln2_lo = 0x1.a39ef35793c76p-33;
  static constexpr double integer = 0x1.8p52;
  static constexpr double sqrt_half = 0x1.6a09e667f3bcdp-1;
};
template <class R> inline constexpr R infinity = std::numeric_limits<R>::infinity();
template <class R> inline constexpr R smallest_normal = std::numeric_limits<R>::min();
template <class R> inline constexpr R quarter_of_largest = std::numeric_limits<R>::max() / 4;
template <class R> inline constexpr R not_a_number = std::numeric_limits<R>::quiet_NaN();
template <class X> inline constexpr bool is_f32 = std::same_as<typename X::element, float>;

// p * 2^n with one rounding, n integral. In two exact-but-last steps, so that denormal results are right.
template <class B, class R, int N> SINTER_INLINE pack<B, R, N> scale(pack<B, R, N> p, pack<B, R, N> n) {
  if constexpr (!p.native) {
    return pack<B, R, N>(scale(p.lo, n.lo), scale(p.hi, n.hi));
  } else if constexpr (requires { instructions<B>::scale(p.v, n.v); }) {
    return pack<B, R, N>(instructions<B>::scale(p.v, n.v));
  } else {
    using F = format<R>;
    using U = word<sizeof(R)>;
    const auto sum = words(n + F::integer) - (__builtin_bit_cast(U, F::integer) - U{2 * 2048});  // n + 4096 > 0
    const auto half = shift_right<1>(sum);
    constexpr U offset = 2048 - F::bias;
    const auto a = bit_cast_to<R>(shift_left<F::fraction>(half - offset)), b = bit_cast_to<R>(shift_left<F::fraction>(sum - half - offset));
    return p * a * b;
  }
}

// 2^n for integral n that a normal number can hold.
template <class X> SINTER_INLINE X power_of_two(X n) {
  using F = format<typename X::element>;
  return bit_cast_to<typename X::element>(shift_left<F::fraction>(words(n + (F::integer + F::bias))));
}

// min and max with a bound that keep NaN.
template <class X> SINTER_INLINE X at_most(X x, typename X::element most) { return min_fast(X(most), x); }
template <class X> SINTER_INLINE X clamp_keeping_nan(X x, typename X::element least, typename X::element most) {
  return at_most(max_fast(X(least), x), most);
}

// What a + b, rounded to s, lost; the second where |a| >= |b| or a is 0.
template <class X> SINTER_INLINE X sum_error(X a, X b, X s) {
  const X v = s - a;
  return (a - (s - v)) + (b - v);
}
template <class X> SINTER_INLINE X fast_sum_error(X a, X b, X s) { return (a - s) + b; }

// F::change(x, stride) computes one lane again, in plain numbers: number k of the lane is x[k * stride]. For the few arguments that the
// common path cannot take; the others pay a test and a jump.
template <class F, class R> SINTER_NOINLINE void change_lanes(R* x, const bool* which, int n) {
  for (int i = 0; i < n; ++i)
    if (which[i]) F::change(x + i, n);
}
template <class F, class B, class R, int N, class... P>
SINTER_INLINE void rarely(mask<B, static_cast<int>(sizeof(R)), N> which, pack<B, R, N>& x, P&... more) {
  constexpr int count = 1 + static_cast<int>(sizeof...(P));
  if constexpr (N == 1) {
    if (!first(which)) return;
    R numbers[] = {first(x), first(more)...};
    F::change(static_cast<R*>(numbers), 1);
    int k = 0;
    x = pack<B, R, N>(numbers[0]);
    ((more = pack<B, R, N>(numbers[++k])), ...);
  } else if constexpr (native_lanes<B, R> == 1) {
    rarely<F>(which.lo, x.lo, more.lo...);
    rarely<F>(which.hi, x.hi, more.hi...);
  } else if (any(which)) [[unlikely]] {
    R numbers[count * N];
    bool lanes[N];
    int k = 0;
    store(lanes, which), store(numbers, x);
    (store(numbers + ++k * N, more), ...);
    change_lanes<F, R>(numbers, lanes, N);
    k = 0;
    x = load<B, N>(static_cast<const R*>(numbers));
    ((more = load<B, N>(static_cast<const R*>(numbers + ++k * N))), ...);
  }
}

}  // namespace detail

}  // namespace simd
}  // namespace SINTER_ISA
}  // namespace sinter
