// SPDX-License-Identifier: Apache-2.0
// A compiled program: the passes of one traced function, each kept as its own constant, and the binding of addresses and extents to the
// arguments of its kernels. Everything but the binding happens in constant evaluation.
#pragma once

#include <sinter/fuse/frozen_groups.hpp>
#include <sinter/fuse/plan.hpp>
#include <sinter/graph/verify.hpp>
#include <sinter/ops/user.hpp>
#include <sinter/simd/evaluate.hpp>
#include <sinter/transform/complex.hpp>
#include <sinter/transform/outline.hpp>
#include <sinter/transform/split.hpp>

namespace sinter {

inline namespace SINTER_ISA {
namespace run {

using fuse::group_kind;

// The graph of a source after each pass. Source has `static constexpr void trace(graph::builder&)`.
template <class Source> constexpr graph::builder traced() {
  graph::builder g;
  Source::trace(g);
  return g;
}
// A pass runs once into a constant that is large enough for most programs, of which the part in use is kept; it runs again where more
// is needed. Where unused elements of constants are dear, it has no room and always runs twice: to count, then into as much as that.
inline constexpr bool has_rooms = !SINTER_CONSTANTS_ARE_DEAR;
inline constexpr graph::counts usual_size = has_rooms ? graph::counts{1280, 96, 3072, 64, 64, 16, 256} : graph::counts{};
// The room for a graph made from one of so much, which hardly becomes larger.
constexpr graph::counts room_after(graph::counts n) {
  if (!has_rooms || n.fits(usual_size)) return usual_size;
  return {n.nodes + n.nodes / 8, n.shapes + 32, n.pool + n.pool / 8 + 64, n.symbols + 64, n.constraints + 64, n.externals, n.results};
}
template <graph::counts N> struct attempt {
  detail::failure failed;
  graph::counts size;
  graph::frozen<N> value;
};
template <graph::counts N> constexpr attempt<N> attempt_of(const graph::builder& g) {
  attempt<N> a{g.failed, g.size(), {}};
  if (a.size.fits(N)) a.value = graph::freeze<N>(g.view());
  return a;
}
// No pass is called with constant arguments from within a function: where g++ optimises, it would fold that call for its own sake, too.
template <class Source> constexpr attempt<usual_size> trace_once() {
  graph::builder g;
  Source::trace(g);
  return attempt_of<usual_size>(g);
}
// A source whose graph is a constant already.
template <class Source>
concept traced_before = requires {
  Source::graph;
};
// Whether tracing is a constant expression at all.
template <class Source>
concept traceable = traced_before<Source> || requires {
  typename std::bool_constant<(trace_once<Source>().size.nodes >= 0)>;
};
template <class Source> struct trace_stage {
  static constexpr attempt<usual_size> first = trace_once<Source>();
  static constexpr detail::failure failed = first.failed;
  static constexpr graph::counts size = first.size;
  static constexpr auto value = [](const auto& once) {
    graph::builder g;
    if constexpr (!size.fits(usual_size)) Source::trace(g);
    return graph::freeze<size>(size.fits(usual_size) ? once.value.view() : g.view());
  }(first);
};
template <traced_before Source> struct trace_stage<Source> {
  static constexpr detail::failure failed{};
  static constexpr const auto& value = Source::graph;
  static constexpr graph::counts size = value.size;
};
// What splits complex elements depends on a type, so that other programs instantiate nothing of it.
template <bool HasComplex> constexpr graph::builder simplified(const graph::graph_view& g) {
  if (transform::has_control(g)) return simplified<HasComplex>(transform::outline(g).main().view());
  if constexpr (HasComplex)
    if (transform::has_complex(g))
      return transform::simplify(transform::split_complex<std::conditional_t<HasComplex, value, void>>(g).view());
  return transform::simplify(g);
}
// A pass over a large graph: in parts of so many nodes, each a constant that goes on where the one before stopped.
inline constexpr int nodes_of_part = SINTER_WORK_OF_CONSTANT / 7;
enum class rewriting { simplify, form_fma, read_parameters };
template <graph::counts N, int Nodes> struct frozen_part {
  graph::counts size;
  graph::frozen<N> graph;
  int id[Nodes + 1] = {};
};
template <rewriting Rule> constexpr void rewrite_part(transform::detail::rewriter& r, int begin, int end) {
  if constexpr (Rule == rewriting::simplify) r.run(transform::detail::simplify_node, begin, end);
  else if constexpr (Rule == rewriting::form_fma) r.run(transform::detail::form_fma, begin, end);
  else r.run(transform::detail::read_parameters, begin, end);
}
template <graph::counts N> constexpr graph::graph_view part_view(const graph::frozen<N>& f, const graph::counts& used) {
  graph::graph_view v = f.view();
  v.node_count = used.nodes, v.shape_count = used.shapes, v.pool_count = used.pool, v.symbol_count = used.symbols;
  v.constraint_count = used.constraints, v.external_count = used.externals, v.result_count = used.results;
  return v;
}
// In::value, rewritten: part K.
template <rewriting Rule, class In, int K> struct rewrite_step {
  static constexpr int nodes = In::value.size.nodes, end = (K + 1) * nodes_of_part < nodes ? (K + 1) * nodes_of_part : nodes;
  template <graph::counts N> static constexpr frozen_part<N, nodes> run() {
    transform::detail::rewriter r(In::value.view());
    if constexpr (K > 0) {
      constexpr const auto& before = rewrite_step<Rule, In, K - 1>::value;
      r.go_on(part_view(before.graph, before.size), before.id);
    }
    rewrite_part<Rule>(r, K * nodes_of_part, end);
    if (end == nodes) r.finish();
    frozen_part<N, nodes> p;
    p.size = r.out.size();
    if (!p.size.fits(N)) return p;
    p.graph = graph::freeze<N>(r.out.view());
    for (int i = 0; i < nodes; ++i) p.id[i] = r.mapped(i);
    return p;
  }
  static constexpr graph::counts room() {
    graph::counts n = In::value.size;
    if (!has_rooms) return {};
    n.nodes = nodes_of_part + nodes_of_part / 2, n.shapes += 32, n.pool = 6 * nodes_of_part, n.symbols += 16;
    if constexpr (K > 0)
      n.nodes += rewrite_step<Rule, In, K - 1>::value.size.nodes, n.pool += rewrite_step<Rule, In, K - 1>::value.size.pool;
    return n;
  }
  static constexpr auto first = run<room()>();
  template <graph::counts N> static constexpr auto again = run<N>();
  static constexpr const auto& whole() {
    if constexpr (first.size.fits(room())) return first;
    else return again<first.size>;
  }
  static constexpr const auto& value = whole();
};
template <rewriting Rule, class In> struct rewritten {
  static constexpr const auto& last = rewrite_step<Rule, In, (In::value.size.nodes - 1) / nodes_of_part>::value;
  static constexpr auto value = graph::freeze<last.size>(last.graph.view());
};
// A pass that is one constant: In::value by Pass::run, where Pass::applies.
template <class Pass, class In> struct passed {
  static constexpr bool applies = Pass::applies(In::value.view());
  static constexpr graph::counts room = room_after(In::value.size);
  static constexpr const auto& whole() {
    if constexpr (!applies) return In::value;
    else return made;
  }
  static constexpr attempt<room> first = attempt_of<room>(Pass::run(In::value.view()));
  static constexpr auto make_exact() {
    if constexpr (first.size.fits(room)) return graph::freeze<first.size>(first.value.view());
    else return graph::freeze<first.size>(Pass::run(In::value.view()).view());
  }
  static constexpr auto made = make_exact();
  static constexpr const auto& value = whole();
};
struct outlining {
  static constexpr bool applies(const graph::graph_view& g) { return transform::has_control(g); }
  static constexpr graph::builder run(const graph::graph_view& g) { return transform::outline(g).main(); }
};
struct splitting_complex {
  static constexpr bool applies(const graph::graph_view& g) { return transform::has_complex(g); }
  // A template, so that programs without complex elements instantiate nothing of it.
  template <class V = value> static constexpr graph::builder run(const graph::graph_view& g) { return transform::split_complex<V>(g); }
};
template <transform::splitting Which> struct splitting_reductions {
  static constexpr bool applies(const graph::graph_view& g) { return transform::has_long_reductions(g, Which); }
  static constexpr graph::builder run(const graph::graph_view& g) { return transform::split_long_reductions(g, Which); }
};
struct writing_parameters {
  static constexpr bool applies(const graph::graph_view&) { return true; }
  static constexpr graph::builder run(const graph::graph_view& g) {
    graph::builder b;
    b.go_on(g);
    transform::detail::write_parameters(b);
    return b;
  }
};
template <class Source> struct simplify_stage;
template <class Source>
requires(trace_stage<Source>::size.nodes > nodes_of_part) struct simplify_stage<Source> {
  static_assert(graph::verify(trace_stage<Source>::value.view()) == nullptr,
                "sinter: the traced graph is damaged; this is an error of sinter");
  using before = passed<splitting_complex, passed<outlining, trace_stage<Source>>>;
  static constexpr const auto& value = rewritten<rewriting::simplify, before>::value;
  static constexpr graph::counts size = value.size;
  static_assert(graph::verify(value.view()) == nullptr, "sinter: the simplified graph is damaged; this is an error of sinter");
};
template <class Source> struct simplify_stage {
  static_assert(graph::verify(trace_stage<Source>::value.view()) == nullptr,
                "sinter: the traced graph is damaged; this is an error of sinter");
  static constexpr bool complex = transform::has_complex(trace_stage<Source>::value.view());
  static constexpr graph::counts room = room_after(trace_stage<Source>::size);
  static constexpr attempt<room> first = attempt_of<room>(simplified<complex>(trace_stage<Source>::value.view()));
  static constexpr graph::counts size = first.size;
  static constexpr auto value = [](const auto& once, [[maybe_unused]] const graph::graph_view& from) {
    if constexpr (size.fits(room)) return graph::freeze<size>(once.value.view());
    else return graph::freeze<size>(simplified<complex>(from).view());
  }(first, trace_stage<Source>::value.view());
  static_assert(graph::verify(value.view()) == nullptr, "sinter: the simplified graph is damaged; this is an error of sinter");
};
// Strided: a bit for each result whose destination may have any layout, one that says that the plan is for a GPU, and one that says that a
// library convolves there, which reads the windows where they are.
inline constexpr unsigned for_device = 1u << 31, for_convolutions = 1u << 30, strided_results = for_convolutions - 1;
// The flags of plans for a GPU, of functions with a backend that the user names.
template <class Backend> inline constexpr unsigned device_flags = for_device;
constexpr fuse::planned planned_for(fuse::partitioned&& p, unsigned strided) {
  return fuse::make_plan(static_cast<fuse::partitioned&&>(p), (strided & for_device) != 0, (strided & for_convolutions) != 0);
}
constexpr transform::splitting splitting_for(unsigned strided) {
  return (strided & for_device) != 0 ? transform::splitting::needed_again : transform::splitting::all;
}
constexpr graph::builder finished(const graph::graph_view& g, transform::splitting which = transform::splitting::all) {
  if (transform::has_long_reductions(g, which)) return transform::finish(transform::split_long_reductions(g, which).view());
  return transform::finish(g);
}
// The room that the plan of a graph of so many nodes mostly fits: to plan takes longest of all passes, so it should not run again.
constexpr fuse::plan_size room_of_plan(int nodes) {
  if (!has_rooms) return {};
  if (nodes <= 192) return {usual_size, 64, 1536, 256, 32, 64, 16, 24};
  int n = 256;
  while (n < nodes) n *= 2;
  return {{n + n / 2, 96 + n / 8, 3 * n, 64, 64, 16, n / 4}, n / 2, 3 * n, 2 * n, n / 2, n, n / 4, n / 4};
}
template <fuse::plan_size Room> struct plan_attempt {
  bool done;
  fuse::plan_size size;
  fuse::frozen_plan<Room> value;
};
// A large graph is planned in steps, each a constant of its own.
template <class Source, transform::splitting Which> struct finish_of;
template <class Source, transform::splitting Which>
requires(simplify_stage<Source>::size.nodes > nodes_of_part) struct finish_of<Source, Which> {
  using fused = rewritten<rewriting::form_fma, passed<splitting_reductions<Which>, simplify_stage<Source>>>;
  static constexpr const auto& value = passed<writing_parameters, rewritten<rewriting::read_parameters, fused>>::value;
  static constexpr graph::counts size = value.size;
};
template <class Source, transform::splitting Which> struct finish_of {
  static constexpr graph::counts room = room_after(simplify_stage<Source>::size);
  static constexpr attempt<room> first = attempt_of<room>(finished(simplify_stage<Source>::value.view(), Which));
  static constexpr graph::counts size = first.size;
  static constexpr auto value = [](const auto& once, const graph::graph_view& from) {
    if constexpr (size.fits(room)) return graph::freeze<size>(once.value.view());
    else return graph::freeze<size>(finished(from, Which).view());
  }(first, simplify_stage<Source>::value.view());
};
// Plans for the CPU and for a GPU share it where nothing is split.
template <class Source>
inline constexpr bool splits = transform::has_long_reductions(simplify_stage<Source>::value.view(), transform::splitting::all);
template <class Source, unsigned Strided> using finish_stage =
    finish_of<Source, splits<Source> ? splitting_for(Strided) : transform::splitting::all>;
// About two thirds of what compilers allow a constant.
inline constexpr int work_of_step = SINTER_WORK_OF_CONSTANT, most_nodes_at_once = work_of_step / 24;
// To take up a step costs something for each node, which is left to do the less with.
constexpr int work_of_one_step(int nodes) { return nodes > 1000 ? work_of_step / 4 * 1000 / nodes * 4 : work_of_step; }
template <class Source, unsigned Strided, int Step> struct partition_stage {
  static constexpr int work = work_of_one_step(finish_stage<Source, Strided>::size.nodes);
  using before = partition_stage<Source, Strided, Step - 1>;
  static constexpr fuse::progress_size room =
      has_rooms
          ? fuse::progress_size{finish_stage<Source, Strided>::size.nodes, before::value.size.trials + work / 8,
                                before::value.size.passed + 2 * work, before::value.size.sources + work, before::value.size.computes + work}
          : fuse::progress_size{};
  template <fuse::progress_size Room>
  static constexpr auto once = fuse::partition_on<Room>(graph::thaw(finish_stage<Source, Strided>::value.view()),
                                                        (Strided & strided_results), before::value.view(), work);
  static constexpr const auto& whole() {
    if constexpr (once<room>.size.fits(room)) return once<room>;
    else return once<once<room>.size>;
  }
  static constexpr const auto& value = whole();
};
template <class Source, unsigned Strided> struct partition_stage<Source, Strided, 0> {
  static constexpr fuse::frozen_progress<fuse::progress_size{}> value{};
};
template <class Source, unsigned Strided, int Step = 1> constexpr const auto& partition_progress() {
  using stage = partition_stage<Source, Strided, Step>;
  if constexpr (stage::value.at.done) return stage::value;
  else return partition_progress<Source, Strided, Step + 1>();
}
template <fuse::plan_size Room> constexpr plan_attempt<Room> plan_attempt_of(const fuse::planned& p) {
  plan_attempt<Room> a{true, p.size(), {}};
  if (a.size.fits(Room)) a.value = fuse::freeze<Room>(p.view());
  return a;
}
template <fuse::plan_size Room> constexpr plan_attempt<Room> plan_once(const graph::graph_view& g, unsigned strided) {
  fuse::partitioned p;
  if (!fuse::partition(finished(g, splitting_for(strided)), strided & strided_results, p, work_of_step))
    return plan_attempt<Room>{false, {}, {}};
  return plan_attempt_of<Room>(planned_for(static_cast<fuse::partitioned&&>(p), strided));
}
// The groups of a large graph.
template <class Source, unsigned Strided> struct groups_stage {
  static constexpr fuse::plan_size room = [] {
    fuse::plan_size n = room_of_plan(finish_stage<Source, Strided>::size.nodes);
    n.graph.results = finish_stage<Source, Strided>::size.results;
    return n;
  }();
  template <fuse::plan_size Room> static constexpr auto once = fuse::freeze_groups<Room>(fuse::partition_end(
      graph::thaw(finish_stage<Source, Strided>::value.view()), (Strided & strided_results), partition_progress<Source, Strided>().view()));
  static constexpr const auto& whole() {
    if constexpr (once<room>.size.fits(room)) return once<room>;
    else return once<once<room>.size>;
  }
  static constexpr const auto& value = whole();
};
constexpr int parameters_of(const graph::graph_view& g) {
  int n = 0;
  for (int i = 0; i < g.node_count; ++i)
    if (g[i].op == opcode::param && g.attribute(i, 0) >= n) n = static_cast<int>(g.attribute(i, 0)) + 1;
  return n;
}

// The source in whose trace the bodies of loops and branches are found, of a source that is made from another.
template <class Source> struct home_of { using type = Source; };
// A body of a loop or branch, as a source.
template <class Home, extent_t Region, int Which> struct body_source {
  static constexpr void trace(graph::builder& g) { g = transform::outline(trace_stage<Home>::value.view()).body(Region, Which); }
};

// The plan of a graph that is partitioned and planned in one constant, if that is enough.
template <class Source, unsigned Strided> struct plan_at_once {
  static constexpr fuse::plan_size room = room_of_plan(simplify_stage<Source>::size.nodes);
  static constexpr plan_attempt<room> first = plan_once<room>(simplify_stage<Source>::value.view(), Strided);
};
template <class Source, unsigned Strided> constexpr bool is_planned_in_steps() {
  if constexpr (simplify_stage<Source>::size.nodes > most_nodes_at_once) return true;
  else return !plan_at_once<Source, Strided>::first.done;
}
template <class Source, unsigned Strided> struct plan_stage;
template <class Source, unsigned Strided>
requires(is_planned_in_steps<Source, Strided>()) struct plan_stage<Source, Strided> {
  using home = typename home_of<Source>::type;
  static constexpr bool on_device = (Strided & for_device) != 0, convolves = (Strided & for_convolutions) != 0;
  using groups = groups_stage<Source, Strided>;
  static constexpr fuse::plan_size room = [] {
    fuse::plan_size n = groups::value.size;
    n.graph.symbols += 64, n.graph.shapes += 16;
    n.results = finish_stage<Source, Strided>::size.results, n.params = parameters_of(finish_stage<Source, Strided>::value.view());
    return n;
  }();
  static constexpr plan_attempt<room> first = plan_attempt_of<room>(planned_for(fuse::thaw(groups::value), Strided));
  static constexpr fuse::plan_size size = first.size;
  static constexpr auto value = [](const auto& once) {
    if constexpr (size.fits(room)) return fuse::freeze<size>(once.value.view());
    else return plan_attempt_of<size>(planned_for(fuse::thaw(groups::value), Strided)).value;
  }(first);
  static_assert(graph::verify(value.graph.view()) == nullptr, "sinter: the planned graph is damaged; this is an error of sinter");
};
template <class Source, unsigned Strided> struct plan_stage {
  using home = typename home_of<Source>::type;
  static constexpr bool on_device = (Strided & for_device) != 0, convolves = (Strided & for_convolutions) != 0;
  static constexpr fuse::plan_size room = plan_at_once<Source, Strided>::room;
  static constexpr const auto& first = plan_at_once<Source, Strided>::first;
  static constexpr fuse::plan_size size = first.size;
  static constexpr auto value = [](const auto& once, [[maybe_unused]] const graph::graph_view& again) {
    if constexpr (size.fits(room)) return fuse::freeze<size>(once.value.view());
    else return plan_once<size>(again, Strided).value;
  }(first, simplify_stage<Source>::value.view());
  static_assert(graph::verify(value.graph.view()) == nullptr, "sinter: the planned graph is damaged; this is an error of sinter");
};

// The code of group G, and the key that names it.
template <class Plan, int G, fuse::schedule_value Schedule> struct group_code {
  static constexpr fuse::code_size size = fuse::code_size_of(Plan::value, G);
  static constexpr auto value = fuse::make_code<size>(Plan::value, G, Schedule);
  static constexpr fuse::hash128 name = fuse::hash(value);
};
template <class Plan, class List> struct externals_of;
template <class Plan, int... I> struct externals_of<Plan, detail::int_list<I...>> {
  template <std::uint64_t A, std::uint64_t B> using key =
      fuse::key<A, B, typename decltype(external_type(detail::external_tag<Plan::value.graph.externals[I]>{}))::type...>;
};
template <class Plan, class Code> using key_of =
    typename externals_of<Plan, detail::make_int_list<Plan::size.graph.externals>>::template key<Code::name.a, Code::name.b>;

[[noreturn]] SINTER_NOINLINE inline void broken_constraint(bool equal, int from_a, extent_t a, int from_b, extent_t b) {
  const auto name = [](int from) -> std::string {
    if (from == -2) return "the function needs ";
    if (from == -1) return "computed extent ";
    return "axis " + std::to_string(from % 16) + " of argument " + std::to_string(from / 16) + " is ";
  };
  if (equal)
    throw shape_error("sinter: run-time extents that must be equal differ: " + name(from_a) + std::to_string(a) + ", " + name(from_b) +
                      std::to_string(b) + "; pass tensors of matching shapes");
  throw shape_error("sinter: a run-time extent is too small: " + name(from_a) + std::to_string(a) + ", at least " + std::to_string(b) +
                    " is needed");
}

[[noreturn]] SINTER_NOINLINE inline void extents_overflow() {
  throw shape_error("sinter: the product of extents overflows; pass tensors with fewer elements");
}

// Where a constant array lies on a GPU, once a call has put it there.
template <class Source, extent_t Offset> struct device_literal { static inline thread_local const char* at = nullptr; };
template <class Plan> inline constexpr bool is_on_device = false;
template <class Plan>
requires(Plan::on_device) inline constexpr bool is_on_device<Plan> = true;

// What a call binds: addresses of parameters and results, values of symbols, scalars. The plan itself is only read in constant
// evaluation, so that nothing of it is left in the program.
template <class Plan> struct binding {
  const void* param[Plan::size.params + 1] = {};
  void* result[Plan::size.results + 1] = {};
  std::byte* arena = nullptr;
  extent_t symbol[Plan::size.graph.symbols + 1] = {};
  alignas(8) std::byte scalar[Plan::size.graph.nodes + 1][8];

  SINTER_HOST_INLINE constexpr extent_t at(extent_t e) const { return graph::is_symbol(e) ? symbol[graph::symbol_index(e)] : e; }

  // Evaluates the symbols in order; the shapes say extent(p, axis) and stride(p, axis) of parameters (results: -1 - r).
  template <class Shapes> SINTER_HOST_INLINE constexpr void bind_symbols(const Shapes& shapes) {
    bind_symbols(shapes, detail::make_int_list<Plan::size.graph.symbols>{});
  }
  /// The first `count` are given: a body's symbols begin with those of the function that it stands in.
  SINTER_HOST_INLINE constexpr void bind_symbols_within(const extent_t* given, int count) {
    bind_symbols_within(given, count, detail::make_int_list<Plan::size.graph.symbols>{});
  }
  SINTER_HOST_INLINE constexpr void check_constraints() const { check_constraints(detail::make_int_list<Plan::size.graph.constraints>{}); }
  template <int R, int Axis> SINTER_HOST_INLINE extent_t result_extent() const {
    constexpr extent_t e = Plan::value.graph.shapes[Plan::value.graph.nodes[Plan::value.graph.results[R]].shape].extent[Axis];
    return at(e);
  }
  template <int P> SINTER_HOST_INLINE char* argument() const { return const_cast<char*>(static_cast<const char*>(param[P])); }
  /// The data of external E, from byte `Offset` on.
  template <int E, extent_t Offset> SINTER_HOST_INLINE static char* data() {
    using source = typename decltype(external_type(detail::external_tag<Plan::value.graph.externals[E]>{}))::data;
    if constexpr (is_on_device<Plan>) return const_cast<char*>(device_literal<source, Offset>::at);
    else return const_cast<char*>(reinterpret_cast<const char*>(source::data())) + Offset;
  }
  template <int R, int... A> SINTER_HOST_INLINE extent_t result_size(detail::int_list<A...>) const {
    return (extent_t{1} * ... * result_extent<R, A>());
  }
  template <int Node> SINTER_HOST_INLINE char* address() const {
    constexpr fuse::place p = Plan::value.places[Node];
    if constexpr (p.kind == fuse::place::literal) return data<p.index, p.offset>();
    else if constexpr (p.kind == fuse::place::param) return const_cast<char*>(static_cast<const char*>(param[p.index]));
    else if constexpr (p.kind == fuse::place::result) return static_cast<char*>(result[p.index]);
    else return reinterpret_cast<char*>(arena) + at(p.offset);
  }

 private:
  template <class Shapes, int... I>
  SINTER_HOST_INLINE constexpr void bind_symbols([[maybe_unused]] const Shapes& shapes, detail::int_list<I...>) {
    bool overflow = false;
    ((overflow |= bind_symbol<I>(shapes)), ...);
    if (overflow) extents_overflow();
  }
  struct no_shapes {
    constexpr extent_t extent(int, int) const { return 0; }
    constexpr extent_t stride(int, int) const { return 0; }
  };
  template <int... I> SINTER_HOST_INLINE constexpr void bind_symbols_within(const extent_t* given, int count, detail::int_list<I...>) {
    ((I < count ? void(symbol[I] = given[I]) : void(bind_symbol<I>(no_shapes{}))), ...);
  }
  // Whether a symbol is no extent but a distance in memory, which wraps: strides of axes without neighbours may be anything.
  static constexpr bool has_stride(extent_t e) {
    if (!graph::is_symbol(e)) return false;
    const graph::symbol s = Plan::value.graph.symbols[graph::symbol_index(e)];
    return s.kind == graph::symbol::stride || (s.kind != graph::symbol::param && (has_stride(s.a) || has_stride(s.b)));
  }
  // True where arithmetic on extents overflows.
  template <int I, class Shapes> SINTER_HOST_INLINE constexpr bool bind_symbol([[maybe_unused]] const Shapes& shapes) {
    constexpr graph::symbol s = Plan::value.graph.symbols[I];
    if constexpr (s.kind == graph::symbol::param) symbol[I] = shapes.extent(static_cast<int>(s.a), static_cast<int>(s.b));
    else if constexpr (s.kind == graph::symbol::stride) symbol[I] = shapes.stride(static_cast<int>(s.a), static_cast<int>(s.b));
    else {
      constexpr bool wraps = has_stride(s.a) || has_stride(s.b);
      const extent_t a = at(s.a), b = at(s.b);
      if constexpr (s.kind == graph::symbol::sum) return detail::sum_overflows(a, b, symbol[I]) && !wraps;
      else if constexpr (s.kind == graph::symbol::difference) return detail::difference_overflows(a, b, symbol[I]) && !wraps;
      else if constexpr (s.kind == graph::symbol::product) return detail::product_overflows(a, b, symbol[I]) && !wraps;
      else if constexpr (s.kind == graph::symbol::smaller) symbol[I] = a < b ? a : b;
      else symbol[I] = b == 0 ? 0 : a / b + (a % b > 0);
    }
    return false;
  }
  template <int... I> SINTER_HOST_INLINE constexpr void check_constraints(detail::int_list<I...>) const { (check_constraint<I>(), ...); }
  template <int I> SINTER_HOST_INLINE constexpr void check_constraint() const {
    constexpr graph::constraint c = Plan::value.graph.constraints[I];
    const extent_t a = at(c.a), b = at(c.b);
    if (c.kind == graph::constraint::equal ? a != b : a < b)
      broken_constraint(c.kind == graph::constraint::equal, origin<c.a>(), a, origin<c.b>(), b);
  }
  // Where an extent comes from: argument * 16 + axis, -1 for a computed one, -2 for a number.
  template <extent_t E> static constexpr int origin() {
    if constexpr (!graph::is_symbol(E)) return -2;
    else {
      constexpr graph::symbol s = Plan::value.graph.symbols[graph::symbol_index(E)];
      return s.kind == graph::symbol::param ? static_cast<int>(s.a * 16 + s.b) : -1;
    }
  }
};

// Fills the arguments of group G.
template <int D, class Pointer, class Plan> SINTER_HOST_INLINE void bind_outer(Pointer& to, const binding<Plan>& b, extent_t stride) {
  to.outer[D] = b.at(stride);
}
template <int Node, class Plan> constexpr bool may_be_empty() {
  constexpr shape<> s = Plan::value.graph.shapes[Plan::value.graph.nodes[Node].shape];
  for (int a = 0; a < s.rank; ++a)
    if (graph::is_symbol(s[a]) || s[a] == 0) return true;
  return false;
}
// An array without elements may have no address, to which nothing is added.
template <int Node, class Plan> SINTER_HOST_INLINE bool is_nowhere([[maybe_unused]] const char* base) {
  if constexpr (may_be_empty<Node, Plan>()) return !base;
  else return false;
}
template <int G, int I, class Args, class Plan, int... D>
SINTER_HOST_INLINE void bind_access(Args& a, const binding<Plan>& b, int& guards, detail::int_list<D...>) {
  constexpr fuse::loop_access x = Plan::value.accesses[Plan::value.groups[G].accesses.first + I];
  constexpr int bytes = size_of(Plan::value.graph.nodes[x.node].type);
  auto& to = a.access[I];
  if constexpr (x.kind == fuse::access::scalar) to.base = const_cast<char*>(reinterpret_cast<const char*>(b.scalar[x.node]));
  else if constexpr (x.kind == fuse::access::argument && Plan::value.graph.nodes[x.node].op == opcode::literal)
    to.base = b.template data<Plan::value.graph.pool[Plan::value.graph.nodes[x.node].attribute],
                              Plan::value.graph.pool[Plan::value.graph.nodes[x.node].attribute + 2]>();
  else if constexpr (x.kind == fuse::access::argument)
    to.base = b.template argument<Plan::value.graph.pool[Plan::value.graph.nodes[x.node].attribute]>();
  else if constexpr (x.kind == fuse::access::memory) to.base = b.template address<x.node>();
  else a.origin[I] = b.at(x.base);
  if constexpr (x.guards > 0)
    for (int k = 0; k < x.guards; ++k, ++guards) a.first[guards] = b.at(x.bound[k].first), a.last[guards] = b.at(x.bound[k].last);
  if constexpr (x.kind == fuse::access::memory || x.kind == fuse::access::argument) {
    if (is_nowhere<x.node, Plan>(to.base)) return;
    if constexpr (x.guards > 0) to.base = simd::moved(to.base, b.at(x.base) * bytes);
    else to.base += b.at(x.base) * bytes;
  }
  (bind_outer<D>(to, b, x.outer[D]), ...);
  to.inner = b.at(x.inner), to.loop = b.at(x.loop);
}
template <int G, int I, class Args, class Plan, int... D>
SINTER_HOST_INLINE void bind_store(Args& a, const binding<Plan>& b, detail::int_list<D...>) {
  constexpr fuse::store s = Plan::value.stores[Plan::value.groups[G].roots.first + I];
  auto& to = a.store[I];
  to.base = b.template address<s.node>();
  if (is_nowhere<s.node, Plan>(to.base)) return;
  to.base += b.at(s.where.base) * size_of(Plan::value.graph.nodes[s.node].type);
  (bind_outer<D>(to, b, s.where.outer[D]), ...);
  to.inner = b.at(s.where.inner), to.loop = b.at(s.where.loop);
}
template <int G, int I, class Args, class Plan> SINTER_HOST_INLINE void bind_selection(Args& a, const binding<Plan>& b, int& guards) {
  constexpr fuse::guard q = Plan::value.selections[Plan::value.groups[G].selections.first + I];
  a.first[guards] = b.at(q.first), a.last[guards] = b.at(q.last), ++guards;
}
template <int G, class Args, class Plan, int... D, int... A, int... Q, int... S>
SINTER_HOST_INLINE void bind_arguments(Args& a, const binding<Plan>& b, detail::int_list<D...> outer, detail::int_list<A...>,
                                       detail::int_list<Q...>, detail::int_list<S...>) {
  constexpr fuse::group g = Plan::value.groups[G];
  ((a.outer[D] = b.at(g.outer_extent[D])), ...);
  a.inner = a.end = b.at(g.inner), a.loop = b.at(g.loop);
  [[maybe_unused]] int guards = 0;
  (bind_access<G, A>(a, b, guards, outer), ...);
  (bind_selection<G, Q>(a, b, guards), ...);
  (bind_store<G, S>(a, b, outer), ...);
}
template <int G, class Args, class Plan> SINTER_HOST_INLINE void bind_arguments(Args& a, const binding<Plan>& b) {
  constexpr fuse::group g = Plan::value.groups[G];
  bind_arguments<G>(a, b, detail::make_int_list<g.outer>{}, detail::make_int_list<g.accesses.count>{},
                    detail::make_int_list<g.selections.count>{}, detail::make_int_list<g.roots.count>{});
}

template <class Args> constexpr extent_t rows_of(const Args& a, int outer) {
  extent_t n = 1;
  for (int d = 0; d < outer; ++d) n *= a.outer[d];
  return n;
}

// What is copied before a scatter runs: the array that it changes, to where the result is. Nothing in place.
struct scattered_array {
  const char* from;
  char* to;
  extent_t bytes;
};
template <class P> constexpr int find_scattered(const P& plan, const fuse::group& g) {
  for (int i = 0; i < g.accesses.count; ++i)
    if (plan.accesses[g.accesses.first + i].use == fuse::access::whole) return plan.accesses[g.accesses.first + i].node;
  return -1;
}
template <int G, class Plan> SINTER_HOST_INLINE scattered_array scattered_by(const binding<Plan>& b) {
  constexpr fuse::group g = Plan::value.groups[G];
  constexpr int array = find_scattered(Plan::value, g), result = Plan::value.stores[g.roots.first].node;
  constexpr graph::node n = Plan::value.graph.nodes[result];
  constexpr shape<> s = Plan::value.graph.shapes[n.shape];
  const char* const from = b.template address<array>();
  char* const to = b.template address<result>();
  extent_t bytes = from == to ? 0 : size_of(n.type);
  for (int k = 0; k < s.rank; ++k) bytes *= b.at(s[k]);
  return {from, to, bytes};
}

// The elements that group G runs over, or -1 where they are known at run time.
template <class Plan, int G> constexpr extent_t static_elements() {
  const fuse::group g = Plan::value.groups[G];
  extent_t n = graph::is_symbol(g.inner) || graph::is_symbol(g.loop) ? -1 : g.inner * g.loop;
  for (int d = 0; d < g.outer; ++d) n = n < 0 || graph::is_symbol(g.outer_extent[d]) ? -1 : n * g.outer_extent[d];
  return n;
}
// Few elements: the kernel is inlined into the call, the call into its caller, and all arguments vanish.
template <class Plan, int G> constexpr bool is_small() {
  constexpr group_kind kind = Plan::value.groups[G].kind;
  return kind != group_kind::library_call && kind != group_kind::control && kind != group_kind::scatter &&
         static_elements<Plan, G>() >= 0 && static_elements<Plan, G>() <= 64;
}
// A microsecond of work at most: the kernel is inlined into the call.
template <class Plan, int G> constexpr bool is_short() { return static_elements<Plan, G>() >= 0 && static_elements<Plan, G>() <= 16384; }

}  // namespace run
}  // namespace SINTER_ISA

}  // namespace sinter
