// SPDX-License-Identifier: Apache-2.0
// pow, cbrt, and 1 / sqrt. x^y = 2^(y log2 x) needs a logarithm with some ten bits more than the result has: f32 takes it in f64, f64 in
// pairs of numbers.
#pragma once

#include <sinter/simd/math/exp.hpp>
#include <sinter/simd/math/log.hpp>

namespace sinter {
inline namespace SINTER_ISA {
namespace simd {

namespace detail {

// log x in about 68 bits, for x = (1 + f) 2^e: 2 atanh(f / (2 + f)), its first two terms and e ln 2 in pairs.
template <class X> SINTER_INLINE void log_two(X e, X f, X& hi, X& lo) {
  using F = format<double>;
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

// |x|^y for positive x, or 0, infinity and NaN, where y is finite and nothing is 1 whatever the other operand.
template <class B, int N> SINTER_INLINE pack<B, double, N> pow_positive(pack<B, double, N> x, pack<B, double, N> y) {
  using X = pack<B, double, N>;
  X e, f, hi, lo;
  reduce_log_all<log_rare>(x, e, f);
  log_two(e, f, hi, lo);
  const X h = select(abs(e) < infinity<double>, hi, e);
  const X p = y * h;
  return exp_sum(p, select(abs(p) < 800, fma(y, h, -p) + y * lo, X(0)));
}
template <class B, int N> SINTER_INLINE pack<B, float, N> pow_positive(pack<B, float, N> x, pack<B, float, N> y) {
  using D = pack<B, double, N>;
  using F = format<double>;
  pack<B, float, N> exponent, fraction;
  reduce_log_all<log_rare>(x, exponent, fraction);
  const D e = convert<double>(exponent), f = convert<double>(fraction);
  const D s = f / (f + 2), z = s * s;
  const D c = polynomial(z, 0x1.71547652bee7ap+1, 0x1.ec709d1240a64p-1, 0x1.2777805473d86p-1, 0x1.a58d548cdc386p-2, 0x1.5cec3cef28ce9p-2);
  const D t = clamp_keeping_nan(convert<double>(y) * fma(s, c, e), -160, 160);
  const D m = t + (F::integer + F::bias), r = t - (m - (F::integer + F::bias));
  const D p = polynomial(r, 0x1.00000002615e1p+0, 0x1.62e430c7e9c32p-1, 0x1.ebfbdadc8df62p-3, 0x1.c6aed4b843745p-5, 0x1.3b2dbbd787d2p-7,
                         0x1.5f456b0827452p-10, 0x1.41d3255a731f1p-13);
  return convert<float>(p * bit_cast_to<double>(shift_left<F::fraction>(words(m))));
}

}  // namespace detail

/// x^y with the special cases of IEEE 754: x^0 and 1^y are 1 even of NaN; negative x needs an integral y.
/// Cost:  f32 a logarithm and an exponential in f64, 1 division; f64 1 division, a logarithm in pairs of numbers and an exponential.
template <class Policy = math::accurate, class B, std::floating_point R, int N>
SINTER_INLINE pack<B, R, N> pow(pack<B, R, N> x, std::type_identity_t<pack<B, R, N>> y) {
  detail::announce<B>(backend::function::pow, N);
  [[maybe_unused]] const detail::uncounted<B> inside;
  using X = pack<B, R, N>;
  constexpr R inf = detail::infinity<R>;
  X r = detail::pow_positive(abs(x), y);
  // Of other lanes this changes nothing.
  if (any(~((x > 0) & (x < inf) & (abs(y) < inf)))) {
    const X half = y * R{0.5};
    const auto integral = trunc(y) == y, odd = integral & (trunc(half) != half);
    r = select(odd, copysign(r, x), r);
    r = select((x < 0) & (x > -inf) & ~integral & (abs(y) < inf), X(detail::not_a_number<R>), r);
    r = select((x == 1) | (y == 0) | ((x == -1) & (abs(y) == inf)), X(1), r);
  }
  return r;
}

/// 1 / sqrt(x), both rounded.
template <class Policy = math::accurate, class B, std::floating_point R, int N> SINTER_INLINE pack<B, R, N> rsqrt(pack<B, R, N> x) {
  return 1 / sqrt(x);
}

/// The cube root; of negative numbers the negative one.
/// Cost:  2 divisions: two steps of Halley's iteration from a cubic, the last with an exact remainder.
template <class Policy = math::accurate, class B, std::floating_point R, int N> SINTER_INLINE pack<B, R, N> cbrt(pack<B, R, N> x) {
  detail::announce<B>(backend::function::other, N);
  [[maybe_unused]] const detail::uncounted<B> inside;
  using X = pack<B, R, N>;
  using F = detail::format<R>;
  X a = abs(x), e, f;
  detail::reduce_log_all<detail::log_rare>(a, e, f);
  const X k = fma(e, X(R(1. / 3)), X(F::integer)) - F::integer;
  const X m = (f + 1) * detail::power_of_two(fma(k, X(-3), e));  // 0.35 to 2.83
  const X guess = detail::polynomial(m, R(0x1.ed9452p-2), R(0x1.754a96p-1), R(-0x1.f5cb4cp-3), R(0x1.2f3958p-5));
  const X cube = guess * guess * guess, y = guess * ((cube + (m + m)) / (cube + cube + m));
  const X square = y * y, lost = fma(y, y, -square), rest = fma(-lost, y, fma(-square, y, m));
  const X root = detail::scale(fma(y, rest / fma(square + square, y, m), y), k);
  return select((x < detail::infinity<R>)&(x > -detail::infinity<R>)&(x != 0), copysign(root, x), x + x);
}

}  // namespace simd
}  // namespace SINTER_ISA
}  // namespace sinter
