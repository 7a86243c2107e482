// SPDX-License-Identifier: Apache-2.0
// Lowering of one group: from its root nodes back to memory, every (node, index map) pair becomes one step of a straight program.
// Views vanish here: they only change the index map with which their operand is read. Knows no code generation and no memory plan.
#pragma once

#include <sinter/graph/graph.hpp>

namespace sinter::fuse {

using graph::builder;
using graph::node;
using sinter::detail::list;

inline constexpr int max_dims = max_rank;

constexpr bool is_one(extent_t e) { return e == 1; }

// first <= index along a domain dimension < last
struct guard {
  int dim = 0;
  extent_t first = 0, last = 0;
  constexpr bool operator==(const guard&) const = default;
};
inline constexpr int max_guards = 6;

// From the indices of the group's domain to those of a node: index[axis[d]] += step[d] * domain index d, plus offset[axis].
struct index_map {
  std::int8_t axis[max_dims] = {-1, -1, -1, -1, -1, -1, -1, -1};
  extent_t step[max_dims] = {};
  extent_t offset[max_rank] = {};
  int guards = 0;
  guard bound[max_guards] = {};
  constexpr bool operator==(const index_map&) const = default;
};

// How a step reaches memory (or the index, for iota): element = base + sum over dimensions of stride * index.
struct access {
  enum kind_t : std::uint8_t { memory, argument, index, scalar } kind = memory;
  int node = 0;  // memory: whose buffer; argument: a parameter that also has a copy; scalar: the extent node
  extent_t base = 0;
  extent_t stride[max_dims] = {};
  int guards = 0;
  guard bound[max_guards] = {};
  constexpr bool operator==(const access&) const = default;
};

struct step {
  opcode op{};
  dtype type{};
  std::uint8_t operands = 0;
  int operand[graph::max_operands] = {-1, -1, -1, -1};
  int access = -1;  // loads, iota
  int node = -1;
  unsigned uses = 0;     // the domain dimensions it depends on
  extent_t payload = 0;  // constant bits, external, guard of pad and concatenate (index into `selections`)
  int depth = 0;         // how many reductions lie below it
  bool heavy = false;    // it or what it computes from in the same element costs a division or more
};

// What the domain of a root is: the axes of the node; of a stack those of its operands, which are two roots of one domain.
constexpr const shape<>& root_shape(const builder& g, int id) {
  return g.shape_of(g.nodes[id].op == opcode::stack ? g.nodes[id].operand[0] : id);
}

struct root {
  int node = 0, step = -1, part = 0;  // part: of a stack
  index_map map{};
};

class lowering {
 public:
  builder& g;
  const list<bool>& materialised;
  list<step> steps;
  list<access> accesses;
  list<guard> selections;  // conditions of pad and concatenate, max_guards at most each: begin, count in payload
  list<root> roots;
  int dims = 0;
  extent_t extent[max_dims] = {};
  int order[max_dims] = {};  // the dimensions from outermost to innermost
  unsigned reduced = 0;
  int force = -1;  // a node that must be materialised before this group can be lowered
  bool ok = true;

  constexpr lowering(builder& graph, const list<bool>& m) : g(graph), materialised(m) {}

  // Lowers a root. The first root sets the domain; a later one must fit it.
  constexpr void add_root(int id) {
    index_map m;
    const shape<> s = root_shape(g, id);
    int axes[max_rank] = {}, n = 0;
    for (int a = 0; a < s.rank; ++a)
      if (!is_one(s[a])) axes[n++] = a;
    if (roots.size() == 0) {
      for (int k = 0; k < n; ++k)
        extent[dims] = s[axes[k]], order[dims] = dims, m.axis[dims] = static_cast<std::int8_t>(axes[k]), m.step[dims] = 1, ++dims;
    } else if (!fit(s, axes, n, m, false) && !(reduced && fit(s, axes, n, m, true))) {
      ok = false;
      return;
    }
    const bool stacked = g.nodes[id].op == opcode::stack;
    for (int part = 0; part <= stacked; ++part) {
      const int r = roots.add({id, -1, part, m});
      const int st = lower(stacked ? g.nodes[id].operand[part] : id, intern(m), -1);
      roots[r].step = st;
    }
  }
  list<int> together;  // all roots of the group, whether lowered yet or not
  constexpr bool is_root(int id) const {
    for (int i = 0; i < together.size(); ++i)
      if (together[i] == id) return true;
    return false;
  }
  // Lowers an operand of a whole-operand op as one load; false when it is more than that.
  constexpr bool as_load(int id, access& a) {
    index_map m;
    const shape<>& s = g.shape_of(id);
    dims = s.rank;
    for (int k = 0; k < s.rank; ++k) extent[k] = s[k], order[k] = k, m.axis[k] = static_cast<std::int8_t>(k), m.step[k] = 1;
    const int st = lower(id, intern(m), -1);
    if (!ok || force >= 0 || steps.size() != 1 || steps[st].op != opcode::param || accesses[steps[st].access].kind != access::memory ||
        accesses[steps[st].access].guards)
      return false;
    a = accesses[steps[st].access];
    return true;
  }

