// SPDX-License-Identifier: Apache-2.0
// What the transformations of functions share: the arguments of a traced call as trees of values, some of which become variables, and the
// functor around a transformation.
#pragma once

#include <sinter/ops/identity.hpp>
#include <sinter/run/fn.hpp>

namespace sinter::detail {

using value_list = list<value>;

// An argument of a function that is being traced: a value, or a tree of values.
template <class X> constexpr auto traced_argument(graph::builder& g, const X& x) {
  if constexpr (is_nested<X> || is_value<X>) return x;
  else if constexpr (expression_like<X>) return value(to_traced(g, x));
  else return value(to_traced(g, keep_operand(x)));
}
template <class X> using traced_argument_t = decltype(traced_argument(std::declval<graph::builder&>(), std::declval<const X&>()));

template <class X> constexpr void collect(const X& tree, value_list& to) {
  std::apply([&](const auto&... leaf) { (to.add(leaf), ...); }, leaves_of(tree));
}
// A tree with other leaves.
template <class X> constexpr X with_leaves(X tree, const value* from) {
  int next = 0;
  std::apply([&](auto&... leaf) { ((leaf = from[next++]), ...); }, leaves_of(tree));
  return tree;
}
// With leaves that are nodes: a number that stands alone takes its natural type.
template <class X> constexpr X with_nodes(graph::builder& g, const X& tree, value_list& leaf) {
  const int first = leaf.size();
  collect(tree, leaf);
  for (int i = first; i < leaf.size(); ++i)
    if (leaf[i].is_number()) leaf[i] = leaf[i].as(g, leaf[i].natural_type());
  return with_leaves(tree, leaf.data() + first);
}
// The results of a function, as nodes.
template <class F, class Arguments> constexpr auto traced_call(graph::builder& g, const Arguments& x, value_list& result) {
  return with_nodes(g, traced_argument(g, std::apply(F{}, x)), result);
}

constexpr value refuse(graph::builder& g, const rule& broken, const value& x) {
  g.fail(broken);
  if (!g.failed.count && !x.is_number()) g.failed.show(x.type()), g.failed.show(x.shape());
  return x;
}
constexpr bool is_float_or_complex(const value& x) { return is_float(x.type()) || is_complex(x.type()); }
// t where something of the shape and type of x is needed; run-time extents are compared when the function is called.
constexpr value matched(graph::builder& g, const value& t, const value& x) {
  const shape<> a = x.shape(), b = t.shape();
  bool good = t.type() == x.type() && a.rank == b.rank;
  for (int i = 0; i < a.rank && good; ++i) g.require_equal(a[i], b[i], good);
  if (good) return broadcast_right(g, t, a);
  if (g.failed.broken) return x;
  g.fail(tangent_does_not_fit);
  g.failed.show(x.type()), g.failed.show(a), g.failed.show(t.type()), g.failed.show(b);
  return x;
}

// Argument I with variables of their own for leaves.
template <class X> constexpr X with_variables(graph::builder& g, const X& tree, value_list& variable) {
  const int first = variable.size();
  const X nodes = with_nodes(g, tree, variable);
  for (int i = first; i < variable.size() && !g.failed.broken; ++i) {
    value& x = variable[i];
    if (is_float_or_complex(x)) x = ops::identity(x, graph::variable);
    else refuse(g, argument_has_no_derivative, x);
  }
  return with_leaves(nodes, variable.data() + first);
}
template <int... I, class Arguments> constexpr void take_variables(graph::builder& g, Arguments& x, value_list& variable, int_list<I...>) {
  ((std::get<I>(x) = with_variables(g, std::get<I>(x), variable)), ...);
}

// The arguments that a transformation names: one plain, several as a tuple.
template <int... I, class Arguments> constexpr auto chosen(const Arguments& x, int_list<I...>) {
  if constexpr (sizeof...(I) == 1) return (std::get<I>(x), ...);
  else return std::tuple<std::tuple_element_t<I, Arguments>...>(std::get<I>(x)...);
}
template <class Arguments, int... I> constexpr auto first_of(const Arguments& x, int_list<I...>) {
  return std::tuple<std::tuple_element_t<I, Arguments>...>(std::get<I>(x)...);
}
template <class Arguments, int N> using first_of_t = decltype(first_of(std::declval<const Arguments&>(), make_int_list<N>{}));

// The builder in which the values of some arguments are.
template <class X, class... Rest> constexpr graph::builder* graph_of_trees(const X& x, const Rest&... rest) {
  graph::builder* g = nullptr;
  if constexpr (is_nested<X> || is_value<X>) std::apply([&](const auto&... leaf) { ((g = g ? g : graph_of(leaf)), ...); }, leaves_of(x));
  if constexpr (sizeof...(Rest) > 0) g = g ? g : graph_of_trees(rest...);
  return g;
}
template <int... I> constexpr bool all_below(int n, int_list<I...>) { return ((I >= 0 && I < n) && ...); }

// The functor of a transformation. T has `takes<Arguments>`, in_range(number of arguments), and trace(g, arguments).
template <class T> struct transformation {
  template <class... X>
  requires T::template takes<std::tuple<traced_argument_t<X>...>> constexpr auto operator()(const X&... x) const {
    graph::builder& g = *graph_of_trees(x...);
    if constexpr (!T::in_range(sizeof...(X))) return g.fail(transformed_argument_is_missing), value(g, 0);
    else return T::trace(g, std::tuple<traced_argument_t<X>...>(traced_argument(g, x)...));
  }
};

}  // namespace sinter::detail
