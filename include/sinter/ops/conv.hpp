// SPDX-License-Identifier: Apache-2.0
// Convolutions: conv, and StableHLO's convolution with all that it can say. The operand is brought to [batch, spatial..., features] and
// padded once; its windows are strided views of that, whose products with the kernel are ordinary products of matrices.
#pragma once

#include <sinter/ops/einsum.hpp>
#include <sinter/ops/indexing.hpp>
#include <sinter/ops/window.hpp>

namespace sinter {

/// Zeros between elements of the operand or of the kernel of `conv`, one less than these numbers say, one for each spatial axis. How its
/// window moves: `window_strides` and `same_padding` of window.hpp.
template <extent_t... N> struct lhs_dilation_t {};
template <extent_t... N> struct rhs_dilation_t {};
template <extent_t... N> inline constexpr lhs_dilation_t<N...> lhs_dilation{};
template <extent_t... N> inline constexpr rhs_dilation_t<N...> rhs_dilation{};
template <extent_t... N> inline constexpr bool is_attribute<lhs_dilation_t<N...>> = true;
template <extent_t... N> inline constexpr bool is_attribute<rhs_dilation_t<N...>> = true;
/// The features are N groups, each with an N-th of the outputs; the batch is N groups, of which each makes an N-th of the outputs.
template <extent_t N> struct feature_group_count_t {};
template <extent_t N> struct batch_group_count_t {};
template <extent_t N> inline constexpr feature_group_count_t<N> feature_group_count{};
template <extent_t N> inline constexpr batch_group_count_t<N> batch_group_count{};
template <extent_t N> inline constexpr bool is_attribute<feature_group_count_t<N>> = true;
template <extent_t N> inline constexpr bool is_attribute<batch_group_count_t<N>> = true;

namespace detail {

// Which axis of operand, kernel and result is what, in the words of StableHLO.
struct convolution_dimensions {
  int input_batch = 0, input_feature = 1, kernel_output_feature = 0, kernel_input_feature = 1, output_batch = 0, output_feature = 1;
  axes input_spatial, kernel_spatial, output_spatial;
};
// How the window moves: for each spatial axis.
struct convolution_window {
  extent_t stride[max_rank] = {1, 1, 1, 1, 1, 1, 1, 1}, low[max_rank] = {}, high[max_rank] = {};
  extent_t lhs_dilation[max_rank] = {1, 1, 1, 1, 1, 1, 1, 1}, rhs_dilation[max_rank] = {1, 1, 1, 1, 1, 1, 1, 1};
  bool reversal[max_rank] = {};
};

// x's elements from `offset` on, with these strides: a view, which may show an element several times. x is in memory.
constexpr value strided_view(value x, extent_t offset, const shape<>& to, const extent_t* strides) {
  graph::builder& g = *x.graph();
  const dtype t = offset_type(x.shape());
  return gather_node(x, broadcast_node(g, {g, g.constant(t, static_cast<double>(offset), offset)}, to, {}), strides);
}

class convolution_trace {
 public:
  constexpr convolution_trace(graph::builder& g, const convolution_dimensions& d, const convolution_window& w, extent_t feature_groups,
                              extent_t batch_groups)
      : g_(g), d_(d), w_(w), spatial_(d.input_spatial.count), groups_(feature_groups), batch_groups_(batch_groups) {}

