// SPDX-License-Identifier: Apache-2.0
// shfl.sync: a value of another lane of the warp, of any size, four bytes at a time. All 32 lanes take part.
#pragma once

#include <sinter/core/config.hpp>

namespace sinter {
inline namespace SINTER_ISA {
namespace cuda_kernels::arch {

#if defined(__CUDACC__)
struct shfl_sync_down {
  static __device__ __forceinline__ unsigned word(unsigned x, int by) {
    return __shfl_down_sync(0xffffffffu, x, static_cast<unsigned>(by));
  }
};
struct shfl_sync_idx {
  static __device__ __forceinline__ unsigned word(unsigned x, int lane) { return __shfl_sync(0xffffffffu, x, lane); }
};
template <class Instruction, class T> __device__ __forceinline__ T shuffle_words(const T& x, int n) {
  constexpr int words = (static_cast<int>(sizeof(T)) + 3) / 4;
  unsigned word[words] = {};
  __builtin_memcpy(word, &x, sizeof(T));
#pragma unroll
  for (int k = 0; k < words; ++k) word[k] = Instruction::word(word[k], n);
  T y;
  __builtin_memcpy(&y, word, sizeof(T));
  return y;
}
/// That of the lane `by` further; the last lanes keep their own.
template <class T> __device__ __forceinline__ T shuffle_down(const T& x, int by) { return shuffle_words<shfl_sync_down>(x, by); }
/// That of one lane, for all.
template <class T> __device__ __forceinline__ T shuffle(const T& x, int lane) { return shuffle_words<shfl_sync_idx>(x, lane); }
#endif

}  // namespace cuda_kernels::arch
}  // namespace SINTER_ISA
}  // namespace sinter
