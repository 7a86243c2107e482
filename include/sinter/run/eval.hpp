// SPDX-License-Identifier: Apache-2.0
// Evaluation of eager expressions: the same passes and kernels as functions, with the expression as the source. Equal subtrees are
// evaluated once.
#pragma once

#include <sinter/run/call.hpp>

namespace sinter {

inline namespace SINTER_ISA {
namespace run {

// The leaves of an expression type, in order.
template <class... L> struct leaf_list {};
template <class A, class B> struct join_leaves;
template <class... A, class... B> struct join_leaves<leaf_list<A...>, leaf_list<B...>> { using type = leaf_list<A..., B...>; };
template <class... Lists> struct all_leaves { using type = leaf_list<>; };
template <class First, class... Rest> struct all_leaves<First, Rest...> {
  using type = typename join_leaves<First, typename all_leaves<Rest...>::type>::type;
};
template <class X> struct leaves_of { using type = leaf_list<>; };  // attributes
template <class X>
requires detail::is_leaf<X>
struct leaves_of<X> {
  using type = leaf_list<X>;
};
template <class Op, class... A> struct leaves_of<expression<Op, A...>> {
  using type = typename all_leaves<typename leaves_of<A>::type...>::type;
};
template <class... L> constexpr int length(leaf_list<L...>) { return static_cast<int>(sizeof...(L)); }
template <class X> inline constexpr int leaf_count = length(typename leaves_of<X>::type{});

// Leaf I of an expression object.
template <int I, int K, class X> constexpr const auto& leaf_in(const X& x);
template <int I, class X> SINTER_HOST_INLINE constexpr const auto& leaf_at(const X& x) {
  if constexpr (detail::is_leaf<X>) return x;
  else return leaf_in<I, 0>(x);
}
template <class X> struct operand_types;
template <class Op, class... A> struct operand_types<expression<Op, A...>> { template <int K> using at = detail::nth_t<K, A...>; };
template <int I, int K, class X> constexpr const auto& leaf_in(const X& x) {
  using A = typename operand_types<X>::template at<K>;
  if constexpr (I < leaf_count<A>) return leaf_at<I>(detail::at<K>(x.operands));
  else return leaf_in<I - leaf_count<A>, K + 1>(x);
}

// Where subtrees of one type repeat, the leaf that each leaf would equal if the subtrees were equal.
struct subtree {
  int first = 0, count = 0, trees = 0;  // leaves, subtrees
};
template <int N> struct leaf_map {
  int same[N + 1] = {};
  bool any = false;
};
template <class X> struct subtrees {  // of leaves and attributes: none
  static constexpr int count = 0;
  using types = leaf_list<>;
  static constexpr void list(subtree*, int&, int& leaf) { leaf += detail::is_leaf<X>; }
};
template <class Op, class... A> struct subtrees<expression<Op, A...>> {
  static constexpr int count = (1 + ... + subtrees<A>::count);
  using types = typename all_leaves<leaf_list<expression<Op, A...>>, typename subtrees<A>::types...>::type;
  static constexpr void list(subtree* out, int& n, int& leaf) {
    const int at = n++, first = leaf;
    (subtrees<A>::list(out, n, leaf), ...);
    out[at] = {first, leaf - first, n - at};
  }
};
// Whether t[i] and t[j] may be the same computation: beside each other, of one form.
constexpr bool may_repeat(const subtree& a, const subtree& b) {
  return a.count > 0 && a.count == b.count && a.trees == b.trees && b.first >= a.first + a.count;
}
// Types are compared pair by pair: addresses of objects that stand for them are no constants to g++ 12 under -fsanitize=undefined.
template <class T, class... S> constexpr void compare_types(bool* same) { ((*same++ = __is_same(T, S)), ...); }
template <class... S> struct type_equality {
  bool same[sizeof...(S)][sizeof...(S)] = {};
  constexpr explicit type_equality(leaf_list<S...>) {
    int i = 0;
    (compare_types<S, S...>(same[i++]), ...);
  }
};
template <class X> constexpr auto find_repeats() {
  constexpr int trees = subtrees<X>::count, leaves = leaf_count<X>;
  constexpr auto all_trees = [] {
    struct {
      subtree t[subtrees<X>::count + 1];
      bool any = false;
    } r;
    int n = 0, leaf = 0;
    subtrees<X>::list(r.t, n, leaf);
    for (int i = 0; i < n; ++i)
      for (int j = i + 1; j < n; ++j) r.any |= may_repeat(r.t[i], r.t[j]);
    return r;
  }();
  leaf_map<leaves> m;
  for (int i = 0; i < leaves; ++i) m.same[i] = i;
  if constexpr (all_trees.any) {
    const auto& t = all_trees.t;
    const type_equality type{typename subtrees<X>::types{}};
    for (int i = 0; i < trees; ++i)
      for (int j = i + 1; j < trees; ++j)
        if (may_repeat(t[i], t[j]) && type.same[i][j])
          for (int k = 0; k < t[i].count; ++k)
            if (m.same[t[j].first + k] == t[j].first + k) m.same[t[j].first + k] = m.same[t[i].first + k], m.any = true;
  }
  return m;
}
template <class X> inline constexpr auto repeats = find_repeats<X>();

template <class A, class B> SINTER_HOST_INLINE bool same_leaf(const A& a, const B& b) {
  if constexpr (!std::is_same_v<A, B>) return false;
  else if constexpr (requires { a.stride(0); }) {
    bool same = a.data() == b.data();
    for (int i = 0; i < A::type::rank; ++i) same &= a.extent(i) == b.extent(i) && a.stride(i) == b.stride(i);
    return same;
  } else if constexpr (requires { a.size; }) return a.held.get() == b.held.get();
  else if constexpr (requires { a.held.data(); })
    return __builtin_memcmp(a.held.data(), b.held.data(), static_cast<std::size_t>(a.held.size()) * sizeof(*a.held.data())) == 0;
  else return __builtin_memcmp(&a.held, &b.held, sizeof(a.held)) == 0;
}

template <class X, bool Merged> struct expression_source {
  static constexpr void trace(graph::builder& g) {
    int next = 0;
    auto leaves = repeats<X>;  // a copy: g++ 12 under -fsanitize=undefined cannot test the address of an inline variable for null
    const value v = detail::lower(static_cast<const X*>(nullptr), g, next, Merged ? leaves.same : nullptr);
    g.results.add(v.id());
  }
};

template <class X, bool Merged, class D, int... L> SINTER_HOST_INLINE void evaluate_as(const X& x, D& to, detail::int_list<L...> list) {
  using plan = plan_stage<expression_source<X, Merged>, is_strided<D> ? 1u : 0u>;
  call_into<plan, default_options>(nullptr, detail::int_list<0>{}, list, std::tuple<D&>(to), leaf_at<L>(x)...);
}
template <class X, int... L> SINTER_HOST_INLINE bool all_repeats_equal(const X& x, detail::int_list<L...>) {
  return ((repeats<X>.same[L] == L || same_leaf(leaf_at<L>(x), leaf_at<repeats<X>.same[L]>(x))) && ...);
}

}  // namespace run
}  // namespace SINTER_ISA

namespace detail {

template <class X, int... A> auto tensor_of(int_list<A...>) -> tensor<typename X::value_type, X::result.extents.extent[A]...>;
template <class X> using result_of = decltype(tensor_of<X>(make_int_list<X::rank>{}));

template <class X> auto assigned(const X&) -> result_of<X>;
template <class T, extent_t... E> auto assigned(const tensor<T, E...>&) -> tensor<T, E...>;
template <class T, extent_t... E> auto assigned(const view<T, E...>&) -> tensor<std::remove_const_t<T>, E...>;
template <class X, class D> struct misfit_of {
  using check = run::check_destination<decltype(assigned(std::declval<const X&>())), D>;
  using type = std::conditional_t<check::good, broken_call, typename check::report>;
};
template <class X, class D>
requires is_broken<X>
struct misfit_of<X, D> {
  using type = broken_call;
};

template <class X, class D> void evaluate(const X& x, D& to) {
  if constexpr (!is_broken<X>) {
    constexpr auto leaves = make_int_list<run::leaf_count<X>>{};
    if constexpr (std::is_same_v<misfit<X, D>, broken_call>) {
      if constexpr (run::repeats<X>.any) {
        if (run::all_repeats_equal(x, leaves)) return run::evaluate_as<X, true>(x, to, leaves);
      }
      run::evaluate_as<X, false>(x, to, leaves);
    }
  }
}

}  // namespace detail

inline namespace SINTER_ISA {
namespace run {
struct same {
  static constexpr value trace(value x) { return x; }
};
}  // namespace run
}  // namespace SINTER_ISA

template <class X, class D> SINTER_HOST_INLINE void detail::copy(const X& from, D& to) { evaluate(suspend<run::same>(from), to); }

/// Evaluates an expression into a new owning tensor; of a tensor or view it is a copy.
template <expression_like X> SINTER_HOST_INLINE auto eval(const X& x) {
  if constexpr (detail::is_broken<X>) return x;
  else return detail::result_of<X>(x);
}
template <class T, extent_t... E> SINTER_HOST_INLINE tensor<T, E...> eval(const tensor<T, E...>& t) { return t; }
template <class T, extent_t... E> SINTER_HOST_INLINE auto eval(const view<T, E...>& v) {
  return tensor<std::remove_const_t<T>, E...>(suspend<run::same>(v));
}

}  // namespace sinter
