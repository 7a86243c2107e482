// SPDX-License-Identifier: Apache-2.0
// Which groups run inside a contraction: the one that consumes its result, the ones that make its operands, a second contraction beside it,
// and a contraction whose consumer makes the rows of another. Their results in between never reach memory. On a GPU only a map that
// consumes one product does so; for a library that convolves also the windows of the operand, and a kernel that is in another order.
#pragma once

#include <sinter/fuse/causal.hpp>
#include <sinter/fuse/planned.hpp>
#include <sinter/fuse/windows.hpp>

namespace sinter::fuse::detail {

class nesting {
 public:
  constexpr nesting(planned& p, bool on_threads, bool by_windows) : out(p), threads(on_threads), convolves(by_windows) {}
  constexpr void run() {
    nest_consumers();
    nest_makers();
  }

 private:
  planned& out;
  bool threads, convolves;

  constexpr void nest_consumers() {
    for (int d = 0; d < out.p.groups.size(); ++d) {
      group& dot = out.p.groups[d];
      if (dot.kind != group_kind::dot) continue;
      const int id = out.p.stores[dot.roots.first].node;
      const int reader = is_temporary(id) ? reader_of(id, -1) : -1;
      if (reader >= 0 && fits_consumer(reader, d)) {
        group& with = out.p.groups[reader];
        if (with.head < 0) {
          with.head = d, dot.consumer = reader, out.inside[id] = true;
        } else if (group& first = out.p.groups[with.head];
                   !threads && first.consumer == reader && first.partner < 0 && with.inner == dot.inner && same_loops(first, dot)) {
          dot.head = with.head, first.partner = d, out.inside[id] = true;
        }
      }
    }
  }
  constexpr void nest_makers() {
    for (int d = 0; d < out.p.groups.size(); ++d) {
      group& dot = out.p.groups[d];
      if (dot.kind != group_kind::dot || dot.head >= 0) continue;
      for (int b = 0; b < 2; ++b) {
        const loop_access& a = out.p.accesses[dot.accesses.first + b];
        const int id = a.node, other = 1 - b;
        if (!is_temporary(id) || out.p.accesses[dot.accesses.first + other].node == id || !fits_producer(out.producer[id], d, b)) continue;
        if (threads && !(convolves ? is_convolved(dot, out.producer[id], b) : is_made_seldom(dot, b))) continue;
        if (reader_of(id, dot.partner) != d) continue;
        if (dot.partner >= 0 && b == 0) {  // the partner must read the same rows of a
          const loop_access& same = out.p.accesses[out.p.groups[dot.partner].accesses.first];
          const loop_access& not_b = out.p.accesses[out.p.groups[dot.partner].accesses.first + 1];
          if (reader_of(id, d) != dot.partner || same.node != id || not_b.node == id || !same_strides(dot, a, same)) continue;
        } else if (dot.partner >= 0 && reader_of(id, d) >= 0) {
          continue;
        }
        const int maker = out.head_of(out.producer[id]);
        if (maker == out.producer[id]) out.p.groups[maker].apart = rows_in(out.p.groups[maker], b ? dot.inner : dot.loop);
        (b ? dot.makes_b : dot.makes_a) = maker;
        out.p.groups[maker].head = d, out.inside[id] = true;
        if (maker != out.producer[id]) {  // a chain
          group& with = out.p.groups[out.producer[id]];
          const row_limit limit = limit_of_rows(out.p, with);
          with.limited = limit.exists, with.visible = limit.visible;
        }
      }
    }
  }

