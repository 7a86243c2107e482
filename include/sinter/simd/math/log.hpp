// SPDX-License-Identifier: Apache-2.0
// log, log2, log1p: x = m 2^e with m about 1, and a polynomial or a series of m - 1.
#pragma once

#include <sinter/simd/math/common.hpp>

namespace sinter {
inline namespace SINTER_ISA {
namespace simd {

namespace detail {

// x = m 2^e with sqrt(1/2) <= m < sqrt(2), for positive normal x; f = m - 1 is exact.
template <class B, class R, int N> SINTER_INLINE void reduce_log(pack<B, R, N> x, pack<B, R, N>& exponent, pack<B, R, N>& f) {
  using F = format<R>;
  using U = word<sizeof(R)>;
  constexpr U root = __builtin_bit_cast(U, F::sqrt_half);
  if constexpr (std::same_as<R, float>) {
    const auto above = words(x) - root;
    exponent = convert<R>(shift_right<F::fraction>(bit_cast_to<std::int32_t>(above)));
    f = bit_cast_to<R>((above & ((U{1} << F::fraction) - 1)) + root) - 1;
  } else {  // AVX2 converts no 64-bit integers
    constexpr U one = __builtin_bit_cast(U, R{1});
    constexpr R up = static_cast<R>(U{1} << F::fraction);
    const auto above = words(x) + (one - root);
    exponent = bit_cast_to<R>(shift_right<F::fraction>(above) | __builtin_bit_cast(U, up)) - (up + F::bias);
    f = bit_cast_to<R>((above & ((U{1} << F::fraction) - 1)) + root) - 1;
  }
}

// A lane that is no positive normal number: x, exponent, fraction. At 0, infinity, below 0 and of NaN they become numbers that add up to
// the value there.
struct log_rare {
  template <class R> SINTER_HOST_DEVICE static void change(R* x, std::ptrdiff_t stride) {
    using F = format<R>;
    const R v = *x;
    R e, f = 0;
    if (v > 0 && v < infinity<R>) {
      pack<backend::scalar, R, 1> exponent, fraction;
      reduce_log(pack<backend::scalar, R, 1>(v * static_cast<R>(word<sizeof(R)>{1} << F::fraction)), exponent, fraction);
      e = first(exponent) - F::fraction, f = first(fraction);
    } else {
      e = v == 0 ? -infinity<R> : v > 0 ? v : not_a_number<R>;
    }
    x[stride] = e, x[2 * stride] = f;
  }
};
struct log1p_rare {
  template <class R> SINTER_HOST_DEVICE static void change(R* x, std::ptrdiff_t stride) {
    log_rare::change(x, stride);
    x[3 * stride] = 0;
  }
};
// Any x, and a further summand.
template <class Rare, class X, class... Low> SINTER_INLINE void reduce_log_all(X x, X& e, X& f, Low&... low) {
  using R = typename X::element;
  using U = word<sizeof(R)>;
  constexpr U least = __builtin_bit_cast(U, smallest_normal<R>), inf = __builtin_bit_cast(U, infinity<R>);
  reduce_log(x, e, f);
  rarely<Rare>(words(x) - least >= inf - least, x, e, f, low...);
}

// log(m 2^e) + low.
template <class Policy, class X> SINTER_INLINE X log_sum(X e, X f, X low) {
  using F = format<typename X::element>;
  if constexpr (is_f32<X>) {
    X p;
    if constexpr (Policy::is_fast)
      p = polynomial(f, 0x1.5556d8p-2f, -0x1.000382p-2f, 0x1.98d82ep-3f, -0x1.53824ap-3f, 0x1.317222p-3f, -0x1.2431b8p-3f, 0x1.64676p-4f);
    else
      p = polynomial(f, 0x1.555554p-2f, -0x1.000228p-2f, 0x1.99a034p-3f, -0x1.547232p-3f, 0x1.22d67ep-3f, -0x1.0d8218p-3f, 0x1.0571dep-3f,
                     -0x1.38fce8p-4f);
    return fma(e, X(F::ln2_hi), f + fma(f * f, fma(f, p, X(-0.5f)), fma(e, X(F::ln2_lo), low)));
  } else {
    const X s = f / (f + 2), z = s * s, half_square = f * f * 0.5;
    const X q = z * polynomial(z, 0x1.5555555555592p-1, 0x1.999999997fd77p-2, 0x1.24924941f4fbp-2, 0x1.c71c5206084a8p-3,
                               0x1.74663fa2162e6p-3, 0x1.39a1a6f8b1fa6p-3, 0x1.2f06347853851p-3);
    return fma(e, X(F::ln2_hi), f - (half_square - fma(s, half_square + q, fma(e, X(F::ln2_lo), low))));
  }
}

}  // namespace detail

/// The natural logarithm: -inf at 0, NaN below.
/// Cost:  f32 no division, f64 1.
template <class Policy = math::accurate, class B, std::floating_point R, int N> SINTER_INLINE pack<B, R, N> log(pack<B, R, N> x) {
  detail::announce<B>(backend::function::log, N);
  [[maybe_unused]] const detail::uncounted<B> inside;
  pack<B, R, N> e, f;
  detail::reduce_log_all<detail::log_rare>(x, e, f);
  return detail::log_sum<Policy>(e, f, pack<B, R, N>(0));
}

/// The logarithm to base 2; exact for powers of two.
/// Cost:  that of log.
template <class Policy = math::accurate, class B, std::floating_point R, int N> SINTER_INLINE pack<B, R, N> log2(pack<B, R, N> x) {
  detail::announce<B>(backend::function::log2, N);
  [[maybe_unused]] const detail::uncounted<B> inside;
  using X = pack<B, R, N>;
  constexpr R log2e = detail::format<R>::log2e;
  X e, f;
  detail::reduce_log_all<detail::log_rare>(x, e, f);
  if constexpr (std::same_as<R, float>) {
    const X q = detail::polynomial(f, -0x1.71547p-1f, 0x1.ec7078p-2f, -0x1.715b14p-2f, 0x1.2786fep-2f, -0x1.eaa8b2p-3f, 0x1.a18d82p-3f,
                                   -0x1.867aep-3f, 0x1.86daaap-3f, -0x1.de8aaep-4f);
    return e + fma(f, X(log2e), fma(f, X(0x1.4ae0cp-26f), f * f * q));
  } else {
    const X s = f / (f + 2), z = s * s, half_square = f * f * 0.5;
    const X q = z * detail::polynomial(z, 0x1.5555555555592p-1, 0x1.999999997fd77p-2, 0x1.24924941f4fbp-2, 0x1.c71c5206084a8p-3,
                                       0x1.74663fa2162e6p-3, 0x1.39a1a6f8b1fa6p-3, 0x1.2f06347853851p-3);
    const X hi = f - half_square, lo = fma(s, half_square + q, (f - hi) - half_square);
    return e + fma(hi, X(log2e), fma(lo, X(log2e), hi * 0x1.777d0ffda0d24p-56));
  }
}

/// log(1 + x) without cancellation near 0.
/// Cost:  a division more than log.
template <class Policy = math::accurate, class B, std::floating_point R, int N> SINTER_INLINE pack<B, R, N> log1p(pack<B, R, N> x) {
  detail::announce<B>(backend::function::log1p, N);
  [[maybe_unused]] const detail::uncounted<B> inside;
  using X = pack<B, R, N>;
  const X u = x + 1, v = u - 1;
  X low = ((R{1} - (u - v)) + (x - v)) / u;  // 1 + x = u (1 + low) exactly
  X e, f;
  detail::reduce_log_all<detail::log1p_rare>(u, e, f, low);
  return copysign(detail::log_sum<Policy>(e, f, low), x);
}

}  // namespace simd
}  // namespace SINTER_ISA
}  // namespace sinter
