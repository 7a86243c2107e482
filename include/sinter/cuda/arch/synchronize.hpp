// SPDX-License-Identifier: Apache-2.0
// bar.sync: the threads of a block wait for each other, and see what the others wrote to shared memory.
#pragma once

#include <sinter/core/config.hpp>

namespace sinter {
inline namespace SINTER_ISA {
namespace cuda_kernels::arch {

#if defined(__CUDACC__)
__device__ __forceinline__ void synchronize_block() { __syncthreads(); }
#endif

}  // namespace cuda_kernels::arch
}  // namespace SINTER_ISA
}  // namespace sinter
