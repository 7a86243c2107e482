// SPDX-License-Identifier: Apache-2.0
#include <Eigen/Core>

#include "peers.hpp"

namespace peers {

using array = Eigen::Array<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using row = Eigen::Array<float, 1, Eigen::Dynamic>;

void softmax_eigen(const matrix& m) {
  Eigen::Map<const array> x(m.x, m.rows, m.columns);
  Eigen::Map<array> y(m.y, m.rows, m.columns);
  for (long r = 0; r < m.rows; ++r) {
    y.row(r) = (x.row(r) - x.row(r).maxCoeff()).exp();
    y.row(r) *= 1 / y.row(r).sum();
  }
}

void gelu_eigen(const matrix& m) {
  Eigen::Map<const array> x(m.x, m.rows, m.columns);
  Eigen::Map<array> y(m.y, m.rows, m.columns);
  Eigen::Map<const row> w(m.w, m.columns), b(m.b, m.columns);
  row v(m.columns);
  for (long r = 0; r < m.rows; ++r) {
    v = x.row(r) * w + b;
    y.row(r) = 0.5f * v * (1 + (0.7978845608f * (v + 0.044715f * v * v * v)).tanh());
  }
}

void layer_norm_eigen(const matrix& m) {
  Eigen::Map<const array> x(m.x, m.rows, m.columns);
  Eigen::Map<array> y(m.y, m.rows, m.columns);
  Eigen::Map<const row> w(m.w, m.columns), b(m.b, m.columns);
  for (long r = 0; r < m.rows; ++r) {
    const float mean = x.row(r).mean();
    const float variance = (x.row(r) - mean).square().mean();
    y.row(r) = (x.row(r) - mean) * (1 / std::sqrt(variance + 1e-5f)) * w + b;
  }
}

void chain_eigen(const float* x, const float* y, float* z, long n) {
  Eigen::Map<const Eigen::ArrayXf> a(x, n), b(y, n);
  Eigen::Map<Eigen::ArrayXf>(z, n) = 2 * a + 3 * b + 1;
}

void transpose_eigen(const matrix& m) {
  Eigen::Map<array>(m.y, m.columns, m.rows) = Eigen::Map<const array>(m.x, m.rows, m.columns).transpose();
}

void moments_eigen(const float* x, long n, float* mean_var_max) {
  Eigen::Map<const Eigen::ArrayXf> a(x, n);
  const float mean = a.mean();
  mean_var_max[0] = mean, mean_var_max[1] = (a - mean).square().mean(), mean_var_max[2] = a.maxCoeff();
}

float weighted_eigen(const float* a, const float* b, const float* c, long n) {
  using map = Eigen::Map<const Eigen::ArrayXf>;
  return ((map(a, n) - map(b, n)).exp() * map(c, n)).sum();
}

void columns_eigen(const matrix& m) { Eigen::Map<row>(m.y, m.columns) = Eigen::Map<const array>(m.x, m.rows, m.columns).colwise().sum(); }

void rows_eigen(const matrix& m) {
  Eigen::Map<Eigen::ArrayXf>(m.y, m.rows) = Eigen::Map<const array>(m.x, m.rows, m.columns).rowwise().sum();
}

}  // namespace peers
