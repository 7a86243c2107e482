// SPDX-License-Identifier: Apache-2.0
// exp, exp2, expm1: x = n ln 2 + r, a polynomial of r, and 2^n put back.
#pragma once

#include <sinter/simd/math/common.hpp>

namespace sinter {
inline namespace SINTER_ISA {
namespace simd {

namespace detail {

template <class R> struct exp_range;
template <> struct exp_range<float> { static constexpr float least = -104, most = 89, least2 = -151, most2 = 129, least_m1 = -20; };
template <> struct exp_range<double> { static constexpr double least = -746, most = 710, least2 = -1076, most2 = 1025, least_m1 = -42; };

// (e^r - 1 - r) / r^2 for |r| <= ln 2 / 2.
template <class X> SINTER_INLINE X exp_tail(X r) {
  if constexpr (is_f32<X>) {
    return polynomial(r, 0x1.fffffcp-2f, 0x1.55549p-3f, 0x1.5558f4p-5f, 0x1.123a36p-7f, 0x1.6a23a8p-10f);
  } else {
    return polynomial(r, 0x1.000000000000ap-1, 0x1.55555555554f9p-3, 0x1.5555555550827p-5, 0x1.1111111127d83p-7, 0x1.6c16c1843e4f5p-10,
                      0x1.a01a0129f28e8p-13, 0x1.a01999d23edacp-16, 0x1.71df25da20a7bp-19, 0x1.28adab27e622cp-22, 0x1.ad7f29475d447p-26);
  }
}
// e^r for the same r.
template <class X> SINTER_INLINE X exp_reduced(X r) { return fma(r, fma(r, exp_tail(r), X(1)), X(1)); }

// x = n ln 2 + r with |r| <= ln 2 / 2. Pairs are returned through references: g++ 12 writes structs of packs to the stack.
template <class X> SINTER_INLINE X exp_exponent(X x) {
  using F = format<typename X::element>;
  return fma(x, X(F::log2e), X(F::integer)) - F::integer;
}
template <class X> SINTER_INLINE X exp_rest(X x, X n) {
  using F = format<typename X::element>;
  return fma(n, X(-F::ln2_lo), fma(n, X(-F::ln2_hi), x));
}
// The same, with what the rounding of r lost.
template <class X> SINTER_INLINE void exp_rest_two(X x, X n, X& r, X& lost) {
  using F = format<typename X::element>;
  const X high = fma(n, X(-F::ln2_hi), x);
  r = fma(n, X(-F::ln2_lo), high);
  lost = fma(n, X(-F::ln2_lo), high - r);
}

// e^(x + low) as p 2^n, low much smaller than x; what r loses in rounding is added at the end.
template <class X> SINTER_INLINE X exp_sum_parts(X x, X low, X& n) {
  using F = format<typename X::element>;
  using L = exp_range<typename X::element>;
  const X y = clamp_keeping_nan(x, L::least, L::most);
  n = exp_exponent(y);
  const X high = fma(n, X(-F::ln2_hi), y), rest = fma(n, X(-F::ln2_lo), low), r = high + rest, lost = (high - r) + rest;
  return (fma(r * r, exp_tail(r), lost) + r) + 1;
}
template <class X> SINTER_INLINE X exp_sum(X x, X low) {
  X n;
  const X p = exp_sum_parts(x, low, n);
  return scale(p, n);
}
template <class X> SINTER_INLINE X exp(X x) {
  using L = exp_range<typename X::element>;
  const X y = clamp_keeping_nan(x, L::least, L::most), n = exp_exponent(y);
  return scale(exp_reduced(exp_rest(y, n)), n);
}

}  // namespace detail

/// e^x.
/// Cost:  f32 13, f64 18 instructions with AVX-512, 8 more elsewhere; no division, no branch.
template <class Policy = math::accurate, class B, std::floating_point R, int N> SINTER_INLINE pack<B, R, N> exp(pack<B, R, N> x) {
  detail::announce<B>(backend::function::exp, N);
  [[maybe_unused]] const detail::uncounted<B> inside;
  return detail::exp(x);
}

/// 2^x; exact for integral x.
/// Cost:  that of exp.
template <class Policy = math::accurate, class B, std::floating_point R, int N> SINTER_INLINE pack<B, R, N> exp2(pack<B, R, N> x) {
  detail::announce<B>(backend::function::exp2, N);
  [[maybe_unused]] const detail::uncounted<B> inside;
  using F = detail::format<R>;
  using L = detail::exp_range<R>;
  const auto y = detail::clamp_keeping_nan(x, L::least2, L::most2);
  const auto n = (y + F::integer) - F::integer;
  return detail::scale(detail::exp_reduced((y - n) * F::ln2), n);
}

/// e^x - 1 without cancellation near 0.
/// Cost:  4 instructions more than exp.
template <class Policy = math::accurate, class B, std::floating_point R, int N> SINTER_INLINE pack<B, R, N> expm1(pack<B, R, N> x) {
  detail::announce<B>(backend::function::expm1, N);
  [[maybe_unused]] const detail::uncounted<B> inside;
  using X = pack<B, R, N>;
  using L = detail::exp_range<R>;
  const X y = detail::clamp_keeping_nan(x, L::least_m1, L::most), n = detail::exp_exponent(y);
  const X s = detail::power_of_two(n - 1);  // half of 2^n, which may itself overflow
  X p;
  if constexpr (Policy::is_fast || std::same_as<R, float>) {
    const X r = detail::exp_rest(y, n);
    p = fma(r * r, detail::exp_tail(r), r);
  } else {
    X r, lost;
    detail::exp_rest_two(y, n, r, lost);
    p = fma(r * r, detail::exp_tail(r), lost) + r;
  }
  return copysign(fma(s, p, s - R{0.5}) * 2, x);
}

}  // namespace simd
}  // namespace SINTER_ISA
}  // namespace sinter
