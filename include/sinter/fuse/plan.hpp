// SPDX-License-Identifier: Apache-2.0
// The plan: groups in the order in which they run, where each intermediate lives in the arena, and what all of it costs.
#pragma once

#include <sinter/fuse/causal.hpp>
#include <sinter/fuse/code.hpp>

namespace sinter::fuse {

// Where a node's elements are during a run.
struct place {
  enum kind_t : std::uint8_t { nowhere, param, result, arena } kind = nowhere;
  int index = 0;        // of the parameter or result
  extent_t offset = 0;  // arena, bytes
};

struct totals {
  int kernels = 0, temporaries = 0;
  extent_t flops = 0, bytes_read = 0, bytes_written = 0, workspace_bytes = 0, scratch = 0;
};

struct planned {
  partitioned p;
  list<int> order;                 // groups in running order, without those that run inside another
  list<place> places;              // of each node
  list<std::int32_t> result_root;  // result -> the node that it is
  list<std::int32_t> copy_of;      // result -> the earlier result that it repeats, or -1
  list<bool> overwrites;           // [result * params + param]: the result may overwrite the parameter's memory exactly
  list<bool> reads;                // [param]: read at all
  int params = 0;
  totals total;
};

// The groups that run as one kernel, in the order in which a block of it passes through them.
struct unit {
  int group[10] = {};
  int count = 0;
};
template <class Groups> constexpr void add_unit(const Groups& groups, int head, unit& u) {
  const group& g = groups[head];
  const auto add = [&](int i) {
    if (i >= 0) u.group[u.count++] = i;
  };
  if (g.makes_a >= 0 && groups[g.makes_a].kind == group_kind::dot) add_unit(groups, g.makes_a, u);
  else add(g.makes_a);
  add(g.makes_b), add(head), add(g.partner), add(g.consumer);
}
template <class Groups> constexpr unit unit_of(const Groups& groups, int head) {
  unit u;
  add_unit(groups, head, u);
  return u;
}

namespace detail {

constexpr extent_t round_up_64(builder& g, extent_t bytes) { return g.product(g.quotient_up(bytes, 64), 64); }

class planner {
 public:
  planned out;
  constexpr explicit planner(partitioned&& p) { out.p = static_cast<partitioned&&>(p); }

  constexpr void run() {
    builder& g = out.p.graph;
    producer_.resize(g.nodes.size(), -1);
    for (int i = 0; i < out.p.groups.size(); ++i)
      for (int k = 0; k < out.p.groups[i].roots.count; ++k) producer_[out.p.stores[out.p.groups[i].roots.first + k].node] = i;
    list_reads();
    place_results();
    nest();
    order_groups();
    position_.resize(out.p.groups.size(), -1);
    for (int k = 0; k < out.order.size(); ++k) position_[out.order[k]] = k;
    place_temporaries();
    overwrites();
    count();
  }

 private:
  list<int> producer_;  // node -> group that writes it
  list<int> position_;  // group -> when its kernel runs; -1: inside another
  list<bool> inside_;   // a node that stays inside a contraction
  // The reads of each node, chained: node -> an access, access -> the next one of its node; access -> its group.
  list<int> first_read_, next_read_, reader_;

  constexpr void list_reads() {
    first_read_.resize(out.p.graph.nodes.size(), -1);
    next_read_.resize(out.p.accesses.size(), -1), reader_.resize(out.p.accesses.size(), -1);
    for (int i = out.p.groups.size(); i-- > 0;) {
      const span of = out.p.groups[i].accesses;
      for (int k = of.first + of.count; k-- > of.first;) {
        reader_[k] = i;
        if (out.p.accesses[k].kind != access::memory) continue;
        next_read_[k] = first_read_[out.p.accesses[k].node];
        first_read_[out.p.accesses[k].node] = k;
      }
    }
  }

