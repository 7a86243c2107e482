// SPDX-License-Identifier: Apache-2.0
// prepare: a function with some of its arguments fixed. What depends on these alone is computed once, and the matrices among it that
// products read are packed once.
#pragma once

#include <sinter/run/eval.hpp>
#include <sinter/run/function.hpp>
#include <sinter/run/report.hpp>
#include <sinter/transform/constants.hpp>

namespace sinter {

inline namespace SINTER_ISA {
namespace run {

// The program of the constants, and the rest.
template <bool... Constant> struct constant_mask {
  static constexpr bool value[] = {Constant..., false};
  static constexpr int params = sizeof...(Constant);
};
template <class Source, bool Before, class Mask> constexpr graph::builder part_of() {
  const graph::graph_view g = simplify_stage<Source>::value.view();
  constexpr auto all = transform::splitting::all;
  const graph::builder whole =
      transform::form_fma(transform::has_long_reductions(g, all) ? transform::split_long_reductions(g, all).view() : g);
  const transform::constant_partition p(whole.view(), Mask::value, Mask::params);
  if constexpr (Before) return p.before();
  else return p.after();
}
template <class Source, bool Before, class Mask> struct part_source {
  static constexpr void trace(graph::builder& g) { g = part_of<Source, Before, Mask>(); }
};
template <class Source, bool Before, class Mask> struct home_of<part_source<Source, Before, Mask>> : home_of<Source> {};

// The constants are packed that only products read, as their second operand, and that are large enough for it to pay.
inline constexpr extent_t packed_bytes = 16 << 10;
template <class Plan> constexpr bool is_packable_at(const Plan& p, int node, int g) {
  const fuse::group& gr = p.groups[g];
  for (int i = 0; i < gr.accesses.count; ++i) {
    const fuse::loop_access& a = p.accesses[gr.accesses.first + i];
    if ((a.kind != fuse::access::memory && a.kind != fuse::access::argument) || a.node != node) continue;
    if (gr.kind != group_kind::dot || i != 1 || a.kind != fuse::access::memory || a.base != 0 || a.guards > 0 || gr.makes_b >= 0)
      return false;
    if (graph::is_symbol(a.inner) || graph::is_symbol(a.loop) || graph::is_symbol(gr.inner) || graph::is_symbol(gr.loop)) return false;
    if (gr.outer_extent[gr.outer - 1] == 1) return false;  // one row reads the matrix once: as it lies is as good
    if (a.inner < 1 || a.loop < 1 || gr.inner * gr.loop * size_of(p.graph.nodes[node].type) < packed_bytes) return false;
    for (int d = 0; d < gr.outer; ++d)
      if (a.outer[d] != 0) return false;
  }
  return true;
}
// Sets `packed` in the groups whose second operand is packed. Parameters from `first` on are constants.
template <fuse::plan_size N> constexpr fuse::frozen_plan<N> pack_constants(fuse::frozen_plan<N> p, int first) {
  bool packed[N.graph.nodes + 1] = {};
  const auto matrix = [&](int g) { return p.accesses[p.groups[g].accesses.first + 1]; };
  const auto is_dot = [&](int g) { return g >= 0 && p.groups[g].kind == group_kind::dot; };
  for (int id = 0; id < N.graph.nodes; ++id) {
    packed[id] = p.graph.nodes[id].op == opcode::param && p.graph.pool[p.graph.nodes[id].attribute] >= first;
    int reader = -1;
    for (int g = 0; g < N.groups && packed[id]; ++g) {
      packed[id] = is_packable_at(p, id, g);
      if (!packed[id] || !is_dot(g) || matrix(g).node != id) continue;
      if (reader < 0) reader = g;
      const fuse::loop_access a = matrix(reader), b = matrix(g);
      packed[id] = a.inner == b.inner && a.loop == b.loop && p.groups[reader].inner == p.groups[g].inner &&
                   p.groups[reader].loop == p.groups[g].loop;
    }
    packed[id] &= reader >= 0;
  }
  for (bool changed = true; changed;) {  // two products that run together are packed together
    changed = false;
    for (int g = 0; g < N.groups; ++g) {
      const int partner = p.groups[g].partner;
      if (!is_dot(g) || partner < 0) continue;
      const int a = matrix(g).node, b = matrix(partner).node;
      if (packed[a] != packed[b]) packed[a] = packed[b] = false, changed = true;
    }
  }
  for (int g = 0; g < N.groups; ++g) p.groups[g].packed = is_dot(g) && packed[matrix(g).node];
  return p;
}
// The product that reads parameter P packed, or -1.
template <class Plan> constexpr int packed_reader(int param) {
  for (int g = 0; g < Plan::size.groups; ++g) {
    if (!Plan::value.groups[g].packed) continue;
    const graph::node& n = Plan::value.graph.nodes[Plan::value.accesses[Plan::value.groups[g].accesses.first + 1].node];
    if (Plan::value.graph.pool[n.attribute] == param) return g;
  }
  return -1;
}
template <class Source, unsigned Strided, class Mask> struct prepared_stage {
  using rest = plan_stage<part_source<Source, false, Mask>, Strided>;
  using home = typename rest::home;
  static constexpr fuse::plan_size size = rest::size;
  static constexpr auto value = pack_constants(rest::value, Mask::params);
};

template <class A, class B> constexpr bool packs_alike(int first, int count) {
  for (int j = first; j < first + count; ++j)
    if ((packed_reader<A>(j) < 0) != (packed_reader<B>(j) < 0)) return false;
  return true;
}

// Views of one type are one kind of argument, whether or not their elements may be written.
template <class X> struct kind_of_argument { using type = X; };
template <class T, extent_t... E> struct kind_of_argument<view<T, E...>> { using type = view<const T, E...>; };
template <class T, extent_t... E> struct kind_of_argument<view<const T, E...>> { using type = view<const T, E...>; };

// A constant argument in a later call: extents, and elements that nobody reads.
template <class X> struct extents_of_constant {
  static constexpr int rank = rank_of_operand<X>;
  using value_type = std::byte;
  extent_t extents[rank + 1] = {};
  explicit extents_of_constant(const X& x) {
    for (int a = 0; a < rank; ++a) extents[a] = extent_of(x, a);
  }
  extent_t extent(int a) const { return extents[a]; }
  const std::byte* data() const { return reinterpret_cast<const std::byte*>(extents); }
};
template <detail::number_like X> struct extents_of_constant<X> {
  static constexpr int rank = 0;
  using value_type = std::byte;
  std::byte none{};
  explicit extents_of_constant(X) {}
  extent_t extent(int) const { return 1; }
  const std::byte* data() const { return &none; }
};
// A packed matrix: the shape that the program knows, and panels.
template <class R, extent_t... E> struct packed_matrix {
  static constexpr int rank = sizeof...(E);
  using value_type = R;
  tensor<R, dyn> panels;
  static constexpr extent_t extents[] = {E...};
  extent_t extent(int a) const { return extents[a]; }
  const R* data() const { return panels.data(); }
};

// What is handed over as constant J: a tensor, or a packed matrix.
template <class Before, class Rest, class Options, int J, int Params> struct handed_over {
  using plain = result_t<Before, J>;
  static constexpr int reader = packed_reader<Rest>(Params + J);
  static auto make(plain& x) {
    if constexpr (reader < 0) return static_cast<plain&&>(x);
    else return pack(x);
  }
  template <class T, extent_t... E> static auto pack(const tensor<T, E...>& x) {
    constexpr fuse::group g = Rest::value.groups[reader];
    constexpr fuse::loop_access w = Rest::value.accesses[g.accesses.first + 1];
    using kernel = typename contraction<Rest, reader, typename Options::backend, Options::schedule>::kernel;
    packed_matrix<typename kernel::R, E...> m{tensor<typename kernel::R, dyn>(kernel::panel_elements(g.loop, g.inner))};
    kernel::pack_panels(reinterpret_cast<const typename kernel::S*>(x.data()), w.loop, w.inner, g.loop, g.inner, m.panels.data());
    return m;
  }
  using type = decltype(make(std::declval<plain&>()));
};

}  // namespace run
}  // namespace SINTER_ISA

/// A function some of whose arguments are constant; made by `f.prepare(x, constant(w), constant(b))`. It is called with the other
/// arguments, in their order and of the types that `prepare` was given: `ready(x)`, `ready.into(y, x)`, `ready.into(workspace, y, x)`.
/// It owns what it needs of the constants, results are bit-identical to those of the function itself, and calls from several threads at
/// once are right.
template <class Options, class Source, class Mask, class Traced, class... X> class prepared {
  using before_plan = run::plan_stage<run::part_source<Source, true, Mask>, 0>;
  using rest_plan = run::prepared_stage<Source, 0, Mask>;
  static constexpr int kept = before_plan::size.results;
  template <int J> using held = typename run::handed_over<before_plan, rest_plan, Options, J, Mask::params>::type;
  template <class List> struct held_list;
  template <int... J> struct held_list<detail::int_list<J...>> { using type = std::tuple<held<J>...>; };
  using constants = typename held_list<detail::make_int_list<kept>>::type;
  using extents = std::tuple<run::extents_of_constant<X>...>;
  using positions = detail::make_int_list<static_cast<int>(sizeof...(X))>;

  extents extents_;
  constants constants_;

  template <int... J> static constants compute(detail::int_list<J...> results, const X&... x) {
    std::tuple<run::result_t<before_plan, J>...> y{run::unwritten<run::result_t<before_plan, J>>()...};
    run::call_into<before_plan, Options>(nullptr, results, positions{}, std::tuple<run::result_t<before_plan, J>&...>(std::get<J>(y)...),
                                         x...);
    return constants(run::handed_over<before_plan, rest_plan, Options, J, Mask::params>::make(std::get<J>(y))...);
  }

  // Argument I of the function: its extents if it is constant, else the next argument of the call.
  static constexpr int before_position(int i) {
    int n = 0;
    for (int k = 0; k < i; ++k) n += !Mask::value[k];
    return n;
  }
  static constexpr int open = before_position(Mask::params);
  template <int I, class... Y> const auto& argument(const std::tuple<const Y&...>& y) const {
    if constexpr (Mask::value[I]) return std::get<I>(extents_);
    else return std::get<before_position(I)>(y);
  }
  template <unsigned Strided> using plan_t = run::prepared_stage<Source, Strided, Mask>;
  // Another layout of results may leave products to be planned otherwise: then they are copied out.
  template <unsigned Strided> static constexpr unsigned layout = run::packs_alike<plan_t<Strided>, rest_plan>(Mask::params, kept) ? Strided
                                                                                                                                  : 0;
  struct plans {
    static constexpr int results = rest_plan::size.results;
    template <unsigned Strided> using plan = plan_t<layout<Strided>>;
  };

  // The first argument of a call that is of another type than `prepare` was given, or -1.
  template <int I, class... Y> static constexpr bool matches() {
    if constexpr (Mask::value[I]) return true;
    else
      return std::is_same_v<typename run::kind_of_argument<detail::nth_t<I, X...>>::type,
                            typename run::kind_of_argument<detail::nth_t<before_position(I), Y...>>::type>;
  }
  template <class... Y, int... I> static constexpr int first_other(detail::int_list<I...>) {
    int n = -1;
    ((n < 0 && !matches<I, Y...>() ? void(n = I) : void()), ...);
    return n;
  }
  template <class... Y> static constexpr auto find_fault() {
    if constexpr (sizeof...(Y) != open) {
      return detail::holder_of<error<&prepared_for_other_arguments, number<sizeof...(Y)>, number<open>>>{};
    } else {
      constexpr int bad = first_other<Y...>(positions{});
      if constexpr (bad < 0) return detail::holder_of<void>{};
      else
        return detail::holder_of<
            error<&prepared_for_other_arguments, detail::nth_t<before_position(bad), Y...>, detail::nth_t<bad, X...>>>{};
    }
  }

  template <class... Y> using fault = typename decltype(find_fault<Y...>())::type;
  template <class D, class... Y> static constexpr auto find_fault_into() {
    if constexpr (!std::is_void_v<fault<Y...>>) return detail::holder_of<fault<Y...>>{};
    else return run::find_destination_fault<plans, D>();
  }
  template <class D, class... Y> using fault_into = typename decltype(find_fault_into<D, Y...>())::type;

  template <class... D, class... Y> void run_into(const workspace* space, std::tuple<D&...> to, const Y&... y) const {
    run::require_apart(to);
    run_with<plan_t<layout<run::strided_mask<D...>()>>>(space, to, std::tuple<const Y&...>(y...), positions{},
                                                        detail::make_int_list<kept>{});
  }
  template <class Plan, class... D, class Arguments, int... I, int... J>
  void run_with(const workspace* space, std::tuple<D&...> to, const Arguments& y, detail::int_list<I...>, detail::int_list<J...>) const {
    run::call_into<Plan, Options>(space, detail::make_int_list<sizeof...(D)>{}, detail::make_int_list<Mask::params + kept>{}, to,
                                  argument<I>(y)..., std::get<J>(constants_)...);
  }
  template <class Arguments, int... I, int... J>
  run::plan_summary summary_of(const Arguments& y, detail::int_list<I...>, detail::int_list<J...>) const {
    return run::summary_of<rest_plan, Options>(argument<I>(y)..., std::get<J>(constants_)...);
  }
  template <int... R, class... Y> auto call(detail::int_list<R...>, const Y&... y) const {
    std::tuple<run::result_t<rest_plan, R>...> r{run::unwritten<run::result_t<rest_plan, R>>()...};
    run_into(nullptr, std::tuple<run::result_t<rest_plan, R>&...>(std::get<R>(r)...), y...);
    return run::grouped<Traced>(r);
  }

 public:
  explicit prepared(const X&... x)
      : extents_(run::extents_of_constant<X>(x)...), constants_(compute(detail::make_int_list<kept>{}, x...)) {}

  /// Calls the function: owning results.
  template <class... Y> auto operator()(const Y&... y) const {
    if constexpr (!std::is_void_v<fault<Y...>>) return (void)sizeof(fault<Y...>), broken_call{};
    else return call(detail::make_int_list<rest_plan::size.results>{}, y...);
  }
  /// Writes the results into memory that exists; allocates nothing after the first call of a thread.
  template <class D, class... Y>
  requires(!std::convertible_to<D, workspace>) void into(D&& to, const Y&... y) const {
    if constexpr (!std::is_void_v<fault_into<D, Y...>>) (void)sizeof(fault_into<D, Y...>);
    else run_into(nullptr, run::as_destinations(to), y...);
  }
  template <class D, class... Y> void into(const workspace& space, D&& to, const Y&... y) const {
    if constexpr (!std::is_void_v<fault_into<D, Y...>>) (void)sizeof(fault_into<D, Y...>);
    else run_into(&space, run::as_destinations(to), y...);
  }
  /// The plan of a call, without what was computed in advance, as a constant: `decltype(ready)::plan()`; or of these arguments, with
  /// run-time extents bound.
  static constexpr run::plan_summary plan() { return run::summary<rest_plan, Options>(); }
  template <class... Y>
  requires(sizeof...(Y) > 0) run::plan_summary plan(const Y&... y)
  const {
    if constexpr (!std::is_void_v<fault<Y...>>) return (void)sizeof(fault<Y...>), run::plan_summary{};
    else return summary_of(std::tuple<const Y&...>(y...), positions{}, detail::make_int_list<kept>{});
  }
  /// The plan of a call as text. Arguments after those of the function are the constants.
  static std::string_view explain() { return run::explain<rest_plan, Options>(); }
};

}  // namespace sinter
