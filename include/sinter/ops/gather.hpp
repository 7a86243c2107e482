// SPDX-License-Identifier: Apache-2.0
// Elements by index: take, take_along_axis, dynamic_slice, and StableHLO's gather, which all of them are. Indices become one offset an
// element (the node's operand `base`) and strides; what computes them and what consumes the elements fuses around. Writing by index is in
// scatter.hpp.
#pragma once

#include <sinter/ops/views.hpp>

namespace sinter {

namespace detail {

// Row-major strides of a shape, in elements.
struct row_major_strides {
  extent_t along[max_rank] = {};
  constexpr row_major_strides(graph::builder& g, const shape<>& s) {
    extent_t run = 1;
    for (int k = s.rank - 1; k >= 0; --k) along[k] = run, run = g.product(run, s[k]);
  }
};
// The type of offsets into a tensor: i32 where it surely has fewer than 2^31 elements.
constexpr dtype offset_type(const shape<>& s) {
  extent_t n = 1;
  for (int k = 0; k < s.rank; ++k) {
    if (graph::is_symbol(s[k])) return dtype::i64;
    n = saturating_product(n, s[k] > 0 ? s[k] : 1);
  }
  return n < extent_t{1} << 31 ? dtype::i32 : dtype::i64;
}
// An extent, or arithmetic on extents, as a value.
constexpr value extent_as(graph::builder& g, extent_t e, dtype t) {
  if (!graph::is_symbol(e)) return {g, g.constant(t, static_cast<double>(e), e)};
  return {g, g.add(opcode::extent, t, {}, nullptr, 0, &e, 1)};
}
// Offsets in the type that those into x have.
constexpr value wide_enough(value base, const shape<>& x) {
  return base.type() == dtype::i32 && offset_type(x) == dtype::i64 ? ops::cast::trace(base, dtype::i64) : base;
}
constexpr value times(value a, extent_t n) { return n == 1 ? a : a * extent_as(*a.graph(), n, a.type()); }

constexpr void fail_showing(graph::builder& g, const rule& broken, const shape<>& a, const shape<>& b) {
  g.fail(broken);
  if (!g.failed.count) g.failed.show(a), g.failed.show(b);
}
constexpr bool check_indices(graph::builder& g, value& indices) {
  if (indices.is_number()) indices = indices.as(g, dtype::i32);
  if (g.failed.broken) return false;
  if (is_integer(indices.type())) return true;
  g.fail(needs_integer);
  if (!g.failed.count) g.failed.show(indices.type()), g.failed.show(indices.shape());
  return false;
}
// Whether the array's elements may be fetched and written at all.
constexpr bool check_element(graph::builder& g, value x) {
  if (info(x.type()).computes) return true;
  g.fail(type_is_storage_only);
  if (!g.failed.count) g.failed.show(x.type()), g.failed.show(x.shape());
  return false;
}

// Indices as offsets of type t, none below 0 or above `last`. Narrow ones widen first: they may name fewer elements than there are.
constexpr value clamped_to(value i, extent_t last, dtype t) {
  graph::builder& g = *i.graph();
  if (size_of(i.type()) < 4) i = ops::cast::trace(i, dtype::i32);
  const bool positive = is_unsigned_integer(i.type());
  if (size_of(i.type()) < size_of(t) || (!positive && size_of(i.type()) == size_of(t))) i = ops::cast::trace(i, t);
  if (is_signed_integer(i.type())) i = maximum(i, extent_as(g, 0, i.type()));
  return ops::cast::trace(minimum(i, extent_as(g, last, i.type())), t);
}
// x[base + strides * index]; base has the result's shape.
constexpr value gather_node(value x, value base, const extent_t* strides) {
  graph::builder& g = *x.graph();
  const int id[] = {x.id(), base.id()};
  const shape<> to = base.shape();
  return {g, g.add(opcode::gather, x.type(), to, id, 2, strides, to.rank)};
}
// result = x; for each update in order: element base + strides * index of the result is combined with it, unless base is negative.
constexpr value scatter_node(value x, value base, value updates, const extent_t* strides, combiner how) {
  graph::builder& g = *x.graph();
  const int id[] = {x.id(), base.id(), updates.id()};
  const int rank = updates.rank();
  extent_t attribute[max_rank + 1] = {};
  for (int k = 0; k < rank; ++k) attribute[k] = strides[k];
  attribute[rank] = static_cast<extent_t>(how);
  return {g, g.add(opcode::scatter, x.type(), shape<>(x.shape()), id, 3, attribute, rank + 1)};
}
// The strides of a gather or scatter, then what its attributes hold beside them.
struct indexed_attributes {
  extent_t at[max_rank + 2] = {};
  constexpr explicit indexed_attributes(value y) {
    for (int i = 0; i < node_of(y).attributes; ++i) at[i] = attribute_of(y, i);
  }
  // The same for a batch along a new leading axis, whose elements lie as far apart.
  constexpr indexed_attributes after(extent_t stride) const {
    indexed_attributes a = *this;
    for (int i = max_rank + 1; i > 0; --i) a.at[i] = at[i - 1];
    a.at[0] = stride;
    return a;
  }
};
constexpr bool is_empty(const shape<>& s) {
  for (int k = 0; k < s.rank; ++k)
    if (s[k] == 0) return true;
  return false;
}
// An element along an axis needs one there, unless none is asked for.
constexpr bool check_not_empty(graph::builder& g, extent_t along, const shape<>& x, const shape<>& indices) {
  bool none = false;
  for (int k = 0; k < indices.rank; ++k) none |= indices[k] == 0;
  if (none) return true;
  if (along == 0) fail_showing(g, index_into_nothing, x, indices);
  else if (graph::is_symbol(along)) g.require({along, 1, graph::constraint::at_least});
  return along != 0;
}
// Axes k, k + 1, ...
constexpr axes axes_from(int k, int count) {
  axes a;
  for (int i = 0; i < count; ++i) a.axis[a.count++] = k + i;
  return a;
}
constexpr value flattened(value x) {
  shape<> s;
  s.append(x.graph()->size_of(x.shape()));
  return ops::reshape::trace(x, s);
}
// The one axis that take and its family work along; none: the elements in row-major order. -1: it is no axis.
constexpr int axis_or_all(value& x, const axes& along) {
  graph::builder& g = *x.graph();
  if (along.count == 0) return x = flattened(x), 0;
  const axes a = normal_axes(g, along, x.shape());
  if (g.failed.broken) return -1;
  if (a.count != 1) return g.fail(one_axis_needed), -1;
  return a.axis[0];
}
// The shape that `take` gives: the indices' axes in the place of axis k.
constexpr shape<> taken_shape(const shape<>& x, const shape<>& indices, int k) {
  shape<> to;
  for (int d = 0; d < x.rank; ++d) {
    if (d == k)
      for (int i = 0; i < indices.rank; ++i) to.append(indices[i]);
    else to.append(x[d]);
  }
  return to;
}
// The strides of x along the axes of that shape; 0 along those of the indices.
constexpr row_major_strides taken_strides(graph::builder& g, const shape<>& x, int indices, int k) {
  const row_major_strides all(g, x);
  row_major_strides to = all;
  for (int d = 0; d < x.rank - 1 + indices; ++d) to.along[d] = d < k ? all.along[d] : d < k + indices ? 0 : all.along[d - indices + 1];
  return to;
}
// Where a window of `sizes` begins: an offset into x, or none where it can only begin at the first element.
constexpr value window_start(value x, const shape<>& sizes, const value* start, bool& any) {
  graph::builder& g = *x.graph();
  const shape<> from = x.shape();
  const dtype t = offset_type(from);
  const row_major_strides strides(g, from);
  value base;
  any = false;
  for (int k = 0; k < from.rank && !g.failed.broken; ++k) {
    value i = start[k];
    if (!check_indices(g, i)) return x;
    if (i.rank() != 0) {
      g.fail(start_is_no_number);
      if (!g.failed.count) g.failed.show(i.shape());
      return x;
    }
    if (from[k] == sizes[k]) continue;
    const value part = times(clamped_to(i, g.difference(from[k], sizes[k]), t), strides.along[k]);
    base = any ? base + part : part;
    any = true;
  }
  return base;
}
// Sizes within the extents of x; dyn stands for all of an axis.
constexpr bool check_window(value x, shape<>& sizes, int starts) {
  graph::builder& g = *x.graph();
  const shape<> from = x.shape();
  bool good = sizes.rank == from.rank && starts == from.rank;
  for (int k = 0; good && k < from.rank; ++k) {
    if (sizes[k] == dyn) sizes[k] = from[k];
    if (sizes[k] == from[k]) continue;
    if (graph::is_symbol(sizes[k]) || graph::is_symbol(from[k])) g.require({from[k], sizes[k], graph::constraint::at_least});
    else good = sizes[k] >= 0 && sizes[k] <= from[k];
  }
  if (!good) fail_showing(g, window_does_not_fit, from, sizes);
  if (!good && g.failed.count == 2) g.failed.show(static_cast<extent_t>(starts));
  return good;
}

}  // namespace detail

/// How `gather` reads, in the words of StableHLO. No axes: none.
struct gather_dimensions {
  axes offset_dims{}, collapsed_slice_dims{}, operand_batching_dims{}, start_indices_batching_dims{}, start_index_map{};
  int index_vector_dim = 0;
  shape<> slice_sizes{};
};

namespace ops {

struct take {
  static constexpr value trace(value x, value indices, axes along = {}) {
    graph::builder& g = *x.graph();
    if (!detail::check_element(g, x) || !detail::check_indices(g, indices)) return x;
    const int k = detail::axis_or_all(x, along);
    if (k < 0) return x;
    const shape<> from = x.shape(), by = indices.shape();
    if (from.rank - 1 + by.rank > max_rank) return detail::fail_showing(g, rank_not_supported, from, by), x;
    if (!detail::check_not_empty(g, from[k], from, by)) return x;
    const detail::row_major_strides strides = detail::taken_strides(g, from, by.rank, k);
    const extent_t step = detail::row_major_strides(g, from).along[k];
    const value start = detail::times(detail::clamped_to(indices, g.difference(from[k], 1), detail::offset_type(from)), step);
    const value base = detail::broadcast_node(g, start, detail::taken_shape(from, by, k), detail::axes_from(k, by.rank));
    return detail::gather_node(x, base, strides.along);
  }
};
struct take_along_axis {
  static constexpr value trace(value x, value indices, axes along = {}) {
    graph::builder& g = *x.graph();
    if (!detail::check_element(g, x) || !detail::check_indices(g, indices)) return x;
    const int k = detail::axis_or_all(x, along);
    if (k < 0) return x;
    const shape<> from = x.shape(), by = indices.shape();
    if (from.rank != by.rank) return detail::fail_showing(g, ranks_differ, from, by), x;
    if (!detail::check_not_empty(g, from[k], from, by)) return x;
    shape<> other = from;
    other[k] = 1;
    const shape<> to = detail::common_shape(g, other, by);
    if (g.failed.broken) return x;
    const detail::row_major_strides all(g, from);
    detail::row_major_strides strides = all;
    for (int d = 0; d < from.rank; ++d)
      if (d == k || from[d] == 1) strides.along[d] = 0;
    const value start = detail::times(detail::clamped_to(indices, g.difference(from[k], 1), detail::offset_type(from)), all.along[k]);
    return detail::gather_node(x, detail::broadcast_right(g, start, to), strides.along);
  }
};
struct dynamic_slice {
  template <class... V> static constexpr value trace(value x, shape<> sizes, V... start) {
    const value s[] = {value(start)..., value(0)};
    graph::builder& g = *x.graph();
    if (!detail::check_element(g, x) || !detail::check_window(x, sizes, sizeof...(V))) return x;
    bool any = false;
    const value at = detail::window_start(x, sizes, s, any);
    if (!any || g.failed.broken) return x;
    return detail::gather_node(x, detail::broadcast_node(g, at, sizes, {}), detail::row_major_strides(g, x.shape()).along);
  }
};
// Source: the StableHLO specification, gather.
struct gather {
  static constexpr value trace(value x, value start_indices, gather_dimensions d) {
    graph::builder& g = *x.graph();
    if (!detail::check_element(g, x) || !detail::check_indices(g, start_indices)) return x;
    const shape<> from = x.shape(), by = start_indices.shape();
    if (!fits(g, from, by, d)) return detail::fail_showing(g, dimensions_do_not_fit, from, by), x;
    const detail::row_major_strides strides(g, from);
    const dtype t = detail::offset_type(from);

    // Axes of the result: those of the slices where offset_dims says, those of the indices elsewhere.
    const int rank = by.rank - (d.index_vector_dim < by.rank) + d.offset_dims.count;
    bool is_offset[max_rank] = {};
    for (int i = 0; i < d.offset_dims.count; ++i) is_offset[d.offset_dims.axis[i]] = true;
    shape<> to, batch;
    axes batch_axes;
    extent_t along[max_rank] = {};
    int of_slice = 0, of_indices = 0;
    for (int r = 0; r < rank; ++r) {
      if (is_offset[r]) {
        while (names(d.collapsed_slice_dims, of_slice) || names(d.operand_batching_dims, of_slice)) ++of_slice;
        to.append(d.slice_sizes[of_slice]), along[r] = strides.along[of_slice++];
        continue;
      }
      of_indices += of_indices == d.index_vector_dim;
      for (int b = 0; b < d.start_indices_batching_dims.count; ++b)
        if (d.start_indices_batching_dims.axis[b] == of_indices) along[r] = strides.along[d.operand_batching_dims.axis[b]];
      batch_axes.axis[batch_axes.count++] = r;
      to.append(by[of_indices]), batch.append(by[of_indices++]);
    }
    value start = {g, g.constant(t, 0, 0)};
    for (int q = 0; q < d.start_index_map.count; ++q) {
      const int k = d.start_index_map.axis[q];
      const value i = component(start_indices, d.index_vector_dim, q, batch);
      const value part = detail::times(detail::clamped_to(i, g.difference(from[k], d.slice_sizes[k]), t), strides.along[k]);
      start = q > 0 ? start + part : part;
    }
    if (start.rank() == 0) batch_axes = {};
    return detail::gather_node(x, detail::broadcast_node(g, start, to, batch_axes), along);
  }
  // An element goes back to where it came from, beside all others from there.
  static constexpr value pullback(value y, value ct) {
    const value x = detail::operand_of(y, 0), zeros = detail::zeros_like(x);
    if (detail::is_empty(x.shape()) || detail::is_empty(y.shape())) return zeros;
    return detail::scatter_node(zeros, detail::operand_of(y, 1), ct, detail::indexed_attributes(y).at, combiner::add);
  }
  static constexpr value pushforward(value y, value t) {
    const value x[] = {t, detail::operand_of(y, 1)};
    return detail::again(y, x);
  }
  // base: of all of the batch; x: has its axis or not.
  static constexpr value batched(value y, value x, bool x_has_batch, value base) {
    const extent_t stride = x_has_batch ? y.graph()->size_of(detail::operand_of(y, 0).shape()) : 0;
    return detail::gather_node(x, detail::wide_enough(base, x.shape()), detail::indexed_attributes(y).after(stride).at);
  }
  static constexpr bool names(const axes& a, int axis) {
    for (int i = 0; i < a.count; ++i)
      if (a.axis[i] == axis) return true;
    return false;
  }
  // The q-th number of each index vector.
  static constexpr value component(value indices, int vector_dim, int q, const shape<>& batch) {
    const shape<> s = indices.shape();
    if (vector_dim >= s.rank) return indices;
    range_value r[max_rank];
    for (int k = 0; k < s.rank; ++k) r[k] = {0, s[k], 1, range_value::part};
    r[vector_dim] = {q, q + 1, 1, range_value::part};
    return reshape::trace(slice::trace_ranges(indices, r, s.rank), batch);
  }
  static constexpr bool are_axes(const axes& a, int rank) {
    for (int i = 0; i < a.count; ++i) {
      if (a.axis[i] < 0 || a.axis[i] >= rank) return false;
      for (int j = 0; j < i; ++j)
        if (a.axis[j] == a.axis[i]) return false;
    }
    return true;
  }
  // Batching axes pair, with equal extents.
  static constexpr bool batches_fit(graph::builder& g, const shape<>& from, const axes& a, const shape<>& by, const axes& b) {
    if (a.count != b.count || !are_axes(a, from.rank) || !are_axes(b, by.rank)) return false;
    bool good = true;
    for (int i = 0; i < a.count; ++i) g.require_equal(from[a.axis[i]], by[b.axis[i]], good);
    return good;
  }
  static constexpr bool vector_fits(const shape<>& by, int vector_dim, int count) {
    return vector_dim >= 0 && vector_dim <= by.rank && (vector_dim == by.rank ? 1 : by[vector_dim]) == count;
  }

