// SPDX-License-Identifier: Apache-2.0
// What a plan costs: kernels, flops, bytes read and written.
#pragma once

#include <sinter/fuse/planned.hpp>

namespace sinter::fuse::detail {

// The elements of operand i of a library call that one of its batches reads.
constexpr extent_t elements_of_batch(planned& out, const group& gr, int i) {
  builder& g = out.p.graph;
  const shape<> s = g.shape_of(g.nodes[out.p.stores[gr.roots.first].node].operand[i]);
  extent_t n = 1;
  for (int a = gr.outer; a < s.rank; ++a) n = g.product(n, s[a]);
  return graph::is_symbol(n) ? -1 : n;
}
// A scatter over its array touches as many elements as there are updates; else it copies all of them. -1: this is none.
constexpr extent_t touched(planned& out, const group& gr, extent_t whole) {
  if (gr.kind != group_kind::scatter) return -1;
  const place& to = out.places[out.p.stores[gr.roots.first].node];
  for (int i = 0; i < gr.accesses.count; ++i) {
    const loop_access& a = out.p.accesses[gr.accesses.first + i];
    const place& from = out.places[a.node];
    if (a.use == access::whole && (from.kind != to.kind || from.index != to.index)) return whole;
  }
  extent_t n = gr.inner;
  for (int d = 0; d < gr.outer; ++d) n = out.p.graph.product(n, gr.outer_extent[d]);
  return graph::is_symbol(n) || graph::is_symbol(whole) ? n : n < whole ? n : whole;
}
// How many of a buffer's elements access i reads, at most `whole`; all where an extent is known at run time only.
constexpr extent_t covered(planned& out, const group& gr, int i, extent_t whole) {
  const loop_access& a = out.p.accesses[gr.accesses.first + i];
  if (gr.kind == group_kind::control) return whole;
  if (a.use == access::whole) return touched(out, gr, whole);
  const bool indexed = a.use == access::indexed;  // where there is no stride the offset may move it
  extent_t n = gr.kind == group_kind::library_call ? elements_of_batch(out, gr, i) : 1;
  const auto along = [&](extent_t extent, extent_t stride) {
    n = stride == 0 && !indexed ? n : n < 0 || graph::is_symbol(extent) ? -1 : n * extent;
  };
  for (int d = 0; d < gr.outer; ++d) along(gr.outer_extent[d], a.outer[d]);
  along(gr.inner, a.inner), along(gr.loop, a.loop);
  return n < 0 || n > whole ? whole : n;
}
constexpr void count(planned& out) {
  builder& g = out.p.graph;
  totals& t = out.total;
  t.kernels = out.order.size();
  for (const group& gr : out.p.groups) {
    extent_t around = 1;
    for (int i = 0; i < gr.outer; ++i) around = g.product(around, gr.outer_extent[i]);
    const extent_t row =
        gr.kind == group_kind::rows || gr.kind == group_kind::map || gr.kind == group_kind::row_call || gr.kind == group_kind::scatter
            ? around
            : g.product(around, gr.inner);
    const extent_t all = g.product(g.product(around, gr.inner), gr.loop);
    for (int i = 0; i < gr.steps.count; ++i) {
      const step& s = out.p.steps[gr.steps.first + i];
      if (s.op == opcode::dot) t.flops = g.sum(t.flops, g.product(all, 2));
      else if (is_reduction(s.op) || (s.op == opcode::scatter && s.payload != static_cast<extent_t>(combiner::set)))
        t.flops = g.sum(t.flops, all);
      else if (is_element(s.op))
        t.flops = g.sum(t.flops, g.product((s.uses & (gr.kind == group_kind::columns ? 2u : 1u)) ? all : row, s.op == opcode::fma ? 2 : 1));
    }
    // Memory: each buffer that a group reads counts once, with the part of it that the loops cover.
    for (int i = 0; i < gr.accesses.count; ++i) {
      const loop_access& a = out.p.accesses[gr.accesses.first + i];
      if ((a.kind != access::memory && a.kind != access::argument) || out.inside[a.node]) continue;
      bool first = true;
      extent_t whole = g.size_of(g.shape_of(a.node)), part = 0;
      for (int j = 0; j < gr.accesses.count; ++j) {
        const loop_access& b = out.p.accesses[gr.accesses.first + j];
        if (b.kind != a.kind || b.node != a.node) continue;
        first &= j >= i;
        if (!graph::is_symbol(whole)) part += covered(out, gr, j, whole);
      }
      if (!graph::is_symbol(whole) && part < whole) whole = part;
      if (first) t.bytes_read = g.sum(t.bytes_read, g.product(whole, size_of(g.nodes[a.node].type)));
    }
    for (int i = 0; i < gr.roots.count; ++i) {
      const store& s = out.p.stores[gr.roots.first + i];
      if (out.inside[s.node] || (i > 0 && out.p.stores[gr.roots.first + i - 1].node == s.node)) continue;  // a stack counts once
      const extent_t whole = g.size_of(g.shape_of(s.node)), some = touched(out, gr, whole);
      t.bytes_written = g.sum(t.bytes_written, g.product(some == -1 ? whole : some, size_of(g.nodes[s.node].type)));
    }
  }
}

}  // namespace sinter::fuse::detail
