// SPDX-License-Identifier: Apache-2.0
// A tensor changed at some indices: scatter_set, scatter_add and their like, dynamic_update_slice, and StableHLO's scatter, which all of
// them are. Updates are applied one after the other in their row-major order, so that equal indices give the same bits always. Nothing is
// copied where the result takes the operand's place: temporaries, `f.into(x, x, ...)`, carries of loops.
#pragma once

#include <sinter/ops/gather.hpp>

namespace sinter {

namespace detail {

// Indices as offsets of type t: those from 0 to n - 1 as they are, others stay outside of these, at most n away from 0.
constexpr value saturated_to(value i, extent_t n, dtype t) {
  graph::builder& g = *i.graph();
  if (size_of(i.type()) < 4) i = ops::cast::trace(i, dtype::i32);
  if (size_of(i.type()) < size_of(t) || (is_signed_integer(i.type()) && size_of(i.type()) == size_of(t))) i = ops::cast::trace(i, t);
  if (is_signed_integer(i.type())) i = maximum(i, extent_as(g, g.difference(0, n), i.type()));
  return ops::cast::trace(minimum(i, extent_as(g, n, i.type())), t);
}
constexpr value is_within(value i, extent_t n) {
  graph::builder& g = *i.graph();
  return (i >= extent_as(g, 0, i.type())) & (i < extent_as(g, n, i.type()));
}
constexpr value offset_where(value within, value offset) { return where(within, offset, extent_as(*offset.graph(), -1, offset.type())); }

// Updates in the operand's type; what the combiner computes with.
constexpr bool check_updates(graph::builder& g, value x, value& updates, combiner how) {
  if (!check_element(g, x)) return false;
  if (updates.is_number()) updates = updates.as(g, x.type());
  if (g.failed.broken) return false;
  const dtype t = x.type();
  const bool complex = is_complex(t) && how > combiner::add, none = t == dtype::boolean && how != combiner::set;
  if (updates.type() == t && !complex && !none) return true;
  g.fail(updates.type() != t ? element_types_differ : complex ? not_for_complex : needs_number);
  if (!g.failed.count) g.failed.show(t), g.failed.show(updates.type());
  return false;
}

}  // namespace detail

/// How `scatter` writes, in the words of StableHLO. No axes: none.
struct scatter_dimensions {
  axes update_window_dims{}, inserted_window_dims{}, input_batching_dims{}, scatter_indices_batching_dims{}, scatter_dims_to_operand_dims{};
  int index_vector_dim = 0;
};

namespace ops {

template <combiner How> struct scatter_along {
  static constexpr value trace(value x, value indices, value updates, axes along = {}) {
    graph::builder& g = *x.graph();
    const shape<> whole = x.shape();
    if (!detail::check_updates(g, x, updates, How) || !detail::check_indices(g, indices)) return x;
    const int k = detail::axis_or_all(x, along);
    if (k < 0) return x;
    const shape<> from = x.shape(), by = indices.shape();
    if (from.rank - 1 + by.rank > max_rank) return detail::fail_showing(g, rank_not_supported, from, by), x;
    const shape<> to = detail::taken_shape(from, by, k);
    bool good = updates.rank() <= to.rank;
    for (int d = 0; good && d < updates.rank(); ++d)
      if (const extent_t e = updates.shape()[d]; e != 1) g.require_equal(e, to[to.rank - updates.rank() + d], good);
    if (!good) return detail::fail_showing(g, updates_do_not_fit, updates.shape(), to), x;
    if (detail::is_empty(to)) return reshape::trace(x, whole);
    const detail::row_major_strides strides = detail::taken_strides(g, from, by.rank, k);
    const value i = detail::saturated_to(indices, from[k], detail::offset_type(from));
    const value start = detail::offset_where(detail::is_within(i, from[k]), detail::times(i, detail::row_major_strides(g, from).along[k]));
    const value base = detail::broadcast_node(g, start, to, detail::axes_from(k, by.rank));
    return reshape::trace(detail::scatter_node(x, base, detail::broadcast_right(g, updates, to), strides.along, How), whole);
  }
};
struct dynamic_update_slice {
  template <class... V> static constexpr value trace(value x, value update, V... start) {
    const value s[] = {value(start)..., value(0)};
    graph::builder& g = *x.graph();
    if (!detail::check_updates(g, x, update, combiner::set)) return x;
    shape<> sizes = update.shape();
    if (!detail::check_window(x, sizes, sizeof...(V))) return x;
    bool any = false;
    const value at = detail::window_start(x, sizes, s, any);
    if (!any || g.failed.broken) return update;
    if (detail::is_empty(sizes)) return x;
    return detail::scatter_node(x, detail::broadcast_node(g, at, sizes, {}), update, detail::row_major_strides(g, x.shape()).along,
                                combiner::set);
  }
};
// Source: the StableHLO specification, scatter, with the five computations that `combiner` names.
struct scatter {
  static constexpr value trace(value x, value indices, value updates, scatter_dimensions d, combiner how) {
    graph::builder& g = *x.graph();
    if (!detail::check_updates(g, x, updates, how) || !detail::check_indices(g, indices)) return x;
    const shape<> from = x.shape(), by = indices.shape(), to = updates.shape();
    if (!fits(g, from, by, to, d)) return detail::fail_showing(g, dimensions_do_not_fit, from, to), x;
    if (detail::is_empty(to)) return x;
    extent_t along[max_rank] = {};
    const value base = offsets(x, indices, to, d, along);
    return detail::scatter_node(x, base, updates, along, how);
  }
  // Where each element of updates of shape `to` goes, -1 where it is dropped: the node's operand and, in `along`, its strides.
  static constexpr value offsets(value x, value indices, const shape<>& to, const scatter_dimensions& d, extent_t* along) {
    graph::builder& g = *x.graph();
    const shape<> from = x.shape(), by = indices.shape();
    const detail::row_major_strides strides(g, from);
    const dtype t = detail::offset_type(from);

    // Axes of the updates: some run along an axis of the operand, through a window; the others are those of the indices.
    int update_axis[max_rank] = {};  // of an axis of the operand; -1: none
    shape<> batch;
    axes batch_axes;
    int of_window = 0, of_indices = 0;
    for (int& a : update_axis) a = -1;
    for (int r = 0; r < to.rank; ++r) {
      if (gather::names(d.update_window_dims, r)) {
        while (gather::names(d.inserted_window_dims, of_window) || gather::names(d.input_batching_dims, of_window)) ++of_window;
        update_axis[of_window] = r, along[r] = strides.along[of_window++];
        continue;
      }
      of_indices += of_indices == d.index_vector_dim;
      for (int b = 0; b < d.scatter_indices_batching_dims.count; ++b)
        if (d.scatter_indices_batching_dims.axis[b] == of_indices) along[r] = strides.along[d.input_batching_dims.axis[b]];
      batch_axes.axis[batch_axes.count++] = r;
      batch.append(by[of_indices++]);
    }
    // An element is skipped where it lies outside; windows longer than 1 say so for each of their elements.
    value start = {g, g.constant(t, 0, 0)}, within;
    bool any = false;
    const auto add = [&](value i, extent_t n, extent_t stride) {
      const value inside = detail::is_within(i, n), part = detail::times(i, stride);
      start = any ? start + part : part;
      within = any ? within & inside : inside;
      any = true;
    };
    for (int pass = 0; pass < 2; ++pass) {
      for (int q = 0; q < d.scatter_dims_to_operand_dims.count; ++q) {
        const int k = d.scatter_dims_to_operand_dims.axis[q], r = update_axis[k];
        const bool long_window = r >= 0 && to[r] != 1;
        if (long_window != (pass == 1)) continue;
        value i = detail::saturated_to(gather::component(indices, d.index_vector_dim, q, batch), from[k], t);
        if (long_window) {
          i = detail::broadcast_node(g, i, to, batch_axes) + iota::trace(g, t, to, axes(r));
          along[r] = 0;
        }
        add(i, from[k], strides.along[k]);
      }
      if (pass == 0 && any) {  // so far the same for a whole window
        start = detail::broadcast_node(g, detail::offset_where(within, start), to, batch_axes);
        within = start >= detail::extent_as(g, 0, t);
      }
    }
    if (!any) start = detail::broadcast_node(g, start, to, {});
    return any ? detail::offset_where(within, start) : start;
  }

