// SPDX-License-Identifier: Apache-2.0
// mapa and st.shared::cluster: a value of any size into the shared memory of a block of the same cluster. sm_90 and later.
#pragma once

#include <sinter/core/config.hpp>

namespace sinter {
inline namespace SINTER_ISA {
namespace cuda_kernels::arch {

#if defined(__CUDACC__)
struct mapa {
  static __device__ __forceinline__ unsigned address(const void* here, unsigned rank) {
    const auto own = static_cast<unsigned>(__cvta_generic_to_shared(here));
    unsigned there;
    asm("mapa.shared::cluster.u32 %0, %1, %2;" : "=r"(there) : "r"(own), "r"(rank));
    return there;
  }
};
template <int Bytes> struct st_shared_cluster;
template <> struct st_shared_cluster<4> {
  using word = unsigned;
  static __device__ __forceinline__ void store(unsigned to, word x) {
    asm volatile("st.shared::cluster.u32 [%0], %1;" ::"r"(to), "r"(x) : "memory");
  }
};
template <> struct st_shared_cluster<1> {
  using word = unsigned char;
  static __device__ __forceinline__ void store(unsigned to, word x) {
    asm volatile("st.shared::cluster.u8 [%0], %1;" ::"r"(to), "r"(static_cast<unsigned>(x)) : "memory");
  }
};
/// x to where `here` is in the block of that rank.
template <class T> __device__ __forceinline__ void store_to_block(const T* here, unsigned rank, const T& x) {
  constexpr int bytes = sizeof(T) % 4 == 0 && alignof(T) % 4 == 0 ? 4 : 1, words = static_cast<int>(sizeof(T)) / bytes;
  using instruction = st_shared_cluster<bytes>;
  typename instruction::word word[words];
  __builtin_memcpy(word, &x, sizeof(T));
  const unsigned there = mapa::address(here, rank);
#pragma unroll
  for (int k = 0; k < words; ++k) instruction::store(there + static_cast<unsigned>(k * bytes), word[k]);
}
#endif

}  // namespace cuda_kernels::arch
}  // namespace SINTER_ISA
}  // namespace sinter
