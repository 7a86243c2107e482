// SPDX-License-Identifier: Apache-2.0
// The second operand of a product [k, n], of any strides, copied to [n, k] in row-major order: the kernel of a convolution as a library
// takes it. Tiles of 32 by 32 through shared memory, so that it writes neighbours, and reads such where it is row-major.
#pragma once

#include <sinter/cuda/block.hpp>
#include <sinter/ops/ordered_bits.hpp>

namespace sinter {
inline namespace SINTER_ISA {
namespace cuda_kernels {

// Rows are loops, outermost first; steps and column: elements.
template <int Loops> struct filter_arguments {
  const char* from = nullptr;
  char* to = nullptr;
  extent_t k = 0, n = 0, extent[Loops + 1] = {};
  std::ptrdiff_t step[Loops + 1] = {}, column = 0;
};

template <int Bytes, int Loops> struct filter_program {
  using args = filter_arguments<Loops>;
  using element = typename sinter::detail::unsigned_of<Bytes>::type;
  static constexpr const char* name = "copy of the kernel of a convolution";
  static constexpr int tile = 32, threads = 256, across = warp_threads, phases = 2;
  template <int> using reductions = int_list<>;
  template <int P> static constexpr bool shares = P == 0;
  struct thread {};
  struct shared {
    element x[tile][tile + 1];  // a column more, so that columns lie in different banks
  };

  SINTER_HOST_DEVICE static constexpr extent_t tiles(extent_t n) { return (n + tile - 1) / tile; }
  SINTER_HOST_DEVICE static constexpr extent_t blocks(const args& a) { return tiles(a.k) * tiles(a.n); }

  template <int P> SINTER_INLINE static void phase(const args& a, extent_t block, int t, thread&, shared& with) {
    const extent_t across_n = tiles(a.n), k0 = block / across_n * tile, n0 = block % across_n * tile;
    for (int e = t; e < tile * tile; e += threads) {
      const int i = e / tile, j = e % tile;
      if constexpr (P == 0) {
        if (k0 + i < a.k && n0 + j < a.n) with.x[i][j] = reinterpret_cast<const element*>(a.from)[offset(a, k0 + i) + (n0 + j) * a.column];
      } else {
        if (n0 + i < a.n && k0 + j < a.k) reinterpret_cast<element*>(a.to)[(n0 + i) * a.k + k0 + j] = with.x[j][i];
      }
    }
  }

 private:
  SINTER_INLINE static std::ptrdiff_t offset(const args& a, extent_t row) {
    std::ptrdiff_t at = 0;
    for (int d = Loops - 1; d > 0; --d) at += row % a.extent[d] * a.step[d], row /= a.extent[d];
    return at + row * a.step[0];
  }
};

}  // namespace cuda_kernels
}  // namespace SINTER_ISA
}  // namespace sinter
