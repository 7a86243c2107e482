// SPDX-License-Identifier: Apache-2.0
// The graph: plain arrays of small nodes in topological order. `builder` grows one during constant evaluation and merges equal
// nodes; `frozen` is what a pass leaves behind; `graph_view` is how every pass reads either.
#pragma once

#include <cstdint>
#include <limits>

#include <sinter/core/check.hpp>
#include <sinter/graph/opcode.hpp>

namespace sinter {

class value;

/// A function of the user's that stands in the graph; its type is found again from this object's address.
struct external {
  const char* name;
  int operands;      ///< graph::is_data: no function, but where literals lie
  const char* type;  ///< as the compiler spells it
  /// An element op's derivative with respect to operand k; null: the user gives none.
  value (*slope)(const value* operand, int k) = nullptr;
};

/// A derivative of the user's for a whole function, in reverse mode: from the cotangents of its results those of its arguments.
struct custom_rule {
  void (*pullback)(const value* cotangent, const value* argument, value* to);
  /// The derivatives of the nodes between arguments and results are right as well: forward mode takes those.
  bool is_transparent;
};

namespace graph {

inline constexpr int max_operands = 4;
inline constexpr int is_data = -1;  // external::operands of a type whose data() literals lie in

// A run-time extent is a number below symbol_base; the rest of it is the index into the graph's symbols.
inline constexpr extent_t symbol_base = std::numeric_limits<extent_t>::min();
// How the memory of a parameter lies: row-major, with strides, with strides and pairs of neighbours along its last axis.
inline constexpr extent_t row_major = 0, strided = 1, strided_pairs = 2;
// What an identity node is for: a variable of a transformation; a constant to derivatives; the same numbers computed once more; a result
// whose derivative is the user's.
inline constexpr extent_t variable = 0, stopped = 1, recomputed = 2, custom = 3;
constexpr bool is_symbol(extent_t e) { return e < symbol_base / 2; }
constexpr int symbol_index(extent_t e) { return static_cast<int>(e - symbol_base); }

// What a symbol stands for: an extent or a stride of a parameter, or arithmetic on these.
struct symbol {
  enum kind_t : std::uint8_t { param, stride, sum, difference, product, quotient_up, smaller } kind = param;
  extent_t a = 0, b = 0;  // param, stride: index and axis of a parameter
  constexpr bool operator==(const symbol&) const = default;
};

// What must hold between two extents when the function is called.
struct constraint {
  extent_t a = 0, b = 0;
  enum kind_t : std::uint8_t { equal, at_least } kind = equal;
  constexpr bool operator==(const constraint&) const = default;
};

// Attributes (in the pool):  param: index, layout · constant: bits of the double or int64 · iota: axis · literal: the external whose data()
// it lies in, layout (row_major), offset in bytes · extent: the extent · broadcast: the result's axis of each operand axis · transpose: the
// operand's axis of each result axis · slice: start and step of each axis · reverse: bit mask of axes · pad: low edge of each axis (operand
// 1 is the value) · concatenate, stack: axis · reductions: first and last + 1 reduced axis, then for reduce_call the external ·
// element_call, row_call: the external · library_call: the external, which result of the call, how many leading axes are batches ·
// identity: see ops/identity.hpp · gather: for each axis of the result a stride in elements of operand 0, where the element is
// operand0[operand1[i] + sum of stride * i] · scatter: the same for each axis of operand 2 (the updates; base -1: skipped), then the
// combiner · region_param: the region, which of its parameters · control: see graph/control.hpp. Complex elements: a traced graph holds
// nodes of complex types. transform::split_complex leaves real ones: a parameter is one of its parts with a last axis of 2, a result is
// `as_complex` of such a tensor, which `stack` makes of two.
struct node {
  opcode op{};
  dtype type{};
  std::uint8_t operands = 0;
  std::int32_t shape = 0;
  std::int32_t operand[max_operands] = {};
  std::int32_t attribute = 0;  // offset into the pool
  std::int32_t attributes = 0;
};

// Whether the attributes of an op are extents or arithmetic on these.
constexpr bool has_extents(opcode op) {
  return op == opcode::slice || op == opcode::pad || op == opcode::extent || op == opcode::gather || op == opcode::scatter;
}

struct graph_view {
  const node* nodes;
  const shape<>* shapes;
  const extent_t* pool;
  const symbol* symbols;
  const constraint* constraints;
  const external* const* externals;
  const std::int32_t* results;
  int node_count, shape_count, pool_count, symbol_count, constraint_count, external_count, result_count;

