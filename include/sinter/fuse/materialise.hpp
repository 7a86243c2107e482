// SPDX-License-Identifier: Apache-2.0
// What of a lowered group is written to memory before it, although the group could compute it: where that would be done again and again, or
// where a reduction could not run in one loop.
#pragma once

#include <sinter/fuse/group.hpp>

namespace sinter::fuse {

namespace detail {

// A step that is costly and the same for every index of a loop further out: once is enough.
constexpr int invariant_step(const lowering& l) {
  const bool inner_reduced = l.dims > 0 && (l.reduced >> l.order[l.dims - 1] & 1);
  for (const step& s : l.steps) {
    if (s.heavy && info(s.op).cost >= 8 && !is_reduction(s.op) && s.uses) {
      int innermost = 0;
      for (int i = 0; i < l.dims; ++i)
        if (s.uses >> l.order[i] & 1) innermost = i;
      for (int i = 0; i < innermost; ++i) {
        const int d = l.order[i];
        const bool once = !inner_reduced && (l.reduced >> d & 1);
        if (!(s.uses >> d & 1) && !once && !l.materialised[s.node]) return s.node;
      }
    }
  }
  return -1;
}

// What it costs to write an element and to read it again, in units of op_table (an addition in registers), in the cache and beyond.
inline constexpr extent_t write_and_read_near = 24, write_and_read_far = 64, near_bytes = 1 << 20, most_cost = 1 << 20;

// A node that the group computes through several index maps, where to write and read it would cost less; the last of them, or -1.
constexpr int computed_again(const lowering& l) {
  if (!l.computes_again) return -1;
  const builder& g = l.g;
  list<extent_t> cost;  // of a step and all below it, for one element
  for (const step& s : l.steps) {
    extent_t c = is_element(s.op) || s.op == opcode::pad || s.op == opcode::gather ? info(s.op).cost : 0;
    for (int k = 0; k < s.operands && !is_reduction(s.op); ++k) c += cost[s.operand[k]];
    cost.add(c < most_cost ? c : most_cost);
  }
  for (int i = l.steps.size(); i-- > 0;) {
    const step& s = l.steps[i];
    if (cost[i] <= write_and_read_near || !is_element(s.op) || l.materialised[s.node]) continue;
    const shape<>& whole = g.shape_of(s.node);
    extent_t elements = 1, computed = 0, times = 0;
    for (int a = 0; a < whole.rank; ++a) elements = elements < 0 || graph::is_symbol(whole[a]) ? -1 : elements * whole[a];
    for (int j = 0; j <= i; ++j) {
      if (l.steps[j].node != s.node || l.steps[j].op != s.op) continue;
      extent_t n = 1;
      for (int d = 0; d < l.dims; ++d)
        if (l.steps[j].uses >> d & 1) n = n < 0 || graph::is_symbol(l.extent[d]) ? -1 : n * l.extent[d];
      computed = n < 0 || computed < 0 ? -1 : computed + n, ++times;
    }
    if (times < 2) continue;
    if (elements < 0 || computed < 0) elements = 1, computed = times;  // run-time extents: each time all of it
    const bool near = elements * size_of(g.nodes[s.node].type) <= near_bytes;
    if ((computed - elements) * cost[i] > elements * (near ? write_and_read_near : write_and_read_far)) return s.node;
  }
  return -1;
}

// The reduced dimensions must run as one loop: what a reduction combines where it does not, or the reduction itself.
constexpr int torn_reduction(const lowering& l) {
  bool several = false;  // reduced dimensions side by side
  for (int i = 0; i < l.dims - 1; ++i) several |= (l.reduced >> l.order[i] & 1) && (l.reduced >> l.order[i + 1] & 1);
  if (!several) return -1;
  list<bool> below;  // steps that a reduction combines
  below.resize(l.steps.size());
  for (int i = l.steps.size(); i-- > 0;)
    if (below[i] || is_reduction(l.steps[i].op))
      for (int k = 0; k < l.steps[i].operands; ++k) below[l.steps[i].operand[k]] = true;
  for (int pass = 0; pass < 2; ++pass)
    for (int i = 0; i < l.dims - 1; ++i) {
      const int p = l.order[i], q = l.order[i + 1];
      if (!(l.reduced >> p & 1) || !(l.reduced >> q & 1)) continue;
      for (int s = 0; s < l.steps.size(); ++s) {
        if (l.steps[s].access < 0 || (pass == 0 && !below[s]) || run_together(l, l.accesses[l.steps[s].access], p, q)) continue;
        for (const step& r : l.steps) {
          if (!is_reduction(r.op)) continue;
          if (pass == 1) return r.node;
          const int operand = strip(l.g, l.g.nodes[r.node].operand[0]);
          return l.materialised[operand] ? r.node : operand;
        }
      }
    }
  return -1;
}

}  // namespace detail

/// What of a lowered group must be written to memory first; -1: nothing.
constexpr int written_first(const lowering& l) {
  if (!l.ok) return -1;
  if (const int outside = detail::invariant_step(l); outside >= 0) return outside;
  if (const int twice = detail::computed_again(l); twice >= 0) return twice;
  return l.reduced ? detail::torn_reduction(l) : -1;
}

}  // namespace sinter::fuse