  static constexpr combiner combiner_of(value y) {
    return static_cast<combiner>(detail::attribute_of(y, detail::node_of(y).attributes - 1));
  }
  static constexpr bool has_derivative(value y) { return combiner_of(y) <= combiner::add; }
  static constexpr value pullback(value y, int k, value ct) {
    const value base = detail::operand_of(y, 1), updates = detail::operand_of(y, 2);
    const bool sets = combiner_of(y) == combiner::set;
    const detail::indexed_attributes strides(y);
    if (k == 0) return sets ? detail::scatter_node(ct, base, detail::zeros_like(updates), strides.at, combiner::set) : ct;
    graph::builder& g = *y.graph();
    if (detail::is_empty(y.shape()) || detail::is_empty(updates.shape())) return detail::zeros_like(updates);
    for (int a = 0; a < y.rank(); ++a)
      if (graph::is_symbol(y.shape()[a])) g.require({y.shape()[a], 1, graph::constraint::at_least});  // what is dropped reads element 0
    const value at = maximum(base, 0), found = detail::gather_node(ct, at, strides.at);
    value counts = base >= 0;
    if (sets && !names_once(y)) {  // of several updates of one element only the last counts
      const extent_t n = g.size_of(updates.shape());
      const dtype t = detail::offset_type(updates.shape());
      const value number = reshape::trace(iota::trace(g, t, shape<>(n), axes(0)), shape<>(updates.shape()));
      const value last = detail::scatter_node(detail::full(g, t, shape<>(y.shape()), 0), base, number, strides.at, combiner::set);
      counts = counts & (detail::gather_node(last, at, strides.at) == number);
    }
    return where(counts, found, detail::zeros_like(found));
  }
  static constexpr value pushforward(value y, value x, value updates) {
    const value t[] = {x, detail::operand_of(y, 1), updates};
    return detail::again(y, t);
  }
  // All of the batch have its axis.
  static constexpr value batched(value y, value x, value base, value updates) {
    const extent_t stride = y.graph()->size_of(y.shape());
    return detail::scatter_node(x, detail::wide_enough(base, x.shape()), updates, detail::indexed_attributes(y).after(stride).at,
                                combiner_of(y));
  }
  static constexpr bool fits(graph::builder& g, const shape<>& from, const shape<>& by, const shape<>& to, const scatter_dimensions& d) {
    const int windows = from.rank - d.inserted_window_dims.count - d.input_batching_dims.count;
    bool good = to.rank == by.rank - (d.index_vector_dim < by.rank) + d.update_window_dims.count && d.update_window_dims.count == windows &&
                gather::are_axes(d.update_window_dims, to.rank) && gather::are_axes(d.inserted_window_dims, from.rank) &&
                gather::are_axes(d.scatter_dims_to_operand_dims, from.rank) &&
                gather::vector_fits(by, d.index_vector_dim, d.scatter_dims_to_operand_dims.count) &&
                gather::batches_fit(g, from, d.input_batching_dims, by, d.scatter_indices_batching_dims);
    int of_window = 0, of_indices = 0;
    for (int r = 0; good && r < to.rank; ++r) {
      if (gather::names(d.update_window_dims, r)) {
        while (gather::names(d.inserted_window_dims, of_window) || gather::names(d.input_batching_dims, of_window)) ++of_window;
        const extent_t most = from[of_window++];
        if (to[r] == most) continue;
        if (graph::is_symbol(most) || graph::is_symbol(to[r])) g.require({most, to[r], graph::constraint::at_least});
        else good = to[r] <= most;
      } else {
        of_indices += of_indices == d.index_vector_dim;
        g.require_equal(to[r], by[of_indices++], good);
      }
    }
    return good;
  }

