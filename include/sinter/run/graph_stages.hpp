// SPDX-License-Identifier: Apache-2.0
// The graph of one traced function after each pass, each kept as its own constant: traced, and simplified.
#pragma once

#include <sinter/graph/verify.hpp>
#include <sinter/ops/user.hpp>
#include <sinter/transform/complex.hpp>
#include <sinter/transform/outline.hpp>
#include <sinter/transform/split.hpp>

namespace sinter {
inline namespace SINTER_ISA {
namespace run {

// The graph of a source after each pass. Source has `static constexpr void trace(graph::builder&)`.
template <class Source> constexpr graph::builder traced() {
  graph::builder g;
  Source::trace(g);
  return g;
}
// A pass runs once into a constant that is large enough for most programs, of which the part in use is kept; it runs again where more
// is needed. Where unused elements of constants are dear, it has no room and always runs twice: to count, then into as much as that.
inline constexpr bool has_rooms = SINTER_ROOM_OF_CONSTANTS > 0, has_large_rooms = SINTER_ROOM_OF_CONSTANTS > 1;
inline constexpr graph::counts usual_size = has_large_rooms ? graph::counts{1280, 96, 3072, 64, 64, 16, 256}
                                            : has_rooms     ? graph::counts{64, 16, 192, 16, 16, 8, 16}
                                                            : graph::counts{};
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

}  // namespace run
}  // namespace SINTER_ISA
}  // namespace sinter
