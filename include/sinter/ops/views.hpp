// SPDX-License-Identifier: Apache-2.0
// Ops that only say which element goes where: broadcast, reshape, transpose, slice, reverse, pad, concatenate; and the tensors made
// of nothing: iota, one_hot. They cost nothing of their own: they become index arithmetic of the loop that reads them.
#pragma once

#include <sinter/ops/elementwise.hpp>

namespace sinter {

namespace detail {

// The shape of a node when each element of a batch has one: the leading extent of x before it.
constexpr shape<> batch_of(value x, const shape<>& one) {
  shape<> s(x.shape()[0]);
  for (int i = 0; i < one.rank; ++i) s.append(one[i]);
  return s;
}
// x at an offset inside a larger shape.
constexpr value pad_node(value x, const extent_t* low, const shape<>& to, double fill) {
  graph::builder& g = *x.graph();
  if (x.shape() == to) return x;
  const int id[] = {x.id(), (x.type() == dtype::boolean ? value(fill != 0) : value(fill)).as(g, x.type()).id()};
  return {g, g.add(opcode::pad, x.type(), to, id, 2, low, to.rank)};
}

}  // namespace detail

namespace ops {

struct broadcast_to {
  static constexpr value trace(value x, shape<> to) {
    graph::builder& g = *x.graph();
    bool good = x.rank() <= to.rank;
    for (int i = 0; good && i < x.rank(); ++i) {
      extent_t& e = to[to.rank - x.rank() + i];
      if (e == dyn) e = x.shape()[i];
      if (x.shape()[i] != 1) g.require_equal(x.shape()[i], e, good);
    }
    if (!good) {
      g.fail(shapes_do_not_broadcast);
      if (!g.failed.count) g.failed.show(x.shape()), g.failed.show(to);
      return x;
    }
    return detail::broadcast_right(g, x, to);
  }
  static constexpr value batched(value y, value x) {
    axes where(0);
    for (int i = 0; i + 1 < x.rank(); ++i) where.axis[where.count++] = 1 + static_cast<int>(detail::attribute_of(y, i));
    return detail::broadcast_node(*y.graph(), x, detail::batch_of(x, y.shape()), where);
  }
};
struct reshape {
  static constexpr value trace(value x, shape<> to) {
    graph::builder& g = *x.graph();
    const shape<> from = x.shape();
    extent_t known = 1;
    int open = -1;
    bool good = true;
    for (int i = 0; i < to.rank; ++i) {
      if (to[i] != dyn) known = g.product(known, to[i]);
      else if (open >= 0) good = false;
      else open = i;
    }
    const extent_t n = g.size_of(from);
    if (open >= 0 && good) {
      // The open extent takes what the others leave; run-time extents that appear on both sides cancel.
      bool used[max_rank] = {};
      extent_t left = 1;
      for (int i = 0; i < from.rank; ++i) {
        bool cancelled = false;
        for (int j = 0; j < to.rank && graph::is_symbol(from[i]); ++j)
          if (!used[j] && to[j] == from[i]) used[j] = cancelled = true, j = to.rank;
        if (!cancelled) left = g.product(left, from[i]);
      }
      extent_t right = 1;
      for (int j = 0; j < to.rank; ++j)
        if (j != open && !used[j]) right = g.product(right, to[j]);
      if (!graph::is_symbol(left) && !graph::is_symbol(right)) {
        good = right > 0 && left % right == 0;
        if (good) to[open] = left / right;
      } else {
        to[open] = right == 1 ? left : g.quotient_up(left, right);
        g.require({g.product(to[open], right), left, graph::constraint::equal});
      }
    } else if (good) {
      g.require_equal(n, known, good);
    }
    if (!good) {
      g.fail(element_counts_differ);
      if (!g.failed.count) g.failed.show(from), g.failed.show(to);
      return x;
    }
    if (to == from) return x;
    const int id = x.id();
    return {g, g.add(opcode::reshape, x.type(), to, &id, 1)};
  }
  static constexpr value pullback(value y, value ct) { return trace(ct, detail::operand_of(y, 0).shape()); }
  static constexpr value batched(value y, value x) { return trace(x, detail::batch_of(x, y.shape())); }
};
struct transpose {
  static constexpr value trace(value x, axes order = {}) {
    graph::builder& g = *x.graph();
    const shape<> from = x.shape();
    if (order.count == 0)
      for (int i = 0; i < from.rank; ++i) order.axis[order.count++] = from.rank - 1 - i;
    bool good = order.count == from.rank, same = true, seen[max_rank] = {};
    shape<> to;
    extent_t attribute[max_rank] = {};
    for (int i = 0; good && i < order.count; ++i) {
      const int a = order.axis[i] < 0 ? order.axis[i] + from.rank : order.axis[i];
      good = a >= 0 && a < from.rank && !seen[a];
      if (!good) break;
      seen[a] = true, same &= a == i;
      attribute[i] = a, to.append(from[a]);
    }
    if (!good) {
      g.fail(not_a_permutation);
      if (!g.failed.count) {
        g.failed.show(from);
        for (int i = 0; i < order.count && i < 3; ++i) g.failed.show(static_cast<extent_t>(order.axis[i]));
      }
      return x;
    }
    if (same) return x;
    const int id = x.id();
    return {g, g.add(opcode::transpose, x.type(), to, &id, 1, attribute, from.rank)};
  }
  static constexpr value pullback(value y, value ct) {
    axes order;
    order.count = y.rank();
    for (int i = 0; i < order.count; ++i) order.axis[detail::attribute_of(y, i)] = i;
    return trace(ct, order);
  }
  static constexpr value batched(value y, value x) {
    axes order(0);
    for (int i = 0; i < y.rank(); ++i) order.axis[order.count++] = 1 + static_cast<int>(detail::attribute_of(y, i));
    return trace(x, order);
  }
};
struct slice {
  template <class... R> static constexpr value trace(value x, R... ranges) {
    const range_value r[] = {range_value(ranges)...};
    return trace_ranges(x, r, sizeof...(R));
  }
  static constexpr value trace_ranges(value x, const range_value* r, int n) {
    graph::builder& g = *x.graph();
    const shape<> from = x.shape();
    shape<> to;
    extent_t attribute[2 * max_rank] = {};
    bool good = n == from.rank, same = true;
    for (int i = 0; good && i < n; ++i) {
      const extent_t e = from[i];
      const extent_t first = r[i].first < 0 && !graph::is_symbol(r[i].first) ? g.sum(e, r[i].first) : r[i].first;
      const extent_t last = r[i].kind == range_value::whole                 ? e
                            : r[i].last < 0 && !graph::is_symbol(r[i].last) ? g.sum(e, r[i].last)
                                                                            : r[i].last;
      good = r[i].step >= 1;
      const extent_t order[] = {0, first, last, e};
      for (int k = 0; k < 3; ++k) {
        const extent_t low = order[k], high = order[k + 1];
        if (low == high) continue;
        if (!graph::is_symbol(low) && !graph::is_symbol(high)) good &= low <= high;
        else if (low != 0 || high != e) g.require({high, low, graph::constraint::at_least});
      }
      if (!good) break;
      attribute[2 * i] = first, attribute[2 * i + 1] = r[i].step;
      to.append(g.quotient_up(g.difference(last, first), r[i].step));
      same &= to[i] == e;
    }
    if (!good) {
      g.fail(slice_out_of_range);
      if (!g.failed.count) {
        g.failed.show(from);
        if (n == from.rank) g.failed.show(r[to.rank].first), g.failed.show(r[to.rank].last);
      }
      return x;
    }
    if (same) return x;
    const int id = x.id();
    return {g, g.add(opcode::slice, x.type(), to, &id, 1, attribute, 2 * n)};
  }
  // The elements go back to where they were, between zeros.
  static constexpr value pullback(value y, value ct) {
    graph::builder& g = *y.graph();
    const shape<> of = detail::operand_of(y, 0).shape();
    extent_t low[max_rank] = {};
    for (int a = 0; a < of.rank; ++a) {
      const extent_t step = detail::attribute_of(y, 2 * a + 1);
      low[a] = detail::attribute_of(y, 2 * a);
      if (step > 1) ct = spread(ct, a, step, g.difference(of[a], low[a]));
    }
    return detail::pad_node(ct, low, of, 0);
  }
  static constexpr value batched(value y, value x) {
    extent_t attribute[2 * max_rank] = {0, 1};
    for (int i = 0; i < 2 * y.rank(); ++i) attribute[2 + i] = detail::attribute_of(y, i);
    const shape<> to = detail::batch_of(x, y.shape());
    const int id = x.id();
    return {*y.graph(), y.graph()->add(opcode::slice, y.type(), to, &id, 1, attribute, 2 * to.rank)};
  }

