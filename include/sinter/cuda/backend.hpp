// SPDX-License-Identifier: Apache-2.0
// The backend of one GPU thread: the arithmetic of the scalar one; whole packets are loaded and stored by one access of up to 16 bytes at
// an address aligned to it; halves are converted by instructions. Also compiled for the host, where the same bodies are replayed.
#pragma once

#include <sinter/cuda/arch/convert.hpp>
#include <sinter/simd/scalar.hpp>

namespace sinter {
namespace backend {
/// One thread of a GPU. Not for calls: those with device tensors use it by themselves.
struct cuda {};
}  // namespace backend

inline namespace SINTER_ISA {
namespace simd {

template <> struct instructions<backend::cuda> : instructions<backend::scalar> {
  template <class S, int N> struct alignas(N * sizeof(S) < 16 ? N * sizeof(S) : 16) [[gnu::may_alias]] chunk { S lane[N]; };

  static constexpr bool has_brain = true;
  SINTER_INLINE static float round_to_half(float x) { return cuda_kernels::arch::from_half(cuda_kernels::arch::to_half(x)); }
  SINTER_INLINE static float round_to_brain(float x) { return cuda_kernels::arch::round_to_brain(x); }
  template <int N> SINTER_INLINE static float load_half(const std::uint16_t* p) { return cuda_kernels::arch::from_half(*p); }
  template <int N> SINTER_INLINE static void store_half(std::uint16_t* p, float x) { *p = cuda_kernels::arch::to_half(x); }
  template <int N> SINTER_INLINE static void store_brain(std::uint16_t* p, float x) { *p = cuda_kernels::arch::to_brain(x); }
};

}  // namespace simd
}  // namespace SINTER_ISA
}  // namespace sinter
