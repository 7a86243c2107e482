// SPDX-License-Identifier: Apache-2.0
// Lowering of one group: from its root nodes back to memory, every (node, index map) pair becomes one step of a straight program.
// Views vanish here: they only change the index map with which their operand is read. Knows no code generation and no memory plan.
#pragma once

#include <sinter/fuse/views.hpp>

namespace sinter::fuse {

// How a step reaches memory (or the index, for iota): element = base + sum over dimensions of stride * index.
struct access {
  enum kind_t : std::uint8_t { memory, argument, index, scalar } kind = memory;
  // each: the element of these indices; indexed: further by what the step's operand says; whole: the array, before the loop begins
  enum use_t : std::uint8_t { each, indexed, whole } use = each;
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

// What the domain of a root is: the axes of the node; of a stack those of its operands, which are two roots of one domain; of a scatter
// those of its updates.
constexpr const shape<>& root_shape(const builder& g, int id) {
  const node& n = g.nodes[id];
  return g.shape_of(n.op == opcode::stack ? n.operand[0] : n.op == opcode::scatter ? n.operand[1] : id);
}

struct root {
  int node = 0, step = -1, part = 0;  // part: of a stack
  index_map map{};
};

class lowering : public domain {
 public:
  builder& g;
  const list<bool>& materialised;
  list<step> steps;
  list<access> accesses;
  list<guard> selections;  // conditions of pad and concatenate, max_guards at most each: begin, count in payload
  list<root> roots;
  int force = -1;  // a node that must be materialised before this group can be lowered
  bool ok = true;
  bool computes_again = false;  // a node through several index maps

  constexpr lowering(builder& graph, const list<bool>& m) : g(graph), materialised(m) { fresh(); }
  // As if it were new: to allocate the lists again takes constant evaluation longer than most groups do.
  constexpr lowering& fresh() {
    nodes_ = g.nodes.data(), written_ = materialised.data();
    static_cast<domain&>(*this) = {};
    for (const memo& m : memo_) last_memo_[m.node % 32] = -1;
    steps.clear(), accesses.clear(), selections.clear(), roots.clear(), together.clear(), memo_.clear(), maps_.clear(), below_.clear();
    force = -1, ok = true, computes_again = false;
    return *this;
  }

  // Lowers a root. The first root sets the domain; a later one must fit it.
  constexpr void add_root(int id) {
    index_map m;
    if (!fit_root(root_shape(g, id), roots.size() == 0, m)) {
      ok = false;
      return;
    }
    if (nodes_[id].op == opcode::scatter) {
      const int r = roots.add({id, -1, 0, m});
      const int st = lower_scatter(id, intern(m));
      roots[r].step = st;
      return;
    }
    const bool stacked = nodes_[id].op == opcode::stack;
    for (int part = 0; part <= stacked; ++part) {
      const int r = roots.add({id, -1, part, m});
      const int st = lower(stacked ? nodes_[id].operand[part] : id, intern(m), -1);
      roots[r].step = st;
    }
  }
  list<int> together;  // all roots of the group, whether lowered yet or not
  constexpr bool is_root(int id) const {
    for (int i = 0; i < together.size(); ++i)
      if (together[i] == id) return true;
    return false;
  }
  constexpr bool is_of(int id) const { return ok && roots.size() == 1 && roots[0].node == id && together.size() == 1; }
  // The nodes that were passed through on the way to memory.
  constexpr void add_passed(list<int>& to) const {
    int* const passed = to.add_room(memo_.size());
    int n = 0;
    for (const memo& m : memo_)
      if (!written_[m.node]) passed[n++] = m.node;
    to.drop(memo_.size() - n);
  }
  // Where the elements lie that a gather or scatter reaches by an offset; -1: not in memory yet.
  constexpr int array_of(int id) const {
    while (nodes_[id].op == opcode::reshape) id = nodes_[id].operand[0];
    const bool argument = is_in_memory(nodes_[id].op) && g.attribute(id, 1) == graph::row_major;
    return written_[id] || argument ? id : -1;
  }
  // What this has cost; a pair of a node and an index map is one.
  constexpr int work() const { return memo_.size() + 8; }
  // Lowers an operand of a whole-operand op as one load; false when it is more than that.
  constexpr bool as_load(int id, access& a) {
    index_map m;
    const shape<>& s = shape_of(id);
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
    int node, as, map, step, before;
  };
  const node* nodes_ = nullptr;  // of g, and of `materialised`: constant evaluation reads them in a third of the time
  const bool* written_ = nullptr;
  list<memo> memo_;
  int last_memo_[32] = {-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
                        -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1};
  list<index_map> maps_;
  list<int> below_;  // the operands of the reductions that are being lowered