  constexpr unit unit_of(int head) const { return fuse::unit_of(out.p.groups, head); }
  constexpr int head_of(int i) const {
    while (out.p.groups[i].head >= 0) i = out.p.groups[i].head;
    return i;
  }
  constexpr int reader_of(int id, int but) const {  // the only kernel that reads a node, other than `but`; -1: none, -2: several
    int found = -1;
    for (int k = first_read_[id]; k >= 0; k = next_read_[k])
      if (reader_[k] != but) found = found == -1 || found == reader_[k] ? reader_[k] : -2;
    return found;
  }
  constexpr bool is_temporary(int id) const { return producer_[id] >= 0 && out.places[id].kind == place::nowhere; }
  constexpr extent_t rows_of(const group& g) {
    extent_t n = 1;
    for (int d = 0; d < g.outer; ++d) n = out.p.graph.product(n, g.outer_extent[d]);
    return n;
  }
  // Strides that run through rows and columns in order: element = row * columns + column.
  constexpr bool is_plain(const group& g, const loop_access& a, extent_t columns) {
    extent_t run = columns;
    bool good = a.base == 0 && a.inner == 1 && a.guards == 0;
    for (int d = g.outer; d-- > 0; run = out.p.graph.product(run, g.outer_extent[d]))
      good &= a.outer[d] == run || is_one(g.outer_extent[d]);
    return good;
  }
  // Whether group i can consume the result of contraction d block by block.
  constexpr bool fits_consumer(int i, int d) {
    const group &g = out.p.groups[i], &dot = out.p.groups[d];
    if (consumes_whole(g, dot)) return reads_in_order(g, out.p.stores[dot.roots.first].node, g.inner);
    if ((g.kind != group_kind::map && g.kind != group_kind::rows) || g.inner != dot.inner || !(rows_of(g) == rows_of(dot))) return false;
    if (is_one(dot.inner)) return false;
    return reads_in_order(g, out.p.stores[dot.roots.first].node, dot.inner);
  }
  constexpr bool reads_in_order(const group& g, int id, extent_t columns) {
    for (int k = 0; k < g.accesses.count; ++k) {
      const loop_access& a = out.p.accesses[g.accesses.first + k];
      if (a.kind == access::memory && a.node == id && !is_plain(g, a, columns)) return false;
    }
    return true;
  }
  // Rows and columns of a small product are one loop of its consumer.
  constexpr bool consumes_whole(const group& g, const group& dot) const {
    const builder& h = out.p.graph;
    return g.kind == group_kind::map && g.outer == 0 && dot.outer == 1 && is_small_product(h, out.p.stores[dot.roots.first].node) &&
           dot.outer_extent[0] > 1 && g.inner == dot.outer_extent[0] * dot.inner;
  }
  // Whether group i can make an operand of contraction d block by block: rows of a whole, or panels of b.
  constexpr bool fits_producer(int i, int d, bool b) {
    const group &g = out.p.groups[i], &dot = out.p.groups[d];
    if ((g.head >= 0 && !(!b && may_chain(i, d))) || g.roots.count != 1 ||
        !(g.kind == group_kind::map || (!b && g.kind == group_kind::rows)))
      return false;
    const loop_access& a = out.p.accesses[dot.accesses.first + b];
    const extent_t columns = b ? dot.inner : dot.loop;
    if (g.inner != columns || !is_plain(g, out.p.stores[g.roots.first].where, columns) || a.base != 0) return false;
    // The contraction reads it in order.
    builder& h = out.p.graph;
    extent_t run = h.product(columns, b ? dot.loop : dot.outer_extent[dot.outer - 1]), rows = b ? dot.loop : rows_of(dot);
    bool good = b ? a.inner == 1 && a.loop == columns : a.loop == 1 && a.outer[dot.outer - 1] == columns;
    for (int k = dot.outer - 1; k-- > 0; run = h.product(run, dot.outer_extent[k])) good &= !b && a.outer[k] == run;
    return good && rows_of(g) == rows;
  }
  // A contraction whose consumer makes the rows of another: worth it where few multiply-adds come with each element in between, as in
  // attention. With run-time extents only a row program (a softmax) speaks for it.
  constexpr bool may_chain(int consumer, int d) const {
    const group &to = out.p.groups[d], &with = out.p.groups[consumer], &from = out.p.groups[with.head];
    if (from.consumer != consumer || from.head >= 0 || to.partner >= 0 || !same_loops(from, to)) return false;
    if (from.makes_a >= 0 && out.p.groups[from.makes_a].kind == group_kind::dot) return false;
    if (graph::is_symbol(from.loop) || graph::is_symbol(to.inner)) return with.kind == group_kind::rows;
    return from.loop + to.inner <= most_chained;
  }
  static constexpr extent_t most_chained = 512;

