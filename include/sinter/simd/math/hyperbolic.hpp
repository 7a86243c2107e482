// SPDX-License-Identifier: Apache-2.0
// tanh, sinh, cosh and the logistic function, on the reduction of exp.
#pragma once

#include <sinter/simd/math/exp.hpp>

namespace sinter {
inline namespace SINTER_ISA {
namespace simd {

namespace detail {

// tanh of 0 <= a: a polynomial up to 9/16, then 1 - 2 / (e^2a + 1), whose exponential need not be exact to the last place.
template <class X> SINTER_INLINE X tanh_accurate(X a) {
  using R = typename X::element;
  using F = format<R>;
  constexpr R end = is_f32<X> ? R(9.25) : R(20);  // tanh rounds to 1
  const X y = at_most(a, end), m = fma(y, X(2 * F::log2e), X(F::integer + F::bias)), n = m - (F::integer + F::bias);
  const X r = fma(n, X(-F::ln2 / 2), y), z = a * a;  // 2 y = n ln 2 + 2 r
  X small, p;
  if constexpr (is_f32<X>) {
    small = polynomial(z, -0x1.555546p-2f, 0x1.110bd2p-3f, -0x1.b8ee72p-5f, 0x1.5750f6p-6f, -0x1.9014c6p-8f);
    p = polynomial(r, 1.f, 2.f, 0x1.ffffacp+0f, 0x1.5554aep+0f, 0x1.559b44p-1f, 0x1.122944p-2f, 0x1.391134p-4f);
  } else {
    small = polynomial(z, -0x1.5555555555555p-2, 0x1.111111111107ep-3, -0x1.ba1ba1ba10af3p-5, 0x1.664f487f7e5c7p-6, -0x1.226e34ccc2cddp-7,
                       0x1.d6d3b077c30f7p-9, -0x1.7da0fae45997p-10, 0x1.3538a289d709ep-11, -0x1.f344944fb0ecdp-13, 0x1.88c0ecc092308p-14,
                       -0x1.10fa038a19f11p-15, 0x1.e3c35800c3e42p-18);
    p = exp_reduced(r + r);
  }
  const X s = bit_cast_to<R>(shift_left<F::fraction>(words(m)));  // 2^n
  const X large = R{1} - R{2} / fma(s, p, X(1));
  return select(a < R(0.5625), fma(a * z, small, a), large);
}

}  // namespace detail

/// The hyperbolic tangent.
/// Cost:  accurate 1 exp, 1 division; fast in f32 a rational function: 8 fma, 2 divisions.
template <class Policy = math::accurate, class B, std::floating_point R, int N> SINTER_INLINE pack<B, R, N> tanh(pack<B, R, N> x) {
  detail::announce<B>(backend::function::tanh, N);
  [[maybe_unused]] const detail::uncounted<B> inside;
  using X = pack<B, R, N>;
  if constexpr (Policy::is_fast && std::same_as<R, float>) {
    // 2 t / (1 + t^2) with t = tanh(x / 2) = x / w, where w = 2 + x^2 p / q: exact near 0, and near 1 it forgives errors of w.
    const X y = detail::clamp_keeping_nan(x, -9.02f, 9.02f), z = y * y;
    const X p = detail::polynomial(z, 0x1.55554cp-3f, 0x1.1e5d54p-9f, 0x1.4a0c7p-19f);
    const X q = detail::polynomial(z, 1.f, 0x1.e7d56p-6f, 0x1.df527p-14f);
    const X w = fma(z, p / q, X(2));
    return y * (w + w) / fma(w, w, z);
  } else {
    return copysign(detail::tanh_accurate(abs(x)), x);
  }
}

/// 1 / (1 + e^-x) = 2^-n / (2^-n + e^r), where -x = n ln 2 + r.
/// Cost:  that of exp and a division.
template <class Policy = math::accurate, class B, std::floating_point R, int N> SINTER_INLINE pack<B, R, N> sigmoid(pack<B, R, N> x) {
  detail::announce<B>(backend::function::exp, N);
  [[maybe_unused]] const detail::uncounted<B> inside;
  using X = pack<B, R, N>;
  using F = detail::format<R>;
  using L = detail::exp_range<R>;
  const X y = detail::clamp_keeping_nan(x, L::least, std::same_as<R, float> ? R(40) : R(80));
  const X n = detail::exp_exponent(y), r = fma(n, X(F::ln2_lo), fma(n, X(F::ln2_hi), -y));
  // y >= -40 or so: 2^n is a normal number, else it vanishes beside 1.
  const X s = detail::power_of_two(max_fast(X(-60), n));
  const X one = s + 1, p = fma(r * r, detail::exp_tail(r), r);
  if constexpr (Policy::is_fast) return detail::scale(R{1} / (one + p), n);
  const X more = max_fast(s, X(1)), less = min_fast(s, X(1));
  return detail::scale(R{1} / (one + (p + detail::fast_sum_error(more, less, one))), n);
}

namespace detail {

// (sinh(r) - r) / r^3 and (cosh(r) - 1) / r^2 of z = r^2, |r| <= ln 2 / 2.
template <class X> SINTER_INLINE X sinh_tail(X z) {
  if constexpr (is_f32<X>) return polynomial(z, 0x1.555556p-3f, 0x1.110fbep-7f, 0x1.a2e30ep-13f);
  else
    return polynomial(z, 0x1.5555555555559p-3, 0x1.111111110f624p-7, 0x1.a01a01b0250cbp-13, 0x1.71ddf79e13a8cp-19, 0x1.af601c805c1c3p-26);
}
template <class X> SINTER_INLINE X cosh_tail(X z) {
  if constexpr (is_f32<X>) return polynomial(z, 0x1p-1f, 0x1.5554e6p-5f, 0x1.6d4f3cp-10f);
  else
    return polynomial(z, 0x1p-1, 0x1.5555555555558p-5, 0x1.6c16c16c14ff1p-10, 0x1.a01a01ad86d48p-16, 0x1.27e4cbf64dep-22,
                      0x1.1f8c156126879p-29);
}

// With a = n ln 2 + r: sinh(a) / 4 and cosh(a) / 4 by the addition theorems from sinh(r), cosh(r), and 2^n / 8 +- 2^-n / 8, which do not
// overflow.
template <class X> SINTER_INLINE void exp_halves(X a, X& up, X& down, X& s, X& c) {
  using R = typename X::element;
  using L = exp_range<R>;
  const X y = at_most(a, L::most + R(0.5)), n = exp_exponent(y);
  X r, lost;
  exp_rest_two(y, n, r, lost);
  const X z = r * r;
  up = power_of_two(n - 3), down = R(0x1p-6) / up;
  s = fma(z * r, sinh_tail(z), lost) + r;
  c = fma(z, cosh_tail(z), r * lost);  // but for the 1
}

}  // namespace detail

/// The hyperbolic sine.
/// Cost:  two short polynomials, 1 division; no cancellation near 0.
template <class Policy = math::accurate, class B, std::floating_point R, int N> SINTER_INLINE pack<B, R, N> sinh(pack<B, R, N> x) {
  detail::announce<B>(backend::function::other, N);
  [[maybe_unused]] const detail::uncounted<B> inside;
  using X = pack<B, R, N>;
  const X a = abs(x);
  X up, down, s, c;
  detail::exp_halves(a, up, down, s, c);
  const X plus = up + down, minus = up - down, y = (minus + fma(plus, s, minus * c)) * 4;
  return copysign(select(a < R(0x1p-30), a, y), x);
}

/// The hyperbolic cosine.
/// Cost:  that of sinh.
template <class Policy = math::accurate, class B, std::floating_point R, int N> SINTER_INLINE pack<B, R, N> cosh(pack<B, R, N> x) {
  detail::announce<B>(backend::function::other, N);
  [[maybe_unused]] const detail::uncounted<B> inside;
  using X = pack<B, R, N>;
  X up, down, s, c;
  detail::exp_halves(abs(x), up, down, s, c);
  return (up + (down + fma(up + down, c, (up - down) * s))) * 4;
}

}  // namespace simd
}  // namespace SINTER_ISA
}  // namespace sinter
