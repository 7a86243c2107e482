// SPDX-License-Identifier: Apache-2.0
// Batch normalisation: StableHLO's batch_norm_inference, batch_norm_training and batch_norm_grad, as compositions.
#pragma once

#include <sinter/ops/reduce.hpp>

namespace sinter {

namespace detail {

// One number for each feature, as an array like x that repeats along all other axes.
constexpr value by_feature(value x, value of_features, int feature) {
  return broadcast_node(*x.graph(), of_features, shape<>(x.shape()), axes(feature));
}
constexpr bool check_features(graph::builder& g, value x, const value* of_features, int n, int feature) {
  if (!ops::check_floating(x)) return false;
  bool good = feature >= 0 && feature < x.rank();
  for (int i = 0; good && i < n; ++i) {
    good = of_features[i].rank() == 1 && of_features[i].type() == x.type();
    if (good) g.require_equal(of_features[i].shape()[0], x.shape()[feature], good);
  }
  if (!good) {
    g.fail(features_do_not_fit);
    if (!g.failed.count) g.failed.show(x.shape()), g.failed.show(static_cast<extent_t>(feature));
  }
  return good && !g.failed.broken;
}
constexpr axes all_but(value x, int axis) {
  axes a;
  for (int i = 0; i < x.rank(); ++i)
    if (i != axis) a.axis[a.count++] = i;
  return a;
}
constexpr value over_others(value x, int feature) {
  const axes others = all_but(x, feature);
  return others.count == 0 ? x : reduce_node(x, opcode::reduce_sum, others, {}, x.type());
}
constexpr value count_of_others(value x, int feature) {
  const axes others = all_but(x, feature);
  return others.count == 0 ? value(1).as(*x.graph(), x.type()) : ops::reduced_count(x, others, x.type());
}
// What of widened operands is computed: x normalised, without the scale.
constexpr value normalised(value x, value mean, value variance, value epsilon, int feature) {
  const value deviation = sqrt(variance + ops::widened(epsilon));
  return (x - by_feature(x, mean, feature)) / by_feature(x, deviation, feature);
}
// y = (x - mean) / sqrt(variance + epsilon) * scale + offset, of which the latter four have one element for each feature.
constexpr value batch_norm_inference(graph::builder& g, value x, value scale, value offset, value mean, value variance, value epsilon,
                                     int feature) {
  const value all[] = {scale, offset, mean, variance};
  if (!check_features(g, x, all, 4, feature)) return x;
  const value w = ops::widened(x);
  const value y = normalised(w, ops::widened(mean), ops::widened(variance), epsilon, feature);
  return ops::cast::trace(y * by_feature(w, ops::widened(scale), feature) + by_feature(w, ops::widened(offset), feature), x.type());
}
// The same with the mean and variance over all other axes, which are further results.
constexpr void batch_norm_training(graph::builder& g, value x, value scale, value offset, value epsilon, int feature, value* out) {
  out[0] = x, out[1] = scale, out[2] = offset;
  const value all[] = {scale, offset};
  if (!check_features(g, x, all, 2, feature)) return;
  const value w = ops::widened(x), n = count_of_others(w, feature);
  const value mean = over_others(w, feature) / n, centred = w - by_feature(w, mean, feature);
  const value variance = over_others(centred * centred, feature) / n;
  const value y = normalised(w, mean, variance, epsilon, feature);
  out[0] = ops::cast::trace(y * by_feature(w, ops::widened(scale), feature) + by_feature(w, ops::widened(offset), feature), x.type());
  out[1] = ops::cast::trace(mean, x.type()), out[2] = ops::cast::trace(variance, x.type());
}
// The derivatives of batch_norm_training with respect to x, scale and offset, where ct is that of its first result.
constexpr void batch_norm_grad(graph::builder& g, value x, value scale, value mean, value variance, value ct, value epsilon, int feature,
                               value* out) {
  out[0] = x, out[1] = scale, out[2] = scale;
  const value all[] = {scale, mean, variance};
  if (!check_features(g, x, all, 3, feature)) return;
  const value w = ops::widened(x), d = ops::widened(ct), n = count_of_others(w, feature);
  const value deviation = sqrt(ops::widened(variance) + ops::widened(epsilon));
  const value hat = normalised(w, ops::widened(mean), ops::widened(variance), epsilon, feature);
  const value sum = over_others(d, feature), product = over_others(d * hat, feature);
  const value inner = d * n - by_feature(d, sum, feature) - hat * by_feature(d, product, feature);
  out[0] = ops::cast::trace(by_feature(d, ops::widened(scale) / deviation / n, feature) * inner, x.type());
  out[1] = ops::cast::trace(product, x.type()), out[2] = ops::cast::trace(sum, x.type());
}

}  // namespace detail

namespace ops {

struct batch_norm {
  static constexpr value trace(value x, value scale, value offset, value mean, value variance, axes feature, value epsilon) {
    graph::builder& g = *x.graph();
    const axes a = detail::positive_axes(g, feature, x.shape());
    if (g.failed.broken) return x;
    return detail::batch_norm_inference(g, x, scale, offset, mean, variance, epsilon, a.axis[0]);
  }
};

}  // namespace ops

/// y = (x - mean) / sqrt(variance + epsilon) * scale + offset, with one number of each for each feature: `batch_norm(x, scale, offset,
/// mean, variance, axis<-1>)`. With `mean(x, axis<0, 1, 2>)` and `var(x, axis<0, 1, 2>)` it normalises over the batch, as in training.
/// Shapes: x [..., n, ...], the others [n] -> [..., n, ...]. Types: floating point; f16 and bf16 compute in f32 and round once.
/// Cost:   1 division an element; fuses with any elementwise neighbour. Source: Ioffe and Szegedy, arXiv:1502.03167; StableHLO
///         batch_norm_inference.
template <operand X, operand S, operand O, operand M, operand V, int A>
constexpr auto batch_norm(const X& x, const S& scale, const O& offset, const M& mean, const V& variance, axis_t<A> feature,
                          double epsilon = 1e-5) {
  return suspend<ops::batch_norm>(x, scale, offset, mean, variance, feature, epsilon);
}

}  // namespace sinter
