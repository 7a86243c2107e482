// SPDX-License-Identifier: Apache-2.0
// Which nodes are written to memory, and which of those are computed together: the partition of a graph into groups. Starts from the
// results, lowers each back to memory, joins what shares a loop, and writes to memory what would otherwise be computed twice at a cost.
#pragma once

#include <sinter/fuse/lower.hpp>

namespace sinter::fuse {

enum class group_kind : std::uint8_t { map, rows, columns, dot, row_call, library_call };
constexpr const char* name(group_kind k) {
  constexpr const char* names[] = {"map", "rows", "columns", "dot", "row program", "library call"};
  return names[static_cast<int>(k)];
}

// One group as sets of numbers into shared lists (see partitioned).
struct span {
  int first = 0, count = 0;
};
struct group {
  group_kind kind{};
  span steps, accesses, selections, roots;  // roots: stores
  int outer = 0;                            // loops around, outermost first
  extent_t outer_extent[max_dims] = {};
  extent_t inner = 1;  // innermost loop: packets run along it
  extent_t loop = 1;   // columns: the reduced loop; dot: k
  // A contraction runs groups inside itself, block by block: those that make its operands and the one that consumes its result, which
  // may consume a second contraction of the same extents. Their results in between never reach memory.
  int makes_a = -1, makes_b = -1, consumer = -1, partner = -1;
  int head = -1;         // the contraction that this group runs inside of
  bool packed = false;   // dot: b is a constant, packed in advance
  bool limited = false;  // rows: what is computed from element j of row i counts only where j < i + visible
  extent_t visible = 0;
};
// An access in terms of a group's own loops: stride of each outer loop, of the inner loop and of the reduced loop.
struct loop_access {
  access::kind_t kind{};
  int node = 0;
  extent_t base = 0, outer[max_dims] = {}, inner = 0, loop = 0;
  int guards = 0;
  guard bound[max_guards] = {};  // dim: an outer loop, or inner_dim, or loop_dim
  static constexpr int inner_dim = 100, loop_dim = 101;
};
struct store {
  int node = 0, step = 0;
  loop_access where;
};

struct partitioned {
  builder graph;
  list<group> groups;
  list<step> steps;
  list<loop_access> accesses;
  list<guard> selections;
  list<store> stores;
  list<bool> materialised;
  list<int> strided_result;  // of a node: the result of any layout that its group writes itself, or -1
};

// A product whose result is read as a whole from a block beside: [m, n] of few elements.
inline constexpr extent_t small_product = 1024;
constexpr bool is_small_product(const builder& g, int id) {
  const shape<>& s = g.shape_of(id);
  return s.rank == 2 && !graph::is_symbol(s[0]) && !graph::is_symbol(s[1]) && s[0] * s[1] <= small_product;
}

namespace detail {

struct cluster {  // the roots of one future group, and what its lowering said
  int root[8] = {};
  int count = 0;
  span sources{}, computes{};
  int steps = 0;
  extent_t elements = 0;
};

constexpr int strip(const builder& g, int id) {
  while (g.nodes[id].op == opcode::reshape || g.nodes[id].op == opcode::as_complex) id = g.nodes[id].operand[0];
  return id;
}

class partitioner {
 public:
  partitioned out;
  constexpr partitioner(builder&& graph, unsigned strided) {
    out.graph = static_cast<builder&&>(graph);
    builder& g = out.graph;
    out.strided_result.resize(g.nodes.size(), -1);
    for (int r = 0; r < g.results.size(); ++r) {
      const int id = g.nodes[g.results[r]].op == opcode::as_complex ? g.nodes[g.results[r]].operand[0] : g.results[r];
      bool alone = (strided >> r & 1) && info(g.nodes[id].op).kind != op_info::whole && g.nodes[id].op != opcode::reshape;
      for (int q = 0; q < g.results.size(); ++q) alone &= q == r || strip(g, g.results[q]) != id;
      for (int i = 0; i < g.nodes.size(); ++i)
        for (int k = 0; k < g.nodes[i].operands; ++k) alone &= g.nodes[i].operand[k] != id || i == g.results[r];
      if (alone) out.strided_result[id] = r;
    }
  }