 private:
  // One window: the strides tell its elements apart.
  static constexpr bool names_once(value y) {
    const value base = detail::operand_of(y, 1);
    for (int k = 0; k < base.rank(); ++k)
      if (base.shape()[k] != 1 && detail::attribute_of(y, k) == 0) return false;
    return base.rank() == 0 || (detail::node_of(base).op == opcode::broadcast && detail::operand_of(base, 0).rank() == 0);
  }
};

}  // namespace ops

/// x with updates in the place of the elements x[..., indices[i...], ...] along one axis; without an axis x counts as flat. Of equal
/// indices the last one wins. Updates whose index is negative or too large are dropped. As jax's `x.at[indices].set(updates)`.
/// Shapes: x [..., n, ...], indices [i...], updates that broadcast to [..., i..., ...] -> [..., n, ...].
/// Types:  any elements; integer indices.
/// Cost:   one load and store an update, of whole vectors where the innermost axis is not the one of the indices, on one thread; fuses
///         with what makes the indices and the updates. x is copied unless the result takes its place.
/// Derivatives: of x and updates; those of scatter_add too, those of scatter_multiply, scatter_max and scatter_min are errors.
template <class X, class I, class U, int... A>
requires operands<X, I, U>
constexpr auto scatter_set(const X& x, const I& indices, const U& updates, axis_t<A...> along = {}) {
  return suspend<ops::scatter_along<combiner::set>>(x, indices, updates, along);
}
/// x with updates added to the elements at indices, one after the other in row-major order of the updates (so sums are the same bits on any
/// number of threads); else as scatter_set. Types: numbers. As jax's `x.at[indices].add(updates)`.
template <class X, class I, class U, int... A>
requires operands<X, I, U>
constexpr auto scatter_add(const X& x, const I& indices, const U& updates, axis_t<A...> along = {}) {
  return suspend<ops::scatter_along<combiner::add>>(x, indices, updates, along);
}
/// x with the elements at indices multiplied by updates, in order; else as scatter_set. Types: real numbers.
template <class X, class I, class U, int... A>
requires operands<X, I, U>
constexpr auto scatter_multiply(const X& x, const I& indices, const U& updates, axis_t<A...> along = {}) {
  return suspend<ops::scatter_along<combiner::multiply>>(x, indices, updates, along);
}
/// x with the elements at indices replaced by the larger of themselves and updates, NaN wins; else as scatter_set. Types: real numbers.
template <class X, class I, class U, int... A>
requires operands<X, I, U>
constexpr auto scatter_max(const X& x, const I& indices, const U& updates, axis_t<A...> along = {}) {
  return suspend<ops::scatter_along<combiner::maximum>>(x, indices, updates, along);
}
/// x with the elements at indices replaced by the smaller of themselves and updates, NaN wins; else as scatter_set. Types: real numbers.
template <class X, class I, class U, int... A>
requires operands<X, I, U>
constexpr auto scatter_min(const X& x, const I& indices, const U& updates, axis_t<A...> along = {}) {
  return suspend<ops::scatter_along<combiner::minimum>>(x, indices, updates, along);
}

/// x with a part replaced, from where the starts say, one an axis: numbers, or integer values of rank 0. Starts are clamped so that the
/// update lies within x. A cache that a loop carries is not copied: `fori_loop(0, n, [=](auto i, auto c) { return
/// dynamic_update_slice(c, row, i, 0); }, cache)`.
/// Shapes: x [n...], update [m...] with m <= n -> [n...].  Cost: the update is copied, as vectors; x too, unless the result takes its
/// place. Source: StableHLO dynamic_update_slice.
template <operand X, class U, class... I>
requires operands<X, U>
constexpr auto dynamic_update_slice(const X& x, const U& update, const I&... start) {
  return suspend<ops::dynamic_update_slice>(x, update, start...);
}

/// x changed by windows of updates, one for each vector of indices, as StableHLO's scatter with one of five computations; what of a window
/// lies outside of x is dropped. Updates are applied in row-major order. Inside of `fn`.
constexpr value scatter(const value& x, const value& indices, const value& updates, const scatter_dimensions& dimensions,
                        combiner how = combiner::set) {
  return ops::scatter::trace(x, indices, updates, dimensions, how);
}

}  // namespace sinter
