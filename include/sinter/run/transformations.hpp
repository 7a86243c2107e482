// SPDX-License-Identifier: Apache-2.0
// Functions made of functions: derivatives. Each is an `fn` of an empty functor that traces the function and adds nodes to the same
// graph, so that they compose in any order and equal parts of function and derivative are computed once.
#pragma once

#include <sinter/run/fn.hpp>
#include <sinter/transform/grad.hpp>

namespace sinter {

namespace detail {

// The arguments of a function under a transformation, as values.
template <class X> constexpr value argument_value(graph::builder& g, const X& x) {
  if constexpr (is_value<X>) return x;
  else return value(to_traced(g, keep_operand(x)));
}
template <class F, class List> inline constexpr bool takes_values = false;
template <class F, int... I>
requires requires { F{}((static_cast<void>(I), std::declval<const value&>())...); }
inline constexpr bool takes_values<F, int_list<I...>> = true;
template <class F, int N>
concept function_of = takes_values<F, make_int_list<N>>;

template <class F, int... I> constexpr auto call_with(const value* x, int_list<I...>) { return F{}(x[I]...); }

// Argument I as a variable of its own.
constexpr bool take_variable(graph::builder& g, value* x, int count, int i) {
  if (i < 0 || i >= count) {
    g.fail(transformed_argument_is_missing);
    if (!g.failed.count) g.failed.show(static_cast<extent_t>(i));
    return false;
  }
  if (x[i].is_number()) x[i] = x[i].as(g, x[i].natural_type());
  if (g.failed.broken) return false;
  if (!is_float(x[i].type()) && !is_complex(x[i].type())) {
    g.fail(argument_has_no_derivative);
    g.failed.show(static_cast<extent_t>(i)), g.failed.show(x[i].type()), g.failed.show(x[i].shape());
    return false;
  }
  x[i] = ops::identity(x[i], graph::variable);
  return true;
}
template <int N> struct values { value at[N > 0 ? N : 1]; };
template <int N, int... I> constexpr auto as_result(const values<N>& v, int_list<I...>) {
  if constexpr (N == 1) return v.at[0];
  else return std::tuple(v.at[I]...);
}

// The value of a loss and its gradients with respect to arguments I.
template <class F, int... I> struct differentiated {
  template <int N> static constexpr value trace(value* x, values<sizeof...(I)>& gradient) {
    constexpr int which[] = {I...}, count = sizeof...(I);
    graph::builder& g = *graph_in(x, N);
    for (int k = 0; k < count; ++k)
      if (!take_variable(g, x, N, which[k])) return refuse(x, N, gradient, g);
    auto y = call_with<F>(x, make_int_list<N>{});
    if constexpr (!is_value<decltype(y)>) {
      g.fail(loss_is_no_scalar);
      if (!g.failed.count) g.failed.show(static_cast<extent_t>(run::result_count<decltype(y)>));
      return refuse(x, N, gradient, g);
    } else {
      if (y.is_number()) y = y.as(g, y.natural_type());
      if (g.failed.broken) return refuse(x, N, gradient, g);
      if (y.rank() != 0 || !is_float(y.type())) {
        g.fail(loss_is_no_scalar);
        g.failed.show(y.type()), g.failed.show(y.shape());
        return refuse(x, N, gradient, g);
      }
      value variable[count];
      for (int k = 0; k < count; ++k) variable[k] = x[which[k]];
      transform::pullback walk(g, variable, count, &y, 1);
      walk.add(y, value(1).as(g, y.type()));
      walk.run();
      for (int k = 0; k < count; ++k) gradient.at[k] = walk.of(variable[k]);
      return y;
    }
  }
  static constexpr graph::builder* graph_in(const value* x, int n) {
    for (int i = 0; i < n; ++i)
      if (x[i].graph()) return x[i].graph();
    return nullptr;
  }
  // After a broken rule: something of the right number, which is not looked at.
  static constexpr value refuse(const value* x, int n, values<sizeof...(I)>& gradient, graph::builder& g) {
    value any(g, 0);
    for (int i = 0; i < n; ++i)
      if (!x[i].is_number()) any = x[i];
    for (value& v : gradient.at) v = any;
    return any;
  }
};
template <class F, int... I> struct gradient_of {
  template <class... X>
  requires function_of<F, sizeof...(X)>
  constexpr auto operator()(const X&... x) const {
    graph::builder& g = *graph_of(x...);
    value v[] = {argument_value(g, x)...};
    values<sizeof...(I)> to;
    differentiated<F, I...>::template trace<sizeof...(X)>(v, to);
    return as_result(to, make_int_list<sizeof...(I)>{});
  }
};
template <class F, int... I> struct value_and_gradient_of {
  template <class... X>
  requires function_of<F, sizeof...(X)>
  constexpr auto operator()(const X&... x) const {
    graph::builder& g = *graph_of(x...);
    value v[] = {argument_value(g, x)...};
    values<sizeof...(I)> to;
    const value y = differentiated<F, I...>::template trace<sizeof...(X)>(v, to);
    return std::tuple(y, as_result(to, make_int_list<sizeof...(I)>{}));
  }
};

// A transformation of a function keeps its options; a lambda becomes one.
template <template <class, int...> class Of, class F, int... I> struct transformed { using type = function<Of<F, I...>>; };
template <template <class, int...> class Of, class F, class O, int... I> struct transformed<Of, function<F, O>, I...> {
  using type = function<Of<F, I...>, O>;
};
template <template <class, int...> class Of, class F> struct transformed<Of, F> { using type = function<Of<F, 0>>; };
template <template <class, int...> class Of, class F, class O> struct transformed<Of, function<F, O>> {
  using type = function<Of<F, 0>, O>;
};

}  // namespace detail

/// The gradient of a function of one floating-point result, as a function of the same arguments: `constexpr auto g = grad<0, 1>(loss);`
/// One argument (the first, if none is named) gives its gradient, several a std::tuple. f is an `fn` or a captureless generic lambda.
/// Shapes and types: those of the arguments. Source: jax.grad; so are the values at kinks and ties.
/// Cost: what function and derivative share is computed once; their maps, rows and products fuse like any others.
template <int... Argument, class F> constexpr auto grad(F) {
  return typename detail::transformed<detail::gradient_of, F, Argument...>::type();
}

/// The same and the value: `auto [loss, gradient] = value_and_grad<0>(f)(w, x);` Several gradients are a std::tuple.
template <int... Argument, class F> constexpr auto value_and_grad(F) {
  return typename detail::transformed<detail::value_and_gradient_of, F, Argument...>::type();
}

}  // namespace sinter
