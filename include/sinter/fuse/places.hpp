// SPDX-License-Identifier: Apache-2.0
// Where each node's elements are during a run: in an argument, in a result, or in the arena, whose parts are used again. Also which results
// may overwrite which arguments.
#pragma once

#include <sinter/fuse/planned.hpp>
#include <sinter/graph/control.hpp>

namespace sinter::fuse::detail {

constexpr extent_t round_up_64(builder& g, extent_t bytes) { return g.product(g.quotient_up(bytes, 64), 64); }

// Parameters and results; a result that repeats another has no place of its own.
constexpr void place_results(planned& out) {
  const builder& g = out.p.graph;
  out.places.resize(g.nodes.size());
  for (int i = 0; i < g.nodes.size(); ++i)
    if (g.nodes[i].op == opcode::param) {
      const int index = static_cast<int>(g.attribute(i, 0));
      out.params = index + 1 > out.params ? index + 1 : out.params;
      if (out.producer[i] < 0) out.places[i] = {place::param, index, 0};
    } else if (g.nodes[i].op == opcode::literal && out.producer[i] < 0) {
      out.places[i] = {place::literal, static_cast<int>(g.attribute(i, 0)), g.attribute(i, 2)};
    }
  for (int r = 0; r < g.results.size(); ++r) {
    const int id = strip(g, g.results[r]);
    out.result_root.add(id);
    int earlier = -1;
    for (int e = 0; e < r; ++e)
      if (out.result_root[e] == id && earlier < 0) earlier = e;
    out.copy_of.add(earlier);
    out.direct.add(earlier < 0 && out.p.strided_result[id] == r);
    if (earlier >= 0) continue;
    out.places[id] = {place::result, r, 0};
  }
}

// Temporaries in the arena, in running order.
class placement {
 public:
  constexpr explicit placement(planned& p) : out(p) {}
  constexpr void run() {
    place_changed();
    place_temporaries();
    find_overwrites();
  }

 private:
  planned& out;

