// SPDX-License-Identifier: Apache-2.0
// Functions made of functions: derivatives and batches. Each is an `fn` of an empty functor that traces the function and adds nodes to the
// same graph, so that they compose in any order and equal parts of function and derivative are computed once.
#pragma once

#include <sinter/run/transformation.hpp>
#include <sinter/transform/grad.hpp>
#include <sinter/transform/jvp.hpp>

namespace sinter {

namespace detail {

// The gradients of a loss with respect to arguments Which, and its value.
template <class F, class Which, bool WithValue> struct gradient_of {
  template <class Arguments> static constexpr bool takes = applies<F, Arguments>;
  static constexpr bool in_range(int n) { return all_below(n, Which{}); }
  template <class Arguments> static constexpr auto trace(graph::builder& g, Arguments x) {
    value_list variable, result;
    take_variables(g, x, variable, Which{});
    auto gradient = chosen(x, Which{});
    value y(g, 0);
    if (!g.failed.broken) {
      const auto r = traced_call<F>(g, x, result);
      y = result[0];
      if (!g.failed.broken && (!is_value<decltype(r)> || y.rank() != 0 || !is_float(y.type()))) refuse(g, loss_is_no_scalar, y);
    }
    if (!g.failed.broken) {
      transform::pullback walk(g, variable.data(), variable.size(), &y, 1);
      walk.add(y, value(1).as(g, y.type()));
      walk.run();
      for (value& v : variable) v = walk.of(v);
      gradient = with_leaves(gradient, variable.data());
    }
    if constexpr (WithValue) return std::tuple<value, decltype(gradient)>(y, gradient);
    else return gradient;
  }
};

// All arguments, where none is named.
template <class Which, int N> struct all_if_none { using type = Which; };
template <int N> struct all_if_none<int_list<>, N> { using type = make_int_list<N>; };
template <class List> inline constexpr int length_of = 0;
template <int... I> inline constexpr int length_of<int_list<I...>> = sizeof...(I);

// Arguments, then a tangent for each of Which.
template <class F, class Which> struct jvp_of {
  static constexpr int arguments_in(int n) { return length_of<Which> > 0 ? n - length_of<Which> : n / 2; }
  template <class Arguments> static constexpr int count = arguments_in(static_cast<int>(std::tuple_size_v<Arguments>));
  template <class Arguments, int N> static constexpr bool takes_first() {
    if constexpr (N < 0 || (length_of<Which> == 0 && 2 * N != static_cast<int>(std::tuple_size_v<Arguments>))) return false;
    else return applies<F, first_of_t<Arguments, N>>;
  }
  template <class Arguments> static constexpr bool takes = takes_first<Arguments, count<Arguments>>();
  static constexpr bool in_range(int n) { return all_below(arguments_in(n), Which{}); }

  template <class Arguments> static constexpr auto trace(graph::builder& g, const Arguments& all) {
    constexpr int n = count<Arguments>;
    using which = typename all_if_none<Which, n>::type;
    auto x = first_of(all, make_int_list<n>{});
    value_list variable, tangent, result;
    take_variables(g, x, variable, which{});
    take_tangents(g, all, tangent, make_int_list<static_cast<int>(std::tuple_size_v<Arguments>) - n>{});
    if (!g.failed.broken && tangent.size() != variable.size()) refuse(g, tangent_does_not_fit, variable[0]);
    for (int i = 0; i < variable.size() && !g.failed.broken; ++i) tangent[i] = matched(g, tangent[i], variable[i]);
    auto y = traced_call<F>(g, x, result);
    if (g.failed.broken) return std::tuple<decltype(y), decltype(y)>(y, y);
    const transform::pushforward walk(g, variable.data(), tangent.data(), variable.size(), result.data(), result.size());
    for (value& v : result) v = walk.of(v);
    return std::tuple<decltype(y), decltype(y)>(y, with_leaves(y, result.data()));
  }

 private:
  template <class Arguments, int... I>
  static constexpr void take_tangents(graph::builder& g, const Arguments& all, value_list& to, int_list<I...>) {
    (with_nodes(g, std::get<count<Arguments> + I>(all), to), ...);
  }
};

// Arguments, then the cotangent of the result.
template <class F, class Which> struct vjp_of {
  template <class Arguments> static constexpr int count = static_cast<int>(std::tuple_size_v<Arguments>) - 1;
  template <class Arguments> static constexpr bool takes = applies<F, first_of_t<Arguments, count<Arguments>>>;
  static constexpr bool in_range(int n) { return all_below(n - 1, Which{}); }

  template <class Arguments> static constexpr auto trace(graph::builder& g, const Arguments& all) {
    constexpr int n = count<Arguments>;
    using which = typename all_if_none<Which, n>::type;
    auto x = first_of(all, make_int_list<n>{});
    value_list variable, cotangent, result;
    take_variables(g, x, variable, which{});
    with_nodes(g, std::get<n>(all), cotangent);
    auto gradient = chosen(x, which{});
    const auto y = traced_call<F>(g, x, result);
    if (!g.failed.broken && cotangent.size() != result.size()) refuse(g, tangent_does_not_fit, result[0]);
    for (int i = 0; i < result.size() && !g.failed.broken; ++i) cotangent[i] = matched(g, cotangent[i], result[i]);
    if (!g.failed.broken) {
      transform::pullback walk(g, variable.data(), variable.size(), result.data(), result.size());
      for (int i = 0; i < result.size(); ++i) walk.add(result[i], cotangent[i]);
      walk.run();
      for (value& v : variable) v = walk.of(v);
      gradient = with_leaves(gradient, variable.data());
    }
    return std::tuple<std::remove_cvref_t<decltype(y)>, decltype(gradient)>(y, gradient);
  }
};

// Which axis of each argument runs over the batch.
inline constexpr int not_mapped = std::numeric_limits<int>::min();
template <class Axes> struct mapped_axes;

// Each of a batch of arguments through F.
template <class F, class Axes> struct batched_of {
  template <class Arguments> static constexpr bool takes = applies<F, Arguments>;
  static constexpr bool in_range(int n) { return mapped_axes<Axes>::fits(n); }

  template <class Arguments> static constexpr auto trace(graph::builder& g, Arguments x) {
    value_list one, batch, result;
    take_batches(g, x, one, batch, make_int_list<static_cast<int>(std::tuple_size_v<Arguments>)>{});
    auto y = traced_call<F>(g, x, result);
    if (g.failed.broken) return y;
    const transform::batching walk(g, one.data(), batch.data(), one.size(), result.data(), result.size());
    for (value& v : result) v = walk.of(v);
    return with_leaves(y, result.data());
  }

 private:
  template <class Arguments, int... I>
  static constexpr void take_batches(graph::builder& g, Arguments& x, value_list& one, value_list& batch, int_list<I...>) {
    ((std::get<I>(x) = with_one(g, std::get<I>(x), mapped_axes<Axes>::axis(I), one, batch)), ...);
  }
  template <class X> static constexpr X with_one(graph::builder& g, const X& tree, int axis, value_list& one, value_list& batch) {
    if (axis == not_mapped || g.failed.broken) return tree;
    const int first = batch.size();
    with_nodes(g, tree, batch);
    for (int i = first; i < batch.size() && !g.failed.broken; ++i) {
      value& x = batch[i];
      const int at = axis < 0 ? axis + x.rank() : axis;
      if (at < 0 || at >= x.rank()) {
        refuse(g, batches_differ, x);
        break;
      }
      axes order(at);
      for (int k = 0; k < x.rank(); ++k)
        if (k != at) order.axis[order.count++] = k;
      x = ops::transpose::trace(x, order);
      bool good = true;
      g.require_equal(batch[0].shape()[0], x.shape()[0], good);
      if (!good) refuse(g, batches_differ, x), g.failed.show(batch[0].shape());
      shape<> s = x.shape();
      s[0] = batch[0].shape()[0];
      x = broadcast_right(g, x, s);
      one.add(transform::one_of(x));
    }
    return g.failed.broken ? tree : with_leaves(tree, one.data() + first);
  }
};

// The unit tensors of a shape along a leading axis: [n, shape...].
constexpr value units_of(graph::builder& g, dtype t, const shape<>& s) {
  const extent_t n = g.size_of(s);
  const shape<> square(n, n);
  const value row = ops::iota::trace(g, dtype::i64, square, axes(0)), column = ops::iota::trace(g, dtype::i64, square, axes(1));
  shape<> to(n);
  for (int i = 0; i < s.rank; ++i) to.append(s[i]);
  return ops::reshape::trace(ops::cast::trace(row == column, t), to);
}
constexpr shape<> joined(const shape<>& a, const shape<>& b) {
  shape<> s = a;
  for (int i = 0; i < b.rank; ++i) s.append(b[i]);
  return s;
}

enum class mode { forward, reverse, cheaper };
// The derivative of each element of a result with respect to each of an argument: [result..., argument...].
template <class F, int I, mode Mode> struct jacobian_of {
  template <class Arguments> static constexpr bool takes = applies<F, Arguments>;
  static constexpr bool in_range(int n) { return I >= 0 && I < n; }

  template <class Arguments> static constexpr auto trace(graph::builder& g, Arguments x) {
    value_list variable, result;
    take_variables(g, x, variable, int_list<I>{});
    traced_call<F>(g, x, result);
    if (!g.failed.broken && (variable.size() != 1 || result.size() != 1)) refuse(g, arguments_do_not_fit, result[0]);
    if (g.failed.broken) return value(g, 0);
    const value a = variable[0], y = result[0];
    if (!is_float(y.type())) return refuse(g, loss_is_no_scalar, y);
    if (a.rank() + y.rank() > max_rank || a.rank() == max_rank || y.rank() == max_rank) return refuse(g, rank_not_supported, y);
    return is_forward(g, a, y) ? forward(g, a, y) : reverse(g, a, y);
  }

 private:
  static constexpr bool is_forward(graph::builder& g, value a, value y) {
    const extent_t columns = g.size_of(a.shape()), rows = g.size_of(y.shape());
    return Mode == mode::forward || (Mode == mode::cheaper && !graph::is_symbol(columns) && !graph::is_symbol(rows) && columns < rows);
  }
  static constexpr value forward(graph::builder& g, value a, value y) {
    const value one = transform::one_of(g, a.type(), shape<>(a.shape()));
    const transform::pushforward walk(g, &a, &one, 1, &y, 1);
    const value t = walk.of(y), units = units_of(g, a.type(), shape<>(a.shape()));
    const transform::batching all(g, &one, &units, 1, &t, 1);
    const value rows = all.of(t);  // [argument, result...]
    axes order;
    for (int i = 1; i < rows.rank(); ++i) order.axis[order.count++] = i;
    order.axis[order.count++] = 0;
    return g.failed.broken ? y : ops::reshape::trace(ops::transpose::trace(rows, order), joined(y.shape(), a.shape()));
  }
  static constexpr value reverse(graph::builder& g, value a, value y) {
    const value one = transform::one_of(g, y.type(), shape<>(y.shape()));
    transform::pullback walk(g, &a, 1, &y, 1);
    walk.add(y, one);
    walk.run();
    const value ct = walk.of(a), units = units_of(g, y.type(), shape<>(y.shape()));
    const transform::batching all(g, &one, &units, 1, &ct, 1);
    return g.failed.broken ? y : ops::reshape::trace(all.of(ct), joined(y.shape(), a.shape()));
  }
};

template <class Rule, class Ct, class Arguments> inline constexpr bool rule_takes = false;
template <class Rule, class Ct, class... X> inline constexpr bool rule_takes<Rule, Ct, std::tuple<X...>> =
    std::is_invocable_v<Rule, Ct, X...>;

// A function with the derivative that Rule gives; Rule void: that of the function itself, traced once more.
template <class F, class Rule, class Arguments> struct reverse_rule {
  static constexpr void pull(const value* ct, const value* x, value* to) {
    graph::builder& g = *x[0].graph();
    value_list unused;
    using result = decltype(traced_call<F>(g, std::declval<const Arguments&>(), unused));
    const Arguments arguments = with_leaves(Arguments{}, x);
    const result cotangent = with_leaves(result{}, ct);
    constexpr int n = leaf_count<Arguments>;
    value_list gradient;
    if constexpr (rule_takes<Rule, result, Arguments>) {
      const auto r = traced_argument(g, call(cotangent, arguments));
      with_nodes(g, r, gradient);
      if (!g.failed.broken && gradient.size() != n) refuse(g, tangent_does_not_fit, x[0]);
    } else {
      refuse(g, custom_rule_takes_others, x[0]);
    }
    for (int i = 0; i < n; ++i) to[i] = g.failed.broken || !is_float_or_complex(x[i]) ? x[i] : matched(g, gradient[i], x[i]);
  }
  template <class Ct> static constexpr auto call(const Ct& ct, const Arguments& x) {
    return std::apply(Rule{}, std::tuple_cat(std::tuple<Ct>(ct), x));
  }
};
template <class F, class Arguments> struct reverse_rule<F, void, Arguments> {
  static constexpr void pull(const value* ct, const value* x, value* to) {
    graph::builder& g = *x[0].graph();
    constexpr int n = leaf_count<Arguments>;
    value_list again, result;
    for (int i = 0; i < n; ++i) again.add(ops::identity(x[i], graph::recomputed));
    traced_call<F>(g, with_leaves(Arguments{}, again.data()), result);
    transform::pullback walk(g, again.data(), n, result.data(), result.size());
    for (int i = 0; i < result.size(); ++i) walk.add(result[i], ct[i]);
    walk.run();
    for (int i = 0; i < n; ++i) to[i] = walk.of(again[i]);
  }
};
template <class F, class Rule, class Arguments> struct reverse_rule_of {
  static constexpr custom_rule value{&reverse_rule<F, Rule, Arguments>::pull, std::is_void_v<Rule>};
};
template <class F, class Rule> struct custom_of {
  template <class Arguments> static constexpr bool takes = applies<F, Arguments>;
  static constexpr bool in_range(int) { return true; }

  template <class Arguments> static constexpr auto trace(graph::builder& g, const Arguments& all) {
    value_list argument, result;
    const Arguments x = with_nodes(g, all, argument);
    const auto y = traced_call<F>(g, x, result);
    if (g.failed.broken) return y;
    list<extent_t> more;
    more.add(g.rules.add(&reverse_rule_of<F, Rule, Arguments>::value)), more.add(g.nodes.size());
    more.add(0), more.add(result.size()), more.add(0);
    for (const value& v : result) more.add(v.id());
    for (const value& v : argument) more.add(v.id());
    for (int r = 0; r < result.size(); ++r) {
      more[ops::custom_result - 2] = r;
      result[r] = ops::identity(result[r], graph::custom, more.data(), more.size());
    }
    return with_leaves(y, result.data());
  }
};

// A transformation of a function keeps its options; a lambda becomes one. A lambda that captures stays itself, and says so when it is
// called.
template <class F> struct parts_of_function {
  using functor = F;
  using options = run::default_options;
};
template <class F, class O> struct parts_of_function<function<F, O>> {
  using functor = F;
  using options = O;
};
template <class F> using functor_of = typename parts_of_function<F>::functor;
template <class F, class T> using transformed =
    function<std::conditional_t<std::is_empty_v<functor_of<F>>, transformation<T>, functor_of<F>>, typename parts_of_function<F>::options>;
template <int... I> struct first_if_none { using type = int_list<I...>; };
template <> struct first_if_none<> { using type = int_list<0>; };

}  // namespace detail

/// The gradient of a function of one floating-point result, as a function of the same arguments: `constexpr auto g = grad<0, 1>(loss);`
/// One argument (the first, if none is named) gives its gradient, several a std::tuple. f is an `fn` or a captureless generic lambda.
/// Types: floating point; complex arguments as in JAX. The rules of all ops and their values at kinks and ties are JAX's as well.
/// Cost:  what function and gradient share is computed once; maps, rows and products of both fuse like any others.
template <int... Argument, class F> constexpr auto grad(F) {
  return detail::transformed<F, detail::gradient_of<detail::functor_of<F>, typename detail::first_if_none<Argument...>::type, false>>();
}
/// The same and the value: `auto [loss, gradient] = value_and_grad<0>(f)(w, x);` Several gradients are a std::tuple.
template <int... Argument, class F> constexpr auto value_and_grad(F) {
  return detail::transformed<F, detail::gradient_of<detail::functor_of<F>, typename detail::first_if_none<Argument...>::type, true>>();
}

/// Forward mode: `auto [y, dy] = jvp(f)(x, w, dx, dw);` a tangent for each argument, after all of them; `jvp<0>(f)(x, w, dx)` for some.
/// A tangent has the shape and type of its argument, dy those of y. Cost: some two to three times that of f. Source: jax.jvp.
template <int... Argument, class F> constexpr auto jvp(F) {
  return detail::transformed<F, detail::jvp_of<detail::functor_of<F>, detail::int_list<Argument...>>>();
}
/// Reverse mode of any result: `auto [y, gradient] = vjp<0>(f)(x, w, ct);` the cotangent of the result stands after the arguments (of a
/// std::tuple of results: a std::tuple). Without numbers the gradients of all arguments, as a std::tuple. Source: jax.vjp.
template <int... Argument, class F> constexpr auto vjp(F) {
  return detail::transformed<F, detail::vjp_of<detail::functor_of<F>, detail::int_list<Argument...>>>();
}

/// In in_axes: this argument is the same for all of the batch.
inline constexpr int none = detail::not_mapped;
/// The axis of each argument that runs over a batch: `in_axes<0, none, -1>`.
template <int... Axis> struct in_axes {};

namespace detail {
template <int... Argument> struct mapped_axes<int_list<Argument...>> {
  static constexpr bool fits(int n) { return all_below(n, int_list<Argument...>{}); }
  static constexpr int axis(int i) { return sizeof...(Argument) == 0 || ((i == Argument) || ...) ? 0 : not_mapped; }
};
template <int... Axis> struct mapped_axes<in_axes<Axis...>> {
  static constexpr bool fits(int n) { return n == sizeof...(Axis) && ((Axis != not_mapped) || ...); }
  static constexpr int axis(int i) {
    constexpr int all[] = {Axis..., 0};
    return all[i];
  }
};
}  // namespace detail

/// A function of one element of a batch for all of the batch, which runs along a leading axis of the results. `vmap<0, 2>(f)`: arguments 0
/// and 2 have a leading axis more than f takes, the others are the same for all; `vmap(f)`: all arguments have.
/// Bits: those of a loop over the batch. Cost: one function on larger tensors; with one matrix for all, a product has more rows.
/// Source: jax.vmap.
template <int... Argument, class F> constexpr auto vmap(F) {
  return detail::transformed<F, detail::batched_of<detail::functor_of<F>, detail::int_list<Argument...>>>();
}
/// The same with an axis for each argument: `vmap<in_axes<1, none>>(f)`.
template <class Axes, class F> constexpr auto vmap(F) { return detail::transformed<F, detail::batched_of<detail::functor_of<F>, Axes>>(); }

/// The derivative of each element of the result with respect to each of one argument: [result..., argument...]. Forward or reverse mode,
/// whichever has less to do (run-time extents: reverse); jacfwd and jacrev say which. Source: jax.jacfwd, jax.jacrev.
template <int Argument = 0, class F> constexpr auto jacobian(F) {
  return detail::transformed<F, detail::jacobian_of<detail::functor_of<F>, Argument, detail::mode::cheaper>>();
}
template <int Argument = 0, class F> constexpr auto jacfwd(F) {
  return detail::transformed<F, detail::jacobian_of<detail::functor_of<F>, Argument, detail::mode::forward>>();
}
template <int Argument = 0, class F> constexpr auto jacrev(F) {
  return detail::transformed<F, detail::jacobian_of<detail::functor_of<F>, Argument, detail::mode::reverse>>();
}
/// Second derivatives of a function of one result: [argument..., argument...]. Forward over reverse mode. Source: jax.hessian.
template <int Argument = 0, class F> constexpr auto hessian(F f) { return jacfwd<Argument>(grad<Argument>(f)); }

/// f with a derivative of the user's, in reverse mode: `custom_gradient(f, rule)`. rule(ct, x...) takes the cotangent of the result, then
/// the arguments of f, and gives their cotangents: of one argument a value, of several a std::tuple. What rule and f both compute is
/// computed once. Example: a gradient through `round`: custom_gradient([](auto x) { return round(x); }, [](auto ct, auto) { return ct; }).
template <class F, class Rule> constexpr auto custom_gradient(F, Rule) {
  static_assert(std::is_empty_v<Rule>, "sinter::custom_gradient: the rule captures variables; write [] and compute from the arguments");
  return detail::transformed<F, detail::custom_of<detail::functor_of<F>, detail::functor_of<Rule>>>();
}
/// f, whose intermediate results a backward pass computes once more instead of keeping them. Source: jax.checkpoint.
template <class F> constexpr auto checkpoint(F) { return detail::transformed<F, detail::custom_of<detail::functor_of<F>, void>>(); }

}  // namespace sinter
