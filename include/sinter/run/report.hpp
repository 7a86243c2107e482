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
  const char* names[] = {"nowhere", "argument ", "result ", "temporary ", ""};
  if (p.kind == fuse::place::literal) return Plan::value.graph.externals[p.index]->name + (" + " + std::to_string(p.offset));
  return names[static_cast<int>(p.kind)] + std::to_string(p.kind == fuse::place::arena ? node : p.index);
}

inline bool is_work(const fuse::step& s) { return !is_in_memory(s.op) && s.op != opcode::constant; }
// The buffers that a kernel reads, each once.
template <class Plan> std::vector<int> reads_of(const fuse::unit& u) {
  const auto& plan = Plan::value;
  std::vector<int> nodes;
  for (int m = 0; m < u.count; ++m) {
    const fuse::group& g = plan.groups[u.group[m]];
    for (int i = 0; i < g.accesses.count; ++i) {
      const fuse::loop_access& a = plan.accesses[g.accesses.first + i];
      const bool memory = (a.kind == fuse::access::memory && plan.is_in_memory(a.node)) || a.kind == fuse::access::argument;
      if (memory && std::find(nodes.begin(), nodes.end(), a.node) == nodes.end()) nodes.push_back(a.node);
    }
  }
  return nodes;
}
template <class Plan> std::vector<int> writes_of(const fuse::unit& u) {
  const auto& plan = Plan::value;
  std::vector<int> nodes;
  for (int m = 0; m < u.count; ++m)
    for (int i = 0; i < plan.groups[u.group[m]].roots.count; ++i) {
      const int n = plan.stores[plan.groups[u.group[m]].roots.first + i].node;
      if (plan.is_in_memory(n) && (nodes.empty() || nodes.back() != n)) nodes.push_back(n);  // a stack is stored in two parts
    }
  return nodes;
}

template <class Plan> std::string buffers_text(const fuse::unit& u) {
  std::string s;
  const auto line = [&s](const char* label, const char* space, const auto& nodes) {
    s += label;
    for (const int n : nodes) s += space + (" " + place_text<Plan>(n)) + " " + type_text(Plan::value.graph, n), space = "";
  };
  line("\n  reads", "   ", reads_of<Plan>(u)), line("\n  writes", "  ", writes_of<Plan>(u));
  return s + "\n";
}
template <class Plan> std::string kernel_text(int k) {
  const auto& plan = Plan::value;
  const fuse::group& g = plan.groups[plan.order[k]];
  const fuse::unit u = plan.kernel(k);
  const bool library = g.kind == group_kind::library_call, bare = library && g.outer == 0;
  std::string s = "kernel " + std::to_string(k) + ": " + name(g.kind) + (bare ? "" : " over [");
  for (int d = 0; d < g.outer; ++d) s += extent_text(plan.graph.symbols, g.outer_extent[d]) + (library && d + 1 == g.outer ? "]" : ", ");
  if (g.kind == group_kind::columns || g.kind == group_kind::dot)
    s += extent_text(plan.graph.symbols, g.loop) + (g.kind == group_kind::dot ? " summed, " : " reduced, ");
  if (!library) s += extent_text(plan.graph.symbols, g.inner) + (g.kind == group_kind::rows ? " reduced]" : "]");
  s += "\n  computes";
  for (int m = 0; m < u.count; ++m) {
    const fuse::group& part = plan.groups[u.group[m]];
    if (m > 0) s += " |";  // block by block in the cache
    for (int i = 0; i < part.steps.count; ++i) {
      const fuse::step& t = plan.steps[part.steps.first + i];
      const bool user = t.op == opcode::element_call || t.op == opcode::reduce_call || t.op == opcode::row_call || library;
      if (is_work(t)) s += std::string(" ") + (user ? plan.graph.externals[t.payload]->name : info(t.op).name);
    }
  }
  return s + buffers_text<Plan>(u);
}
// The kernels of a program, each line after `indent`; those of a loop's body or of a branch's sides under it.
template <class Plan> std::string kernels_text(const std::string& indent);
template <class Plan, int K> std::string kernel_and_bodies_text(const std::string& indent) {
  constexpr int G = Plan::value.order[K];
  std::string s;
  if constexpr (Plan::value.groups[G].kind == group_kind::control) {
    using control = control_group<Plan, G, default_backend, fuse::schedule_value{}>;
    const char* const first = control::kind == graph::control::branch ? "if true" : "body";
    s = "kernel " + std::to_string(K) + ": " +
        (control::kind == graph::control::scan         ? "loop of " + std::to_string(control::trips) + " steps"
         : control::kind == graph::control::while_loop ? "while loop"
                                                       : "branch") +
        buffers_text<Plan>(Plan::value.kernel(K)) + "  " + first + "\n" + kernels_text<typename control::template body<0>>("    ");
    if constexpr (control::kind != graph::control::scan)
      s += std::string("  ") + (control::kind == graph::control::branch ? "if false" : "condition") + "\n" +
           kernels_text<typename control::template body<1>>("    ");
  } else {
    s = kernel_text<Plan>(K);
  }
  std::string to;
  for (std::size_t at = 0; at < s.size();) {
    const std::size_t end = s.find('\n', at);
    to += indent + s.substr(at, end + 1 - at), at = end + 1;
  }
  return to;
}
template <class Plan, int... K> std::string kernels_text(const std::string& indent, detail::int_list<K...>) {
  return (std::string() + ... + kernel_and_bodies_text<Plan, K>(indent));
}
template <class Plan> std::string kernels_text(const std::string& indent) {
  return kernels_text<Plan>(indent, detail::make_int_list<Plan::value.total.kernels>{});
}