  // The array that a scatter changes is made where the scatter's result is to be, if nobody else reads it; so is what a loop begins with
  // (run/control.hpp).
  constexpr void place_changed() {
    for (int k = out.order.size(); k-- > 0;) {
      const group& gr = out.p.groups[out.order[k]];
      if (gr.kind != group_kind::scatter && gr.kind != group_kind::control) continue;
      for (int i = 0; i < gr.roots.count; ++i) {
        const int to = out.p.stores[gr.roots.first + i].node, from = gr.kind == group_kind::scatter ? array_of(gr) : carry_of(gr, to);
        if (from < 0 || out.places[to].kind != place::result || out.places[from].kind != place::nowhere || out.inside[from]) continue;
        if (out.next_read[out.first_read[from]] < 0) out.places[from] = out.places[to];
      }
    }
  }
  constexpr int array_of(const group& gr) const {  // that a scatter changes
    for (int i = 0; i < gr.accesses.count; ++i)
      if (const loop_access& a = out.p.accesses[gr.accesses.first + i]; a.use == access::whole) return a.node;
    return -1;
  }
  constexpr int carry_of(const group& gr, int to) const {  // that a loop begins with and leaves in node `to`, or -1
    const builder& g = out.p.graph;
    const extent_t result = g.attribute(to, graph::control::result);
    if (g.attribute(to, graph::control::kind) == graph::control::branch || result >= g.attribute(to, graph::control::carries)) return -1;
    const loop_access& a = out.p.accesses[gr.accesses.first + static_cast<int>(result)];
    return a.kind == access::memory && a.base == 0 ? a.node : -1;
  }
  constexpr void place_temporaries() {
    builder& g = out.p.graph;
    struct slot {
      extent_t bytes = 0;
      int busy_until = -1;
    };
    list<slot> slots;
    list<int> slot_of;
    slot_of.resize(g.nodes.size(), -1);
    for (int k = 0; k < out.order.size(); ++k) {
      const unit u = out.unit_of(out.order[k]);
      const group& gr = out.p.groups[u.group[u.count - 1]];  // of a kernel of several groups the last writes to memory
      for (int i = 0; i < gr.roots.count; ++i) {
        const store& s = out.p.stores[gr.roots.first + i];
        if (out.places[s.node].kind != place::nowhere || out.inside[s.node]) continue;
        ++out.total.temporaries;
        const extent_t bytes = round_up_64(g, g.product(g.size_of(g.shape_of(s.node)), size_of(g.nodes[s.node].type)));
        const int until = last_use(s.node);
        int best = -1;
        // In the place of an operand that dies here, or in a free slot of the same or the nearest size.
        for (int a = 0; a < gr.accesses.count && best < 0 && u.count == 1; ++a) {
          const int id = out.p.accesses[gr.accesses.first + a].node;
          if (out.p.accesses[gr.accesses.first + a].kind != access::memory || slot_of[id] < 0 || slots[slot_of[id]].busy_until != k)
            continue;
          if (slots[slot_of[id]].bytes == bytes && size_of(g.nodes[id].type) == size_of(g.nodes[s.node].type) && same_elements(gr, id, s))
            best = slot_of[id];
        }
        for (int j = 0; j < slots.size() && best < 0; ++j)
          if (slots[j].busy_until < k && slots[j].bytes == bytes) best = j;
        for (int j = 0; j < slots.size() && best < 0; ++j)
          if (slots[j].busy_until < k && !graph::is_symbol(bytes) && !graph::is_symbol(slots[j].bytes)) best = j;
        if (best < 0) best = slots.add({bytes, until});
        if (!graph::is_symbol(bytes) && slots[best].bytes < bytes) slots[best].bytes = bytes;
        slots[best].busy_until = until > k ? until : k;
        slot_of[s.node] = best;
        out.places[s.node] = {place::arena, best, 0};
      }
    }
    extent_t at = 0;
    list<extent_t> offset;
    for (const slot& s : slots) {
      offset.add(at);
      at = g.sum(at, s.bytes);
    }
    for (place& p : out.places)
      if (p.kind == place::arena) p.offset = offset[p.index];
    out.total.scratch = at;
    out.total.workspace_bytes = at;
  }
  constexpr int last_use(int id) const {
    int last = -1;
    for (int k = out.first_read[id]; k >= 0; k = out.next_read[k]) {
      const int at = out.position[out.head_of(out.reader[k])];
      last = at > last ? at : last;
    }
    return last;
  }
  constexpr void find_overwrites() {
    const builder& g = out.p.graph;
    list<int> last_read;  // parameter -> the last kernel that reads it
    out.reads.resize(out.params), last_read.resize(out.params, -1);
    for (int i = 0; i < out.p.accesses.size(); ++i) {
      const int q = argument_of(out.p.accesses[i]);
      if (q < 0) continue;
      const int at = out.position[out.head_of(out.reader[i])];
      out.reads[q] = true, last_read[q] = at > last_read[q] ? at : last_read[q];
    }
    for (int r = 0; r < g.results.size(); ++r) {
      const int begin = out.overwrites.size();
      for (int q = 0; q < out.params; ++q) out.overwrites.add(out.copy_of[r] < 0);
      for (int node = out.result_root[r]; node >= 0; node = made_in_place(node, r)) forbid_overwrites(node, begin, last_read);
    }
  }
  // The array that a scatter changes or a loop begins with, where it was made in the place of result r; -1: there is none.
  constexpr int made_in_place(int node, int r) const {
    const group& gr = out.p.groups[out.producer[node]];
    const int from = gr.kind == group_kind::scatter ? array_of(gr) : gr.kind == group_kind::control ? carry_of(gr, node) : -1;
    return from >= 0 && out.places[from].kind == place::result && out.places[from].index == r ? from : -1;
  }
  // What a node that is written must not overwrite; `begin`: of the parameters in `overwrites`.
  constexpr void forbid_overwrites(int node, int begin, const list<int>& last_read) {
    const builder& g = out.p.graph;
    const int writer = out.producer[node], at = out.position[out.head_of(writer)];
    for (int q = 0; q < out.params; ++q)
      if (last_read[q] > at) out.overwrites[begin + q] = false;  // read after the write
    const unit u = out.unit_of(out.order[at]);
    for (int m = 0; m < u.count; ++m) {
      const group& gr = out.p.groups[u.group[m]];
      for (int i = 0; i < gr.accesses.count; ++i) {
        const loop_access& a = out.p.accesses[gr.accesses.first + i];
        const int q = argument_of(a);
        if (q < 0) continue;
        bool good = u.group[m] == writer;  // nor while other blocks are written
        for (int j = 0; good && j < gr.roots.count; ++j) {
          const store& s = out.p.stores[gr.roots.first + j];
          if (s.node == node) good = same_elements(gr, a.node, s, a.kind) && size_of(g.nodes[a.node].type) == size_of(g.nodes[s.node].type);
        }
        if (!good) out.overwrites[begin + q] = false;
      }
    }
  }
  constexpr int argument_of(const loop_access& a) const {  // the parameter that an access reads, or -1
    if (a.kind == access::argument)
      return out.p.graph.nodes[a.node].op == opcode::param ? static_cast<int>(out.p.graph.attribute(a.node, 0)) : -1;
    return a.kind == access::memory && out.places[a.node].kind == place::param ? out.places[a.node].index : -1;
  }
  // Whether an access reads what store s writes; where a group writes pairs of neighbours, both of them, it may read either: in its loop
  // every load of a packet comes before its stores.
  constexpr bool same_base(const loop_access& a, const store& s) const {
    const node& n = out.p.graph.nodes[s.node];
    const bool pairs = n.op == opcode::stack && out.p.graph.attribute(s.node, 0) == out.p.graph.shape_of(s.node).rank - 1;
    return pairs ? a.base == 0 || a.base == 1 : a.base == s.where.base;
  }
  constexpr bool reads_only_array(const group& g, int id) const {
    for (int i = 0; i < g.accesses.count; ++i)
      if (const loop_access& a = out.p.accesses[g.accesses.first + i]; a.node == id && a.use != access::whole) return false;
    return true;
  }
  // A loop may begin with a carry where it leaves it (run/control.hpp).
  constexpr bool reads_only_carry(const group& g, int id, const store& s) const {
    const builder& h = out.p.graph;
    const extent_t result = h.attribute(s.node, graph::control::result);
    if (h.attribute(s.node, graph::control::kind) == graph::control::branch || result >= h.attribute(s.node, graph::control::carries))
      return false;
    for (int i = 0; i < g.accesses.count; ++i)
      if (const loop_access& a = out.p.accesses[g.accesses.first + i]; a.node == id && (i != result || a.base != 0)) return false;
    return true;
  }
  // Every read of `id` in group k is of the very element that store `s` writes, and no read comes after the write.
  constexpr bool same_elements(const group& g, int id, const store& s, access::kind_t kind = access::memory) const {
    if (g.kind == group_kind::scatter) return reads_only_array(g, id);
    if (g.kind == group_kind::control) return reads_only_carry(g, id, s);
    if (g.kind != group_kind::map && g.kind != group_kind::rows) return false;
    bool any = false;
    for (int i = 0; i < g.accesses.count; ++i) {
      const loop_access& a = out.p.accesses[g.accesses.first + i];
      if (a.kind != kind || a.node != id) continue;
      any = true;
      if (a.use != access::each || a.guards || !same_base(a, s) || a.inner != s.where.inner) return false;
      for (int d = 0; d < g.outer; ++d)
        if (a.outer[d] != s.where.outer[d]) return false;
    }
    if (!any) return true;
    if (s.where.inner == 0 && !(g.inner == 1)) return false;
    if (g.kind == group_kind::rows) {  // the store must be in the last loop
      int deepest = 0;
      for (int i = 0; i < g.steps.count; ++i) {
        const step& t = out.p.steps[g.steps.first + i];
        deepest = t.depth > deepest ? t.depth : deepest;
      }
      return out.p.steps[g.steps.first + s.step].depth == deepest;
    }
    return true;
  }
};

}  // namespace sinter::fuse::detail
