// SPDX-License-Identifier: Apache-2.0
#include "cuda/fake_cublaslt.hpp"

#include <cmath>
#include <cstdint>
#include <cstring>
#include <utility>

#include <sinter/core/dtype.hpp>

namespace {

std::vector<fake::product> made;
int searched = 0;
bool refuses = false;
cublasStatus_t next = CUBLAS_STATUS_SUCCESS;

struct layout {
  cudaDataType type;
  std::uint64_t rows, columns;
  std::int64_t lead, next = 0;
  std::int32_t batches = 1;
};
struct desc {
  cublasComputeType_t compute;
  cudaDataType scale;
  std::int32_t a = CUBLAS_OP_N, b = CUBLAS_OP_N;
  std::uint32_t epilogue = CUBLASLT_EPILOGUE_DEFAULT;
  const void* bias = nullptr;
};
struct preference {
  std::uint64_t bytes = 0;
  std::uint32_t aligned[4] = {256, 256, 256, 256};
};
layout& of(cublasLtMatrixLayout_t l) { return *reinterpret_cast<layout*>(l); }
desc& of(cublasLtMatmulDesc_t d) { return *reinterpret_cast<desc*>(d); }
preference& of(cublasLtMatmulPreference_t p) { return *reinterpret_cast<preference*>(p); }
template <class X> cublasStatus_t take(X& to, const void* from, std::size_t bytes) {
  if (bytes != sizeof(X)) return CUBLAS_STATUS_INVALID_VALUE;
  std::memcpy(&to, from, bytes);
  return CUBLAS_STATUS_SUCCESS;
}

double read(const void* p, std::int64_t i, cudaDataType t) {
  switch (t) {
    case CUDA_R_64F: return static_cast<const double*>(p)[i];
    case CUDA_R_16F: return static_cast<float>(static_cast<const sinter::float16*>(p)[i]);
    case CUDA_R_16BF: return static_cast<float>(static_cast<const sinter::bfloat16*>(p)[i]);
    default: return static_cast<const float*>(p)[i];
  }
}
void write(void* p, std::int64_t i, cudaDataType t, double x) {
  switch (t) {
    case CUDA_R_64F: static_cast<double*>(p)[i] = x; break;
    case CUDA_R_16F: static_cast<sinter::float16*>(p)[i] = sinter::float16(static_cast<float>(x)); break;
    case CUDA_R_16BF: static_cast<sinter::bfloat16*>(p)[i] = sinter::bfloat16(static_cast<float>(x)); break;
    default: static_cast<float*>(p)[i] = static_cast<float>(x);
  }
}
double behind(std::uint32_t epilogue, double x) {
  if (epilogue == CUBLASLT_EPILOGUE_RELU_BIAS) return x > 0 ? x : 0;
  if (epilogue == CUBLASLT_EPILOGUE_GELU_BIAS) return x * (std::tanh(0.79788456080286535588 * (x + 0.044715 * x * x * x)) + 1) / 2;
  return x;
}
bool is_aligned(const void* p, std::uint32_t to) { return reinterpret_cast<std::uintptr_t>(p) % to == 0; }
bool holds(const layout& l) { return l.lead >= static_cast<std::int64_t>(l.rows) && l.batches >= 1 && l.rows > 0 && l.columns > 0; }

}  // namespace

namespace fake {
std::vector<product> products() { return std::exchange(made, {}); }
int searches() { return std::exchange(searched, 0); }
void refuse(bool all) { refuses = all; }
void fail_next(cublasStatus_t s) { next = s; }
}  // namespace fake