  constexpr value run(value x, value kernel, dtype result) {
    if (!fits(x.shape(), kernel.shape())) {
      g_.fail(convolution_does_not_fit);
      if (!g_.failed.count) g_.failed.show(x.shape()), g_.failed.show(kernel.shape()), g_.failed.show(groups_ * batch_groups_);
      return x;
    }
    const dtype t = product_type(x.type(), kernel.type(), result);
    if (is_pointwise(kernel.shape())) return ops::cast::trace(pointwise(ops::cast::trace(x, t), ops::cast::trace(kernel, t)), result);
    x = features_last(ops::cast::trace(x, t));
    kernel = output_features_last(ops::cast::trace(kernel, t));
    if (g_.failed.broken) return x;
    extent_t low[max_rank] = {}, high[max_rank] = {}, interior[max_rank] = {};
    for (int i = 0; i < spatial_; ++i) low[1 + i] = w_.low[i], high[1 + i] = w_.high[i], interior[1 + i] = w_.lhs_dilation[i] - 1;
    x = pad_general(g_, x, value(0), low, high, interior);
    if (g_.failed.broken) return x;
    measure(x.shape(), kernel.shape());
    value y = is_empty(out_) || is_empty(x.shape()) || is_empty(kernel.shape()) ? full(g_, t, out_, 0)
              : features_ == 1 && groups_ > 1 && volume_ <= most_taps           ? depthwise(x, kernel)
                                                                                : by_patches(x, kernel);
    if (g_.failed.broken) return y;
    axes order;
    order.count = spatial_ + 2;
    order.axis[d_.output_batch] = 0, order.axis[d_.output_feature] = spatial_ + 1;
    for (int i = 0; i < spatial_; ++i) order.axis[d_.output_spatial.axis[i]] = 1 + i;
    return ops::cast::trace(ops::transpose::trace(y, order), result);
  }

 private:
  static constexpr extent_t most_taps = 64;
  graph::builder& g_;
  const convolution_dimensions& d_;
  const convolution_window& w_;
  int spatial_;
  extent_t groups_, batch_groups_;
  // After the operand was brought to [batch, spatial..., groups * features] and the kernel to [window..., features, groups * outputs].
  extent_t features_ = 0, outputs_ = 0, volume_ = 1, window_[max_rank] = {};
  shape<> out_;  // [batch, spatial..., groups * outputs]