  constexpr void nest() {
    inside_.resize(out.p.graph.nodes.size(), false);
    for (int d = 0; d < out.p.groups.size(); ++d) {
      group& dot = out.p.groups[d];
      if (dot.kind != group_kind::dot) continue;
      const int id = out.p.stores[dot.roots.first].node;
      const int reader = is_temporary(id) ? reader_of(id, -1) : -1;
      if (reader >= 0 && fits_consumer(reader, d)) {
        group& with = out.p.groups[reader];
        if (with.head < 0) {
          with.head = d, dot.consumer = reader, inside_[id] = true;
        } else if (group& first = out.p.groups[with.head];
                   first.consumer == reader && first.partner < 0 && with.inner == dot.inner && same_loops(first, dot)) {
          dot.head = with.head, first.partner = d, inside_[id] = true;
        }
      }
    }
    for (int d = 0; d < out.p.groups.size(); ++d) {
      group& dot = out.p.groups[d];
      if (dot.kind != group_kind::dot || dot.head >= 0) continue;
      for (int b = 0; b < 2; ++b) {
        const loop_access& a = out.p.accesses[dot.accesses.first + b];
        const int id = a.node, other = 1 - b;
        if (!is_temporary(id) || out.p.accesses[dot.accesses.first + other].node == id || !fits_producer(producer_[id], d, b)) continue;
        if (reader_of(id, dot.partner) != d) continue;
        if (dot.partner >= 0 && b == 0) {  // the partner must read the same rows of a
          const loop_access& same = out.p.accesses[out.p.groups[dot.partner].accesses.first];
          const loop_access& not_b = out.p.accesses[out.p.groups[dot.partner].accesses.first + 1];
          if (reader_of(id, d) != dot.partner || same.node != id || not_b.node == id || !same_strides(dot, a, same)) continue;
        } else if (dot.partner >= 0 && reader_of(id, d) >= 0) {
          continue;
        }
        const int maker = head_of(producer_[id]);
        (b ? dot.makes_b : dot.makes_a) = maker;
        out.p.groups[maker].head = d, inside_[id] = true;
        if (maker != producer_[id]) {  // a chain
          group& with = out.p.groups[producer_[id]];
          const row_limit limit = limit_of_rows(out.p, with);
          with.limited = limit.exists, with.visible = limit.visible;
        }
      }
    }
  }
  static constexpr bool same_loops(const group& a, const group& b) {
    bool same = a.outer == b.outer;
    for (int d = 0; same && d < a.outer; ++d) same = a.outer_extent[d] == b.outer_extent[d];
    return same;
  }
  static constexpr bool same_strides(const group& g, const loop_access& a, const loop_access& b) {
    bool same = a.base == b.base && a.loop == b.loop && a.inner == b.inner;
    for (int d = 0; d < g.outer; ++d) same &= a.outer[d] == b.outer[d];
    return same;
  }

