// SPDX-License-Identifier: Apache-2.0
// What a plan says of itself: figures as constants, the plan as text, the graph as a picture.
#pragma once

#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <sinter/run/call.hpp>

namespace sinter::run {

/// The figures of a plan. Kernels and temporaries are always constants; where run-time extents take part, the others are
/// -1 until the plan is asked with operands.
struct plan_summary {
  int kernels = 0, temporaries = 0;
  extent_t flops = 0, bytes_read = 0, bytes_written = 0, workspace_bytes = 0;
};

constexpr extent_t known(extent_t e) { return graph::is_symbol(e) ? -1 : e; }

template <class Plan, class Options, int... G> constexpr extent_t static_buffers(detail::int_list<G...>) {
  extent_t most = 0;
  const auto one = [&](auto g) {
    constexpr int I = decltype(g)::value;
    constexpr fuse::group gr = Plan::value.groups[I];
    if constexpr (gr.kind != group_kind::dot) {
      using code = group_code<Plan, I, Options::schedule>;
      if constexpr (code::value.buffers == 0) return;
      else if constexpr (graph::is_symbol(gr.inner) || graph::is_symbol(gr.loop)) most = -1;
      else if (most >= 0) most = buffer_bytes<code>(gr.inner, gr.loop) > most ? buffer_bytes<code>(gr.inner, gr.loop) : most;
    }
  };
  (one(std::integral_constant<int, G>{}), ...);
  return most;
}
template <class Plan, class Options> constexpr plan_summary summary() {
  const fuse::totals& t = Plan::value.total;
  const extent_t rows = static_buffers<Plan, Options>(detail::make_int_list<Plan::size.groups>{});
  const extent_t arena = known(t.workspace_bytes);
  return {t.kernels,           t.temporaries,          known(t.flops),
          known(t.bytes_read), known(t.bytes_written), rows < 0 || arena < 0 ? -1 : (arena + rows + 63) / 64 * 64};
}
template <class Plan, class Options, class... X> plan_summary summary_of(const X&... x) {
  binding<Plan> b;
  b.bind_symbols(shapes_of_call<std::tuple<>, std::tuple<const X&...>>{{}, {x...}, nullptr});
  b.check_constraints();
  const fuse::totals& t = Plan::value.total;
  return {t.kernels,
          t.temporaries,
          b.at(t.flops),
          b.at(t.bytes_read),
          b.at(t.bytes_written),
          (arena_bytes<Plan, Options::schedule>(b, detail::make_int_list<Plan::size.groups>{}) + 63) / 64 * 64};
}

// A value of a plan as a polynomial in the run-time extents: the factors of each term, and its coefficient.
inline std::string extent_text(const graph::symbol* symbols, extent_t e);
using polynomial = std::map<std::vector<std::string>, extent_t>;

inline polynomial polynomial_of(const graph::symbol* symbols, extent_t e) {
  if (!graph::is_symbol(e)) return e == 0 ? polynomial{} : polynomial{{{}, e}};
  const graph::symbol& s = symbols[graph::symbol_index(e)];
  const auto atom = [](const std::string& name) { return polynomial{{{name}, 1}}; };
  if (s.kind == graph::symbol::param) return atom("n" + std::to_string(s.a) + "_" + std::to_string(s.b));
  if (s.kind == graph::symbol::stride) return atom("stride" + std::to_string(s.a) + "_" + std::to_string(s.b));
  polynomial a = polynomial_of(symbols, s.a);
  const polynomial b = polynomial_of(symbols, s.b);
  polynomial r;
  if (s.kind == graph::symbol::sum || s.kind == graph::symbol::difference) {
    for (const auto& [factors, k] : b) a[factors] += s.kind == graph::symbol::sum ? k : -k;
    r = a;
  } else if (s.kind == graph::symbol::product) {
    for (const auto& [f, k] : a)
      for (const auto& [g, l] : b) {
        std::vector<std::string> all = f;
        all.insert(all.end(), g.begin(), g.end());
        std::sort(all.begin(), all.end());
        r[all] += k * l;
      }
  } else {
    return atom("ceil(" + extent_text(symbols, s.a) + " / " + extent_text(symbols, s.b) + ")");
  }
  std::erase_if(r, [](const auto& term) { return term.second == 0; });
  return r;
}
// As text: n0_1 is the extent of axis 1 of argument 0.
inline std::string extent_text(const graph::symbol* symbols, extent_t e) {
  std::string s;
  for (const auto& [factors, k] : polynomial_of(symbols, e)) {
    std::string term = k != 1 || factors.empty() ? std::to_string(k) : "";
    for (const std::string& f : factors) term += (term.empty() ? "" : " ") + f;
    s += (s.empty() ? "" : " + ") + term;
  }
  return s.empty() ? "0" : s;
}
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

}  // namespace sinter::run
