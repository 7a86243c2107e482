// SPDX-License-Identifier: Apache-2.0
// Runs a contraction: its operands bound, its batches and blocks handed out to threads.
#pragma once

#include <sinter/run/program.hpp>
#include <sinter/run/threads.hpp>
#include <sinter/run/workspace.hpp>
#include <sinter/simd/gemm.hpp>

namespace sinter {
inline namespace SINTER_ISA {
namespace run {

constexpr extent_t static_or_open(extent_t e) { return graph::is_symbol(e) ? -1 : e; }

template <class Plan, int G> struct around_group : simd::nothing_around {
  static constexpr fuse::group g = Plan::value.groups[G];
  static constexpr extent_t rows = static_or_open(g.outer_extent[g.outer - 1]), columns = static_or_open(g.inner);
  // A product with a vector is that of the vector, as a row, with the transpose.
  static constexpr bool may_swap = columns == 1 || columns < 0;
  static constexpr extent_t m = columns == 1 ? 1 : rows, n = columns == 1 ? rows : columns;
};

template <class Plan, int G, class Backend> struct contraction {
  static constexpr fuse::group g = Plan::value.groups[G];
  static constexpr dtype type = Plan::value.graph.nodes[Plan::value.stores[g.roots.first].node].type;
  static constexpr int batch_axes = g.outer - 1;
  using around = around_group<Plan, G>;
  using kernel = simd::gemm<Backend, type, around>;
  using operands = typename kernel::operands;
  using S = storage_t<type>;

  // A product with a vector is computed as that of the vector, as a row, with the transpose.
  static constexpr bool is_vector(const binding<Plan>& b) {
    return around::may_swap && b.at(g.inner) == 1 && (around::columns == 1 || b.at(g.outer_extent[batch_axes]) > 1);
  }
  // Strides and extents; addresses come later.
  static constexpr operands shape_of(const binding<Plan>& b) {
    constexpr fuse::loop_access a = Plan::value.accesses[g.accesses.first], w = Plan::value.accesses[g.accesses.first + 1];
    constexpr fuse::loop_access c = Plan::value.stores[g.roots.first].where;
    operands o;
    o.a_row = b.at(a.outer[batch_axes]), o.a_k = b.at(a.loop), o.b_k = b.at(w.loop), o.b_column = b.at(w.inner);
    o.c_row = b.at(c.outer[batch_axes]), o.c_column = b.at(c.inner);
    o.m = b.at(g.outer_extent[batch_axes]), o.n = b.at(g.inner), o.k = b.at(g.loop);
    if (is_vector(b)) {
      std::swap(o.m, o.n), std::swap(o.c_row, o.c_column);
      const std::ptrdiff_t a_row = o.a_row, a_k = o.a_k;
      o.a_row = o.b_column, o.a_k = o.b_k, o.b_column = a_row, o.b_k = a_k;
    }
    return o;
  }
  static constexpr extent_t buffer_bytes(const binding<Plan>& b) { return kernel::buffer_bytes(shape_of(b)); }

  SINTER_NOINLINE static void run(const binding<Plan>& b, char* buffer) {
    const operands o = shape_of(b);
    fuse::arguments<2, 1, 0, g.outer> x;
    bind_arguments<G>(x, b);
    const bool vector = is_vector(b);
    extent_t batches = 1;
    for (int d = 0; d < batch_axes; ++d) batches *= x.outer[d];
    const auto part = [&](extent_t first, extent_t last, extent_t i0, extent_t i1, extent_t j0, extent_t j1, char* mine) {
      for (extent_t batch = first; batch < last; ++batch) {
        operands p = o;
        const S* a = reinterpret_cast<const S*>(x.access[0].base);
        const S* w = reinterpret_cast<const S*>(x.access[1].base);
        p.c = reinterpret_cast<S*>(x.store[0].base);
        extent_t rest = batch;
        for (int d = batch_axes - 1; d >= 0; --d) {
          const extent_t i = rest % x.outer[d];
          rest /= x.outer[d];
          a += i * x.access[0].outer[d], w += i * x.access[1].outer[d], p.c += i * x.store[0].outer[d];
        }
        p.a = vector ? w : a, p.b = vector ? a : w;
        kernel::run(p, around{}, i0, i1, j0, j1, mine);
      }
    };
    executor* const e = sinter::detail::current_executor.load(std::memory_order_acquire);
    const extent_t wanted = e && !sinter::detail::inside_part ? batches * o.m * o.n * (o.k + 1) / part_work : 1;
    const int parts = static_cast<int>(wanted < 2 ? 1 : wanted < 4 * e->concurrency() ? wanted : 4 * e->concurrency());
    if (parts < 2) return part(0, batches, 0, o.m, 0, o.n, buffer);
    const auto with_own_buffer = [&](auto... range) {
      const arena_part own(static_cast<std::size_t>(kernel::buffer_bytes(o)), nullptr);
      part(range..., reinterpret_cast<char*>(own.data()));
    };
    const extent_t width = kernel::panel_width(o.m), height = kernel::rows_of_block(o.n);
    if (batches >= parts)
      parallel_parts(*e, batches, 1, parts, [&](extent_t i, extent_t j) { with_own_buffer(i, j, extent_t{0}, o.m, extent_t{0}, o.n); });
    else if (o.n >= 2 * width * e->concurrency())
      parallel_parts(*e, o.n, width, e->concurrency(),
                     [&](extent_t i, extent_t j) { with_own_buffer(extent_t{0}, batches, extent_t{0}, o.m, i, j); });
    else
      parallel_parts(*e, o.m, height, parts,
                     [&](extent_t i, extent_t j) { with_own_buffer(extent_t{0}, batches, i, j, extent_t{0}, o.n); });
  }

 private:
  // A part that another thread runs should take some microseconds: as many multiply-adds.
  static constexpr extent_t part_work = 1 << 18;
};

}  // namespace run
}  // namespace SINTER_ISA
}  // namespace sinter