  constexpr void run() {
    builder& g = out.graph;
    out.materialised.resize(g.nodes.size(), false);
    for (std::int32_t r : g.results) out.materialised[strip(g, r)] = true;
    split_long_chains();
    while (!attempt()) {
    }
    for (const cluster& c : clusters_) emit(c);
  }

 private:
  list<cluster> clusters_;
  list<int> cluster_of_;
  list<int> sources_;   // nodes that a group reads
  list<int> computes_;  // 2 * node + costly, of each step of a group
  static constexpr int max_depth = 40, max_steps = 96;
  // What it costs to write an element and to read it again, in units of op_table (an addition in registers), in the cache and beyond.
  static constexpr extent_t write_and_read_near = 24, write_and_read_far = 64, near_bytes = 1 << 20, most_cost = 1 << 20;

  // A chain longer than a kernel body should be is cut.
  constexpr void split_long_chains() {
    const builder& g = out.graph;
    list<int> depth;
    depth.resize(g.nodes.size(), 0);
    for (int i = 0; i < g.nodes.size(); ++i) {
      int d = 0;
      for (int k = 0; k < g.nodes[i].operands; ++k) {
        const int o = g.nodes[i].operand[k];
        d = !out.materialised[o] && depth[o] > d ? depth[o] : d;
      }
      depth[i] = d + is_element(g.nodes[i].op) + is_reduction(g.nodes[i].op);
      if (depth[i] >= max_depth && is_element(g.nodes[i].op)) out.materialised[i] = true;
    }
  }
  // One round; false when something more had to be written to memory.
  constexpr bool attempt() {
    builder& g = out.graph;
    clusters_.clear();
    sources_.clear();
    cluster_of_.clear();
    cluster_of_.resize(g.nodes.size(), -1);
    bool complete = true;
    for (int i = 0; i < g.nodes.size(); ++i)  // in topological order
      if (out.materialised[i])
        complete &= g.nodes[i].op == opcode::library_call        ? place_library_call(i)
                    : info(g.nodes[i].op).kind == op_info::whole ? place_whole(i)
                                                                 : place(i);
    return complete && !write_what_is_shared();
  }
  // Operands of whole-operand ops must be loads.
  constexpr bool place_whole(int i) {
    const builder& g = out.graph;
    const node n = g.nodes[i];
    cluster c{{i}, 1, {sources_.size(), 0}};
    bool complete = true;
    for (int k = 0; k < n.operands; ++k) {
      lowering l(out.graph, out.materialised);
      access a;
      if (l.as_load(n.operand[k], a)) {
        sources_.add(a.node), ++c.sources.count;
      } else {
        out.materialised[l.force >= 0 ? l.force : strip(g, n.operand[k])] = true;
        complete = false;
      }
    }
    cluster_of_[i] = clusters_.add(c);
    return complete;
  }
  // The results of one library call are one group.
  constexpr bool place_library_call(int i) {
    const builder& g = out.graph;
    const node n = g.nodes[i];
    for (int c = 0; c < clusters_.size(); ++c)
      if (same_library_call(clusters_[c].root[0], i)) {
        clusters_[c].root[clusters_[c].count++] = i, cluster_of_[i] = c;
        return true;
      }
    cluster c{{i}, 1, {sources_.size(), 0}};
    bool complete = true;
    for (int k = 0; k < n.operands; ++k) {
      loop_access a;
      int force = -1;
      if (as_dense(n.operand[k], static_cast<int>(g.attribute(i, 2)), a, force)) {
        sources_.add(a.node), ++c.sources.count;
      } else {
        out.materialised[force] = true;
        complete = false;
      }
    }
    cluster_of_[i] = clusters_.add(c);
    return complete;
  }
  constexpr bool same_library_call(int i, int j) const {
    const builder& g = out.graph;
    const node &a = g.nodes[i], &b = g.nodes[j];
    bool same =
        a.op == opcode::library_call && b.op == opcode::library_call && a.operands == b.operands && g.attribute(i, 0) == g.attribute(j, 0);
    for (int k = 0; same && k < a.operands; ++k) same = a.operand[k] == b.operand[k];
    return same;
  }
  // An operand of a library call, in memory: any strides along the batches, row-major within one. False: `force` must be written first.
  constexpr bool as_dense(int id, int batches, loop_access& to, int& force) {
    builder& g = out.graph;
    const shape<> s = g.shape_of(id);
    const int from = strip(g, id);
    access a;
    const bool whole = out.materialised[from] || (g.nodes[from].op == opcode::param && !g.attribute(from, 1));
    if (!whole) {
      lowering l(g, out.materialised);
      if (!l.as_load(id, a)) {
        force = l.force >= 0 ? l.force : from;
        return false;
      }
    }
    to.node = whole ? from : a.node, to.base = a.base;
    extent_t run = 1;
    for (int k = s.rank - 1; k >= 0; --k) {
      const extent_t stride = whole ? run : a.stride[k];
      if (k < batches) to.outer[k] = stride;
      else if (stride != run && !is_one(s[k])) return force = from, false;
      run = g.product(run, s[k]);
    }
    return true;
  }
  // What is costly and computed in two groups is written to memory, as far from the leaves as possible.
  constexpr bool write_what_is_shared() {
    const builder& g = out.graph;
    if (clusters_.size() < 2) return false;
    list<int> times, seen;  // in how many groups a node is computed, and the last of them
    list<bool> heavy, shadowed;
    times.resize(g.nodes.size(), 0), seen.resize(g.nodes.size(), -1);
    heavy.resize(g.nodes.size(), false), shadowed.resize(g.nodes.size(), false);
    for (int c = 0; c < clusters_.size(); ++c) {
      for (int k = 0; k < clusters_[c].computes.count; ++k) {
        const int id = computes_[clusters_[c].computes.first + k];
        if (seen[id >> 1] != c) ++times[id >> 1], seen[id >> 1] = c;
        if (id & 1) heavy[id >> 1] = true;
      }
    }
    bool changed = false;
    for (int i = g.nodes.size(); i-- > 0;) {
      const bool twice = times[i] > 1 && heavy[i] && !out.materialised[i];
      if (twice && !shadowed[i]) out.materialised[i] = changed = true;
      if (twice || shadowed[i])  // a consumer that is itself computed twice is written instead
        for (int k = 0; k < g.nodes[i].operands; ++k) shadowed[g.nodes[i].operand[k]] = true;
    }
    return changed;
  }
  // Keeps what later decisions ask of a lowered group.
  constexpr void remember(cluster& c, const lowering& l) {
    c.sources = {sources_.size(), 0};
    for (const access& a : l.accesses)
      if (a.kind == access::memory) sources_.add(a.node), ++c.sources.count;
    c.computes = {computes_.size(), 0};
    for (const step& s : l.steps)
      if (s.op != opcode::param && s.op != opcode::constant && s.op != opcode::iota)
        computes_.add(s.node << 1 | s.heavy), ++c.computes.count;
    c.steps = l.steps.size();
    c.elements = 1;
    for (int d = 0; d < l.dims; ++d) c.elements = graph::is_symbol(l.extent[d]) || c.elements < 0 ? -1 : c.elements * l.extent[d];
  }