 private:
  struct memo {
    int node, as, map, step;
  };
  list<memo> memo_;
  list<index_map> maps_;
  list<int> below_;  // the operands of the reductions that are being lowered

  constexpr bool fit(const shape<>& s, const int* axes, int n, index_map& m, bool kept_only) const {
    m = {};
    int k = 0;
    for (int i = 0; i < dims; ++i) {
      const int d = order[i];
      if (kept_only && (reduced >> d & 1)) continue;
      if (k == n || s[axes[k]] != extent[d]) return false;
      m.axis[d] = static_cast<std::int8_t>(axes[k++]), m.step[d] = 1;
    }
    return k == n;
  }
  constexpr int demand(int id) {  // id must be in memory
    while (g.nodes[id].op == opcode::reshape) id = g.nodes[id].operand[0];
    if (force < 0) force = id;
    ok = false;
    return 0;
  }
  constexpr int emit(step s) {
    for (int i = 0; i < s.operands; ++i) {
      const step& o = steps[s.operand[i]];
      s.uses |= o.uses;
      s.depth = o.depth > s.depth ? o.depth : s.depth;
      s.heavy |= o.heavy;
    }
    if (is_reduction(s.op)) {
      s.uses &= ~reduced;
      ++s.depth;
      s.heavy = true;
    } else if (info(s.op).cost >= 8) {
      s.heavy = true;
    }
    return steps.add(s);
  }
  constexpr int emit_access(int id, access a) {
    step s;
    s.op = a.kind == access::index ? opcode::iota : opcode::param, s.type = g.nodes[id].type, s.node = id;
    for (int d = 0; d < max_dims; ++d)
      if (a.stride[d] != 0) s.uses |= 1u << d;
    for (int i = 0; i < a.guards; ++i) s.uses |= 1u << a.bound[i].dim;
    s.access = accesses.add(a);
    return emit(s);
  }
  constexpr int load(int id, int map, int as) {
    const index_map m = maps_[map];
    const node& n = g.nodes[id];
    const shape<> s = as >= 0 ? g.shapes[as] : g.shape_of(id);
    const bool copied = n.op == opcode::param && materialised[id] && is_root(id);
    const bool strided = n.op == opcode::param && (copied || !materialised[id]) && g.attribute(id, 1);
    if (strided && as >= 0) return demand(id);
    access a;
    a.kind = copied ? access::argument : access::memory, a.node = id, a.guards = m.guards;
    for (int i = 0; i < m.guards; ++i) a.bound[i] = m.bound[i];
    extent_t along[max_rank] = {}, run = 1;
    for (int k = s.rank - 1; k >= 0; --k) {
      const bool beside = strided && k == s.rank - 1 && g.attribute(id, 1) == graph::strided_pairs;
      along[k] = beside ? 1 : strided ? g.intern(graph::symbol{graph::symbol::stride, g.attribute(id, 0), k}) : run;
      run = g.product(run, s[k]);
      a.base = g.sum(a.base, g.product(along[k], m.offset[k]));
    }
    for (int d = 0; d < dims; ++d)
      if (m.axis[d] >= 0) a.stride[d] = g.product(along[m.axis[d]], m.step[d]);
    return emit_access(id, a);
  }

