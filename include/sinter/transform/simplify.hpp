// SPDX-License-Identifier: Apache-2.0
// Graph to graph: dead code, exact algebra, constant folding, then FMA formation. Only rewrites that keep every bit (FMA is the one
// that rounds less, and is formed here and nowhere else). Run-time extents that a call requires to be equal become one symbol.
#pragma once

#include <sinter/graph/graph.hpp>

namespace sinter::transform {

using graph::builder;
using graph::graph_view;
using graph::node;

namespace detail {

// Copies a graph node by node through a rule that may put something else in a node's place.
class rewriter {
 public:
  builder out;
  constexpr explicit rewriter(const graph_view& in) : in_(in) {
    id_.resize(in.node_count);
    uses_.resize(in.node_count);
    for (int i = 0; i < in.result_count; ++i) ++uses_[in.results[i]];
    for (int i = in.node_count; i-- > 0;)
      if (uses_[i])
        for (int k = 0; k < in[i].operands; ++k) ++uses_[in[i].operand[k]];
    for (int i = 0; i < in.symbol_count; ++i) out.symbols.add(in.symbols[i]);
    for (int i = 0; i < in.constraint_count; ++i) out.constraints.add(in.constraints[i]);
    for (int i = 0; i < in.external_count; ++i) out.externals.add(in.externals[i]);
    unify_symbols();
  }
  constexpr const graph_view& in() const { return in_; }
  constexpr int uses(int i) const { return uses_[i]; }
  /// What its only user is made without: not copied.
  constexpr void absorb(int i) { uses_[i] = absorbed; }
  constexpr bool is_used_once(int i) const { return uses_[i] == 1 || uses_[i] == absorbed; }
  constexpr int mapped(int i) const { return id_[i]; }

  template <class Rule> constexpr void run(Rule rule) {
    run(rule, 0, in_.node_count);
    finish();
  }
  /// The same in parts: goes on with what another rewriter left.
  constexpr void go_on(const graph_view& made, const int* id) {
    out = builder();
    out.go_on(made);
    for (int i = 0; i < in_.node_count; ++i) id_[i] = id[i];
  }
  constexpr void finish() {
    for (int i = 0; i < in_.result_count; ++i) out.results.add(id_[in_.results[i]]);
  }
  template <class Rule> constexpr void run(Rule rule, int begin, int end) {
    for (int i = begin; i < end; ++i) {
      if (uses_[i] <= 0) continue;
      const node& n = in_[i];
      int operand[graph::max_operands] = {};
      for (int k = 0; k < n.operands; ++k) operand[k] = id_[n.operand[k]];
      int to = rule(*this, i, operand);
      if (to < 0) to = copy(i, operand);
      id_[i] = to;
    }
  }
  constexpr int copy(int i, const int* operand) {
    const node& n = in_[i];
    if (in_.symbol_count == 0) return out.add(n.op, n.type, in_.shapes[n.shape], operand, n.operands, in_.pool + n.attribute, n.attributes);
    extent_t attribute[2 * max_rank] = {};
    const bool extents = graph::has_extents(n.op);
    for (int k = 0; k < n.attributes; ++k) attribute[k] = extents ? resolve(in_.pool[n.attribute + k]) : in_.pool[n.attribute + k];
    return out.add(n.op, n.type, resolve(in_.shape_of(i)), operand, n.operands, attribute, n.attributes);
  }
  constexpr shape<> resolve(shape<> s) const {
    if (in_.symbol_count == 0) return s;
    for (int i = 0; i < s.rank; ++i) s[i] = resolve(s[i]);
    return s;
  }

