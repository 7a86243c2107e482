// SPDX-License-Identifier: Apache-2.0
// Mathematical functions for f32 and f64, written once on the vocabulary: the same bits on every backend, because every step
// is an IEEE operation or an explicit fma. NaN, infinities, zeros of both signs and denormals come out right. Polynomials are
// minimax, found with a Remez iteration in binary128 and rounded. Errors are the largest seen, in ulp of the exact result, over
// every 509th f32 pattern and as many f64; tests/simd/simd.cpp bounds them.
#pragma once

#include <limits>

#include <sinter/simd/convert.hpp>

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
  static constexpr float exp_least = -104, exp_most = 89, exp2_least = -151, exp2_most = 129, expm1_least = -20;
  static constexpr float sqrt_half = 0x1.6a09e6p-1f;
};
template <> struct format<double> {
  static constexpr int fraction = 52, bias = 1023;
  static constexpr double log2e = 0x1.71547652b82fep+0, ln2 = 0x1.62e42fefa39efp-1, ln2_hi = 0x1.62e42feep-1,
                          ln2_lo = 0x1.a39ef35793c76p-33;
  static constexpr double integer = 0x1.8p52;
  static constexpr double exp_least = -746, exp_most = 710, exp2_least = -1076, exp2_most = 1025, expm1_least = -42;
  static constexpr double sqrt_half = 0x1.6a09e667f3bcdp-1;
};

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

// min and max with a bound that keep NaN.
template <class X> SINTER_INLINE X clamp_keeping_nan(X x, typename X::element least, typename X::element most) {
  return min_fast(X(most), max_fast(X(least), x));
}

