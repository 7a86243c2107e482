// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <xtensor/xadapt.hpp>
#include <xtensor/xmath.hpp>
#include <xtensor/xnoalias.hpp>
#include <xtensor/xtensor.hpp>
#include <xtensor/xview.hpp>

#include "peers.hpp"

namespace peers {

constexpr auto immediate = xt::evaluation_strategy::immediate;

template <class T, class... Extent> auto adapted(T* p, Extent... e) {
  const std::array<std::size_t, sizeof...(Extent)> shape{static_cast<std::size_t>(e)...};
  std::size_t n = 1;
  for (std::size_t each : shape) n *= each;
  return xt::adapt(p, n, xt::no_ownership(), shape);
}

void softmax_xtensor(const matrix& m) {
  const auto x = adapted(m.x, m.rows, m.columns);
  auto y = adapted(m.y, m.rows, m.columns);
  const xt::xtensor<float, 2> most = xt::amax(x, {1}, xt::keep_dims | immediate);
  xt::noalias(y) = xt::exp(x - most);
  const xt::xtensor<float, 2> sum = xt::sum<float>(y, {1}, xt::keep_dims | immediate);
  xt::noalias(y) = y / sum;
}

void gelu_xtensor(const matrix& m) {
  const auto x = adapted(m.x, m.rows, m.columns);
  auto y = adapted(m.y, m.rows, m.columns);
  const auto w = adapted(m.w, m.columns), b = adapted(m.b, m.columns);
  const auto v = x * w + b;
  xt::noalias(y) = 0.5f * v * (1.f + xt::tanh(0.7978845608f * (v + 0.044715f * v * v * v)));
}

void layer_norm_xtensor(const matrix& m) {
  const auto x = adapted(m.x, m.rows, m.columns);
  auto y = adapted(m.y, m.rows, m.columns);
  const auto w = adapted(m.w, m.columns), b = adapted(m.b, m.columns);
  const float n = static_cast<float>(m.columns);
  const xt::xtensor<float, 2> mean = xt::sum<float>(x, {1}, xt::keep_dims | immediate) / n;
  const xt::xtensor<float, 2> variance = xt::sum<float>(xt::square(x - mean), {1}, xt::keep_dims | immediate) / n;
  const xt::xtensor<float, 2> scale = 1.f / xt::sqrt(variance + 1e-5f);
  xt::noalias(y) = (x - mean) * scale * w + b;
}

void chain_xtensor(const float* x, const float* y, float* z, long n) {
  const auto a = adapted(x, n), b = adapted(y, n);
  auto c = adapted(z, n);
  xt::noalias(c) = 2.f * a + 3.f * b + 1.f;
}

void transpose_xtensor(const matrix& m) {
  auto y = adapted(m.y, m.columns, m.rows);
  xt::noalias(y) = xt::transpose(adapted(m.x, m.rows, m.columns));
}

void moments_xtensor(const float* x, long n, float* mean_var_max) {
  const auto a = adapted(x, n);
  const float mean = xt::sum<float>(a, immediate)() / static_cast<float>(n);
  mean_var_max[0] = mean;
  mean_var_max[1] = xt::sum<float>(xt::square(a - mean), immediate)() / static_cast<float>(n);
  mean_var_max[2] = xt::amax(a, immediate)();
}

float weighted_xtensor(const float* a, const float* b, const float* c, long n) {
  return xt::sum<float>(xt::exp(adapted(a, n) - adapted(b, n)) * adapted(c, n), immediate)();
}

void columns_xtensor(const matrix& m) {
  auto y = adapted(m.y, m.columns);
  xt::noalias(y) = xt::sum<float>(adapted(m.x, m.rows, m.columns), {0}, immediate);
}

void rows_xtensor(const matrix& m) {
  auto y = adapted(m.y, m.rows);
  xt::noalias(y) = xt::sum<float>(adapted(m.x, m.rows, m.columns), {1}, immediate);
}

}  // namespace peers
