// SPDX-License-Identifier: Apache-2.0
// The map kernel: one thread an element, in a stride of the grid. The body is that of the CPU, on the backend of one lane.
#pragma once

#include <cuda_runtime_api.h>

#include <sinter/simd/rows.hpp>
#include <sinter/simd/scalar.hpp>

namespace sinter {
inline namespace SINTER_ISA {
namespace cuda_kernels {

/// Runs the steps of a map group on every element. Template arguments are numbers and functors at namespace scope only: nvcc writes
/// the spelling of anything else into a file of its own, where closures have no name.
template <std::uint64_t A, std::uint64_t B, int Accesses, int Stores, int Guards, int Outer, class... Externals>
__global__ void __launch_bounds__(256) map(const fuse::arguments<Accesses, Stores, Guards, Outer> a, extent_t rows) {
  using evaluator = simd::evaluator<fuse::key<A, B, Externals...>, backend::scalar, 1>;
  constexpr int outer = Outer;
  const extent_t all = rows * a.inner, stride = static_cast<extent_t>(gridDim.x) * blockDim.x;
  for (extent_t i = static_cast<extent_t>(blockIdx.x) * blockDim.x + threadIdx.x; i < all; i += stride) {
    extent_t index[outer + 1] = {};
    extent_t r = i / a.inner;
    if constexpr (outer > 0)
      for (int d = outer - 1; d >= 0; --d) index[d] = r % a.outer[d], r /= a.outer[d];
    typename evaluator::where p;
    typename evaluator::env e;
    evaluator::go_to(p, a, index);
    p.j = i % a.inner, p.count = 1;
    evaluator::template row_steps<0, true>(e, p, a);
    evaluator::template element_steps<0, true>(e, p, a);
    evaluator::template element_stores<0, true, false>(e, p, a);
    if (p.j == 0) evaluator::template row_stores<true>(e, p, a);
  }
}

template <std::uint64_t A, std::uint64_t B, class... Externals, int Accesses, int Stores, int Guards, int Outer>
void launch_map(fuse::key<A, B, Externals...>, const fuse::arguments<Accesses, Stores, Guards, Outer>& a, extent_t rows,
                cudaStream_t stream) {
  const extent_t blocks = (rows * a.inner + 255) / 256;
  if (blocks > 0)
    map<A, B, Accesses, Stores, Guards, Outer, Externals...>
        <<<static_cast<unsigned>(blocks < 65536 ? blocks : 65536), 256, 0, stream>>>(a, rows);
}

}  // namespace cuda_kernels
}  // namespace SINTER_ISA
}  // namespace sinter
