// SPDX-License-Identifier: Apache-2.0
// Functions of neural networks, as compositions of the other ops and nothing else: what they fuse into is found in the graph.
#pragma once

#include <sinter/ops/dot.hpp>
#include <sinter/ops/einsum.hpp>
#include <sinter/ops/identity.hpp>
#include <sinter/ops/reduce.hpp>

namespace sinter {

namespace ops {

struct relu {
  // Marked, for its derivative at 0 is 0, where that of maximum is 1/2.
  static constexpr value trace(value x) {
    value v[] = {x, 0};
    const extent_t attribute = 1;
    return detail::element_node(*x.graph(), opcode::maximum, detail::types::number_or_bool, v, 2, 0, &attribute, 1);
  }
};
struct silu {
  static constexpr value trace(value x) { return x * sigmoid(x); }
};
struct gelu {
  static constexpr value trace(value x) { return x * (erf(x * 0.70710678118654752440) * 0.5 + 0.5); }
};
struct gelu_tanh {
  static constexpr value trace(value x) {
    const value inner = x * (x * x * (0.044715 * 0.79788456080286535588) + 0.79788456080286535588);
    return x * (tanh(inner) * 0.5 + 0.5);
  }
};
// The largest element along the axes, which may have none: then nothing is computed from it. What is subtracted from every element does
// not change the result, so that no derivative passes.
constexpr value largest(value x, const axes& a) {
  return identity(detail::reduce_node(x, opcode::reduce_max, a, keep{true}, x.type(), nullptr, true), graph::stopped);
}
struct softmax {
  static constexpr value trace(value x, axes a) {
    if (!check_floating(x)) return x;
    const value w = widened(x), e = exp(w - largest(w, a));
    return cast::trace(e * (1 / reduce<opcode::reduce_sum>::trace(e, a, keep{true})), x.type());
  }
};
struct log_softmax {
  static constexpr value trace(value x, axes a) {
    if (!check_floating(x)) return x;
    const value w = widened(x), d = w - largest(w, a);
    return cast::trace(d - log(reduce<opcode::reduce_sum>::trace(exp(d), a, keep{true})), x.type());
  }
};
struct layer_norm {
  static constexpr value trace(value x, axes a, value epsilon) {
    if (!check_floating(x)) return x;
    const value w = widened(x), d = w - mean::trace(w, a, keep{true});
    return cast::trace(d * rsqrt(mean::trace(d * d, a, keep{true}) + widened(epsilon)), x.type());
  }
};
struct rms_norm {
  static constexpr value trace(value x, axes a, value epsilon) {
    if (!check_floating(x)) return x;
    const value w = widened(x);
    return cast::trace(w * rsqrt(mean::trace(w * w, a, keep{true}) + widened(epsilon)), x.type());
  }
};
struct cross_entropy {
  static constexpr value trace(value logits, value labels) {
    graph::builder& g = *logits.graph();
    if (!check_floating(logits)) return logits;
    const int last = logits.rank() - 1;
    if (last < 0) {
      g.fail(rank_not_supported);
      return logits;
    }
    const value lp = log_softmax::trace(widened(logits), axes(last));
    value picked;
    if (labels.type() == logits.type()) picked = widened(labels) * lp;
    else {
      shape<> s = labels.shape();
      if (!is_integer(labels.type()) || s.rank != last) {
        g.fail(is_integer(labels.type()) ? rank_not_supported : is_float(labels.type()) ? element_types_differ : needs_integer);
        if (!g.failed.count) g.failed.show(logits.shape()), g.failed.show(s), g.failed.show(labels.type());
        return logits;
      }
      s.append(1);
      picked = where(one_hot::is_class(labels, s, logits.shape()), lp, 0);
    }
    return cast::trace(-mean::trace(reduce<opcode::reduce_sum>::trace(picked, axes(last))), logits.type());
  }
};

}  // namespace ops

/// y = max(x, 0). NaN passes through.
template <operand X> constexpr auto relu(const X& x) { return suspend<ops::relu>(x); }
/// y = x / (1 + exp(-x)). Types: floating point. Cost: 1 exp, 1 division an element.
/// Error: f32 2.4, f64 2.4 ulp for x > -80.
template <operand X> constexpr auto silu(const X& x) { return suspend<ops::silu>(x); }
/// y = x (1 + erf(x / sqrt 2)) / 2. Types: floating point. Cost: 1 erf an element. Source: Hendrycks and Gimpel, arXiv:1606.08415.
/// Error: f32 1.75, f64 1.9 ulp for x >= 0; f32 0.95 |x| 2^-24, f64 |x| 2^-53 for x < 0, where 1 + erf cancels: 3 ulp down to x = -1, and
/// no digit is right below -5.5 (f64: -8.3), where the result soon is -0. x * 0.5 * erfc(x * -0.7071067811865476) keeps the digits and
/// takes a third longer (f64: a sixth).
template <operand X> constexpr auto gelu(const X& x) { return suspend<ops::gelu>(x); }
/// y = x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) / 2. Types: floating point. Cost: 1 tanh an element. Source: arXiv:1606.08415.
/// Error: f32 1.9, f64 1.9 ulp for x >= 0; f32 1.3 |x| 2^-24, f64 1.4 |x| 2^-53 for x < 0, where 1 + tanh cancels.
template <operand X> constexpr auto gelu_tanh(const X& x) { return suspend<ops::gelu_tanh>(x); }
/// y = exp(x - max) / sum(exp(x - max)) along the axes. Shapes: x [..., n] -> [..., n]. Types: floating point; f16 and bf16 compute in
/// f32 and round once.
/// Error: 4.1 ulp seen in f32 for x in [-8, 8]; x - max rounds, so it grows with |x - max| 2^-24. Cost: one kernel; x read once, y written
/// once; 1 exp an element, 1 division a row. A row of -inf gives NaN. Along an axis of no elements: no elements.
template <operand X, int... A> constexpr auto softmax(const X& x, axis_t<A...> a) { return suspend<ops::softmax>(x, a); }
template <operand X> constexpr auto softmax(const X& x) { return suspend<ops::softmax>(x, axis<-1>); }
constexpr value softmax(const value& x, axes a) { return ops::softmax::trace(x, a); }
/// y = x - max - log(sum(exp(x - max))) along the axes. Types: as softmax. Cost: one kernel; 1 exp an element.
template <operand X, int... A> constexpr auto log_softmax(const X& x, axis_t<A...> a) { return suspend<ops::log_softmax>(x, a); }
template <operand X> constexpr auto log_softmax(const X& x) { return suspend<ops::log_softmax>(x, axis<-1>); }
constexpr value log_softmax(const value& x, axes a) { return ops::log_softmax::trace(x, a); }
/// y = (x - mean) / sqrt(var + epsilon) along the axes; scale and shift are the caller's: layer_norm(x, axis<1>) * g + b.
/// Types: floating point; f16 and bf16 compute in f32 and round once. Cost: one kernel; the row is read from cache twice more.
/// Source: Ba et al., arXiv:1607.06450.
template <operand X, int... A> constexpr auto layer_norm(const X& x, axis_t<A...> a, double epsilon = 1e-5) {
  return suspend<ops::layer_norm>(x, a, epsilon);
}
constexpr value layer_norm(const value& x, axes a, value epsilon = 1e-5) { return ops::layer_norm::trace(x, a, epsilon); }
/// y = x / sqrt(mean(x^2) + epsilon) along the axes. Types: as layer_norm. Source: Zhang and Sennrich, arXiv:1910.07467.
template <operand X, int... A> constexpr auto rms_norm(const X& x, axis_t<A...> a, double epsilon = 1e-5) {
  return suspend<ops::rms_norm>(x, a, epsilon);
}
constexpr value rms_norm(const value& x, axes a, value epsilon = 1e-5) { return ops::rms_norm::trace(x, a, epsilon); }
/// y = -mean over rows of log_softmax(logits)[label]; labels are class ids [...] or probabilities [..., n]. A class id outside 0..n-1
/// contributes 0. Shapes: logits [..., n] -> []. Types: floating point logits, integer ids or probabilities of the same type; f16 and bf16
/// compute in f32 and round once.
template <operand X, operand L> constexpr auto cross_entropy(const X& logits, const L& labels) {
  return suspend<ops::cross_entropy>(logits, labels);
}

}  // namespace sinter
