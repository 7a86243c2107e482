// SPDX-License-Identifier: Apache-2.0
// The partition of constants: what depends on constant arguments alone is split off a program and computed once. Its results, and the
// constant arguments that are read as they are, become further arguments of the rest. No bit changes: products and sums are fused before.
#pragma once

#include <sinter/transform/simplify.hpp>

namespace sinter::transform {

class constant_partition {
 public:
  // constant[p]: parameter p of `in` is constant.
  constexpr constant_partition(const graph_view& in, const bool* constant, int params) : in_(in), constant_(constant), params_(params) {
    list<bool> literal, live;
    literal.resize(in.node_count, false), live.resize(in.node_count);
    known_.resize(in.node_count), kept_as_.resize(in.node_count, -1);
    for (int i = 0; i < in.node_count; ++i) {
      const node& n = in[i];
      bool any = false, all = n.operands > 0, plain = n.operands > 0;
      for (int k = 0; k < n.operands; ++k) {
        const int from = n.operand[k];
        any |= known_[from], all &= known_[from] || literal[from], plain &= literal[from];
      }
      // What is the same in every call, but for extents that other arguments give.
      literal[i] = (n.op == opcode::constant || n.op == opcode::iota || plain) && has_known_extents(i);
      known_[i] = n.op == opcode::literal || n.op == opcode::param ? is_constant(i) : any && all && has_known_extents(i);
    }
    for (int r = 0; r < in.result_count; ++r) live[in.results[r]] = true;
    for (int i = in.node_count; i-- > 0;) {
      if (!live[i]) continue;
      if (known_[i] && !(is_view(in[i].op) && known_[in[i].operand[0]])) {
        kept_as_[i] = 0;
        continue;
      }
      for (int k = 0; k < in[i].operands; ++k) live[in[i].operand[k]] = true;
    }
    for (int i = 0; i < in.node_count; ++i)
      if (kept_as_[i] >= 0) kept_as_[i] = kept_.size(), kept_.add(i);
    live_ = static_cast<list<bool>&&>(live);
  }

  /// The program of the constants. Its results are what the rest reads.
  constexpr builder before() const {
    builder g;
    for (int i = 0; i < in_.symbol_count; ++i) g.symbols.add(in_.symbols[i]);
    for (int i = 0; i < in_.external_count; ++i) g.externals.add(in_.externals[i]);
    for (int i = 0; i < in_.constraint_count; ++i)
      if (is_known(in_.constraints[i].a) && is_known(in_.constraints[i].b)) g.constraints.add(in_.constraints[i]);
    list<bool> needed;
    needed.resize(in_.node_count);
    for (const int i : kept_) needed[i] = true;
    for (int i = in_.node_count; i-- > 0;)
      for (int k = 0; k < in_[i].operands && needed[i]; ++k) needed[in_[i].operand[k]] = true;
    list<int> to;
    to.resize(in_.node_count, -1);
    for (int i = 0; i < in_.node_count; ++i) {
      if (!needed[i]) continue;
      shape<> s = in_.shape_of(i);
      for (int a = 0; a < s.rank; ++a) {
        if (in_[i].op == opcode::param && graph::is_symbol(s[a]))
          s[a] = g.intern({graph::symbol::param, in_.attribute(i, 0), static_cast<extent_t>(a)});
        else s[a] = by_constants(s[a]);
      }
      to[i] = copy(g, i, s, to, true);
    }
    for (const int i : kept_) g.results.add(to[i]);
    return g;
  }

  /// The rest. Argument params + j is result j of `before`; the constant arguments stay in their places and give their extents.
  constexpr builder after() const {
    builder g;
    for (int i = 0; i < in_.symbol_count; ++i) g.symbols.add(in_.symbols[i]);
    for (int i = 0; i < in_.external_count; ++i) g.externals.add(in_.externals[i]);
    for (int i = 0; i < in_.constraint_count; ++i) g.constraints.add(in_.constraints[i]);
    list<int> to;
    to.resize(in_.node_count, -1);
    for (int i = 0; i < in_.node_count; ++i) {
      if (!live_[i]) continue;
      const extent_t attribute[] = {params_ + kept_as_[i], 0};
      to[i] = kept_as_[i] >= 0 ? g.add(opcode::param, in_[i].type, in_.shape_of(i), nullptr, 0, attribute, 2)
                               : copy(g, i, in_.shape_of(i), to, false);
    }
    for (int r = 0; r < in_.result_count; ++r) g.results.add(to[in_.results[r]]);
    return g;
  }

 private:
  template <class T> using list = sinter::detail::list<T>;
  const graph_view in_;
  const bool* constant_;
  int params_;
  list<bool> known_, live_;   // depends on constants alone; stands in the rest
  list<int> kept_, kept_as_;  // the nodes that are handed over; node -> which of them

  constexpr bool is_constant(int i) const { return in_[i].op == opcode::literal || constant_[in_.attribute(i, 0)]; }
  // Views cost nothing where they are read: what they view is handed over.
  static constexpr bool is_view(opcode op) {
    return op == opcode::broadcast || op == opcode::reshape || op == opcode::transpose || op == opcode::slice || op == opcode::reverse ||
           op == opcode::as_complex;
  }
  constexpr bool is_known(extent_t e) const {
    if (!graph::is_symbol(e)) return true;
    const graph::symbol s = in_.symbols[graph::symbol_index(e)];
    if (s.kind == graph::symbol::param || s.kind == graph::symbol::stride) return constant_[s.a];
    return is_known(s.a) && is_known(s.b);
  }
  // The extent in terms of constant arguments, where a call requires it to be equal to one of theirs.
  constexpr extent_t by_constants(extent_t e) const {
    if (is_known(e)) return e;
    for (int i = 0; i < in_.constraint_count; ++i) {
      const graph::constraint& c = in_.constraints[i];
      if (c.kind != graph::constraint::equal) continue;
      if (c.a == e && is_known(c.b)) return c.b;
      if (c.b == e && is_known(c.a)) return c.a;
    }
    return e;
  }
  constexpr bool has_known_extents(int i) const {
    const shape<>& s = in_.shape_of(i);
    for (int a = 0; a < s.rank; ++a)
      if (!is_known(by_constants(s[a]))) return false;
    for (int k = 0; k < in_[i].attributes && graph::has_extents(in_[i].op); ++k)
      if (!is_known(by_constants(in_.attribute(i, k)))) return false;
    return true;
  }
  constexpr int copy(builder& g, int i, const shape<>& s, const list<int>& to, bool constants) const {
    const node& n = in_[i];
    int operand[graph::max_operands] = {};
    for (int k = 0; k < n.operands; ++k) operand[k] = to[n.operand[k]];
    extent_t attribute[2 * max_rank] = {};
    for (int k = 0; k < n.attributes; ++k) {
      const extent_t a = in_.attribute(i, k);
      attribute[k] = constants && graph::has_extents(n.op) ? by_constants(a) : a;
    }
    return g.add(n.op, n.type, s, operand, n.operands, attribute, n.attributes);
  }
};

}  // namespace sinter::transform
