// SPDX-License-Identifier: Apache-2.0
// What the op definitions share: element types of numbers, broadcasting, axes. All on traced values.
#pragma once

#include <sinter/graph/expression.hpp>

namespace sinter::detail {

// Which element types an op takes and gives.
// Complex: the last four.
enum class types { number, number_or_bool, floating, logical, integer, comparison, inexact, arithmetic, equality, any };

constexpr value broadcast_node(graph::builder& g, value x, const shape<>& to, const axes& where) {
  if (x.shape() == to) return x;
  extent_t attribute[max_rank] = {};
  for (int i = 0; i < where.count; ++i) attribute[i] = where.axis[i];
  const int id = x.id();
  return {g, g.add(opcode::broadcast, x.type(), to, &id, 1, attribute, where.count)};
}
// Broadcasts to a shape, aligned at the last axis.
constexpr value broadcast_right(graph::builder& g, value x, const shape<>& to) {
  axes where;
  if (x.shape() == to) return x;
  for (int i = 0; i < x.rank(); ++i) where.axis[where.count++] = to.rank - x.rank() + i;
  return broadcast_node(g, x, to, where);
}

// The broadcast shape of two: equal extents, or a static 1 beside anything.
constexpr shape<> common_shape(graph::builder& g, const shape<>& a, const shape<>& b) {
  if (b.rank == 0 || a == b) return a;
  if (a.rank == 0) return b;
  shape<> r;
  const int n = a.rank > b.rank ? a.rank : b.rank;
  bool good = true;
  for (int i = 0; i < n; ++i) {
    const extent_t x = i < n - a.rank ? 1 : a[i - (n - a.rank)], y = i < n - b.rank ? 1 : b[i - (n - b.rank)];
    r.append(x == 1 ? y : y == 1 ? x : g.require_equal(x, y, good));
  }
  if (!good && !g.failed.broken) {
    g.fail(shapes_do_not_broadcast);
    g.failed.show(a), g.failed.show(b);
  }
  return r;
}

constexpr bool takes(types rule, dtype t) {
  switch (rule) {
    case types::floating: return is_float(t);
    case types::inexact: return is_float(t) || is_complex(t);
    case types::number: return t != dtype::boolean && !is_complex(t);
    case types::arithmetic: return t != dtype::boolean;
    case types::logical: return t == dtype::boolean || is_integer(t);
    case types::integer: return is_integer(t);
    case types::equality:
    case types::any: return true;
    default: return !is_complex(t);
  }
}
constexpr const rule& rule_of(types t, dtype given) {
  return is_complex(given)      ? not_for_complex
         : t == types::floating ? needs_floating_point
         : t == types::inexact  ? needs_floating_point
         : t == types::logical  ? needs_bool
         : t == types::integer  ? needs_integer
                                : needs_number;
}

// Traces one element-by-element op: numbers take the operands' type, shapes broadcast.
constexpr value element_node(graph::builder& g, opcode op, types rule, value* v, int n, int first_typed = 0,
                             const extent_t* attribute = nullptr, int attributes = 0) {
  if (g.failed.broken) return v[0].is_number() ? v[0].as(g, dtype::f32) : v[0];
  dtype common = dtype::boolean;
  bool typed = false;
  for (int i = first_typed; i < n; ++i)
    if (!v[i].is_number() && !typed) common = v[i].type(), typed = true;
  if (!typed)
    for (int i = n; i-- > first_typed;)
      common = v[i].natural_type() == dtype::f32 ? dtype::f32 : common == dtype::boolean ? dtype::i32 : common;
  shape<> s;
  for (int i = 0; i < n; ++i) {
    v[i] = v[i].as(g, i < first_typed ? dtype::boolean : common);
    if (g.failed.broken) return v[i];
    const dtype t = v[i].type();
    if (i >= first_typed && t != common) {
      g.fail(element_types_differ);
      g.failed.show(common), g.failed.show(t);
      return v[i];
    }
    if (!info(t).computes || !(i < first_typed ? t == dtype::boolean : takes(rule, t))) {  // what comes first is a condition
      g.fail(!info(t).computes ? type_is_storage_only : i < first_typed ? needs_bool : rule_of(rule, t));
      g.failed.show(t), g.failed.show(v[i].shape());
      return v[i];
    }
    s = common_shape(g, s, v[i].shape());
  }
  if (g.failed.broken) return v[0];
  int id[graph::max_operands] = {};
  for (int i = 0; i < n; ++i) id[i] = broadcast_right(g, v[i], s).id();
  return {g, g.add(op, rule == types::comparison || rule == types::equality ? dtype::boolean : common, s, id, n, attribute, attributes)};
}

// Axes made positive and checked, in their order.
constexpr axes positive_axes(graph::builder& g, const axes& a, const shape<>& s) {
  bool named[max_rank] = {};
  axes r;
  for (int i = 0; i < a.count; ++i) {
    const int x = a.axis[i] < 0 ? a.axis[i] + s.rank : a.axis[i];
    const bool outside = x < 0 || x >= s.rank;
    if (outside || named[x]) {
      g.fail(outside ? axis_out_of_range : axis_repeated);
      if (g.failed.count == 0) g.failed.show(static_cast<extent_t>(a.axis[i])), g.failed.show(s);
      return {};
    }
    named[x] = true;
    r.axis[r.count++] = x;
  }
  return r;
}
// The same, sorted. No axes: all of them.
constexpr axes normal_axes(graph::builder& g, const axes& a, const shape<>& s) {
  const axes named = positive_axes(g, a, s);
  bool in[max_rank] = {};
  for (int i = 0; i < named.count; ++i) in[named.axis[i]] = true;
  axes r;
  for (int i = 0; i < s.rank; ++i)
    if (in[i] || a.count == 0) r.axis[r.count++] = i;
  return r;
}

// What rules of differentiation and batching ask of a node: its operands, its attributes, the same op on other operands.
constexpr graph::node node_of(value y) { return y.graph()->nodes[y.id()]; }
constexpr value operand_of(value y, int k) { return {*y.graph(), node_of(y).operand[k]}; }
constexpr extent_t attribute_of(value y, int i) { return y.graph()->attribute(y.id(), i); }
constexpr value again(value y, const value* x, const shape<>& s, const extent_t* attribute = nullptr) {
  const graph::node n = node_of(y);
  int id[graph::max_operands] = {};
  for (int k = 0; k < n.operands; ++k) id[k] = x[k].id();
  list<extent_t> same;  // the pool may move while it grows
  for (int i = 0; i < n.attributes; ++i) same.add(attribute ? attribute[i] : y.graph()->pool[n.attribute + i]);
  return {*y.graph(), y.graph()->add(n.op, n.type, s, id, n.operands, same.data(), n.attributes)};
}
constexpr value again(value y, const value* x) { return again(y, x, shape<>(y.shape())); }
// A number everywhere.
constexpr value full(graph::builder& g, dtype t, const shape<>& s, double x) { return broadcast_right(g, value(x).as(g, t), s); }
constexpr value zeros_like(value x) { return full(*x.graph(), x.type(), shape<>(x.shape()), 0); }

// A number or value beside a tensor, as a value of the graph with the tensor's type.
constexpr value beside(value x, value n) { return n.as(*x.graph(), x.type()); }

}  // namespace sinter::detail
