// SPDX-License-Identifier: Apache-2.0
// Reductions by any associative function: a lambda on traced values, or the region of a StableHLO reduce. Where it is one of the ops that
// have reductions of their own, it becomes these; else a few steps are unrolled and many are a loop. Not here: functors over packets
// (reduce<F> in user.hpp).
#pragma once

#include <sinter/ops/control.hpp>
#include <sinter/ops/gather.hpp>
#include <sinter/ops/identity.hpp>
#include <sinter/ops/user.hpp>

namespace sinter {

namespace detail {

// Associative and commutative functions with an identity, whose reductions are native.
enum class monoid : std::uint8_t { none, add, multiply, maximum, minimum, logical_and, logical_or, logical_xor };

constexpr monoid monoid_of(opcode op) {
  switch (op) {
    case opcode::add: return monoid::add;
    case opcode::multiply: return monoid::multiply;
    case opcode::maximum: return monoid::maximum;
    case opcode::minimum: return monoid::minimum;
    case opcode::logical_and: return monoid::logical_and;
    case opcode::logical_or: return monoid::logical_or;
    case opcode::logical_xor: return monoid::logical_xor;
    default: return monoid::none;
  }
}
constexpr opcode opcode_of(monoid m) {
  constexpr opcode op[] = {opcode::count,   opcode::add,         opcode::multiply,   opcode::maximum,
                           opcode::minimum, opcode::logical_and, opcode::logical_or, opcode::logical_xor};
  return op[static_cast<int>(m)];
}
// Of truth values the largest is whether any is true, and so on.
constexpr monoid of_bools(monoid m) {
  return m == monoid::add || m == monoid::maximum        ? monoid::logical_or
         : m == monoid::multiply || m == monoid::minimum ? monoid::logical_and
                                                         : m;
}
constexpr value combine(monoid m, value a, value b) {
  graph::builder& g = *a.graph();
  const dtype t = a.is_number() ? b.type() : a.type();
  value v[] = {a, b};
  return element_node(g, opcode_of(t == dtype::boolean ? of_bools(m) : m), types::any, v, 2);
}
// The element that changes nothing, as a node of type t.
constexpr value identity_of(graph::builder& g, monoid m, dtype t) {
  if (t == dtype::boolean) m = of_bools(m);
  if (is_complex(t)) return value(m == monoid::multiply ? 1 : 0).as(g, t);
  const int bits = info(t).bits;
  const bool is_signed = is_signed_integer(t);
  const std::int64_t least = is_signed ? std::numeric_limits<std::int64_t>::min() >> (64 - bits) : 0;
  const std::int64_t most = is_signed ? ~least : -1;  // of unsigned numbers all bits
  switch (m) {
    case monoid::multiply: return {g, g.constant(t, 1, 1)};
    case monoid::maximum: return {g, g.constant(t, -std::numeric_limits<double>::infinity(), least)};
    case monoid::minimum: return {g, g.constant(t, std::numeric_limits<double>::infinity(), most)};
    case monoid::logical_and: return {g, g.constant(t, 0, -1)};
    default: return {g, g.constant(t, 0, 0)};
  }
}
constexpr bool is_identity(value x, monoid m) { return x.id() == identity_of(*x.graph(), m, x.type()).id(); }

// Bodies are called as body(a, b, out): n values each, arrays in the place of single elements.
// What a body does with each of its n operands, when these go ways of their own. It is traced on numbers of their own.
template <class Body> constexpr void find_monoids(graph::builder& g, const value* x, int n, const Body& body, monoid* found) {
  list<value> a, b, made;
  for (int k = 0; k < 2 * n; ++k) (k < n ? a : b).add(ops::identity(value(0).as(g, x[k % n].type()), graph::stopped));
  made.resize(n);
  body(a.data(), b.data(), made.begin());
  for (int k = 0; k < n; ++k) {
    found[k] = monoid::none;
    if (g.failed.broken || made[k].is_number()) continue;
    const graph::node y = node_of(made[k]);
    const bool both = y.operands == 2 && ((y.operand[0] == a[k].id() && y.operand[1] == b[k].id()) ||
                                          (y.operand[0] == b[k].id() && y.operand[1] == a[k].id()));
    if (both && y.type == x[k].type()) found[k] = monoid_of(y.op);
  }
}

// out = body(a, b), each as large and of the type of its b.
template <class Body> constexpr void apply_body(graph::builder& g, const Body& body, const value* a, const value* b, int n, value* out) {
  list<value> made;
  made.resize(n);
  body(a, b, made.begin());
  for (int k = 0; k < n; ++k) {
    const shape<> to = b[k].shape();
    if (!g.failed.broken) made[k] = made[k].as(g, b[k].type());
    if (!g.failed.broken && (made[k].type() != b[k].type() || (made[k].rank() != 0 && made[k].shape() != to))) {
      g.fail(carry_changes);
      g.failed.show(b[k].type()), g.failed.show(to), g.failed.show(made[k].type()), g.failed.show(made[k].shape());
    }
    out[k] = g.failed.broken ? b[k] : broadcast_right(g, made[k], to);
  }
}

// carry = what step(i, carry, next) makes of it, for i = 0, 1, ..., trips - 1: a scan over any number of values. All carries after each
// step, along a new first axis, in `collected`.
template <class Step>
constexpr void repeat(graph::builder& g, extent_t trips, value* carry, int n, const Step& step, value* collected = nullptr) {
  control_trace c(g, graph::control::scan);
  list<value> in, next;
  for (int k = 0; k < n; ++k) in.add(c.entering(carry[k]));
  for (int k = 0; k < n; ++k) carry[k] = c.parameter(in[k].type(), shape<>(in[k].shape()));
  const value index = c.parameter(dtype::i32, {});
  next.resize(n);
  step(index, static_cast<const value*>(carry), next.begin());
  for (int k = 0; k < n && !g.failed.broken; ++k) c.leaving_as(next[k], in[k]);
  for (int k = 0; k < n && collected && !g.failed.broken; ++k) c.leaving(next[k]);
  c.set(graph::control::trips, trips), c.set(graph::control::carries, n), c.set(graph::control::collected, collected ? n : 0);
  for (int k = 0; k < n; ++k) carry[k] = g.failed.broken ? in[k] : c.result(in[k].type(), shape<>(in[k].shape()));
  for (int k = 0; k < n && collected; ++k) {
    shape<> all_steps(trips);
    for (int d = 0; d < in[k].rank(); ++d) all_steps.append(in[k].shape()[d]);
    collected[k] = g.failed.broken ? in[k] : c.result(in[k].type(), all_steps);
  }
}

// x[base + strides * index] for one base.
constexpr value read_from(value x, value base, const shape<>& to, const extent_t* strides) {
  return gather_node(x, broadcast_node(*x.graph(), base, to, {}), strides);
}
// The same elements; if they are computed, so that x is written to memory: what needs each of them at several places reads this at one of
// them, and x at the others.
constexpr value written(value x) {
  graph::builder& g = *x.graph();
  value from = x;
  while (node_of(from).operands == 1 && is_view_op(node_of(from).op)) from = operand_of(from, 0);
  const op_info of = info(node_of(from).op);
  if (is_empty(x.shape()) || of.kind == op_info::leaf || of.kind == op_info::whole) return x;
  const shape<> s = x.shape();
  return read_from(x, {g, g.constant(offset_type(s), 0, 0)}, s, row_major_strides(g, s).along);
}

// x as [before, along, after]: the axis in the middle. Some neighbouring axes as one.
constexpr value as_three(value x, int first, int last) {
  graph::builder& g = *x.graph();
  const shape<> s = x.shape();
  shape<> to(1, 1, 1);
  for (int i = 0; i < s.rank; ++i) {
    extent_t& e = to[i < first ? 0 : i < last ? 1 : 2];
    e = g.product(e, s[i]);
  }
  return ops::reshape::trace(x, to);
}
constexpr value part_of_middle(value x, extent_t first, extent_t last, extent_t step = 1) {
  const range_value r[] = {all, {first, last, step}, all};
  return ops::slice::trace_ranges(x, r, 3);
}
// A number of static extent, or the rule is broken.
constexpr bool check_static(graph::builder& g, extent_t e, const shape<>& s) {
  if (!graph::is_symbol(e)) return true;
  g.fail(axis_is_open);
  if (!g.failed.count) g.failed.show(s);
  return false;
}

// Bits of integers, reduced.
struct every_bit {
  static constexpr const char* name = "bitwise_and";
  static constexpr int identity = -1;
  static auto accumulate(auto acc, auto x) { return acc & x; }
  static auto combine(auto a, auto b) { return a & b; }
};
struct any_bit {
  static constexpr const char* name = "bitwise_or";
  static constexpr int identity = 0;
  static auto accumulate(auto acc, auto x) { return acc | x; }
  static auto combine(auto a, auto b) { return a | b; }
};
struct odd_bits {
  static constexpr const char* name = "bitwise_xor";
  static constexpr int identity = 0;
  static auto accumulate(auto acc, auto x) { return acc ^ x; }
  static auto combine(auto a, auto b) { return a ^ b; }
};
// Whether the reduction of such elements is native.
constexpr bool is_native(monoid m, dtype t) { return m != monoid::none && (!is_complex(t) || m == monoid::add); }
// The elements along some axes, which stay with an extent of 1.
constexpr value reduce_monoid(monoid m, value x, const axes& a) {
  const dtype t = x.type();
  const auto node = [&](opcode op) { return reduce_node(x, op, a, keep{true}, t, nullptr, true); };
  if (t == dtype::boolean) {
    m = of_bools(m);
    if (m != monoid::logical_xor) return node(m == monoid::logical_or ? opcode::reduce_any : opcode::reduce_all);
    const value ones = reduce_node(ops::cast::trace(x, dtype::i32), opcode::reduce_sum, a, keep{true}, dtype::i32);
    return (ones & 1) != 0;
  }
  switch (m) {
    case monoid::add: return node(opcode::reduce_sum);
    case monoid::multiply: return node(opcode::reduce_prod);
    case monoid::maximum: return node(opcode::reduce_max);
    case monoid::minimum: return node(opcode::reduce_min);
    default: break;
  }
  for (int i = 0; i < a.count; ++i) {
    const axes one(a.axis[i]);
    x = m == monoid::logical_and  ? ops::reduce_with<every_bit>::trace(x, one, keep{true})
        : m == monoid::logical_or ? ops::reduce_with<any_bit>::trace(x, one, keep{true})
                                  : ops::reduce_with<odd_bits>::trace(x, one, keep{true});
  }
  return x;
}

// acc = body(... body(body(acc, x[:, first, :]), x[:, first + 1, :]) ..., x[:, last - 1, :]) for x [before, r, after]; acc has one element
// for all, or is [before, after]. Up to 8 steps are unrolled.
template <class Body>
constexpr void fold_steps(graph::builder& g, const value* x, int n, extent_t first, extent_t last, const Body& body, value* acc) {
  const shape<> s = x[0].shape(), to(s[0], s[2]);
  list<value> b;
  b.resize(n);
  const auto unrolled = [&](extent_t i) {
    for (int k = 0; k < n; ++k) b[k] = ops::reshape::trace(part_of_middle(x[k], i, i + 1), to);
    apply_body(g, body, acc, b.data(), n, acc);
  };
  const extent_t alone = last - first <= 8 ? last : first + 1;
  for (extent_t i = first; i < alone; ++i) unrolled(i);
  if (alone == last || g.failed.broken) return;
  const dtype t = offset_type(s);
  const extent_t along[] = {g.product(s[1], s[2]), 1};
  repeat(g, last - alone, acc, n, [&](value i, const value* carry, value* next) {
    const value base = times(ops::cast::trace(i + value(alone), t), s[2]);
    for (int k = 0; k < n; ++k) b[k] = read_from(x[k], base, to, along);
    apply_body(g, body, carry, b.data(), n, next);
  });
}
// The same for all of x. Long rows of few are cut into as many pieces as each is long, which go along side by side.
template <class Body> constexpr void fold_rows(graph::builder& g, const value* x, int n, const Body& body, value* acc) {
  const shape<> s = x[0].shape();
  const extent_t r = s[1], beside = g.product(s[0], s[2]);
  if (r <= 64 || graph::is_symbol(beside) || beside >= 4096) return fold_steps(g, x, n, 0, r, body, acc);
  extent_t length = 8;
  while (length * length < r) ++length;
  const extent_t pieces = r / length;
  const shape<> to(s[0], pieces, s[2]);
  const extent_t along[] = {r * s[2], length * s[2], 1};
  const dtype t = offset_type(s);
  list<value> lane, b;
  lane.resize(n), b.resize(n);
  const auto read = [&](value i, value* into) {
    for (int k = 0; k < n; ++k) into[k] = read_from(x[k], times(ops::cast::trace(i, t), s[2]), to, along);
  };
  read({g, g.constant(dtype::i32, 0, 0)}, lane.begin());
  repeat(g, length - 1, lane.begin(), n, [&](value i, const value* carry, value* next) {
    read(i + 1, b.begin());
    apply_body(g, body, carry, b.data(), n, next);
  });
  fold_rows(g, lane.data(), n, body, acc);
  if (!g.failed.broken) fold_steps(g, x, n, pieces * length, r, body, acc);
}

// out[k] = body(... body(init, x[0]) ..., x[r - 1]) over the elements of the named axes in row-major order, which go; no axes: none. The n
// operands have one shape, init one element each. Elements may be bracketed otherwise, as long as init is used once: the body is
// associative. Source: the StableHLO specification, reduce.
template <class Body>
constexpr void fold(graph::builder& g, const value* x, const value* init, int n, const axes& over, const Body& body, value* out) {
  const shape<> from = x[0].shape();
  for (int k = 0; k < n; ++k) out[k] = x[k];
  const axes a = over.count ? normal_axes(g, over, from) : axes{};
  if (g.failed.broken) return;
  bool reduced[max_rank] = {};
  for (int i = 0; i < a.count; ++i) reduced[a.axis[i]] = true;
  shape<> kept;
  axes order;
  extent_t r = 1;
  for (int i = 0; i < from.rank; ++i)
    if (!reduced[i]) kept.append(from[i]), order.axis[order.count++] = i;
    else r = g.product(r, from[i]);

  list<value> y, acc;
  list<monoid> how;
  how.resize(n, monoid::none);
  if (r != 0) find_monoids(g, x, n, body, how.begin());
  bool native = true;
  for (int k = 0; k < n; ++k) native &= is_native(how[k], x[k].type());
  if (g.failed.broken || (!native && !check_static(g, r, from))) return;
  int first = a.count ? a.axis[0] : from.rank;
  const int last = first + a.count;
  const bool neighbours = a.count == 0 || a.axis[a.count - 1] == last - 1;
  for (int k = 0; k < n; ++k) {
    y.add(x[k].type() == init[k].type() ? x[k] : ops::cast::trace(x[k], init[k].type()));
    acc.add(init[k]);
  }
  if (r != 0 && native) {  // as the native reduction writes it, so that it fuses as that does
    for (int k = 0; k < n; ++k) {
      const dtype t = init[k].type();
      const bool widened = !neighbours && (t == dtype::f16 || t == dtype::bf16);  // one rounding, not one for each run of axes
      value all_of_it = reduce_monoid(how[k], widened ? ops::cast::trace(y[k], dtype::f32) : y[k], a);
      if (widened) all_of_it = ops::cast::trace(all_of_it, t);
      acc[k] = is_identity(init[k], how[k]) ? all_of_it : combine(how[k], init[k], all_of_it);
    }
  } else if (r != 0 && !is_empty(kept)) {
    if (!neighbours) {
      for (int i = 0; i < a.count; ++i) order.axis[order.count++] = a.axis[i];
      first = from.rank - a.count;
    }
    for (int k = 0; k < n; ++k)
      y[k] = as_three(neighbours ? y[k] : ops::transpose::trace(y[k], order), first, neighbours ? last : from.rank);
    fold_rows(g, y.data(), n, body, acc.begin());
  }
  for (int k = 0; k < n && !g.failed.broken; ++k)
    out[k] = acc[k].rank() == 0 ? broadcast_node(g, acc[k], kept, {}) : ops::reshape::trace(acc[k], kept);
}

}  // namespace detail

namespace ops {

// Of complex elements, which have no reduction of their own, a fold.
struct prod {
  static constexpr value trace(value x, axes a = {}, keep k = {}) {
    if (!is_complex(x.type())) return reduce<opcode::reduce_prod>::trace(x, a, k);
    graph::builder& g = *x.graph();
    shape<> s = x.shape();
    const axes over = detail::normal_axes(g, a, s);
    if (g.failed.broken || over.count == 0) return x;
    const value one = value(1).as(g, x.type());
    value y;
    detail::fold(
        g, &x, &one, 1, over, [](const value* u, const value* v, value* out) { *out = *u * *v; }, &y);
    for (int i = 0; i < over.count; ++i) s[over.axis[i]] = 1;
    return k.value && !g.failed.broken ? reshape::trace(y, s) : y;
  }
  static constexpr value trace(value x, keep k) { return trace(x, {}, k); }
};

}  // namespace ops

/// y = the product of the elements; of nothing 1. Types: numbers, complex (along axes of static extents).
/// Cost: 1 op an element, one read; complex: that of `reduce` below.
template <operand X, class... A> constexpr auto prod(const X& x, A... a) { return suspend<ops::prod>(x, a...); }

/// f(... f(f(init, x[0]), x[1]) ..., x[n - 1]) over the elements along some axes, without an axis of all in row-major order. f is a lambda
/// of two traced values, associative, for the elements may be bracketed otherwise; it is called with tensors in the place of elements.
/// Inside of `fn`: `reduce(x, 0, [](auto a, auto b) { return a + b - a * b; }, axis<1>)`. Of nothing: init.
/// Types: any elements. Derivatives: those of the steps.
/// Cost: that of sum, prod, max, min, any or all_of where f is one of these ops. Else up to 8 elements are one kernel with what is around,
/// more are a loop of one kernel a step; long rows of few are cut into pieces, so that there are about 2 sqrt(n) steps. The extents of
/// these axes are static then. Source: jax.lax.reduce.
template <class F> constexpr value reduce(const value& x, const value& init, F f, axes over = {}) {
  graph::builder& g = *x.graph();
  if (over.count == 0) over = detail::axes_from(0, x.rank());
  const value first = init.as(g, x.type());
  value y = x;
  if (!g.failed.broken)
    detail::fold(
        g, &x, &first, 1, over, [&](const value* a, const value* b, value* out) { *out = f(*a, *b); }, &y);
  return y;
}

}  // namespace sinter
