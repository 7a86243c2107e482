// SPDX-License-Identifier: Apache-2.0
// The peers: the same work in plain loops (compiled with -O3 -march=native -ffast-math) and in Eigen (a C++17 unit of its own).
#pragma once

namespace peers {

struct matrix {  // row-major; y = f(x, w, b)
  const float* x;
  float* y;
  const float* w;
  const float* b;
  long rows, columns;
};

void softmax_loops(const matrix& m);
void gelu_loops(const matrix& m);
void layer_norm_loops(const matrix& m);
void chain_loops(const float* x, const float* y, float* z, long n);

void softmax_eigen(const matrix& m);
void gelu_eigen(const matrix& m);
void layer_norm_eigen(const matrix& m);
void chain_eigen(const float* x, const float* y, float* z, long n);

}  // namespace peers