  constexpr const node& operator[](int id) const { return nodes[id]; }
  constexpr const shape<>& shape_of(int id) const { return shapes[nodes[id].shape]; }
  constexpr extent_t attribute(int id, int i) const { return pool[nodes[id].attribute + i]; }
};

struct counts {
  int nodes = 0, shapes = 0, pool = 0, symbols = 0, constraints = 0, externals = 0, results = 0;
  constexpr bool fits(const counts& room) const {
    return nodes <= room.nodes && shapes <= room.shapes && pool <= room.pool && symbols <= room.symbols &&
           constraints <= room.constraints && externals <= room.externals && results <= room.results;
  }
};

// The result of a pass, as one object without pointers.
template <counts N> struct frozen {
  node nodes[N.nodes + 1] = {};
  sinter::shape<> shapes[N.shapes + 1] = {};
  extent_t pool[N.pool + 1] = {};
  symbol symbols[N.symbols + 1] = {};
  constraint constraints[N.constraints + 1] = {};
  const external* externals[N.externals + 1] = {};
  std::int32_t results[N.results + 1] = {};
  static constexpr counts size = N;
  constexpr graph_view view() const {
    return {nodes,   shapes,   pool,   symbols,   constraints,   externals,   results,
            N.nodes, N.shapes, N.pool, N.symbols, N.constraints, N.externals, N.results};
  }
};
// As much of a graph as there is room for.
template <counts N> constexpr frozen<N> freeze(const graph_view& g) {
  frozen<N> f;
  for (int i = 0; i < N.nodes && i < g.node_count; ++i) f.nodes[i] = g.nodes[i];
  for (int i = 0; i < N.shapes && i < g.shape_count; ++i) f.shapes[i] = g.shapes[i];
  for (int i = 0; i < N.pool && i < g.pool_count; ++i) f.pool[i] = g.pool[i];
  for (int i = 0; i < N.symbols && i < g.symbol_count; ++i) f.symbols[i] = g.symbols[i];
  for (int i = 0; i < N.constraints && i < g.constraint_count; ++i) f.constraints[i] = g.constraints[i];
  for (int i = 0; i < N.externals && i < g.external_count; ++i) f.externals[i] = g.externals[i];
  for (int i = 0; i < N.results && i < g.result_count; ++i) f.results[i] = g.results[i];
  return f;
}

class builder {
 public:
  detail::list<node> nodes;
  detail::list<sinter::shape<>> shapes;
  detail::list<extent_t> pool;
  detail::list<symbol> symbols;
  detail::list<constraint> constraints;
  detail::list<const external*> externals;
  detail::list<std::int32_t> results;
  detail::list<const custom_rule*> rules;  // of identity nodes; only while functions are traced
  detail::failure failed;
  int regions = 0;  // bodies of loops and branches traced so far

  constexpr graph_view view() const {
    return {nodes.data(), shapes.data(), pool.data(), symbols.data(), constraints.data(), externals.data(), results.data(),
            nodes.size(), shapes.size(), pool.size(), symbols.size(), constraints.size(), externals.size(), results.size()};
  }
  constexpr counts size() const {
    return {nodes.size(), shapes.size(), pool.size(), symbols.size(), constraints.size(), externals.size(), results.size()};
  }

  constexpr const sinter::shape<>& shape_of(int id) const { return shapes[nodes[id].shape]; }
  constexpr extent_t attribute(int id, int i) const { return pool[nodes[id].attribute + i]; }

  constexpr int intern(const sinter::shape<>& s) {
    if (last_shape_ < shapes.size() && shapes[last_shape_] == s) return last_shape_;
    for (int i = 0; i < shapes.size(); ++i)
      if (shapes[i] == s) return last_shape_ = i;
    extent_t n = 1;
    bool open = false;
    for (int i = 0; i < s.rank; ++i)
      if (!is_symbol(s[i])) open |= s[i] < 0, n = detail::saturating_product(n, s[i]);
    if (open || n > max_elements) {
      fail(open ? new_axis_is_open : too_many_elements);
      if (!failed.count) failed.show(s);
    }
    return last_shape_ = shapes.add(s);
  }
  constexpr int intern(const external* e) {
    for (int i = 0; i < externals.size(); ++i)
      if (same_text(externals[i]->type, e->type) && externals[i] == e) return i;
    return externals.add(e);
  }