  constexpr const shape<>& shape_of(int id) const { return g.shapes[nodes_[id].shape]; }
  constexpr int demand(int id) {  // id must be in memory
    while (nodes_[id].op == opcode::reshape) id = nodes_[id].operand[0];
    if (force < 0) force = id;
    ok = false;
    return 0;
  }
  constexpr int emit(step& s) {
    const step* const from = steps.data();
    for (int i = 0; i < s.operands; ++i) {
      const step& o = from[s.operand[i]];
      s.uses |= o.uses;
      s.depth = o.depth > s.depth ? o.depth : s.depth;
      s.heavy |= o.heavy;
    }
    const op_info& op = info(s.op);
    s.heavy |= op.cost >= 8;
    if (op.kind == op_info::reduction) {
      s.uses &= ~reduced;
      ++s.depth;
      s.heavy = true;
    }
    return steps.add(s);
  }
  constexpr int emit_access(int id, const access& a) {
    step s;
    s.op = a.kind == access::index ? opcode::iota : opcode::param, s.type = nodes_[id].type, s.node = id;
    for (int d = 0; d < dims; ++d)
      if (a.stride[d] != 0) s.uses |= 1u << d;
    for (int i = 0; i < a.guards; ++i) s.uses |= 1u << a.bound[i].dim;
    s.access = accesses.add(a);
    return emit(s);
  }
  constexpr int load(int id, int map, int as) {
    const index_map& m = maps_[map];
    const node& n = nodes_[id];
    const shape<>& s = as >= 0 ? g.shapes[as] : shape_of(id);
    const bool copied = is_in_memory(n.op) && written_[id] && is_root(id);
    const bool strided = n.op == opcode::param && (copied || !written_[id]) && g.attribute(id, 1);
    if (strided && as >= 0) return demand(id);
    access a;
    a.kind = copied ? access::argument : access::memory, a.node = id, a.guards = m.guards;
    for (int i = 0; i < m.guards; ++i) a.bound[i] = m.bound[i];
    extent_t stride[max_rank] = {}, run = 1;
    for (int k = s.rank - 1; k >= 0; --k) {
      stride[k] = run;
      if (strided && !(k == s.rank - 1 && g.attribute(id, 1) == graph::strided_pairs))
        stride[k] = g.intern(graph::symbol{graph::symbol::stride, g.attribute(id, 0), k});
      if (k > 0) run = g.product(run, s[k]);
      if (m.offset[k] != 0) a.base = g.sum(a.base, g.product(stride[k], m.offset[k]));
    }
    for (int d = 0; d < dims; ++d)
      if (const int k = m.axis[d]; k >= 0) a.stride[d] = m.step[d] == 1 ? stride[k] : g.product(stride[k], m.step[d]);
    return emit_access(id, a);
  }

