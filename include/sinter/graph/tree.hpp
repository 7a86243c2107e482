// SPDX-License-Identifier: Apache-2.0
// Trees of tensors: what functions take and give beside single tensors. A tree is a std::tuple, a std::array, an array or an aggregate of
// trees, or a leaf. In a function that is being traced its leaves are values.
#pragma once

#include <array>

#include <sinter/graph/expression.hpp>
#include <sinter/graph/fields.hpp>

namespace sinter {

/// What `Tensor<T, extents...>` is while a function is traced: see structures of tensors in run/function.hpp.
template <class T, extent_t... E> using traced_tensor = value;

namespace detail {

template <class T> inline constexpr bool is_std_tuple = false;
template <class... T> inline constexpr bool is_std_tuple<std::tuple<T...>> = true;
template <class T> inline constexpr bool is_std_array = false;
template <class T, std::size_t N> inline constexpr bool is_std_array<std::array<T, N>> = true;

// An aggregate, but for those of the library.
template <class T> inline constexpr bool is_structure =
    std::is_class_v<T>&& std::is_aggregate_v<T> && !std::is_empty_v<T> && !expression_like<T> && !is_std_array<T>;

template <class T> struct traced_tree;
template <class T> using traced_tree_t = typename traced_tree<T>::type;
// A structure that does not say what its leaves are, in a function that is being traced: its fields in order, for structured bindings.
template <class S, class Parts> struct fields_as_values;
template <class S, class... P> struct fields_as_values<S, std::tuple<P&...>> : std::tuple<traced_tree_t<P>...> {};
template <class S> using fields = fields_as_values<S, decltype(fields_of(std::declval<S&>()))>;
template <class T> inline constexpr bool is_fields = false;
template <class S, class P> inline constexpr bool is_fields<fields_as_values<S, P>> = true;

template <class T> struct traced_tree { using type = value; };
template <class... T> struct traced_tree<std::tuple<T...>> { using type = std::tuple<traced_tree_t<std::remove_cvref_t<T>>...>; };
template <class T, std::size_t N> struct traced_tree<std::array<T, N>> { using type = std::array<traced_tree_t<T>, N>; };
template <class T, std::size_t N> struct traced_tree<T[N]> { using type = std::array<traced_tree_t<T>, N>; };
template <class T>
requires is_structure<T>
struct traced_tree<T> {
  using type = fields<T>;
};
// A structure whose leaves are those of a template: the same with values.
template <template <template <class, extent_t...> class> class S, template <class, extent_t...> class Tensor>
requires is_structure<S<Tensor>>
struct traced_tree<S<Tensor>> {
  using type = S<traced_tensor>;
};

template <class T> inline constexpr bool is_nested_type =
    is_std_tuple<T> || is_std_array<T> || is_fields<T> || is_structure<T> || std::is_array_v<T>;
template <class T> inline constexpr bool is_nested = is_nested_type<std::remove_cvref_t<T>>;

// The parts of a tree, one level down, as a tuple of references.
template <class T, std::size_t... I> constexpr auto elements_of(T& t, std::index_sequence<I...>) { return std::tie(std::get<I>(t)...); }
template <class T, std::size_t... I> constexpr auto items_of(T& t, std::index_sequence<I...>) { return std::tie(t[I]...); }
template <class S, class... P> constexpr std::tuple<traced_tree_t<P>...>& base_of(fields_as_values<S, std::tuple<P&...>>& t) { return t; }
template <class S, class... P> constexpr const std::tuple<traced_tree_t<P>...>& base_of(const fields_as_values<S, std::tuple<P&...>>& t) {
  return t;
}
template <class T> constexpr auto parts_of(T& t) {
  using tree = std::remove_const_t<T>;
  if constexpr (is_fields<tree>) return parts_of(base_of(t));
  else if constexpr (std::is_array_v<tree>) return items_of(t, std::make_index_sequence<std::extent_v<tree>>{});
  else if constexpr (is_std_tuple<tree> || is_std_array<tree>) return elements_of(t, std::make_index_sequence<std::tuple_size_v<tree>>{});
  else return fields_of(t);
}

// All leaves in order, as a tuple of references.
template <class T> constexpr auto leaves_of(T& t);
template <class Parts, int... I> constexpr auto leaves_of_parts(const Parts& p, int_list<I...>) {
  return std::tuple_cat(leaves_of(std::get<static_cast<std::size_t>(I)>(p))...);
}
template <class T> constexpr auto leaves_of(T& t) {
  if constexpr (!is_nested<T>) return std::tuple<T&>(t);
  else {
    const auto parts = parts_of(t);
    return leaves_of_parts(parts, make_int_list<static_cast<int>(std::tuple_size_v<decltype(parts)>)>{});
  }
}
template <class T> inline constexpr int leaf_count = static_cast<int>(std::tuple_size_v<decltype(leaves_of(std::declval<T&>()))>);

// Whether all leaves are values: a tree in a function that is being traced.
template <class T> inline constexpr bool all_values = false;
template <class... T> inline constexpr bool all_values<std::tuple<T&...>> = (is_value<T> && ...) && sizeof...(T) > 0;
template <class T> constexpr bool is_traced() {
  if constexpr (is_nested<T>) return all_values<decltype(leaves_of(std::declval<T&>()))>;
  else return is_value<T>;
}

// Whether a functor takes these arguments.
template <class F, class Arguments> inline constexpr bool applies = false;
template <class F, class... X>
requires requires { F{}(std::declval<const X&>()...); }
inline constexpr bool applies<F, std::tuple<X...>> = true;

}  // namespace detail
}  // namespace sinter

template <class S, class... P> struct std::tuple_size<sinter::detail::fields_as_values<S, std::tuple<P&...>>>
    : std::integral_constant<std::size_t, sizeof...(P)> {};
template <std::size_t I, class S, class... P> struct std::tuple_element<I, sinter::detail::fields_as_values<S, std::tuple<P&...>>>
    : std::tuple_element<I, std::tuple<sinter::detail::traced_tree_t<P>...>> {};
