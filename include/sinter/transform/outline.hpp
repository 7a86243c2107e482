// SPDX-License-Identifier: Apache-2.0
// Takes the bodies of loops and branches out of a traced graph. What of a loop's body depends on nothing that the loop changes stays
// outside and is computed once; what only one side of a branch needs goes with that side.
#pragma once

#include <sinter/graph/control.hpp>

namespace sinter::transform {

using graph::builder;
using graph::control;
using graph::graph_view;
using graph::node;
using sinter::detail::list;

constexpr bool has_control(const graph_view& g) {
  for (int i = 0; i < g.node_count; ++i)
    if (g[i].op == opcode::control && !g.attribute(i, control::outlined)) return true;
  return false;
}

class outline {
 public:
  constexpr explicit outline(const graph_view& in) : in_(in) {
    find_dependences();
    find_users();
    needed_.resize(in.node_count);
    for (int i = 0; i < in.result_count; ++i) need(in.results[i]);
    find_captures_of_branches();
    find_widest();
  }

  /// The graph without bodies.
  constexpr builder main() const {
    builder g = empty();
    list<int> to;
    to.resize(in_.node_count, -1);
    for (int i = 0; i < in_.node_count; ++i) {
      if (!needed_[i] || in_[i].op == opcode::bundle) continue;
      to[i] = in_[i].op == opcode::control ? call(g, i, to) : copy(g, i, to);
    }
    for (int i = 0; i < in_.result_count; ++i) g.results.add(to[in_.results[i]]);
    return g;
  }
  /// Body `which` of a loop or branch as a function of its own: 0: the body, or the true side; 1: the condition, or the false side.
  constexpr builder body(extent_t region, int which) const {
    builder g = empty();
    const int id = widest_[static_cast<int>(region)];
    list<int> roots, mine;
    list_of(in_[id].operand[1], roots);
    const extent_t kind = in_.attribute(id, control::kind);
    const int sides = kind == control::branch ? roots.size() / 2 : kind == control::while_loop ? roots.size() - 1 : roots.size();
    for (int i = which ? sides : 0; i < (which ? roots.size() : sides); ++i) mine.add(roots[i]);

    const list<int> captured = captures(id);
    list<int> to;
    list<bool> inside;
    to.resize(in_.node_count, -1), inside.resize(in_.node_count);
    const int first = first_captured(id);
    for (int i = 0; i < captured.size(); ++i) to[captured[i]] = parameter(g, captured[i], first + i);
    for (const int i : mine) mark_inside(i, to, inside);
    for (int i = 0; i < in_.node_count; ++i) {
      if (!inside[i] || to[i] >= 0) continue;
      const bool own = in_[i].op == opcode::region_param && in_.attribute(i, 0) == region;
      to[i] = own ? parameter(g, i, static_cast<int>(in_.attribute(i, 1))) : copy(g, i, to);
    }
    for (const int i : mine) g.results.add(to[i]);
    return g;
  }

 private:
  const graph_view in_;
  list<std::uint64_t> open_;  // of a node: the regions whose parameters it depends on, a bit each
  list<bool> needed_;         // outside of all bodies
  list<bool> only_dots_;      // all that reads it is a contraction
  list<int> widest_;          // of a region: the needed node that collects the most

