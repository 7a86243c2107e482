// SPDX-License-Identifier: Apache-2.0
// Convolutions by cuDNN: one in its terms, the algorithm that it chooses, remembered, and the call. Knows nothing of plans. Needs
// cudnn.h; programs link cudnn.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <vector>

#include <cudnn.h>

#include <sinter/cuda/product.hpp>
#include <sinter/cuda/stream.hpp>
#include <sinter/fuse/windows.hpp>

namespace sinter::device {

/// Throws device_error unless s is CUDNN_STATUS_SUCCESS. The text names the call and the status.
inline void check(cudnnStatus_t s, const char* call) {
  if (s != CUDNN_STATUS_SUCCESS)
    throw device_error(std::string("sinter::device: ") + call + " failed: " + cudnnGetErrorString(s) +
                       "; the documentation of cuDNN describes this status, and CUDNN_LOGLEVEL_DBG=2 prints its reasons");
}

namespace detail {

template <dtype D> inline constexpr int dnn_type = -1;  // none
template <> inline constexpr int dnn_type<dtype::f16> = CUDNN_DATA_HALF;
template <> inline constexpr int dnn_type<dtype::bf16> = CUDNN_DATA_BFLOAT16;
template <> inline constexpr int dnn_type<dtype::f32> = CUDNN_DATA_FLOAT;
template <> inline constexpr int dnn_type<dtype::f64> = CUDNN_DATA_DOUBLE;

enum class dnn_after { nothing, bias, bias_relu };

// All that an algorithm is chosen by: y = x convolved with a kernel, of axes [batch, features, spatial...]. One spatial axis is two, of
// which the first has one element.
struct dnn_convolution {
  int axes = 4, x[5] = {}, x_step[5] = {}, kernel[5] = {}, y[5] = {}, y_step[5] = {};
  int none[3] = {}, stride[3] = {1, 1, 1}, dilation[3] = {1, 1, 1};  // none: of padding
  int type = 0, device = 0;
  dnn_after after = dnn_after::nothing;
  bool operator==(const dnn_convolution&) const = default;
};

template <class H, cudnnStatus_t (*Create)(H*), cudnnStatus_t (*Destroy)(H)> class dnn_owner {
 public:
  explicit dnn_owner(const char* call) { check(Create(&h_), call); }
  dnn_owner(const dnn_owner&) = delete;
  ~dnn_owner() { (void)Destroy(h_); }
  operator H() const { return h_; }

 private:
  H h_ = nullptr;
};
using dnn_handle = dnn_owner<cudnnHandle_t, cudnnCreate, cudnnDestroy>;
using dnn_tensor = dnn_owner<cudnnTensorDescriptor_t, cudnnCreateTensorDescriptor, cudnnDestroyTensorDescriptor>;
using dnn_filter = dnn_owner<cudnnFilterDescriptor_t, cudnnCreateFilterDescriptor, cudnnDestroyFilterDescriptor>;
using dnn_window = dnn_owner<cudnnConvolutionDescriptor_t, cudnnCreateConvolutionDescriptor, cudnnDestroyConvolutionDescriptor>;
using dnn_activation = dnn_owner<cudnnActivationDescriptor_t, cudnnCreateActivationDescriptor, cudnnDestroyActivationDescriptor>;

// This thread's handle of the library on a device, which is the current one.
inline cudnnHandle_t dnn_handle_of(int device) {
  static thread_local std::vector<std::pair<int, std::unique_ptr<dnn_handle>>> all;
  for (const auto& e : all)
    if (e.first == device) return *e.second;
  all.emplace_back(device, std::make_unique<dnn_handle>("cudnnCreate"));
  return *all.back().second;
}

// Bytes of scratch memory that an algorithm may take.
inline constexpr std::size_t dnn_bytes = std::size_t{32} << 20;

// Whether the library says that it does not do this. A parameter that it calls bad is one that it does not take: all come from a plan.
inline bool refuses(cudnnStatus_t s) {
  const int category = static_cast<int>(s) / 1000;
  return category == 2 || category == 3;
}

// A convolution with its algorithm, which is chosen once: the first by the library's own order that sums products, as a dot does (not
// Winograd's, no Fourier transforms), needs no more scratch memory than there is, and of f32 multiplies f32 (no TF32).
class dnn_call {
 public:
  explicit dnn_call(const dnn_convolution& c) : what(c), handle_(dnn_handle_of(c.device)) {
    const auto type = static_cast<cudnnDataType_t>(c.type);
    const bool wide = type == CUDNN_DATA_DOUBLE, narrow = type == CUDNN_DATA_HALF || type == CUDNN_DATA_BFLOAT16;
    int bias[5] = {1, c.y[1], 1, 1, 1}, bias_step[5] = {c.y[1], 1, 1, 1, 1};
    const cudnnStatus_t described[] = {
        cudnnSetTensorNdDescriptor(x_, type, c.axes, c.x, c.x_step), cudnnSetTensorNdDescriptor(y_, type, c.axes, c.y, c.y_step),
        cudnnSetTensorNdDescriptor(bias_, type, c.axes, bias, bias_step),
        cudnnSetFilterNdDescriptor(kernel_, type, CUDNN_TENSOR_NHWC, c.axes, c.kernel),
        cudnnSetConvolutionNdDescriptor(window_, c.axes - 2, c.none, c.stride, c.dilation, CUDNN_CROSS_CORRELATION,
                                        wide ? CUDNN_DATA_DOUBLE : CUDNN_DATA_FLOAT)};
    for (const cudnnStatus_t s : described) {
      if (refuses(s)) return;
      check(s, "cudnnSet...Descriptor");
    }
    const cudnnMathType_t wanted = narrow ? CUDNN_TENSOR_OP_MATH : wide ? CUDNN_DEFAULT_MATH : CUDNN_FMA_MATH;
    check(cudnnSetConvolutionMathType(window_, wanted), "cudnnSetConvolutionMathType");
    check(cudnnSetActivationDescriptor(activation_, c.after == dnn_after::bias_relu ? CUDNN_ACTIVATION_RELU : CUDNN_ACTIVATION_IDENTITY,
                                       CUDNN_PROPAGATE_NAN, 0),
          "cudnnSetActivationDescriptor");

    cudnnConvolutionFwdAlgoPerf_t found[CUDNN_CONVOLUTION_FWD_ALGO_COUNT] = {};
    int count = 0;
    const cudnnStatus_t s =
        cudnnGetConvolutionForwardAlgorithm_v7(handle_, x_, kernel_, window_, y_, CUDNN_CONVOLUTION_FWD_ALGO_COUNT, &count, found);
    if (refuses(s)) return;
    check(s, "cudnnGetConvolutionForwardAlgorithm_v7");
    for (int i = 0; i < count && !works_; ++i) {
      const auto& f = found[i];
      const bool sums = f.algo <= CUDNN_CONVOLUTION_FWD_ALGO_DIRECT, exact = narrow || wide || f.mathType == CUDNN_FMA_MATH;
      // The library adds a bias without relu in one algorithm alone.
      const bool fuses = c.after != dnn_after::bias || f.algo == CUDNN_CONVOLUTION_FWD_ALGO_IMPLICIT_PRECOMP_GEMM;
      if (f.status != CUDNN_STATUS_SUCCESS || f.memory > dnn_bytes || !sums || !exact || !fuses) continue;
      check(cudnnSetConvolutionMathType(window_, f.mathType), "cudnnSetConvolutionMathType");
      algorithm_ = f.algo, bytes_ = f.memory, works_ = true;
    }
  }

