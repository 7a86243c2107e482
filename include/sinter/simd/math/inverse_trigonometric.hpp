// SPDX-License-Identifier: Apache-2.0
// asin, acos, atan, atan2: polynomials and rational functions on short intervals, and identities for the rest.
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
    more = more + select(small, X(0), fma(-root, root, z) / (root + root + smallest_normal<R>));
  return small;
}

// atan(t) - t for |t| <= tan(pi/8); fast: for |t| <= 1.
template <class Policy, class X> SINTER_INLINE X atan_more(X t) {
  const X z = t * t;
  X p = z, q = z;
  if constexpr (is_f32<X> && Policy::is_fast) {
    p = polynomial(z, -0x1.55555p-2f, -0x1.273138p-2f, -0x1.56f1bcp-5f);
    q = polynomial(z, 1.f, 0x1.76fe14p+0f, 0x1.26e574p-1f, 0x1.a08ffcp-5f);
  } else if constexpr (Policy::is_fast) {
    p = polynomial(z, -0x1.5555555555534p-2, -0x1.7e47a0339fd39p-1, -0x1.2bbbcc69c2d22p-1, -0x1.86e3484af483ap-3, -0x1.844d7ff661c19p-6,
                   -0x1.8888e3b78f88fp-11);
    q = polynomial(z, 1.0, 0x1.6b8284f38460bp+1, 0x1.840c882a9c985p+1, 0x1.81fec1e135dd8p+0, 0x1.66d412d9f28a9p-2, 0x1.0f1197d15e98cp-5,
                   0x1.b3078bf553c13p-11);
  } else if constexpr (is_f32<X>) {
    return z * t * polynomial(z, -0x1.55554ap-2f, 0x1.9991dep-3f, -0x1.23b926p-3f, 0x1.b21b1ep-4f, -0x1.f2aea4p-5f);
  } else {
    p = polynomial(z, -0x1.5555555555532p-2, -0x1.f6ce663e5f0a1p-2, -0x1.96cceb98cfe1cp-3, -0x1.359eea0679d0dp-6);
    q = polynomial(z, 1.0, 0x1.095a33242fc85p+1, 0x1.69423a4a92219p+0, 0x1.64a0eef40fc1ap-2, 0x1.70297ee57134ep-6);
  }
  return z * t * (p / q);
}

// a + b + c, where a is 0 or at least |b|, and c is small.
template <class Policy, class X> SINTER_INLINE X sum_three(X a, X b, X c) {
  const X s = a + b;
  if constexpr (Policy::is_fast) return s + c;
  else return s + (fast_sum_error(a, b, s) + c);
}

// The larger and the smaller side of a triangle whose quotient has no value, or whose sum may have none: others of the same angle.
struct triangle_rare {
  template <class R> SINTER_HOST_DEVICE static void change(R* x, std::ptrdiff_t stride) {
    R &larger = *x, &smaller = x[stride];
    if (larger != larger || smaller != smaller) larger = 1, smaller = not_a_number<R>;
    else if (larger == 0) larger = 1;
    else if (larger == infinity<R>) smaller = smaller == larger ? 1 : 0, larger = 1;
    else larger *= R(0x1p-4), smaller *= R(0x1p-4);
  }
};

// The angle of the point (x, y) in the first quadrant, given the larger and the smaller coordinate and whether y is the larger; from the
// left half pi minus it. Of the quotient t the angle is atan(t), or pi/4 + atan((t - 1) / (t + 1)) where that is smaller.
template <class Policy, class X, class M> SINTER_INLINE X triangle_angle(X larger, X smaller, M steep, M left) {
  using R = typename X::element;
  using P = half_pi<R>;
  X t, more, eighths(0);  // of a turn
  if constexpr (Policy::is_fast) {
    t = smaller / larger;
    more = atan_more<Policy>(t);
  } else {
    const auto middle = smaller > larger * R(0.4142135623730950);
    const X n = select(middle, smaller - larger, smaller), d = select(middle, smaller + larger, larger);
    t = n / d;
    // What quotient, difference and sum lost.
    const X n_low = select(middle, smaller - (n + larger), X(0)), d_low = select(middle, fast_sum_error(larger, smaller, d), X(0));
    more = atan_more<Policy>(t) + (fma(-t, d_low, fma(-t, d, n) + n_low) / d);
    eighths = select(middle, X(1), X(0));
  }
  eighths = select(steep, 2 - eighths, eighths);
  eighths = select(left, 4 - eighths, eighths);
  const auto minus = steep ^ left;
  const X base = eighths * (P::first / 2), base_low = fma(eighths, X(P::second / 2), fma(eighths, X(P::first / 2), -base));
  return sum_three<Policy>(base, select(minus, -t, t), base_low + select(minus, -more, more));
}

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
/// Cost:  2 divisions, f64 3; fast 2.
template <class Policy = math::accurate, class B, std::floating_point R, int N> SINTER_INLINE pack<B, R, N> atan(pack<B, R, N> x) {
  detail::announce<B>(backend::function::other, N);
  [[maybe_unused]] const detail::uncounted<B> inside;
  using X = pack<B, R, N>;
  const X a = detail::at_most(abs(x), R(0x1p100));  // so that the inverse is no denormal number
  const auto steep = a > 1;
  const X larger = select(steep, a, X(1)), smaller = select(steep, X(1), a);
  return copysign(detail::triangle_angle<Policy>(larger, smaller, steep, steep ^ steep), x);
}

/// The angle of the point (x, y), from -pi to pi, as C has it: atan2(y, x).
/// Cost:  2 divisions, f64 3; fast 2.
template <class Policy = math::accurate, class B, std::floating_point R, int N>
SINTER_INLINE pack<B, R, N> atan2(pack<B, R, N> y, std::type_identity_t<pack<B, R, N>> x) {
  detail::announce<B>(backend::function::other, N);
  [[maybe_unused]] const detail::uncounted<B> inside;
  using X = pack<B, R, N>;
  const X ax = abs(x), ay = abs(y);
  const auto steep = ay > ax, left = bit_cast_to<signed_word<sizeof(R)>>(x) < 0;
  X larger = select(steep, ay, ax), smaller = select(steep, ax, ay);
  detail::rarely<detail::triangle_rare>(~((larger > 0) & (larger < detail::quarter_of_largest<R>)&(smaller == smaller)), larger, smaller);
  return copysign(detail::triangle_angle<Policy>(larger, smaller, steep, left), y);
}

}  // namespace simd
}  // namespace SINTER_ISA
}  // namespace sinter
