// SPDX-License-Identifier: Apache-2.0
// Groups written down: which dimensions of a lowered group run as one loop, and every access in strides of these loops. Also the groups
// that are no loops: products, row programs of the user's and library calls, which read whole operands.
#pragma once

#include <sinter/fuse/group.hpp>
#include <sinter/graph/control.hpp>

namespace sinter::fuse::detail {

// The axis that a stack adds; beyond all of them where the node is none.
constexpr int stack_axis(const builder& g, int id) {
  return g.nodes[id].op == opcode::stack ? static_cast<int>(g.attribute(id, 0)) : max_rank;
}

// The loops of a lowered group, and its steps, accesses and stores in terms of them.
class emission {
 public:
  constexpr emission(partitioned& out, const lowering& l) : out_(out), g_(out.graph), l_(l) {}

  // apart: the innermost loop stays one of its own.
  constexpr void run(bool apart) {
    copy_what_cannot_be_strided();
    const bool inner_reduced = l_.dims > 0 && (l_.reduced >> l_.order[l_.dims - 1] & 1);
    result_.kind = g_.nodes[l_.roots[0].node].op == opcode::scatter ? group_kind::scatter
                   : !l_.reduced                                    ? group_kind::map
                   : inner_reduced                                  ? group_kind::rows
                                                                    : group_kind::columns;
    add_loops(apart);
    add_steps();
    add_stores();
    out_.groups.add(result_);
  }

 private:
  partitioned& out_;
  builder& g_;
  const lowering& l_;
  group result_;
  int which_[max_dims] = {-1, -1, -1, -1, -1, -1, -1, -1};  // dimension -> outer loop, inner_dim or loop_dim; -1: joined into another