  static constexpr bool names_all(int rank, int a, int b, const axes& spatial) {
    axes all = spatial;
    if (spatial.count + 2 != rank) return false;
    all.axis[all.count++] = a, all.axis[all.count++] = b;
    return ops::gather::are_axes(all, rank);
  }
  constexpr bool fits(const shape<>& x, const shape<>& k) {
    bool good = spatial_ + 2 <= max_rank && x.rank == spatial_ + 2 && k.rank == x.rank && groups_ > 0 && batch_groups_ > 0 &&
                (groups_ == 1 || batch_groups_ == 1) && names_all(x.rank, d_.input_batch, d_.input_feature, d_.input_spatial) &&
                names_all(k.rank, d_.kernel_output_feature, d_.kernel_input_feature, d_.kernel_spatial) &&
                names_all(x.rank, d_.output_batch, d_.output_feature, d_.output_spatial);
    if (!good) return false;
    const extent_t outputs = k[d_.kernel_output_feature];
    good = !graph::is_symbol(outputs) && outputs % (groups_ * batch_groups_) == 0;
    g_.require_equal(x[d_.input_feature], g_.product(k[d_.kernel_input_feature], groups_), good);
    const extent_t batch = x[d_.input_batch];
    good &= batch_groups_ == 1 || (!graph::is_symbol(batch) && batch % batch_groups_ == 0);
    for (int i = 0; good && i < spatial_; ++i)
      good = w_.stride[i] > 0 && w_.lhs_dilation[i] > 0 && w_.rhs_dilation[i] > 0 && !graph::is_symbol(x[d_.input_spatial.axis[i]]) &&
             !graph::is_symbol(k[d_.kernel_spatial.axis[i]]);
    return good;
  }
  // Groups of the batch become groups of features.
  constexpr value features_last(value x) {
    axes order(d_.input_batch);
    for (int i = 0; i < spatial_; ++i) order.axis[order.count++] = d_.input_spatial.axis[i];
    order.axis[order.count++] = d_.input_feature;
    x = ops::transpose::trace(x, order);
    if (batch_groups_ == 1) return x;
    const shape<> from = x.shape();
    shape<> apart(batch_groups_, from[0] / batch_groups_), to(from[0] / batch_groups_);
    order = axes(1);
    for (int i = 1; i <= spatial_ + 1; ++i) {
      apart.append(from[i]);
      if (i <= spatial_) order.axis[order.count++] = 1 + i, to.append(from[i]);
    }
    order.axis[order.count++] = 0, order.axis[order.count++] = spatial_ + 2;
    to.append(g_.product(from[spatial_ + 1], batch_groups_));
    groups_ = batch_groups_;
    return ops::reshape::trace(ops::transpose::trace(ops::reshape::trace(x, apart), order), to);
  }
  constexpr value output_features_last(value k) {
    axes order, reversed;
    for (int i = 0; i < spatial_; ++i) {
      order.axis[order.count++] = d_.kernel_spatial.axis[i];
      if (w_.reversal[i]) reversed.axis[reversed.count++] = i;
    }
    order.axis[order.count++] = d_.kernel_input_feature, order.axis[order.count++] = d_.kernel_output_feature;
    k = ops::transpose::trace(k, order);
    return reversed.count ? ops::reverse::trace(k, reversed) : k;
  }
  constexpr void measure(const shape<>& x, const shape<>& k) {
    features_ = k[spatial_], outputs_ = k[spatial_ + 1] / groups_;
    out_.append(x[0]);
    for (int i = 0; i < spatial_; ++i) {
      window_[i] = k[i], volume_ *= k[i];
      const extent_t reach = k[i] > 0 ? (k[i] - 1) * w_.rhs_dilation[i] + 1 : 0;
      out_.append(x[1 + i] >= reach ? (x[1 + i] - reach) / w_.stride[i] + 1 : 0);
    }
    out_.append(k[spatial_ + 1]);
  }
  constexpr extent_t positions() const {  // of the window in all of the batch
    extent_t n = out_[0];
    for (int i = 1; i <= spatial_; ++i) n = g_.product(n, out_[i]);
    return n;
  }
  // [positions, groups, features] of each group times [features, groups, outputs].
  constexpr value grouped(value rows, value kernel) {
    if (groups_ == 1) return ops::reshape::trace(ops::dot::trace(rows, kernel), out_);
    const value y = ops::dot_general::trace(rows, kernel, axes(1, 3), axes(0, 1), axes(2), axes(2));
    return g_.failed.broken ? y : ops::reshape::trace(ops::transpose::trace(y, axes(1, 0, 2)), out_);
  }
  // Windows of one element, nothing around the operand: a product of matrices, wherever the axes stand.
  constexpr bool is_pointwise(const shape<>& k) const {
    bool good = groups_ == 1 && batch_groups_ == 1;
    for (int i = 0; i < spatial_; ++i)
      good &= k[d_.kernel_spatial.axis[i]] == 1 && w_.low[i] == 0 && w_.high[i] == 0 && w_.lhs_dilation[i] == 1;
    return good;
  }
  constexpr value pointwise(value x, value kernel) {
    range_value r[max_rank];
    for (int i = 0; i < x.rank(); ++i) r[i] = all;
    for (int i = 0; i < spatial_; ++i) r[d_.input_spatial.axis[i]].step = w_.stride[i];
    x = ops::slice::trace_ranges(x, r, x.rank());
    kernel = output_features_last(kernel);
    kernel = ops::reshape::trace(kernel, shape<>(kernel.shape()[spatial_], kernel.shape()[spatial_ + 1]));
    // The axes that stay, in the operand's order, and the features where the result has them: behind these or before.
    bool before = spatial_ > 0;
    for (int i = 0; i < spatial_; ++i) before &= d_.output_feature < d_.output_spatial.axis[i];
    value y;
    if (before) y = ops::dot_general::trace(kernel, x, axes(0), axes(d_.input_feature));
    else y = ops::dot_general::trace(x, kernel, axes(d_.input_feature), axes(0));
    if (g_.failed.broken) return y;
    const auto at = [&](int a) { return a - (a > d_.input_feature) + before; };
    axes order;
    order.count = spatial_ + 2;
    order.axis[d_.output_batch] = at(d_.input_batch), order.axis[d_.output_feature] = before ? 0 : spatial_ + 1;
    for (int i = 0; i < spatial_; ++i) order.axis[d_.output_spatial.axis[i]] = at(d_.input_spatial.axis[i]);
    return ops::transpose::trace(y, order);
  }
  constexpr value of_rows(value windows, value kernel) {
    const extent_t n = positions();
    if (groups_ == 1) {
      const extent_t k = g_.product(volume_, features_);
      return grouped(ops::reshape::trace(windows, shape<>(n, k)), ops::reshape::trace(kernel, shape<>(k, outputs_)));
    }
    return grouped(ops::reshape::trace(windows, shape<>(n, volume_, groups_, features_)),
                   ops::reshape::trace(kernel, shape<>(volume_, features_, groups_, outputs_)));
  }
  // One matrix of all windows. Rows of the window whose elements lie side by side are one axis.
  constexpr value by_patches(value x, value kernel) {
    if (volume_ == 1) {
      range_value r[max_rank];
      for (int i = 0; i <= spatial_ + 1; ++i) r[i] = all;
      for (int i = 1; i <= spatial_; ++i) r[i].step = w_.stride[i - 1];
      return of_rows(ops::slice::trace_ranges(x, r, spatial_ + 2), kernel);
    }
    const row_major_strides s(g_, x.shape());
    shape<> to = out_;
    to.rank = 1 + spatial_;
    extent_t strides[max_rank] = {s.along[0]}, last = x.shape()[spatial_ + 1];
    for (int i = 0; i < spatial_; ++i) strides[1 + i] = g_.product(s.along[1 + i], w_.stride[i]);
    const bool beside = w_.rhs_dilation[spatial_ - 1] == 1;
    if (2 * spatial_ + 2 - beside > max_rank) {
      g_.fail(rank_not_supported);
      if (!g_.failed.count) g_.failed.show(x.shape());
      return x;
    }
    for (int i = 0; i < spatial_ - beside; ++i) strides[to.rank] = g_.product(s.along[1 + i], w_.rhs_dilation[i]), to.append(window_[i]);
    if (beside) last = g_.product(last, window_[spatial_ - 1]);
    strides[to.rank] = 1, to.append(last);
    return of_rows(strided_view(x, 0, to, strides), kernel);
  }
  // The place i of the window in its row-major order, along each axis.
  struct place {
    extent_t at[max_rank] = {};
  };
  constexpr place place_of(extent_t i, int axes_of_window) const {
    place p;
    for (int a = axes_of_window; a-- > 0;) p.at[a] = i % window_[a], i /= window_[a];
    return p;
  }
  // One feature a group: an elementwise sum over the places of the window.
  constexpr value depthwise(value x, value kernel) {
    const row_major_strides s(g_, x.shape());
    shape<> to = out_;
    to[spatial_ + 1] = groups_;
    extent_t strides[max_rank] = {s.along[0]};
    for (int i = 0; i < spatial_; ++i) strides[1 + i] = g_.product(s.along[1 + i], w_.stride[i]);
    strides[spatial_ + 1] = 1;
    const bool several = outputs_ > 1;
    if (several) to.append(1);
    const value taps = ops::reshape::trace(kernel, several ? shape<>(volume_, groups_, outputs_) : shape<>(volume_, groups_));
    value sum;
    for (extent_t v = 0; v < volume_; ++v) {
      const place p = place_of(v, spatial_);
      extent_t offset = 0;
      for (int i = 0; i < spatial_; ++i) offset += s.along[1 + i] * w_.rhs_dilation[i] * p.at[i];
      const range_value one[] = {range_value{v, v + 1}, range_value(all), range_value(all)};
      value tap = ops::slice::trace_ranges(taps, one, taps.rank());
      tap = ops::reshape::trace(tap, several ? shape<>(groups_, outputs_) : shape<>(groups_));
      const value term = ops::widened(strided_view(x, offset, to, strides)) * ops::widened(tap);
      if (v == 0) sum = term;
      else sum = sum + term;
    }
    return ops::cast::trace(ops::reshape::trace(sum, out_), x.type());
  }
};

// StableHLO's convolution: operand and kernel of any types as the result's type.
constexpr value convolution(graph::builder& g, value x, value kernel, const convolution_dimensions& d, const convolution_window& w,
                            extent_t feature_groups, extent_t batch_groups, dtype result) {
  if (g.failed.broken) return x;
  return convolution_trace(g, d, w, feature_groups, batch_groups).run(x, kernel, result);
}

}  // namespace detail

/// What the axes of operand, kernel and result are: `dimension_numbers<"NHWC", "HWIO", "NHWC">`. N is the batch, C the features, O and I
/// those of the result and the operand in the kernel; all other letters are spatial, in the kernel's order.
template <class Names> struct dimension_numbers_t {};
namespace detail {
// A type of its own: nvcc 13.0 does not deduce texts.
template <ops::text Operand, ops::text Kernel, ops::text Result> struct dimension_names {
  static constexpr auto operand = Operand;
  static constexpr auto kernel = Kernel;
  static constexpr auto result = Result;
};
}  // namespace detail
template <ops::text Operand, ops::text Kernel, ops::text Result>
inline constexpr dimension_numbers_t<detail::dimension_names<Operand, Kernel, Result>> dimension_numbers{};
template <class Names> inline constexpr bool is_attribute<dimension_numbers_t<Names>> = true;

namespace ops {

// What the attributes of a convolution say.
struct conv_options {
  detail::convolution_dimensions d;
  detail::convolution_window w;
  extent_t feature_groups = 1, batch_groups = 1;
  int spatial = 0, edges = 0;
  bool same = false, good = true;

