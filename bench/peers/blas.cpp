// SPDX-License-Identifier: Apache-2.0
// OpenBLAS and BLIS by the C interface of BLAS. Both define the same names, so each is opened on its own when the program runs.
#include <dlfcn.h>

#include "peers.hpp"

namespace peers {
namespace {

template <class T> using cblas_gemm = void (*)(int order, int transpose_a, int transpose_b, int m, int n, int k, T alpha, const T* a,
                                               int lda, const T* b, int ldb, T beta, T* c, int ldc);
template <class T, int Library> cblas_gemm<T> entry = nullptr;
template <class T, int Library> void run(const products<T>& p) {
  constexpr int row_major = 101, plain = 111;
  const int m = static_cast<int>(p.m), n = static_cast<int>(p.n), k = static_cast<int>(p.k);
  for (long i = 0; i < p.count; ++i)
    entry<T, Library>(row_major, plain, plain, m, n, k, T(1), p.a + i * p.m * p.k, k, p.b + i * p.k * p.n, n, T(0), p.c + i * p.m * p.n, n);
}
template <class T, int Library> auto find(const char* library, const char* name) -> void (*)(const products<T>&) {
  void* const l = dlopen(library, RTLD_NOW | RTLD_LOCAL);
  void* const f = l ? dlsym(l, name) : nullptr;
  entry<T, Library> = reinterpret_cast<cblas_gemm<T>>(f);
  return f ? run<T, Library> : nullptr;
}

}  // namespace

gemm_f32 sgemm_openblas() { return find<float, 0>("libopenblas.so.0", "cblas_sgemm"); }
gemm_f64 dgemm_openblas() { return find<double, 0>("libopenblas.so.0", "cblas_dgemm"); }
gemm_f32 sgemm_blis() { return find<float, 1>("libblis.so.4", "cblas_sgemm"); }
gemm_f64 dgemm_blis() { return find<double, 1>("libblis.so.4", "cblas_dgemm"); }

}  // namespace peers
