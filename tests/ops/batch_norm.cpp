// SPDX-License-Identifier: Apache-2.0
// Batch normalisation and its derivatives against sums in double, and against the derivatives of the composition.
#include <doctest/doctest.h>

#include <cmath>

#include <sinter/sinter.hpp>

#include "near.hpp"

namespace {

using namespace sinter;

constexpr int batch = 4, features = 3, width = 5;
constexpr double epsilon = 1e-3;

struct batch_of {
  tensor<double, batch, features, width> x, ct;
  tensor<double, features> scale, offset, mean, variance;
  batch_of() {
    near::fill(x), near::fill(ct, 1, 100), near::fill(scale, 1, 200), near::fill(offset, 1, 300);
    for (int f = 0; f < features; ++f) {
      double sum = 0, squares = 0;
      for (int b = 0; b < batch; ++b)
        for (int i = 0; i < width; ++i) sum += x(b, f, i);
      mean(f) = sum / (batch * width);
      for (int b = 0; b < batch; ++b)
        for (int i = 0; i < width; ++i) squares += (x(b, f, i) - mean(f)) * (x(b, f, i) - mean(f));
      variance(f) = squares / (batch * width);
    }
  }
};
template <class X, class Y> double largest(const X& a, const Y& b) {
  double most = 0;
  for (extent_t i = 0; i < a.size(); ++i) {
    const double d = std::fabs(static_cast<double>(a.data()[i]) - static_cast<double>(b.data()[i]));
    if (!(d <= most)) most = d;
  }
  return most;
}
constexpr auto training = fn([](auto x, auto scale, auto offset) {
  value y[3];
  detail::batch_norm_training(*x.graph(), x, scale, offset, epsilon, 1, y);
  return std::tuple(y[0], y[1], y[2]);
});

TEST_CASE("batch_norm: inference and training") {
  const batch_of d;
  tensor<double, batch, features, width> want;
  for (int b = 0; b < batch; ++b)
    for (int f = 0; f < features; ++f)
      for (int i = 0; i < width; ++i)
        want(b, f, i) = (d.x(b, f, i) - d.mean(f)) / std::sqrt(d.variance(f) + epsilon) * d.scale(f) + d.offset(f);
  CHECK(largest(eval(batch_norm(d.x, d.scale, d.offset, d.mean, d.variance, axis<1>, epsilon)), want) < 1e-14);
  const auto [y, mean, variance] = training(d.x, d.scale, d.offset);
  CHECK(largest(y, want) < 1e-14);
  CHECK(largest(mean, d.mean) < 1e-15);
  CHECK(largest(variance, d.variance) < 1e-15);
  // f16 is normalised in f32 and rounded once.
  const tensor<float16, batch, features, width> x = cast<float16>(d.x);
  const tensor<float16, features> scale = cast<float16>(d.scale), offset = cast<float16>(d.offset), m = cast<float16>(d.mean),
                                  v = cast<float16>(d.variance);
  const tensor<float, batch, features, width> exact =
      batch_norm(cast<float>(x), cast<float>(scale), cast<float>(offset), cast<float>(m), cast<float>(v), axis<-2>, epsilon);
  CHECK(largest(eval(batch_norm(x, scale, offset, m, v, axis<-2>, epsilon)), eval(cast<float16>(exact))) == 0);
}

TEST_CASE("batch_norm: its derivative is that of the composition") {
  const batch_of d;
  constexpr auto loss = [](auto x, auto scale, auto offset, auto ct) {
    value y[3];
    detail::batch_norm_training(*x.graph(), x, scale, offset, epsilon, 1, y);
    return sum(y[0] * ct);
  };
  constexpr auto direct = fn([](auto x, auto scale, auto mean, auto variance, auto ct) {
    value y[3];
    detail::batch_norm_grad(*x.graph(), x, scale, mean, variance, ct, epsilon, 1, y);
    return std::tuple(y[0], y[1], y[2]);
  });
  const auto [dx, dscale, doffset] = fn(grad<0, 1, 2>(loss))(d.x, d.scale, d.offset, d.ct);
  const auto [x, scale, offset] = direct(d.x, d.scale, d.mean, d.variance, d.ct);
  CHECK(largest(x, dx) < 1e-12);
  CHECK(largest(scale, dscale) < 1e-12);
  CHECK(largest(offset, doffset) < 1e-12);
}

}  // namespace
