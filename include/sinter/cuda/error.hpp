// SPDX-License-Identifier: Apache-2.0
// Errors of the CUDA runtime as exceptions. Nothing of the fast path is here but one comparison.
#pragma once

#include <cuda_runtime_api.h>

#include <sinter/core/check.hpp>

namespace sinter::device {

namespace detail {
inline const char* advice(cudaError_t e) {
  switch (e) {
    case cudaErrorMemoryAllocation: return "free tensors that are no longer needed, or work on smaller batches";
    case cudaErrorNoDevice: return "no NVIDIA GPU is visible; look at nvidia-smi and CUDA_VISIBLE_DEVICES";
    case cudaErrorInsufficientDriver:
      return "there is no NVIDIA driver, or it is older than the CUDA runtime; update it, or build with an older toolkit";
    case cudaErrorNoKernelImageForDevice:
    case cudaErrorUnsupportedPtxVersion:
    case cudaErrorInvalidDeviceFunction: return "compile for this GPU: nvcc -arch=native";
    case cudaErrorIllegalAddress:
    case cudaErrorMisalignedAddress:
    case cudaErrorLaunchFailure:
      return "a kernel, perhaps one launched earlier, left its memory; run under compute-sanitizer, and start the process again";
    case cudaErrorInvalidConfiguration:
    case cudaErrorLaunchOutOfResources: return "the kernel asks for more threads, registers or shared memory than this GPU has";
    case cudaErrorStreamCaptureUnsupported:
    case cudaErrorStreamCaptureInvalidated:
    case cudaErrorStreamCaptureImplicit:
    case cudaErrorStreamCaptureUnjoined:
    case cudaErrorStreamCaptureIsolation:
    case cudaErrorStreamCaptureUnmatched:
    case cudaErrorStreamCaptureMerge:
    case cudaErrorStreamCaptureWrongThread:
      return "between begin and end of a capture only launch on the captured stream; make tensors and wait before or after";
    case cudaErrorNotSupported: return "this GPU or its driver lacks what the call needs";
    default: return "the CUDA runtime's documentation describes this error";
  }
}
inline namespace SINTER_ISA {
[[noreturn]] SINTER_NOINLINE inline void throw_error(cudaError_t e, const char* call, const char* kernel) {
  (void)cudaGetLastError();  // or a later call reports it once more
  std::string text = std::string("sinter::device: ") + call + " failed: " + cudaGetErrorName(e) + ": " + cudaGetErrorString(e);
  if (kernel) text = text + "; in kernel " + kernel;
  throw device_error(text + "; " + advice(e));
}
}  // namespace SINTER_ISA

// For destructors: what fails there is forgotten, or a later question would find it. Errors of kernels remain.
inline void ignore(cudaError_t e) noexcept {
  if (e != cudaSuccess) (void)cudaGetLastError();
}
}  // namespace detail

/// Throws device_error unless e is cudaSuccess. The text names the call, the error, the kernel where one is given, and what to do.
/// What a kernel does wrong is reported by a later call, which waits; errors that end the CUDA context are reported by all calls after it.
/// Cost: one comparison.
inline void check(cudaError_t e, const char* call, const char* kernel = nullptr) {
  if (e != cudaSuccess) detail::throw_error(e, call, kernel);
}

}  // namespace sinter::device
