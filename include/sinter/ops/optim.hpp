// SPDX-License-Identifier: Apache-2.0
// Steps of optimisers, leaf by leaf of trees of parameters, as compositions of ops: what they compute, not where it is written. The
// functions for users are in run/optim.hpp. Source of the formulas: Optax.
#pragma once

#include <sinter/graph/tree.hpp>
#include <sinter/ops/nn.hpp>
#include <sinter/ops/reduce.hpp>

namespace sinter {

namespace detail {

// A number, traced or not, as one of type t.
constexpr value as_type(graph::builder& g, const value& x, dtype t) { return x.is_number() ? x.as(g, t) : ops::cast::trace(x, t); }
// What a leaf is computed in: f16 and bf16 are rounded once, at the end.
constexpr dtype computed_in(const value& leaf) { return leaf.type() == dtype::f64 ? dtype::f64 : dtype::f32; }

template <class T> using leaves_of_tree = decltype(leaves_of(std::declval<T&>()));
template <class T> inline constexpr int leaves_in = static_cast<int>(std::tuple_size_v<leaves_of_tree<T>>);
template <class T> constexpr graph::builder& graph_of_tree(const T& tree) { return *std::get<0>(leaves_of(tree)).graph(); }

// f(leaf of the first tree, leaf of the second, ...) for each leaf. The trees have equally many.
template <int I, class F, class... Leaves> constexpr void leaf_at(const F& f, const Leaves&... leaves) {
  f(std::get<static_cast<std::size_t>(I)>(leaves)...);
}
template <class F, int... I, class... Leaves> constexpr void each_leaf_of(const F& f, int_list<I...>, const Leaves&... leaves) {
  (leaf_at<I>(f, leaves...), ...);
}
template <class F, class First, class... More> constexpr void each_leaf(const F& f, First& first, More&... more) {
  each_leaf_of(f, make_int_list<leaves_in<First>>{}, leaves_of(first), leaves_of(more)...);
}

constexpr void check_like(const value& a, const value& b) {
  graph::builder& g = *a.graph();
  bool same = !b.is_number() && a.rank() == b.rank();
  for (int i = 0; same && i < a.rank(); ++i) g.require_equal(a.shape()[i], b.shape()[i], same);
  if (!same) g.fail(trees_differ);
  else if (!is_float(a.type()) || !is_float(b.type())) g.fail(needs_floating_point);
  else return;
  if (g.failed.count) return;
  g.failed.show(a.type()), g.failed.show(a.shape());
  if (!b.is_number()) g.failed.show(b.type()), g.failed.show(b.shape());
}
// Whether the leaves of trees belong together: as many, floating point, of one shape. Else a broken rule.
template <class P, class... T> inline constexpr bool are_as_many = ((leaves_in<T> == leaves_in<P>)&&...);
template <class P, class... T> constexpr bool are_like(const P& p, const T&... other) {
  graph::builder& g = graph_of_tree(p);
  each_leaf([](const value& a) { check_like(a, a); }, p);
  if constexpr (!are_as_many<P, T...>) g.fail(trees_differ);
  else (each_leaf([](const value& a, const value& b) { check_like(a, b); }, p, other), ...);
  return !g.failed.broken;
}

// A rate: a number, traced or not, or a function of the number of steps taken so far.
template <class R> constexpr value rate_after(const R& rate, const value& count) {
  if constexpr (requires { rate(count); }) return rate(count);
  else return rate;
}

}  // namespace detail

namespace ops {

struct global_norm {
  template <class G> static constexpr value trace(const G& gradient) {
    graph::builder& g = detail::graph_of_tree(gradient);
    if (!detail::are_like(gradient)) return std::get<0>(detail::leaves_of(gradient));
    dtype widest = dtype::f32;
    detail::each_leaf([&](const value& x) { widest = detail::computed_in(x) == dtype::f64 ? dtype::f64 : widest; }, gradient);
    value squares = value(0).as(g, widest);
    detail::each_leaf(
        [&](const value& x) {
          const value w = cast::trace(x, detail::computed_in(x));
          squares = squares + cast::trace(reduce<opcode::reduce_sum>::trace(w * w), widest);
        },
        gradient);
    return sqrt(squares);
  }
};
struct clip_by_global_norm {
  template <class G, class M> static constexpr G trace(G gradient, const M& most) {
    graph::builder& g = detail::graph_of_tree(gradient);
    const value norm = global_norm::trace(gradient);
    if (g.failed.broken) return gradient;
    const value limit = detail::as_type(g, most, norm.type()), factor = where(norm < limit, 1, limit / norm);
    detail::each_leaf(
        [&](value& x) {
          const dtype t = detail::computed_in(x);
          x = cast::trace(cast::trace(x, t) * cast::trace(factor, t), x.type());
        },
        gradient);
    return gradient;
  }
};

struct sgd {
  template <class P, class G, class R> static constexpr P trace(P p, const G& gradient, const R& rate) {
    graph::builder& g = detail::graph_of_tree(p);
    if (!detail::are_like(p, gradient)) return p;
    if constexpr (detail::are_as_many<P, G>)
      detail::each_leaf(
          [&](value& x, const value& slope) {
            const dtype t = detail::computed_in(x);
            x = cast::trace(cast::trace(x, t) - detail::as_type(g, rate, t) * cast::trace(slope, t), x.type());
          },
          p, gradient);
    return p;
  }
};

template <bool Nesterov> struct momentum {
  template <class P, class G, class S, class R, class D>
  static constexpr auto trace(P p, const G& gradient, S state, const R& schedule, const D& decay) {
    graph::builder& g = detail::graph_of_tree(p);
    const auto parts = detail::parts_of(state);
    auto& count = std::get<0>(parts);
    auto& velocity = std::get<1>(parts);
    if (!detail::are_like(p, gradient, velocity)) return std::tuple(p, state);
    const value rate = detail::rate_after(schedule, count);
    if constexpr (detail::are_as_many<P, G, std::remove_cvref_t<decltype(velocity)>>)
      detail::each_leaf(
          [&](value& x, const value& slope, value& v) {
            const dtype t = detail::computed_in(x);
            const value d = cast::trace(slope, t), keep = detail::as_type(g, decay, t), next = keep * cast::trace(v, t) + d;
            const value update = Nesterov ? keep * next + d : next;
            x = cast::trace(cast::trace(x, t) - detail::as_type(g, rate, t) * update, x.type());
            v = cast::trace(next, v.type());
          },
          p, gradient, velocity);
    count = count + 1;
    return std::tuple(p, state);
  }
};

// Options: b1, b2, epsilon, epsilon_root, weight_decay.
struct adam {
  template <class P, class G, class S, class R, class O>
  static constexpr auto trace(P p, const G& gradient, S state, const R& schedule, const O& options) {
    graph::builder& g = detail::graph_of_tree(p);
    const auto parts = detail::parts_of(state);
    auto& count = std::get<0>(parts);
    auto& mean = std::get<1>(parts);
    auto& square = std::get<2>(parts);
    if (!detail::are_like(p, gradient, mean, square)) return std::tuple(p, state);
    const value rate = detail::rate_after(schedule, count);
    count = count + 1;
    const auto option = detail::parts_of(options);
    if constexpr (detail::are_as_many<P, G, std::remove_cvref_t<decltype(mean)>, std::remove_cvref_t<decltype(square)>>)
      detail::each_leaf(
          [&](value& x, const value& slope, value& m, value& v) {
            const dtype t = detail::computed_in(x);
            const auto in = [&](const auto& n) { return detail::as_type(g, n, t); };
            const value b1 = in(std::get<0>(option)), b2 = in(std::get<1>(option)), d = in(slope);
            const value next_m = b1 * in(m) + (1 - b1) * d, next_v = b2 * in(v) + (1 - b2) * (d * d);
            const value scale_m = 1 / remaining(b1, in(count)), scale_v = 1 / remaining(b2, in(count));
            value update = next_m * scale_m / (sqrt(next_v * scale_v + in(std::get<3>(option))) + in(std::get<2>(option)));
            if constexpr (std::tuple_size_v < decltype(option) >> 4) update = update + in(std::get<4>(option)) * in(x);
            x = cast::trace(in(x)-in(rate)*update, x.type());
            m = cast::trace(next_m, m.type());
            v = cast::trace(next_v, v.type());
          },
          p, gradient, mean, square);
    return std::tuple(p, state);
  }

 private:
  // 1 - b^n without the digits that b close to 1 would lose.
  static constexpr value remaining(const value& b, const value& n) { return -expm1(n * log1p(b - 1)); }
};

}  // namespace ops
}  // namespace sinter