  constexpr explicit conv_options(int rank) : spatial(rank - 2) {
    for (int i = 0; i < spatial && i < max_rank; ++i)
      for (axes* a : {&d.input_spatial, &d.kernel_spatial, &d.output_spatial}) a->axis[a->count++] = 2 + i;
  }
  template <extent_t... N> constexpr void take(window_strides_t<N...>) { list<N...>(w.stride); }
  template <extent_t... N> constexpr void take(lhs_dilation_t<N...>) { list<N...>(w.lhs_dilation); }
  template <extent_t... N> constexpr void take(rhs_dilation_t<N...>) { list<N...>(w.rhs_dilation); }
  template <extent_t N> constexpr void take(feature_group_count_t<N>) { feature_groups = N; }
  template <extent_t N> constexpr void take(batch_group_count_t<N>) { batch_groups = N; }
  constexpr void take(same_padding_t) { same = true; }
  template <extent_t L, extent_t H> constexpr void take(edges_t<L, H>) {
    if (edges < max_rank) w.low[edges] = L, w.high[edges] = H;
    ++edges;
  }
  template <class Names> constexpr void take(dimension_numbers_t<Names>) {
    const char *const operand = Names::operand.c, *const kernel = Names::kernel.c, *const result = Names::result.c;
    d.input_batch = find(operand, 'N'), d.input_feature = find(operand, 'C');
    d.output_batch = find(result, 'N'), d.output_feature = find(result, 'C');
    d.kernel_output_feature = find(kernel, 'O'), d.kernel_input_feature = find(kernel, 'I');
    d.input_spatial = d.kernel_spatial = d.output_spatial = {};
    for (int i = 0; kernel[i] && i < max_rank; ++i) {
      if (kernel[i] == 'O' || kernel[i] == 'I') continue;
      d.kernel_spatial.axis[d.kernel_spatial.count++] = i;
      d.input_spatial.axis[d.input_spatial.count++] = find(operand, kernel[i]);
      d.output_spatial.axis[d.output_spatial.count++] = find(result, kernel[i]);
    }
  }
  constexpr bool fits() const {
    const auto known = [](const axes& a) {
      for (int i = 0; i < a.count; ++i)
        if (a.axis[i] < 0) return false;
      return true;
    };
    return good && (edges == 0 || (edges == spatial && !same)) && d.input_batch >= 0 && d.input_feature >= 0 && d.output_batch >= 0 &&
           d.output_feature >= 0 && d.kernel_output_feature >= 0 && d.kernel_input_feature >= 0 && known(d.input_spatial) &&
           known(d.output_spatial) && d.input_spatial.count == spatial;
  }
  constexpr void pad(const shape<>& x, const shape<>& k) {
    for (int i = 0; same && i < spatial; ++i) {
      const extent_t from = x[d.input_spatial.axis[i]], taps = k[d.kernel_spatial.axis[i]];
      if (graph::is_symbol(from) || graph::is_symbol(taps) || from < 1 || taps < 1) continue;
      const extent_t n = (from - 1) * w.lhs_dilation[i] + 1, reach = (taps - 1) * w.rhs_dilation[i] + 1;
      const extent_t missing = ((n - 1) / w.stride[i]) * w.stride[i] + reach - n;
      if (missing > 0) w.low[i] = missing / 2, w.high[i] = missing - missing / 2;
    }
  }

