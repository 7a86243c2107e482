// SPDX-License-Identifier: Apache-2.0
// asin, acos, atan, atan2: rational functions on [0, 1/2] and [0, 1], and identities for the rest.
#pragma once

#include <sinter/simd/math/angle.hpp>

namespace sinter {
inline namespace SINTER_ISA {
namespace simd {

namespace detail {

// asin(s) / s - 1 for z = s^2 <= 1/4.
template <class X> SINTER_INLINE X asin_tail(X z) {
  if constexpr (is_f32<X>) {
    return z * polynomial(z, 0x1.55552ap-3f, -0x1.70019cp-4f) / polynomial(z, 1.f, -0x1.fa7062p-1f, 0x1.6c7328p-3f);
  } else {
    return z *
           polynomial(z, 0x1.5555555555554p-3, -0x1.6495f77d2f98ap-2, 0x1.ee7d393b97f71p-3, -0x1.f9940ba9d7a7ap-5, 0x1.1543a1977539ap-8) /
           polynomial(z, 1.0, -0x1.450a13377d522p+1, 0x1.296a5989d6887p+1, -0x1.d6043a676afacp-1, 0x1.2880676bef455p-3,
                      -0x1.8ddc779b96a61p-8);
  }
}

// a = |x|. small: a <= 1/2. s: a, or sqrt((1 - a) / 2), whose arc sine is half the arc cosine of a; more: asin(s) - s.
template <class Policy, class X> SINTER_INLINE auto asin_parts(X a, X& s, X& more) {
  using R = typename X::element;
  const auto small = ~(a > R(0.5));
  const X z = select(small, a * a, fma(a, X(R(-0.5)), X(R(0.5)))), root = sqrt(z);
  s = select(small, a, root);
  more = s * asin_tail(z);
  if constexpr (!Policy::is_fast)  // what the root lost
    more = more + select(small, X(0), fma(-root, root, z) / (root + root + std::numeric_limits<R>::min()));
  return small;
}

// atan(t) - t for |t| <= 1.
template <class Policy, class X> SINTER_INLINE X atan_more(X t) {
  const X z = t * t;
  X p, q;
  if constexpr (is_f32<X>) {
    p = polynomial(z, -0x1.55555p-2f, -0x1.273138p-2f, -0x1.56f1bcp-5f);
    q = polynomial(z, 1.f, 0x1.76fe14p+0f, 0x1.26e574p-1f, 0x1.a08ffcp-5f);
  } else {
    p = polynomial(z, -0x1.5555555555534p-2, -0x1.7e47a0339fd39p-1, -0x1.2bbbcc69c2d22p-1, -0x1.86e3484af483ap-3, -0x1.844d7ff661c19p-6,
                   -0x1.8888e3b78f88fp-11);
    q = polynomial(z, 1.0, 0x1.6b8284f38460bp+1, 0x1.840c882a9c985p+1, 0x1.81fec1e135dd8p+0, 0x1.66d412d9f28a9p-2, 0x1.0f1197d15e98cp-5,
                   0x1.b3078bf553c13p-11);
  }
  return z * t * (p / q);
}

// a + b + c, where a is 0 or at least |b|, and c is small.
template <class Policy, class X> SINTER_INLINE X sum_three(X a, X b, X c) {
  const X s = a + b;
  if constexpr (Policy::is_fast) return s + c;
  else return s + (fast_sum_error(a, b, s) + c);
}

// Quotients of zeros, infinities and NaN: larger, quotient, what it lost; the smaller stands in the quotient.
struct quotient_rare {
  template <class R> SINTER_HOST_DEVICE static void change(R* x, std::ptrdiff_t stride) {
    const R larger = *x, smaller = x[stride];
    x[stride] = larger != larger || smaller != smaller ? not_a_number<R> : larger == 0 ? R(0) : smaller == infinity<R> ? R(1) : R(0);
    x[2 * stride] = 0;
  }
};

}  // namespace detail

/// The arc sine; NaN beyond -1 and 1.
/// Cost:  1 root, 2 divisions (fast: 1).
template <class Policy = math::accurate, class B, std::floating_point R, int N> SINTER_INLINE pack<B, R, N> asin(pack<B, R, N> x) {
  detail::announce<B>(backend::function::other, N);
  [[maybe_unused]] const detail::uncounted<B> inside;
  using X = pack<B, R, N>;
  using P = detail::half_pi<R>;
  X s, more;
  const auto small = detail::asin_parts<Policy>(abs(x), s, more);
  const X large = detail::sum_three<Policy>(X(P::first), -(s + s), X(P::second) - (more + more));
  return copysign(select(small, s + more, large), x);
}

/// The arc cosine; NaN beyond -1 and 1.
/// Cost:  that of asin.
template <class Policy = math::accurate, class B, std::floating_point R, int N> SINTER_INLINE pack<B, R, N> acos(pack<B, R, N> x) {
  detail::announce<B>(backend::function::other, N);
  [[maybe_unused]] const detail::uncounted<B> inside;
  using X = pack<B, R, N>;
  using P = detail::half_pi<R>;
  X s, more;
  const auto small = detail::asin_parts<Policy>(abs(x), s, more);
  // pi/2 - asin(x); 2 asin(s) where x > 1/2, pi - 2 asin(s) where x < -1/2.
  const auto left = x < 0;
  const X base = select(small, X(P::first), select(left, X(2 * P::first), X(0)));
  const X base_low = select(small, X(P::second), select(left, X(2 * P::second), X(0)));
  const X factor = select(small, X(1), X(2)), sign = select(small ^ left, X(-1), X(1));
  return detail::sum_three<Policy>(base, s * factor * sign, fma(more * factor, sign, base_low));
}

/// The arc tangent.
/// Cost:  2 divisions.
template <class Policy = math::accurate, class B, std::floating_point R, int N> SINTER_INLINE pack<B, R, N> atan(pack<B, R, N> x) {
  detail::announce<B>(backend::function::other, N);
  [[maybe_unused]] const detail::uncounted<B> inside;
  using X = pack<B, R, N>;
  using P = detail::half_pi<R>;
  const X a = detail::at_most(abs(x), R(0x1p100));  // so that the inverse is no denormal number
  const auto large = a > 1;
  const X inverse = R{1} / a, t = select(large, inverse, a);
  X more = detail::atan_more<Policy>(t);
  X above = more;
  if constexpr (!Policy::is_fast) above = fma(fma(-inverse, a, X(1)), inverse, more);  // what the inverse lost
  return copysign(select(large, detail::sum_three<Policy>(X(P::first), -t, P::second - above), t + more), x);
}

/// The angle of the point (x, y), from -pi to pi, as C has it: atan2(y, x).
/// Cost:  3 divisions (fast: 2).
template <class Policy = math::accurate, class B, std::floating_point R, int N>
SINTER_INLINE pack<B, R, N> atan2(pack<B, R, N> y, std::type_identity_t<pack<B, R, N>> x) {
  detail::announce<B>(backend::function::other, N);
  [[maybe_unused]] const detail::uncounted<B> inside;
  using X = pack<B, R, N>;
  using P = detail::half_pi<R>;
  const X ax = abs(x), ay = abs(y);
  const auto steep = ay > ax, left = bit_cast_to<signed_word<sizeof(R)>>(x) < 0;
  X larger = select(steep, ay, ax), smaller = select(steep, ax, ay), t = smaller / larger;
  X lost = Policy::is_fast ? X(0) : fma(-t, larger, smaller) / larger;
  const auto rare = ~((larger > 0) & (larger < detail::infinity<R>));
  t = select(rare, smaller, t);
  detail::rarely<detail::quotient_rare>(rare, larger, t, lost);
  const X more = detail::atan_more<Policy>(t) + lost;
  // steep: pi/2 -+ t, left: pi - t, else t.
  const X base = select(steep, X(P::first), select(left, X(2 * P::first), X(0)));
  const X base_low = select(steep, X(P::second), select(left, X(2 * P::second), X(0)));
  const auto minus = steep ^ left;
  return copysign(detail::sum_three<Policy>(base, select(minus, -t, t), base_low + select(minus, -more, more)), y);
}

}  // namespace simd
}  // namespace SINTER_ISA
}  // namespace sinter