  constexpr int intern(const index_map& m) {
    for (int i = 0; i < maps_.size(); ++i)
      if (maps_[i].equals(m, dims)) return i;
    return maps_.add(m);
  }
  constexpr int lower(int id, int map, int as) {
    const memo* const known = memo_.data();
    bool again = false;
    for (int i = last_memo_[id % 32]; i >= 0; i = known[i].before) {
      if (known[i].node != id) continue;
      if (known[i].map == map && known[i].as == as) return known[i].step;
      again = true;
    }
    if (!ok) return 0;
    computes_again |= again;
    const int s = lower_new(id, map, as);
    last_memo_[id % 32] = memo_.add({id, as, map, s, last_memo_[id % 32]});
    return s;
  }
  constexpr int lower_new(int id, int map, int as) {
    const node n = nodes_[id];
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
    if (written_[id]) {
      if (!is_root(id)) return load(id, map, as);
      if (as >= 0 || !is_plain(maps_[map], shape_of(id))) return ok = false, 0;  // the group would read what it is still writing
    }
    if (is_in_memory(n.op)) return load(id, map, as);
    const auto kind = info(n.op).kind;
    if (kind == op_info::whole) return demand(id);
    if (kind == op_info::element) {
      step s;
      s.op = n.op, s.type = n.type, s.node = id, s.operands = n.operands;
      if (n.op == opcode::element_call) s.payload = g.attribute(id, 0);
      for (int k = 0; k < n.operands; ++k) s.operand[k] = lower(n.operand[k], map, as);
      return ok ? emit(s) : 0;
    }
    if (n.op == opcode::gather) return lower_gather(id, n, map, as);
    if (n.op == opcode::reshape) return as >= 0 ? lower(n.operand[0], map, as) : lower_reshape(id, n, map);
    if (n.op == opcode::broadcast && n.attributes == 0) return lower(n.operand[0], intern({}), -1);
    if (as >= 0 && n.op == opcode::broadcast)
      if (index_map to; through_broadcast_as(g, id, g.shapes[as], *this, maps_[map], to)) return lower(n.operand[0], intern(to), -1);
    if (as >= 0) return demand(id);
    if (kind == op_info::reduction) return lower_reduction(id, n, map);
    switch (n.op) {
      case opcode::iota: return lower_iota(id, map);
      case opcode::pad: return lower_pad(id, n, map);
      case opcode::concatenate: return lower_concatenate(id, n, map);
      case opcode::stack: return demand(id);  // one loop writes both parts, none reads them alternately
      default: return lower(n.operand[0], intern(through_view(g, id, *this, maps_[map])), -1);
    }
  }
  // An element of a gather: the array's strides with the loops, and an offset that a step computes.
  constexpr int lower_gather(int id, const node& n, int map, int as) {
    const int array = array_of(n.operand[0]);
    if (array < 0) return demand(n.operand[0]);
    if (is_root(array)) return ok = false, 0;  // the group would read what it is still writing
    const index_map m = maps_[map];
    bool strides = false;
    for (int k = 0; k < n.attributes; ++k) strides |= g.attribute(id, k) != 0;
    if (as >= 0 && strides) return demand(id);
    access a;
    a.use = access::indexed, a.node = array, a.guards = m.guards;
    for (int i = 0; i < m.guards; ++i) a.bound[i] = m.bound[i];
    for (int k = 0; k < n.attributes && strides; ++k) a.base = g.sum(a.base, g.product(g.attribute(id, k), m.offset[k]));
    for (int d = 0; d < dims; ++d)
      if (m.axis[d] >= 0 && strides) a.stride[d] = g.product(g.attribute(id, m.axis[d]), m.step[d]);
    if (const int offset = constant_below(n.operand[1]); offset >= 0) {  // a view of the array
      a.use = access::each, a.base = g.sum(a.base, g.attribute(offset, 0));
      return emit_access(id, a);
    }
    const int base = lower(n.operand[1], map, as);
    return ok ? emit_indexed(id, a, base, -1) : 0;
  }
  // The constant that a node is everywhere; -1: it is none.
  constexpr int constant_below(int id) const {
    while (nodes_[id].op == opcode::broadcast || nodes_[id].op == opcode::reshape) id = nodes_[id].operand[0];
    return nodes_[id].op == opcode::constant ? id : -1;
  }
  // The step of a scatter stands for its updates; what becomes of them is up to the store.
  constexpr int lower_scatter(int id, int map) {
    const node n = nodes_[id];
    const int array = array_of(n.operand[0]);
    if (array < 0) return demand(n.operand[0]);
    access a;
    a.use = access::whole, a.node = array;
    const int base = lower(n.operand[1], map, -1), update = lower(n.operand[2], map, -1);
    return ok ? emit_indexed(id, a, base, update) : 0;
  }
  constexpr int emit_indexed(int id, const access& a, int base, int update) {
    const node& n = nodes_[id];
    step s;
    s.op = n.op, s.type = n.type, s.node = id, s.operands = update < 0 ? 1 : 2, s.operand[0] = base, s.operand[1] = update;
    for (int d = 0; d < max_dims; ++d)
      if (a.stride[d] != 0 || (update >= 0 && d < dims)) s.uses |= 1u << d;
    for (int i = 0; i < a.guards; ++i) s.uses |= 1u << a.bound[i].dim;
    if (update >= 0) s.payload = g.attribute(id, n.attributes - 1);
    s.access = accesses.add(a);
    return emit(s);
  }
  constexpr int lower_iota(int id, int map) {
    const index_map& m = maps_[map];
    access a;
    a.kind = access::index, a.node = id;
    const int axis = static_cast<int>(g.attribute(id, 0));
    a.base = m.offset[axis];
    for (int d = 0; d < dims; ++d)
      if (m.axis[d] == axis) a.stride[d] = m.step[d];
    return emit_access(id, a);
  }

