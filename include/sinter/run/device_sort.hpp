// SPDX-License-Identifier: Apache-2.0
// Sorts of a plan for a GPU: library calls whose functors (ops/sort.hpp) have kernels of the device in their place.
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
      return a.n > cuda_kernels::sort_tile ? 2 * bytes_of_words(a) : 0;
    }
    return 0;
  }
  static void run(const binding<Plan>& b, std::byte* scratch) {
    args a{};
    if constexpr (binds) a = bind(b);
    if (binds && (a.rows == 0 || a.k == 0)) return;
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
  using tiles = cuda_kernels::sort_tiles_program<type, Descending, outer>;
  using merge = cuda_kernels::merge_program<tiles::wide, outer>;
  using args = typename tiles::args;

  static extent_t bytes_of_words(const args& a) { return a.rows * a.n * static_cast<extent_t>(sizeof(typename tiles::word)); }
  static args sizes(const binding<Plan>& b) {
    args a{};
    a.rows = 1, a.n = b.at(length);
    for (int d = 0; d < outer; ++d) a.outer[d] = b.at(call::g.outer_extent[d]), a.rows *= a.outer[d];
    return a;
  }
  static args bind(const binding<Plan>& b) {
    call_array x, to;
    call::template bind_operand<0>(x, b);
    call::template bind_stored<0>(to, b);
    args a = sizes(b);
    for (int d = 0; d < outer; ++d) a.x_step[d] = x.step[d], a.to_step[d] = to.step[d];
    a.x = x.base, a.to = to.base, a.k = to.extent[0], a.doublings = tiles::doublings_of(a.n);
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
