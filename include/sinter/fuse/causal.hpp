// SPDX-License-Identifier: Apache-2.0
// Rows of which only a beginning counts, as those of causal attention: where a row program chooses by its index between an element and
// minus infinity, and what becomes of the latter adds nothing to a maximum, nothing to a sum, and is stored as zero.
#pragma once

#include <sinter/fuse/partition.hpp>

namespace sinter::fuse {

// Whether the elements of row i of a group from i + visible on may be left out.
struct row_limit {
  bool exists = false;
  extent_t visible = 0;
};

namespace detail {

class limit_finder {
 public:
  constexpr limit_finder(partitioned& p, const group& g) : p_(p), g_(g) {}

  constexpr row_limit find() {
    row_limit limit;
    list<hidden> of;
    for (int i = 0; i < g_.steps.count; ++i) {
      const step& s = step_at(i);
      const auto operand = [&](int k) { return of[s.operand[k]]; };
      hidden h = varies(s) ? unknown : same;
      if (s.op == opcode::constant) h = constant(s);
      else if (s.op == opcode::select && varies(s)) {
        const comparison c = limit_of(step_at(s.operand[0]));
        if (c.limit.exists && (!limit.exists || limit.visible == c.limit.visible)) limit = c.limit, h = operand(c.true_hides ? 1 : 2);
        else if (operand(1) == operand(2)) h = operand(1);
      } else if (is_reduction(s.op)) {
        const hidden from = operand(0);
        const bool neutral = (s.op == opcode::reduce_max && from == minus_infinity) || (s.op == opcode::reduce_sum && from == zero);
        if (!neutral && varies(step_at(s.operand[0]))) return {};
      } else if (varies(s) && s.operands > 0) {
        h = after(s, operand(0), s.operands > 1 ? operand(1) : same);
      }
      of.add(h);
    }
    for (int r = 0; r < g_.roots.count; ++r)
      if (of[p_.stores[g_.roots.first + r].step] != zero) return {};
    return limit;
  }

 private:
  enum hidden : std::uint8_t { unknown, same, zero, minus_infinity, positive };  // what a step is where it does not count
  partitioned& p_;
  const group& g_;

  constexpr const step& step_at(int i) const { return p_.steps[g_.steps.first + i]; }
  static constexpr bool varies(const step& s) { return (s.uses & 1u) != 0; }
  static constexpr hidden constant(const step& s) {
    if (!is_float(s.type)) return same;
    const double x = __builtin_bit_cast(double, static_cast<std::int64_t>(s.payload));
    return x == 0 ? zero : x == -std::numeric_limits<double>::infinity() ? minus_infinity : x > 0 ? positive : same;
  }
  // `same` stands for a number that is the same in all of the row, and finite.
  static constexpr hidden after(const step& s, hidden a, hidden b) {
    const bool plain = b == same || b == positive || b == zero;
    switch (s.op) {
      case opcode::add: return a == minus_infinity && plain ? minus_infinity : unknown;
      case opcode::subtract: return a == minus_infinity && plain ? minus_infinity : unknown;
      case opcode::multiply:
        if (a == minus_infinity && b == positive) return minus_infinity;
        return (a == zero && (plain || b == zero)) || (b == zero && (a == same || a == positive)) ? zero : unknown;
      case opcode::divide: return a == zero && (b == same || b == positive) ? zero : unknown;
      case opcode::exp: return a == minus_infinity ? zero : unknown;
      case opcode::cast: return a;
      default: return unknown;
    }
  }
  // The index of a column against that of its row, in any spelling.
  struct comparison {
    row_limit limit;
    bool true_hides = false;
  };
  constexpr comparison limit_of(const step& s) {
    if (s.op < opcode::less || s.op > opcode::greater_equal) return {};
    bool less = s.op == opcode::less || s.op == opcode::less_equal;
    const bool or_equal = s.op == opcode::less_equal || s.op == opcode::greater_equal;
    extent_t column = 0, row = 0;
    if (!index_of(step_at(s.operand[0]), true, column) || !index_of(step_at(s.operand[1]), false, row)) {
      if (!index_of(step_at(s.operand[1]), true, column) || !index_of(step_at(s.operand[0]), false, row)) return {};
      less = !less;
    }
    builder& h = p_.graph;
    return {{true, h.difference(h.sum(row, less == or_equal ? 1 : 0), column)}, !less};
  }
  // The index along the row, or that of the row, and what is added to it.
  constexpr bool index_of(const step& s, bool column, extent_t& added) {
    if (s.op == opcode::add) {
      const step &x = step_at(s.operand[0]), &y = step_at(s.operand[1]);
      extent_t a = 0, b = 0;
      if (index_of(x, column, a) && number_of(y, b)) return added = p_.graph.sum(a, b), true;
      if (index_of(y, column, a) && number_of(x, b)) return added = p_.graph.sum(a, b), true;
      return false;
    }
    if (s.op != opcode::iota || s.access < 0) return false;
    const loop_access& a = p_.accesses[g_.accesses.first + s.access];
    bool good = a.inner == (column ? 1 : 0) && a.guards == 0;
    for (int d = 0; d < g_.outer; ++d) good &= a.outer[d] == (!column && d == g_.outer - 1 ? 1 : 0);
    added = a.base;
    return good;
  }
  constexpr bool number_of(const step& s, extent_t& x) const {
    if (s.op == opcode::constant && !is_float(s.type)) return x = s.payload, true;
    if (s.op != opcode::param || s.access < 0) return false;
    const loop_access& a = p_.accesses[g_.accesses.first + s.access];
    if (a.kind != access::scalar || p_.graph.nodes[a.node].op != opcode::extent) return false;
    return x = p_.graph.attribute(a.node, 0), true;
  }
};

}  // namespace detail

constexpr row_limit limit_of_rows(partitioned& p, const group& g) {
  return g.kind == group_kind::rows && g.outer > 0 ? detail::limit_finder(p, g).find() : row_limit{};
}

}  // namespace sinter::fuse