  bool works() const { return works_; }
  // False, and nothing is done, where the library refuses after all.
  bool run(const void* x, const void* kernel, void* y, const void* bias, void* scratch) {
    const float one = 1, none = 0;
    const double wide_one = 1, wide_none = 0;
    const bool wide = what.type == CUDNN_DATA_DOUBLE;
    const void* const alpha = wide ? static_cast<const void*>(&wide_one) : &one;
    const void* const beta = wide ? static_cast<const void*>(&wide_none) : &none;
    check(cudnnSetStream(handle_, current_stream().handle()), "cudnnSetStream");
    const bool plain = what.after == dnn_after::nothing;
    const cudnnStatus_t s =
        plain ? cudnnConvolutionForward(handle_, alpha, x_, x, kernel_, kernel, window_, algorithm_, scratch, bytes_, beta, y_, y)
              : cudnnConvolutionBiasActivationForward(handle_, alpha, x_, x, kernel_, kernel, window_, algorithm_, scratch, bytes_, beta,
                                                      y_, y, bias_, bias, activation_, y_, y);
    if (refuses(s)) return works_ = false;
    check(s, plain ? "cudnnConvolutionForward" : "cudnnConvolutionBiasActivationForward");
    return true;
  }

  const dnn_convolution what;

 private:
  cudnnHandle_t handle_;
  dnn_tensor x_{"cudnnCreateTensorDescriptor"}, y_{"cudnnCreateTensorDescriptor"}, bias_{"cudnnCreateTensorDescriptor"};
  dnn_filter kernel_{"cudnnCreateFilterDescriptor"};
  dnn_window window_{"cudnnCreateConvolutionDescriptor"};
  dnn_activation activation_{"cudnnCreateActivationDescriptor"};
  cudnnConvolutionFwdAlgo_t algorithm_ = CUDNN_CONVOLUTION_FWD_ALGO_IMPLICIT_GEMM;
  std::size_t bytes_ = 0;
  bool works_ = false;
};

// The call of a convolution, of this thread's; null where cuDNN has no algorithm for it.
inline dnn_call* dnn_call_for(const dnn_convolution& c) {
  static thread_local std::vector<std::unique_ptr<dnn_call>> all;
  auto at = std::find_if(all.begin(), all.end(), [&](const auto& e) { return e->what == c; });
  if (at == all.end()) {
    if (all.size() == 256) all.clear();  // extents that change with every call
    at = all.insert(all.end(), std::make_unique<dnn_call>(c));
  }
  return (*at)->works() ? at->get() : nullptr;
}

// Windows in the library's terms: y [positions, outputs], whose rows lie y_row elements apart. False where a number is too large for it.
inline bool describe(dnn_convolution& c, const fuse::windows& w, extent_t batch, extent_t outputs, std::ptrdiff_t y_row) {
  const int more = w.spatial < 2;  // axes of one element
  bool fits = true;
  const auto number = [&](extent_t v) { return fits = fits && v >= 0 && v <= 0x7fffffff, static_cast<int>(v); };
  c.axes = 2 + more + w.spatial;
  c.x[1] = c.kernel[1] = number(w.features), c.y[1] = c.kernel[0] = number(outputs), c.x[0] = c.y[0] = number(batch);
  c.x_step[1] = c.y_step[1] = 1;
  extent_t x_step = w.features, y_step = y_row;
  for (int a = c.axes - 1; a > 1; --a) {
    const int i = a - 2 - more;
    const bool is_axis = i >= 0;
    c.x[a] = number(is_axis ? w.input[i] : 1), c.y[a] = number(is_axis ? w.output[i] : 1), c.kernel[a] = number(is_axis ? w.window[i] : 1);
    if (is_axis) c.stride[a - 2] = number(w.stride[i]), c.dilation[a - 2] = number(w.dilation[i]);
    c.x_step[a] = number(x_step), c.y_step[a] = number(y_step);
    x_step *= c.x[a], y_step *= c.y[a];
  }
  c.x_step[0] = number(x_step), c.y_step[0] = number(y_step);
  number(x_step * batch), number(y_step * batch);  // the library counts elements in 32 bits
  return fits;
}

/// y = windows of x times a kernel by cuDNN, on the current stream; then a row of numbers `bias` is added, or more, as `after` says.
/// filter(): the kernel [outputs, window..., features], in row-major order, asked for once it is needed. scratch: dnn_bytes, aligned to
/// 256. False, and nothing is done, where cuDNN has no algorithm for it, or an address is no multiple of 16.
template <dtype D, int B, class Filter> bool dnn_convolve(const fuse::windows& w, const cuda_kernels::product_operand<B>& x,
                                                          const cuda_kernels::product_operand<B>& y, extent_t m, extent_t n,
                                                          dnn_after after, const void* bias, Filter filter, void* scratch) {
  if (m == 0 || n == 0) return true;
  extent_t positions = 1;
  for (int i = 0; i < w.spatial; ++i) positions *= w.output[i];
  dnn_convolution c;
  c.type = dnn_type<D>, c.after = after, c.device = current_device();
  if (y.column != 1 || !describe(c, w, m / positions, n, y.row)) return false;
  const auto is_aligned = [](const void* p) { return reinterpret_cast<std::uintptr_t>(p) % 16 == 0; };
  if (!is_aligned(x.base) || !is_aligned(y.base) || !is_aligned(bias)) return false;
  dnn_call* const call = dnn_call_for(c);
  if (!call) return false;
  const void* const kernel = filter();
  return is_aligned(kernel) && call->run(x.base, kernel, const_cast<char*>(y.base), bias, scratch);
}

}  // namespace detail
}  // namespace sinter::device
