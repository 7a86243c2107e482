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

// `count` products c = a b of row-major matrices that lie one after another: c[m, n], a[m, k], b[k, n].
template <class T> struct products {
  const T* a;
  const T* b;
  T* c;
  long m, n, k, count;
};
using prepared_product = void (*)(void*);  // what runs a product that was prepared, and its state
struct prepared {
  prepared_product run = nullptr;
  void* state = nullptr;
};

void products_eigen(const products<float>& p);
void products_eigen(const products<double>& p);
void squares_eigen(const products<float>& p);           // 3 to 8 and 16: extents known to the compiler
void chains_eigen(const products<float>& p, float* d);  // a b c + d of such squares, c in place of d
void dense_eigen(const float* x, const float* w, const float* b, float* y, long m, long k, long n);  // gelu(x w + b)
void network_eigen(const float* x, float* y, long m);                                                // 784-512-256-10 with ReLU
void attention_eigen(const float* q, const float* k, const float* v, float* y, long heads, long s, long d);

// A step of a network 784-512-256-10 with ReLU and cross-entropy, batch 128. Parameters, and what Adam remembers, one after the other:
// w1 [784, 512], b1, w2 [512, 256], b2, w3 [256, 10], b3. `step` counts from 1.
struct training {
  const float* x;
  const int* labels;
  float* parameters;
  float* mean;
  float* square;
  float rate;
  int step;
};
void sgd_step_eigen(const training& t);
void adam_step_eigen(const training& t);
bool find_openblas_for_training();  // before these two
void sgd_step_openblas(const training& t);
void adam_step_openblas(const training& t);

// From libraries that are found when the program runs; null where there are none.
using gemm_f32 = void (*)(const products<float>& p);
using gemm_f64 = void (*)(const products<double>& p);
gemm_f32 sgemm_openblas();
gemm_f64 dgemm_openblas();
gemm_f32 sgemm_blis();
gemm_f64 dgemm_blis();

prepared squares_libxsmm(const products<float>& p);  // null where it makes no kernel
prepared dense_onednn(const float* x, const float* w, const float* b, float* y, long m, long k, long n, bool activation);

}  // namespace peers