  constexpr int intern(const index_map& m) {
    for (int i = 0; i < maps_.size(); ++i)
      if (maps_[i] == m) return i;
    return maps_.add(m);
  }
  constexpr int lower(int id, int map, int as) {
    for (int i = memo_.size(); i-- > 0;)
      if (memo_[i].node == id && memo_[i].map == map && memo_[i].as == as) return memo_[i].step;
    if (!ok) return 0;
    const int s = lower_new(id, map, as);
    memo_.add({id, as, map, s});
    return s;
  }
  // Each axis of the node runs with one dimension of the domain, in order: the map that the node has as a root.
  constexpr bool is_plain(int id, const index_map& m) const {
    const shape<>& s = g.shape_of(id);
    if (m.guards) return false;
    int before = -1;
    for (int a = 0; a < s.rank; ++a) {
      if (is_one(s[a])) continue;
      int dim = -1;
      for (int d = 0; d < dims; ++d)
        if (m.axis[d] == a) dim = dim < 0 ? d : -2;
      if (dim < 0 || m.step[dim] != 1 || m.offset[a] != 0 || extent[dim] != s[a] || position(dim) <= before) return false;
      before = position(dim);
    }
    return true;
  }
  constexpr int lower_new(int id, int map, int as) {
    const node n = g.nodes[id];
    if (n.op == opcode::constant) {
      step s;
      s.op = n.op, s.type = n.type, s.node = id, s.payload = g.attribute(id, 0);
      return emit(s);
    }
    if (n.op == opcode::extent) {
      access a;
      a.kind = access::scalar, a.node = id;
      return emit_access(id, a);
    }
    if (materialised[id]) {
      if (!is_root(id)) return load(id, map, as);
      if (as >= 0 || !is_plain(id, maps_[map])) return ok = false, 0;  // the group would read what it is still writing
    }
    if (n.op == opcode::param) return load(id, map, as);
    if (info(n.op).kind == op_info::whole) return demand(id);
    if (is_element(n.op)) {
      step s;
      s.op = n.op, s.type = n.type, s.node = id, s.operands = n.operands;
      if (n.op == opcode::element_call) s.payload = g.attribute(id, 0);
      for (int k = 0; k < n.operands; ++k) s.operand[k] = lower(n.operand[k], map, as);
      return ok ? emit(s) : 0;
    }
    if (n.op == opcode::reshape) return as >= 0 ? lower(n.operand[0], map, as) : lower_reshape(id, n, map);
    if (n.op == opcode::broadcast && n.attributes == 0) return lower(n.operand[0], intern({}), -1);
    if (as >= 0) return demand(id);
    if (is_reduction(n.op)) return lower_reduction(id, n, map);
    return lower_view(id, n, map);
  }

  constexpr int lower_view(int id, const node& n, int map) {
    const index_map m = maps_[map];
    const shape<> s = g.shape_of(id);
    index_map to = m;
    switch (n.op) {
      case opcode::iota: {
        access a;
        a.kind = access::index, a.node = id;
        const int axis = static_cast<int>(g.attribute(id, 0));
        a.base = m.offset[axis];
        for (int d = 0; d < dims; ++d)
          if (m.axis[d] == axis) a.stride[d] = m.step[d];
        return emit_access(id, a);
      }
      case opcode::broadcast: {
        const shape<> from = g.shape_of(n.operand[0]);
        to = {};
        to.guards = m.guards;
        for (int i = 0; i < m.guards; ++i) to.bound[i] = m.bound[i];
        for (int k = 0; k < from.rank; ++k) {
          const int axis = static_cast<int>(g.attribute(id, k));
          if (is_one(from[k]) && !is_one(s[axis])) continue;
          to.offset[k] = m.offset[axis];
          for (int d = 0; d < dims; ++d)
            if (m.axis[d] == axis) to.axis[d] = static_cast<std::int8_t>(k), to.step[d] = m.step[d];
        }
        return lower(n.operand[0], intern(to), -1);
      }
      case opcode::transpose:
        for (int k = 0; k < s.rank; ++k) {
          const int axis = static_cast<int>(g.attribute(id, k));
          to.offset[axis] = m.offset[k];
          for (int d = 0; d < dims; ++d)
            if (m.axis[d] == k) to.axis[d] = static_cast<std::int8_t>(axis);
        }
        return lower(n.operand[0], intern(to), -1);
      case opcode::slice:
        for (int k = 0; k < s.rank; ++k) to.offset[k] = g.sum(g.attribute(id, 2 * k), g.product(m.offset[k], g.attribute(id, 2 * k + 1)));
        for (int d = 0; d < dims; ++d)
          if (m.axis[d] >= 0) to.step[d] = g.product(m.step[d], g.attribute(id, 2 * m.axis[d] + 1));
        return lower(n.operand[0], intern(to), -1);
      case opcode::reverse:
        for (int k = 0; k < s.rank; ++k) {
          if (!(g.attribute(id, 0) >> k & 1)) continue;
          to.offset[k] = g.difference(g.difference(s[k], 1), m.offset[k]);
          for (int d = 0; d < dims; ++d)
            if (m.axis[d] == k) to.step[d] = g.difference(0, m.step[d]);
        }
        return lower(n.operand[0], intern(to), -1);
      case opcode::pad: return lower_pad(id, n, m);
      case opcode::stack: return demand(id);  // one loop writes both parts, none reads them alternately
      default: return lower_concatenate(id, n, m);
    }
  }