 private:
  constexpr extent_t resolve(extent_t e) const { return graph::is_symbol(e) ? same_[graph::symbol_index(e)] : e; }
  constexpr void unify_symbols() {
    for (int i = 0; i < in_.symbol_count; ++i) same_.add(graph::symbol_base + i);
    for (int i = 0; i < in_.constraint_count; ++i) {
      const graph::constraint& c = in_.constraints[i];
      if (c.kind != graph::constraint::equal) continue;
      extent_t a = resolve(c.a), b = resolve(c.b);
      if (a == b) continue;
      if (graph::is_symbol(b) && (!graph::is_symbol(a) || a < b)) {
        const extent_t t = a;
        a = b, b = t;
      }  // a is a symbol and becomes b
      if (!graph::is_symbol(a)) continue;
      for (extent_t& s : same_)
        if (s == a) s = b;
    }
  }
  static constexpr int absorbed = -1;
  const graph_view in_;
  sinter::detail::list<int> id_, uses_;
  sinter::detail::list<extent_t> same_;
};

constexpr double as_double(extent_t bits) { return __builtin_bit_cast(double, static_cast<std::int64_t>(bits)); }
constexpr bool finite(double x) { return x <= std::numeric_limits<double>::max() && x >= -std::numeric_limits<double>::max(); }

// The constant that a node is everywhere, looking through broadcasts and reshapes.
constexpr bool constant_of(const builder& g, int id, extent_t& bits) {
  while (g.nodes[id].op == opcode::broadcast || g.nodes[id].op == opcode::reshape) id = g.nodes[id].operand[0];
  if (g.nodes[id].op != opcode::constant) return false;
  bits = g.attribute(id, 0);
  return true;
}
constexpr bool is_constant(const builder& g, int id, double x) {
  extent_t bits = 0;
  if (!constant_of(g, id, bits)) return false;
  return is_float(g.nodes[id].type) ? as_double(bits) == x && (x != 0 || bits == 0) : static_cast<double>(bits) == x;
}
constexpr int constant_like(builder& g, dtype t, const shape<>& s, double x, std::int64_t i) {
  const int c = g.constant(t, x, i);
  return s.rank == 0 ? c : g.add(opcode::broadcast, t, s, &c, 1);
}

constexpr std::int64_t wrap(dtype t, std::uint64_t x) {
  const int bits = info(t).bits;
  if (t == dtype::boolean) return x != 0;
  if (bits == 64) return static_cast<std::int64_t>(x);
  const std::uint64_t mask = (std::uint64_t{1} << bits) - 1, low = x & mask;
  return static_cast<std::int64_t>(is_signed_integer(t) && (low >> (bits - 1)) ? low | ~mask : low);
}
constexpr std::int64_t shifted_right(dtype t, std::uint64_t a, std::uint64_t count, bool with_sign) {
  const auto bits = static_cast<unsigned>(info(t).bits);
  const std::uint64_t ones = bits == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << bits) - 1, low = a & ones;
  const std::uint64_t sign = with_sign && (low >> (bits - 1)) ? ones : 0;
  if (count >= bits) return wrap(t, sign);
  return wrap(t, count == 0 ? low : low >> count | (sign << (bits - count)));
}
// Rounds to a floating type; false where the result is not finite or the operation not safely inside its range.
constexpr bool round_to(dtype t, double x, double& r) {
  if (t == dtype::f64) r = x;
  else if (!(x < 3e38 && x > -3e38)) return false;
  else if (t == dtype::f32) r = static_cast<double>(static_cast<float>(x));
  else if (t == dtype::f16) r = static_cast<double>(float{float16(x)});
  else r = static_cast<double>(float{bfloat16(x)});
  return finite(r) && (x == 0 || (r != 0 && (r > 1e-30 || r < -1e-30)));
}

// Folds operations that are correctly rounded, on finite operands with finite, normal results.
constexpr bool fold(opcode op, dtype t, dtype from, const extent_t* v, double& x, std::int64_t& i) {
  if (is_float(from)) {
    const double a = as_double(v[0]), b = as_double(v[1]);
    if (!finite(a) || !finite(b) || a > 1e150 || a < -1e150 || b > 1e150 || b < -1e150) return false;
    if (t != dtype::f64 && is_float(t) && op != opcode::cast && (op == opcode::add || op == opcode::subtract || op == opcode::divide)) {
      // One rounding: in f32 directly (f16 and bf16 round again from f32, which is innocuous).
      const float fa = static_cast<float>(a), fb = static_cast<float>(b);
      if (a > 1e37 || a < -1e37 || b > 1e37 || b < -1e37) return false;
      if (op == opcode::add) return round_to(t, static_cast<double>(fa + fb), x);
      if (op == opcode::subtract) return round_to(t, static_cast<double>(fa - fb), x);
      if (b == 0 || a > 1e18 || a < -1e18 || (b < 1e-18 && b > -1e-18)) return false;
      return round_to(t, static_cast<double>(fa / fb), x);
    }
    switch (op) {
      case opcode::add: return round_to(t, a + b, x);
      case opcode::subtract: return round_to(t, a - b, x);
      case opcode::multiply: return round_to(t, a * b, x);
      case opcode::divide: return b != 0 && (b > 1e-100 || b < -1e-100) && round_to(t, a / b, x);
      case opcode::negate: return x = -a, true;
      case opcode::abs: return x = a < 0 ? -a : a == 0 ? 0.0 : a, true;
      case opcode::cast:
        if (is_float(t)) return round_to(t, a, x);
        if (a > 9e15 || a < -9e15) return false;
        i = static_cast<std::int64_t>(a);
        return t == dtype::boolean ? (i = a != 0, true) : wrap(t, static_cast<std::uint64_t>(i)) == i;
      case opcode::bitcast:
        if (from == dtype::f32) return i = wrap(t, __builtin_bit_cast(std::uint32_t, static_cast<float>(a))), true;
        return i = __builtin_bit_cast(std::int64_t, a), from == dtype::f64;
      case opcode::equal: return i = a == b, true;
      case opcode::not_equal: return i = a != b, true;
      case opcode::less: return i = a < b, true;
      case opcode::less_equal: return i = a <= b, true;
      case opcode::greater: return i = a > b, true;
      case opcode::greater_equal: return i = a >= b, true;
      default: return false;
    }
  }
  const auto a = static_cast<std::uint64_t>(v[0]), b = static_cast<std::uint64_t>(v[1]);
  switch (op) {
    case opcode::add: return i = wrap(t, a + b), true;
    case opcode::subtract: return i = wrap(t, a - b), true;
    case opcode::multiply: return i = wrap(t, a * b), true;
    case opcode::negate: return i = wrap(t, 0 - a), true;
    case opcode::logical_and: return i = wrap(t, a & b), true;
    case opcode::logical_or: return i = wrap(t, a | b), true;
    case opcode::logical_xor: return i = wrap(t, a ^ b), true;
    case opcode::maximum: return i = (t == dtype::u64 ? a > b : v[0] > v[1]) ? v[0] : v[1], true;
    case opcode::minimum: return i = (t == dtype::u64 ? a < b : v[0] < v[1]) ? v[0] : v[1], true;
    case opcode::shift_left: return i = b < static_cast<unsigned>(info(t).bits) ? wrap(t, a << b) : 0, true;
    case opcode::shift_right_logical: return i = shifted_right(t, a, b, false), true;
    case opcode::shift_right_arithmetic: return i = shifted_right(t, a, b, true), true;
    case opcode::equal: return i = a == b, true;
    case opcode::not_equal: return i = a != b, true;
    case opcode::bitcast:
      if (!is_float(t)) return i = wrap(t, a), true;
      if (t == dtype::f32) x = static_cast<double>(__builtin_bit_cast(float, static_cast<std::uint32_t>(a)));
      else x = __builtin_bit_cast(double, a);
      return (t == dtype::f32 || t == dtype::f64) && round_to(t, x, x);
    case opcode::cast:
      if (!is_float(t)) return i = wrap(t, a), true;
      if (v[0] > (1 << 24) || v[0] < -(1 << 24) || (v[0] < 0 && is_unsigned_integer(from))) return false;
      return round_to(t, static_cast<double>(v[0]), x) || v[0] == 0;
    default: return false;
  }
}

// x as another shape, or with another order of axes; views of views become one.
constexpr int reshaped(builder& g, int x, const shape<>& s) {
  while (g.nodes[x].op == opcode::reshape) x = g.nodes[x].operand[0];
  if (g.shape_of(x) == s) return x;
  if (g.nodes[x].op != opcode::broadcast || g.nodes[x].attributes) return g.add(opcode::reshape, g.nodes[x].type, s, &x, 1);
  const int number = g.nodes[x].operand[0];
  return s.rank == 0 ? number : g.add(opcode::broadcast, g.nodes[number].type, s, &number, 1);
}
constexpr int transposed(builder& g, int x, const extent_t* order) {
  const shape<> from = g.shape_of(x);
  extent_t axis[max_rank] = {};
  shape<> s;
  bool same = true;
  const bool again = g.nodes[x].op == opcode::transpose;
  for (int k = 0; k < from.rank; ++k) {
    s.append(from[static_cast<int>(order[k])]);
    axis[k] = again ? g.attribute(x, static_cast<int>(order[k])) : order[k];
    same &= axis[k] == k;
  }
  const int id = again ? g.nodes[x].operand[0] : x;
  return same ? id : g.add(opcode::transpose, g.nodes[x].type, s, &id, 1, axis, from.rank);
}
// How many elements; -1: that is known at run time.
constexpr extent_t elements_of(const shape<>& s) {
  extent_t all = 1;
  for (int k = 0; k < s.rank; ++k) all = graph::is_symbol(s[k]) ? -1 : all < 0 ? all : sinter::detail::saturating_product(all, s[k]);
  return all;
}
// Order of axes with the last two exchanged.
struct exchanged {
  extent_t axis[max_rank] = {};
  constexpr explicit exchanged(int rank) {
    for (int k = 0; k < rank; ++k) axis[k] = k < rank - 2 ? k : 2 * rank - 3 - k;
  }
};
// Whether x is computed row by row: a reduction is among the element ops that make it, as in a softmax.
constexpr bool is_made_of_rows(const builder& g, int x, int depth = 6) {
  const node& n = g.nodes[x];
  if (is_reduction(n.op)) return true;
  const bool passes = is_element(n.op) || n.op == opcode::reshape || n.op == opcode::transpose || n.op == opcode::broadcast;
  for (int k = 0; passes && depth > 0 && k < n.operands; ++k)
    if (is_made_of_rows(g, n.operand[k], depth - 1)) return true;
  return false;
}
// An operand of a product whose batches are joined axes of what it shows, without joining them: their extents go to `batches`. -1: it is
// none.
constexpr int with_axes_apart(builder& g, int operand, shape<>& batches) {
  const int rank = g.shape_of(operand).rank;
  int id = operand;
  extent_t order[max_rank] = {};
  for (int k = 0; k < rank; ++k) order[k] = g.nodes[id].op == opcode::transpose ? g.attribute(id, k) : k;
  if (g.nodes[id].op == opcode::transpose) id = g.nodes[id].operand[0];
  if (g.nodes[id].op != opcode::reshape) return -1;
  const int x = g.nodes[id].operand[0];
  const shape<>&joined = g.shape_of(id), &from = g.shape_of(x);
  int first[max_rank + 1] = {};  // of the axes that are axis k when joined
  for (int k = 0, at = 0; k < rank; first[++k] = at) {
    if (at == from.rank) return -1;
    extent_t n = from[at++];
    while (at < from.rank && n != joined[k] && !graph::is_symbol(n) && !graph::is_symbol(from[at])) n *= from[at++];
    if (n != joined[k]) return -1;
  }
  if (first[rank] != from.rank || from.rank == rank) return -1;
  extent_t apart[max_rank] = {};
  int count = 0;
  for (int k = 0; k < rank; ++k) {
    const int axis = static_cast<int>(order[k]);
    if (k >= rank - 2 && first[axis + 1] - first[axis] != 1) return -1;
    for (int at = first[axis]; at < first[axis + 1]; ++at) apart[count++] = at;
  }
  for (int k = 0; k + 2 < count; ++k) batches.append(from[static_cast<int>(apart[k])]);
  return transposed(g, x, apart);
}
// A product with its batches apart that a reshape joined: an operand that is transposed or broadcast is a view then, where with joined ones
// it would be written out.
constexpr int with_batches_apart(builder& g, const node& n, const shape<>& s, const int* operand) {
  for (int k = 0; k < 2; ++k) {
    shape<> batches;
    const int x = with_axes_apart(g, operand[k], batches);
    if (x < 0) continue;
    const shape<> of_other = g.shape_of(operand[1 - k]);
    shape<> other = batches, result = batches;
    for (int d = s.rank - 2; d < s.rank; ++d) other.append(of_other[d]), result.append(s[d]);
    int ids[] = {x, x};
    shape<> unused;
    const int y = with_axes_apart(g, operand[1 - k], unused);
    ids[1 - k] = y >= 0 && g.shape_of(y) == other ? y : reshaped(g, operand[1 - k], other);
    return reshaped(g, g.add(opcode::dot, n.type, result, ids, 2), s);
  }
  return -1;
}
// (a b)^T is b^T a^T, written in order, unless a is made of rows; a small one is written faster in another order than a is read.
constexpr int transposed_product(builder& g, int product, const extent_t* order) {
  const node n = g.nodes[product];
  shape<> s = g.shape_of(product);
  const int rank = s.rank;
  if (order[rank - 1] != rank - 2 || is_made_of_rows(g, n.operand[0])) return -1;
  if (const extent_t all = elements_of(s); all >= 0 && all < 1024 && !is_made_of_rows(g, n.operand[1])) return -1;
  const exchanged rows_and_columns(rank);
  const extent_t rows = s[rank - 2];
  s[rank - 2] = s[rank - 1], s[rank - 1] = rows;
  const int ids[] = {transposed(g, n.operand[1], rows_and_columns.axis), transposed(g, n.operand[0], rows_and_columns.axis)};
  extent_t rest[max_rank] = {};
  for (int k = 0; k < rank; ++k) rest[k] = rows_and_columns.axis[order[k]];
  return transposed(g, g.add(opcode::dot, n.type, s, ids, 2), rest);
}
// A gather reads elements of what a conversion reads: those that it needs are converted, not all of a table.
constexpr int gather_before_cast(builder& g, const node& n, const shape<>& s, const int* operand, const extent_t* along) {
  int x = operand[0];
  while (g.nodes[x].op == opcode::reshape) x = g.nodes[x].operand[0];
  if (g.nodes[x].op != opcode::cast) return -1;
  const extent_t read = elements_of(s), all = elements_of(g.shape_of(x));
  if (read < 0 || read > all) return -1;
  const int ids[] = {g.nodes[x].operand[0], operand[1]};
  const int found = g.add(opcode::gather, g.nodes[ids[0]].type, s, ids, 2, along, n.attributes);
  return g.add(opcode::cast, n.type, s, &found, 1);
}

// What stands for node i, given its operands in the new graph; -1: a copy.
constexpr int simplify_node(rewriter& r, int i, const int* operand) {
  builder& g = r.out;
  const node n = r.in()[i];
  const shape<> s = r.resolve(r.in().shape_of(i));
  const int a = operand[0], b = operand[1];
  const auto type_of = [&](int id) { return g.nodes[id].type; };
  const auto is = [&](int id, opcode op) { return g.nodes[id].op == op; };

  if (is_element(n.op) && n.op != opcode::element_call && n.op != opcode::fma && n.op != opcode::select && n.operands <= 2) {
    extent_t v[2] = {};
    if (constant_of(g, a, v[0]) && (n.operands == 1 || constant_of(g, b, v[1]))) {
      double x = 0;
      std::int64_t k = 0;
      if (fold(n.op, n.type, type_of(a), v, x, k)) return constant_like(g, n.type, s, x, k);
    }
  }
  const auto same_shape = [&](int id) { return g.shape_of(id) == s; };
  switch (n.op) {
    case opcode::add:
      if (!is_float(n.type) && is_constant(g, b, 0)) return a;
      if (!is_float(n.type) && is_constant(g, a, 0)) return b;
      break;
    case opcode::subtract:
      if (is_constant(g, b, 0)) return a;
      break;
    case opcode::shift_left:
    case opcode::shift_right_logical:
    case opcode::shift_right_arithmetic:
      if (is_constant(g, b, 0)) return a;
      break;
    case opcode::multiply:
      if (is_constant(g, b, 1)) return a;
      if (is_constant(g, a, 1)) return b;
      break;
    case opcode::divide: {
      if (is_constant(g, b, 1)) return a;
      extent_t bits = 0;  // by a power of two: the reciprocal is exact
      if ((n.type == dtype::f32 || n.type == dtype::f64) && constant_of(g, b, bits)) {
        const double d = as_double(bits);
        const auto mantissa = static_cast<std::uint64_t>(bits) & 0xfffffffffffffull;
        if (mantissa == 0 && (d > 1e-30 || d < -1e-30) && d < 1e30 && d > -1e30) {
          const int ids[] = {a, constant_like(g, n.type, s, 1 / d, 0)};
          return g.add(opcode::multiply, n.type, s, ids, 2);
        }
      }
      break;
    }
    case opcode::pow:
      if (is_constant(g, b, 1)) return a;
      if (is_constant(g, b, 2)) {
        const int ids[] = {a, a};
        return g.add(opcode::multiply, n.type, s, ids, 2);
      }
      break;
    case opcode::negate:
      if (is(a, opcode::negate)) return g.nodes[a].operand[0];
      break;
    case opcode::abs:
      if (is(a, opcode::abs)) return a;
      if (is(a, opcode::negate) && !is_unsigned_integer(n.type)) {
        const int id = g.nodes[a].operand[0];
        return g.add(opcode::abs, n.type, s, &id, 1);
      }
      break;
    case opcode::logical_not:
      if (is(a, opcode::logical_not)) return g.nodes[a].operand[0];
      break;
    case opcode::maximum:
    case opcode::minimum:
      if (is_float(n.type)) {  // with what is not above, or not below, any number
        const double none = n.op == opcode::maximum ? -std::numeric_limits<double>::infinity() : std::numeric_limits<double>::infinity();
        if (is_constant(g, a, none)) return b;
        if (is_constant(g, b, none)) return a;
      }
      [[fallthrough]];
    case opcode::logical_and:
    case opcode::logical_or:
      if (a == b) return a;
      if (n.attributes) return g.add(n.op, n.type, s, operand, 2);  // the mark of relu
      break;
    case opcode::select:
      if (b == operand[2]) return b;
      if (is_constant(g, a, 1)) return b;
      if (is_constant(g, a, 0)) return operand[2];
      break;
    case opcode::cast:
      if (type_of(a) == n.type) return a;
      break;
    case opcode::identity:
      if (r.in().attribute(i, 0) != graph::recomputed) return a;
      break;
    case opcode::broadcast:
      if (g.shape_of(a) == s) return a;
      if (is(a, opcode::broadcast)) {
        extent_t where[max_rank] = {};
        const node inner = g.nodes[a];
        for (int k = 0; k < inner.attributes; ++k) where[k] = r.in().pool[n.attribute + static_cast<int>(g.attribute(a, k))];
        return g.add(opcode::broadcast, n.type, s, inner.operand, 1, where, inner.attributes);
      }
      break;
    case opcode::reshape: return reshaped(g, a, s);
    case opcode::transpose: {
      const extent_t* order = r.in().pool + n.attribute;
      if (is(a, opcode::dot) && r.uses(n.operand[0]) == 1)
        if (const int made = transposed_product(g, a, order); made >= 0) return made;
      return transposed(g, a, order);
    }
    case opcode::dot: return with_batches_apart(g, n, s, operand);
    case opcode::gather: return gather_before_cast(g, n, s, operand, r.in().pool + n.attribute);
    case opcode::reduce_sum:
    case opcode::reduce_max:
    case opcode::reduce_min:
    case opcode::reduce_prod:
    case opcode::reduce_any:
    case opcode::reduce_all:
      if (same_shape(a)) {  // every reduced extent is 1
        if (n.op != opcode::reduce_sum || !is_float(n.type)) return a;
        const int ids[] = {a, constant_like(g, n.type, s, 0, 0)};
        return g.add(opcode::add, n.type, s, ids, 2);
      }
      break;
    default: break;
  }
  return -1;
}

// a * b + c with the product used once becomes fma(a, b, c); subtractions by negating an operand.
constexpr int product_of_fma(const rewriter& r, int i) {  // which operand it is; -1: none
  const node& n = r.in()[i];
  if ((n.op != opcode::add && n.op != opcode::subtract) || (n.type != dtype::f32 && n.type != dtype::f64)) return -1;
  for (int k = 0; k < 2; ++k)
    if (r.in()[n.operand[k]].op == opcode::multiply && r.is_used_once(n.operand[k])) return k;
  return -1;
}
constexpr int form_fma(rewriter& r, int i, const int* operand) {
  const int k = product_of_fma(r, i);
  if (k < 0) return -1;
  const node n = r.in()[i];
  builder& g = r.out;
  const shape<> s = r.resolve(r.in().shape_of(i));
  const node& m = r.in()[n.operand[k]];
  int ids[] = {r.mapped(m.operand[0]), r.mapped(m.operand[1]), operand[1 - k]};
  if (n.op == opcode::subtract) {
    int& negated = k == 0 ? ids[2] : ids[0];
    extent_t bits = 0;
    negated =
        constant_of(g, negated, bits) ? constant_like(g, n.type, s, -as_double(bits), 0) : g.add(opcode::negate, n.type, s, &negated, 1);
  }
  return g.add(opcode::fma, n.type, s, ids, 3);
}

// The same elements again, as a node of its own: what a result that is a parameter, or a parameter needed in row-major order, is
// written as. Elsewhere it vanishes like every view.
constexpr int same_elements(builder& g, int id) {
  const shape<> s = g.shape_of(id);
  extent_t axes[max_rank] = {};
  for (int k = 0; k < s.rank; ++k) axes[k] = k;
  return g.add(opcode::broadcast, g.nodes[id].type, s, &id, 1, axes, s.rank);
}
constexpr int read_parameters(rewriter& r, int i, const int* operand) {
  const node& n = r.in()[i];
  if (n.op == opcode::identity) return same_elements(r.out, operand[0]);
  if (n.op != opcode::param || !r.in().attribute(i, 1)) return -1;
  return same_elements(r.out, r.copy(i, operand));
}
constexpr void write_parameters(builder& g) {
  for (std::int32_t& result : g.results) {
    const bool reshaped = g.nodes[result].op == opcode::reshape;
    int id = result;
    while (g.nodes[id].op == opcode::reshape) id = g.nodes[id].operand[0];
    if (g.nodes[id].op != opcode::param) continue;
    const shape<> s = g.shape_of(result);
    id = same_elements(g, id);
    result = reshaped ? g.add(opcode::reshape, g.nodes[id].type, s, &id, 1) : id;
  }
}

}  // namespace detail

/// Dead code, exact algebra and constant folding.
constexpr builder simplify(const graph_view& in) {
  detail::rewriter r(in);
  r.run(detail::simplify_node);
  return static_cast<builder&&>(r.out);
}

/// FMA formation.
constexpr builder form_fma(const graph_view& in) {
  detail::rewriter r(in);
  r.run(detail::form_fma);
  return static_cast<builder&&>(r.out);
}
/// FMA formation; removes what is dead after it; makes copies of parameters explicit.
constexpr builder finish(const graph_view& in) {
  detail::rewriter r(in);
  for (int i = 0; i < in.node_count; ++i)
    if (r.uses(i) > 0)
      if (const int k = detail::product_of_fma(r, i); k >= 0) r.absorb(in[i].operand[k]);
  r.run([](detail::rewriter& to, int i, const int* operand) {
    const int made = detail::form_fma(to, i, operand);
    return made >= 0 ? made : detail::read_parameters(to, i, operand);
  });
  detail::write_parameters(r.out);
  return static_cast<builder&&>(r.out);
}

}  // namespace sinter::transform