  constexpr void lower(const cluster& c, lowering& l) const {
    for (int i = 0; i < c.count; ++i) l.together.add(c.root[i]);
    for (int i = 0; i < c.count && l.ok; ++i) l.add_root(c.root[i]);
    if (l.ok && l.steps.size() > max_steps * 2) l.ok = false;
  }

  // Puts root i into a group that it shares a loop with, or into one of its own.
  constexpr bool place(int i) {
    cluster alone{{i}, 1};
    lowering l(out.graph, out.materialised);
    lower(alone, l);
    int force = l.force >= 0 ? l.force : check(l);
    if (!l.ok && force < 0) force = middle(l, i);
    if (force >= 0) {
      out.materialised[force] = true;
      return false;
    }
    remember(alone, l);
    for (int c = clusters_.size(); c-- > 0;) {
      const cluster& with = clusters_[c];
      if (with.computes.count == 0 && info(out.graph.nodes[with.root[0]].op).kind == op_info::whole) continue;
      if (with.count == 8 || with.steps + alone.steps > max_steps || (with.elements != alone.elements && !reads_root(alone, with)))
        continue;
      if (!shares(alone, with) || !may_join(alone, c)) continue;
      cluster joined = with;
      joined.root[joined.count++] = i;
      if (try_join(joined, c, i, true) || try_join(joined, c, i, false)) return true;
    }
    cluster_of_[i] = clusters_.add(alone);
    return true;
  }
  constexpr int middle(const lowering& l, int root) const {  // too many steps: cut in the middle
    for (int i = l.steps.size() / 2; i < l.steps.size(); ++i)
      if (is_element(l.steps[i].op) && l.steps[i].node != root && !out.materialised[l.steps[i].node]) return l.steps[i].node;
    return -1;
  }
  // The first root sets the domain: mostly the widest, but a reduction finds its reduced loop only from its own result.
  constexpr bool try_join(cluster joined, int c, int i, bool widest_first) {
    order_roots(joined, widest_first);
    lowering both(out.graph, out.materialised);
    lower(joined, both);
    if (!both.ok || both.force >= 0 || check(both) >= 0 || both.steps.size() > max_steps) return false;
    remember(joined, both);
    clusters_[c] = joined;
    cluster_of_[i] = c;
    return true;
  }
  constexpr void order_roots(cluster& c, bool widest_first) const {
    for (int i = 1; i < c.count; ++i)
      for (int j = i; j > 0 && (widest_first ? width(c.root[j]) > width(c.root[j - 1]) : width(c.root[j]) < width(c.root[j - 1])); --j) {
        const int t = c.root[j];
        c.root[j] = c.root[j - 1], c.root[j - 1] = t;
      }
  }
  constexpr int width(int id) const {
    int n = 0;
    const shape<>& s = root_shape(out.graph, id);
    for (int a = 0; a < s.rank; ++a) n += !is_one(s[a]);
    return n;
  }
  constexpr bool shares(const cluster& a, const cluster& b) const {  // a reads what b reads or writes
    for (int i = 0; i < a.sources.count; ++i) {
      const int id = sources_[a.sources.first + i];
      for (int k = 0; k < b.count; ++k)
        if (b.root[k] == id) return true;
      for (int k = 0; k < b.sources.count; ++k)
        if (sources_[b.sources.first + k] == id) return true;
    }
    return false;
  }
  constexpr bool reads_root(const cluster& a, const cluster& b) const {
    for (int i = 0; i < a.sources.count; ++i)
      for (int k = 0; k < b.count; ++k)
        if (b.root[k] == sources_[a.sources.first + i]) return true;
    return false;
  }
  // No path from group c through another group to a.
  constexpr bool may_join(const cluster& a, int c) const {
    list<bool> visited;
    visited.resize(clusters_.size(), false);
    for (int i = 0; i < a.sources.count; ++i) {
      const int from = cluster_of_[sources_[a.sources.first + i]];
      if (from >= 0 && from != c && depends(from, c, visited)) return false;
    }
    return true;
  }
  constexpr bool depends(int from, int on, list<bool>& visited) const {
    list<int> open;
    open.add(from);
    while (open.size() > 0) {
      const int at = open.back();
      open.pop();
      if (at == on) return true;
      if (visited[at]) continue;
      visited[at] = true;
      for (int i = 0; i < clusters_[at].sources.count; ++i) {
        const int next = cluster_of_[sources_[clusters_[at].sources.first + i]];
        if (next >= 0 && next != at) open.add(next);
      }
    }
    return false;
  }