  // Adds to `to` the condition 0 <= index of `axis` < size. 1: added or always true; 0: never true; -1: cannot be said.
  constexpr int add_guard(index_map& to, int axis, extent_t size) {
    int dim = -1;
    for (int d = 0; d < dims; ++d)
      if (to.axis[d] == axis) {
        if (dim >= 0) return -1;
        dim = d;
      }
    const extent_t o = to.offset[axis];
    if (dim < 0) {
      if (graph::is_symbol(o) || graph::is_symbol(size)) return -1;
      return o >= 0 && o < size;
    }
    const extent_t s = to.step[dim];
    guard b{dim, 0, 0};
    if (s == 1) b.first = g.difference(0, o), b.last = g.difference(size, o);
    else if (s == -1) b.first = g.sum(g.difference(o, size), 1), b.last = g.sum(o, 1);
    else if (graph::is_symbol(s) || graph::is_symbol(o) || graph::is_symbol(size) || s == 0) return -1;
    else {
      const auto up = [](extent_t a, extent_t q) { return a >= 0 ? (a + q - 1) / q : -(-a / q); };
      if (s > 0) b.first = up(-o, s), b.last = up(size - o, s);
      else b.first = up(o - size + 1, -s), b.last = o < 0 ? 0 : o / -s + 1;
    }
    if (!graph::is_symbol(b.first) && b.first < 0) b.first = 0;
    if (!graph::is_symbol(b.first) && b.first == 0 && b.last == extent[dim]) return 1;
    if (!graph::is_symbol(b.last) && !graph::is_symbol(extent[dim]) && b.last > extent[dim]) b.last = extent[dim];
    if (b.first == 0 && b.last == extent[dim]) return 1;
    if (to.guards == max_guards) return -1;
    to.bound[to.guards++] = b;
    return 1;
  }
  constexpr int emit_selection(int id, int first, const index_map& chosen, int had_guards, int yes, int no) {
    step s;
    s.op = opcode::pad, s.type = g.nodes[id].type, s.node = id, s.operands = 2, s.operand[0] = yes, s.operand[1] = no;
    s.payload = first << 8 | (chosen.guards - had_guards);
    for (int i = had_guards; i < chosen.guards; ++i) s.uses |= 1u << chosen.bound[i].dim;
    return ok ? emit(s) : 0;
  }
  constexpr int lower_pad(int id, const node& n, const index_map& m) {
    const shape<> from = g.shape_of(n.operand[0]);
    index_map to = m;
    bool never = false;
    for (int k = 0; k < from.rank; ++k) {
      const extent_t low = g.attribute(id, k);
      if (low == 0 && from[k] == g.shape_of(id)[k]) continue;
      to.offset[k] = g.difference(m.offset[k], low);
      const int said = add_guard(to, k, from[k]);
      if (said < 0) return demand(id);
      never |= said == 0;
    }
    const int fill = lower(n.operand[1], intern({}), -1);
    if (never || empty(from)) return fill;
    const int inner = lower(n.operand[0], intern(to), -1);
    if (to.guards == m.guards) return inner;
    return emit_selection(id, keep_selection(to, m.guards), to, m.guards, inner, fill);
  }
  static constexpr bool empty(const shape<>& s) {
    for (int i = 0; i < s.rank; ++i)
      if (s[i] == 0) return true;
    return false;
  }
  constexpr int keep_selection(const index_map& m, int from) {
    const int first = selections.size();
    for (int i = from; i < m.guards; ++i) selections.add(m.bound[i]);
    return first;
  }
  constexpr int lower_concatenate(int id, const node& n, const index_map& m) {
    const int axis = static_cast<int>(g.attribute(id, 0));
    const extent_t size_a = g.shape_of(n.operand[0])[axis], size_b = g.shape_of(n.operand[1])[axis];
    index_map a = m, b = m;
    b.offset[axis] = g.difference(m.offset[axis], size_a);
    const int in_a = add_guard(a, axis, size_a), in_b = add_guard(b, axis, size_b);
    if (in_a < 0 || in_b < 0) return demand(id);
    if (in_a == 0) return lower(n.operand[1], intern(b), -1);
    if (in_b == 0) return lower(n.operand[0], intern(a), -1);
    const int x = lower(n.operand[0], intern(a), -1), y = lower(n.operand[1], intern(b), -1);
    if (a.guards == m.guards) return x;
    return emit_selection(id, keep_selection(a, m.guards), a, m.guards, x, y);
  }

