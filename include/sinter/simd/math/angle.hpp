// SPDX-License-Identifier: Apache-2.0
// x = n pi/2 + hi + lo with |hi| <= pi/4 or barely more: by fused multiply-adds with the parts of pi/2 (Cody and Waite) while n is small,
// by a product with the bits of 2/pi that matter (Payne and Hanek) for the rest, lane by lane.
#pragma once

#include <sinter/simd/math/common.hpp>

namespace sinter {
inline namespace SINTER_ISA {
namespace simd {

namespace detail {

// pi/2 in three parts: n * first needs the bits of n more than the format has, and a fused multiply-add keeps them.
template <class R> struct half_pi;
template <> struct half_pi<float> {
  static constexpr float first = 0x1.921fb6p+0f, second = -0x1.777a5cp-25f, third = -0x1.ee59dap-50f, inverse = 0x1.45f306p-1f;
  static constexpr float limit = 32768;
};
template <> struct half_pi<double> {
  static constexpr double first = 0x1.921fb54442d18p+0, second = 0x1.1a62633145c07p-54, third = -0x1.f1976b7ed8fbcp-110,
                          inverse = 0x1.45f306dc9c883p-1;
  static constexpr double limit = 0x1p26;
};

// m 2^e 2/pi modulo 4, in 192 bits of which 190 are a fraction; words[0] is the highest. The bits of 2/pi before e - 2 give multiples of 4.
SINTER_HOST_DEVICE inline void multiply_two_over_pi(std::uint64_t m, int e, std::uint32_t (&words)[6]) {
  // 64 zeros, then the bits of 2/pi.
  static constexpr std::uint32_t two_over_pi[] = {
      0,          0,          0xa2f9836e, 0x4e441529, 0xfc2757d1, 0xf534ddc0, 0xdb629599, 0x3c439041, 0xfe5163ab, 0xdebbc561, 0xb7246e3a,
      0x424dd2e0, 0x06492eea, 0x09d1921c, 0xfe1deb1c, 0xb129a73e, 0xe88235f5, 0x2ebb4484, 0xe99c7026, 0xb45f7e41, 0x3991d639, 0x835339f4,
      0x9c845f8b, 0xbdf9283b, 0x1ff897ff, 0xde05980f, 0xef2f118b, 0x5a0a6d1f, 0x6d367ecf, 0x27cb09b7, 0x4f463f66, 0x9e5fea2d, 0x7527bac7,
      0xebe5f17b, 0x3d0739f7, 0x8a5292ea, 0x6bfb5fb1, 0x1f8d5d08, 0x56033046, 0xfc7b6bab, 0xf0cfbc20};
  const int at = e - 2 + 64, word = at / 32, shift = at % 32;
  std::uint32_t window[6];
  for (int i = 0; i < 6; ++i) {
    const std::uint64_t two = std::uint64_t{two_over_pi[word + i]} << 32 | two_over_pi[word + i + 1];
    window[i] = static_cast<std::uint32_t>(two << shift >> 32), words[i] = 0;
  }
  for (int half = 0; half < 2; ++half, m >>= 32) {
    std::uint64_t carry = 0;
    for (int i = 5; i >= half; --i) {
      carry += (m & 0xffffffffu) * window[i] + words[i - half];
      words[i - half] = static_cast<std::uint32_t>(carry), carry >>= 32;
    }
  }
}

// n, hi and lo of one lane: x, n, hi, lo.
struct angle_rare {
  template <class R> SINTER_HOST_DEVICE static void change(R* x, std::ptrdiff_t stride) {
    using F = format<R>;
    using D = pack<backend::scalar, double, 1>;
    const auto bits = __builtin_bit_cast(word<sizeof(R)>, *x);
    const int exponent = static_cast<int>(bits >> F::fraction & (2 * F::bias + 1));
    R &n = x[stride], &hi = x[2 * stride], &lo = x[3 * stride];
    if (exponent > 2 * F::bias) {  // infinity, NaN
      n = 0, hi = lo = not_a_number<R>;
      return;
    }
    constexpr auto hidden = word<sizeof(R)>{1} << F::fraction;
    std::uint32_t w[6];
    multiply_two_over_pi((bits & (hidden - 1)) | hidden, exponent - F::bias - F::fraction, w);
    int quadrant = static_cast<int>(w[0] >> 30);
    const bool above = (w[0] >> 29 & 1) != 0;  // the fraction is 1/2 or more: count from the next quadrant
    quadrant += above;
    // The fraction's magnitude, its highest bit first in a and b.
    std::uint64_t a = std::uint64_t{w[0]} << 34 | std::uint64_t{w[1]} << 2 | w[2] >> 30;
    std::uint64_t b = std::uint64_t{w[2]} << 34 | std::uint64_t{w[3]} << 2 | w[4] >> 30,
                  c = std::uint64_t{w[4]} << 34 | std::uint64_t{w[5]} << 2;
    if (above) a = ~a, b = ~b, c = ~c;
    double unit = 0x1p-53;  // of the first 53 bits
    while (a >> 63 == 0) a = a << 1 | b >> 63, b = b << 1 | c >> 63, c <<= 1, unit *= 0.5;
    const D first = static_cast<double>(a >> 11), second = static_cast<double>((a & 0x7ff) << 42 | b >> 22);
    using P = half_pi<double>;
    const D product = first * P::first;
    const D rest = fma(first, D(P::first), -product) + fma(first, D(P::second), second * 0x1p-53 * P::first);
    const D high = product + rest, low = fast_sum_error(product, rest, high);
    const double sign = above ? -unit : unit;
    n = static_cast<R>(quadrant);
    hi = static_cast<R>(simd::first(high * sign));
    if constexpr (sizeof(R) == 4) lo = static_cast<R>(simd::first(high * sign - static_cast<double>(hi)));
    else lo = simd::first(low * sign);
  }
};

// a >= 0, infinity or NaN.
template <class X> SINTER_INLINE void reduce_angle(X a, X& n, X& hi, X& lo) {
  using P = half_pi<typename X::element>;
  using F = format<typename X::element>;
  n = fma(a, X(P::inverse), X(F::integer)) - F::integer;
  const X rest = fma(n, X(-P::first), a);  // exact
  const X second = n * P::second;
  hi = rest - second;
  lo = fma(n, X(-P::third), ((rest - hi) - second) - fma(n, X(P::second), -second));
  rarely<angle_rare>(~(a <= P::limit), a, n, hi, lo);
}

}  // namespace detail

}  // namespace simd
}  // namespace SINTER_ISA
}  // namespace sinter