  static constexpr std::uint64_t bit(int region) {
    if (region >= 64) throw "sinter: a function has more than 64 loops; split it into several";
    return std::uint64_t{1} << region;
  }
  constexpr void find_widest() {
    for (int i = 0; i < in_.node_count; ++i) {
      if (!needed_[i] || in_[i].op != opcode::control) continue;
      const int region = static_cast<int>(in_.attribute(i, control::region));
      if (region >= widest_.size()) widest_.resize(region + 1, -1);
      int& w = widest_[region];
      if (w < 0 || in_.attribute(i, control::collected) > in_.attribute(w, control::collected)) w = i;
    }
  }
  constexpr void find_dependences() {
    list<bool> reached;
    reached.resize(in_.node_count);
    for (int i = 0; i < in_.result_count; ++i) reached[in_.results[i]] = true;
    for (int i = in_.node_count - 1; i >= 0; --i)
      for (int k = 0; reached[i] && k < in_[i].operands; ++k) reached[in_[i].operand[k]] = true;
    list<int> number;  // of the regions that are reached at all
    int regions = 0;
    for (int i = 0; i < in_.node_count; ++i) {
      const node& n = in_[i];
      std::uint64_t open = 0;
      for (int k = 0; k < n.operands; ++k) open |= open_[n.operand[k]];
      if (n.op == opcode::region_param && reached[i]) {
        const int region = static_cast<int>(in_.attribute(i, 0));
        if (region >= number.size()) number.resize(region + 1, -1);
        if (number[region] < 0) number[region] = regions++;
        open = bit(number[region]);
      }
      if (n.op == opcode::control) {
        const int region = static_cast<int>(in_.attribute(i, control::region));
        if (region < number.size() && number[region] >= 0) open &= ~bit(number[region]);
      }
      open_.add(open);
    }
  }
  constexpr void find_users() {
    only_dots_.resize(in_.node_count, true);
    for (int i = 0; i < in_.node_count; ++i)
      for (int k = 0; k < in_[i].operands; ++k)
        if (in_[i].op != opcode::dot) only_dots_[in_[i].operand[k]] = false;
  }
  constexpr void list_of(int bundle, list<int>& to) const {
    graph::for_each_in_bundle(in_, bundle, [&](int id) { to.add(id); });
  }
  constexpr bool is_outlined(int id) const { return in_.attribute(id, control::outlined) != 0; }
  constexpr void need(int id) {
    list<int> todo;
    todo.add(id);
    while (todo.size()) {
      const int i = todo[todo.size() - 1];
      todo.pop();
      if (needed_[i]) continue;
      if (open_[i]) throw "sinter: a value of a loop's body is used outside of it; return it from the body";
      needed_[i] = true;
      const node& n = in_[i];
      const bool body = n.op == opcode::control && !is_outlined(i);
      for (int k = 0; k < (body ? 1 : n.operands); ++k) todo.add(n.operand[k]);
      if (body && in_.attribute(i, control::kind) != control::branch)
        for (const int c : captures(i)) todo.add(c);
    }
  }
  // What one side of a branch reads from outside: parameters, and what is computed there anyway.
  constexpr void find_captures_of_branches() {
    for (int i = 0; i < in_.node_count; ++i)
      if (needed_[i] && in_[i].op == opcode::control && !is_outlined(i) && in_.attribute(i, control::kind) == control::branch)
        for (const int c : captures(i)) needed_[c] = true;
  }
  static constexpr bool is_literal(opcode op) {
    return op == opcode::constant || op == opcode::iota || op == opcode::literal || op == opcode::extent;
  }
  // What the bodies of a loop or branch read from outside, in order. Literals are written down again inside.
  constexpr list<int> captures(int id) const {
    const bool branch = in_.attribute(id, control::kind) == control::branch;
    list<bool> seen;
    list<int> todo, found;
    seen.resize(in_.node_count);
    todo.add(in_[id].operand[1]);
    while (todo.size()) {
      const int i = todo[todo.size() - 1];
      todo.pop();
      if (seen[i]) continue;
      seen[i] = true;
      const node& n = in_[i];
      if (is_literal(n.op) || n.op == opcode::region_param) continue;
      const bool outside = n.op != opcode::bundle && open_[i] == 0 && (!branch || n.op == opcode::param || needed_[i]);
      if (outside && !is_spread_literal(i) && !is_free_view(i)) {
        found.add(i);
        continue;
      }
      for (int k = 0; k < n.operands; ++k) todo.add(n.operand[k]);
    }
    for (int i = 1; i < found.size(); ++i)
      for (int k = i; k > 0 && found[k] < found[k - 1]; --k) {
        const int t = found[k];
        found[k] = found[k - 1], found[k - 1] = t;
      }
    return found;
  }
  // A view that costs a body nothing: what it looks at is captured instead, for a capture is written to memory. A transpose is one where
  // only contractions read it, which bring what they read into an order of their own.
  constexpr bool is_free_view(int id) const {
    const opcode op = in_[id].op;
    return op == opcode::broadcast || op == opcode::reshape || op == opcode::slice || (op == opcode::transpose && only_dots_[id]);
  }
  constexpr bool is_spread_literal(int id) const {
    while (in_[id].op == opcode::broadcast || in_[id].op == opcode::reshape) id = in_[id].operand[0];
    return is_literal(in_[id].op);
  }
  constexpr int first_captured(int id) const {
    const bool scan = in_.attribute(id, control::kind) == control::scan;
    return static_cast<int>(in_.attribute(id, control::carries) + in_.attribute(id, control::along)) + scan;
  }
  constexpr void mark_inside(int id, const list<int>& to, list<bool>& inside) const {
    list<int> todo;
    todo.add(id);
    while (todo.size()) {
      const int i = todo[todo.size() - 1];
      todo.pop();
      if (inside[i]) continue;
      inside[i] = true;
      if (to[i] < 0)
        for (int k = 0; k < in_[i].operands; ++k) todo.add(in_[i].operand[k]);
    }
  }
  constexpr builder empty() const {
    builder g;
    for (int i = 0; i < in_.symbol_count; ++i) g.symbols.add(in_.symbols[i]);
    for (int i = 0; i < in_.constraint_count; ++i) g.constraints.add(in_.constraints[i]);
    for (int i = 0; i < in_.external_count; ++i) g.externals.add(in_.externals[i]);
    return g;
  }
  constexpr int parameter(builder& g, int id, int index) const {
    const extent_t attribute[] = {index, 0};
    return g.add(opcode::param, in_[id].type, in_.shape_of(id), nullptr, 0, attribute, 2);
  }
  constexpr int copy(builder& g, int i, const list<int>& to) const {
    const node& n = in_[i];
    int operand[graph::max_operands] = {};
    for (int k = 0; k < n.operands; ++k) operand[k] = to[n.operand[k]];
    return g.add(n.op, n.type, in_.shape_of(i), operand, n.operands, in_.pool + n.attribute, n.attributes);
  }
  constexpr int call(builder& g, int i, const list<int>& to) const {
    const int widest = widest_[static_cast<int>(in_.attribute(i, control::region))];
    list<int> in;
    graph::for_each_in_bundle(in_, in_[i].operand[0], [&](int id) { in.add(to[id]); });
    if (!is_outlined(i))
      for (const int c : captures(i)) in.add(to[c]);
    const int bundle = graph::add_bundle(g, in.data(), in.size());
    extent_t attribute[control::count] = {};
    for (int k = 0; k < control::count; ++k) attribute[k] = in_.attribute(widest, k);
    attribute[control::result] = in_.attribute(i, control::result);
    attribute[control::outlined] = 1;
    return g.add(opcode::control, in_[i].type, in_.shape_of(i), &bundle, 1, attribute, control::count);
  }
};

}  // namespace sinter::transform
