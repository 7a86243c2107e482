// SPDX-License-Identifier: Apache-2.0
// From a simplified graph to its plan, as constants, and the code of each of its groups.
#pragma once

#include <sinter/fuse/frozen_groups.hpp>
#include <sinter/fuse/plan.hpp>
#include <sinter/run/graph_stages.hpp>
#include <sinter/simd/evaluate.hpp>

namespace sinter {
inline namespace SINTER_ISA {
namespace run {

using fuse::group_kind;

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
  if (has_large_rooms && nodes <= 192) return {usual_size, 64, 1536, 256, 32, 64, 16, 24};
  if (nodes <= 48) return {usual_size, 8, 96, 32, 8, 16, 8, 12};
  int n = has_large_rooms ? 256 : 64;
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

}  // namespace run
}  // namespace SINTER_ISA
}  // namespace sinter