  // On a GPU every tile along the other axis makes the operand again.
  static constexpr extent_t most_made_again = 256;
  static constexpr bool is_made_seldom(const group& dot, bool b) {
    const extent_t n = b ? dot.outer_extent[dot.outer - 1] : dot.inner;
    return !graph::is_symbol(n) && n <= most_made_again;
  }
  // A library takes other products with operands in memory; this reads the windows, or the kernel of such, where they are.
  constexpr bool is_convolved(const group& dot, int maker, bool b) const {
    const group& g = out.p.groups[maker];
    const loop_access& a = out.p.accesses[g.accesses.first];
    if (g.steps.count != 1 || g.accesses.count != 1 || a.kind != access::memory || a.use != access::each || a.guards) return false;
    return b ? dot.makes_a >= 0 : windows_of(out.p.graph.view(), out.p.stores[g.roots.first].node).spatial > 0;
  }
  constexpr int reader_of(int id, int but) const {  // the only kernel that reads a node, other than `but`; -1: none, -2: several
    int found = -1;
    for (int k = out.first_read[id]; k >= 0; k = out.next_read[k])
      if (out.reader[k] != but) found = found == -1 || found == out.reader[k] ? out.reader[k] : -2;
    return found;
  }
  constexpr bool is_temporary(int id) const { return out.producer[id] >= 0 && out.places[id].kind == place::nowhere; }
  constexpr extent_t rows_of(const group& g) {
    extent_t n = 1;
    for (int d = 0; d < g.outer; ++d) n = out.p.graph.product(n, g.outer_extent[d]);
    return n;
  }
  // Strides that run through rows and columns in order: element = row * columns + column.
  constexpr bool is_plain(const group& g, const loop_access& a, extent_t columns) {
    extent_t run = columns;
    bool good = a.base == 0 && a.inner == 1 && a.guards == 0 && a.use == access::each;
    for (int d = g.outer; d-- > 0; run = out.p.graph.product(run, g.outer_extent[d]))
      good &= a.outer[d] == run || is_one(g.outer_extent[d]);
    return good;
  }
  // Whether group i can consume the result of contraction d block by block.
  constexpr bool fits_consumer(int i, int d) {
    const group &g = out.p.groups[i], &dot = out.p.groups[d];
    if (threads && g.kind != group_kind::map) return false;
    if (!threads && consumes_whole(g, dot)) return reads_in_order(g, out.p.stores[dot.roots.first].node, g.inner);
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
    return g.kind == group_kind::map && g.outer == 0 && dot.outer == 1 && fits_beside(h, out.p.stores[dot.roots.first].node) &&
           dot.outer_extent[0] > 1 && g.inner == dot.outer_extent[0] * dot.inner;
  }
  // Whether group i can make an operand of contraction d block by block: rows of a whole, or panels of b.
  constexpr bool fits_producer(int i, int d, bool b) {
    const group &g = out.p.groups[i], &dot = out.p.groups[d];
    if ((g.head >= 0 && !(!b && may_chain(i, d))) || g.roots.count != 1 ||
        !(g.kind == group_kind::map || (!b && !threads && g.kind == group_kind::rows)))
      return false;
    if (threads && (g.head >= 0 || (!convolves && g.inner != (b ? dot.inner : dot.loop)))) return false;
    const loop_access& a = out.p.accesses[dot.accesses.first + b];
    const extent_t columns = b ? dot.inner : dot.loop;
    const int apart = b || g.kind != group_kind::map || g.head >= 0 ? 1 : rows_in(g, columns);
    if (apart == 0 || (apart == 1 && g.inner != columns) || a.base != 0) return false;
    if (!is_plain(g, out.p.stores[g.roots.first].where, g.inner)) return false;
    // The contraction reads it in order.
    builder& h = out.p.graph;
    extent_t run = h.product(columns, b ? dot.loop : dot.outer_extent[dot.outer - 1]), rows = b ? dot.loop : rows_of(dot);
    bool good = b ? a.inner == 1 && a.loop == columns : a.loop == 1 && a.outer[dot.outer - 1] == columns;
    for (int k = dot.outer - 1; k-- > 0; run = h.product(run, dot.outer_extent[k])) good &= !b && a.outer[k] == run;
    return good && rows_of(g) == h.product(rows, apart);
  }
  // How many rows of a map are as many elements as a row of the contraction that it makes; 0: no whole number.
  static constexpr int rows_in(const group& g, extent_t columns) {
    if (g.inner == columns) return 1;
    if (graph::is_symbol(g.inner) || graph::is_symbol(columns) || g.inner < 1 || columns < 1 || columns % g.inner != 0) return 0;
    return static_cast<int>(columns / g.inner);
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
};

}  // namespace sinter::fuse::detail
