// SPDX-License-Identifier: Apache-2.0
// Expressions: suspended calls of op definitions. An op is defined once, on traced values; `suspend` calls that definition at once
// when an operand is a traced value, and otherwise keeps the operands until the expression is assigned.
#pragma once

#include <sinter/core/tensor.hpp>
#include <sinter/graph/value.hpp>

namespace sinter {

template <class Op, class... A> struct expression;
template <class Op, class... A> inline constexpr bool is_expression<expression<Op, A...>> = true;
template <> inline constexpr bool is_expression<broken_call> = true;
template <const rule* R, class... W> inline constexpr bool is_expression<error<R, W...>> = true;

namespace detail {

// What a parameter of a graph is, as a type: the signature of compiled functions consists of these.
template <class T, bool Strided, extent_t... E> struct param_type {
  using element_type = T;
  static constexpr bool strided = Strided, open = false;
  static constexpr int rank = sizeof...(E);
  static constexpr extent_t extent[rank + 1] = {E..., 0};
};
// A run-time number that takes the element type of its neighbour.
template <class T> struct number_type {
  using element_type = T;
  static constexpr bool strided = false, open = true;
  static constexpr int rank = 0;
};

template <class P> constexpr value add_param(graph::builder& g, int index) {
  if constexpr (P::open) return value::open_param(g, index, std::is_integral_v<typename P::element_type>);
  else {
    shape<> s;
    for (int i = 0; i < P::rank; ++i)
      s.append(P::extent[i] == dyn ? g.intern(graph::symbol{graph::symbol::param, index, i}) : P::extent[i]);
    const extent_t attribute[] = {index, P::strided};
    return {g, g.add(opcode::param, dtype_of<typename P::element_type>(), s, nullptr, 0, attribute, 2)};
  }
}

inline namespace SINTER_ISA {
[[noreturn]] SINTER_NOINLINE inline void throw_overwritten() {
  throw exception(
      "sinter: an operand of a pending expression was overwritten before the expression was evaluated; evaluate first (sinter::eval) or "
      "copy the operand");
}
}  // namespace SINTER_ISA

// Leaves of an expression. A small tensor is copied, a large one shared, a view stays a view, a number is kept.
template <class T, bool OnHeap, extent_t... E> struct tensor_leaf {
  using type = param_type<T, false, E...>;
  tensor<T, E...> held;
  SINTER_HOST_INLINE explicit tensor_leaf(const tensor<T, E...>& t) : held(t) {}
  const T* data() const { return held.data(); }
  extent_t extent(int axis) const { return held.extent(axis); }
};
template <class T, extent_t... E> struct tensor_leaf<T, true, E...> {
  using type = param_type<T, false, E...>;
  block_owner held;
  [[no_unique_address]] extents<E...> size;
  int version;  // also where nothing is checked: translation units of both modes hand expressions to each other
  SINTER_HOST_INLINE explicit tensor_leaf(const tensor<T, E...>& t) : held(t.memory()), version(held.get() ? held.get()->version : 0) {
    extent_t e[max_rank] = {};
    for (int i = 0; i < static_cast<int>(sizeof...(E)); ++i) e[i] = t.extent(i);
    size.assign(e);
  }
  SINTER_HOST_INLINE const T* data() const {
    if constexpr (SINTER_CHECKED)
      if (held.get() && held.get()->version != version) throw_overwritten();
    return held.get() ? static_cast<const T*>(held.get()->data()) : nullptr;
  }
  extent_t extent(int axis) const { return size[axis]; }
};
template <class T, extent_t... E> struct view_leaf {
  using type = param_type<std::remove_const_t<T>, true, E...>;
  view<T, E...> held;
  const T* data() const { return held.data(); }
  extent_t extent(int axis) const { return held.extent(axis); }
  std::ptrdiff_t stride(int axis) const { return held.stride(axis); }
};
template <class T> struct number_leaf {
  using type = number_type<T>;
  T held;
};

template <class T> inline constexpr bool is_leaf = false;
template <class T, bool H, extent_t... E> inline constexpr bool is_leaf<tensor_leaf<T, H, E...>> = true;
template <class T, extent_t... E> inline constexpr bool is_leaf<view_leaf<T, E...>> = true;
template <class T> inline constexpr bool is_leaf<number_leaf<T>> = true;
template <class T> inline constexpr bool is_number_leaf = false;
template <class T> inline constexpr bool is_number_leaf<number_leaf<T>> = true;

template <class T>
concept number_like = std::integral<std::remove_cvref_t<T>> || std::floating_point<std::remove_cvref_t<T>>;

template <class T, extent_t... E> SINTER_HOST_INLINE auto keep_operand(const tensor<T, E...>& t) {
  return tensor_leaf<T, !stored_inline<T, E...>, E...>(t);
}
template <class T, extent_t... E> SINTER_HOST_INLINE auto keep_operand(const view<T, E...>& v) { return view_leaf<T, E...>{v}; }
template <class Op, class... A> constexpr const expression<Op, A...>& keep_operand(const expression<Op, A...>& x) { return x; }
template <number_like N> constexpr auto keep_operand(const N& n) { return number_leaf<N>{n}; }
// A complex number is kept as a tensor without axes: it has a type of its own.
template <class C>
concept complex_like = is_complex_element<std::remove_cvref_t<C>>;
template <complex_like C> SINTER_HOST_INLINE auto keep_operand(const C& c) { return tensor_leaf<C, false>(tensor<C>(c)); }
template <class A>
requires is_attribute<A>
constexpr A keep_operand(const A& a) { return a; }
template <class X> using kept = std::remove_cvref_t<decltype(keep_operand(std::declval<const X&>()))>;

// The operands of an expression, by position.
template <int I, class T> struct slot { [[no_unique_address]] T held; };
template <class List, class... T> struct slots;
template <int... I, class... T> struct slots<int_list<I...>, T...> : slot<I, T>... {};
template <int I, class T> constexpr const T& at(const slot<I, T>& s) { return s.held; }

// What an expression evaluates to, found by tracing one op on stand-ins for its operands.
struct description {
  failure failed;
  dtype type{};
  shape<> extents;
};

template <class A> constexpr auto stand_in(graph::builder& g, int index) {
  if constexpr (is_attribute<A>) return A{};
  else if constexpr (is_leaf<A>) return add_param<typename A::type>(g, index);
  else {
    shape<> s;
    for (int i = 0; i < A::result.extents.rank; ++i)
      s.append(A::result.extents[i] == dyn ? g.intern(graph::symbol{graph::symbol::param, index, i}) : A::result.extents[i]);
    const extent_t attribute[] = {index, 0};
    return value(g, g.add(opcode::param, A::result.type, s, nullptr, 0, attribute, 2));
  }
}

constexpr void show_argument(graph::builder& g, const value& v) {
  if (!v.is_number() && g.failed.count < 4) g.failed.show(v.shape());
}
constexpr void show_argument(graph::builder&, const auto&) {}
// Gives the first operand, which stands for the result until the message is printed.
template <class... V> constexpr value refuse_arguments(graph::builder& g, const V&... v) {
  g.fail(arguments_do_not_fit);
  if (!g.failed.count) {
    g.failed.show(static_cast<extent_t>(sizeof...(V)));
    (show_argument(g, v), ...);
  }
  value first;
  const auto keep_first = [&](const auto& x) {
    if constexpr (std::is_same_v<std::remove_cvref_t<decltype(x)>, value>)
      if (!first.graph() && x.graph()) first = x;
  };
  (keep_first(v), ...);
  return first;
}

// Runs the definition of an op. Arguments that it does not take are recorded like any broken rule, with their number and shapes.
// Whether a definition takes these operands and attributes (spelled out: nvcc 13 fails on a pack of parameters in a requires-expression).
template <class, class Op, class... V> inline constexpr bool traces = false;
template <class Op, class... V> inline constexpr bool traces<std::void_t<decltype(Op::trace(std::declval<const V&>()...))>, Op, V...> =
    true;
template <class Op, class... V> constexpr value call(graph::builder& g, const V&... v) {
  if constexpr (requires { Op::makes_tensor; }) return Op::trace(g, v...);
  else if constexpr (traces<void, Op, V...>) return Op::trace(v...);
  else return refuse_arguments(g, v...);
}

template <class Op, class... A, int... I> constexpr description describe(int_list<I...>) {
  graph::builder g;
  value r;
  r = call<Op>(g, stand_in<A>(g, I)...);
  description d;
  d.failed = g.failed;
  if (g.failed.broken) return d;
  d.type = r.type();
  d.extents = r.shape();
  for (int i = 0; i < d.extents.rank; ++i)
    if (graph::is_symbol(d.extents[i])) d.extents[i] = dyn;
  return d;
}
template <class Op, class... A> inline constexpr description described = describe<Op, A...>(make_int_list<sizeof...(A)>{});

// A broken rule, named but not yet instantiated: to instantiate it prints its message. It is what the broken call returns, so that one
// message is all there is: every function takes it and every assignment too.
template <const failure& F, class> struct report_items;
template <const failure& F, int... I> struct report_items<F, int_list<I...>> { using type = error<F.broken, decltype(shown<F, I>())...>; };
template <const failure& F> using report = typename report_items<F, make_int_list<F.count>>::type;

}  // namespace detail

/// A suspended call of Op on operands and attributes. Has the shape and element type of its result; is evaluated when assigned.
template <class Op, class... A> struct expression {
  static constexpr detail::description result = detail::described<Op, A...>;
  static constexpr int rank = result.extents.rank, operand_count = sizeof...(A);
  using value_type = storage_t<result.type>;
  detail::slots<detail::make_int_list<sizeof...(A)>, A...> operands;

  /// A rank-0 result converts to its element.
  SINTER_HOST_INLINE operator value_type() const requires(rank == 0) {
    tensor<value_type> t(*this);
    return t;
  }
};

/// Something that can stand as a tensor operand: tensor, view, expression, or a traced value.
template <class T>
concept operand = detail::is_tensor<std::remove_cvref_t<T>> || detail::is_view<std::remove_cvref_t<T>> || expression_like<T> ||
    std::same_as<std::remove_cvref_t<T>, value>;
namespace detail {
template <class T> inline constexpr bool is_op_argument =
    operand<T> || number_like<T> || complex_like<T> || is_attribute<std::remove_cvref_t<T>> || is_traced_attribute<std::remove_cvref_t<T>>;
template <class... T> inline constexpr bool are_operands = (operand<T> || ...) && (is_op_argument<T> && ...);
}  // namespace detail
/// The arguments of an op: at least one operand, and beside it numbers and attributes.
template <class... T>
concept operands = detail::are_operands<T...>;

namespace detail {

template <class T> inline constexpr bool is_broken_type = false;
template <> inline constexpr bool is_broken_type<broken_call> = true;
template <const rule* R, class... W> inline constexpr bool is_broken_type<error<R, W...>> = true;
template <class T> inline constexpr bool is_broken = is_broken_type<std::remove_cvref_t<T>>;
template <class T> inline constexpr bool is_value = std::is_same_v<std::remove_cvref_t<T>, value>;

template <class Op, class... A> constexpr value lower_call(const expression<Op, A...>*, graph::builder& g, int& next, const int* same_as);

// Adds an expression to a graph; `next` counts its leaves, `same_as` names for each leaf the leaf that it equals.
template <class X> constexpr auto lower(const X* x, graph::builder& g, int& next, const int* same_as) {
  if constexpr (is_attribute<X>) return X{};
  else if constexpr (is_leaf<X>) {
    const int index = next++;
    return add_param<typename X::type>(g, same_as ? same_as[index] : index);
  } else {
    return lower_call(x, g, next, same_as);
  }
}
template <class Op, class... A, int... I> constexpr value lower_operands(graph::builder& g, int& next, const int* same_as, int_list<I...>) {
  // Braces fix the order in which the leaves are counted.
  slots<int_list<I...>, decltype(lower(static_cast<const A*>(nullptr), g, next, same_as))...> v{
      {lower(static_cast<const A*>(nullptr), g, next, same_as)}...};
  return call<Op>(g, at<I>(v)...);
}
template <class Op, class... A> constexpr value lower_call(const expression<Op, A...>*, graph::builder& g, int& next, const int* same_as) {
  return lower_operands<Op, A...>(g, next, same_as, make_int_list<sizeof...(A)>{});
}

// An operand met while a function is traced. An expression there was made of attributes and numbers, which are literals of the function.
template <class Op, class... A, int... I>
constexpr value trace_expression(graph::builder& g, const expression<Op, A...>& x, int_list<I...>);
template <class X> constexpr auto to_traced(graph::builder& g, const X& x) {
  if constexpr (is_number_leaf<X>) return value(x.held);
  else if constexpr (complex_like<X>) {
    const dtype t = dtype_of<X>();
    const int id[] = {value(x.real()).as(g, real_dtype(t)).id(), value(x.imag()).as(g, real_dtype(t)).id()};
    return value(g, g.add(opcode::complex, t, {}, id, 2));
  } else if constexpr (is_leaf<X>) return g.fail(tensor_from_outside), value(0.f);
  else if constexpr (requires { x.operands; }) return trace_expression(g, x, make_int_list<X::operand_count>{});
  else return x;
}
template <class Op, class... A, int... I>
constexpr value trace_expression(graph::builder& g, const expression<Op, A...>& x, int_list<I...>) {
  return call<Op>(g, to_traced(g, at<I>(x.operands))...);
}
template <class X, class... Rest> constexpr graph::builder* graph_of(const X& x, const Rest&... rest) {
  if constexpr (is_value<X>)
    if (x.graph()) return x.graph();
  if constexpr (sizeof...(Rest) > 0) return graph_of(rest...);
  else return nullptr;
}

// A tensor stands beside traced values: recorded, and reported where the function is called.
template <class X, class... Rest> constexpr value outside(graph::builder& g, const X& x, const Rest&... rest) {
  g.fail(tensor_from_outside);
  if constexpr (is_value<X>) return x.is_number() ? x.as(g, dtype::f32) : x;
  else return outside(g, rest...);
}

}  // namespace detail

namespace detail {

enum class call_kind { traced, refused, broken, kept };
template <class Op, class... X> constexpr call_kind kind_of_call() {
  if constexpr ((is_value<X> || ...)) return call_kind::traced;
  else if constexpr ((is_broken<X> || ...)) return call_kind::refused;
  else return described<Op, kept<X>...>.failed.happened() ? call_kind::broken : call_kind::kept;
}

}  // namespace detail

/// Calls Op on operands and attributes: now, while a function is traced; else as an expression.
/// Op has `static constexpr value trace(...)`, with the graph as first argument if it declares `makes_tensor` (it has no operands);
/// everything that sinter computes passes through here, user functions too.
template <class Op, class... X>
requires(detail::kind_of_call<Op, X...>() != detail::call_kind::broken) constexpr auto suspend(const X&... x) {
  constexpr detail::call_kind kind = detail::kind_of_call<Op, X...>();
  if constexpr (kind == detail::call_kind::traced) {
    graph::builder& g = *detail::graph_of(x...);
    if constexpr (((detail::is_tensor<X> || detail::is_view<X>) || ...)) return detail::outside(g, x...);
    else return detail::call<Op>(g, detail::to_traced(g, x)...);
  } else if constexpr (kind == detail::call_kind::kept) {
    return expression<Op, detail::kept<X>...>{{{detail::keep_operand(x)}...}};
  } else {
    return broken_call{};
  }
}
/// The same where a rule is broken. It has no body: the message comes where it is called, which makes it a level shorter.
template <class Op, class... X>
requires(detail::kind_of_call<Op, X...>() == detail::call_kind::broken) detail::report < detail::described<Op, detail::kept<X>...>
.failed > suspend(const X&... x);

}  // namespace sinter
