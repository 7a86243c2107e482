// SPDX-License-Identifier: Apache-2.0
// StableHLO's gather, scatter and pad with all that they can say, for attributes that are known while a function is traced: scatters of
// several arrays and with any computation, pads that cut and that spread. Compositions of the nodes of gather.hpp, scatter.hpp, views.hpp.
#pragma once

#include <sinter/ops/complex.hpp>
#include <sinter/ops/control.hpp>
#include <sinter/ops/scatter.hpp>

namespace sinter::detail {

// Slices of x; starts are clamped so that slices lie within x. An array without elements for slices without elements.
constexpr value gather_general(graph::builder& g, value x, value start_indices, const gather_dimensions& d) {
  if (!is_empty(x.shape())) return ops::gather::trace(x, start_indices, d);
  // There is nothing to point into, so only the shape is left.
  const value all = full(g, x.type(), d.slice_sizes, 0);
  return ops::gather::trace(all, start_indices, d);
}

// An offset for each index vector and each element of its window, [vectors, window...], complete but for the strides of the window's axes.
struct scatter_windows {
  value base;
  axes order;  // of the axes of updates: those of index vectors, then those of windows
  shape<> shape_of;
  extent_t vectors = 1, along[max_rank] = {};

  constexpr scatter_windows(value whole, const extent_t* strides, const axes& window) {
    graph::builder& g = *whole.graph();
    const shape<> to = whole.shape();
    const dtype t = whole.type();
    value more;
    bool any = false;
    for (int r = 0; r < to.rank; ++r) {
      if (ops::gather::names(window, r)) continue;
      order.axis[order.count++] = r, vectors = g.product(vectors, to[r]);
      if (strides[r] == 0) continue;
      const value part = times(ops::iota::trace(g, t, to, axes(r)), strides[r]);
      if (any) more = more + part;
      else more = part;
      any = true;
    }
    if (any) whole = where(whole >= 0, whole + more, whole);
    shape_of.append(vectors);
    for (int i = 0; i < window.count; ++i) {
      const int r = window.axis[i];
      along[i] = strides[r], order.axis[order.count++] = r, shape_of.append(to[r]);
    }
    base = arranged(whole);
  }
  constexpr value arranged(value x) const { return ops::reshape::trace(ops::transpose::trace(x, order), shape_of); }
};

// inputs[k] with body(elements, updates) in the place of elements, for one index vector after the other: body(a, b, to) makes n arrays of
// the inputs' elements and of the updates, whose windows it sees whole. Without equal elements in two windows (`unique`) all at once.
template <class Body> constexpr void scatter_general(graph::builder& g, const value* input, int n, value indices, const value* update,
                                                     const scatter_dimensions& d, bool unique, Body body, value* out) {
  for (int k = 0; k < n; ++k) out[k] = input[k];
  const shape<> from = input[0].shape(), to = update[0].shape(), by = indices.shape();
  for (int k = 0; k < n; ++k) {
    if (!check_element(g, input[k])) return;
    bool same = input[k].shape() == from && update[k].shape() == to && update[k].type() == input[k].type();
    if (!same) return g.fail(updates_do_not_fit), g.failed.show(input[k].shape()), g.failed.show(update[k].shape());
  }
  if (!check_indices(g, indices)) return;
  if (!ops::scatter::fits(g, from, by, to, d)) return fail_showing(g, dimensions_do_not_fit, from, to);
  if (is_empty(to) || is_empty(from)) return;
  extent_t along[max_rank] = {};
  const value base = ops::scatter::offsets(input[0], indices, to, d, along);
  list<value> now, next;
  // What is dropped reads the first element.
  const auto change = [&](value at, const extent_t* strides, const value* x, const value* u, value* y) {
    now.clear(), next.clear();
    const value read = maximum(at, 0);
    for (int k = 0; k < n; ++k) now.add(gather_node(x[k], read, strides)), next.add(now[k]);
    body(now.data(), u, next.begin());
    for (int k = 0; k < n && !g.failed.broken; ++k)
      y[k] = scatter_node(x[k], at, broadcast_right(g, next[k].as(g, x[k].type()), shape<>(at.shape())), strides, combiner::set);
  };
  const scatter_windows windows(base, along, d.update_window_dims);
  if (unique || windows.vectors == 1) return change(base, along, input, update, out);
  list<value> each;
  each.add(windows.base);
  for (int k = 0; k < n; ++k) each.add(windows.arranged(update[k]));
  trace_scan_list(g, out, n, each.data(), n + 1, windows.vectors,
                  [&](value, const value* x, const value* element, value* y) { change(element[0], windows.along, x, element + 1, y); });
}

// Whether a < b, of complex numbers by their real parts, equal ones by their imaginary parts.
constexpr value is_less(value a, value b) {
  if (!is_complex(a.type())) return a < b;
  const value p = ops::real::trace(a), q = ops::real::trace(b);
  return (p < q) | ((p == q) & (ops::imag::trace(a) < ops::imag::trace(b)));
}
// The same with one of five computations. Of bools sums and the larger are `or`, products and the smaller `and`.
constexpr void scatter_general(graph::builder& g, const value* input, int n, value indices, const value* update,
                               const scatter_dimensions& d, combiner how, value* out) {
  for (int k = 0; k < n && !g.failed.broken; ++k) {
    const dtype t = input[k].type();
    const bool either = how == combiner::add || how == combiner::maximum;
    if (t == dtype::boolean && how != combiner::set) {
      const value x = ops::cast::trace(input[k], dtype::u8), u = ops::cast::trace(update[k], dtype::u8);
      const value y = ops::scatter::trace(x, indices, u, d, either ? combiner::maximum : combiner::minimum);
      out[k] = ops::cast::trace(y, dtype::boolean);
    } else if (is_complex(t) && how == combiner::multiply) {
      scatter_general(
          g, input + k, 1, indices, update + k, d, false, [](const value* a, const value* b, value* y) { y[0] = a[0] * b[0]; }, out + k);
    } else if (is_complex(t) && how > combiner::add) {
      scatter_general(
          g, input + k, 1, indices, update + k, d, false,
          [=](const value* a, const value* b, value* y) { y[0] = where(either ? is_less(a[0], b[0]) : is_less(b[0], a[0]), b[0], a[0]); },
          out + k);
    } else {
      out[k] = ops::scatter::trace(input[k], indices, update[k], d, how);
    }
  }
}

// low elements of `fill` before each axis, high after it, interior between neighbours; where low or high is negative, elements are cut off
// what the spread axis has. Axes with any of these have static extents.
constexpr value pad_general(graph::builder& g, value x, value fill, const extent_t* low, const extent_t* high, const extent_t* interior) {
  if (!check_element(g, x)) return x;
  fill = fill.as(g, x.type());
  const int rank = x.rank();
  bool good = fill.rank() == 0;
  shape<> to;
  for (int a = 0; a < rank; ++a) {
    const extent_t n = x.shape()[a];
    if (low[a] == 0 && high[a] == 0 && interior[a] == 0) {
      to.append(n);
      continue;
    }
    const extent_t spread = n > 0 ? n + (n - 1) * interior[a] : 0;
    good &= interior[a] >= 0 && !graph::is_symbol(n) && spread + low[a] + high[a] >= 0;
    to.append(good ? spread + low[a] + high[a] : 0);
  }
  if (!good || fill.type() != x.type()) {
    g.fail(good ? element_types_differ : pad_does_not_fit);
    if (!g.failed.count) g.failed.show(x.shape()), g.failed.show(extent_t{rank}), g.failed.show(x.type()), g.failed.show(fill.type());
    return x;
  }
  const auto surrounded = [&](value v, const extent_t* first, const shape<>& s) {
    if (v.shape() == s) return v;
    const int id[] = {v.id(), fill.id()};
    return value(g, g.add(opcode::pad, v.type(), s, id, 2, first, s.rank));
  };
  constexpr extent_t none[max_rank] = {};
  for (int a = 0; a < rank; ++a) {
    const shape<> from = x.shape();
    const extent_t n = from[a], step = interior[a] + 1;
    if (step == 1 || n < 2) continue;
    extent_t before = 1, after = 1;
    for (int i = 0; i < rank; ++i) {
      if (i < a) before = g.product(before, from[i]);
      else if (i > a) after = g.product(after, from[i]);
    }
    const value apart = ops::reshape::trace(x, shape<>(before, n, extent_t{1}, after));
    const value wide = ops::reshape::trace(surrounded(apart, none, shape<>(before, n, step, after)), shape<>(before, n * step, after));
    const range_value cut[] = {range_value(all), range_value{0, n * step - interior[a]}, range_value(all)};
    shape<> s = from;
    s[a] = n * step - interior[a];
    x = ops::reshape::trace(ops::slice::trace_ranges(wide, cut, 3), s);
  }
  // What of x the result has, and where.
  range_value kept[max_rank];
  extent_t first[max_rank] = {};
  for (int a = 0; a < rank; ++a) {
    const extent_t n = x.shape()[a];
    kept[a] = {0, n};
    if (low[a] == 0 && to[a] == n) continue;
    const extent_t begin = low[a] < 0 ? -low[a] : 0, end = n < to[a] - low[a] ? n : to[a] - low[a];
    if (begin >= end) return broadcast_right(g, fill, to);
    kept[a] = {begin, end}, first[a] = low[a] < 0 ? 0 : low[a];
  }
  return surrounded(ops::slice::trace_ranges(x, kept, rank), first, to);
}

}  // namespace sinter::detail
