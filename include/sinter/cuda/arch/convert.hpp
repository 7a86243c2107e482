// SPDX-License-Identifier: Apache-2.0
// cvt between f32 and f16 or bf16: rounded to nearest even, subnormal numbers kept, NaN one number. On the host the same in software.
#pragma once

#include <sinter/core/dtype.hpp>

namespace sinter {
inline namespace SINTER_ISA {
namespace cuda_kernels::arch {

#if defined(__CUDA_ARCH__)
struct cvt_f32_f16 {
  static __device__ __forceinline__ float convert(std::uint16_t h) {
    float x;
    asm("cvt.f32.f16 %0, %1;" : "=f"(x) : "h"(h));
    return x;
  }
};
struct cvt_f16_f32 {
  static __device__ __forceinline__ std::uint16_t convert(float x) {
    std::uint16_t h;
    asm("cvt.rn.f16.f32 %0, %1;" : "=h"(h) : "f"(x));
    return h;
  }
};
#endif
#if SINTER_HAS_BRAIN_FLOATS
struct cvt_bf16_f32 {
  static __device__ __forceinline__ std::uint16_t convert(float x) {
    std::uint16_t h;
    asm("cvt.rn.bf16.f32 %0, %1;" : "=h"(h) : "f"(x));
    return h;
  }
};
struct cvt_bf16x2_f32 {
  static __device__ __forceinline__ std::uint32_t convert(float upper, float lower) {
    std::uint32_t h;
    asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(h) : "f"(upper), "f"(lower));
    return h;
  }
};
#endif

SINTER_INLINE float from_half(std::uint16_t h) {
#if defined(__CUDA_ARCH__)
  return cvt_f32_f16::convert(h);
#else
  return sinter::detail::from_half(h);
#endif
}
SINTER_INLINE std::uint16_t to_half(float x) {
#if defined(__CUDA_ARCH__)
  return cvt_f16_f32::convert(x);
#else
  return sinter::detail::to_half(x);
#endif
}
SINTER_INLINE std::uint16_t to_brain(float x) {
#if SINTER_HAS_BRAIN_FLOATS
  return cvt_bf16_f32::convert(x);
#else
  return bfloat16(x).bits;
#endif
}
/// As binary32, whose upper half a bfloat16 is: zero goes below it.
SINTER_INLINE float round_to_brain(float x) {
#if SINTER_HAS_BRAIN_FLOATS
  return __uint_as_float(cvt_bf16x2_f32::convert(x, 0.f));
#else
  return bfloat16(x);
#endif
}

}  // namespace cuda_kernels::arch
}  // namespace SINTER_ISA
}  // namespace sinter
