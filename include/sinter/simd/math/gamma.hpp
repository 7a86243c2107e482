// SPDX-License-Identifier: Apache-2.0
// The logarithm of |gamma(x)|.
#pragma once

#include <sinter/simd/math/log.hpp>

namespace sinter {
inline namespace SINTER_ISA {
namespace simd {

namespace detail {

// For x > -1/2: a product moves x into [1.5, 2.5], where a rational function knows lgamma; from 8 on Stirling's series.
template <class X> SINTER_INLINE X lgamma_right(X x) {
  // x < 1.5: gamma(x) = gamma(x + 1) / x, and again below 1/2; x > 2.5: gamma(x) = (x - 1) gamma(x - 1), up to 6 times.
  const auto low = x < 1.5, lower = x < 0.5, stirling = x >= 8;
  X t = select(low, select(lower, x + 2, x + 1), x), product = select(low, select(lower, fma(x, x, x), x), X(1));
  for (int i = 0; i < 6; ++i) {
    const auto above = (t > 2.5) & ~stirling;
    t = select(above, t - 1, t);
    product = select(above, product * t, product);
  }
  const X d = select(low, select(lower, x, x - 1), t - 2);  // exact
  const X p = polynomial(d, 0x1.b0ee6072093cep-2, 0x1.e7d834741431ap-1, 0x1.896c5aa46a8d9p-1, 0x1.232dd99073ff1p-2, 0x1.957ae95eb7413p-5,
                         0x1.d5545c69bd781p-9, 0x1.2784ac4b110bcp-14);
  const X q = polynomial(d, 1.0, 0x1.7daf86e50d008p+0, 0x1.ade0b0c331fb7p-1, 0x1.c4abe7656ccbp-3, 0x1.bc8dde98a685fp-6,
                         0x1.5acba3ada7187p-10, 0x1.fdffd73887496p-17);
  X e, f, argument = select(stirling, x, abs(product));
  reduce_log_all<log_rare>(argument, e, f);
  const X logarithm = log_sum<math::accurate>(e, f, X(0)), inverse = 1.0 / x;
  const X series = polynomial(inverse * inverse, 0x1.5555555555555p-4, -0x1.6c16c16c0a2ebp-9, 0x1.a01a01018e40cp-11, -0x1.3812c6635c14cp-11,
                              0x1.b8ea2dfe72d5p-11, -0x1.e82039e03a684p-10, 0x1.23fb025f96a9p-8);
  constexpr double half_log = 0x1.acfe390c97d69p-2;  // (log(2 pi) - 1) / 2
  const X near = fma(d, p / q, select(low, -logarithm, logarithm));
  return select(stirling, fma(x - 0.5, logarithm - 1, fma(inverse, series, X(half_log))), near);
}

template <class B, int N> SINTER_INLINE pack<B, double, N> lgamma(pack<B, double, N> x) {
  using X = pack<B, double, N>;
  const auto left = x < -0.5;
  X y = lgamma_right(select(left, -x, x));
  if (any(left)) {  // log(pi / |x sin(pi x)|) - lgamma(-x); of other lanes this changes nothing
    const X r = x - round(x), z = r * r;
    const X sine =
        r * polynomial(z, 0x1.921fb54442d18p+1, -0x1.4abbce625be0fp+2, 0x1.466bc67757ff6p+1, -0x1.32d2cce4ddd0ap-1, 0x1.507833e752ea8p-4,
                       -0x1.e306fb7c57cccp-8, 0x1.e8db777c03c2dp-12, -0x1.6bda9d2c324d8p-16, 0x1.2acff2b9851e6p-21);
    X e, f, argument = 0x1.921fb54442d18p+1 / abs(x * sine);
    reduce_log_all<log_rare>(argument, e, f);
    y = select(left, select(r == 0, X(infinity<double>), log_sum<math::accurate>(e, f, X(0)) - y), y);
  }
  return select(abs(x) == infinity<double>, X(infinity<double>), y);
}

}  // namespace detail

/// log |gamma(x)|; infinite at 0, -1, -2, ... Below -2 it has zeros, near which the error is small beside 1, not beside the result.
/// Cost:  1 log, 4 divisions; a negative lane costs its packet another log; f32 computes in f64.
template <class Policy = math::accurate, class B, std::floating_point R, int N> SINTER_INLINE pack<B, R, N> lgamma(pack<B, R, N> x) {
  detail::announce<B>(backend::function::other, N);
  [[maybe_unused]] const detail::uncounted<B> inside;
  if constexpr (std::same_as<R, float>) return convert<float>(detail::lgamma(convert<double>(x)));
  else return detail::lgamma(x);
}

}  // namespace simd
}  // namespace SINTER_ISA
}  // namespace sinter
