// SPDX-License-Identifier: Apache-2.0
// Trees of tensors: what functions take and give beside single tensors. A tree is a std::tuple or std::array of trees, or a leaf.
#pragma once

#include <array>
#include <tuple>

#include <sinter/graph/expression.hpp>

namespace sinter::detail {

template <class T> inline constexpr bool is_std_tuple = false;
template <class... T> inline constexpr bool is_std_tuple<std::tuple<T...>> = true;
template <class T> inline constexpr bool is_std_array = false;
template <class T, std::size_t N> inline constexpr bool is_std_array<std::array<T, N>> = true;
template <class T> inline constexpr bool is_tree = is_std_tuple<std::remove_cvref_t<T>> || is_std_array<std::remove_cvref_t<T>>;

// The parts of a tree, one level down, as a tuple of references.
template <class T, std::size_t... I> constexpr auto parts_of(T& t, std::index_sequence<I...>) { return std::tie(std::get<I>(t)...); }
template <class T> constexpr auto parts_of(T& t) {
  return parts_of(t, std::make_index_sequence<std::tuple_size_v<std::remove_cvref_t<T>>>{});
}

// All leaves in order, as a tuple of references.
template <class T> constexpr auto leaves_of(T& t) {
  if constexpr (!is_tree<T>) return std::tuple<T&>(t);
  else return std::apply([](auto&... part) { return std::tuple_cat(leaves_of(part)...); }, parts_of(t));
}
template <class T> inline constexpr int leaf_count = std::tuple_size_v<decltype(leaves_of(std::declval<T&>()))>;

// Whether all leaves are values: a tree in a function that is being traced.
template <class T> inline constexpr bool all_values = false;
template <class... T> inline constexpr bool all_values<std::tuple<T&...>> = (is_value<T> && ...) && sizeof...(T) > 0;
template <class T> constexpr bool is_traced() {
  if constexpr (is_tree<T>) return all_values<decltype(leaves_of(std::declval<T&>()))>;
  else return is_value<T>;
}

}  // namespace sinter::detail