// (e^r - 1 - r) / r^2 for |r| <= ln 2 / 2.
template <class X> SINTER_INLINE X exp_tail(X r) {
  if constexpr (std::same_as<typename X::element, float>) {
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

// e^(x + low), low much smaller than x; what r loses in rounding is added at the end.
template <class X> SINTER_INLINE X exp_sum(X x, X low) {
  using F = format<typename X::element>;
  const X y = clamp_keeping_nan(x, F::exp_least, F::exp_most);
  const X n = exp_exponent(y);
  const X high = fma(n, X(-F::ln2_hi), y), rest = fma(n, X(-F::ln2_lo), low), r = high + rest, lost = (high - r) + rest;
  return scale((fma(r * r, exp_tail(r), lost) + r) + 1, n);
}
template <class X> SINTER_INLINE X exp(X x) {
  using F = format<typename X::element>;
  const X y = clamp_keeping_nan(x, F::exp_least, F::exp_most), n = exp_exponent(y);
  return scale(exp_reduced(exp_rest(y, n)), n);
}

// x = m 2^e with sqrt(1/2) <= m < sqrt(2), for x > 0; f = m - 1 is exact.
template <class B, class R, int N> SINTER_INLINE void reduce_log(pack<B, R, N> x, pack<B, R, N>& exponent, pack<B, R, N>& f) {
  using F = format<R>;
  using U = word<sizeof(R)>;
  constexpr U one = __builtin_bit_cast(U, R{1}), root = __builtin_bit_cast(U, F::sqrt_half);
  constexpr R up = static_cast<R>(U{1} << F::fraction), bias = F::bias;
  const auto tiny = x < std::numeric_limits<R>::min();
  const auto shifted = words(select(tiny, x * up, x)) + (one - root);
  const auto e = bit_cast_to<R>(shift_right<F::fraction>(shifted) | __builtin_bit_cast(U, up));  // up + bias + e
  const auto m = bit_cast_to<R>((shifted & ((U{1} << F::fraction) - 1)) + root);
  exponent = e - select(tiny, pack<B, R, N>(up + bias + F::fraction), up + bias);
  f = m - 1;
}

// log(m 2^e) + low.
template <class X> SINTER_INLINE X log_sum(X e, X f, X low) {
  using F = format<typename X::element>;
  if constexpr (std::same_as<typename X::element, float>) {
    const X p = polynomial(f, 0x1.555554p-2f, -0x1.000226p-2f, 0x1.99a008p-3f, -0x1.547244p-3f, 0x1.22da1cp-3f, -0x1.0d8542p-3f,
                           0x1.055b6cp-3f, -0x1.38b586p-4f);
    return fma(e, X(F::ln2_hi), f + fma(f * f, fma(f, p, X(-0.5f)), fma(e, X(F::ln2_lo), low)));
  } else {
    const X s = f / (f + 2), z = s * s, half_square = f * f * 0.5;
    const X q = z * polynomial(z, 0x1.5555555555592p-1, 0x1.999999997fd77p-2, 0x1.24924941f4fbp-2, 0x1.c71c5206084a8p-3,
                               0x1.74663fa2162e6p-3, 0x1.39a1a6f8b1fa6p-3, 0x1.2f06347853851p-3);
    return fma(e, X(F::ln2_hi), f - (half_square - fma(s, half_square + q, fma(e, X(F::ln2_lo), low))));
  }
}

// The values of a logarithm at 0, infinity, below 0 and of NaN.
template <class X> SINTER_INLINE X log_limits(X x, X y) {
  using R = typename X::element;
  constexpr R inf = std::numeric_limits<R>::infinity(), nan = std::numeric_limits<R>::quiet_NaN();
  return select(x < inf, select(x > 0, y, select(x == 0, X(-inf), nan)), select(x == inf, x, X(nan)));
}
template <class X> SINTER_INLINE X log(X x) {
  X e, f;
  reduce_log(x, e, f);
  return log_limits(x, log_sum(e, f, X(0)));
}

}  // namespace detail

/// e^x.
/// Error: f32 0.88, f64 0.91 ulp.
/// Cost:  f32 13, f64 18 instructions with AVX-512, 8 more elsewhere; no division, no branch.
template <class B, std::floating_point R, int N> SINTER_INLINE pack<B, R, N> exp(pack<B, R, N> x) {
  detail::announce<B>(backend::function::exp, N);
  [[maybe_unused]] const detail::uncounted<B> inside;
  return detail::exp(x);
}

/// 2^x; exact for integral x.
/// Error: f32 0.87, f64 1.0 ulp.
template <class B, std::floating_point R, int N> SINTER_INLINE pack<B, R, N> exp2(pack<B, R, N> x) {
  detail::announce<B>(backend::function::exp2, N);
  [[maybe_unused]] const detail::uncounted<B> inside;
  using F = detail::format<R>;
  const auto y = detail::clamp_keeping_nan(x, F::exp2_least, F::exp2_most);
  const auto n = (y + F::integer) - F::integer;
  return detail::scale(detail::exp_reduced((y - n) * F::ln2), n);
}

/// e^x - 1 without cancellation near 0.
/// Error: f32 1.4, f64 2.1 ulp.
template <class B, std::floating_point R, int N> SINTER_INLINE pack<B, R, N> expm1(pack<B, R, N> x) {
  detail::announce<B>(backend::function::expm1, N);
  [[maybe_unused]] const detail::uncounted<B> inside;
  using F = detail::format<R>;
  using U = word<sizeof(R)>;
  const auto y = detail::clamp_keeping_nan(x, F::expm1_least, F::exp_most), n = detail::exp_exponent(y), r = detail::exp_rest(y, n);
  // Half of 2^n, for 2^n itself may overflow.
  const auto exponent = detail::words(n + F::integer) - (__builtin_bit_cast(U, F::integer) - U{F::bias - 1});
  const auto s = bit_cast_to<R>(shift_left<F::fraction>(exponent));
  return copysign(fma(s, fma(r * r, detail::exp_tail(r), r), s - R{0.5}) * 2, x);
}

/// The natural logarithm: -inf at 0, NaN below.
/// Error: f32 0.84, f64 0.80 ulp.
/// Cost:  f64 1 division, f32 none.
template <class B, std::floating_point R, int N> SINTER_INLINE pack<B, R, N> log(pack<B, R, N> x) {
  detail::announce<B>(backend::function::log, N);
  [[maybe_unused]] const detail::uncounted<B> inside;
  return detail::log(x);
}

/// log(1 + x) without cancellation near 0.
/// Error: f32 0.84, f64 0.80 ulp.
/// Cost:  a division more than log.
template <class B, std::floating_point R, int N> SINTER_INLINE pack<B, R, N> log1p(pack<B, R, N> x) {
  detail::announce<B>(backend::function::log1p, N);
  [[maybe_unused]] const detail::uncounted<B> inside;
  const auto u = x + 1, v = u - 1;
  const auto lost = (R{1} - (u - v)) + (x - v);  // 1 + x = u + lost exactly
  pack<B, R, N> e, f;
  detail::reduce_log(u, e, f);
  return copysign(detail::log_limits(u, detail::log_sum(e, f, lost / u)), select(u > 0, x, -abs(x)));
}

/// The hyperbolic tangent: a polynomial up to 9/16, then 1 - 2 / (e^2x + 1).
/// Error: f32 1.43, f64 1.45 ulp.
template <class B, std::floating_point R, int N> SINTER_INLINE pack<B, R, N> tanh(pack<B, R, N> x) {
  detail::announce<B>(backend::function::tanh, N);
  [[maybe_unused]] const detail::uncounted<B> inside;
  using X = pack<B, R, N>;
  const X a = abs(x), z = a * a;
  X small;
  if constexpr (std::same_as<R, float>) {
    small = detail::polynomial(z, -0x1.555548p-2f, 0x1.110c5ep-3f, -0x1.b905c4p-5f, 0x1.5811f6p-6f, -0x1.9454f2p-8f);
  } else {
    small = detail::polynomial(z, -0x1.5555555555555p-2, 0x1.111111111107ep-3, -0x1.ba1ba1ba10af3p-5, 0x1.664f487f7e5c7p-6,
                               -0x1.226e34ccc2cddp-7, 0x1.d6d3b077c30f7p-9, -0x1.7da0fae45997p-10, 0x1.3538a289d709ep-11,
                               -0x1.f344944fb0ecdp-13, 0x1.88c0ecc092308p-14, -0x1.10fa038a19f11p-15, 0x1.e3c35800c3e42p-18);
  }
  const X large = R{1} - R{2} / (detail::exp(a + a) + 1);
  return copysign(select(a < R{0.5625}, fma(a * z, small, a), large), x);
}

/// The error function 2 / sqrt(pi) * integral of e^(-t^2) from 0 to x.
/// Error: f32 1.06, f64 1.12 ulp.
/// Cost:  1 exp; f64 1 division.
template <class B, std::floating_point R, int N> SINTER_INLINE pack<B, R, N> erf(pack<B, R, N> x) {
  detail::announce<B>(backend::function::erf, N);
  [[maybe_unused]] const detail::uncounted<B> inside;
  using X = pack<B, R, N>;
  const X a = abs(x);
  if constexpr (std::same_as<R, float>) {
    const X small = detail::polynomial(a * a, 0x1.06eba8p-3f, -0x1.81274p-2f, 0x1.ce2d64p-4f, -0x1.b80118p-6f, 0x1.5449e4p-8f,
                                       -0x1.a606c2p-11f, 0x1.4f562ep-14f);
    const X b = min_fast(X(4.f), a);  // -log(1 - erf) is smooth
    const X q = detail::polynomial(b, 0x1.743c96p-13f, 0x1.20b432p+0f, 0x1.462cb2p-1f, 0x1.aa231p-4f, -0x1.6cfcdap-6f, 0x1.90812p-9f,
                                   -0x1.9d850ap-13f);
    return copysign(select(a < 0.92f, fma(a, small, a), 1.f - detail::exp(-q)), x);
  } else {
    const X small = detail::polynomial(a * a, 0x1.06eba8214db69p-3, -0x1.812746b037a3p-2, 0x1.ce2f21a0469e2p-4, -0x1.b82ce313d0d63p-6,
                                       0x1.565bcd4622642p-8, -0x1.c02dbf0a6eb12p-11, 0x1.f9a483a6ad347p-14, -0x1.f4ede68cd605cp-17,
                                       0x1.bb4a158d48aa7p-20, -0x1.6a65e18144d97p-23, 0x1.2cfc38e7d72cdp-26, -0x1.d7fae68441ae1p-30);
    const X b = min_fast(X(6.0), a), t = (b - 2) / (b + 2);  // (1 - erf) e^(x^2) is smooth in t
    const X q = detail::polynomial(t, 0x1.058671b52c776p-2, -0x1.b57034efd3f8ap-2, 0x1.eeea7dc8a7618p-3, -0x1.437f0b68ba7d2p-4,
                                   0x1.e94715a620d09p-9, 0x1.ca95ed5752bafp-8, -0x1.bc25b3a26390cp-11, -0x1.016b844971069p-10,
                                   0x1.6d682071fa05fp-15, 0x1.6dcd78e06ec02p-13, 0x1.d08a6c71b11b8p-16, -0x1.d29683f6ad30cp-16,
                                   -0x1.0ad6c1efd803cp-16, -0x1.647c2bc1ab102p-19);
    return copysign(select(a < 0.85, fma(a, small, a), 1.0 - detail::exp(-(b * b)) * q), x);
  }
}

namespace detail {

// What a + b, rounded to s, lost.
template <class X> SINTER_INLINE X sum_error(X a, X b, X s) {
  const X v = s - a;
  return (a - (s - v)) + (b - v);
}

// log x in about 68 bits, for finite x > 0: 2 atanh(f / (2 + f)), its first two terms and e ln 2 in pairs.
template <class X> SINTER_INLINE void log_two(X x, X& hi, X& lo) {
  using F = format<double>;
  X e, f;
  reduce_log(x, e, f);
  const X d = f + 2, d_lo = f - (d - 2), inverse = 1.0 / d;
  const X s = f * inverse, s_lo = fma(-s, d_lo, fma(-s, d, f)) * inverse;
  const X z = s * s, z_lo = fma(s, s, -z) + 2 * s * s_lo;
  const X c = z * s, c_lo = fma(z, s, -c) + fma(z_lo, s, z * s_lo);
  constexpr double third = 0x1.5555555555555p-1, third_lo = 0x1.5555555555555p-55;  // 2/3
  const X p = c * third, p_lo = fma(c, X(third), -p) + fma(c, X(third_lo), c_lo * third);
  const X tail = c * z *
                 polynomial(z, 0x1.999999999999ap-2, 0x1.2492492492363p-2, 0x1.c71c71c747eb4p-3, 0x1.745d172bc6f6cp-3, 0x1.3b13ba5b99cf4p-3,
                            0x1.110f1be68d7b6p-3, 0x1.e265999f3cdb7p-4, 0x1.a50696c0c62cfp-4, 0x1.ecb6a640ff9ddp-4);
  const X whole = e * F::ln2_hi, twice = s + s, h1 = whole + twice, h2 = h1 + p;
  const X lost = sum_error(whole, twice, h1) + sum_error(h1, p, h2);
  const X rest = lost + (fma(e, X(F::ln2_lo), s_lo + s_lo) + p_lo + fma(2 * z * z, s_lo, tail));
  hi = h2 + rest;
  lo = sum_error(h2, rest, hi);
}

// |x|^y of a positive base or zero, but for the cases that are 1 whatever the other operand.
template <class X> SINTER_INLINE X pow_positive(X x, X y) {
  constexpr double inf = std::numeric_limits<double>::infinity();
  X hi, lo;
  log_two(x, hi, lo);
  const X h = select(x == 0, X(-inf), select(x < inf, hi, x));
  const X p = y * h;
  return exp_sum(p, select(abs(p) < 800, fma(y, h, -p) + y * lo, X(0)));
}

}  // namespace detail

/// x^y with the special cases of IEEE 754: x^0 and 1^y are 1 even of NaN; negative x needs an integral y.
/// Error: f32 0.51, f64 0.90 ulp.
/// Cost:  f32 computes a log and an exp in f64; f64 1 division, a log in pairs of numbers and an exp.
template <class B, std::floating_point R, int N> SINTER_INLINE pack<B, R, N> pow(pack<B, R, N> x, std::type_identity_t<pack<B, R, N>> y) {
  detail::announce<B>(backend::function::pow, N);
  [[maybe_unused]] const detail::uncounted<B> inside;
  using X = pack<B, R, N>;
  constexpr R inf = std::numeric_limits<R>::infinity();
  const X a = abs(x);
  X r;
  if constexpr (std::same_as<R, float>) r = convert<float>(detail::exp(convert<double>(y) * detail::log(convert<double>(a))));
  else r = detail::pow_positive(a, y);
  const X half = y * R{0.5};
  const auto integral = trunc(y) == y, odd = integral & (trunc(half) != half);
  r = select(odd, copysign(r, x), r);
  r = select((x < 0) & (x > -inf) & ~integral & (abs(y) < inf), X(std::numeric_limits<R>::quiet_NaN()), r);
  return select((x == 1) | (y == 0) | ((x == -1) & (abs(y) == inf)), X(1), r);
}

/// 1 / sqrt(x), both rounded.
/// Error: 1.5 ulp.
template <class B, std::floating_point R, int N> SINTER_INLINE pack<B, R, N> rsqrt(pack<B, R, N> x) { return 1 / sqrt(x); }

/// 1 / (1 + e^-x), computed from e^-|x|, which cannot overflow.
/// Error: f32 2.4, f64 2.4 ulp.
template <class B, std::floating_point R, int N> SINTER_INLINE pack<B, R, N> sigmoid(pack<B, R, N> x) {
  const auto e = exp(-abs(x));
  return select(x < 0, e, R{1}) / (e + 1);
}

}  // namespace simd
}  // namespace SINTER_ISA
}  // namespace sinter
