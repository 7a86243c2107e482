// SPDX-License-Identifier: Apache-2.0
// Functions whose long sorts run in CUB: the place of such plans.
#pragma once

#include <sinter/cuda/error.hpp>
#include <sinter/cuda/radix.hpp>
#include <sinter/cuda/stream.hpp>
#include <sinter/run/libraries.hpp>

namespace sinter {
namespace backend {
/// Sorts (`sort`, `argsort`, `top_k`, StableHLO's by one number of each side) of rows of 2^19 elements and more run in CUB's radix sort, a
/// row after the other; those of shorter rows, and top_k of less than an eighth of a row, in kernels of sinter, as all else does. Types:
/// all. Result: the CPU's, NaN and ties too, as without it. Error:  device_error names the call that fails. A program without
/// sinter/cub_implementation.hpp in one .cu file does not link. Cost:   a pass over memory for each byte of an element, where sinter merges
/// log2(n / 1024) times; 20 bytes of scratch memory for each
///         element of a row of 4 bytes. That these rows are the better part for it is a count of bytes: no GPU has compared them.
/// On host tensors it is the default backend.
struct cub {};
}  // namespace backend

inline namespace SINTER_ISA {
namespace run {

template <fuse::schedule_value S> struct on_host<options<backend::cub, S>> : on_host<options<default_backend, S>> {};

template <class Place> struct cub_place : Place {
  static constexpr extent_t radix_length = extent_t{1} << 19;
  template <dtype Type, bool Descending> using radix_keys = cuda_kernels::keys_program<Type, Descending>;

  // Bytes of scratch memory, which the library is asked for once a length.
  static std::size_t radix_bytes(int key_bytes, extent_t n) {
    struct answer {
      extent_t n = 0;
      int device = 0;
      std::size_t bytes = 0;
    };
    static thread_local answer known[9];
    answer& k = known[key_bytes];
    if (const int on = device::detail::current_device(); k.n != n || k.device != on) {
      std::size_t bytes = 0;
      sort(key_bytes, nullptr, bytes, nullptr, nullptr, nullptr, nullptr, n);
      k = {n, on, bytes};
    }
    return k.bytes;
  }
  static void radix_sort(int key_bytes, std::byte* scratch, const char* keys, char* sorted_keys, const std::int32_t* places,
                         std::int32_t* sorted_places, extent_t n) {
    std::size_t bytes = radix_bytes(key_bytes, n);
    sort(key_bytes, scratch, bytes, keys, sorted_keys, places, sorted_places, n);
  }

 private:
  static void sort(int key_bytes, void* scratch, std::size_t& bytes, const void* keys, void* sorted_keys, const std::int32_t* places,
                   std::int32_t* sorted_places, extent_t n) {
    device::check(device::cub_implementation::radix_sort(key_bytes, scratch, bytes, keys, sorted_keys, places, sorted_places,
                                                         static_cast<int>(n), device::current_stream().handle()),
                  "cub::DeviceRadixSort::SortPairs");
  }
};
template <class Place> struct place_for<backend::cub, Place> { using type = cub_place<Place>; };

}  // namespace run
}  // namespace SINTER_ISA
}  // namespace sinter
