// SPDX-License-Identifier: Apache-2.0
// Ops from outside the library: a user's functor over packets as an element op, a reduction or a row program, or over whole matrices as
// a library call. The graph holds the address of its descriptor; code generation finds the functor's type again from that address.
#pragma once

#include <tuple>

#include <sinter/ops/reduce.hpp>

namespace sinter {

namespace detail {

// external_type(external_tag<&descriptor>{}) is declared where a functor is first used, and gives its type.
template <const external* E> struct external_tag {
  SINTER_NON_TEMPLATE_FRIEND_BEGIN
  friend constexpr auto external_type(external_tag);
  SINTER_NON_TEMPLATE_FRIEND_END
};
template <class F> struct external_name { static constexpr const char* value = "user"; };
template <class F>
requires requires { F::name; }
struct external_name<F> {
  static constexpr const char* value = F::name;
};

template <class F> constexpr const char* type_text() { return __PRETTY_FUNCTION__; }
// Slopes of an element op: F::derivative(x...) gives its derivative, or a std::tuple of those with respect to each operand.
constexpr value slope_in(const value& d, int) { return d; }
template <class... D> constexpr value slope_in(const std::tuple<D...>& d, int k) {
  const value all[] = {std::apply([](const auto& first, const auto&...) { return value(first); }, d), value()};
  if (k == 0) return all[0];
  if constexpr (sizeof...(D) > 1)
    return std::apply([&](const auto&, const auto&... rest) { return slope_in(std::tuple(rest...), k - 1); }, d);
  else return all[0];
}
template <class F> constexpr value slope_of(const value* x, int k) {
  if constexpr (requires(value v) { F::derivative(v); }) return slope_in(F::derivative(x[0]), k);
  else if constexpr (requires(value v) { F::derivative(v, v); }) return slope_in(F::derivative(x[0], x[1]), k);
  else if constexpr (requires(value v) { F::derivative(v, v, v); }) return slope_in(F::derivative(x[0], x[1], x[2]), k);
  else return slope_in(F::derivative(x[0], x[1], x[2], x[3]), k);
}
struct named_derivative {
  int derivative;
};
template <class F, class Named> struct with_name : F, Named {};
// Whether a functor has a member, even an overloaded or generic one: a second one of that name makes it ambiguous.
template <class F> inline constexpr bool has_derivative = !requires { &with_name<F, named_derivative>::derivative; };
template <class F> constexpr auto slope_function() -> value (*)(const value*, int) {
  if constexpr (has_derivative<F>) return &slope_of<F>;
  else return nullptr;
}
template <class F> struct external_of {
  static constexpr external descriptor{external_name<F>::value, 0, type_text<F>(), slope_function<F>()};
};
template <class F> struct define_external {
  friend constexpr auto external_type(external_tag<&external_of<F>::descriptor>) { return holder_of<F>{}; }
  static constexpr const external* address = &external_of<F>::descriptor;
};

struct named_identity {
  int identity;
};
struct named_accumulate {
  int accumulate;
};
struct named_combine {
  int combine;
};
struct named_run {
  int run;
};
template <class F> inline constexpr bool reduces = !requires { &with_name<F, named_identity>::identity; }
&&!requires { &with_name<F, named_accumulate>::accumulate; }
&&!requires { &with_name<F, named_combine>::combine; };
template <class F> inline constexpr bool runs_rows = !requires { &with_name<F, named_run>::run; };

}  // namespace detail

/// An operand of a library call as the call's rule sees it: the element type, and the axes of one call without the batches before them.
class call_operand {
 public:
  constexpr call_operand() = default;
  constexpr call_operand(graph::builder& g, dtype type, const shape<>& whole, int rank)
      : graph_(&g), type_(type), whole_(whole), rank_(rank) {}

  constexpr dtype type() const { return type_; }
  constexpr int rank() const { return rank_; }
  /// A number, or a symbol for a run-time extent: add, multiply, `minimum` of two. Negative axes count from the end.
  constexpr traced_extent extent(int axis) const {
    if (axis < -rank_ || axis >= rank_) {
      refuse(axis_out_of_range);
      return {graph_, 0};
    }
    return {graph_, whole_[axis < 0 ? whole_.rank + axis : whole_.rank - rank_ + axis]};
  }

