// SPDX-License-Identifier: Apache-2.0
// The peers: the same work in plain loops (compiled with -O3 -march=native -ffast-math), in Eigen (a C++17 unit of its own), in xtensor,
// and for softmax by hand (bench/lab).
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
void transpose_loops(const matrix& m);
void moments_loops(const float* x, long n, float* mean_var_max);
float weighted_loops(const float* a, const float* b, const float* c, long n);  // sum(exp(a - b) * c)
void columns_loops(const matrix& m);                                           // sum over axis 0
void rows_loops(const matrix& m);                                              // sum over axis 1

void softmax_eigen(const matrix& m);
void gelu_eigen(const matrix& m);
void layer_norm_eigen(const matrix& m);
void chain_eigen(const float* x, const float* y, float* z, long n);
void transpose_eigen(const matrix& m);
void moments_eigen(const float* x, long n, float* mean_var_max);
float weighted_eigen(const float* a, const float* b, const float* c, long n);
void columns_eigen(const matrix& m);
void rows_eigen(const matrix& m);

void softmax_xtensor(const matrix& m);
void gelu_xtensor(const matrix& m);
void layer_norm_xtensor(const matrix& m);
void chain_xtensor(const float* x, const float* y, float* z, long n);
void transpose_xtensor(const matrix& m);
void moments_xtensor(const float* x, long n, float* mean_var_max);
float weighted_xtensor(const float* a, const float* b, const float* c, long n);
void columns_xtensor(const matrix& m);
void rows_xtensor(const matrix& m);

void softmax_lab(const matrix& m);
void softmax_lab_streaming(const matrix& m);

}  // namespace peers