template <class Plan, class Options> std::string_view explain() {
  static const std::string text = [] {
    const auto& plan = Plan::value;
    const fuse::totals& t = plan.total;
    std::string s = std::to_string(t.kernels) + (t.kernels == 1 ? " kernel, " : " kernels, ") + std::to_string(t.temporaries) +
                    (t.temporaries == 1 ? " temporary, " : " temporaries, ");
    s += "flops " + flops_figure<Plan>().text() + ", bytes read " + extent_text(plan.graph.symbols, t.bytes_read) + ", bytes written " +
         extent_text(plan.graph.symbols, t.bytes_written) + ", arena bytes " + extent_text(plan.graph.symbols, t.workspace_bytes) + "\n";
    return s + kernels_text<Plan>("");
  }();
  return text;
}

template <class Plan> std::string_view dot_text() {
  static const std::string text = [] {
    const auto& plan = Plan::value;
    const auto& g = plan.graph;
    std::string s = "digraph plan {\n  node [shape=box, fontname=\"sans-serif\"];\n";
    for (int k = 0; k < plan.total.kernels; ++k) {
      const fuse::unit u = plan.kernel(k);
      s += "  k" + std::to_string(k) + " [label=\"kernel " + std::to_string(k) + "\\n" + name(plan.groups[plan.order[k]].kind);
      int shown = 0;
      for (int m = 0; m < u.count; ++m)
        for (int i = 0; i < plan.groups[u.group[m]].steps.count; ++i) {
          const fuse::step& t = plan.steps[plan.groups[u.group[m]].steps.first + i];
          if (is_work(t)) s += std::string(++shown % 6 == 0 ? "\\n" : " ") + info(t.op).name;
        }
      s += "\", style=filled, fillcolor=lightblue];\n";
      for (const int n : reads_of<Plan>(u)) s += "  n" + std::to_string(n) + " -> k" + std::to_string(k) + ";\n";
      for (const int n : writes_of<Plan>(u)) s += "  k" + std::to_string(k) + " -> n" + std::to_string(n) + ";\n";
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
