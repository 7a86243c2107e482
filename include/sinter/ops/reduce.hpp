// SPDX-License-Identifier: Apache-2.0
// Reductions over axes. Without an axis all are reduced; negative axes count from the end; `keepdims` keeps them with extent 1.
// The order of a reduction is fixed: see include/sinter/README.md.
#pragma once

#include <sinter/ops/views.hpp>

namespace sinter {

namespace detail {

// One node for each run of neighbouring axes, the last run first; then the reduced axes are dropped unless kept. `of_nothing`: what max
// and min give for no elements is not looked at.
constexpr value reduce_node(value x, opcode op, const axes& which, keep k, dtype result, const extent_t* extra = nullptr,
                            bool of_nothing = false) {
  graph::builder& g = *x.graph();
  const shape<> from = x.shape();
  const axes a = normal_axes(g, which, from);
  if (g.failed.broken) return x;
  bool reduced[max_rank] = {};
  for (int i = 0; i < a.count; ++i) reduced[a.axis[i]] = true;
  const bool needs_one =
      !of_nothing && (op == opcode::reduce_max || op == opcode::reduce_min || op == opcode::reduce_argmax || op == opcode::reduce_argmin);
  for (int last = from.rank; last > 0;) {
    if (!reduced[last - 1]) {
      --last;
      continue;
    }
    int first = last - 1;
    while (first > 0 && reduced[first - 1]) --first;
    shape<> s = x.shape();
    for (int i = first; i < last; ++i) {
      if (needs_one && s[i] == 0) {
        g.fail(reduction_of_nothing);
        if (!g.failed.count) g.failed.show(from), g.failed.show(static_cast<extent_t>(i));
        return x;
      }
      if (needs_one && graph::is_symbol(s[i])) g.require({s[i], 1, graph::constraint::at_least});
      s[i] = 1;
    }
    const extent_t attribute[] = {first, last, extra ? *extra : 0};
    const int id = x.id();
    x = {g, g.add(op, result, s, &id, 1, attribute, 3)};
    last = first;
  }
  if (k.value) return x;
  shape<> kept;
  for (int i = 0; i < from.rank; ++i)
    if (!reduced[i]) kept.append(from[i]);
  return ops::reshape::trace(x, kept);
}

constexpr value take_all(value x) {  // one axis that holds everything
  return ops::reshape::trace(x, shape<>(x.graph()->size_of(x.shape())));
}

// The derivative of a broadcast, and of the value of a pad: sums over what was repeated.
constexpr value unbroadcast(value y, value ct) {
  const shape<> from = operand_of(y, 0).shape(), to = y.shape();
  bool repeats[max_rank] = {};
  for (int i = 0; i < to.rank; ++i) repeats[i] = true;
  for (int i = 0; i < from.rank; ++i) {
    const int at = static_cast<int>(attribute_of(y, i));
    repeats[at] = from[i] == 1 && to[at] != 1;
  }
  axes over;
  for (int i = 0; i < to.rank; ++i)
    if (repeats[i]) over.axis[over.count++] = i;
  if (over.count > 0) ct = reduce_node(ct, opcode::reduce_sum, over, keep{true}, ct.type());
  return ops::reshape::trace(ct, from);
}
constexpr value unpad(value y, int k, value ct) {
  const value inner = ops::pad::inner(y, ct);
  if (k == 0) return inner;
  const auto sum = [](value x) { return reduce_node(x, opcode::reduce_sum, {}, {}, x.type()); };
  return sum(ct) - sum(inner);
}

}  // namespace detail

namespace ops {

// Derivatives of the node that a reduction is: that of each element with respect to the result, which then is scaled and summed.
// The elements that are largest share the derivative. A product is that of the other elements: where one is 0, only its own is not 0.
// Source: JAX; its second derivatives of products with a 0 among the factors are not kept.
struct reduction {
  static constexpr value pullback(value y, value ct) {
    const value x = source(y);
    const value whole = repeated(ct, x);
    return detail::node_of(y).op == opcode::reduce_sum ? whole : whole * slope(y, x);
  }
  // t: the tangent of `source`.
  static constexpr value pushforward(value y, value t) {
    if (detail::node_of(y).op == opcode::reduce_sum) return detail::again(y, &t);
    const value scaled = t * slope(y, source(y));
    return total(scaled, reduced_axes(y, scaled), opcode::reduce_sum);
  }
  // What the largest is taken from, through several runs of axes: a tie is one over all of them.
  static constexpr value source(value y) {
    value x = detail::operand_of(y, 0);
    while (is_extreme(y) && detail::node_of(x).op == detail::node_of(y).op) x = detail::operand_of(x, 0);
    return x;
  }
  static constexpr value batched(value y, value x) {
    const extent_t attribute[] = {detail::attribute_of(y, 0) + 1, detail::attribute_of(y, 1) + 1, detail::attribute_of(y, 2)};
    return detail::again(y, &x, detail::batch_of(x, y.shape()), attribute);
  }