  // Arithmetic on extents: numbers stay numbers.
  constexpr extent_t intern(symbol s) {
    for (int i = 0; i < symbols.size(); ++i)
      if (symbols[i] == s) return symbol_base + i;
    return symbol_base + symbols.add(s);
  }
  constexpr extent_t sum(extent_t a, extent_t b) {
    if (!is_symbol(a) && !is_symbol(b)) return a + b;
    if (a == 0) return b;
    if (b == 0) return a;
    return intern({symbol::sum, a, b});
  }
  constexpr extent_t difference(extent_t a, extent_t b) {
    if (!is_symbol(a) && !is_symbol(b)) return a - b;
    if (b == 0) return a;
    if (a == b) return 0;
    return intern({symbol::difference, a, b});
  }
  constexpr extent_t product(extent_t a, extent_t b) {
    if (!is_symbol(a) && !is_symbol(b)) return detail::saturating_product(a, b);
    if (a == 0 || b == 0) return 0;
    if (a == 1) return b;
    if (b == 1) return a;
    return is_symbol(a) && (!is_symbol(b) || b < a) ? intern({symbol::product, b, a}) : intern({symbol::product, a, b});
  }
  constexpr extent_t quotient_up(extent_t a, extent_t b) {  // ceil(a / b) for a >= 0, b > 0
    if (!is_symbol(a) && !is_symbol(b)) return (a + b - 1) / b;
    if (b == 1) return a;
    return intern({symbol::quotient_up, a, b});
  }
  constexpr extent_t smaller(extent_t a, extent_t b) {
    if (!is_symbol(a) && !is_symbol(b)) return a < b ? a : b;
    if (a == b) return a;
    return intern({symbol::smaller, a, b});
  }
  constexpr extent_t size_of(const sinter::shape<>& s) {
    extent_t n = 1;
    for (int i = 0; i < s.rank; ++i) n = product(n, s[i]);
    return n;
  }
  // Both extents are the same at run time; returns the one to use. False in `good` when they are different numbers.
  constexpr extent_t require_equal(extent_t a, extent_t b, bool& good) {
    if (a == b) return a;
    if (!is_symbol(a) && !is_symbol(b)) {
      good = false;
      return a;
    }
    require({a, b, constraint::equal});
    return is_symbol(a) ? b : a;
  }
  constexpr void require(const constraint& c) {
    for (int i = 0; i < constraints.size(); ++i)
      if (constraints[i] == c) return;
    constraints.add(c);
  }

  // Adds a node, or finds the equal one.
  constexpr int add(opcode op, dtype type, const sinter::shape<>& s, const int* operand, int operands, const extent_t* attribute = nullptr,
                    int attributes = 0) {
    if (is_complex(type) && s.rank == max_rank) {
      fail(complex_has_8_axes);
      if (!failed.count) failed.show(s);
    }
    node n;
    n.op = op, n.type = type, n.operands = static_cast<std::uint8_t>(operands), n.shape = intern(s), n.attributes = attributes;
    for (int i = 0; i < operands; ++i) n.operand[i] = operand[i];
    const std::uint32_t h = hash(n, attribute);
    if (2 * (nodes.size() + 1) > table_.size()) grow_table();
    const std::uint32_t mask = static_cast<std::uint32_t>(table_.size() - 1);
    for (std::uint32_t at = h & mask;; at = (at + 1) & mask) {
      const int found = table_[static_cast<int>(at)] - 1;
      if (found < 0) {
        n.attribute = pool.size();
        if (attributes > 0) pool.add_all(attribute, attributes);
        table_[static_cast<int>(at)] = hashes_.add(h) + 1;
        return nodes.add(n);
      }
      if (hashes_[found] == h && same(nodes[found], n, attribute)) return found;
    }
  }

