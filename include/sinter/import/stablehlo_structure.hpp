// SPDX-License-Identifier: Apache-2.0
// Ops of StableHLO that move elements or combine many: views, indexing, products, convolutions. Their regions are in stablehlo_lower.hpp.
#pragma once

#include <sinter/import/stablehlo_elements.hpp>
#include <sinter/ops/batch_norm.hpp>
#include <sinter/ops/conv.hpp>
#include <sinter/ops/einsum.hpp>
#include <sinter/ops/fft.hpp>
#include <sinter/ops/indexing.hpp>
#include <sinter/ops/rng.hpp>
#include <sinter/ops/triangular_solve.hpp>

namespace sinter::mlir {

constexpr value broadcast_in_dim(op_context& c, value x, const tensor_type& to) {
  const sinter::axes where = c.axes("dims", "broadcast_dimensions");
  const shape<> from = x.shape();
  bool good = where.count == from.rank;
  shape<> wide;
  for (int a = 0; a < to.extents.rank; ++a) wide.append(1);
  int last = -1;
  bool in_order = true;
  for (int i = 0; good && i < from.rank; ++i) {
    const int a = where.axis[i];
    good = a >= 0 && a < to.extents.rank && (from[i] == 1 || from[i] == to.extents[a]);
    if (!good) break;
    wide[a] = from[i], in_order &= a > last, last = a;
  }
  if (!good) return c.r.fail(expected::same_shapes, c.o->signature), x;
  if (!in_order) {
    sinter::axes order;
    for (int a = 0; a < to.extents.rank; ++a)
      for (int i = 0; i < where.count; ++i)
        if (where.axis[i] == a) order.axis[order.count++] = i;
    if (order.count != from.rank) return c.r.fail(expected::same_shapes, c.o->signature), x;
    x = ops::transpose::trace(x, order);
  }
  return sinter::detail::broadcast_right(c.g, ops::reshape::trace(x, wide), to.extents);
}

constexpr value sliced(op_context& c, value x) {
  const text t = c.m.source;
  range_value r[max_rank];
  const int rank = x.rank();
  extent_t start[max_rank + 1] = {}, limit[max_rank + 1] = {}, step[max_rank + 1] = {};
  int n = 0;
  if (c.o->generic) {
    n = c.r.integers(c.attribute("start_indices"), start, max_rank);
    if (c.r.integers(c.attribute("limit_indices"), limit, max_rank) != n || c.r.integers(c.attribute("strides"), step, max_rank) != n)
      return c.fail(expected::integers), x;
  } else {  // [0:3, 2:4:2]
    int at = scan(t, c.o->attributes, "[") + 1;
    for (at = skip_space(t, at); t[at] != ']' && n < max_rank; ++n) {
      const number_text a = number_at(t, at);
      at = skip_space(t, a.end);
      if (a.kind != number_text::integer || t[at] != ':') return c.r.fail(expected::integer, at), x;
      const number_text b = number_at(t, skip_space(t, at + 1));
      if (b.kind != number_text::integer) return c.r.fail(expected::integer, at), x;
      at = skip_space(t, b.end);
      start[n] = a.as_integer(), limit[n] = b.as_integer(), step[n] = 1;
      if (t[at] == ':') {
        const number_text s = number_at(t, skip_space(t, at + 1));
        if (s.kind != number_text::integer) return c.r.fail(expected::integer, at), x;
        step[n] = s.as_integer(), at = skip_space(t, s.end);
      }
      if (t[at] == ',') at = skip_space(t, at + 1);
      else if (t[at] != ']') return c.r.fail(expected::closing_bracket, at), x;
    }
  }
  if (n != rank) return c.fail(expected::integers), x;
  if (rank == 0) return x;
  for (int a = 0; a < rank; ++a) {
    if (start[a] < 0 || limit[a] < start[a] || limit[a] > x.shape()[a] || step[a] < 1) return c.fail(expected::shape), x;
    r[a] = {start[a], limit[a], step[a], range_value::part};
  }
  return ops::slice::trace_ranges(x, r, rank);
}

constexpr value padded(op_context& c, value x, value fill) {
  extent_t low[max_rank + 1] = {}, high[max_rank + 1] = {}, interior[max_rank + 1] = {};
  const int rank = x.rank();
  if (c.r.integers(c.attribute("low", "edge_padding_low"), low, max_rank) != rank ||
      c.r.integers(c.attribute("high", "edge_padding_high"), high, max_rank) != rank ||
      c.r.integers(c.attribute("interior", "interior_padding"), interior, max_rank) != rank)
    return c.fail(expected::integers), x;
  return rank == 0 ? x : sinter::detail::pad_general(c.g, x, fill, low, high, interior);
}

// Bits `from` and up of a bit mask of axes.
constexpr value reversed(op_context& c, value x) {
  const sinter::axes a = c.axes("dims", "dimensions");
  return a.count == 0 ? x : ops::reverse::trace(x, a);
}

constexpr value concatenated(op_context& c) {
  const int along = static_cast<int>(c.r.integer(c.attribute("dim", "dimension"), 0));
  // Pairs first: a chain of many would be deep.
  list<value> parts;
  for (int k = 0; k < c.operands(); ++k) parts.add(c.operand(k));
  if (parts.size() == 0 || along < 0 || along >= parts[0].rank()) return c.fail(expected::operands), c.nothing();
  while (parts.size() > 1 && !c.bad()) {
    int n = 0;
    for (int k = 0; k < parts.size(); k += 2, ++n)
      parts[n] = k + 1 < parts.size() ? ops::concatenate::join(c.g, parts[k], parts[k + 1], along) : parts[k];
    parts.drop(parts.size() - n);
  }
  return parts[0];
}

// Start indices as values of one type that offsets are computed in.
constexpr value start_index(value x) {
  const dtype t = x.type();
  return t == dtype::i32 || t == dtype::i64 ? x : ops::cast::trace(x, t == dtype::u32 || t == dtype::u64 ? dtype::i64 : dtype::i32);
}
constexpr value dynamic_slice(op_context& c, value x) {
  extent_t sizes[max_rank + 1] = {};
  const int rank = x.rank();
  if (c.r.integers(c.attribute("sizes", "slice_sizes"), sizes, max_rank) != rank || c.operands() != rank + 1)
    return c.fail(expected::integers), x;
  if (rank == 0) return x;
  shape<> s;
  value start[max_rank + 1];
  for (int a = 0; a < rank; ++a) s.append(sizes[a]), start[a] = start_index(c.operand(1 + a));
  if (!sinter::detail::check_window(x, s, rank)) return x;
  bool any = false;
  const value at = sinter::detail::window_start(x, s, start, any);
  if (!any || c.bad()) return x;
  return sinter::detail::gather_node(x, sinter::detail::broadcast_node(c.g, at, s, {}),
                                     sinter::detail::row_major_strides(c.g, x.shape()).along);
}
constexpr value dynamic_update_slice(op_context& c, value x, value update) {
  const int rank = x.rank();
  if (c.operands() != rank + 2) return c.fail(expected::operands), x;
  if (rank == 0) return update;
  value start[max_rank + 1];
  for (int a = 0; a < rank; ++a) start[a] = start_index(c.operand(2 + a));
  shape<> s = update.shape();
  if (!sinter::detail::check_updates(c.g, x, update, combiner::set) || !sinter::detail::check_window(x, s, rank)) return x;
  bool any = false;
  const value at = sinter::detail::window_start(x, s, start, any);
  if (!any || c.bad()) return update;
  if (sinter::detail::is_empty(s)) return x;
  return sinter::detail::scatter_node(x, sinter::detail::broadcast_node(c.g, at, s, {}), update,
                                      sinter::detail::row_major_strides(c.g, x.shape()).along, combiner::set);
}

// The part of an attribute's text that stands for a structure, #stablehlo.gather<...> or a dictionary.
constexpr span structure_at(op_context& c, int at) {
  if (at < 0) return c.fail(expected::attribute), span{};
  const text t = c.m.source;
  while (at < t.size && t[at] != '<' && t[at] != '{' && t[at] != '\n') ++at;
  if (!is_opening(t[at])) return c.r.fail(expected::attribute, at), span{};
  return {at + 1, skip_group(t, at) - 1};
}
constexpr sinter::axes axes_in(op_context& c, span s, const char* key) {
  sinter::axes a;
  c.r.list(c.r.attribute(s.begin, s.end, key), a);
  return a;
}
constexpr value gathered(op_context& c, value x, value indices) {
  const span s = structure_at(c, c.attribute("dimension_numbers"));
  gather_dimensions d;
  d.offset_dims = axes_in(c, s, "offset_dims"), d.collapsed_slice_dims = axes_in(c, s, "collapsed_slice_dims");
  d.operand_batching_dims = axes_in(c, s, "operand_batching_dims"),
  d.start_indices_batching_dims = axes_in(c, s, "start_indices_batching_dims");
  d.start_index_map = axes_in(c, s, "start_index_map");
  d.index_vector_dim = static_cast<int>(c.r.integer(c.r.attribute(s.begin, s.end, "index_vector_dim"), 0));
  extent_t sizes[max_rank + 1] = {};
  const int n = c.r.integers(c.attribute("slice_sizes"), sizes, max_rank);
  for (int a = 0; a < n; ++a) d.slice_sizes.append(sizes[a]);
  if (c.bad()) return x;
  return sinter::detail::gather_general(c.g, x, start_index(indices), d);
}
constexpr scatter_dimensions scatter_dimensions_of(op_context& c) {
  const span s = structure_at(c, c.attribute("scatter_dimension_numbers"));
  scatter_dimensions d;
  d.update_window_dims = axes_in(c, s, "update_window_dims"), d.inserted_window_dims = axes_in(c, s, "inserted_window_dims");
  d.input_batching_dims = axes_in(c, s, "input_batching_dims"),
  d.scatter_indices_batching_dims = axes_in(c, s, "scatter_indices_batching_dims");
  d.scatter_dims_to_operand_dims = axes_in(c, s, "scatter_dims_to_operand_dims");
  d.index_vector_dim = static_cast<int>(c.r.integer(c.r.attribute(s.begin, s.end, "index_vector_dim"), 0));
  return d;
}

// a x b of "[0] x [0]".
constexpr void axes_by(op_context& c, int at, sinter::axes& a, sinter::axes& b) {
  if (at < 0) return;
  const text t = c.m.source;
  c.r.list(at, a);
  at = skip_space(t, skip_group(t, at));
  if (t[at] != 'x') return c.r.fail(expected::integers, at);
  c.r.list(skip_space(t, at + 1), b);
}
constexpr value dot_generalised(op_context& c, value a, value b, dtype result) {
  sinter::axes batch_a, batch_b, over_a, over_b;
  if (const int at = c.attribute("dot_dimension_numbers"); at >= 0) {
    const span s = structure_at(c, at);
    batch_a = axes_in(c, s, "lhs_batching_dimensions"), batch_b = axes_in(c, s, "rhs_batching_dimensions");
    over_a = axes_in(c, s, "lhs_contracting_dimensions"), over_b = axes_in(c, s, "rhs_contracting_dimensions");
  } else {
    axes_by(c, c.attribute("batching_dims"), batch_a, batch_b);
    axes_by(c, c.attribute("contracting_dims"), over_a, over_b);
  }
  if (c.bad()) return a;
  return sinter::detail::dot_general(c.g, a, b, batch_a, batch_b, over_a, over_b, result);
}
constexpr value dot(op_context& c, value a, value b, dtype result) {
  const bool good = a.rank() >= 1 && a.rank() <= 2 && b.rank() >= 1 && b.rank() <= 2;
  if (!good) return c.fail(expected::shape), a;
  return sinter::detail::dot_general(c.g, a, b, {}, {}, sinter::axes(a.rank() - 1), sinter::axes(0), result);
}

// [b, 0, 1, f]: which axis is what.
struct layout_letters {
  int letter[2] = {-1, -1};  // b and f, o and i
  sinter::axes spatial;
};
constexpr layout_letters letters(op_context& c, int& at, char first, char second) {
  const text t = c.m.source;
  layout_letters l;
  at = skip_space(t, at);
  if (t[at] != '[') return c.r.fail(expected::integers, at), l;
  int axis = 0, place[max_rank] = {}, count = 0;
  for (at = skip_space(t, at + 1); t[at] != ']' && axis < max_rank; ++axis) {
    if (t[at] == first) l.letter[0] = axis, ++at;
    else if (t[at] == second) l.letter[1] = axis, ++at;
    else if (is_digit(t[at])) place[axis] = 1 + (t[at] - '0'), ++at, ++count;
    else return c.r.fail(expected::integers, at), l;
    at = skip_space(t, at);
    if (t[at] == ',') at = skip_space(t, at + 1);
  }
  l.spatial.count = count;
  for (int a = 0; a < axis; ++a)
    if (place[a] > 0 && place[a] <= count) l.spatial.axis[place[a] - 1] = a;
  if (t[at] != ']' || l.letter[0] < 0 || l.letter[1] < 0) return c.r.fail(expected::integers, at), l;
  ++at;
  return l;
}
constexpr value convolved(op_context& c, value x, value kernel, dtype result) {
  const text t = c.m.source;
  sinter::detail::convolution_dimensions d;
  sinter::detail::convolution_window w;
  int at = c.attribute("dim_numbers", "dimension_numbers");
  if (at < 0) return c.fail(expected::attribute), x;
  if (t[at] == '#') at = structure_at(c, at).begin;
  const layout_letters in = letters(c, at, 'b', 'f');
  at = skip_space(t, at);
  if (t[at] != 'x') return c.r.fail(expected::integers, at), x;
  ++at;
  const layout_letters by = letters(c, at, 'o', 'i');
  at = skip_space(t, at);
  if (!starts_with(t, at, "->")) return c.r.fail(expected::arrow, at), x;
  at += 2;
  const layout_letters out = letters(c, at, 'b', 'f');
  d.input_batch = in.letter[0], d.input_feature = in.letter[1], d.input_spatial = in.spatial;
  d.kernel_output_feature = by.letter[0], d.kernel_input_feature = by.letter[1], d.kernel_spatial = by.spatial;
  d.output_batch = out.letter[0], d.output_feature = out.letter[1], d.output_spatial = out.spatial;
  const int n = in.spatial.count;
  int stride = c.attribute("window_strides"), pad = c.attribute("padding"), lhs = c.attribute("lhs_dilation"),
      rhs = c.attribute("rhs_dilation"), reversal = c.attribute("window_reversal");
  if (const int window = c.attribute("window"); window >= 0) {
    const span s = structure_at(c, window);
    stride = c.r.attribute(s.begin, s.end, "stride"), pad = c.r.attribute(s.begin, s.end, "pad"),
    lhs = c.r.attribute(s.begin, s.end, "lhs_dilate");
    rhs = c.r.attribute(s.begin, s.end, "rhs_dilate"), reversal = c.r.attribute(s.begin, s.end, "reverse");
  }
  extent_t both[2 * max_rank] = {}, flag[max_rank + 1] = {};
  bool good = true;
  if (stride >= 0) good &= c.r.integers(stride, w.stride, n) == n;
  if (lhs >= 0) good &= c.r.integers(lhs, w.lhs_dilation, n) == n;
  if (rhs >= 0) good &= c.r.integers(rhs, w.rhs_dilation, n) == n;
  if (pad >= 0) good &= c.r.integers(pad, both, 2 * n) == 2 * n;
  if (reversal >= 0) good &= c.r.integers(reversal, flag, n) == n;
  for (int i = 0; i < n; ++i) w.low[i] = both[2 * i], w.high[i] = both[2 * i + 1], w.reversal[i] = flag[i] != 0;
  if (!good) return c.fail(expected::integers), x;
  if (c.bad()) return x;
  return sinter::detail::convolution(c.g, x, kernel, d, w, c.r.integer(c.attribute("feature_group_count"), 1),
                                     c.r.integer(c.attribute("batch_group_count"), 1), result);
}

constexpr value number_attribute(op_context& c, const char* key, dtype t) {
  const int at = c.attribute(key);
  const number_text n = at < 0 ? number_text{} : number_at(c.m.source, at);
  if (n.kind == number_text::none) return c.fail(expected::number), c.nothing();
  return c.number(n, {t});
}
constexpr value fourier(op_context& c, value x) {
  const int kind = c.attribute("type", "fft_type");
  extent_t length[max_rank + 1] = {};
  const int at = c.attribute("length", "fft_length"), n = at < 0 ? 0 : c.r.integers(at, length, max_rank);
  sinter::detail::fft_kind k{};
  if (c.r.names(kind, "FFT")) k = sinter::detail::fft_kind::fft;
  else if (c.r.names(kind, "IFFT")) k = sinter::detail::fft_kind::ifft;
  else if (c.r.names(kind, "RFFT")) k = sinter::detail::fft_kind::rfft;
  else if (c.r.names(kind, "IRFFT")) k = sinter::detail::fft_kind::irfft;
  else return c.fail(expected::attribute), x;
  return c.bad() ? x : sinter::detail::fft(c.g, x, k, length, n);
}
constexpr value triangular_solved(op_context& c, value a, value b) {
  using sinter::detail::transposition;
  const int how = c.attribute("transpose_a");
  const transposition t = c.r.names(how, "TRANSPOSE") ? transposition::transpose
                          : c.r.names(how, "ADJOINT") ? transposition::adjoint
                                                      : transposition::none;
  return sinter::detail::triangular_solve(c.g, a, b, c.r.flag(c.attribute("left_side"), true), c.r.flag(c.attribute("lower"), true),
                                          c.r.flag(c.attribute("unit_diagonal"), false), t);
}

/// The result of an op without regions of kind k; `known`: whether it is one.
constexpr value structure_op(op_context& c, op_kind k, const tensor_type& type, bool& known) {
  known = true;
  const dtype result = type.element.type;
  switch (k) {
    case op_kind::iota: {
      extent_t along = c.r.integer(c.attribute("dim", "iota_dimension"), 0);
      if (along < 0 || along >= type.extents.rank) return c.fail(expected::integer), c.nothing();
      const dtype t = is_complex(result) ? real_dtype(result) : result;
      const value x = t == dtype::boolean
                          ? ops::cast::trace(ops::iota::trace(c.g, dtype::i32, type.extents, sinter::axes(static_cast<int>(along))), t)
                          : ops::iota::trace(c.g, t, type.extents, sinter::axes(static_cast<int>(along)));
      return c.rounded(ops::cast::trace(x, result), type.element.kept);
    }
    case op_kind::broadcast_in_dim: return broadcast_in_dim(c, c.operand(0), type);
    case op_kind::reshape: return ops::reshape::trace(c.operand(0), type.extents);
    case op_kind::transpose: {
      const sinter::axes order = c.axes("dims", "permutation");
      return order.count == 0 ? c.operand(0) : ops::transpose::trace(c.operand(0), order);
    }
    case op_kind::slice: return sliced(c, c.operand(0));
    case op_kind::reverse: return reversed(c, c.operand(0));
    case op_kind::pad: return padded(c, c.operand(0), c.operand(1));
    case op_kind::concatenate: return concatenated(c);
    case op_kind::dynamic_slice: return dynamic_slice(c, c.operand(0));
    case op_kind::dynamic_update_slice: return dynamic_update_slice(c, c.operand(0), c.operand(1));
    case op_kind::gather: return gathered(c, c.operand(0), c.operand(1));
    case op_kind::dot: return dot(c, c.operand(0), c.operand(1), result);
    case op_kind::dot_general: return dot_generalised(c, c.operand(0), c.operand(1), result);
    case op_kind::convolution: return convolved(c, c.operand(0), c.operand(1), result);
    case op_kind::broadcast: {
      return sinter::detail::broadcast_right(c.g, c.operand(0), type.extents);
    }
    case op_kind::fft: return fourier(c, c.operand(0));
    case op_kind::cholesky: return sinter::detail::cholesky(c.g, c.operand(0), c.r.flag(c.attribute("lower"), false));
    case op_kind::triangular_solve: return triangular_solved(c, c.operand(0), c.operand(1));
    case op_kind::batch_norm_inference:
      return sinter::detail::batch_norm_inference(c.g, c.operand(0), c.operand(1), c.operand(2), c.operand(3), c.operand(4),
                                                  number_attribute(c, "epsilon", real_dtype(result)),
                                                  static_cast<int>(c.r.integer(c.attribute("feature_index"), 0)));
    case op_kind::get_dimension_size: {
      const extent_t along = c.r.integer(c.attribute("dim", "dimension"), -1);
      if (along < 0 || along >= c.operand(0).rank()) return c.fail(expected::integer), c.nothing();
      return {c.g, c.g.constant(dtype::i32, 0, c.operand(0).shape()[static_cast<int>(along)])};
    }
    case op_kind::device_id: return {c.g, c.g.constant(dtype::u32, 0, 0)};  // of one device
    case op_kind::chlo_constant_like: {
      const value n = number_attribute(c, "value", result);
      return sinter::detail::broadcast_right(c.g, n, type.extents);
    }
    default: known = false; return value();
  }
}

}  // namespace sinter::mlir