  // A reshape as an index map, block of axes by block; else its operand is read as if it had the new shape.
  constexpr int lower_reshape(int id, const node& n, int map) {
    const index_map m = maps_[map];
    const shape<> v = g.shape_of(id), u = g.shape_of(n.operand[0]);
    index_map to;
    to.guards = m.guards;
    for (int i = 0; i < m.guards; ++i) to.bound[i] = m.bound[i];
    if (reshape_map(v, u, m, to)) return lower(n.operand[0], intern(to), -1);
    return lower(n.operand[0], map, g.nodes[id].shape);
  }
  constexpr bool reshape_map(const shape<>& v, const shape<>& u, const index_map& m, index_map& to) {
    int i = 0, j = 0;
    while (true) {
      while (i < v.rank && is_one(v[i])) ++i;
      while (j < u.rank && is_one(u[j])) ++j;
      if (i == v.rank || j == u.rank) return i == v.rank && j == u.rank;
      const int i0 = i, j0 = j;
      extent_t pv = v[i++], pu = u[j++];
      while (pv != pu) {
        if (graph::is_symbol(pv) || graph::is_symbol(pu)) return false;
        if (pv < pu) {
          if (i == v.rank || graph::is_symbol(v[i])) return false;
          pv *= v[i++];
        } else {
          if (j == u.rank || graph::is_symbol(u[j])) return false;
          pu *= u[j++];
        }
      }
      extent_t offset = 0, run = 1;
      extent_t flat[max_dims] = {};
      for (int k = i - 1; k >= i0; --k) {
        offset = g.sum(offset, g.product(m.offset[k], run));
        for (int d = 0; d < dims; ++d)
          if (m.axis[d] == k) flat[d] = g.product(m.step[d], run);
        if (k > i0) run = g.product(run, v[k]);
      }
      if (j - j0 == 1) {
        to.offset[j0] = offset;
        for (int d = 0; d < dims; ++d)
          if (m.axis[d] >= i0 && m.axis[d] < i) to.axis[d] = static_cast<std::int8_t>(j0), to.step[d] = flat[d];
        continue;
      }
      if (graph::is_symbol(offset) || offset < 0) return false;
      extent_t reach[max_rank] = {}, stride = 1;
      for (int k = j - 1; k >= j0; --k) {
        to.offset[k] = offset / stride % u[k];
        reach[k] = to.offset[k];
        for (int d = 0; d < dims; ++d) {
          if (m.axis[d] < i0 || m.axis[d] >= i) continue;
          const extent_t f = flat[d];
          if (graph::is_symbol(f) || graph::is_symbol(extent[d]) || f <= 0) return false;
          if (f % stride == 0 && f < stride * u[k])
            to.axis[d] = static_cast<std::int8_t>(k), to.step[d] = f / stride, reach[k] += (extent[d] - 1) * (f / stride);
          else if (f % stride != 0 && f > stride) return false;
        }
        if (reach[k] >= u[k]) return false;
        stride *= u[k];
      }
      for (int d = 0; d < dims; ++d)
        if (m.axis[d] >= i0 && m.axis[d] < i && to.axis[d] < 0) return false;
    }
  }