 private:
  static constexpr bool fits(graph::builder& g, const shape<>& from, const shape<>& by, gather_dimensions& d) {
    const int slices = from.rank - d.collapsed_slice_dims.count - d.operand_batching_dims.count;
    const int rank = by.rank - (d.index_vector_dim < by.rank) + d.offset_dims.count;
    bool good = d.slice_sizes.rank == from.rank && d.offset_dims.count == slices && rank <= max_rank && are_axes(d.offset_dims, rank) &&
                are_axes(d.collapsed_slice_dims, from.rank) && are_axes(d.start_index_map, from.rank) &&
                vector_fits(by, d.index_vector_dim, d.start_index_map.count) &&
                batches_fit(g, from, d.operand_batching_dims, by, d.start_indices_batching_dims);
    for (int k = 0; good && k < from.rank; ++k) {
      if (d.slice_sizes[k] == dyn) d.slice_sizes[k] = from[k];
      const bool one = names(d.collapsed_slice_dims, k) || names(d.operand_batching_dims, k);
      if (one) good = d.slice_sizes[k] == 1;
      if (names(d.operand_batching_dims, k)) good &= !names(d.start_index_map, k) && !names(d.collapsed_slice_dims, k);
      else if (graph::is_symbol(from[k]) && d.slice_sizes[k] != from[k])
        g.require({from[k], d.slice_sizes[k], graph::constraint::at_least});
      else good &= d.slice_sizes[k] >= 0 || graph::is_symbol(d.slice_sizes[k]);
      if (!graph::is_symbol(from[k]) && !names(d.operand_batching_dims, k)) good &= d.slice_sizes[k] <= from[k];
    }
    return good;
  }
};

}  // namespace ops

/// y[..., i..., ...] = x[..., indices[i...], ...] along one axis; without an axis x counts as flat. Indices below 0 or beyond the last
/// element take the nearest one (numpy.take's mode "clip", jax.numpy.take's too), so -1 is 0.
/// Shapes: x [..., n, ...], indices [i...] -> [..., i..., ...].  Types: any elements; integer indices.
/// Cost:   one load an element, of whole vectors where the innermost axis is not the one of the indices; fuses with what makes the
///         indices and with what uses the elements. x is in memory, row-major: an argument, or it is written first. Its
///         derivative is one scatter_add.
template <operand X, class I, int... A>
requires operands<X, I>
constexpr auto take(const X& x, const I& indices, axis_t<A...> along = {}) { return suspend<ops::take>(x, indices, along); }
constexpr value take(const value& x, const value& indices, axes along) { return ops::take::trace(x, indices, along); }

/// y[a..., i, b...] = x[a..., indices[a..., i, b...], b...]: an index of its own for each element. Indices are clamped as in `take`.
/// Shapes: x [a, n, b], indices [a or 1, m, b or 1] -> [a, m, b]; without an axis x counts as flat, and the indices are [m].
/// Types:  any elements; integer indices.  Source: numpy.take_along_axis.
template <operand X, operand I, int... A> constexpr auto take_along_axis(const X& x, const I& indices, axis_t<A...> along = {}) {
  return suspend<ops::take_along_axis>(x, indices, along);
}
constexpr value take_along_axis(const value& x, const value& indices, axes along) { return ops::take_along_axis::trace(x, indices, along); }

/// A part of static size from where the starts say, one an axis: numbers, or integer values of rank 0. Starts are clamped so that the part
/// lies within x. A size of `dyn` is all of the axis. In a function sizes may be values: `dynamic_slice(x, shape{2, 3}, i, j)`.
/// Shapes: x [n...] -> [sizes...].  Cost: as `slice`: whole vectors are loaded.  Source: StableHLO dynamic_slice.
template <extent_t... Sizes, operand X, class... I> constexpr auto dynamic_slice(const X& x, const I&... start) {
  return suspend<ops::dynamic_slice>(x, static_shape<Sizes...>{}, start...);
}
template <class... I> constexpr value dynamic_slice(const value& x, shape<> sizes, const I&... start) {
  return ops::dynamic_slice::trace(x, sizes, value(start)...);
}

/// Slices of x, one for each vector of indices, as StableHLO's gather; starts are clamped so that slices lie within x. Inside of `fn`.
constexpr value gather(const value& x, const value& start_indices, const gather_dimensions& dimensions) {
  return ops::gather::trace(x, start_indices, dimensions);
}

}  // namespace sinter