  // Several reduced dimensions run as one loop, along which a result of any layout has no stride: it is copied there afterwards.
  constexpr void copy_what_cannot_be_strided() {
    int reduced = 0;
    for (int d = 0; d < l_.dims; ++d) reduced += l_.reduced >> d & 1;
    for (const root& r : l_.roots)
      for (int d = 0; d < l_.dims; ++d)
        if (reduced > 1 && (l_.reduced >> d & 1) && r.map.axis[d] >= 0) out_.strided_result[r.node] = -1;
  }
  // From outermost to innermost, neighbours joined where every access allows it; reduced ones are one loop already.
  constexpr void add_loops(bool apart) {
    int loops[max_dims] = {}, count = 0;  // the dimension that stands for each loop
    extent_t extent[max_dims] = {};
    for (int i = 0; i < l_.dims; ++i) {
      const int d = l_.order[i];
      bool join = count > 0 && ((l_.reduced >> d & 1) == (l_.reduced >> loops[count - 1] & 1)) && l_.order[i - 1] == loops[count - 1];
      for (int k = 0; join && k < l_.accesses.size(); ++k) join = run_together(l_, l_.accesses[k], loops[count - 1], d);
      for (int k = 0; join && k < l_.roots.size(); ++k) join = root_runs(l_.roots[k], loops[count - 1], d);
      for (int k = 0; join && k < l_.selections.size(); ++k) join = l_.selections[k].dim != loops[count - 1] && l_.selections[k].dim != d;
      if (apart && i == l_.dims - 1 && !l_.reduced) join = false;
      if (join) extent[count - 1] = g_.product(extent[count - 1], l_.extent[d]), loops[count - 1] = d;
      else extent[count] = l_.extent[d], loops[count++] = d;
    }
    if (count > 0) {
      const int last = count - 1;
      which_[loops[last]] = loop_access::inner_dim;
      result_.inner = extent[last];
      for (int i = 0; i < last; ++i) {
        if (l_.reduced >> loops[i] & 1) which_[loops[i]] = loop_access::loop_dim, result_.loop = extent[i];
        else result_.outer_extent[result_.outer] = extent[i], which_[loops[i]] = result_.outer++;
      }
    }
  }
  constexpr void add_steps() {
    result_.steps = {out_.steps.size(), l_.steps.size()};
    result_.accesses = {out_.accesses.size(), l_.accesses.size()};
    result_.selections = {out_.selections.size(), l_.selections.size()};
    for (const access& a : l_.accesses) out_.accesses.add(translate(a));
    for (const guard& b : l_.selections) out_.selections.add({which_[b.dim], b.first, b.last});
    for (step s : l_.steps) {
      unsigned uses = 0;  // bit 0: inner, bit 1: loop, others: outer
      for (int d = 0; d < l_.dims; ++d)
        if (s.uses >> d & 1)
          uses |= which_[d] == loop_access::inner_dim ? 1u : which_[d] == loop_access::loop_dim ? 2u : which_[d] >= 0 ? 4u : joined(d);
      s.uses = uses;
      out_.steps.add(s);
    }
  }
  constexpr void add_stores() {
    result_.roots.first = out_.stores.size();
    for (const root& r : l_.roots) {
      access a;
      a.node = r.node;
      extent_t run = 1;
      const shape<> s = g_.shape_of(r.node);
      const int stacked = stack_axis(g_, r.node);
      if (result_.kind == group_kind::scatter) {
        for (int d = 0; d < l_.dims; ++d) a.stride[d] = scatter_stride(r, d);
        out_.stores.add({r.node, r.step, translate(a)});
        continue;
      }
      for (int k = s.rank - 1; k >= 0; --k) {
        if (k == stacked) a.base = r.part == 0 ? 0 : run;
        for (int d = 0; d < l_.dims; ++d)
          if (k != stacked && r.map.axis[d] == (k > stacked ? k - 1 : k))
            a.stride[d] = out_.strided_result[r.node] < 0
                              ? run
                              : g_.intern(graph::symbol{graph::symbol::stride, -1 - out_.strided_result[r.node], k});
        run = g_.product(run, s[k]);
      }
      out_.stores.add({r.node, r.step, translate(a)});
    }
    result_.roots.count = out_.stores.size() - result_.roots.first;
  }
  // The bit of the loop that dimension d was joined into.
  constexpr unsigned joined(int d) const {
    for (int i = 0; i < l_.dims; ++i)
      if (l_.order[i] == d)
        for (int j = i + 1; j < l_.dims; ++j)
          if (which_[l_.order[j]] >= 0)
            return which_[l_.order[j]] == loop_access::inner_dim ? 1u : which_[l_.order[j]] == loop_access::loop_dim ? 2u : 4u;
    return 0;
  }
  constexpr extent_t scatter_stride(const root& r, int d) const { return r.map.axis[d] < 0 ? 0 : g_.attribute(r.node, r.map.axis[d]); }
  constexpr bool root_runs(const root& r, int p, int q) const {
    if (g_.nodes[r.node].op == opcode::scatter) return scatter_stride(r, p) == g_.product(scatter_stride(r, q), l_.extent[q]);
    if (out_.strided_result[r.node] >= 0 && r.map.axis[q] >= 0) return false;
    if (const int stacked = stack_axis(g_, r.node); r.map.axis[p] < stacked && r.map.axis[q] >= stacked) return false;
    return (r.map.axis[p] < 0) == (r.map.axis[q] < 0) &&
           (r.map.axis[q] < 0 || next_axis(r.node, r.map.axis[p]) == r.map.axis[q] || l_.dims == 0);
  }
  constexpr int next_axis(int id, int axis) const {
    const shape<>& s = root_shape(g_, id);
    do ++axis;
    while (axis < s.rank && is_one(s[axis]));
    return axis;
  }
  constexpr loop_access translate(const access& a) const {
    loop_access t;
    t.kind = a.kind, t.use = a.use, t.node = a.node, t.base = a.base, t.guards = a.guards;
    for (int d = 0; d < max_dims; ++d) {
      if (which_[d] == loop_access::inner_dim) t.inner = a.stride[d];
      else if (which_[d] == loop_access::loop_dim) t.loop = a.stride[d];
      else if (which_[d] >= 0) t.outer[which_[d]] = a.stride[d];
    }
    for (int i = 0; i < a.guards; ++i) t.bound[i] = {which_[a.bound[i].dim], a.bound[i].first, a.bound[i].last};
    return t;
  }
};

// An operand of a library call, in memory: any strides along the batches, row-major within one. False: `force` must be written first.
constexpr bool as_dense(partitioned& out, int id, int batches, loop_access& to, int& force) {
  builder& g = out.graph;
  const shape<> s = g.shape_of(id);
  const int from = strip(g, id);
  access a;
  const bool whole = out.materialised[from] || (is_in_memory(g.nodes[from].op) && !g.attribute(from, 1));
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

// The results of one library call, as one group.
constexpr void emit_library_call(partitioned& out, const int* roots, int count) {
  builder& g = out.graph;
  const node n = g.nodes[roots[0]];
  const shape<> s = g.shape_of(roots[0]);
  group result;
  result.kind = group_kind::library_call;
  result.outer = static_cast<int>(g.attribute(roots[0], 2));
  for (int d = 0; d < result.outer; ++d) result.outer_extent[d] = s[d];
  result.accesses = {out.accesses.size(), n.operands};
  for (int k = 0; k < n.operands; ++k) {
    loop_access a;
    int force = -1;
    as_dense(out, n.operand[k], result.outer, a, force);
    out.accesses.add(a);
  }
  result.roots = {out.stores.size(), count};
  for (int r = 0; r < count; ++r) {
    store st;
    st.node = st.where.node = roots[r];
    extent_t run = 1;
    for (int k = g.shape_of(st.node).rank - 1; k >= 0; --k) {
      if (k < result.outer) st.where.outer[k] = run;
      run = g.product(run, g.shape_of(st.node)[k]);
    }
    out.stores.add(st);
  }
  result.steps = {out.steps.size(), 1};
  step call;
  call.op = n.op, call.type = n.type, call.node = roots[0], call.payload = g.attribute(roots[0], 0);
  out.steps.add(call);
  out.groups.add(result);
}

// Two results of one loop or branch.
constexpr bool same_control(const builder& g, int i, int j) {
  const auto region = [&](int id) { return g.attribute(id, graph::control::region); };
  return g.nodes[i].op == opcode::control && g.nodes[j].op == opcode::control && g.nodes[i].operand[0] == g.nodes[j].operand[0] &&
         region(i) == region(j);
}
// A loop or branch with all of its results that are used, as one group over whole arrays.
constexpr void emit_control(partitioned& out, int first) {
  builder& g = out.graph;
  group result;
  result.kind = group_kind::control;
  result.accesses.first = out.accesses.size();
  graph::for_each_in_bundle(g, g.nodes[first].operand[0], [&](int id) {
    loop_access a;
    int force = -1;
    as_dense(out, id, 0, a, force);
    out.accesses.add(a), ++result.accesses.count;
  });
  result.roots.first = out.stores.size();
  for (int i = 0; i < g.nodes.size(); ++i)
    if (out.materialised[i] && same_control(g, first, i)) {
      store st;
      st.node = st.where.node = i;
      out.stores.add(st), ++result.roots.count;
    }
  result.steps = {out.steps.size(), 1};
  step call;
  call.op = opcode::control, call.type = g.nodes[first].type, call.node = first;
  out.steps.add(call);
  out.groups.add(result);
}

// A product, or a row program of the user's.
constexpr void emit_whole(partitioned& out, int id) {
  builder& g = out.graph;
  const node n = g.nodes[id];
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

}  // namespace sinter::fuse::detail