  constexpr void order_groups() {
    list<bool> done;
    done.resize(out.p.groups.size(), false);
    int left = 0;
    for (const group& g : out.p.groups) left += g.head < 0;
    while (out.order.size() < left) {
      bool moved = false;
      for (int i = 0; i < out.p.groups.size(); ++i) {
        if (done[i] || out.p.groups[i].head >= 0) continue;
        bool ready = true;
        const unit u = unit_of(i);
        for (int m = 0; m < u.count; ++m) {
          const group& g = out.p.groups[u.group[m]];
          for (int k = 0; k < g.accesses.count; ++k) {
            const loop_access& a = out.p.accesses[g.accesses.first + k];
            if (a.kind == access::memory && producer_[a.node] >= 0 && head_of(producer_[a.node]) != i)
              ready &= done[head_of(producer_[a.node])];
          }
        }
        if (ready) out.order.add(i), done[i] = moved = true;
      }
      if (!moved) throw "sinter: the groups of a plan depend on each other in a circle; this is an error of sinter";
    }
  }
  constexpr void place_results() {
    const builder& g = out.p.graph;
    out.places.resize(g.nodes.size());
    for (int i = 0; i < g.nodes.size(); ++i)
      if (g.nodes[i].op == opcode::param) {
        const int index = static_cast<int>(g.attribute(i, 0));
        out.params = index + 1 > out.params ? index + 1 : out.params;
        if (producer_[i] < 0) out.places[i] = {place::param, index, 0};
      }
    list<bool> read;
    read.resize(g.nodes.size(), false);
    for (const loop_access& a : out.p.accesses)
      if (a.kind == access::memory) read[a.node] = true;
    for (int r = 0; r < g.results.size(); ++r) {
      const int id = strip(g, g.results[r]);
      out.result_root.add(id);
      int earlier = -1;
      for (int e = 0; e < r; ++e)
        if (out.result_root[e] == id && earlier < 0) earlier = e;
      out.copy_of.add(earlier);
      if (earlier >= 0) continue;
      out.places[id] = {place::result, r, 0};
    }
  }
  constexpr int last_use(int id) const {
    int last = -1;
    for (int k = first_read_[id]; k >= 0; k = next_read_[k]) {
      const int at = position_[head_of(reader_[k])];
      last = at > last ? at : last;
    }
    return last;
  }
  // Whether an access reads what store s writes; where a group writes pairs of neighbours, both of them, it may read either: in its loop
  // every load of a packet comes before its stores.
  constexpr bool same_base(const loop_access& a, const store& s) const {
    const node& n = out.p.graph.nodes[s.node];
    const bool pairs = n.op == opcode::stack && out.p.graph.attribute(s.node, 0) == out.p.graph.shape_of(s.node).rank - 1;
    return pairs ? a.base == 0 || a.base == 1 : a.base == s.where.base;
  }
  // Every read of `id` in group k is of the very element that store `s` writes, and no read comes after the write.
  constexpr bool same_elements(const group& g, int id, const store& s, access::kind_t kind = access::memory) const {
    if (g.kind != group_kind::map && g.kind != group_kind::rows) return false;
    bool any = false;
    for (int i = 0; i < g.accesses.count; ++i) {
      const loop_access& a = out.p.accesses[g.accesses.first + i];
      if (a.kind != kind || a.node != id) continue;
      any = true;
      if (a.guards || !same_base(a, s) || a.inner != s.where.inner) return false;
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
      const unit u = unit_of(out.order[k]);
      const group& gr = out.p.groups[u.group[u.count - 1]];  // of a kernel of several groups the last writes to memory
      for (int i = 0; i < gr.roots.count; ++i) {
        const store& s = out.p.stores[gr.roots.first + i];
        if (out.places[s.node].kind != place::nowhere || inside_[s.node]) continue;
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
  constexpr void overwrites() {
    const builder& g = out.p.graph;
    list<int> last_read;  // parameter -> the last kernel that reads it
    out.reads.resize(out.params, false), last_read.resize(out.params, -1);
    for (int i = 0; i < out.p.accesses.size(); ++i) {
      const int q = argument_of(out.p.accesses[i]);
      if (q < 0) continue;
      const int at = position_[head_of(reader_[i])];
      out.reads[q] = true, last_read[q] = at > last_read[q] ? at : last_read[q];
    }
    for (int r = 0; r < g.results.size(); ++r) {
      const int begin = out.overwrites.size(), writer = producer_[out.result_root[r]], at = position_[head_of(writer)];
      for (int q = 0; q < out.params; ++q) out.overwrites.add(out.copy_of[r] < 0 && last_read[q] <= at);  // not read after the write
      const unit u = unit_of(out.order[at]);
      for (int m = 0; m < u.count; ++m) {
        const group& gr = out.p.groups[u.group[m]];
        for (int i = 0; i < gr.accesses.count; ++i) {
          const loop_access& a = out.p.accesses[gr.accesses.first + i];
          const int q = argument_of(a);
          if (q < 0) continue;
          bool good = u.group[m] == writer;  // nor while other blocks are written
          for (int j = 0; good && j < gr.roots.count; ++j) {
            const store& s = out.p.stores[gr.roots.first + j];
            if (s.node == out.result_root[r])
              good = same_elements(gr, a.node, s, a.kind) && size_of(g.nodes[a.node].type) == size_of(g.nodes[s.node].type);
          }
          if (!good) out.overwrites[begin + q] = false;
        }
      }
    }
  }
  constexpr int argument_of(const loop_access& a) const {  // the parameter that an access reads, or -1
    if (a.kind == access::argument) return static_cast<int>(out.p.graph.attribute(a.node, 0));
    return a.kind == access::memory && out.places[a.node].kind == place::param ? out.places[a.node].index : -1;
  }
  // The elements of operand i of a library call that one of its batches reads.
  constexpr extent_t elements_of_batch(const group& gr, int i) {
    builder& g = out.p.graph;
    const shape<> s = g.shape_of(g.nodes[out.p.stores[gr.roots.first].node].operand[i]);
    extent_t n = 1;
    for (int a = gr.outer; a < s.rank; ++a) n = g.product(n, s[a]);
    return graph::is_symbol(n) ? -1 : n;
  }
  // How many of a buffer's elements access i reads, at most `whole`; all where an extent is known at run time only.
  constexpr extent_t covered(const group& gr, int i, extent_t whole) {
    const loop_access& a = out.p.accesses[gr.accesses.first + i];
    extent_t n = gr.kind == group_kind::library_call ? elements_of_batch(gr, i) : 1;
    const auto along = [&](extent_t extent, extent_t stride) { n = stride == 0 ? n : n < 0 || graph::is_symbol(extent) ? -1 : n * extent; };
    for (int d = 0; d < gr.outer; ++d) along(gr.outer_extent[d], a.outer[d]);
    along(gr.inner, a.inner), along(gr.loop, a.loop);
    return n < 0 || n > whole ? whole : n;
  }
  constexpr void count() {
    builder& g = out.p.graph;
    totals& t = out.total;
    t.kernels = out.order.size();
    for (const group& gr : out.p.groups) {
      extent_t around = 1;
      for (int i = 0; i < gr.outer; ++i) around = g.product(around, gr.outer_extent[i]);
      const extent_t row = gr.kind == group_kind::rows || gr.kind == group_kind::map || gr.kind == group_kind::row_call
                               ? around
                               : g.product(around, gr.inner);
      const extent_t all = g.product(g.product(around, gr.inner), gr.loop);
      for (int i = 0; i < gr.steps.count; ++i) {
        const step& s = out.p.steps[gr.steps.first + i];
        if (s.op == opcode::dot) t.flops = g.sum(t.flops, g.product(all, 2));
        else if (is_reduction(s.op)) t.flops = g.sum(t.flops, all);
        else if (is_element(s.op))
          t.flops =
              g.sum(t.flops, g.product((s.uses & (gr.kind == group_kind::columns ? 2u : 1u)) ? all : row, s.op == opcode::fma ? 2 : 1));
      }
      // Memory: each buffer that a group reads counts once, with the part of it that the loops cover.
      for (int i = 0; i < gr.accesses.count; ++i) {
        const loop_access& a = out.p.accesses[gr.accesses.first + i];
        if ((a.kind != access::memory && a.kind != access::argument) || inside_[a.node]) continue;
        bool first = true;
        extent_t whole = g.size_of(g.shape_of(a.node)), part = 0;
        for (int j = 0; j < gr.accesses.count; ++j) {
          const loop_access& b = out.p.accesses[gr.accesses.first + j];
          if (b.kind != a.kind || b.node != a.node) continue;
          first &= j >= i;
          if (!graph::is_symbol(whole)) part += covered(gr, j, whole);
        }
        if (!graph::is_symbol(whole) && part < whole) whole = part;
        if (first) t.bytes_read = g.sum(t.bytes_read, g.product(whole, size_of(g.nodes[a.node].type)));
      }
      for (int i = 0; i < gr.roots.count; ++i) {
        const store& s = out.p.stores[gr.roots.first + i];
        if (inside_[s.node] || (i > 0 && out.p.stores[gr.roots.first + i - 1].node == s.node)) continue;  // a stack counts once
        t.bytes_written = g.sum(t.bytes_written, g.product(g.size_of(g.shape_of(s.node)), size_of(g.nodes[s.node].type)));
      }
    }
  }
};

}  // namespace detail

/// Orders the groups and places every intermediate.
constexpr planned make_plan(partitioned&& p) {
  detail::planner m(static_cast<partitioned&&>(p));
  m.run();
  return static_cast<planned&&>(m.out);
}

struct plan_size {
  graph::counts graph;
  int groups = 0, steps = 0, accesses = 0, selections = 0, stores = 0, results = 0, params = 0;
  constexpr bool fits(const plan_size& room) const {
    return graph.fits(room.graph) && groups <= room.groups && steps <= room.steps && accesses <= room.accesses &&
           selections <= room.selections && stores <= room.stores && results <= room.results && params <= room.params;
  }
};
constexpr plan_size size_of(const planned& p) {
  return {p.p.graph.size(),      p.p.groups.size(), p.p.steps.size(),     p.p.accesses.size(),
          p.p.selections.size(), p.p.stores.size(), p.result_root.size(), p.params};
}

// A plan as one object without pointers; what every kernel call and every report reads.
template <plan_size N> struct frozen_plan {
  sinter::graph::frozen<N.graph> graph;
  group groups[N.groups + 1] = {};
  step steps[N.steps + 1] = {};
  loop_access accesses[N.accesses + 1] = {};
  guard selections[N.selections + 1] = {};
  store stores[N.stores + 1] = {};
  std::int32_t order[N.groups + 1] = {};
  place places[N.graph.nodes + 1] = {};
  std::int32_t result_root[N.results + 1] = {}, copy_of[N.results + 1] = {};
  bool direct[N.results + 1] = {};  // a strided destination is written by the group itself
  bool overwrites[N.results * N.params + 1] = {}, reads[N.params + 1] = {};
  totals total;
  static constexpr plan_size size = N;
  // The first elements of each array.
  template <plan_size M> constexpr frozen_plan<M> part() const {
    frozen_plan<M> f;
    f.graph = graph.template part<M.graph>();
    for (int i = 0; i < M.groups; ++i) f.groups[i] = groups[i], f.order[i] = order[i];
    for (int i = 0; i < M.steps; ++i) f.steps[i] = steps[i];
    for (int i = 0; i < M.accesses; ++i) f.accesses[i] = accesses[i];
    for (int i = 0; i < M.selections; ++i) f.selections[i] = selections[i];
    for (int i = 0; i < M.stores; ++i) f.stores[i] = stores[i];
    for (int i = 0; i < M.graph.nodes; ++i) f.places[i] = places[i];
    for (int i = 0; i < M.results; ++i) f.result_root[i] = result_root[i], f.copy_of[i] = copy_of[i], f.direct[i] = direct[i];
    for (int i = 0; i < M.results * M.params; ++i) f.overwrites[i] = overwrites[i];
    for (int i = 0; i < M.params; ++i) f.reads[i] = reads[i];
    f.total = total;
    return f;
  }
  constexpr bool is_result(int node) const { return places[node].kind == place::result; }
  constexpr unit kernel(int k) const { return unit_of(groups, order[k]); }
  constexpr bool is_in_memory(int node) const { return places[node].kind != place::nowhere; }
};
template <plan_size N> constexpr frozen_plan<N> freeze(const planned& p) {
  frozen_plan<N> f;
  f.graph = p.p.graph.template freeze<N.graph>();
  for (int i = 0; i < p.p.groups.size(); ++i) f.groups[i] = p.p.groups[i];
  for (int i = 0; i < p.order.size(); ++i) f.order[i] = p.order[i];
  for (int i = 0; i < p.p.steps.size(); ++i) f.steps[i] = p.p.steps[i];
  for (int i = 0; i < p.p.accesses.size(); ++i) f.accesses[i] = p.p.accesses[i];
  for (int i = 0; i < p.p.selections.size(); ++i) f.selections[i] = p.p.selections[i];
  for (int i = 0; i < p.p.stores.size(); ++i) f.stores[i] = p.p.stores[i];
  for (int i = 0; i < p.places.size(); ++i) f.places[i] = p.places[i];
  for (int i = 0; i < p.result_root.size(); ++i) {
    f.result_root[i] = p.result_root[i], f.copy_of[i] = p.copy_of[i];
    f.direct[i] = p.copy_of[i] < 0 && p.p.strided_result[p.result_root[i]] == i;
  }
  for (int i = 0; i < p.overwrites.size(); ++i) f.overwrites[i] = p.overwrites[i];
  for (int i = 0; i < p.params; ++i) f.reads[i] = p.reads[i];
  f.total = p.total;
  return f;
}

}  // namespace sinter::fuse
