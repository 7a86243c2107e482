// SPDX-License-Identifier: Apache-2.0
// What the elements up to each one give: cumsum and its like, and associative_scan by any associative function. Short axes take steps of
// doubling distance; long ones are cut into pieces that go along side by side, and then learn what the pieces before them gave.
#pragma once

#include <sinter/ops/fold.hpp>

namespace sinter {

/// From the last element to the first: `cumsum(x, axis<1>, backward)`.
struct backwards {
  bool value = false;
};
struct backward_t {
  constexpr operator backwards() const { return {true}; }
};
inline constexpr backward_t backward{};
template <> inline constexpr bool is_attribute<backward_t> = true;
template <> inline constexpr bool is_traced_attribute<backwards> = true;

namespace detail {

// y[:, i] = x[:, i - d] . x[:, i] for x [before, n, after] in memory, the first d as they are.
template <class Body> constexpr void combine_at_distance(graph::builder& g, value* x, int n, extent_t d, const Body& body) {
  const extent_t length = x[0].shape()[1];
  list<value> early, late;
  for (int k = 0; k < n; ++k) {
    early.add(part_of_middle(written(x[k]), 0, length - d)), late.add(part_of_middle(x[k], d, length));
  }
  apply_body(g, body, early.data(), late.data(), n, late.begin());
  for (int k = 0; k < n && !g.failed.broken; ++k) x[k] = ops::concatenate::join(g, part_of_middle(x[k], 0, d), late[k], 1);
}
// The same for d = 1, 2, 4, ... in a loop.
template <class Body> constexpr void combine_at_distances(graph::builder& g, value* x, int n, const Body& body) {
  const shape<> s = x[0].shape();
  const dtype t = offset_type(s);
  int steps = 0;
  while (extent_t{1} << steps < s[1]) ++steps;
  const extent_t along[] = {g.product(s[1], s[2]), 0, 1};
  const value place = {g, ops::iota::trace(g, t, shape<>(s[1]), axes(0)).id()};
  list<value> early;
  early.resize(n);
  repeat(g, steps, x, n, [&](value i, const value* carry, value* next) {
    const value from = place - shift_left(value(1).as(g, t), ops::cast::trace(i, t));
    const value base = broadcast_node(g, times(maximum(from, 0), s[2]), s, axes(1));
    for (int k = 0; k < n; ++k) early[k] = gather_node(carry[k], base, along);
    apply_body(g, body, early.data(), carry, n, next);
    const value has_early = broadcast_node(g, from >= 0, s, axes(1));
    for (int k = 0; k < n && !g.failed.broken; ++k) next[k] = where(has_early, next[k], carry[k]);
  });
}
// How to go along: element by element, or in few steps of many elements each, of which each may be kernels of its own.
enum class scan_order : std::uint8_t { in_sequence, few_steps, few_kernels };
template <class Body> constexpr void accumulate(graph::builder& g, value* x, int n, scan_order how, const Body& body);
// In pieces of some length: first along all pieces at once, element by element; then what is before each.
template <class Body>
constexpr void accumulate_pieces(graph::builder& g, value* x, int n, extent_t length, scan_order how, const Body& body) {
  const shape<> s = x[0].shape();
  const extent_t pieces = s[1] / length;
  const shape<> to(s[0], pieces, s[2]), flat(s[0], pieces * length, s[2]);
  const extent_t along[] = {g.product(s[1], s[2]), g.product(length, s[2]), 1};
  const dtype t = offset_type(s);
  list<value> sum, b, each;
  sum.resize(n), b.resize(n), each.resize(n);
  const auto read = [&](value i, value* into) {
    for (int k = 0; k < n; ++k) into[k] = read_from(x[k], times(ops::cast::trace(i, t), s[2]), to, along);
  };
  read({g, g.constant(dtype::i32, 0, 0)}, sum.begin());
  shape<> one(1);
  for (int d = 0; d < 3; ++d) one.append(to[d]);
  for (int k = 0; k < n; ++k) b[k] = ops::reshape::trace(sum[k], one);
  list<value> first, lane;
  for (int k = 0; k < n; ++k) first.add(b[k]);
  repeat(
      g, length - 1, sum.begin(), n,
      [&](value i, const value* carry, value* next) {
        read(i + 1, b.begin());
        apply_body(g, body, carry, b.data(), n, next);
      },
      each.begin());
  if (g.failed.broken) return;
  for (int k = 0; k < n; ++k) lane.add(ops::transpose::trace(ops::concatenate::join(g, first[k], each[k], 0), axes(1, 2, 0, 3)));
  if (pieces > 1) {
    accumulate(g, sum.begin(), n, how, body);
    list<value> before, after;
    for (int k = 0; k < n; ++k) {
      const range_value later[] = {all, {1, pieces}, all, all};
      after.add(ops::slice::trace_ranges(lane[k], later, 4));
      before.add(broadcast_node(g, part_of_middle(written(sum[k]), 0, pieces - 1), after[k].shape(), axes(0, 1, 3)));
    }
    apply_body(g, body, before.data(), after.data(), n, after.begin());
    const range_value earliest[] = {all, {0, 1}, all, all};
    for (int k = 0; k < n && !g.failed.broken; ++k)
      lane[k] = ops::concatenate::join(g, ops::slice::trace_ranges(lane[k], earliest, 4), after[k], 1);
  }
  for (int k = 0; k < n && !g.failed.broken; ++k) lane[k] = ops::reshape::trace(lane[k], flat);
  const extent_t done = pieces * length;
  if (done < s[1] && !g.failed.broken) {  // what is left, after the last of them
    list<value> last, rest;
    for (int k = 0; k < n; ++k) rest.add(part_of_middle(x[k], done, s[1]));
    accumulate(g, rest.begin(), n, how, body);
    for (int k = 0; k < n && !g.failed.broken; ++k)
      last.add(broadcast_right(g, part_of_middle(written(lane[k]), done - 1, done), rest[k].shape()));
    if (!g.failed.broken) apply_body(g, body, last.data(), rest.data(), n, rest.begin());
    for (int k = 0; k < n && !g.failed.broken; ++k) lane[k] = ops::concatenate::join(g, lane[k], rest[k], 1);
  }
  for (int k = 0; k < n; ++k) x[k] = lane[k];
}
// x[:, i] = x[:, 0] . ... . x[:, i] for x [before, n, after].
template <class Body> constexpr void accumulate(graph::builder& g, value* x, int n, scan_order how, const Body& body) {
  const shape<> s = x[0].shape();
  if (s[1] <= 1 || is_empty(s) || g.failed.broken) return;
  const extent_t beside = g.product(s[0], s[2]);
  const bool is_wide = graph::is_symbol(beside) || beside >= 4096;
  if (how == scan_order::in_sequence) return accumulate_pieces(g, x, n, s[1], how, body);
  if (s[1] > 256 || (is_wide && s[1] > 16)) {
    extent_t length = 16;
    while (length * length < s[1]) ++length;
    return accumulate_pieces(g, x, n, is_wide ? s[1] : length, how, body);
  }
  if (s[1] > 16 && how == scan_order::few_kernels) return combine_at_distances(g, x, n, body);
  for (extent_t d = 1; d < s[1]; d *= 2) combine_at_distance(g, x, n, d, body);
}

// out[i] = x[0] . x[1] . ... . x[i] along an axis, or backwards x[last] . ... . x[i]: n operands of one shape, as in `fold`.
template <class Body> constexpr void scan_along(graph::builder& g, const value* x, int n, int along, bool is_backward, scan_order how,
                                                const Body& body, value* out) {
  const shape<> s = x[0].shape();
  for (int k = 0; k < n; ++k) out[k] = x[k];
  if (!check_static(g, s[along], s)) return;
  const auto turned = [&](value v) { return is_backward ? ops::reverse::trace(v, axes(along)) : v; };
  for (int k = 0; k < n; ++k) out[k] = as_three(turned(x[k]), along, along + 1);
  accumulate(g, out, n, how, body);
  for (int k = 0; k < n && !g.failed.broken; ++k) out[k] = turned(ops::reshape::trace(out[k], s));
}
constexpr value cumulate(monoid m, value x, int along, bool is_backward, scan_order how) {
  value y = x;
  scan_along(
      *x.graph(), &x, 1, along, is_backward, how, [m](const value* a, const value* b, value* out) { *out = combine(m, *a, *b); }, &y);
  return y;
}

}  // namespace detail

namespace ops {

template <detail::monoid M> struct cumulate {
  static constexpr value trace(value x, axes along = {}, backwards b = {}) {
    graph::builder& g = *x.graph();
    const bool ordered = M == detail::monoid::maximum || M == detail::monoid::minimum;
    if (x.type() == dtype::boolean || (ordered && is_complex(x.type()))) {
      g.fail(x.type() == dtype::boolean ? needs_number : not_for_complex);
      if (!g.failed.count) g.failed.show(x.type()), g.failed.show(x.shape());
      return x;
    }
    const int k = detail::axis_or_all(x, along);
    if (k < 0) return x;
    const bool rounds = M == detail::monoid::add || M == detail::monoid::multiply;
    return cast::trace(detail::cumulate(M, rounds ? widened(x) : x, k, b.value, detail::scan_order::few_steps), x.type());
  }
  static constexpr value trace(value x, backwards b) { return trace(x, {}, b); }
};
struct cumlogsumexp {
  // Equal infinities have no difference.
  static constexpr void log_of_sum(const value* a, const value* b, value* out) {
    const value d = *a - *b;
    *out = where(d == d, maximum(*a, *b) + log1p(exp(-sinter::abs(d))), *a + *b);
  }
  static constexpr value trace(value x, axes along = {}, backwards b = {}) {
    if (!check_floating(x)) return x;
    const int k = detail::axis_or_all(x, along);
    if (k < 0) return x;
    const value w = widened(x);
    value y = w;
    detail::scan_along(*x.graph(), &w, 1, k, b.value, detail::scan_order::few_kernels, log_of_sum, &y);
    return cast::trace(y, x.type());
  }
  static constexpr value trace(value x, backwards b) { return trace(x, {}, b); }
};

}  // namespace ops

/// y[i] = x[0] + ... + x[i] along an axis; without an axis x counts as flat. `cumsum(x, axis<1>, backward)`: x[i] + ... + x[last].
/// Shapes: x [..., n, ...] -> the same; n is static.  Types: numbers, complex; integers wrap; f16 and bf16 sum in f32.
/// Error:  sums of pairs of sums, about sqrt(n) deep for n > 256, log2(n) below.
/// Cost:   up to 256 elements log2(n) kernels, each of which reads and writes all; more (or more than 16 of 4096 such rows): a loop of
///         about sqrt(n) steps (n), and two more passes. Derivatives: of any order.
/// Source: numpy.cumsum, jax.lax.cumsum.
template <operand X, class... A> constexpr auto cumsum(const X& x, A... a) { return suspend<ops::cumulate<detail::monoid::add>>(x, a...); }
/// y[i] = x[0] x[1] ... x[i]; as cumsum.
template <operand X, class... A> constexpr auto cumprod(const X& x, A... a) {
  return suspend<ops::cumulate<detail::monoid::multiply>>(x, a...);
}
/// y[i] = the largest of x[0], ..., x[i]; NaN wins, -0 < +0. As cumsum. Types: real numbers.
template <operand X, class... A> constexpr auto cummax(const X& x, A... a) {
  return suspend<ops::cumulate<detail::monoid::maximum>>(x, a...);
}
/// y[i] = the smallest of x[0], ..., x[i]; NaN wins, -0 < +0. As cumsum. Types: real numbers.
template <operand X, class... A> constexpr auto cummin(const X& x, A... a) {
  return suspend<ops::cumulate<detail::monoid::minimum>>(x, a...);
}
/// y[i] = log(exp(x[0]) + ... + exp(x[i])), without overflow on the way; as cumsum. Types: floating point.
/// Source: jax.lax.cumlogsumexp.
template <operand X, class... A> constexpr auto cumlogsumexp(const X& x, A... a) { return suspend<ops::cumlogsumexp>(x, a...); }

/// y[i] = f(... f(f(x[0], x[1]), x[2]) ..., x[i]) along an axis; backward: f(... f(x[last], x[last - 1]) ..., x[i]). f takes and returns
/// two traced values, or two trees of values of one shape, such as the pairs of a linear recurrence: `associative_scan([](auto p, auto q) {
/// return std::tuple(std::get<0>(p) * std::get<0>(q), std::get<1>(p) * std::get<0>(q) + std::get<1>(q)); }, std::tuple(a, b), 0)`. It is
/// associative, and is called with tensors in the place of elements. Inside of `fn`.
/// Cost: as cumsum, but from 17 to 256 elements a loop of log2(n) steps. Source: jax.lax.associative_scan.
template <class F, class X> constexpr auto associative_scan(F f, const X& x, int along = 0, backwards b = {}) {
  if constexpr (!detail::is_traced_tree<X>) return error<&loop_without_values, X>{};
  else {
    detail::leaves in(x);
    constexpr int n = decltype(in)::size;
    graph::builder& g = *detail::graph_in(in.at, n);
    value y[n];
    bool same = true;
    for (int k = 0; k < n; ++k) same &= !in.at[k].is_number() && in.at[k].shape() == in.at[0].shape();
    if (!same) {
      g.fail(scan_axes_differ);
      for (int k = 0; k < n && k < 4 && !in.at[k].is_number(); ++k) g.failed.show(in.at[k].shape());
    }
    const axes a = g.failed.broken ? axes{} : detail::normal_axes(g, axes(along), in.at[0].shape());
    if (g.failed.broken) return decltype(in)::whole(in.at);
    const auto body = [&](const value* p, const value* q, value* out) {
      const detail::leaves made(f(decltype(in)::whole(p), decltype(in)::whole(q)));
      static_assert(decltype(made)::size == n,
                    "sinter::associative_scan: the function must return as many values as it takes of each side");
      for (int k = 0; k < n; ++k) out[k] = made.at[k];
    };
    detail::scan_along(g, in.at, n, a.axis[0], b.value, detail::scan_order::few_kernels, body, y);
    return decltype(in)::whole(y);
  }
}

}  // namespace sinter
