// SPDX-License-Identifier: Apache-2.0
#include "cuda/fake_cudnn.hpp"

#include <cstdint>
#include <cstring>
#include <utility>

#include <sinter/core/dtype.hpp>

struct cudnnContext {
  cudaStream_t stream = nullptr;
};
struct cudnnTensorStruct {
  cudnnDataType_t type = CUDNN_DATA_FLOAT;
  std::vector<int> extent, step;
};
struct cudnnFilterStruct {
  cudnnDataType_t type = CUDNN_DATA_FLOAT;
  std::vector<int> extent;
};
struct cudnnConvolutionStruct {
  std::vector<int> stride, dilation;
  cudnnDataType_t compute = CUDNN_DATA_FLOAT;
  cudnnMathType_t math = CUDNN_DEFAULT_MATH;
};
struct cudnnActivationStruct {
  cudnnActivationMode_t mode = CUDNN_ACTIVATION_IDENTITY;
};

namespace {

std::vector<fake::convolution> made;
int searched = 0;
bool refuses = false, refuses_bias = false;
cudnnStatus_t next_search = CUDNN_STATUS_SUCCESS, next_run = CUDNN_STATUS_SUCCESS;
constexpr std::size_t scratch_bytes = 4096;

double read(const void* p, std::int64_t i, cudnnDataType_t t) {
  switch (t) {
    case CUDNN_DATA_DOUBLE: return static_cast<const double*>(p)[i];
    case CUDNN_DATA_HALF: return static_cast<float>(static_cast<const sinter::float16*>(p)[i]);
    case CUDNN_DATA_BFLOAT16: return static_cast<float>(static_cast<const sinter::bfloat16*>(p)[i]);
    default: return static_cast<const float*>(p)[i];
  }
}
void write(void* p, std::int64_t i, cudnnDataType_t t, double x) {
  switch (t) {
    case CUDNN_DATA_DOUBLE: static_cast<double*>(p)[i] = x; break;
    case CUDNN_DATA_HALF: static_cast<sinter::float16*>(p)[i] = sinter::float16(static_cast<float>(x)); break;
    case CUDNN_DATA_BFLOAT16: static_cast<sinter::bfloat16*>(p)[i] = sinter::bfloat16(static_cast<float>(x)); break;
    default: static_cast<float*>(p)[i] = static_cast<float>(x);
  }
}
bool is_aligned(const void* p) { return reinterpret_cast<std::uintptr_t>(p) % 16 == 0; }

// Whether the descriptors are of one convolution.
bool fits(const cudnnTensorStruct& x, const cudnnFilterStruct& k, const cudnnConvolutionStruct& c, const cudnnTensorStruct& y) {
  const std::size_t axes = x.extent.size();
  if (axes < 4 || axes > 5 || k.extent.size() != axes || y.extent.size() != axes || c.stride.size() + 2 != axes || x.type != k.type ||
      x.type != y.type || (c.compute == CUDNN_DATA_DOUBLE) != (x.type == CUDNN_DATA_DOUBLE) || x.extent[0] != y.extent[0] ||
      x.extent[1] != k.extent[1] || y.extent[1] != k.extent[0])
    return false;
  for (std::size_t a = 2; a < axes; ++a) {
    const int reach = (k.extent[a] - 1) * c.dilation[a - 2] + 1;
    if (x.extent[a] < reach || y.extent[a] != (x.extent[a] - reach) / c.stride[a - 2] + 1) return false;
  }
  return true;
}
cudnnStatus_t convolve(const void* alpha, const cudnnTensorStruct& x, const void* from, const cudnnFilterStruct& k, const void* kernel,
                       const cudnnConvolutionStruct& c, cudnnConvolutionFwdAlgo_t algorithm, void* scratch, std::size_t bytes,
                       const void* beta, const cudnnTensorStruct& y, void* to, const cudnnTensorStruct* bias, const void* row,
                       cudnnActivationMode_t mode) {
  if (next_run) return std::exchange(next_run, CUDNN_STATUS_SUCCESS);
  if (bias && refuses_bias) return CUDNN_STATUS_NOT_SUPPORTED_GRAPH_PATTERN;
  const bool wide = x.type == CUDNN_DATA_DOUBLE;
  if (!fits(x, k, c, y) || !is_aligned(from) || !is_aligned(kernel) || !is_aligned(to) || !is_aligned(row) ||
      reinterpret_cast<std::uintptr_t>(scratch) % 256 != 0 || bytes != scratch_bytes ||
      read(alpha, 0, wide ? CUDNN_DATA_DOUBLE : CUDNN_DATA_FLOAT) != 1 || read(beta, 0, wide ? CUDNN_DATA_DOUBLE : CUDNN_DATA_FLOAT) != 0)
    return CUDNN_STATUS_BAD_PARAM;
  if (bias && (bias->extent[1] != y.extent[1] ||
               (mode == CUDNN_ACTIVATION_IDENTITY && algorithm != CUDNN_CONVOLUTION_FWD_ALGO_IMPLICIT_PRECOMP_GEMM)))
    return CUDNN_STATUS_NOT_SUPPORTED;
  std::memset(scratch, 0x5a, bytes);
  const std::size_t axes = x.extent.size();
  std::int64_t results = 1, terms = 1;
  for (const int e : y.extent) results *= e;
  for (std::size_t a = 1; a < axes; ++a) terms *= k.extent[a];
  for (std::int64_t r = 0; r < results; ++r) {
    std::int64_t index[5] = {}, rest = r, at = 0;
    for (std::size_t a = axes; a-- > 0; rest /= y.extent[a]) index[a] = rest % y.extent[a], at += index[a] * y.step[a];
    double s = 0;
    // The kernel: outputs, then the window, features innermost.
    for (std::int64_t t = 0; t < terms; ++t) {
      std::int64_t within = t / k.extent[1], of_x = index[0] * x.step[0] + t % k.extent[1] * x.step[1];
      for (std::size_t a = axes; a-- > 2; within /= k.extent[a])
        of_x += (index[a] * c.stride[a - 2] + within % k.extent[a] * c.dilation[a - 2]) * x.step[a];
      s += read(from, of_x, x.type) * read(kernel, index[1] * terms + t, x.type);
    }
    if (bias) s += read(row, index[1] * bias->step[1], x.type);
    if (mode == CUDNN_ACTIVATION_RELU && s < 0) s = 0;
    write(to, at, y.type, s);
  }
  made.push_back({bias != nullptr, mode == CUDNN_ACTIVATION_RELU, x.extent, k.extent, c.stride, c.dilation, c.math});
  return CUDNN_STATUS_SUCCESS;
}
template <class H, class S> cudnnStatus_t make(H* to) { return *to = new S, CUDNN_STATUS_SUCCESS; }
template <class H> cudnnStatus_t destroy(H h) { return delete h, CUDNN_STATUS_SUCCESS; }
std::vector<int> list(const int* from, int n) { return {from, from + n}; }

}  // namespace