 private:
  template <extent_t... N> constexpr void list(extent_t* to) {
    good &= sizeof...(N) == spatial && ((N > 0) && ...);
    if (good) static_cast<void>(((*to++ = N), ...));
  }
  static constexpr int find(const char* s, char c) {
    for (int i = 0; s[i]; ++i)
      if (s[i] == c) return i;
    return -1;
  }
};
struct conv {
  template <class... A> static constexpr value trace(value x, value kernel, A... how) {
    graph::builder& g = *detail::graph_of(x, kernel);
    if (x.is_number() || kernel.is_number()) return g.fail(rank_not_supported), x.is_number() ? kernel : x;
    conv_options o(x.rank());
    (o.take(how), ...);
    if (!o.fits() || x.rank() != kernel.rank()) {
      g.fail(convolution_does_not_fit);
      if (!g.failed.count) g.failed.show(x.shape()), g.failed.show(kernel.shape());
      return x;
    }
    if (x.type() != kernel.type()) {
      g.fail(element_types_differ);
      if (!g.failed.count) g.failed.show(x.type()), g.failed.show(kernel.type());
      return x;
    }
    o.pad(x.shape(), kernel.shape());
    return detail::convolution(g, x, kernel, o.d, o.w, o.feature_groups, o.batch_groups, x.type());
  }
};

}  // namespace ops

/// y[n, o, p] = sum over features c and places q of the window: x[n, c, p stride + q dilation - low] k[o, c, q], where x is 0 outside.
/// `conv(x, k, window_strides<2, 2>, same_padding, dimension_numbers<"NHWC", "HWIO", "NHWC">)`; attributes in any order: window_strides,
/// padding (`edges<low, high>` for each spatial axis, which may be negative, or same_padding; else none), lhs_dilation, rhs_dilation,
/// feature_group_count, batch_group_count.
/// Shapes: x [n, c, spatial...], k [o, c / groups, window...] -> [n, o, spatial...], or as dimension_numbers says; spatial extents are
///         static, up to 3 axes (windows of one element: 6).
/// Types:  two equal types; f16 and bf16 accumulate in f32, sums of bools are `or`.
/// Error:  as dot of as many terms as the window has elements.
/// Cost:   2 elements of the window a result; one kernel, which makes the rows of windows block by block, and one before it that pads.
///         Features last (NHWC, HWIO) need no transposes. Where each group has one feature (depthwise), a map of all elements.
///         Windows of one element are a product of matrices.
/// Source: jax.lax.conv_general_dilated; StableHLO convolution.
template <operand X, operand K, class... A>
requires(is_attribute<A>&&...) constexpr auto conv(const X& x, const K& k, A... how) { return suspend<ops::conv>(x, k, how...); }

}  // namespace sinter