 private:
  static constexpr bool is_extreme(value y) {
    return detail::node_of(y).op == opcode::reduce_max || detail::node_of(y).op == opcode::reduce_min;
  }
  static constexpr value repeated(value x, value like) { return detail::broadcast_right(*x.graph(), x, shape<>(like.shape())); }
  static constexpr axes reduced_axes(value y, value x) {
    axes a;
    for (int i = 0; i < x.rank(); ++i)
      if (y.shape()[i] == 1 && x.shape()[i] != 1) a.axis[a.count++] = i;
    return a;
  }
  static constexpr value total(value x, const axes& over, opcode op) {
    return over.count ? detail::reduce_node(x, op, over, keep{true}, x.type()) : x;
  }
  static constexpr value slope(value y, value x) {
    const axes over = reduced_axes(y, x);
    const auto count = [&](value is) { return total(cast::trace(is, y.type()), over, opcode::reduce_sum); };
    if (is_extreme(y)) {
      const value is = x == repeated(y, x);
      return where(is, repeated(1 / count(is), x), 0);
    }
    const value is_zero = x == 0, zeros = repeated(count(is_zero), x), others = where(is_zero, 1, x);
    const value rest = repeated(total(others, over, opcode::reduce_prod), x);
    return where(zeros == 0, repeated(y, x) / others, where(is_zero & (zeros == 1), rest, 0));
  }
};

template <opcode Op> struct reduce {
  static constexpr value trace(value x, axes a = {}, keep k = {}) {
    constexpr bool logical = Op == opcode::reduce_any || Op == opcode::reduce_all;
    const bool no_complex = is_complex(x.type()) && Op != opcode::reduce_sum;
    if (logical != (x.type() == dtype::boolean) || no_complex) {
      x.graph()->fail(no_complex ? not_for_complex : logical ? needs_bool : needs_number);
      if (!x.graph()->failed.count) x.graph()->failed.show(x.type()), x.graph()->failed.show(x.shape());
      return x;
    }
    return detail::reduce_node(x, Op, a, k, x.type());
  }
  static constexpr value trace(value x, keep k) { return trace(x, {}, k); }
};
template <opcode Op> struct arg_reduce {
  static constexpr value trace(value x, axes a = {}, keep k = {}) {
    graph::builder& g = *x.graph();
    if (x.type() == dtype::boolean || is_complex(x.type()) || a.count > 1) {
      g.fail(is_complex(x.type()) ? not_for_complex : a.count > 1 ? one_axis_needed : needs_number);
      if (!g.failed.count) g.failed.show(x.type()), g.failed.show(x.shape());
      return x;
    }
    if (a.count == 0) x = detail::take_all(x), a = axes(0);
    return detail::reduce_node(x, Op, a, k, dtype::i64);
  }
};
// The number of elements that a reduction combines, as a value of type t.
constexpr value reduced_count(value x, const axes& which, dtype t) {
  graph::builder& g = *x.graph();
  const axes a = detail::normal_axes(g, which, x.shape());
  extent_t n = 1;
  for (int i = 0; i < a.count; ++i) n = g.product(n, x.shape()[a.axis[i]]);
  if (!graph::is_symbol(n)) return {g, g.constant(t, static_cast<double>(n), n)};
  return {g, g.add(opcode::extent, t, {}, nullptr, 0, &n, 1)};
}
constexpr bool check_floating(value x) {
  if (is_float(x.type())) return true;
  x.graph()->fail(is_complex(x.type()) ? not_for_complex : needs_floating_point);
  if (!x.graph()->failed.count) x.graph()->failed.show(x.type()), x.graph()->failed.show(x.shape());
  return false;
}
// What a composition computes with, so that it rounds once, at its end: f32 for f16 and bf16.
constexpr value widened(value x) { return !x.is_number() && is_float(x.type()) && size_of(x.type()) == 2 ? cast::trace(x, dtype::f32) : x; }
struct mean {
  static constexpr value trace(value x, axes a = {}, keep k = {}) {
    if (!x.is_number() && is_complex(x.type())) return join_parts(trace(part(x, opcode::real), a, k), trace(part(x, opcode::imag), a, k));
    if (!check_floating(x)) return x;
    const value w = widened(x), s = reduce<opcode::reduce_sum>::trace(w, a, k);
    return cast::trace(element<opcode::divide>::trace(s, reduced_count(w, a, w.type())), x.type());
  }
  static constexpr value trace(value x, keep k) { return trace(x, {}, k); }
};
struct var {
  static constexpr value trace(value x, axes a = {}, keep k = {}) {
    if (!check_floating(x)) return x;
    const value w = widened(x), d = element<opcode::subtract>::trace(w, mean::trace(w, a, keep{true}));
    return cast::trace(mean::trace(element<opcode::multiply>::trace(d, d), a, k), x.type());
  }
  static constexpr value trace(value x, keep k) { return trace(x, {}, k); }
};

}  // namespace ops

/// y = the sum of the elements; of nothing 0. Types: numbers, complex; f16 and bf16 accumulate in f32; integers wrap.
/// Error: pairwise over blocks. Cost: 1 op an element, one read.
template <operand X, class... A> constexpr auto sum(const X& x, A... a) { return suspend<ops::reduce<opcode::reduce_sum>>(x, a...); }
/// y = the largest element; NaN wins, -0 < +0; of nothing: an error. Types: numbers.
template <operand X, class... A> constexpr auto max(const X& x, A... a) { return suspend<ops::reduce<opcode::reduce_max>>(x, a...); }
/// y = the smallest element; NaN wins, -0 < +0; of nothing: an error. Types: numbers.
template <operand X, class... A> constexpr auto min(const X& x, A... a) { return suspend<ops::reduce<opcode::reduce_min>>(x, a...); }
/// y = whether any element is true; of nothing false. Types: bool.
template <operand X, class... A> constexpr auto any(const X& x, A... a) { return suspend<ops::reduce<opcode::reduce_any>>(x, a...); }
/// y = whether every element is true; of nothing true. Types: bool.
template <operand X, class... A> constexpr auto all_of(const X& x, A... a) { return suspend<ops::reduce<opcode::reduce_all>>(x, a...); }
/// y = the index of the largest element along one axis, or of all in row-major order: the first of equals, the first NaN wins. Gives i64.
template <operand X, class... A> constexpr auto argmax(const X& x, A... a) {
  return suspend<ops::arg_reduce<opcode::reduce_argmax>>(x, a...);
}
/// y = the index of the smallest element; as argmax.
template <operand X, class... A> constexpr auto argmin(const X& x, A... a) {
  return suspend<ops::arg_reduce<opcode::reduce_argmin>>(x, a...);
}
/// y = sum(x) / n; of nothing NaN. Types: floating point, complex; f16 and bf16 compute in f32 and round once.
template <operand X, class... A> constexpr auto mean(const X& x, A... a) { return suspend<ops::mean>(x, a...); }
/// y = mean((x - mean(x))^2), the population variance (ddof 0); of nothing NaN. Types: floating point; f16 and bf16 compute in f32 and
/// round once. Cost: the row is read twice from cache.
template <operand X, class... A> constexpr auto var(const X& x, A... a) { return suspend<ops::var>(x, a...); }

}  // namespace sinter