 private:
  // Each element of an axis followed by step - 1 zeros, cut off or filled up to `length`.
  static constexpr value spread(value x, int axis, extent_t step, extent_t length) {
    graph::builder& g = *x.graph();
    shape<> to = x.shape(), apart, wide;
    extent_t before = 1, after = 1;
    for (int i = 0; i < to.rank; ++i) {
      if (i < axis) before = g.product(before, to[i]);
      else if (i > axis) after = g.product(after, to[i]);
    }
    apart = shape<>(before, to[axis], extent_t{1}, after);
    wide = apart, wide[2] = step;
    constexpr extent_t none[max_rank] = {};
    const extent_t filled = g.product(to[axis], step);
    shape<> flat(before, filled, after);
    value y = reshape::trace(detail::pad_node(reshape::trace(x, apart), none, wide, 0), flat);
    const bool open = graph::is_symbol(filled) || graph::is_symbol(length);
    if (open || filled < length) flat[1] = open ? g.sum(filled, length) : length, y = detail::pad_node(y, none, flat, 0);
    const range_value r[] = {all, range_value{0, length}, all};
    to[axis] = length;
    return reshape::trace(trace_ranges(y, r, 3), to);
  }
};
struct reverse {
  static constexpr value trace(value x, axes which = {}) {
    graph::builder& g = *x.graph();
    const axes a = detail::normal_axes(g, which, x.shape());
    extent_t mask = 0;
    for (int i = 0; i < a.count; ++i) mask |= extent_t{1} << a.axis[i];
    const int id = x.id();
    return mask ? value(g, g.add(opcode::reverse, x.type(), x.shape(), &id, 1, &mask, 1)) : x;
  }
  static constexpr value pullback(value y, value ct) { return detail::again(y, &ct); }
  static constexpr value batched(value y, value x) {
    const extent_t mask = detail::attribute_of(y, 0) << 1;
    return detail::again(y, &x, detail::batch_of(x, y.shape()), &mask);
  }
};
struct pad {
  // The last argument is the value; before it one edge_value an axis.
  template <class... R> static constexpr value trace(value x, R... rest) {
    edge_value e[sizeof...(R)] = {};
    value fill;
    int n = 0;
    (take(rest, e, n, fill), ...);
    return trace_edges(x, e, n, fill);
  }
  static constexpr void take(edge_value edge, edge_value* e, int& n, value&) { e[n++] = edge; }
  static constexpr void take(value v, edge_value*, int&, value& fill) { fill = v; }
  static constexpr value trace_edges(value x, const edge_value* e, int n, value fill) {
    graph::builder& g = *x.graph();
    fill = fill.as(g, x.type());
    if (g.failed.broken) return x;
    const shape<> from = x.shape();
    shape<> to;
    extent_t attribute[max_rank] = {};
    bool good = n == from.rank, none = true;
    for (int i = 0; good && i < n; ++i) {
      good = e[i].low >= 0 && e[i].high >= 0;
      none &= e[i].low == 0 && e[i].high == 0;
      attribute[i] = e[i].low;
      to.append(g.sum(g.sum(from[i], e[i].low), e[i].high));
    }
    if (!good || fill.rank() != 0 || fill.type() != x.type()) {
      g.fail(!good || fill.rank() != 0 ? pad_does_not_fit : element_types_differ);
      if (!g.failed.count)
        g.failed.show(from), g.failed.show(static_cast<extent_t>(n)), g.failed.show(x.type()), g.failed.show(fill.type());
      return x;
    }
    if (none) return x;
    const int id[] = {x.id(), fill.id()};
    return {g, g.add(opcode::pad, x.type(), to, id, 2, attribute, n)};
  }
  // The part of a cotangent that belongs to x.
  static constexpr value inner(value y, value ct) {
    const shape<> of = detail::operand_of(y, 0).shape();
    range_value r[max_rank] = {};
    for (int i = 0; i < of.rank; ++i) {
      const extent_t low = detail::attribute_of(y, i);
      r[i] = {low, y.graph()->sum(low, of[i])};
    }
    return slice::trace_ranges(ct, r, of.rank);
  }
  // Each of a batch may have a value of its own beside it.
  static constexpr value batched(value y, value x, value fill) {
    const shape<> to = detail::batch_of(x, y.shape());
    extent_t low[max_rank] = {};
    for (int i = 0; i < y.rank(); ++i) low[1 + i] = detail::attribute_of(y, i);
    graph::builder& g = *y.graph();
    if (fill.rank() == 0) {
      const int id[] = {x.id(), fill.id()};
      return {g, g.add(opcode::pad, y.type(), to, id, 2, low, to.rank)};
    }
    const shape<> of = x.shape();
    const value is_inside = detail::pad_node(detail::full(g, dtype::boolean, of, 1), low, to, 0);
    return select::trace(is_inside, detail::pad_node(x, low, to, 0), detail::broadcast_node(g, fill, to, axes(0)));
  }
};
struct concatenate {
  template <class... V> static constexpr value trace(axes along, V... x) {
    const value v[] = {value(x)...};
    graph::builder& g = *v[0].graph();
    const axes a = along.count == 1 ? detail::normal_axes(g, along, v[0].shape()) : axes{};
    if (along.count != 1) g.fail(one_axis_needed);
    value r = v[0];
    for (int i = 1; i < static_cast<int>(sizeof...(V)) && !g.failed.broken; ++i) r = join(g, r, v[i], a.axis[0]);
    return r;
  }
  static constexpr value join(graph::builder& g, value a, value b, int axis) {
    bool good = a.rank() == b.rank();
    shape<> to = a.shape();
    for (int i = 0; good && i < to.rank; ++i) to[i] = i == axis ? g.sum(to[i], b.shape()[i]) : g.require_equal(to[i], b.shape()[i], good);
    if (!good || a.type() != b.type()) {
      g.fail(good ? element_types_differ : shapes_do_not_concatenate);
      if (!g.failed.count) {
        if (good) g.failed.show(a.type()), g.failed.show(b.type());
        else g.failed.show(a.shape()), g.failed.show(b.shape()), g.failed.show(static_cast<extent_t>(axis));
      }
      return a;
    }
    if (a.shape()[axis] == 0) return b;
    if (b.shape()[axis] == 0) return a;
    const int id[] = {a.id(), b.id()};
    const extent_t attribute = axis;
    return {g, g.add(opcode::concatenate, a.type(), to, id, 2, &attribute, 1)};
  }
  static constexpr value pullback(value y, int k, value ct) {
    const int along = static_cast<int>(detail::attribute_of(y, 0));
    const extent_t middle = detail::operand_of(y, 0).shape()[along];
    range_value r[max_rank] = {};
    for (int i = 0; i < y.rank(); ++i) r[i] = i != along ? all : k == 0 ? range_value{0, middle} : range_value{middle, y.shape()[along]};
    return slice::trace_ranges(ct, r, y.rank());
  }
  static constexpr value batched(value y, value a, value b) {
    const value x[] = {a, b};
    const extent_t along = detail::attribute_of(y, 0) + 1;
    return detail::again(y, x, detail::batch_of(a, y.shape()), &along);
  }
};
struct iota {
  static constexpr bool makes_tensor = true;
  static constexpr value trace(graph::builder& g, dtype t, shape<> s, axes along) {
    const axes a = along.count == 1 ? detail::normal_axes(g, along, s) : axes{};
    if (along.count != 1) g.fail(one_axis_needed);
    if (t == dtype::boolean || is_complex(t)) g.fail(is_complex(t) ? not_for_complex : needs_number);
    const extent_t attribute = a.axis[0];
    return {g, g.add(opcode::iota, t, s, nullptr, 0, &attribute, 1)};
  }
};
struct one_hot {
  static constexpr value trace(value labels, shape<> classes, dtype t) {
    graph::builder& g = *labels.graph();
    if (!is_integer(labels.type())) {
      g.fail(needs_integer);
      if (!g.failed.count) g.failed.show(labels.type()), g.failed.show(labels.shape());
      return labels;
    }
    shape<> s = labels.shape(), column = s;
    if (s.rank == max_rank) {
      g.fail(rank_not_supported);
      return labels;
    }
    s.append(classes[0]), column.append(1);
    return cast::trace(is_class(labels, column, s), t);
  }
  // Whether labels, reshaped to a column, equal the index along the last axis of s. Narrow labels widen: there may be more classes
  // than they can name.
  static constexpr value is_class(value labels, shape<> column, shape<> s) {
    graph::builder& g = *labels.graph();
    if (size_of(labels.type()) < 4) labels = cast::trace(labels, dtype::i32);
    value is[] = {reshape::trace(labels, column), iota::trace(g, labels.type(), s, axes(s.rank - 1))};
    return detail::element_node(g, opcode::equal, detail::types::comparison, is, 2);
  }
};

}  // namespace ops

/// x with new leading axes and with extents of 1 repeated. Shapes: x [..., 1 or n] -> [..., n]. `dyn` stands for the extent that x has
/// there; a new axis needs a static one (in a function: also that of an operand, `broadcast_to(x, shape{y.extent(0), 3})`).
template <extent_t... E, operand X> constexpr auto broadcast_to(const X& x) { return suspend<ops::broadcast_to>(x, static_shape<E...>{}); }
constexpr value broadcast_to(const value& x, shape<> to) { return ops::broadcast_to::trace(x, to); }

/// The same elements in row-major order under another shape; one extent may be -1 and takes what the others leave.
template <extent_t... E, operand X> constexpr auto reshape(const X& x) { return suspend<ops::reshape>(x, static_shape<E...>{}); }
constexpr value reshape(const value& x, shape<> to) { return ops::reshape::trace(x, to); }

/// Axes in another order: axis i of the result is axis A_i of x. Without axes all are reversed.
template <int... A, operand X> constexpr auto transpose(const X& x) { return suspend<ops::transpose>(x, axis<A...>); }
constexpr value transpose(const value& x, axes order) { return ops::transpose::trace(x, order); }

/// A part: for each axis `range<first, last, step>` (last excluded; negative counts from the end) or `all`.
template <operand X, class... R> constexpr auto slice(const X& x, R... ranges) { return suspend<ops::slice>(x, ranges...); }

/// The elements of the named axes (or all) in reverse order.
template <operand X, int... A> constexpr auto reverse(const X& x, axis_t<A...> a = {}) { return suspend<ops::reverse>(x, a); }
constexpr value reverse(const value& x, axes a) { return ops::reverse::trace(x, a); }

/// x with edges of a value: `pad(x, edges<1, 1>, edges<0, 2>, 0)`, one `edges<low, high>` an axis, then the value.
template <operand X, class... R> constexpr auto pad(const X& x, const R&... rest) { return suspend<ops::pad>(x, rest...); }

/// Operands one after the other along an axis. Shapes: [..., a, ...], [..., b, ...] -> [..., a + b, ...]; one element type.
template <int A, operand... X> constexpr auto concatenate(axis_t<A> along, const X&... x) { return suspend<ops::concatenate>(along, x...); }

/// 0, 1, 2, ... along one axis, constant along the others: `iota<float, 3, 4>(axis<1>)`. All extents are static.
template <element T, extent_t... E, int A> constexpr auto iota(axis_t<A> along) {
  return suspend<ops::iota>(type_t<T>{}, static_shape<E...>{}, along);
}

/// y[..., c] = 1 where labels[...] == c, else 0. Shapes: labels [...] -> [..., Classes]. Types: integer labels; gives f32 unless named.
template <extent_t Classes, element T = float, operand X> constexpr auto one_hot(const X& labels) {
  return suspend<ops::one_hot>(labels, static_shape<Classes>{}, type_t<T>{});
}

}  // namespace sinter