  // What of a lowered group must be written to memory first; -1: nothing.
  constexpr int check(const lowering& l) const {
    if (!l.ok) return -1;
    const bool inner_reduced = l.dims > 0 && (l.reduced >> l.order[l.dims - 1] & 1);
    for (const step& s : l.steps) {
      // Costly and the same for every index of a loop further out: once is enough.
      if (s.heavy && info(s.op).cost >= 8 && !is_reduction(s.op) && s.uses) {
        int innermost = 0;
        for (int i = 0; i < l.dims; ++i)
          if (s.uses >> l.order[i] & 1) innermost = i;
        for (int i = 0; i < innermost; ++i) {
          const int d = l.order[i];
          const bool once = !inner_reduced && (l.reduced >> d & 1);
          if (!(s.uses >> d & 1) && !once && !out.materialised[s.node]) return s.node;
        }
      }
    }
    if (const int twice = computed_again(l); twice >= 0) return twice;
    if (!l.reduced) return -1;
    // The reduced dimensions must run as one loop.
    list<bool> below;  // steps that a reduction combines
    below.resize(l.steps.size(), false);
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
            const int operand = strip(out.graph, out.graph.nodes[r.node].operand[0]);
            return out.materialised[operand] ? r.node : operand;
          }
        }
      }
    return -1;
  }
  // A node that the group computes through several index maps, where to write and read it would cost less; the last of them, or -1.
  constexpr int computed_again(const lowering& l) const {
    const builder& g = out.graph;
    list<extent_t> cost;  // of a step and all below it, for one element
    for (const step& s : l.steps) {
      extent_t c = is_element(s.op) || s.op == opcode::pad ? info(s.op).cost : 0;
      for (int k = 0; k < s.operands && !is_reduction(s.op); ++k) c += cost[s.operand[k]];
      cost.add(c < most_cost ? c : most_cost);
    }
    for (int i = l.steps.size(); i-- > 0;) {
      const step& s = l.steps[i];
      if (cost[i] <= write_and_read_near || !is_element(s.op) || out.materialised[s.node]) continue;
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
  constexpr bool run_together(const lowering& l, const access& a, int p, int q) const {
    for (int i = 0; i < a.guards; ++i)
      if (a.bound[i].dim == p || a.bound[i].dim == q) return false;
    for (const guard& b : l.selections)
      if (b.dim == p || b.dim == q) return false;
    return a.stride[p] == const_cast<builder&>(out.graph).product(a.stride[q], l.extent[q]);
  }

  // Several reduced dimensions run as one loop, along which a result of any layout has no stride: it is copied there afterwards.
  constexpr void copy_what_cannot_be_strided(const lowering& l) {
    int reduced = 0;
    for (int d = 0; d < l.dims; ++d) reduced += l.reduced >> d & 1;
    for (const root& r : l.roots)
      for (int d = 0; d < l.dims; ++d)
        if (reduced > 1 && (l.reduced >> d & 1) && r.map.axis[d] >= 0) out.strided_result[r.node] = -1;
  }
  constexpr void emit(const cluster& c) {
    builder& g = out.graph;
    const node n = g.nodes[c.root[0]];
    if (n.op == opcode::library_call) return emit_library_call(c, n);
    if (info(n.op).kind == op_info::whole) return emit_whole(c.root[0], n);
    lowering l(g, out.materialised);
    lower(c, l);
    copy_what_cannot_be_strided(l);
    group result;
    const bool inner_reduced = l.dims > 0 && (l.reduced >> l.order[l.dims - 1] & 1);
    result.kind = !l.reduced ? group_kind::map : inner_reduced ? group_kind::rows : group_kind::columns;
    // Loops from outermost to innermost, neighbours joined where every access allows it; reduced ones are one loop already.
    const bool beside = is_beside_dot(l);
    int loops[max_dims] = {}, count = 0;  // the dimension that stands for each loop
    extent_t extent[max_dims] = {};
    for (int i = 0; i < l.dims; ++i) {
      const int d = l.order[i];
      bool join = count > 0 && ((l.reduced >> d & 1) == (l.reduced >> loops[count - 1] & 1)) && l.order[i - 1] == loops[count - 1];
      for (int k = 0; join && k < l.accesses.size(); ++k) join = run_together(l, l.accesses[k], loops[count - 1], d);
      for (int k = 0; join && k < l.roots.size(); ++k) join = root_runs(l, l.roots[k], loops[count - 1], d);
      for (int k = 0; join && k < l.selections.size(); ++k) join = l.selections[k].dim != loops[count - 1] && l.selections[k].dim != d;
      if (beside && i == l.dims - 1 && !l.reduced) join = false;
      if (join) extent[count - 1] = g.product(extent[count - 1], l.extent[d]), loops[count - 1] = d;
      else extent[count] = l.extent[d], loops[count++] = d;
    }
    int which[max_dims] = {};  // dimension -> outer loop, inner_dim or loop_dim; -1: joined into another
    for (int& w : which) w = -1;
    if (count > 0) {
      const int last = count - 1;
      which[loops[last]] = loop_access::inner_dim;
      result.inner = extent[last];
      for (int i = 0; i < last; ++i) {
        if (l.reduced >> loops[i] & 1) which[loops[i]] = loop_access::loop_dim, result.loop = extent[i];
        else result.outer_extent[result.outer] = extent[i], which[loops[i]] = result.outer++;
      }
    }
    result.steps = {out.steps.size(), l.steps.size()};
    result.accesses = {out.accesses.size(), l.accesses.size()};
    result.selections = {out.selections.size(), l.selections.size()};
    for (const access& a : l.accesses) out.accesses.add(translate(a, which));
    for (const guard& b : l.selections) out.selections.add({which[b.dim], b.first, b.last});
    for (step s : l.steps) {
      unsigned uses = 0;  // bit 0: inner, bit 1: loop, others: outer
      for (int d = 0; d < l.dims; ++d)
        if (s.uses >> d & 1)
          uses |= which[d] == loop_access::inner_dim  ? 1u
                  : which[d] == loop_access::loop_dim ? 2u
                  : which[d] >= 0                     ? 4u
                                                      : joined(l, d, which);
      s.uses = uses;
      out.steps.add(s);
    }
    result.roots.first = out.stores.size();
    for (const root& r : l.roots) {
      access a;
      a.node = r.node;
      extent_t run = 1;
      const shape<> s = g.shape_of(r.node);
      const int stacked = stack_axis(r.node);
      for (int k = s.rank - 1; k >= 0; --k) {
        if (k == stacked) a.base = r.part == 0 ? 0 : run;
        for (int d = 0; d < l.dims; ++d)
          if (k != stacked && r.map.axis[d] == (k > stacked ? k - 1 : k))
            a.stride[d] =
                out.strided_result[r.node] < 0 ? run : g.intern(graph::symbol{graph::symbol::stride, -1 - out.strided_result[r.node], k});
        run = g.product(run, s[k]);
      }
      out.stores.add({r.node, r.step, translate(a, which)});
    }
    result.roots.count = out.stores.size() - result.roots.first;
    out.groups.add(result);
  }
  // It may run inside a contraction, which needs rows and columns apart, unless all of the product is consumed at once.
  constexpr bool is_beside_dot(const lowering& l) const {
    const builder& g = out.graph;
    for (const access& a : l.accesses)
      if (a.kind == access::memory && g.nodes[a.node].op == opcode::dot && !is_small_product(g, a.node)) return true;
    for (const cluster& c : clusters_)
      if (g.nodes[c.root[0]].op == opcode::dot)
        for (int i = 0; i < c.sources.count; ++i)
          for (const root& r : l.roots)
            if (sources_[c.sources.first + i] == r.node) return true;
    return false;
  }
  // The bit of the loop that dimension d was joined into.
  static constexpr unsigned joined(const lowering& l, int d, const int* which) {
    for (int i = 0; i < l.dims; ++i)
      if (l.order[i] == d)
        for (int j = i + 1; j < l.dims; ++j)
          if (which[l.order[j]] >= 0)
            return which[l.order[j]] == loop_access::inner_dim ? 1u : which[l.order[j]] == loop_access::loop_dim ? 2u : 4u;
    return 0;
  }
  // The axis that a stack adds; beyond all of them where the node is none.
  constexpr int stack_axis(int id) const {
    return out.graph.nodes[id].op == opcode::stack ? static_cast<int>(out.graph.attribute(id, 0)) : max_rank;
  }
  constexpr bool root_runs(const lowering& l, const root& r, int p, int q) const {
    if (out.strided_result[r.node] >= 0 && r.map.axis[q] >= 0) return false;
    if (const int stacked = stack_axis(r.node); r.map.axis[p] < stacked && r.map.axis[q] >= stacked) return false;
    return (r.map.axis[p] < 0) == (r.map.axis[q] < 0) &&
           (r.map.axis[q] < 0 || next_axis(r.node, r.map.axis[p]) == r.map.axis[q] || l.dims == 0);
  }
  constexpr int next_axis(int id, int axis) const {
    const shape<>& s = root_shape(out.graph, id);
    do ++axis;
    while (axis < s.rank && is_one(s[axis]));
    return axis;
  }
  static constexpr loop_access translate(const access& a, const int* which) {
    loop_access t;
    t.kind = a.kind, t.node = a.node, t.base = a.base, t.guards = a.guards;
    for (int d = 0; d < max_dims; ++d) {
      if (which[d] == loop_access::inner_dim) t.inner = a.stride[d];
      else if (which[d] == loop_access::loop_dim) t.loop = a.stride[d];
      else if (which[d] >= 0) t.outer[which[d]] = a.stride[d];
    }
    for (int i = 0; i < a.guards; ++i) t.bound[i] = {which[a.bound[i].dim], a.bound[i].first, a.bound[i].last};
    return t;
  }
  constexpr void emit_library_call(const cluster& c, const node& n) {
    builder& g = out.graph;
    const shape<> s = g.shape_of(c.root[0]);
    group result;
    result.kind = group_kind::library_call;
    result.outer = static_cast<int>(g.attribute(c.root[0], 2));
    for (int d = 0; d < result.outer; ++d) result.outer_extent[d] = s[d];
    result.accesses = {out.accesses.size(), n.operands};
    for (int k = 0; k < n.operands; ++k) {
      loop_access a;
      int force = -1;
      as_dense(n.operand[k], result.outer, a, force);
      out.accesses.add(a);
    }
    result.roots = {out.stores.size(), c.count};
    for (int r = 0; r < c.count; ++r) {
      store st;
      st.node = st.where.node = c.root[r];
      extent_t run = 1;
      for (int k = g.shape_of(st.node).rank - 1; k >= 0; --k) {
        if (k < result.outer) st.where.outer[k] = run;
        run = g.product(run, g.shape_of(st.node)[k]);
      }
      out.stores.add(st);
    }
    result.steps = {out.steps.size(), 1};
    step call;
    call.op = n.op, call.type = n.type, call.node = c.root[0], call.payload = g.attribute(c.root[0], 0);
    out.steps.add(call);
    out.groups.add(result);
  }
  constexpr void emit_whole(int id, const node& n) {
    builder& g = out.graph;
    group result;
    result.kind = n.op == opcode::dot ? group_kind::dot : group_kind::row_call;
    const shape<>& s = g.shape_of(id);
    result.inner = s[s.rank - 1];
    result.outer = s.rank - 1;
    for (int i = 0; i < result.outer; ++i) result.outer_extent[i] = s[i];
    result.accesses = {out.accesses.size(), n.operands};
    for (int k = 0; k < n.operands; ++k) {
      lowering l(g, out.materialised);
      access a;
      l.as_load(n.operand[k], a);
      loop_access t;
      t.node = a.node, t.base = a.base;
      // dot: a is [outer..., m, k], b is [outer..., k, n]; row programs: [outer..., inner].
      if (n.op == opcode::dot) {
        for (int i = 0; i < s.rank - 2; ++i) t.outer[i] = a.stride[i];
        if (k == 0)
          t.outer[s.rank - 2] = a.stride[s.rank - 2], t.loop = a.stride[s.rank - 1], result.loop = g.shape_of(n.operand[0])[s.rank - 1];
        else t.loop = a.stride[s.rank - 2], t.inner = a.stride[s.rank - 1];
      } else {
        for (int i = 0; i < s.rank - 1; ++i) t.outer[i] = a.stride[i];
        t.inner = a.stride[s.rank - 1];
      }
      out.accesses.add(t);
    }
    store st;
    st.node = id, st.where.node = id;
    extent_t run = 1;
    for (int k = s.rank - 1; k >= 0; --k) {
      if (k == s.rank - 1) st.where.inner = 1;
      else st.where.outer[k] = run;
      run = g.product(run, s[k]);
    }
    result.roots = {out.stores.size(), 1};
    out.stores.add(st);
    result.steps = {out.steps.size(), 1};
    step call;
    call.op = n.op, call.type = n.type, call.node = id;
    if (n.op == opcode::row_call) call.payload = g.attribute(id, 0);
    out.steps.add(call);
    out.groups.add(result);
  }
};

}  // namespace detail

/// Partitions a simplified graph into groups. Bit r of `strided`: result r goes to memory of any layout.
constexpr partitioned partition(builder&& graph, unsigned strided) {
  detail::partitioner p(static_cast<builder&&>(graph), strided);
  p.run();
  return static_cast<partitioned&&>(p.out);
}

}  // namespace sinter::fuse