  // A reduction that does not fit: what an outer reduction combines is written first, or else this one.
  constexpr int demand_reduction(int id) {
    for (int i = below_.size(); i-- > 0;)
      if (!materialised[below_[i]]) return demand(below_[i]);
    return demand(id);
  }
  // A reduction joins the group when its operand runs over the group's domain; the first one may extend the domain.
  constexpr int lower_reduction(int id, const node& n, int map) {
    const index_map m = maps_[map];
    const int first = static_cast<int>(g.attribute(id, 0)), last = static_cast<int>(g.attribute(id, 1));
    const shape<> p = g.shape_of(n.operand[0]);
    if (m.guards) return demand_reduction(id);
    int along[max_rank] = {};  // the reduced axes that count
    int count = 0;
    for (int a = first; a < last; ++a)
      if (!is_one(p[a])) along[count++] = a;
    if (count == 0) along[count++] = last - 1;
    unsigned used = 0;
    int before = -1;  // the last kept dimension in front of the reduced axes
    int sequence[max_rank] = {}, length = 0, reduced_at = -1;
    for (int a = 0; a < p.rank; ++a) {
      if (a == first) {
        reduced_at = length;
        for (int k = 0; k < count; ++k) sequence[length++] = -1;
      }
      if ((a >= first && a < last) || is_one(p[a])) continue;
      int dim = -1;
      for (int d = 0; d < dims; ++d)
        if (m.axis[d] == a) dim = dim < 0 ? d : -2;
      if (dim < 0 || m.step[dim] != 1 || m.offset[a] != 0 || extent[dim] != p[a] || (reduced >> dim & 1)) return demand_reduction(id);
      used |= 1u << dim;
      sequence[length++] = dim;
      if (a < first) before = dim;
    }
    unsigned unused = 0;
    for (int d = 0; d < dims; ++d)
      if (!(used >> d & 1)) unused |= 1u << d;
    if (!reduced && unused == 0) {  // extend the domain
      int at = 0;
      if (before >= 0)
        while (order[at] != before) ++at;
      at = before >= 0 ? at + 1 : 0;
      if (dims + count > max_dims) return demand_reduction(id);
      for (int i = dims - 1; i >= at; --i) order[i + count] = order[i];
      for (int k = 0; k < count; ++k) {
        order[at + k] = dims;
        extent[dims] = p[along[k]];
        reduced |= 1u << dims;
        sequence[reduced_at + k] = dims++;
      }
      for (int i = 0; i + 1 < length; ++i)
        if (position(sequence[i]) > position(sequence[i + 1])) return demand_reduction(id);
    } else {
      const unsigned over = reduced ? reduced : unused;
      if (unused != over) return demand_reduction(id);
      int k = 0;
      for (int i = 0; i < dims; ++i) {
        const int d = order[i];
        if (!(over >> d & 1)) continue;
        if (k == count || extent[d] != p[along[k]]) return demand_reduction(id);
        sequence[reduced_at + k++] = d;
      }
      if (k != count) return demand_reduction(id);
      for (int i = 0; i + 1 < length; ++i)
        if (position(sequence[i]) > position(sequence[i + 1])) return demand_reduction(id);
      reduced = over;
    }
    index_map to = m;
    for (int k = 0; k < count; ++k) {
      const int d = sequence[reduced_at + k];
      to.axis[d] = static_cast<std::int8_t>(along[k]), to.step[d] = 1, to.offset[along[k]] = 0;
    }
    for (int a = first; a < last; ++a) to.offset[a] = 0;
    step s;
    s.op = n.op, s.type = n.type, s.node = id, s.operands = 1;
    s.payload = g.attribute(id, 2);
    int operand = n.operand[0];
    while (g.nodes[operand].op == opcode::reshape) operand = g.nodes[operand].operand[0];
    below_.add(operand);
    s.operand[0] = lower(n.operand[0], intern(to), -1);
    below_.pop();
    return ok ? emit(s) : 0;
  }
  constexpr int position(int dim) const {
    for (int i = 0; i < dims; ++i)
      if (order[i] == dim) return i;
    return -1;
  }
};

}  // namespace sinter::fuse