extern "C" {

const char* cublasLtGetStatusName(cublasStatus_t) { return "CUBLAS_STATUS_FAKE"; }
const char* cublasLtGetStatusString(cublasStatus_t) { return "a status of the test"; }
cublasStatus_t cublasLtCreate(cublasLtHandle_t* h) { return *h = reinterpret_cast<cublasLtHandle_t>(new int), CUBLAS_STATUS_SUCCESS; }
cublasStatus_t cublasLtDestroy(cublasLtHandle_t h) { return delete reinterpret_cast<int*>(h), CUBLAS_STATUS_SUCCESS; }

cublasStatus_t cublasLtMatrixLayoutCreate(cublasLtMatrixLayout_t* l, cudaDataType type, std::uint64_t rows, std::uint64_t columns,
                                          std::int64_t lead) {
  return *l = reinterpret_cast<cublasLtMatrixLayout_t>(new layout{type, rows, columns, lead}), CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasLtMatrixLayoutDestroy(cublasLtMatrixLayout_t l) { return delete &of(l), CUBLAS_STATUS_SUCCESS; }
cublasStatus_t cublasLtMatrixLayoutSetAttribute(cublasLtMatrixLayout_t l, cublasLtMatrixLayoutAttribute_t name, const void* p,
                                                std::size_t n) {
  if (name == CUBLASLT_MATRIX_LAYOUT_BATCH_COUNT) return take(of(l).batches, p, n);
  if (name == CUBLASLT_MATRIX_LAYOUT_STRIDED_BATCH_OFFSET) return take(of(l).next, p, n);
  return CUBLAS_STATUS_INVALID_VALUE;
}
cublasStatus_t cublasLtMatmulDescCreate(cublasLtMatmulDesc_t* d, cublasComputeType_t compute, cudaDataType scale) {
  return *d = reinterpret_cast<cublasLtMatmulDesc_t>(new desc{compute, scale}), CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasLtMatmulDescDestroy(cublasLtMatmulDesc_t d) { return delete &of(d), CUBLAS_STATUS_SUCCESS; }
cublasStatus_t cublasLtMatmulDescSetAttribute(cublasLtMatmulDesc_t d, cublasLtMatmulDescAttributes_t name, const void* p, std::size_t n) {
  if (name == CUBLASLT_MATMUL_DESC_TRANSA) return take(of(d).a, p, n);
  if (name == CUBLASLT_MATMUL_DESC_TRANSB) return take(of(d).b, p, n);
  if (name == CUBLASLT_MATMUL_DESC_EPILOGUE) return take(of(d).epilogue, p, n);
  if (name == CUBLASLT_MATMUL_DESC_BIAS_POINTER) return take(of(d).bias, p, n);
  return CUBLAS_STATUS_INVALID_VALUE;
}
cublasStatus_t cublasLtMatmulPreferenceCreate(cublasLtMatmulPreference_t* p) {
  return *p = reinterpret_cast<cublasLtMatmulPreference_t>(new preference), CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasLtMatmulPreferenceDestroy(cublasLtMatmulPreference_t p) { return delete &of(p), CUBLAS_STATUS_SUCCESS; }
cublasStatus_t cublasLtMatmulPreferenceSetAttribute(cublasLtMatmulPreference_t to, cublasLtMatmulPreferenceAttributes_t name, const void* p,
                                                    std::size_t n) {
  if (name == CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES) return take(of(to).bytes, p, n);
  const int i = name - CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES;
  return i >= 0 && i < 4 ? take(of(to).aligned[i], p, n) : CUBLAS_STATUS_INVALID_VALUE;
}
cublasStatus_t cublasLtMatmulAlgoGetHeuristic(cublasLtHandle_t, cublasLtMatmulDesc_t, cublasLtMatrixLayout_t a, cublasLtMatrixLayout_t b,
                                              cublasLtMatrixLayout_t c, cublasLtMatrixLayout_t, cublasLtMatmulPreference_t p, int wanted,
                                              cublasLtMatmulHeuristicResult_t* found, int* count) {
  *count = 0, ++searched;
  if (next) return std::exchange(next, CUBLAS_STATUS_SUCCESS);
  if (refuses) return CUBLAS_STATUS_NOT_SUPPORTED;
  if (wanted < 1 || !holds(of(a)) || !holds(of(b)) || !holds(of(c))) return CUBLAS_STATUS_INVALID_VALUE;
  std::memset(found, 0, sizeof(*found));
  std::memcpy(found->algo.data, of(p).aligned, sizeof(of(p).aligned));  // what addresses the algorithm needs
  found->workspaceSize = of(p).bytes, *count = 1;
  return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasLtMatmul(cublasLtHandle_t, cublasLtMatmulDesc_t what, const void* alpha, const void* a, cublasLtMatrixLayout_t la,
                              const void* b, cublasLtMatrixLayout_t lb, const void* beta, const void* c, cublasLtMatrixLayout_t, void* d,
                              cublasLtMatrixLayout_t ld, const cublasLtMatmulAlgo_t* algorithm, void* scratch, std::size_t bytes,
                              cudaStream_t) {
  const desc& p = of(what);
  const layout &x = of(la), &y = of(lb), &z = of(ld);
  const bool ta = p.a == CUBLAS_OP_T, tb = p.b == CUBLAS_OP_T;
  const std::uint64_t m = ta ? x.columns : x.rows, k = ta ? x.rows : x.columns, n = tb ? y.rows : y.columns;
  std::uint32_t aligned[4];
  std::memcpy(aligned, algorithm->data, sizeof(aligned));
  const bool bias = p.epilogue != CUBLASLT_EPILOGUE_DEFAULT, wide = p.scale == CUDA_R_64F;
  if (c != d || k != (tb ? y.columns : y.rows) || m != z.rows || n != z.columns || x.batches != z.batches || y.batches != z.batches ||
      !is_aligned(a, aligned[0]) || !is_aligned(b, aligned[1]) || !is_aligned(d, aligned[3]) || (bias && !is_aligned(p.bias, aligned[0])) ||
      !is_aligned(scratch, 256) || wide != (z.type == CUDA_R_64F) || wide != (p.compute == CUBLAS_COMPUTE_64F) ||
      read(alpha, 0, p.scale) != 1 || read(beta, 0, p.scale) != 0)
    return CUBLAS_STATUS_INVALID_VALUE;
  std::memset(scratch, 0x5a, bytes);
  for (std::int64_t t = 0; t < z.batches; ++t)
    for (std::uint64_t j = 0; j < n; ++j)
      for (std::uint64_t i = 0; i < m; ++i) {
        double s = 0;
        for (std::uint64_t l = 0; l < k; ++l) {
          const auto at_a = static_cast<std::int64_t>(ta ? l : i) + static_cast<std::int64_t>(ta ? i : l) * x.lead + t * x.next;
          const auto at_b = static_cast<std::int64_t>(tb ? j : l) + static_cast<std::int64_t>(tb ? l : j) * y.lead + t * y.next;
          s += read(a, at_a, x.type) * read(b, at_b, y.type);
        }
        if (bias) s = behind(p.epilogue, s + read(p.bias, static_cast<std::int64_t>(i), z.type));
        write(d, static_cast<std::int64_t>(i) + static_cast<std::int64_t>(j) * z.lead + t * z.next, z.type, s);
      }
  made.push_back({static_cast<int>(p.epilogue), z.batches, ta, tb});
  return CUBLAS_STATUS_SUCCESS;
}

}  // extern "C"
