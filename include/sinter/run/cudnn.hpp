// SPDX-License-Identifier: Apache-2.0
// Functions whose convolutions run in cuDNN and whose products in cuBLASLt: the place of such plans.
#pragma once

#include <sinter/cuda/cudnn.hpp>
#include <sinter/run/cublaslt.hpp>

namespace sinter {
namespace backend {
/// Convolutions (`conv`) run in cuDNN, other products in cuBLASLt, as on backend::cublaslt; all else in kernels of sinter.
/// y[n, p, o] = sum over places q of the window and features c: x[n, p stride + q dilation, c] k[q, c, o]; a row b of numbers behind it, or
/// relu of that, is the same call; other maps are a kernel after it.
/// Shapes: 1 to 3 spatial axes, windows of several elements; strides, rhs_dilation; static extents but for the batch; arrays of less than
///         2^31 elements. Not: several groups of features; windows that something else reads, too, as the derivative with respect to the
///         kernel does. These run as on backend::cublaslt.
/// Types:  f16, bf16, f32, f64; f16 and bf16 on tensor cores with sums in f32; f32 stays f32: no TF32, Winograd or Fourier transforms.
/// Error:  as dot, in another order of the sum; with bias and relu it rounds once. Depends on the version of the library. device_error
///         names the call that fails; what the library refuses runs in kernels of sinter, which are slow there.
/// Cost:   no array of windows is written. "NHWC" and "OHWI" are read where they are; a kernel in other order is copied by every call, an
///         operand in other order, or with padding or lhs_dilation, is written once before. 32 MiB of scratch memory.
/// On host tensors it is the default backend.
struct cudnn {};
}  // namespace backend

inline namespace SINTER_ISA {
namespace run {

template <fuse::schedule_value S> struct on_host<options<backend::cudnn, S>> : on_host<options<default_backend, S>> {};
template <> inline constexpr unsigned device_flags<backend::cudnn> = for_device | for_convolutions;

template <class Place> struct cudnn_place : cublaslt_place<Place> {
  static constexpr unsigned plans = device_flags<backend::cudnn>;
  static_assert(device::detail::dnn_bytes <= device::detail::blas_bytes);

  template <dtype D, class Args, class Filter>
  static bool convolution(const fuse::windows& w, const Args& p, int after, const void* row, Filter filter, std::byte* scratch) {
    using device::detail::dnn_after;
    if constexpr (device::detail::dnn_type<D> < 0) return false;
    else {
      if (after == CUBLASLT_EPILOGUE_GELU_BIAS) return false;
      const dnn_after how = after == CUBLASLT_EPILOGUE_BIAS ? dnn_after::bias : after ? dnn_after::bias_relu : dnn_after::nothing;
      return device::detail::dnn_convolve<D>(w, p.a, p.c, p.m, p.n, how, row, filter, cublaslt_place<Place>::aligned(scratch));
    }
  }
};
template <class Place> struct place_for<backend::cudnn, Place> { using type = cudnn_place<Place>; };

}  // namespace run
}  // namespace SINTER_ISA
}  // namespace sinter
