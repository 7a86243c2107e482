// SPDX-License-Identifier: Apache-2.0
// Blocks that wait for nobody, but know which of them is the last: fence.acq_rel.gpu and atom.add. On the host blocks run one after
// another.
#pragma once

#include <sinter/core/config.hpp>

namespace sinter {
inline namespace SINTER_ISA {
namespace cuda_kernels::arch {

/// What this thread wrote to memory before is seen by other blocks before what it does next.
SINTER_INLINE void publish() {
#if defined(__CUDA_ARCH__)
  __threadfence();
#endif
}
/// What other blocks published before they arrived is seen by what this thread reads next.
SINTER_INLINE void acquire() { publish(); }
SINTER_INLINE void synchronize_warp() {
#if defined(__CUDA_ARCH__)
  __syncwarp();
#endif
}
/// Counts one more arrival; how many there were before.
SINTER_INLINE int arrive(int* count) {
#if defined(__CUDA_ARCH__)
  return atomicAdd(count, 1);
#else
  return (*count)++;
#endif
}

}  // namespace cuda_kernels::arch
}  // namespace SINTER_ISA
}  // namespace sinter
