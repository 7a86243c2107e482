// SPDX-License-Identifier: Apache-2.0
// Windows that slide over an array: reduce_window, the pools, and StableHLO's select_and_scatter. Padding, dilation and windows are views:
// windows of few elements are as many strided slices in one kernel. What is a sum, product, maximum or minimum goes axis by axis where
// that is shorter.
#pragma once

#include <sinter/ops/cumulative.hpp>
#include <sinter/ops/scatter.hpp>

namespace sinter {

/// Windows over each axis of an array, in the words of StableHLO's reduce_window. By default of one element, side by side.
struct window {
  extent_t size[max_rank], stride[max_rank], base_dilation[max_rank], window_dilation[max_rank];
  extent_t low[max_rank] = {}, high[max_rank] = {};  ///< padding; negative: elements that are left out
  constexpr window() : size{}, stride{}, base_dilation{}, window_dilation{} {
    for (int d = 0; d < max_rank; ++d) size[d] = stride[d] = base_dilation[d] = window_dilation[d] = 1;
  }
  /// Windows of some size at some distance.
  constexpr explicit window(const shape<>& sizes, const shape<>& strides = {}) : window() {
    for (int d = 0; d < sizes.rank; ++d) size[d] = sizes[d];
    for (int d = 0; d < strides.rank; ++d) stride[d] = strides[d];
  }
  /// From the first element of a window to its last, with both.
  constexpr extent_t reach(int d) const { return (size[d] - 1) * window_dilation[d] + 1; }
  constexpr bool is_trivial(int d) const { return size[d] == 1 && stride[d] == 1 && base_dilation[d] == 1 && low[d] == 0 && high[d] == 0; }
  constexpr extent_t elements() const {
    extent_t n = 1;
    for (const extent_t e : size) n = detail::saturating_product(n, e);
    return n;
  }
};

namespace detail {

// x with step - 1 copies of fill between neighbours along an axis.
constexpr value dilated(value x, int along, extent_t step, value fill) {
  graph::builder& g = *x.graph();
  shape<> to = x.shape();
  if (step == 1 || to[along] <= 1) return x;
  const value y = as_three(x, along, along + 1);
  const shape<> s = y.shape(), apart(s[0], s[1], extent_t{1}, s[2]);
  const edge_value none{0, 0}, e[] = {none, none, {0, step - 1}, none};
  const value wide = ops::pad::trace_edges(ops::reshape::trace(y, apart), e, 4, fill);
  to[along] = (s[1] - 1) * step + 1;
  const shape<> flat(s[0], s[1] * step, s[2]);
  if (g.failed.broken) return x;
  return ops::reshape::trace(part_of_middle(ops::reshape::trace(wide, flat), 0, to[along]), to);
}
// x with fill between its elements and around them.
constexpr value surrounded(value x, value fill, const window& w) {
  graph::builder& g = *x.graph();
  const int rank = x.rank();
  for (int d = 0; d < rank && !g.failed.broken; ++d) x = dilated(x, d, w.base_dilation[d], fill);
  range_value r[max_rank] = {};
  edge_value e[max_rank] = {};
  for (int d = 0; d < rank; ++d) {
    const extent_t n = x.shape()[d];
    r[d] = all;
    e[d] = {w.low[d] > 0 ? w.low[d] : 0, w.high[d] > 0 ? w.high[d] : 0};
    if (w.low[d] >= 0 && w.high[d] >= 0) continue;
    const extent_t first = w.low[d] < 0 ? -w.low[d] : 0, last = w.high[d] < 0 ? n + w.high[d] : n;
    if (first >= last) {  // nothing of x is left
      r[d] = {0, 0, 1, range_value::part};
      const extent_t left = n + w.low[d] + w.high[d];
      e[d] = {left > 0 ? left : 0, 0};
    } else {
      r[d] = {first, last, 1, range_value::part};
    }
  }
  if (g.failed.broken) return x;
  return ops::pad::trace_edges(ops::slice::trace_ranges(x, r, rank), e, rank, fill);
}
// How many windows there are along each axis. -1: the rule is broken.
constexpr extent_t windows_along(extent_t n, const window& w, int d) {
  if (w.is_trivial(d)) return n;
  const extent_t inner = n > 0 ? (n - 1) * w.base_dilation[d] + 1 : 0, padded = inner + w.low[d] + w.high[d];
  return padded < w.reach(d) || padded <= 0 ? 0 : (padded - w.reach(d)) / w.stride[d] + 1;
}
constexpr bool windows_over(graph::builder& g, const shape<>& from, const window& w, shape<>& to) {
  to = {};
  for (int d = 0; d < max_rank; ++d) {
    const bool positive = w.size[d] > 0 && w.stride[d] > 0 && w.base_dilation[d] > 0 && w.window_dilation[d] > 0;
    if (!positive || (d >= from.rank && !w.is_trivial(d))) {
      shape<> sizes;
      for (int i = 0; i < from.rank; ++i) sizes.append(w.size[i]);
      return fail_showing(g, windows_do_not_fit, from, sizes), false;
    }
    if (d >= from.rank) continue;
    if (!w.is_trivial(d) && !check_static(g, from[d], from)) return false;
    to.append(windows_along(from[d], w, d));
  }
  return true;
}
// Whether an element is in several windows.
constexpr bool overlaps(const window& w, int rank) {
  for (int d = 0; d < rank; ++d)
    if (w.stride[d] < w.reach(d)) return true;
  return false;
}
// The elements at one place of each window; `to`: how many windows there are.
constexpr value at_place(value padded, const window& w, const shape<>& to, const extent_t* place) {
  range_value r[max_rank] = {};
  for (int d = 0; d < to.rank; ++d) {
    const extent_t first = place[d] * w.window_dilation[d];
    r[d] = all;
    if (w.size[d] != 1 || w.stride[d] != 1) r[d] = {first, first + (to[d] - 1) * w.stride[d] + 1, w.stride[d], range_value::part};
  }
  return ops::slice::trace_ranges(padded, r, to.rank);
}
// f(place) for all places of a window, in row-major order.
template <class F> constexpr void for_each_place(const window& w, int rank, F f) {
  extent_t place[max_rank] = {};
  for (extent_t n = w.elements(); n > 0; --n) {
    f(static_cast<const extent_t*>(place));
    for (int d = rank - 1; d >= 0 && ++place[d] == w.size[d]; --d) place[d] = 0;
  }
}

// y[:, i] = x[:, i] . x[:, i + apart] . ... of `size` elements, for x [before, n, after]: windows of 1, 2, 4, ... elements, joined.
template <class Body> constexpr void slide(graph::builder& g, value* x, int n, extent_t size, extent_t apart, const Body& body) {
  list<value> made, stored, a, b;
  a.resize(n), b.resize(n), stored.resize(n);
  const auto joined = [&](const value* p, const value* q, extent_t distance, value* to) {
    const extent_t left = p[0].shape()[1], right = q[0].shape()[1] - distance, length = left < right ? left : right;
    for (int k = 0; k < n; ++k) a[k] = part_of_middle(p[k], 0, length), b[k] = part_of_middle(q[k], distance, distance + length);
    apply_body(g, body, a.data(), b.data(), n, to);
  };
  extent_t done = 0;
  for (extent_t length = 1; !g.failed.broken; length *= 2) {
    for (int k = 0; k < n; ++k) stored[k] = written(x[k]);
    if (size & length) {
      if (done == 0) made.add_all(x, n);
      else joined(made.data(), x, done * apart, made.begin());
      done += length;
    }
    if (done == size) break;
    joined(stored.data(), x, length * apart, x);
  }
  for (int k = 0; k < n; ++k) x[k] = made[k];
}
// Reads a padded array through all windows, place by place in a loop.
template <class Body> constexpr void fold_places(graph::builder& g, const value* padded, int n, const window& w, const shape<>& to,
                                                 const Body& body, value* acc) {
  const shape<> s = padded[0].shape();
  const dtype t = offset_type(s);
  const row_major_strides memory(g, s);
  extent_t along[max_rank] = {};
  for (int d = 0; d < s.rank; ++d) along[d] = g.product(memory.along[d], w.stride[d]);
  list<value> b;
  b.resize(n);
  const auto read = [&](value base) {
    for (int k = 0; k < n; ++k) b[k] = read_from(padded[k], base, to, along);
  };
  read({g, g.constant(t, 0, 0)});
  apply_body(g, body, acc, b.data(), n, acc);
  if (g.failed.broken) return;
  repeat(g, w.elements() - 1, acc, n, [&](value i, const value* carry, value* next) {
    value rest = ops::cast::trace(i + 1, t), base = value(g, g.constant(t, 0, 0));
    for (int d = s.rank - 1; d >= 0; --d) {
      if (w.size[d] == 1) continue;
      base = base + times(rest % value(w.size[d]), g.product(memory.along[d], w.window_dilation[d]));
      rest = rest / value(w.size[d]);
    }
    read(base);
    apply_body(g, body, carry, b.data(), n, next);
  });
}

// Windows along one axis only.
constexpr window along_only(const window& w, int d) {
  window one;
  one.size[d] = w.size[d], one.stride[d] = w.stride[d], one.window_dilation[d] = w.window_dilation[d];
  return one;
}
// All places of a window, in one kernel, after `before`, if there is one; `stored`: the array at the first of them.
constexpr value reduce_places(monoid m, value stored, value padded, const window& w, const shape<>& to, const value* before = nullptr) {
  value y = before ? *before : value();
  bool any = before != nullptr, is_first = true;
  for_each_place(w, to.rank, [&](const extent_t* place) {
    const value v = at_place(is_first ? stored : padded, w, to, place);
    is_first = false;
    y = any ? combine(m, y, v) : v;
    any = true;
  });
  return y;
}
// Long windows along one axis.
constexpr value reduce_long(monoid m, value padded, const window& w, int along) {
  graph::builder& g = *padded.graph();
  shape<> to = padded.shape();
  to[along] = windows_along(to[along], w, along);
  value y = as_three(padded, along, along + 1);
  const extent_t count = to[along], stride = w.stride[along], size = w.size[along];
  if (stride * 8 <= size || !is_native(m, y.type())) {
    slide(g, &y, 1, size, w.window_dilation[along], [m](const value* a, const value* b, value* out) { *out = combine(m, *a, *b); });
    y = part_of_middle(y, 0, (count - 1) * stride + 1, stride);
  } else {  // the windows one after the other, which overlap in memory
    const shape<> s = y.shape(), all_of_them(s[0], count, size, s[2]);
    const extent_t steps[] = {g.product(s[1], s[2]), g.product(stride, s[2]), g.product(w.window_dilation[along], s[2]), 1};
    y = reduce_monoid(m, read_from(y, {g, g.constant(offset_type(s), 0, 0)}, all_of_them, steps), axes(2));
  }
  return ops::reshape::trace(y, to);
}
constexpr value reduce_window(monoid m, value x, value init, window w) {
  graph::builder& g = *x.graph();
  const bool neutral = is_identity(init, m);
  axes wholes;
  for (int d = 0; d < x.rank(); ++d) {
    const extent_t n = x.shape()[d], size = w.size[d];
    if (size == 1 || w.base_dilation[d] != 1 || w.window_dilation[d] != 1 || n == 0) continue;
    const bool whole = w.low[d] == 0 && w.high[d] == 0 && size == n && is_native(m, x.type());
    const bool forward = w.low[d] == size - 1 && w.high[d] == 0, back = w.high[d] == size - 1 && w.low[d] == 0;
    const bool cumulative = neutral && w.stride[d] == 1 && size >= n && (forward || back);
    if (!whole && !cumulative) continue;
    if (whole) wholes.axis[wholes.count++] = d;
    else x = cumulate(m, x, d, back, n <= 64 ? scan_order::in_sequence : scan_order::few_steps);
    w.size[d] = w.stride[d] = 1, w.low[d] = w.high[d] = 0;
  }
  if (wholes.count) x = reduce_monoid(m, x, wholes);
  shape<> to;
  if (!windows_over(g, x.shape(), w, to)) return x;
  if (is_empty(to)) return broadcast_node(g, init, to, {});
  value y = surrounded(x, init, w);
  const value stored = overlaps(w, to.rank) ? surrounded(written(x), init, w) : y;
  if (g.failed.broken) return x;
  if (w.elements() <= 32) return reduce_places(m, stored, y, w, to, neutral ? nullptr : &init);
  for (int d = 0; d < to.rank && !g.failed.broken; ++d) {
    const window one = along_only(w, d);
    shape<> each = y.shape();
    each[d] = to[d];
    if (one.size[d] > 32) y = reduce_long(m, y, one, d);
    else if (!one.is_trivial(d)) y = reduce_places(m, written(y), y, one, each);
  }
  return g.failed.broken ? x : neutral ? y : combine(m, init, y);
}

// out[k]: for each window the fold of init and its elements, where padding counts as init: n operands of one shape, as in `fold`.
// Source: the StableHLO specification, reduce_window.
template <class Body>
constexpr void reduce_window(graph::builder& g, const value* x, const value* init, int n, const window& w, const Body& body, value* out) {
  for (int k = 0; k < n; ++k) out[k] = x[k];
  const shape<> from = x[0].shape();
  shape<> to;
  if (!windows_over(g, from, w, to)) return;
  list<value> acc, padded, stored;
  list<monoid> how;
  how.resize(n, monoid::none);
  for (int k = 0; k < n; ++k) acc.add(init[k]);
  const auto finish = [&] {
    for (int k = 0; k < n && !g.failed.broken; ++k) out[k] = broadcast_right(g, acc[k], to);
  };
  if (is_empty(to)) return finish();
  find_monoids(g, x, n, body, how.begin());
  bool known = true;
  for (int k = 0; k < n; ++k) known &= how[k] != monoid::none;
  if (known) {
    for (int k = 0; k < n && !g.failed.broken; ++k) acc[k] = reduce_window(how[k], x[k], init[k], w);
    return finish();
  }
  for (int k = 0; k < n && !g.failed.broken; ++k) {
    padded.add(surrounded(x[k], init[k], w));
    stored.add(overlaps(w, to.rank) ? surrounded(written(x[k]), init[k], w) : padded[k]);
  }
  if (g.failed.broken) return;
  int windowed = 0, along = 0, steps = 0;
  for (int d = 0; d < to.rank; ++d) {
    if (w.size[d] > 1) ++windowed, along = d;
    steps += w.stride[d] > 1;
  }
  const extent_t stride = w.stride[along];
  if (windowed == 1 && steps == (stride > 1) && stride * 8 <= w.size[along]) {
    for (value& v : padded) v = as_three(v, along, along + 1);
    slide(g, padded.begin(), n, w.size[along], w.window_dilation[along], body);
    for (int k = 0; k < n && !g.failed.broken; ++k)
      padded[k] = ops::reshape::trace(part_of_middle(padded[k], 0, (to[along] - 1) * stride + 1, stride), to);
    if (!g.failed.broken) apply_body(g, body, acc.data(), padded.data(), n, acc.begin());
  } else if (w.elements() <= 16) {
    bool is_first = true;
    for_each_place(w, to.rank, [&](const extent_t* place) {
      list<value> b;
      for (int k = 0; k < n && !g.failed.broken; ++k) b.add(at_place(is_first ? stored[k] : padded[k], w, to, place));
      if (!g.failed.broken) apply_body(g, body, acc.data(), b.data(), n, acc.begin());
      is_first = false;
    });
  } else {
    fold_places(g, padded.data(), n, w, to, body, acc.begin());
  }
  finish();
}

// What chosen places of x get: body(init, the sources whose windows chose them). select(a, b): whether a, which stands before b, stays.
// Padding is never chosen. Source: the StableHLO specification, select_and_scatter.
template <class Select, class Body> constexpr value select_and_scatter(graph::builder& g, value x, value source, value init,
                                                                       const window& w, const Select& select, const Body& body) {
  const shape<> from = x.shape();
  shape<> to;
  if (!windows_over(g, from, w, to)) return x;
  bool fits = source.rank() == to.rank;
  for (int d = 0; fits && d < to.rank; ++d) g.require_equal(source.shape()[d], to[d], fits);
  if (!fits) return fail_showing(g, windows_do_not_fit, from, source.shape()), x;
  const value start = broadcast_node(g, init, from, {});
  if (is_empty(to) || is_empty(from)) return start;

  // The best of each window so far, and where in x it is: -1 for none.
  const dtype t = offset_type(from);
  const value nowhere = {g, g.constant(t, 0, -1)};
  value offset = {g, ops::iota::trace(g, t, shape<>(g.size_of(from)), axes(0)).id()};
  const value fill[] = {value(0).as(g, x.type()), nowhere};
  const value padded[] = {surrounded(x, fill[0], w), surrounded(ops::reshape::trace(offset, from), nowhere, w)};
  const value stored = surrounded(written(x), fill[0], w);
  const auto better = [&](const value* a, const value* b, value* out) {
    value stays;
    select(a, b, &stays);
    const value takes = (b[1] >= 0) & ((a[1] < 0) | !stays);
    out[0] = where(takes, b[0], a[0]), out[1] = where(takes, b[1], a[1]);
  };
  if (g.failed.broken) return x;
  value best[2] = {broadcast_node(g, fill[0], to, {}), broadcast_node(g, nowhere, to, {})};
  if (w.elements() <= 9) {
    bool any = false;
    for_each_place(w, to.rank, [&](const extent_t* place) {
      const value b[] = {at_place(any ? padded[0] : stored, w, to, place), at_place(padded[1], w, to, place)};
      if (any && !g.failed.broken) apply_body(g, better, best, b, 2, best);
      else best[0] = b[0], best[1] = b[1];
      any = true;
    });
  } else {
    fold_places(g, padded, 2, w, to, better, best);
  }
  if (g.failed.broken) return x;

  monoid how = monoid::none;
  find_monoids(g, &source, 1, body, &how);
  if (g.failed.broken) return x;
  const dtype type = source.type();
  const bool is_bool = type == dtype::boolean;
  if (is_bool) how = of_bools(how);
  const combiner c = how == monoid::add                                                  ? combiner::add
                     : how == monoid::multiply                                           ? combiner::multiply
                     : how == monoid::maximum || (is_bool && how == monoid::logical_or)  ? combiner::maximum
                     : how == monoid::minimum || (is_bool && how == monoid::logical_and) ? combiner::minimum
                                                                                         : combiner::set;
  constexpr extent_t none[max_rank] = {};
  if (c != combiner::set && (c == combiner::add || !is_complex(type))) {
    const dtype wide = is_bool ? dtype::i32 : type;
    const value y = scatter_node(ops::cast::trace(start, wide), best[1], ops::cast::trace(source, wide), none, c);
    return is_bool ? y != 0 : y;
  }
  // Any other function, source by source.
  const extent_t count = g.size_of(to);
  if (!check_static(g, count, to)) return x;
  const value at = flattened(best[1]), by = flattened(source);
  const dtype of_source = offset_type(to);
  value y = start;
  repeat(g, count, &y, 1, [&](value i, const value* carry, value* next) {
    const value number = ops::cast::trace(i, of_source), place = gather_node(at, number, none);
    const value old = gather_node(*carry, maximum(place, 0), none), add = gather_node(by, number, none);
    value made;
    apply_body(g, body, &old, &add, 1, &made);
    *next = scatter_node(*carry, place, made, none, combiner::set);
  });
  return y;
}

}  // namespace detail

/// f(... f(f(init, x[0]), x[1]) ..., x[n - 1]) of the elements of each window; padding counts as init. f is a lambda of two traced values,
/// as in `reduce`. Inside of `fn`: `reduce_window(x, 0, [](auto a, auto b) { return a + b; }, window(shape{1, 3, 3, 1}))`. Shapes: x [n...]
/// -> [(n + low + high - reach) / stride + 1...], without dilation; axes that have windows are static. Types:  any elements. Derivatives:
/// those of the steps. Cost:   up to 32 elements (16 for a function that is no op): one kernel, each element read as often as it is in
/// windows. Longer windows of
///         sums, products, maxima and minima go axis by axis; a window over all of an axis is a reduction, one over all before an element a
///         cumulative op. Else along one axis log2(size) kernels over all, or a loop of one kernel for each place of a window.
/// Source: jax.lax.reduce_window, StableHLO reduce_window.
template <class F> constexpr value reduce_window(const value& x, const value& init, F f, const window& w) {
  graph::builder& g = *x.graph();
  const value first = init.as(g, x.type());
  value y = x;
  if (!g.failed.broken)
    detail::reduce_window(
        g, &x, &first, 1, w, [&](const value* a, const value* b, value* out) { *out = f(*a, *b); }, &y);
  return y;
}

/// How far windows lie apart along each axis that they have: `max_pool<2, 2>(x, window_strides<2, 2>)`.
struct step_value {
  shape<> along;
};
template <extent_t... S> struct window_strides_t {
  constexpr operator step_value() const { return {shape<>(S...)}; }
};
template <extent_t... S> inline constexpr window_strides_t<S...> window_strides{};
template <extent_t... S> inline constexpr bool is_attribute<window_strides_t<S...>> = true;
template <> inline constexpr bool is_traced_attribute<step_value> = true;
/// So much padding that there is a window for each step's worth of elements: `max_pool<3, 3>(x, window_strides<2, 2>, same_padding)`.
struct same_padding_t {};
inline constexpr same_padding_t same_padding{};
template <> inline constexpr bool is_attribute<same_padding_t> = true;
template <> inline constexpr bool is_traced_attribute<same_padding_t> = true;

namespace ops {

// Over the axes before the last one, which are those of the channels.
struct pool {
  template <class... R> static constexpr bool windows(value x, const shape<>& sizes, window& w, R... rest) {
    graph::builder& g = *x.graph();
    const int first = x.rank() - 1 - sizes.rank;
    int edges = 0;
    bool same = false, good = first >= 0;
    if (good) (take(rest, w, first, sizes.rank, edges, same, good), ...);
    good &= edges == 0 || (edges == sizes.rank && !same);
    if (!good) return detail::fail_showing(g, windows_do_not_fit, x.shape(), sizes), false;
    for (int i = 0; i < sizes.rank; ++i) {
      const int d = first + i;
      const extent_t n = x.shape()[d];
      w.size[d] = sizes[i];
      if (!same) continue;
      if (!detail::check_static(g, n, x.shape())) return false;
      const extent_t count = (n + w.stride[d] - 1) / w.stride[d], missing = (count - 1) * w.stride[d] + sizes[i] - n;
      w.low[d] = missing > 0 ? missing / 2 : 0, w.high[d] = missing > 0 ? missing - missing / 2 : 0;
    }
    return true;
  }
  static constexpr void take(step_value s, window& w, int first, int axes, int&, bool&, bool& good) {
    good &= s.along.rank == axes;
    for (int i = 0; good && i < axes; ++i) w.stride[first + i] = s.along[i], good &= s.along[i] > 0;
  }
  static constexpr void take(edge_value e, window& w, int first, int axes, int& edges, bool&, bool& good) {
    good &= edges < axes;
    if (good) w.low[first + edges] = e.low, w.high[first + edges] = e.high, ++edges;
  }
  static constexpr void take(same_padding_t, window&, int, int, int&, bool& same, bool&) { same = true; }
};
struct max_pool {
  template <class... R> static constexpr value trace(value x, shape<> sizes, R... rest) {
    graph::builder& g = *x.graph();
    if (is_complex(x.type()) || x.type() == dtype::boolean) {
      g.fail(is_complex(x.type()) ? not_for_complex : needs_number);
      if (!g.failed.count) g.failed.show(x.type()), g.failed.show(x.shape());
      return x;
    }
    window w;
    if (!pool::windows(x, sizes, w, rest...)) return x;
    return detail::reduce_window(detail::monoid::maximum, x, detail::identity_of(g, detail::monoid::maximum, x.type()), w);
  }
};
struct avg_pool {
  template <class... R> static constexpr value trace(value x, shape<> sizes, R... rest) {
    graph::builder& g = *x.graph();
    if (!check_floating(x)) return x;
    window w;
    if (!pool::windows(x, sizes, w, rest...)) return x;
    const value wide = widened(x);
    const value sum = detail::reduce_window(detail::monoid::add, wide, detail::identity_of(g, detail::monoid::add, wide.type()), w);
    if (g.failed.broken) return x;
    return cast::trace(sum / value(static_cast<double>(w.elements())), x.type());
  }
};

}  // namespace ops

/// The largest element of each window over the axes before the last: `max_pool<2, 2>(x, window_strides<2, 2>)` of images with channels
/// last. Without `window_strides` windows lie one element apart. Padding, which no maximum is: `same_padding`, or `edges<1, 1>` for each of
/// these axes. Shapes: x [..., h, w, c] -> [..., (h - 2) / 2 + 1, (w - 2) / 2 + 1, c].  Types: real numbers; NaN wins. Cost:   up to 32
/// elements a window one kernel, more one for each axis. Derivatives: equal elements share it. Source: flax.linen.max_pool.
template <extent_t... W, operand X, class... R> constexpr auto max_pool(const X& x, const R&... rest) {
  return suspend<ops::max_pool>(x, static_shape<W...>{}, rest...);
}
template <class... R> constexpr value max_pool(const value& x, shape<> sizes, const R&... rest) {
  return ops::max_pool::trace(x, sizes, rest...);
}
/// The sum of each window divided by its number of elements, padding among them; else as max_pool. Types: floating point; f16 and bf16
/// compute in f32 and round once. Source: flax.linen.avg_pool.
template <extent_t... W, operand X, class... R> constexpr auto avg_pool(const X& x, const R&... rest) {
  return suspend<ops::avg_pool>(x, static_shape<W...>{}, rest...);
}
template <class... R> constexpr value avg_pool(const value& x, shape<> sizes, const R&... rest) {
  return ops::avg_pool::trace(x, sizes, rest...);
}

}  // namespace sinter
