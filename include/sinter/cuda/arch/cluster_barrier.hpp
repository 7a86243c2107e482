// SPDX-License-Identifier: Apache-2.0
// barrier.cluster: the blocks of a cluster wait for each other, and see what the others wrote to their shared memory. sm_90 and later.
#pragma once

#include <sinter/core/config.hpp>

namespace sinter {
inline namespace SINTER_ISA {
namespace cuda_kernels::arch {

#if defined(__CUDACC__)
struct barrier_cluster {
  static __device__ __forceinline__ void arrive() { asm volatile("barrier.cluster.arrive.release.aligned;" ::: "memory"); }
  static __device__ __forceinline__ void arrive_relaxed() { asm volatile("barrier.cluster.arrive.relaxed.aligned;" ::: "memory"); }
  static __device__ __forceinline__ void wait() { asm volatile("barrier.cluster.wait.acquire.aligned;" ::: "memory"); }
};
/// Says that this block runs; `wait_for_cluster` waits until all do, before which nobody may write to their memory.
__device__ __forceinline__ void join_cluster() { barrier_cluster::arrive_relaxed(); }
__device__ __forceinline__ void wait_for_cluster() { barrier_cluster::wait(); }
__device__ __forceinline__ void synchronize_cluster() {
  barrier_cluster::arrive();
  barrier_cluster::wait();
}
#endif

}  // namespace cuda_kernels::arch
}  // namespace SINTER_ISA
}  // namespace sinter
