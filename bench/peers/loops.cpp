// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "peers.hpp"

namespace peers {

void softmax_loops(const matrix& m) {
  for (long r = 0; r < m.rows; ++r) {
    const float* x = m.x + r * m.columns;
    float* y = m.y + r * m.columns;
    float most = x[0], sum = 0;
    for (long c = 0; c < m.columns; ++c) most = x[c] > most ? x[c] : most;
    for (long c = 0; c < m.columns; ++c) y[c] = std::exp(x[c] - most), sum += y[c];
    const float scale = 1 / sum;
    for (long c = 0; c < m.columns; ++c) y[c] *= scale;
  }
}

void gelu_loops(const matrix& m) {
  for (long r = 0; r < m.rows; ++r)
    for (long c = 0; c < m.columns; ++c) {
      const float v = m.x[r * m.columns + c] * m.w[c] + m.b[c];
      // tanh through exp, which the compiler's vector library has
      const float u = 0.7978845608f * (v + 0.044715f * v * v * v);
      m.y[r * m.columns + c] = v - v / (1 + std::exp(2 * u));
    }
}

void layer_norm_loops(const matrix& m) {
  for (long r = 0; r < m.rows; ++r) {
    const float* x = m.x + r * m.columns;
    float* y = m.y + r * m.columns;
    float sum = 0, squares = 0;
    for (long c = 0; c < m.columns; ++c) sum += x[c];
    const float mean = sum / static_cast<float>(m.columns);
    for (long c = 0; c < m.columns; ++c) squares += (x[c] - mean) * (x[c] - mean);
    const float scale = 1 / std::sqrt(squares / static_cast<float>(m.columns) + 1e-5f);
    for (long c = 0; c < m.columns; ++c) y[c] = (x[c] - mean) * scale * m.w[c] + m.b[c];
  }
}

void chain_loops(const float* x, const float* y, float* z, long n) {
  for (long i = 0; i < n; ++i) z[i] = 2 * x[i] + 3 * y[i] + 1;
}

void transpose_loops(const matrix& m) {
  constexpr long block = 16;
  for (long r = 0; r < m.rows; r += block)
    for (long c = 0; c < m.columns; c += block)
      for (long i = c; i < c + block && i < m.columns; ++i)
        for (long j = r; j < r + block && j < m.rows; ++j) m.y[i * m.rows + j] = m.x[j * m.columns + i];
}

void moments_loops(const float* x, long n, float* mean_var_max) {
  float sum = 0, squares = 0, most = x[0];  // in one pass, and so less exact than the others
  for (long i = 0; i < n; ++i) {
    sum += x[i], squares += x[i] * x[i];
    most = x[i] > most ? x[i] : most;
  }
  const float mean = sum / static_cast<float>(n);
  mean_var_max[0] = mean, mean_var_max[1] = squares / static_cast<float>(n) - mean * mean, mean_var_max[2] = most;
}

float weighted_loops(const float* a, const float* b, const float* c, long n) {
  float sum = 0;
  for (long i = 0; i < n; ++i) sum += std::exp(a[i] - b[i]) * c[i];
  return sum;
}

void columns_loops(const matrix& m) {
  for (long c = 0; c < m.columns; ++c) m.y[c] = 0;
  for (long r = 0; r < m.rows; ++r)
    for (long c = 0; c < m.columns; ++c) m.y[c] += m.x[r * m.columns + c];
}

void rows_loops(const matrix& m) {
  for (long r = 0; r < m.rows; ++r) {
    float sum = 0;
    for (long c = 0; c < m.columns; ++c) sum += m.x[r * m.columns + c];
    m.y[r] = sum;
  }
}

}  // namespace peers
