// SPDX-License-Identifier: Apache-2.0
// sin, cos and tan, right for every finite argument.
#pragma once

#include <sinter/simd/math/angle.hpp>

namespace sinter {
inline namespace SINTER_ISA {
namespace simd {

namespace detail {

// sin(r + low) and cos(r + low) for |r| <= pi/4.
template <class X> SINTER_INLINE X sin_reduced(X r, X low) {
  const X z = r * r;
  X p;
  if constexpr (is_f32<X>) p = polynomial(z, -0x1.555546p-3f, 0x1.110778p-7f, -0x1.9953f6p-13f);
  else
    p = polynomial(z, -0x1.5555555555548p-3, 0x1.111111110f73p-7, -0x1.a01a019be9215p-13, 0x1.71de35552b12ep-19, -0x1.ae5e4b839319fp-26,
                   0x1.5d8b557396e5bp-33);
  return r + fma(r * z, p, low);
}
template <class X> SINTER_INLINE X cos_reduced(X r, X low) {
  using R = typename X::element;
  const X z = r * r, half = z * R(0.5), w = 1 - half;
  X p;
  if constexpr (is_f32<X>) p = polynomial(z, 0x1.55554ap-5f, -0x1.6c0c28p-10f, 0x1.99e80cp-16f);
  else
    p = polynomial(z, 0x1.555555555554bp-5, -0x1.6c16c16c15012p-10, 0x1.a01a019c8ea4fp-16, -0x1.27e4f7f117269p-22, 0x1.1ee9db6be1439p-29,
                   -0x1.8fa64a42ee86dp-37);
  return w + (((1 - w) - half) + fma(z * z, p, -(r * low)));
}

// sin(x + quarters pi/2).
template <int Quarters, class X> SINTER_INLINE X sin_accurate(X x) {
  using R = typename X::element;
  using F = format<R>;
  constexpr int top = 8 * static_cast<int>(sizeof(R)) - 2;
  X n, hi, lo;
  reduce_angle(abs(x), n, hi, lo);
  const auto quadrant = words(n + (F::integer + Quarters));
  const X s = sin_reduced(hi, lo), c = cos_reduced(hi, lo);
  const X r = select((quadrant & 1) == 0, s, c);
  if constexpr (Quarters == 0) return flip_sign(r, bit_cast_to<R>(shift_left<top>(quadrant) ^ words(x)));
  else return flip_sign(r, bit_cast_to<R>(shift_left<top>(quadrant)));
}

// From multiples of pi/2 to multiples of pi (Quarters 0), or odd multiples of pi/2: x, n, r.
template <int Quarters> struct half_angle_rare {
  template <class R> SINTER_HOST_DEVICE static void change(R* x, std::ptrdiff_t stride) {
    R four[4] = {*x};
    angle_rare::change(static_cast<R*>(four), 1);
    int n = static_cast<int>(four[1]) - Quarters;
    R r = four[2];
    if (n & 1) {
      n += r > 0 ? 1 : -1;
      r += r > 0 ? -half_pi<R>::first : half_pi<R>::first;
    }
    x[stride] = static_cast<R>(n + Quarters), x[2 * stride] = r;
  }
};
// The sine of |r| <= pi/2 + little, where x = n pi/2 + r and n is even, or odd for the cosine.
template <int Quarters, class X> SINTER_INLINE X sin_fast(X x) {
  using F = format<float>;
  using P = half_pi<float>;
  X a = abs(x);
  const X turns = Quarters == 0 ? fma(a, X(P::inverse / 2), X(F::integer)) : fma(a, X(P::inverse / 2), X(-0.5f)) + F::integer;
  X n = fma(turns - F::integer, X(2), X(Quarters)), r = fma(n, X(-P::third), fma(n, X(-P::second), fma(n, X(-P::first), a)));
  rarely<half_angle_rare<Quarters>>(~(a <= P::limit), a, n, r);
  const X z = r * r, p = polynomial(z, -0x1.55554cp-3f, 0x1.110edap-7f, -0x1.9f70eep-13f, 0x1.5dc8c4p-19f);
  const X y = fma(r * z, p, r);
  const auto sign = shift_left<30>(words(n + (F::integer + Quarters)));
  if constexpr (Quarters == 0) return flip_sign(y, bit_cast_to<float>(sign ^ words(x)));
  else return flip_sign(y, bit_cast_to<float>(sign));
}

}  // namespace detail

/// The sine.
/// Cost:  accurate two short polynomials, fast in f32 one; beyond 32768 (f64: 2^26) some 100 ns a lane.
template <class Policy = math::accurate, class B, std::floating_point R, int N> SINTER_INLINE pack<B, R, N> sin(pack<B, R, N> x) {
  detail::announce<B>(backend::function::other, N);
  [[maybe_unused]] const detail::uncounted<B> inside;
  if constexpr (Policy::is_fast && std::same_as<R, float>) return detail::sin_fast<0>(x);
  else return detail::sin_accurate<0>(x);
}

/// The cosine.
/// Cost:  that of sin.
template <class Policy = math::accurate, class B, std::floating_point R, int N> SINTER_INLINE pack<B, R, N> cos(pack<B, R, N> x) {
  detail::announce<B>(backend::function::other, N);
  [[maybe_unused]] const detail::uncounted<B> inside;
  if constexpr (Policy::is_fast && std::same_as<R, float>) return detail::sin_fast<1>(x);
  else return detail::sin_accurate<1>(x);
}

/// The tangent: a rational function, or -1 by it.
/// Cost:  2 divisions.
template <class Policy = math::accurate, class B, std::floating_point R, int N> SINTER_INLINE pack<B, R, N> tan(pack<B, R, N> x) {
  detail::announce<B>(backend::function::other, N);
  [[maybe_unused]] const detail::uncounted<B> inside;
  using X = pack<B, R, N>;
  X n, hi, lo;
  detail::reduce_angle(abs(x), n, hi, lo);
  const X z = hi * hi;
  X p, q;
  if constexpr (std::same_as<R, float>) {
    p = detail::polynomial(z, 0x1.555556p-2f, -0x1.e4753cp-7f);
    q = detail::polynomial(z, 1.f, -0x1.c70488p-2f, 0x1.03755ep-6f);
  } else {
    p = detail::polynomial(z, 0x1.5555555555555p-2, -0x1.5eb0dd8329302p-6, 0x1.fcdd5c5e6f017p-13);
    q = detail::polynomial(z, 1.0, -0x1.db5ac32231546p-2, 0x1.918c46a8671c5p-6, -0x1.09d5a1084fe61p-12, -0x1.3bc151d8851fbp-26);
  }
  const X more = fma(hi * z, p / q, fma(z, lo, lo)), t = hi + more;
  X inverse = R{-1} / t;
  if constexpr (!Policy::is_fast) {
    const X e = fma(inverse, (hi - t) + more, fma(inverse, t, X(1)));
    inverse = fma(inverse, e, inverse);
  }
  const auto quadrant = detail::words(n + detail::format<R>::integer);
  return flip_sign(select((quadrant & 1) == 0, t, inverse), x);
}

}  // namespace simd
}  // namespace SINTER_ISA
}  // namespace sinter
