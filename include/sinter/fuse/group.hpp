// SPDX-License-Identifier: Apache-2.0
// What a group is: the loops that compute some nodes together, as numbers into lists that all groups share.
#pragma once

#include <sinter/fuse/lower.hpp>

namespace sinter::fuse {

enum class group_kind : std::uint8_t { map, rows, columns, dot, row_call, library_call, control, scatter };
constexpr const char* name(group_kind k) {
  constexpr const char* names[] = {"map", "rows", "columns", "dot", "row program", "library call", "control", "scatter"};
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
  int apart = 1;         // how many rows of this group make one of that contraction
  bool packed = false;   // dot: b is a constant, packed in advance
  bool limited = false;  // rows: what is computed from element j of row i counts only where j < i + visible
  extent_t visible = 0;
};
// An access in terms of a group's own loops: stride of each outer loop, of the inner loop and of the reduced loop.
struct loop_access {
  access::kind_t kind{};
  access::use_t use{};
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

// A product of so few elements [m, n] that all of it waits in a block on the stack, beside the one that its consumer writes.
inline constexpr extent_t most_elements_beside = 1024;
constexpr bool fits_beside(const builder& g, int id) {
  const shape<>& s = g.shape_of(id);
  return s.rank == 2 && !graph::is_symbol(s[0]) && !graph::is_symbol(s[1]) && s[0] * s[1] <= most_elements_beside;
}

namespace detail {

constexpr int strip(const builder& g, int id) {
  while (g.nodes[id].op == opcode::reshape || g.nodes[id].op == opcode::as_complex) id = g.nodes[id].operand[0];
  return id;
}

}  // namespace detail

}  // namespace sinter::fuse