  constexpr int emit_selection(int id, int first, const index_map& chosen, int had_guards, int yes, int no) {
    step s;
    s.op = opcode::pad, s.type = nodes_[id].type, s.node = id, s.operands = 2, s.operand[0] = yes, s.operand[1] = no;
    s.payload = first << 8 | (chosen.guards - had_guards);
    for (int i = had_guards; i < chosen.guards; ++i) s.uses |= 1u << chosen.bound[i].dim;
    return ok ? emit(s) : 0;
  }
  constexpr int lower_pad(int id, const node& n, int map) {
    const index_map m = maps_[map];
    const shape<> from = shape_of(n.operand[0]);
    index_map to = m;
    bool never = false;
    for (int k = 0; k < from.rank; ++k) {
      const extent_t low = g.attribute(id, k);
      if (low == 0 && from[k] == shape_of(id)[k]) continue;
      to.offset[k] = g.difference(m.offset[k], low);
      const int said = add_guard(g, *this, to, k, from[k]);
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
  constexpr int lower_concatenate(int id, const node& n, int map) {
    const index_map m = maps_[map];
    const int axis = static_cast<int>(g.attribute(id, 0));
    const extent_t size_a = shape_of(n.operand[0])[axis], size_b = shape_of(n.operand[1])[axis];
    index_map a = m, b = m;
    b.offset[axis] = g.difference(m.offset[axis], size_a);
    const int in_a = add_guard(g, *this, a, axis, size_a), in_b = add_guard(g, *this, b, axis, size_b);
    if (in_a < 0 || in_b < 0) return demand(id);
    if (in_a == 0) return lower(n.operand[1], intern(b), -1);
    if (in_b == 0) return lower(n.operand[0], intern(a), -1);
    const int x = lower(n.operand[0], intern(a), -1), y = lower(n.operand[1], intern(b), -1);
    if (a.guards == m.guards) return x;
    return emit_selection(id, keep_selection(a, m.guards), a, m.guards, x, y);
  }

  // Where a reshape is no index map, its operand is read as if it had the new shape.
  constexpr int lower_reshape(int id, const node& n, int map) {
    index_map to;
    if (through_reshape(g, shape_of(id), shape_of(n.operand[0]), *this, maps_[map], to)) return lower(n.operand[0], intern(to), -1);
    return lower(n.operand[0], map, nodes_[id].shape);
  }

  // A reduction that does not fit: what an outer reduction combines is written first, or else this one.
  constexpr int demand_reduction(int id) {
    for (int i = below_.size(); i-- > 0;)
      if (!written_[below_[i]]) return demand(below_[i]);
    return demand(id);
  }
  constexpr int lower_reduction(int id, const node& n, int map) {
    const int first = static_cast<int>(g.attribute(id, 0)), last = static_cast<int>(g.attribute(id, 1));
    index_map to;
    if (!fit_reduction(shape_of(n.operand[0]), first, last, maps_[map], to)) return demand_reduction(id);
    step s;
    s.op = n.op, s.type = n.type, s.node = id, s.operands = 1;
    s.payload = g.attribute(id, 2);
    int operand = n.operand[0];
    while (nodes_[operand].op == opcode::reshape) operand = nodes_[operand].operand[0];
    below_.add(operand);
    s.operand[0] = lower(n.operand[0], intern(to), -1);
    below_.pop();
    return ok ? emit(s) : 0;
  }
};

// Whether an access runs through dimensions p and q as through one.
constexpr bool run_together(const lowering& l, const access& a, int p, int q) {
  for (int i = 0; i < a.guards; ++i)
    if (a.bound[i].dim == p || a.bound[i].dim == q) return false;
  for (const guard& b : l.selections)
    if (b.dim == p || b.dim == q) return false;
  return a.stride[p] == l.g.product(a.stride[q], l.extent[q]);
}

}  // namespace sinter::fuse
