// SPDX-License-Identifier: Apache-2.0
// What a plan says of itself: figures as constants, the plan as text, the graph as a picture.
#pragma once

#include <string>
#include <string_view>

#include <sinter/run/figures.hpp>

namespace sinter {
inline namespace SINTER_ISA {
namespace run {

template <class Graph> std::string type_text(const Graph& g, int node) {
  std::string s = info(g.nodes[node].type).name;
  const shape<>& e = g.shapes[g.nodes[node].shape];
  s += "[";
  for (int a = 0; a < e.rank; ++a) s += (a ? ", " : "") + extent_text(g.symbols, e[a]);
  return s + "]";
}
template <class Plan> std::string place_text(int node) {
  const fuse::place& p = Plan::value.places[node];
  const char* names[] = {"nowhere", "argument ", "result ", "temporary "};
  return names[static_cast<int>(p.kind)] + std::to_string(p.kind == fuse::place::arena ? node : p.index);
}

template <class Plan> std::string group_text(int k) {
  const auto& plan = Plan::value;
  const fuse::group& g = plan.groups[plan.order[k]];
  std::string s = "kernel " + std::to_string(k) + ": " + name(g.kind) + " over [";
  for (int d = 0; d < g.outer; ++d) s += extent_text(plan.graph.symbols, g.outer_extent[d]) + ", ";
  if (g.kind == group_kind::columns || g.kind == group_kind::dot)
    s += extent_text(plan.graph.symbols, g.loop) + (g.kind == group_kind::dot ? " summed, " : " reduced, ");
  s += extent_text(plan.graph.symbols, g.inner) + (g.kind == group_kind::rows ? " reduced]" : "]");
  s += "\n  computes";
  for (int i = 0; i < g.steps.count; ++i) {
    const fuse::step& t = plan.steps[g.steps.first + i];
    if (t.op == opcode::param || t.op == opcode::constant) continue;
    const bool user = t.op == opcode::element_call || t.op == opcode::reduce_call || t.op == opcode::row_call;
    s += std::string(" ") + (user ? plan.graph.externals[t.payload]->name : info(t.op).name);
  }
  s += "\n  reads   ";
  for (int i = 0; i < g.accesses.count; ++i) {
    const fuse::loop_access& a = plan.accesses[g.accesses.first + i];
    bool first = a.kind == fuse::access::memory || a.kind == fuse::access::argument;
    for (int j = 0; j < i; ++j) first &= plan.accesses[g.accesses.first + j].node != a.node;
    if (first) s += " " + place_text<Plan>(a.node) + " " + type_text(plan.graph, a.node);
  }
  s += "\n  writes  ";
  for (int i = 0; i < g.roots.count; ++i) {
    const int n = plan.stores[g.roots.first + i].node;
    s += " " + place_text<Plan>(n) + " " + type_text(plan.graph, n);
  }
  return s + "\n";
}

template <class Plan, class Options> std::string_view explain() {
  static const std::string text = [] {
    const auto& plan = Plan::value;
    const fuse::totals& t = plan.total;
    std::string s = std::to_string(t.kernels) + (t.kernels == 1 ? " kernel, " : " kernels, ") + std::to_string(t.temporaries) +
                    (t.temporaries == 1 ? " temporary, " : " temporaries, ");
    s += "flops " + extent_text(plan.graph.symbols, t.flops) + ", bytes read " + extent_text(plan.graph.symbols, t.bytes_read) +
         ", bytes written " + extent_text(plan.graph.symbols, t.bytes_written) + ", arena bytes " +
         extent_text(plan.graph.symbols, t.workspace_bytes) + "\n";
    for (int k = 0; k < Plan::size.groups; ++k) s += group_text<Plan>(k);
    return s;
  }();
  return text;
}

template <class Plan> std::string_view dot_text() {
  static const std::string text = [] {
    const auto& plan = Plan::value;
    const auto& g = plan.graph;
    std::string s = "digraph plan {\n  node [shape=box, fontname=\"sans-serif\"];\n";
    for (int k = 0; k < Plan::size.groups; ++k) {
      const fuse::group& gr = plan.groups[plan.order[k]];
      s += "  k" + std::to_string(k) + " [label=\"kernel " + std::to_string(k) + "\\n" + name(gr.kind);
      for (int i = 0; i < gr.steps.count; ++i) {
        const fuse::step& t = plan.steps[gr.steps.first + i];
        if (t.op != opcode::param && t.op != opcode::constant) s += std::string(i % 6 == 5 ? "\\n" : " ") + info(t.op).name;
      }
      s += "\", style=filled, fillcolor=lightblue];\n";
      for (int i = 0; i < gr.accesses.count; ++i) {
        const fuse::loop_access& a = plan.accesses[gr.accesses.first + i];
        bool first = a.kind == fuse::access::memory || a.kind == fuse::access::argument;
        for (int j = 0; j < i; ++j) first &= plan.accesses[gr.accesses.first + j].node != a.node;
        if (first) s += "  n" + std::to_string(a.node) + " -> k" + std::to_string(k) + ";\n";
      }
      for (int i = 0; i < gr.roots.count; ++i)
        s += "  k" + std::to_string(k) + " -> n" + std::to_string(plan.stores[gr.roots.first + i].node) + ";\n";
    }
    for (int i = 0; i < Plan::size.graph.nodes; ++i)
      if (plan.places[i].kind != fuse::place::nowhere)
        s += "  n" + std::to_string(i) + " [label=\"" + place_text<Plan>(i) + "\\n" + type_text(g, i) + "\", shape=ellipse];\n";
    return s + "}\n";
  }();
  return text;
}

}  // namespace run
}  // namespace SINTER_ISA
}  // namespace sinter
