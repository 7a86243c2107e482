// SPDX-License-Identifier: Apache-2.0
// The sorts that backend::cub (sinter/cub.hpp) calls: CUB's radix sort, which is part of the CUDA toolkit. For one .cu file of a program,
// which has nothing else, as CUB is slow to compile:
//
//   #include <sinter/cub_implementation.hpp>
//
// With CMake, sinter_use_cuda_libraries(program cub) adds such a file.
#pragma once

#include <cstddef>
#include <cstdint>

#include <cub/device/device_radix_sort.cuh>

namespace sinter::device::cub_implementation {

template <class Key> cudaError_t sort_pairs(void* scratch, std::size_t& scratch_bytes, const void* keys, void* sorted_keys,
                                            const std::int32_t* places, std::int32_t* sorted_places, int n, cudaStream_t stream) {
  return cub::DeviceRadixSort::SortPairs(scratch, scratch_bytes, static_cast<const Key*>(keys), static_cast<Key*>(sorted_keys), places,
                                         sorted_places, n, 0, 8 * static_cast<int>(sizeof(Key)), stream);
}

// Declared in sinter/cuda/radix.hpp, which this file does not need.
cudaError_t radix_sort(int key_bytes, void* scratch, std::size_t& scratch_bytes, const void* keys, void* sorted_keys,
                       const std::int32_t* places, std::int32_t* sorted_places, int n, cudaStream_t stream) {
  const auto with = [&](auto sort) { return sort(scratch, scratch_bytes, keys, sorted_keys, places, sorted_places, n, stream); };
  switch (key_bytes) {
    case 1: return with(sort_pairs<std::uint8_t>);
    case 2: return with(sort_pairs<std::uint16_t>);
    case 4: return with(sort_pairs<std::uint32_t>);
    case 8: return with(sort_pairs<std::uint64_t>);
    default: return cudaErrorInvalidValue;
  }
}

}  // namespace sinter::device::cub_implementation
