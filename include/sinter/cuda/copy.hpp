// SPDX-License-Identifier: Apache-2.0
// An array in row-major order, copied to where its elements have gaps between them: results that their kernels could not write there.
#pragma once

#include <sinter/cuda/block.hpp>

namespace sinter {
inline namespace SINTER_ISA {
namespace cuda_kernels {

template <int Bytes, int Rank> struct spread_arguments {
  const char* from;
  char* to;
  extent_t count, extent[Rank + 1];
  std::ptrdiff_t stride[Rank + 1];
};

template <int Bytes, int Rank> struct spread_program {
  using args = spread_arguments<Bytes, Rank>;
  static constexpr const char* name = "copy of a result";
  static constexpr int threads = 256, across = warp_threads, phases = 1;
  struct thread {};
  struct shared {};
  template <int> using reductions = int_list<>;
  template <int> static constexpr bool shares = false;
  struct alignas(Bytes < 8 ? Bytes : 8) element {
    char bytes[Bytes];
  };

  SINTER_HOST_DEVICE static constexpr extent_t blocks(const args& a) { return (a.count + threads - 1) / threads; }
  template <int> SINTER_INLINE static void phase(const args& a, extent_t block, int t, thread&, shared&) {
    const extent_t k = block * threads + t;
    if (k >= a.count) return;
    std::ptrdiff_t at = 0;
    extent_t r = k;
    for (int d = Rank - 1; d >= 0; --d) at += r % a.extent[d] * a.stride[d], r /= a.extent[d];
    reinterpret_cast<element*>(a.to)[at] = reinterpret_cast<const element*>(a.from)[k];
  }
};

}  // namespace cuda_kernels
}  // namespace SINTER_ISA
}  // namespace sinter