namespace fake {
std::vector<convolution> convolutions() { return std::exchange(made, {}); }
int convolution_searches() { return std::exchange(searched, 0); }
void refuse_convolutions(bool all) { refuses = all; }
void refuse_bias(bool all) { refuses_bias = all; }
void fail_next_search(cudnnStatus_t s) { next_search = s; }
void fail_next_convolution(cudnnStatus_t s) { next_run = s; }
}  // namespace fake

extern "C" {

const char* cudnnGetErrorString(cudnnStatus_t) { return "CUDNN_STATUS_FAKE"; }
cudnnStatus_t cudnnCreate(cudnnHandle_t* h) { return make<cudnnHandle_t, cudnnContext>(h); }
cudnnStatus_t cudnnDestroy(cudnnHandle_t h) { return destroy(h); }
cudnnStatus_t cudnnSetStream(cudnnHandle_t h, cudaStream_t s) { return h->stream = s, CUDNN_STATUS_SUCCESS; }
cudnnStatus_t cudnnCreateTensorDescriptor(cudnnTensorDescriptor_t* d) { return make<cudnnTensorDescriptor_t, cudnnTensorStruct>(d); }
cudnnStatus_t cudnnDestroyTensorDescriptor(cudnnTensorDescriptor_t d) { return destroy(d); }
cudnnStatus_t cudnnSetTensorNdDescriptor(cudnnTensorDescriptor_t d, cudnnDataType_t type, int n, const int extent[], const int step[]) {
  return *d = {type, list(extent, n), list(step, n)}, CUDNN_STATUS_SUCCESS;
}
cudnnStatus_t cudnnCreateFilterDescriptor(cudnnFilterDescriptor_t* d) { return make<cudnnFilterDescriptor_t, cudnnFilterStruct>(d); }
cudnnStatus_t cudnnDestroyFilterDescriptor(cudnnFilterDescriptor_t d) { return destroy(d); }
cudnnStatus_t cudnnSetFilterNdDescriptor(cudnnFilterDescriptor_t d, cudnnDataType_t type, cudnnTensorFormat_t format, int n,
                                         const int extent[]) {
  if (format != CUDNN_TENSOR_NHWC) return CUDNN_STATUS_NOT_SUPPORTED;
  return *d = {type, list(extent, n)}, CUDNN_STATUS_SUCCESS;
}
cudnnStatus_t cudnnCreateConvolutionDescriptor(cudnnConvolutionDescriptor_t* d) {
  return make<cudnnConvolutionDescriptor_t, cudnnConvolutionStruct>(d);
}
cudnnStatus_t cudnnDestroyConvolutionDescriptor(cudnnConvolutionDescriptor_t d) { return destroy(d); }
cudnnStatus_t cudnnSetConvolutionNdDescriptor(cudnnConvolutionDescriptor_t d, int n, const int pad[], const int stride[],
                                              const int dilation[], cudnnConvolutionMode_t mode, cudnnDataType_t compute) {
  if (mode != CUDNN_CROSS_CORRELATION || list(pad, n) != std::vector<int>(static_cast<std::size_t>(n), 0)) return CUDNN_STATUS_BAD_PARAM;
  return *d = {list(stride, n), list(dilation, n), compute}, CUDNN_STATUS_SUCCESS;
}
cudnnStatus_t cudnnSetConvolutionMathType(cudnnConvolutionDescriptor_t d, cudnnMathType_t m) { return d->math = m, CUDNN_STATUS_SUCCESS; }
cudnnStatus_t cudnnCreateActivationDescriptor(cudnnActivationDescriptor_t* d) {
  return make<cudnnActivationDescriptor_t, cudnnActivationStruct>(d);
}
cudnnStatus_t cudnnDestroyActivationDescriptor(cudnnActivationDescriptor_t d) { return destroy(d); }
cudnnStatus_t cudnnSetActivationDescriptor(cudnnActivationDescriptor_t d, cudnnActivationMode_t mode, cudnnNanPropagation_t nan, double) {
  return d->mode = mode, nan == CUDNN_PROPAGATE_NAN ? CUDNN_STATUS_SUCCESS : CUDNN_STATUS_BAD_PARAM;
}
// First those that must not be taken: sums of other products, too much memory, TF32.
cudnnStatus_t cudnnGetConvolutionForwardAlgorithm_v7(cudnnHandle_t, const cudnnTensorDescriptor_t x, const cudnnFilterDescriptor_t k,
                                                     const cudnnConvolutionDescriptor_t c, const cudnnTensorDescriptor_t y, int wanted,
                                                     int* count, cudnnConvolutionFwdAlgoPerf_t* found) {
  *count = 0, ++searched;
  if (next_search) return std::exchange(next_search, CUDNN_STATUS_SUCCESS);
  if (refuses) return CUDNN_STATUS_NOT_SUPPORTED;
  if (wanted < 6 || !fits(*x, *k, *c, *y)) return CUDNN_STATUS_BAD_PARAM;
  const auto add = [&](cudnnConvolutionFwdAlgo_t algo, cudnnStatus_t status, std::size_t memory, cudnnMathType_t math) {
    found[(*count)++] = {algo, status, 0, memory, CUDNN_DETERMINISTIC, math, {}};
  };
  add(CUDNN_CONVOLUTION_FWD_ALGO_WINOGRAD, CUDNN_STATUS_SUCCESS, scratch_bytes, c->math);
  add(CUDNN_CONVOLUTION_FWD_ALGO_GEMM, CUDNN_STATUS_SUCCESS, std::size_t{1} << 40, c->math);
  if (x->type == CUDNN_DATA_FLOAT) add(CUDNN_CONVOLUTION_FWD_ALGO_IMPLICIT_PRECOMP_GEMM, CUDNN_STATUS_SUCCESS, 0, CUDNN_TENSOR_OP_MATH);
  add(CUDNN_CONVOLUTION_FWD_ALGO_DIRECT, CUDNN_STATUS_NOT_SUPPORTED, 0, c->math);
  add(CUDNN_CONVOLUTION_FWD_ALGO_IMPLICIT_GEMM, CUDNN_STATUS_SUCCESS, scratch_bytes, c->math);
  add(CUDNN_CONVOLUTION_FWD_ALGO_IMPLICIT_PRECOMP_GEMM, CUDNN_STATUS_SUCCESS, scratch_bytes, c->math);
  return CUDNN_STATUS_SUCCESS;
}
cudnnStatus_t cudnnConvolutionForward(cudnnHandle_t, const void* alpha, const cudnnTensorDescriptor_t x, const void* from,
                                      const cudnnFilterDescriptor_t k, const void* kernel, const cudnnConvolutionDescriptor_t c,
                                      cudnnConvolutionFwdAlgo_t algorithm, void* scratch, std::size_t bytes, const void* beta,
                                      const cudnnTensorDescriptor_t y, void* to) {
  return convolve(alpha, *x, from, *k, kernel, *c, algorithm, scratch, bytes, beta, *y, to, nullptr, nullptr, CUDNN_ACTIVATION_IDENTITY);
}
cudnnStatus_t cudnnConvolutionBiasActivationForward(cudnnHandle_t, const void* alpha, const cudnnTensorDescriptor_t x, const void* from,
                                                    const cudnnFilterDescriptor_t k, const void* kernel,
                                                    const cudnnConvolutionDescriptor_t c, cudnnConvolutionFwdAlgo_t algorithm,
                                                    void* scratch, std::size_t bytes, const void* beta, const cudnnTensorDescriptor_t z,
                                                    const void* added, const cudnnTensorDescriptor_t bias, const void* row,
                                                    const cudnnActivationDescriptor_t activation, const cudnnTensorDescriptor_t y,
                                                    void* to) {
  if (z != y || added != to) return CUDNN_STATUS_BAD_PARAM;
  return convolve(alpha, *x, from, *k, kernel, *c, algorithm, scratch, bytes, beta, *y, to, bias, row, activation->mode);
}

}  // extern "C"
