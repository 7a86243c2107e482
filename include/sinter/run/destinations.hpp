// SPDX-License-Identifier: Apache-2.0
// What the results of a call are written to: one tensor or view, or a std::tie of several. All that can be wrong with them.
#pragma once

#include <sinter/graph/tree.hpp>
#include <sinter/run/binding.hpp>

namespace sinter {
inline namespace SINTER_ISA {
namespace run {

// The type of result R of a plan.
template <class Plan, int R> struct result_type {
  static constexpr graph::node n = Plan::value.graph.nodes[Plan::value.graph.results[R]];
  static constexpr shape<> s = Plan::value.graph.shapes[n.shape];
  template <int... A> static auto make(detail::int_list<A...>) -> tensor<storage_t<n.type>, (graph::is_symbol(s[A]) ? dyn : s[A])...>;
  using type = decltype(make(detail::make_int_list<s.rank>{}));
};
template <class Plan, int R> using result_t = typename result_type<Plan, R>::type;

template <class D> inline constexpr bool is_strided = detail::is_view<std::remove_cvref_t<D>>;

// Compares a destination's type with the result's; `report` is the message when they do not fit.
template <class Result, class D> struct check_destination;
template <class T, extent_t... E, class D> struct check_destination<tensor<T, E...>, D> {
  template <class U, extent_t... F> static constexpr auto compare() {
    if constexpr (std::is_const_v<U>) return detail::holder_of<error<&destination_is_constant, shape<F...>>>{};
    else return compare_elements<U, F...>();
  }
  template <class U, extent_t... F> static constexpr auto compare_elements() {
    constexpr bool integers = std::is_integral_v<T> && std::is_integral_v<U> && !std::is_same_v<T, bool> && !std::is_same_v<U, bool>;
    if constexpr (!std::is_same_v<T, U> && !(integers && sizeof(T) == sizeof(U) && std::is_signed_v<T> == std::is_signed_v<U>))
      return detail::holder_of<error<&result_types_differ, T, U>>{};
    else if constexpr (sizeof...(E) != sizeof...(F)) return detail::holder_of<error<&shapes_differ, shape<E...>, shape<F...>>>{};
    else if constexpr (!((E == F || E == dyn || F == dyn) && ...))
      return detail::holder_of<error<&shapes_differ, shape<E...>, shape<F...>>>{};
    else return detail::holder_of<void>{};
  }
  template <class U, extent_t... F> static auto fits(const tensor<U, F...>*) -> decltype(compare<U, F...>());
  template <class U, extent_t... F> static auto fits(const view<U, F...>*) -> decltype(compare<U, F...>());
  using report = typename decltype(fits(static_cast<const D*>(nullptr)))::type;
  static constexpr bool good = std::is_void_v<report>;
};

// What `into` writes to, one after the other: a tensor, a view, or a tree of them.
template <class D> auto as_destinations(D& d) { return detail::leaves_of(d); }

// Results as the tree of which R is the traced one. The tensors of an array that are not of one type make a tuple.
template <class R, int First, class Flat> auto grouped(Flat& y);
template <class R, int I> using subtree_t = std::tuple_element_t<static_cast<std::size_t>(I), R>;
template <class R, int I> constexpr int leaves_before() {
  if constexpr (I == 0) return 0;
  else return leaves_before<R, I - 1>() + detail::leaf_count<subtree_t<R, I - 1>>;
}
template <class T, class... Rest> auto array_of(T&& x, Rest&&... rest) {
  if constexpr ((std::is_same_v<T, Rest> && ...))
    return std::array<T, 1 + sizeof...(Rest)>{static_cast<T&&>(x), static_cast<Rest&&>(rest)...};
  else return std::tuple<T, Rest...>(static_cast<T&&>(x), static_cast<Rest&&>(rest)...);
}
template <class R, int First, class Flat, int... I> auto grouped_parts(Flat& y, detail::int_list<I...>) {
  if constexpr (detail::is_std_array<R>) return array_of(grouped<subtree_t<R, I>, First + leaves_before<R, I>()>(y)...);
  else return std::make_tuple(grouped<subtree_t<R, I>, First + leaves_before<R, I>()>(y)...);
}
// A structure: that of the arguments, whose fields the results must fit.
template <class R> struct structure_of;
template <class S, class P> struct structure_of<detail::fields_as_values<S, P>> { using type = S; };
template <template <template <class, extent_t...> class> class S> struct structure_of<S<traced_tensor>> { using type = S<tensor>; };
// The same of results that are no sinter::tensor.
template <class R, class Y> struct structure_with : structure_of<R> {};
template <class Field, class Y> inline constexpr bool fits_field = std::is_same_v<Field, Y>;
template <detail::number_like N> inline constexpr bool fits_field<N, tensor<N>> = true;
template <int First, class Leaves, class Flat, int... I> void fill(const Leaves& to, Flat& y, detail::int_list<I...>) {
  constexpr bool fits = (fits_field<std::remove_cvref_t<std::tuple_element_t<I, Leaves>>, std::tuple_element_t<First + I, Flat>> && ...);
  static_assert(fits, "sinter: a result does not have the shape and element type of its field; give a std::tuple instead of the structure");
  if constexpr (fits) ((std::get<I>(to) = static_cast<std::tuple_element_t<First + I, Flat>&&>(std::get<First + I>(y))), ...);
}
template <class R, int First, class Flat> auto grouped(Flat& y) {
  if constexpr (!detail::is_nested<R>)
    return std::tuple_element_t<First, Flat>(static_cast<std::tuple_element_t<First, Flat>&&>(std::get<First>(y)));
  else if constexpr (detail::is_std_tuple<R> || detail::is_std_array<R>)
    return grouped_parts<R, First>(y, detail::make_int_list<static_cast<int>(std::tuple_size_v<R>)>{});
  else {
    typename structure_with<R, std::tuple_element_t<First, Flat>>::type r{};
    fill<First>(detail::leaves_of(r), y, detail::make_int_list<detail::leaf_count<R>>{});
    return r;
  }
}
template <class R, class Flat> auto grouped(Flat& y) { return grouped<R, 0>(y); }

// The message to instantiate for destination D of a call, or void. Plans: its `results`, and its plan for destinations that are views.
template <class Plan, class... D, int... R> constexpr auto find_misfit(detail::int_list<R...>) {
  using reports = std::tuple<typename check_destination<result_t<Plan, R>, D>::report...>;
  constexpr int bad = [] {
    int n = -1;
    ((n < 0 && !check_destination<result_t<Plan, R>, D>::good ? void(n = R) : void()), ...);
    return n;
  }();
  if constexpr (bad < 0) return detail::holder_of<void>{};
  else return detail::holder_of<std::tuple_element_t<static_cast<std::size_t>(bad), reports>>{};
}
template <class... D> constexpr unsigned strided_mask() {
  unsigned m = 0, bit = 1;
  ((m |= is_strided<D> ? bit : 0, bit <<= 1), ...);
  return m & strided_results;
}
template <class Plans, class... D> constexpr auto find_fault_of(detail::type_list<D...>) {
  if constexpr (!((detail::is_tensor<D> || detail::is_view<D>)&&...)) return detail::holder_of<error<&destination_is_no_tensor, D...>>{};
  else if constexpr (static_cast<int>(sizeof...(D)) != Plans::results)
    return detail::holder_of<error<&results_do_not_match, number<static_cast<extent_t>(sizeof...(D))>, number<Plans::results>>>{};
  else return find_misfit<typename Plans::template plan<strided_mask<D...>()>, D...>(detail::make_int_list<sizeof...(D)>{});
}
template <class... D> auto listed(std::tuple<D&...>) -> detail::type_list<std::remove_cv_t<D>...>;
template <class... D> constexpr bool holds_constant(detail::holder_of<std::tuple<D&...>>) {
  return ((detail::is_tensor<std::remove_cv_t<D>> && std::is_const_v<D>) || ...);
}
template <class Plans, class D> constexpr auto find_destination_fault() {
  if constexpr (holds_constant(detail::holder_of<decltype(as_destinations(std::declval<D&>()))>{}))
    return detail::holder_of<error<&destination_is_constant>>{};
  else return find_fault_of<Plans>(decltype(listed(as_destinations(std::declval<D&>()))){});
}

// Two results in one place would overwrite each other. Views that merely overlap are not found: that may be right (every other column).
[[noreturn]] SINTER_NOINLINE inline void throw_same_destination(int a, int b) {
  throw exception("sinter::fn: destinations " + std::to_string(a) + " and " + std::to_string(b) +
                  " of `into` are the same memory; pass a tensor or view of its own for each result");
}
template <class... D, int... I> SINTER_HOST_INLINE void require_apart(const std::tuple<D&...>& to, detail::int_list<I...>) {
  struct destination {
    const void *object, *elements;  // null: no elements
  };
  const auto of = [](const auto& d) { return destination{&d, d.size() > 0 ? d.data() : nullptr}; };
  const destination all[] = {of(std::get<I>(to))...};
  for (int b = 1; b < static_cast<int>(sizeof...(D)); ++b)
    for (int a = 0; a < b; ++a)
      if (all[a].object == all[b].object || (all[a].elements && all[a].elements == all[b].elements)) throw_same_destination(a, b);
}
template <class... D> SINTER_HOST_INLINE void require_apart(const std::tuple<D&...>& to) {
  if constexpr (sizeof...(D) > 1) require_apart(to, detail::make_int_list<sizeof...(D)>{});
}

// A result to be written.
template <class T> T unwritten() {
  if constexpr (T::dynamic_rank > 0) return T();
  else {
    const extent_t none[max_rank] = {};
    return T(detail::uninitialised{}, none);
  }
}

}  // namespace run
}  // namespace SINTER_ISA
}  // namespace sinter
