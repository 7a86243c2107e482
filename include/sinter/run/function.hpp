// SPDX-License-Identifier: Apache-2.0
// fn: a captureless generic lambda as a compiled function. The first call with operands of new types traces, plans and compiles; a call
// runs the plan, on the host as run/fn.hpp says.
#pragma once

#include <string_view>

#include <sinter/run/backend.hpp>
#include <sinter/run/destinations.hpp>
#include <sinter/run/workspace.hpp>

namespace sinter {

/// An argument of `prepare` whose elements are the same in every later call. Made by `constant`.
template <class X> struct constant_argument { const X& value; };
/// Marks an argument of `prepare` as constant: `auto ready = dense.prepare(x, constant(w), constant(b));`
template <class X> constexpr constant_argument<X> constant(const X& x) { return {x}; }

inline namespace SINTER_ISA {
namespace run {

template <class X> inline constexpr bool is_constant_argument = false;
template <class X> inline constexpr bool is_constant_argument<constant_argument<X>> = true;
template <class X> struct unmarked { using type = X; };
template <class X> struct unmarked<constant_argument<X>> { using type = X; };
template <class X> using unmarked_t = typename unmarked<X>::type;
template <class X> constexpr const X& unmark(const X& x) { return x; }
template <class X> constexpr const X& unmark(const constant_argument<X>& x) { return x.value; }

// Parameters of a function, as types.
template <class X> struct argument;
template <class T, extent_t... E> struct argument<tensor<T, E...>> { using type = detail::param_type<T, false, E...>; };
template <class T, extent_t... E> struct argument<view<T, E...>> { using type = detail::param_type<std::remove_const_t<T>, true, E...>; };
template <detail::number_like N> struct argument<N> { using type = detail::param_type<N, false>; };
template <class X> using argument_t = typename argument<std::remove_cvref_t<X>>::type;
template <class X>
concept function_argument = requires {
  typename argument<std::remove_cvref_t<X>>::type;
};

// Whether an operand lies in the memory of a GPU, and what calls a function of such: device_call<function, operands...>, both of which
// sinter/cuda.hpp defines.
template <class X> inline constexpr bool lies_on_device = false;
template <class Destinations> inline constexpr bool any_on_device = false;
template <class... D> inline constexpr bool any_on_device<std::tuple<D&...>> = (lies_on_device<std::remove_const_t<D>> || ...);
template <class Function, class... X> struct device_call;

template <class R> constexpr bool add_result(graph::builder& g, const R& r) {
  if constexpr (detail::is_value<R>) {
    if (r.is_number()) return g.results.add(r.as(g, r.natural_type()).id()), true;
    return g.results.add(r.id()), true;
  } else if constexpr (expression_like<R>) {
    return g.results.add(detail::to_traced(g, r).id()), true;
  } else if constexpr (detail::number_like<R>) {
    return add_result(g, value(r));
  } else {
    g.fail(lambda_returns_no_tensor);
    return false;
  }
}
template <class R> constexpr void add_results(graph::builder& g, const R& r) {
  std::apply([&](const auto&... x) { (add_result(g, x), ...); }, detail::leaves_of(r));
}

template <class R> inline constexpr int result_count = detail::leaf_count<R>;
template <class F, class... P> struct function_source {
  static constexpr void trace(graph::builder& g) { trace(g, detail::make_int_list<sizeof...(P)>{}); }
  template <int... I> static constexpr void trace(graph::builder& g, detail::int_list<I...>) {
    const value params[] = {detail::add_param<P>(g, I)..., value()};
    if constexpr (requires { F::emits; }) {  // which needs no values to know the graph by
      constexpr int results = result_count<decltype(F{}(params[I]...))>;
      value made[results + 1];
      if (!g.failed.broken) F::emit(g, params, made);
      for (int r = 0; r < results && !g.failed.broken; ++r) g.results.add(made[r].id());
    } else if (!g.failed.broken) add_results(g, F{}(params[I]...));
  }
};
// A functor that is a graph already, called with what it takes.
template <class F, class... P>
requires(F::emits&& F::template takes<P...>) struct function_source<F, P...> {
  static constexpr const auto& graph = F::stage::graph;
  static constexpr void trace(graph::builder& g) { g.go_on(graph.view()); }
};
template <class F, class List> struct traced_result;
template <class F, int... I> struct traced_result<F, detail::int_list<I...>> {
  using type = std::remove_cvref_t<decltype(F{}((static_cast<void>(I), std::declval<value>())...))>;
};

// The function F of arguments X, some of which are trees, as a function of their leaves.
template <class F, class... X> struct of_leaves {
  static constexpr int count = (0 + ... + detail::leaf_count<X>);
  using trees = std::tuple<detail::traced_tree_t<X>...>;
  static_assert((detail::is_traced<detail::traced_tree_t<X>>() && ...),
                "sinter: a field of a structure over Tensor is none; write Tensor<float> for a number that the function is to have");
  template <class... V>
  requires(sizeof...(V) == count && detail::applies<F, trees>) constexpr auto operator()(const V&... leaf) const {
    const value v[] = {leaf...};
    int next = 0;
    trees t{};
    std::apply([&](auto&... to) { ((to = v[next++]), ...); }, detail::leaves_of(t));
    return std::apply(F{}, t);
  }
};
// The leaves of trees among the arguments: not of what is a leaf itself, nor of trees of values.
template <class X> inline constexpr bool is_tree_argument = detail::is_nested<X> && !is_constant_argument<std::remove_cvref_t<X>>;
template <class X> constexpr auto argument_leaves(const X& x) {
  if constexpr (is_tree_argument<X>) return detail::leaves_of(x);
  else return std::tuple<const X&>(x);
}
// Of a constant tree each leaf is constant.
template <class X> constexpr auto prepared_leaves(const X& x) { return argument_leaves(x); }
template <class X> constexpr auto prepared_leaves(const constant_argument<X>& x) {
  return std::apply([](const auto&... leaf) { return std::make_tuple(constant(leaf)...); }, argument_leaves(x.value));
}
template <class... X> using argument_leaves_t = decltype(std::tuple_cat(argument_leaves(std::declval<const X&>())...));

// What a function does on the host. Here stands what it says without <sinter/sinter.hpp>; run/fn.hpp has the rest.
template <class Options> struct on_host {
  static_assert(never<Options>,
                "sinter: sinter/cuda.hpp alone calls functions on device tensors only; include <sinter/sinter.hpp> for tensors of the "
                "host, plan, explain "
                "and prepare");
};

}  // namespace run
}  // namespace SINTER_ISA

/// A compiled function; made by `fn`. Options: backend and schedule.
template <class F, class Options = run::default_options> class function {
  using host = run::on_host<Options>;
  template <class... X> static constexpr bool callable = requires(const X&... x) { F{}((static_cast<void>(x), std::declval<value>())...); };
  template <class... X> using traced = typename run::traced_result<F, detail::make_int_list<sizeof...(X)>>::type;
  template <class... X> using source = run::function_source<F, run::argument_t<X>...>;
  template <unsigned Strided, class... X> using plan_t = run::plan_stage<source<X...>, Strided>;
  static constexpr unsigned on_device = run::device_flags<typename Options::backend>;
  template <class... X> static constexpr unsigned where = (run::lies_on_device<X> || ...) ? on_device : 0;

  template <class X> static decltype(auto) evaluated(const X& x) {
    if constexpr (expression_like<X>) return eval(x);
    else return (x);
  }

  // A call with trees is one of another function, of their leaves.
  template <class... X> static constexpr bool has_trees = (run::is_tree_argument<X> || ...) && std::is_empty_v<F>;
  template <class... X> using flat = function<run::of_leaves<F, std::remove_cvref_t<X>...>, Options>;
  template <class Flat, class... L> static auto call_flat(const std::tuple<const L&...>& x) {
    return call_flat<Flat>(x, detail::make_int_list<sizeof...(L)>{});
  }
  template <class Flat, class Leaves, int... I> static auto call_flat(const Leaves& x, detail::int_list<I...>) {
    return Flat()(std::get<static_cast<std::size_t>(I)>(x)...);
  }
  template <class Flat, class D, class Leaves, int... I, class... Space>  // one workspace or none
  static void flat_into(D& to, const Leaves& x, detail::int_list<I...>, const Space&... space) {
    Flat().into(space..., to, std::get<static_cast<std::size_t>(I)>(x)...);
  }
  template <class Flat, class... L> static constexpr auto flat_plan(const std::tuple<const L&...>*) { return Flat::template plan<L...>(); }
  template <class Flat, class Leaves, int... I> static auto flat_plan(const Leaves& x, detail::int_list<I...>) {
    return Flat::plan(std::get<static_cast<std::size_t>(I)>(x)...);
  }
  template <class Flat, class Leaves, int... I> static std::string_view flat_text(bool picture, const Leaves& x, detail::int_list<I...>) {
    if (picture) return Flat::dot(std::get<static_cast<std::size_t>(I)>(x)...);
    return Flat::explain(std::get<static_cast<std::size_t>(I)>(x)...);
  }
  template <class... X> using leaf_numbers = detail::make_int_list<static_cast<int>(std::tuple_size_v<run::argument_leaves_t<X...>>)>;

  // All that can be wrong with a call, as the message to instantiate, or void. Naming a message does not print it: the public
  // functions do, so that compilers show the user's line next to it.
  template <class... X> static constexpr auto find_fault() {
    if constexpr (!std::is_empty_v<F>) return detail::holder_of<error<&lambda_captures, number<static_cast<extent_t>(sizeof(F))>>>{};
    else if constexpr (!(run::function_argument<X> && ...)) return detail::holder_of<error<&not_an_argument, std::remove_cvref_t<X>...>>{};
    else if constexpr (!callable<X...>)
      return detail::holder_of<error<&lambda_does_not_take, number<static_cast<extent_t>(sizeof...(X))>>>{};
    else if constexpr (std::is_base_of_v<broken_call, traced<X...>>) return detail::holder_of<traced<X...>>{};
    else if constexpr (!run::traceable<source<X...>>) return detail::holder_of<error<&lambda_is_not_constant, F>>{};
    else if constexpr (run::trace_stage<source<X...>>::failed.happened())
      return detail::holder_of<detail::report<run::trace_stage<source<X...>>::failed>>{};
    else return detail::holder_of<void>{};
  }
  template <class... X> using fault = typename decltype(find_fault<X...>())::type;
  template <class... X> static constexpr bool good = std::is_void_v<fault<X...>>;

  // The same for `into`.
  template <class... X> struct plans {
    static constexpr int results = run::result_count<traced<X...>>;
    template <unsigned Strided> using plan = plan_t<Strided, X...>;
  };
  template <class D, class... X> static constexpr auto find_fault_into() {
    if constexpr ((expression_like<X> || ...))
      return find_fault_into<D, std::remove_cvref_t<decltype(evaluated(std::declval<const X&>()))>...>();
    else if constexpr (!good<X...>) return detail::holder_of<fault<X...>>{};
    else return run::find_destination_fault<plans<X...>, D>();
  }
  template <class D, class... X> using fault_into = typename decltype(find_fault_into<D, X...>())::type;

 public:
  /// The stages of compilation for operands of these types, for tools and other backends.
  template <class... X> using program = plan_t<0, X...>;
  template <class... X> using device_program = plan_t<on_device, X...>;
  template <unsigned Strided, class... X> using device_program_into = plan_t<on_device | Strided, X...>;
  using backend = typename Options::backend;
  /// What it returns for them, in traced values.
  template <class... X> using traced_result = traced<X...>;

  constexpr function() = default;

  /// Calls the function: owning results; a lambda that returns a std::tuple or std::array of them, nested too, gives such. On traced values
  /// it is the lambda itself.
  template <class... X> constexpr auto operator()(const X&... x) const {
    if constexpr ((detail::is_traced<X>() || ...) && !std::is_empty_v<F>) return refuse_captures(x...);
    else if constexpr ((detail::is_traced<X>() || ...)) return F{}(x...);
    else if constexpr ((expression_like<X> || ...)) return (*this)(evaluated(x)...);
    else if constexpr (has_trees<X...>)
      return call_flat<flat<X...>>(run::argument_leaves_t<X...>(std::tuple_cat(run::argument_leaves(x)...)));
    else if constexpr (!good<X...>) return (void)sizeof(fault<X...>), broken_call{};
    else if constexpr ((run::lies_on_device<X> || ...)) return run::device_call<function, X...>::call(x...);
    else return host::template call<plan_t<0, X...>, traced<X...>>(detail::make_int_list<run::result_count<traced<X...>>>{}, x...);
  }

  /// Writes the results into memory that exists: `f.into(y, x, w)`, `f.into(std::tie(y, z), x)`; first a workspace if the caller
  /// owns the memory of intermediates. Allocates nothing after the first call of a thread. Right also where results overlap arguments;
  /// results must not overlap each other. Error: two destinations that begin at one address throw sinter::exception, nothing is written.
  template <class D, class... X>
  requires(!std::convertible_to<D, workspace>) SINTER_HOST_INLINE void into(D&& to, const X&... x) const {
    if constexpr (has_trees<X...>) flat_into<flat<X...>>(to, std::tuple_cat(run::argument_leaves(x)...), leaf_numbers<X...>{});
    else if constexpr ((run::lies_on_device<X> || ...) || run::any_on_device<decltype(run::as_destinations(to))>) {
      if constexpr (!good<X...>) (void)sizeof(fault<X...>);
      else run::device_call<function, X...>::into(to, x...);
    } else if constexpr (!std::is_void_v<fault_into<D, X...>>) (void)sizeof(fault_into<D, X...>);
    else into_tuple(nullptr, run::as_destinations(to), x...);
  }
  template <class D, class... X> SINTER_HOST_INLINE void into(const workspace& space, D&& to, const X&... x) const {
    if constexpr (has_trees<X...>) flat_into<flat<X...>>(to, std::tuple_cat(run::argument_leaves(x)...), leaf_numbers<X...>{}, space);
    else if constexpr (!std::is_void_v<fault_into<D, X...>>) (void)sizeof(fault_into<D, X...>);
    else into_tuple(&space, run::as_destinations(to), x...);
  }

  /// The same function on another backend: `f.on<backend::scalar>()`.
  template <class Backend> constexpr auto on() const { return function<F, run::options<Backend, Options::schedule>>(); }
  /// The same function under another schedule: `f.with<schedule<packets<4>>>()`.
  template <class Schedule> constexpr auto with() const {
    constexpr bool says_once = Schedule::says_all_once();
    static_assert(says_once, "sinter::schedule: two of its entries say the same thing differently; keep one of each kind");
    constexpr int packets = Schedule::value.packets;
    constexpr bool packets_fit = packets >= 0 && packets <= 64 && (packets & (packets - 1)) == 0;
    static_assert(packets_fit, "sinter::packets: the packets in flight must be a power of two from 1 to 64; write packets<4>");
    constexpr bool tile_fits = host::tile_fits(Schedule::value);
    static_assert(
        tile_fits,
        "sinter::tiles: rows * vectors + vectors + 1 must not exceed the vector registers, 32 with AVX-512 and NEON, else 16; use "
        "fewer rows or vectors");
    return function<F, run::options<typename Options::backend, Schedule::value>>();
  }

  /// The function with the arguments fixed that `constant` marks: what depends on them alone is computed here, once, and matrices among
  /// it that products read as their second operand, of static extents and at least 16 KB, are packed. All arguments in order; what is
  /// not constant gives only its type: `auto ready = f.prepare(x, constant(w), constant(b)); ready(x);`
  template <class... X> auto prepare(const X&... x) const {
    if constexpr (has_trees<run::unmarked_t<X>...>)
      return std::apply([](const auto&... leaf) { return flat<run::unmarked_t<X>...>().prepare(leaf...); },
                        std::tuple_cat(run::prepared_leaves(x)...));
    else if constexpr (!good<run::unmarked_t<X>...>) return (void)sizeof(fault<run::unmarked_t<X>...>), broken_call{};
    else if constexpr ((run::lies_on_device<run::unmarked_t<X>> || ...)) {
      static_assert(never<X...>, "sinter: prepare takes host tensors; on a device call the function itself, with all its arguments");
      return broken_call{};
    } else return host::template prepare<source<run::unmarked_t<X>...>, traced<run::unmarked_t<X>...>>(x...);
  }

  /// The plan for operands of these types, a run::plan_summary, as a constant: `f.plan<decltype(x)>()`; or of these operands, with run-time
  /// extents bound. Of device tensors: the plan of the GPU's kernels.
  template <class... X> static constexpr auto plan() {
    if constexpr (has_trees<X...>) return flat_plan<flat<X...>>(static_cast<const run::argument_leaves_t<X...>*>(nullptr));
    else if constexpr (good<X...>) return host::template plan<plan_t<where<X...>, X...>>();
    else return (void)sizeof(fault<X...>), typename host::summary{};
  }
  template <class... X>
  requires(sizeof...(X) > 0) static auto plan(const X&... x) {
    if constexpr (has_trees<X...>) return flat_plan<flat<X...>>(std::tuple_cat(run::argument_leaves(x)...), leaf_numbers<X...>{});
    else if constexpr (good<X...>) return host::template plan<plan_t<where<X...>, X...>>(x...);
    else return (void)sizeof(fault<X...>), typename host::summary{};
  }
  /// The plan as text: kernels, what they compute, read and write, intermediates.
  template <class... X> static std::string_view explain(const X&... x) {
    if constexpr (has_trees<X...>) return flat_text<flat<X...>>(false, std::tuple_cat(run::argument_leaves(x)...), leaf_numbers<X...>{});
    else if constexpr (good<X...>) return host::template explain<plan_t<where<X...>, X...>>();
    else return (void)sizeof(fault<X...>), std::string_view();
  }
  /// The graph and its kernels in the DOT language.
  template <class... X> static std::string_view dot(const X&... x) {
    if constexpr (has_trees<X...>) return flat_text<flat<X...>>(true, std::tuple_cat(run::argument_leaves(x)...), leaf_numbers<X...>{});
    else if constexpr (good<X...>) return host::template dot<plan_t<where<X...>, X...>>();
    else return (void)sizeof(fault<X...>), std::string_view();
  }

 private:
  template <class... X> static constexpr value refuse_captures(const X&... x) {
    graph::builder& g = *detail::graph_of(x...);
    g.fail(lambda_captures);
    if (!g.failed.count) g.failed.show(static_cast<extent_t>(sizeof(F)));
    return detail::outside(g, x...);
  }
  template <class... D, class... X> SINTER_HOST_INLINE static void into_tuple(const workspace* space, std::tuple<D&...> to, const X&... x) {
    if constexpr ((expression_like<X> || ...)) into_tuple(space, to, evaluated(x)...);
    else host::template into<plan_t<run::strided_mask<D...>(), X...>>(space, to, x...);
  }
};

/// How the kernels of one function run: `f.with<schedule<packets<4>, streaming>>()`. Changes no bit of the result, the sign and
/// payload of NaN aside; but for math::fast (simd/math/policy.hpp: mathematical functions in fewer steps). The cost model decides what is
/// not said; each kind once (`says` is the number of the kind).
/// packets<N>: native vectors in flight in maps, at most 64 lanes in all; N is a power of two from 1 to 64 (default: 1 in long bodies,
/// else 4 with long latencies, else 2).
/// tiles<Rows, Vectors>: a product of several rows is computed in tiles of Rows by Vectors native vectors that stay in registers (default:
/// 6 by 4 with 32 registers, 6 by 2 with 16 and on backend::scalar); Rows * Vectors + Vectors + 1 must not exceed the registers.
/// blocks<Rows, Depth>: of the first operand, Rows rows of Depth elements stay in the second-level cache (default: 48 by 1024, which is
/// 3/16 of 1 MB in f32). Rows is rounded up to whole tiles; fewer are taken where whole rows of the result, or of a chained product
/// (attention), stay in the cache with them. `cmake --build <build> --target bench-tiles` tries several and prints the best.
/// streaming, cached: results of maps, row and column programs go past the caches or through them (default: past them where a map or row
/// program reads and writes more than 24 MB, not in place; with run-time extents this is found at the call). Long bodies never stream.
template <int N> struct packets {
  static constexpr int says = 0;
  static constexpr void apply(fuse::schedule_value& s) { s.packets = N == 0 ? -1 : N; }  // 0 says nothing
};
template <int Rows, int Vectors> struct tiles {
  static_assert(Rows > 0 && Vectors > 0, "sinter::tiles: a tile has at least one row and one vector; write tiles<6, 4>");
  static constexpr int says = 1;
  static constexpr void apply(fuse::schedule_value& s) { s.tile_rows = Rows, s.tile_vectors = Vectors; }
};
template <int Rows, int Depth> struct blocks {
  static_assert(Rows > 0 && Depth > 0, "sinter::blocks: a block has at least one row of one element; write blocks<48, 1024>");
  static constexpr int says = 2;
  static constexpr void apply(fuse::schedule_value& s) { s.block_rows = Rows, s.block_depth = Depth; }
};
struct streaming {
  static constexpr int says = 3;
  static constexpr void apply(fuse::schedule_value& s) { s.store = fuse::schedule_value::streaming; }
};
struct cached {
  static constexpr int says = 3;
  static constexpr void apply(fuse::schedule_value& s) { s.store = fuse::schedule_value::cached; }
};
template <class... Knobs> struct schedule {
  static constexpr bool says_all_once() {
    int times[5] = {};
    (++times[Knobs::says], ...);
    for (const int n : times)
      if (n > 1) return false;
    return true;
  }
  static constexpr fuse::schedule_value value = [] {
    fuse::schedule_value s;
    (Knobs::apply(s), ...);
    return s;
  }();
};

/// Makes a function of a captureless generic lambda: `constexpr auto f = fn([](auto x, auto w) { return dot(x, w); });`
///
/// Arguments and results are tensors, views and numbers, or trees of them: std::tuple, std::array, and structures of up to 32 fields,
/// nested, arrays of them included. A structure keeps its names inside the lambda if it is a template over its tensors:
///   template <template <class, extent_t...> class Tensor> struct params { Tensor<float, 784, 10> w; Tensor<float, 10> b; };
///   constexpr auto f = fn([](auto p, auto x) { return dot(x, p.w) + p.b; });   // f(params<tensor>{}, x); grad(loss)(p, x) is
///   params<tensor>
/// A number is a Tensor<float> there. Any other structure arrives as its fields in order: `const auto& [w, b] = p;`. Results that are
/// such structures are the caller's again. Not taken: structures
/// of views as results. What `prepare` makes takes the leaves of what is not constant.
template <class F> constexpr function<F> fn(F) { return {}; }

/// The plan of a function on operands as a picture, in the DOT language.
template <class F, class O, class... X> std::string_view to_dot(const function<F, O>& f, const X&... x) { return f.dot(x...); }

}  // namespace sinter
