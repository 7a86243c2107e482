// SPDX-License-Identifier: Apache-2.0
// What a radix sort sorts: keys of a row's elements as unsigned numbers of the same order, and their places. The sort is a function of a
// translation unit of its own (sinter/cub_implementation.hpp), which knows the sizes of keys alone.
#pragma once

#include <cstddef>
#include <cstdint>

#include <cuda_runtime_api.h>

#include <sinter/cuda/block.hpp>
#include <sinter/ops/ordered_bits.hpp>

namespace sinter {

// A linker that misses this asks for one .cu file with #include <sinter/cub_implementation.hpp>.
namespace device::cub_implementation {
/// The places of n keys of so many bytes (1, 2, 4, 8), in the order of the keys; stable. Without scratch: how many bytes of that it needs.
cudaError_t radix_sort(int key_bytes, void* scratch, std::size_t& scratch_bytes, const void* keys, void* sorted_keys,
                       const std::int32_t* places, std::int32_t* sorted_places, int n, cudaStream_t stream);
}  // namespace device::cub_implementation

inline namespace SINTER_ISA {
namespace cuda_kernels {

template <int... N> struct keys_arguments {
  const char* x = nullptr;
  char* keys = nullptr;
  std::int32_t* places = nullptr;
  extent_t n = 0;
};

// Keys and places of a row whose elements lie side by side.
template <dtype Type, bool Descending> struct keys_program {
  using args = keys_arguments<>;
  using element = storage_t<Type>;
  static constexpr const char* name = "keys of a sort";
  static constexpr int threads = 256, each = 4, across = warp_threads, phases = 1;
  template <int> using reductions = int_list<>;
  template <int> static constexpr bool shares = false;
  struct thread {};
  struct shared {};

  SINTER_HOST_DEVICE static constexpr extent_t blocks(const args& a) { return (a.n + threads * each - 1) / (threads * each); }
  template <int> SINTER_INLINE static void phase(const args& a, extent_t block, int t, thread&, shared&) {
    SINTER_UNROLL
    for (int e = 0; e < each; ++e) {
      const extent_t i = (block * each + e) * threads + t;
      if (i >= a.n) continue;
      const auto bits = sinter::detail::ordered_bits(reinterpret_cast<const element*>(a.x)[i]);
      using key = std::remove_const_t<decltype(bits)>;
      reinterpret_cast<key*>(a.keys)[i] = static_cast<key>(Descending ? ~bits : bits);
      a.places[i] = static_cast<std::int32_t>(i);
    }
  }
};

}  // namespace cuda_kernels
}  // namespace SINTER_ISA
}  // namespace sinter
