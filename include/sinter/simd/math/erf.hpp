// SPDX-License-Identifier: Apache-2.0
// The error function and its complement.
#pragma once

#include <sinter/simd/math/exp.hpp>

namespace sinter {
inline namespace SINTER_ISA {
namespace simd {

/// The error function 2 / sqrt(pi) * integral of e^(-t^2) from 0 to x.
/// Cost:  accurate 1 exp, f64 1 division; fast in f32 a rational function: 10 fma, 2 divisions.
template <class Policy = math::accurate, class B, std::floating_point R, int N> SINTER_INLINE pack<B, R, N> erf(pack<B, R, N> x) {
  detail::announce<B>(backend::function::erf, N);
  [[maybe_unused]] const detail::uncounted<B> inside;
  using X = pack<B, R, N>;
  const X a = abs(x);
  if constexpr (std::same_as<R, float> && Policy::is_fast) {
    const X y = detail::clamp_keeping_nan(x, -3.85f, 3.85f), z = y * y;
    // As in tanh, w = x (1 + sqrt(1 - erf(x)^2)) / erf(x).
    const X p = detail::polynomial(z, 0x1.b44a5ep-6f, 0x1.1c8954p-5f, 0x1.9746eep-8f, 0x1.4aadccp-13f);
    const X q = detail::polynomial(z, 1.f, 0x1.f954fcp-3f, 0x1.bdda46p-6f, 0x1.0aa01ep-9f);
    const X w = fma(z, p / q, X(0x1.c5bf8ap+0f));
    return y * (w + w) / fma(w, w, z);
  } else if constexpr (std::same_as<R, float>) {
    using F = detail::format<R>;
    const X small =
        detail::polynomial(a * a, 0x1.06eba8p-3f, -0x1.81273p-2f, 0x1.ce28p-4f, -0x1.b76992p-6f, 0x1.4d059ep-8f, -0x1.550f0cp-11f);
    const X b = detail::at_most(a, 3.93f);  // -log2(1 - erf) is smooth
    const X q = detail::polynomial(b, 0x1.279012p-14f, 0x1.a0b7bcp+0f, 0x1.d5d80ap-1f, 0x1.360e82p-3f, -0x1.0ca1fep-5f, 0x1.2c0e42p-8f,
                                   -0x1.3d2354p-12f);
    const X m = (F::integer + F::bias) - q, r = ((F::integer + F::bias) - m) - q;
    const X p = detail::polynomial(r, 1.f, 0x1.62e43p-1f, 0x1.ebfb94p-3f, 0x1.c6af9ep-5f, 0x1.3b6816p-7f, 0x1.5ef4ep-10f, 0x1.179b0cp-13f);
    const X s = bit_cast_to<R>(shift_left<F::fraction>(detail::words(m)));
    return copysign(select(a < 0.8f, fma(a, small, a), fma(-s, p, X(1))), x);
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

/// 1 - erf(x) without cancellation: e^(-x^2) / (sqrt(pi) x + p(x) / q(x)) beyond 0.47.
/// Cost:  1 exp, 2 divisions.
template <class Policy = math::accurate, class B, std::floating_point R, int N> SINTER_INLINE pack<B, R, N> erfc(pack<B, R, N> x) {
  detail::announce<B>(backend::function::erf, N);
  [[maybe_unused]] const detail::uncounted<B> inside;
  using X = pack<B, R, N>;
  const X a = detail::at_most(abs(x), std::same_as<R, float> ? R(10.2) : R(27.3)), z = a * a;
  X small, p, q;
  if constexpr (std::same_as<R, float>) {
    small = detail::polynomial(z, 0x1.06eba8p-3f, -0x1.81273p-2f, 0x1.ce28p-4f, -0x1.b76992p-6f, 0x1.4d059ep-8f, -0x1.550f0cp-11f);
    p = detail::polynomial(a, 0x1.fffbd2p-1f, 0x1.8a92e2p-1f, 0x1.309feap-2f, 0x1.b071e2p-5f);
    q = detail::polynomial(a, 1.f, 0x1.6a19f6p+0f, 0x1.df59c6p-1f, 0x1.5723c6p-2f, 0x1.e8219ap-5f);
  } else {
    small = detail::polynomial(z, 0x1.06eba8214db69p-3, -0x1.812746b037a3p-2, 0x1.ce2f21a0469e2p-4, -0x1.b82ce313d0d63p-6,
                               0x1.565bcd4622642p-8, -0x1.c02dbf0a6eb12p-11, 0x1.f9a483a6ad347p-14, -0x1.f4ede68cd605cp-17,
                               0x1.bb4a158d48aa7p-20, -0x1.6a65e18144d97p-23, 0x1.2cfc38e7d72cdp-26, -0x1.d7fae68441ae1p-30);
    p = detail::polynomial(a, 0x1.000000003daf1p+0, 0x1.ad0a3d43acf39p+0, 0x1.6de6c367729ebp+0, 0x1.9132878fca1cep-1, 0x1.313a0e1c284cfp-2,
                           0x1.4863cc12fc3d5p-4, 0x1.e8c864edaefbap-7, 0x1.d04c071f24d81p-10, 0x1.b95438dc1fb28p-14);
    q = detail::polynomial(a, 1.0, 0x1.28f628af36dddp+1, 0x1.533dd0e7364bdp+1, 0x1.ecab08404e904p+0, 0x1.f17ccba2538bcp-1,
                           0x1.6976e4ae9ba9dp-2, 0x1.7abbf802b96d3p-4, 0x1.15b61f56aaa7ep-6, 0x1.05f396f5e9fc8p-9, 0x1.f1fc8765d5a53p-14);
  }
  X n;
  const X e = detail::exp_sum_parts(-z, -fma(a, a, -z), n), large = detail::scale(e / fma(a, X(R(0x1.c5bf891b4ef6bp+0)), p / q), n);
  const X y = copysign(fma(a, small, a), x);
  return select(a < R(0.47), R{1} - y, select(x < 0, R{2} - large, large));
}

}  // namespace simd
}  // namespace SINTER_ISA
}  // namespace sinter