  // A constant is an element of its type: rounded, and integers wrap.
  static constexpr extent_t constant_bits(dtype type, double x, std::int64_t i) {
    constexpr double most = std::numeric_limits<float>::max();
    if (is_float(type)) {
      if (type == dtype::f16) x = static_cast<double>(float{float16(x)});
      else if (type == dtype::bf16) x = static_cast<double>(float{bfloat16(x)});
      else if (type == dtype::f32 && x >= -most && x <= most) x = static_cast<double>(static_cast<float>(x));
      return static_cast<extent_t>(__builtin_bit_cast(std::int64_t, x));
    }
    if (type == dtype::boolean) return i != 0;
    const int unused = 64 - info(type).bits;
    const std::uint64_t high = static_cast<std::uint64_t>(i) << unused;
    return is_signed_integer(type) ? static_cast<std::int64_t>(high) >> unused : static_cast<std::int64_t>(high >> unused);
  }
  constexpr int constant(dtype type, double x, std::int64_t i) {
    const extent_t bits = constant_bits(type, x, i);
    return add(opcode::constant, type, {}, nullptr, 0, &bits, 1);
  }

  constexpr void fail(const rule& broken) {
    if (!failed.broken) failed.broken = &broken;
  }

  /// Begins with a graph that another builder left, equal nodes of which are found again. This one is empty.
  constexpr void go_on(const graph_view& g) {
    nodes.add_all(g.nodes, g.node_count), shapes.add_all(g.shapes, g.shape_count), pool.add_all(g.pool, g.pool_count);
    symbols.add_all(g.symbols, g.symbol_count), constraints.add_all(g.constraints, g.constraint_count);
    externals.add_all(g.externals, g.external_count), results.add_all(g.results, g.result_count);
    hashes_.reserve(g.node_count);
    for (int i = 0; i < g.node_count; ++i) hashes_.add(hash(nodes[i], pool.data() + nodes[i].attribute));
    grow_table();
  }

 private:
  static constexpr std::uint32_t hash(const node& n, const extent_t* attribute) {
    std::uint32_t h = static_cast<std::uint32_t>(n.op) * 0x9e3779b1u + static_cast<std::uint32_t>(n.type) * 31u +
                      static_cast<std::uint32_t>(n.shape) * 0x85ebca6bu;
    for (int i = 0; i < n.operands; ++i) h = (h ^ static_cast<std::uint32_t>(n.operand[i])) * 0x01000193u;
    for (int i = 0; i < n.attributes; ++i) {
      const auto a = static_cast<std::uint64_t>(attribute[i]);
      h = (h ^ static_cast<std::uint32_t>(a ^ (a >> 32))) * 0x01000193u;
    }
    return h ^ (h >> 15);
  }
  // Tells functors apart before their addresses do: under -fsanitize=undefined g++ 12 takes those of two inline variables for no constants.
  static constexpr bool same_text(const char* a, const char* b) {
    while (*a && *a == *b) ++a, ++b;
    return *a == *b;
  }
  constexpr bool same(const node& a, const node& b, const extent_t* attribute) const {
    if (a.op != b.op || a.type != b.type || a.shape != b.shape || a.operands != b.operands || a.attributes != b.attributes) return false;
    for (int i = 0; i < a.operands; ++i)
      if (a.operand[i] != b.operand[i]) return false;
    for (int i = 0; i < a.attributes; ++i)
      if (pool[a.attribute + i] != attribute[i]) return false;
    return true;
  }
  constexpr void grow_table() {
    int slots = table_.size() ? 2 * table_.size() : 64;
    while (slots < 2 * (hashes_.size() + 1)) slots *= 2;
    table_ = {};
    table_.resize(slots);
    const std::uint32_t mask = static_cast<std::uint32_t>(slots - 1);
    for (int i = 0; i < hashes_.size();) {
      std::uint32_t at = hashes_[i] & mask;
      while (table_[static_cast<int>(at)]) at = (at + 1) & mask;
      table_[static_cast<int>(at)] = ++i;
    }
  }

  detail::list<std::uint32_t> hashes_;  // of the nodes
  detail::list<int, 64> table_;         // nodes by their hash, from 1 on: zeros cost nothing
  int last_shape_ = 0;
};

// A graph as it is, for passes that add no nodes: equal ones would not be found.
constexpr builder thaw(const graph_view& g) {
  builder b;
  b.nodes.add_all(g.nodes, g.node_count), b.shapes.add_all(g.shapes, g.shape_count), b.pool.add_all(g.pool, g.pool_count);
  b.symbols.add_all(g.symbols, g.symbol_count), b.constraints.add_all(g.constraints, g.constraint_count);
  b.externals.add_all(g.externals, g.external_count), b.results.add_all(g.results, g.result_count);
  return b;
}

}  // namespace graph
}  // namespace sinter
