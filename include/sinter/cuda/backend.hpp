// SPDX-License-Identifier: Apache-2.0
// The backend of one GPU thread: the arithmetic of the scalar one; whole packets are loaded and stored by one access of up to 16 bytes at
// an address aligned to it. Also compiled for the host, where the same bodies are replayed.
#pragma once

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
};

}  // namespace simd
}  // namespace SINTER_ISA
}  // namespace sinter