  /// Breaks a rule; the message shows this operand.
  constexpr void refuse(const rule& broken) const {
    graph_->fail(broken);
    if (!graph_->failed.count) graph_->failed.show(type_), graph_->failed.show(whole_);
  }
  /// Requires two extents to be equal: static ones here, or the rule is broken; run-time ones when the function is called (shape_error).
  constexpr void require_equal(int axis, const call_operand& other, int axis_of_other, const rule& broken) const {
    bool good = true;
    graph_->require_equal(extent(axis), other.extent(axis_of_other), good);
    if (good) return;
    graph_->fail(broken);
    if (graph_->failed.count) return;
    graph_->failed.show(whole_);
    if (&other != this) graph_->failed.show(other.whole_);
  }

 private:
  graph::builder* graph_ = nullptr;
  dtype type_{};
  shape<> whole_;
  int rank_ = 0;
};
/// A result of a library call, without batches.
struct call_result {
  dtype type{};
  shape<> extents;
};

namespace detail {

template <class F, int... I> constexpr auto call_rule(const call_operand* x, int_list<I...>) { return F::result(x[I]...); }
template <class, class F, class List> inline constexpr bool has_call_rule = false;
template <class F, int... I> inline constexpr bool
    has_call_rule<std::void_t<decltype(F::result((static_cast<void>(I), std::declval<const call_operand&>())...))>, F, int_list<I...>> =
        true;
template <class R> inline constexpr int results_in = 1;
template <class... R> inline constexpr int results_in<std::tuple<R...>> = sizeof...(R);
constexpr const call_result& result_in(const call_result& r, int_list<0>) { return r; }
template <class... R, int I> constexpr const call_result& result_in(const std::tuple<R...>& r, int_list<I>) { return std::get<I>(r); }

// A function: clang 19 does not know the length of a class template's array from its type until it was used.
template <int N> constexpr int count_of(const int (&)[N]) { return N; }

// A functor that is called with this many operands.
template <class F, int Operands> struct library_functor {
  using operands = make_int_list<Operands>;
  static constexpr bool good = Operands <= graph::max_operands && has_call_rule<void, F, operands> && runs_rows<F>;
  static constexpr int count_results() {
    if constexpr (!good) return 1;
    else return results_in<decltype(call_rule<F>(nullptr, operands{}))>;
  }
  static constexpr int results = count_results();
  static_assert(results <= 8, "sinter::library_call: the call has more than 8 results; join some");
  template <int R> static constexpr call_result result(const call_operand* x) {
    return result_in(call_rule<F>(x, operands{}), int_list<R>{});
  }
  // The axes of operand i that one call sees.
  static constexpr int rank_of(int i, int rank) {
    if constexpr (requires { F::ranks[0]; }) {
      static_assert(count_of(F::ranks) == Operands, "sinter::library_call: give `ranks` one number for each operand");
      return F::ranks[i];
    } else {
      return rank;
    }
  }
};

template <class T> inline constexpr bool is_call_argument = operand<T> || number_like<T>;
template <class... T> inline constexpr bool are_call_operands = (operand<T> || ...) && (is_call_argument<T> && ...);

}  // namespace detail

namespace ops {

template <class F, detail::types Types = detail::types::number> struct map {
  template <class... V> static constexpr value trace(V... x) {
    value v[] = {value(x)...};
    graph::builder& g = *detail::graph_of(x...);
    const extent_t attribute = g.intern(detail::define_external<F>::address);
    return detail::element_node(g, opcode::element_call, Types, v, sizeof...(V), 0, &attribute, 1);
  }
};
template <class F> struct reduce_with {
  static constexpr value trace(value x, axes a = {}, keep k = {}) {
    graph::builder& g = *x.graph();
    if (!detail::reduces<F> || x.type() == dtype::boolean || is_complex(x.type())) {
      g.fail(!detail::reduces<F> ? functor_lacks_member : is_complex(x.type()) ? not_for_complex : needs_number);
      if (!g.failed.count) g.failed.show(x.type()), g.failed.show(x.shape());
      return x;
    }
    // One node only: a reduction of the user's need not split into one over each run of axes.
    const axes n = detail::normal_axes(g, a, x.shape());
    for (int i = 1; i < n.count; ++i)
      if (n.axis[i] != n.axis[i - 1] + 1 && !g.failed.broken) {
        g.fail(one_axis_needed);
        g.failed.show(x.shape());
      }
    const extent_t e = g.intern(detail::define_external<F>::address);
    return detail::reduce_node(x, opcode::reduce_call, a, k, x.type(), &e);
  }
  static constexpr value trace(value x, keep k) { return trace(x, {}, k); }
};
template <class F> struct map_rows {
  template <class... V> static constexpr value trace(value x, V... rest) {
    graph::builder& g = *x.graph();
    const extent_t attribute = g.intern(detail::define_external<F>::address);
    value v[] = {x, value(rest)...};
    int id[graph::max_operands] = {};
    if (!detail::runs_rows<F>) g.fail(functor_lacks_member);
    if (x.rank() == 0) g.fail(rank_not_supported);
    if (is_complex(x.type())) g.fail(not_for_complex);
    if (g.failed.broken && !g.failed.count) g.failed.show(x.type()), g.failed.show(x.shape());
    for (int i = 0; i <= static_cast<int>(sizeof...(V)) && !g.failed.broken; ++i) {
      v[i] = v[i].as(g, x.type());
      if (v[i].type() != x.type()) {
        g.fail(element_types_differ);
        g.failed.show(x.type()), g.failed.show(v[i].type());
        break;
      }
      v[i] = broadcast_to::trace(v[i], x.shape());
      if (!g.failed.broken) id[i] = v[i].id();
    }
    if (g.failed.broken) return x;
    return {g, g.add(opcode::row_call, x.type(), x.shape(), id, 1 + static_cast<int>(sizeof...(V)), &attribute, 1)};
  }
};
// Result R of a library call.
template <class F, int R> struct library_call {
  template <class... V> static constexpr value trace(V... x) {
    constexpr int n = sizeof...(V);
    using functor = detail::library_functor<F, n>;
    graph::builder& g = *detail::graph_of(x...);
    value v[] = {value(x)...};
    int typed = 0;
    while (typed + 1 < n && v[typed].is_number()) ++typed;
    const value first = v[typed].as(g, v[typed].natural_type());
    if constexpr (!functor::good) {
      g.fail(n > graph::max_operands ? arguments_do_not_fit : functor_lacks_member);
      if (!g.failed.count) g.failed.show(first.type()), g.failed.show(first.shape());
      return first;
    } else {
      shape<> batches;
      for (int i = 0; i < n && !g.failed.broken; ++i) {
        v[i] = v[i].as(g, first.type());
        const int rank = functor::rank_of(i, v[i].rank());
        shape<> leading;
        for (int a = 0; a + rank < v[i].rank(); ++a) leading.append(v[i].shape()[a]);
        batches = detail::common_shape(g, batches, leading);
        if (v[i].rank() < rank) refuse_rank(v[i]);
        if (is_complex(v[i].type())) refuse_complex(g, v[i].type(), v[i].shape());
      }
      if (g.failed.broken) return first;
      call_operand seen[n];
      int id[n] = {};
      for (int i = 0; i < n; ++i) {
        const shape<> own = v[i].shape();
        const int rank = functor::rank_of(i, own.rank);
        if (batches.rank + rank > max_rank) return refuse_rank(v[i]);
        shape<> to = batches;
        for (int a = own.rank - rank; a < own.rank; ++a) to.append(own[a]);
        seen[i] = {g, v[i].type(), own, rank};
        id[i] = detail::broadcast_right(g, v[i], to).id();
      }
      const call_result result = functor::template result<R>(seen);
      if (is_complex(result.type)) refuse_complex(g, result.type, result.extents);
      if (g.failed.broken) return first;
      if (batches.rank + result.extents.rank > max_rank) return refuse_rank(first);
      shape<> to = batches;
      for (int a = 0; a < result.extents.rank; ++a) to.append(result.extents[a]);
      const extent_t attribute[] = {g.intern(detail::define_external<F>::address), R, batches.rank};
      return {g, g.add(opcode::library_call, result.type, to, id, n, attribute, 3)};
    }
  }

 private:
  static constexpr value refuse_rank(value x) {
    x.graph()->fail(rank_not_supported);
    if (!x.graph()->failed.count) x.graph()->failed.show(x.shape());
    return x;
  }
  static constexpr void refuse_complex(graph::builder& g, dtype type, const shape<>& s) {
    g.fail(not_for_complex);
    if (!g.failed.count) g.failed.show(type), g.failed.show(s);
  }
};

}  // namespace ops

namespace detail {
template <class F, int... R, class... X> constexpr auto all_results(int_list<R...>, const X&... x) {
  return std::tuple(suspend<ops::library_call<F, R>>(x...)...);
}
// Evaluates a call with several results at once; run defines it.
template <class F, class... X> auto evaluate_library_call(const X&... x);
}  // namespace detail

/// y = F{}(x...) element by element: F is called with packets of the register type (or single elements) and uses operators and the
/// functions of simd/math.hpp. Operands broadcast and have one number type, which is the result's. For grad and jvp, F has
/// `static constexpr auto derivative(auto... x)`, which gives its derivative (of several operands a std::tuple) by the functions of
/// tensors.
template <class F, class... X>
requires operands<X...>
constexpr auto map(const X&... x) { return suspend<ops::map<F>>(x...); }
/// The same with a captureless lambda: `map([](auto x) { return x / (1 + abs(x)); }, x)`.
template <class F, class... X>
requires(std::is_empty_v<F>&& std::is_default_constructible_v<F>&& operands<X...> && !operand<F> &&
         !is_attribute<F>) constexpr auto map(F, const X&... x) {
  return suspend<ops::map<F>>(x...);
}

/// A reduction of the user's: F has `identity` (a number), `accumulate(acc, x)`, `combine(a, b)` on packets and, if it
/// needs one, `finish(acc)`. Combines in the order of every reduction.
template <class F, operand X, class... A> constexpr auto reduce(const X& x, A... a) { return suspend<ops::reduce_with<F>>(x, a...); }

/// A row program of the user's over the last axis: F has `run(row)`. A row offers size(), sum(f), max(f), min(f), which give the
/// reduction of f(x...) in every lane, and map(f), which writes f(x...); f takes one packet of each operand. A row for which run does not
/// call map becomes zeros. Example: 05_row_program.cpp. Shapes: x [..., n], further operands that broadcast to it -> [..., n].
template <class F, class... X>
requires operands<X...>
constexpr auto map_rows(const X&... x) { return suspend<ops::map_rows<F>>(x...); }

/// A call of a library of the user's on whole arrays, on the CPU. F has
///   static constexpr call_result result(const call_operand& a, ...);  // type and extents of the result; several: a std::tuple of them
///   static void run(view<const float, dyn, dyn> a, ..., view<float, dyn, dyn> y, ...);  // or `auto`: operands, then results
///   static constexpr int ranks[] = {2, ...};  // optional: how many of its last axes one call sees of each operand
///   static constexpr const char* name = "...";  // optional: in explain
/// The views are row-major with run-time extents, their elements real. Axes before those in `ranks` are batches: they broadcast, and run is
/// called for each. Without `ranks` it is called once. A number beside the operands has the first one's type. What run throws is thrown by
/// the call, whose results may be half-written then. run must not write its operands nor depend on anything else: equal calls are one. All
/// results have memory, used or not. Several results: a std::tuple; of tensors, computed at once, outside of `fn`. Example:
/// 09_library_call.cpp. Cost: one kernel, on the calling thread, counted without flops; an operand that is computed, or not row-major, is
/// written first.
template <class F, class... X>
requires detail::are_call_operands<X...>
constexpr auto library_call(const X&... x) {
  constexpr int results = detail::library_functor<F, sizeof...(X)>::results;
  // A broken rule is reported from here, for the evaluation at once would be deeper.
  if constexpr (results == 1 || detail::kind_of_call<ops::library_call<F, 0>, X...>() == detail::call_kind::broken)
    return suspend<ops::library_call<F, 0>>(x...);
  else if constexpr ((detail::is_value<X> || ...)) return detail::all_results<F>(detail::make_int_list<results>{}, x...);
  else if constexpr ((detail::is_broken<X> || ...)) return broken_call{};
  else return detail::evaluate_library_call<F>(x...);
}

}  // namespace sinter
