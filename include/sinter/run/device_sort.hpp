// SPDX-License-Identifier: Apache-2.0
// Sorts of a plan for a GPU: library calls whose functors (ops/sort.hpp) have kernels of the device in their place. A place that has a
// radix sort takes long rows:
//   Place::radix_length                          elements of a row from which on it does
//   Place::radix_keys<Type, Descending>          the program that makes keys and places of a row
//   Place::radix_bytes(bytes of a key, n)        scratch memory
//   Place::radix_sort(bytes of a key, scratch, keys, sorted keys, places, sorted places, n)
#pragma once

#include <utility>

#include <sinter/cuda/sort.hpp>
#include <sinter/run/device_library.hpp>

namespace sinter {
namespace detail {
inline namespace SINTER_ISA {
template <bool Descending> struct sort_rows;
struct top_of_rows;
}  // namespace SINTER_ISA
}  // namespace detail

inline namespace SINTER_ISA {
namespace run {

template <class Plan, int G, class Place, bool Descending> struct device_sort {
  // Tiles are merged from one half of the scratch memory to the other.
  static extent_t scratch(const binding<Plan>& b) {
    if constexpr (binds) {
      const args a = sizes(b);
      if constexpr (has_radix)
        if (is_long(a)) return arrays_of(a.n).end + static_cast<extent_t>(Place::radix_bytes(key_bytes, a.n));
      return a.n > cuda_kernels::sort_tile ? 2 * bytes_of_words(a) : 0;
    }
    return 0;
  }
  static void run(const binding<Plan>& b, std::byte* scratch) {
    args a{};
    if constexpr (binds) a = bind(b);
    if (binds && (a.rows == 0 || a.k == 0)) return;
    if constexpr (has_radix) {
      if (!binds || is_long(a)) run_radix(a, scratch);
      if (binds && is_long(a)) return;
    }
    a.next = reinterpret_cast<char*>(scratch);
    Place::template launch<tiles>(a, tiles::blocks(a));
    a.from = a.next + bytes_of_words(a);
    for (a.length = cuda_kernels::sort_tile; a.length < a.n; a.length *= 2) {
      std::swap(a.from, a.next);
      Place::template launch<merge>(a, merge::blocks(a));
    }
  }

 private:
  using call = library_group<Plan, G>;
  static constexpr int outer = call::g.outer;
  static constexpr dtype type = Plan::value.graph.nodes[call::n.operand[0]].type;
  static constexpr extent_t length = Plan::value.graph.shapes[Plan::value.graph.nodes[call::n.operand[0]].shape][outer];
  static constexpr extent_t kept =
      Plan::value.graph.shapes[Plan::value.graph.nodes[Plan::value.stores[call::g.roots.first].node].shape][outer];
  using tiles = cuda_kernels::sort_tiles_program<type, Descending, outer>;
  using merge = cuda_kernels::merge_program<tiles::wide, outer>;
  using args = typename tiles::args;

  static constexpr bool has_radix = requires { Place::radix_length; };
  static constexpr int key_bytes = size_of(type);
  // Of less than an eighth merges are short.
  static bool is_long(const args& a) { return a.n >= Place::radix_length && a.k >= a.n / 8; }
  // Of a row in scratch memory, after each other: keys, then places, before they are sorted and after.
  struct radix_arrays {
    extent_t sorted_keys, places, sorted_places, end;
  };
  static constexpr radix_arrays arrays_of(extent_t n) {
    const extent_t keys = (n * key_bytes + 255) / 256 * 256, places = (n * 4 + 255) / 256 * 256;
    return {keys, 2 * keys, 2 * keys + places, 2 * (keys + places) + 256};
  }
  static void run_radix(const args& a, std::byte* memory) {
    using keys = typename Place::template radix_keys<type, Descending>;
    char* const from = reinterpret_cast<char*>(memory) + (256 - reinterpret_cast<std::uintptr_t>(memory) % 256) % 256;
    const radix_arrays at = arrays_of(a.n);
    auto* const places = reinterpret_cast<std::int32_t*>(from + at.places);
    for (extent_t row = 0; row < a.rows; ++row) {
      Place::template launch<keys>({a.x + tiles::offset(row, a.outer, a.x_step), from, places, a.n},
                                   keys::blocks({nullptr, nullptr, nullptr, a.n}));
      auto* const to = reinterpret_cast<std::int32_t*>(a.to + tiles::offset(row, a.outer, a.to_step));
      auto* const sorted = a.k == a.n ? to : reinterpret_cast<std::int32_t*>(from + at.sorted_places);
      Place::radix_sort(key_bytes, memory + at.end, from, from + at.sorted_keys, places, sorted, a.n);
      if (sorted != to) Place::copy(to, sorted, static_cast<std::size_t>(a.k) * 4);
    }
  }
  static extent_t bytes_of_words(const args& a) { return a.rows * a.n * static_cast<extent_t>(sizeof(typename tiles::word)); }
  static args sizes(const binding<Plan>& b) {
    args a{};
    a.rows = 1, a.n = b.at(length), a.k = b.at(kept);
    for (int d = 0; d < outer; ++d) a.outer[d] = b.at(call::g.outer_extent[d]), a.rows *= a.outer[d];
    return a;
  }
  static args bind(const binding<Plan>& b) {
    call_array x, to;
    call::template bind_operand<0>(x, b);
    call::template bind_stored<0>(to, b);
    args a = sizes(b);
    for (int d = 0; d < outer; ++d) a.x_step[d] = x.step[d], a.to_step[d] = to.step[d];
    a.x = x.base, a.to = to.base, a.doublings = tiles::doublings_of(a.n);
    return a;
  }
};

template <bool Descending> inline constexpr bool has_kernels<detail::sort_rows<Descending>> = true;
template <> inline constexpr bool has_kernels<detail::top_of_rows> = true;
template <bool Descending, class Plan, int G, class Place> struct device_library<detail::sort_rows<Descending>, Plan, G, Place>
    : device_sort<Plan, G, Place, Descending> {};
template <class Plan, int G, class Place> struct device_library<detail::top_of_rows, Plan, G, Place> : device_sort<Plan, G, Place, true> {};

}  // namespace run
}  // namespace SINTER_ISA
}  // namespace sinter
