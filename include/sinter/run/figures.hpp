// SPDX-License-Identifier: Apache-2.0
// The figures of a plan: numbers, or polynomials in the run-time extents of the arguments.
#pragma once

#include <algorithm>
#include <initializer_list>
#include <map>
#include <string>
#include <vector>

#include <sinter/run/call.hpp>

namespace sinter {
inline namespace SINTER_ISA {
namespace run {

// An extent as a polynomial in the run-time extents: the factors of each term, and its coefficient.
inline std::string extent_text(const graph::symbol* symbols, extent_t e);
using terms = std::map<std::vector<std::string>, extent_t>;

inline terms terms_of(const graph::symbol* symbols, extent_t e) {
  if (!graph::is_symbol(e)) return e == 0 ? terms{} : terms{{{}, e}};
  const graph::symbol& s = symbols[graph::symbol_index(e)];
  const auto atom = [](const std::string& name) { return terms{{{name}, 1}}; };
  if (s.kind == graph::symbol::param) return atom("n" + std::to_string(s.a) + "_" + std::to_string(s.b));
  if (s.kind == graph::symbol::stride) return atom("stride" + std::to_string(s.a) + "_" + std::to_string(s.b));
  terms a = terms_of(symbols, s.a);
  const terms b = terms_of(symbols, s.b);
  terms r;
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
  } else if (s.kind == graph::symbol::smaller) {
    return atom("min(" + extent_text(symbols, s.a) + ", " + extent_text(symbols, s.b) + ")");
  } else {
    return atom("ceil(" + extent_text(symbols, s.a) + " / " + extent_text(symbols, s.b) + ")");
  }
  std::erase_if(r, [](const auto& term) { return term.second == 0; });
  return r;
}
// As text: n0_1 is the extent of axis 1 of argument 0.
inline std::string extent_text(const graph::symbol* symbols, extent_t e) {
  std::string s;
  for (const auto& [factors, k] : terms_of(symbols, e)) {
    std::string term = k != 1 || factors.empty() ? std::to_string(k) : "";
    for (const std::string& f : factors) term += (term.empty() ? "" : " ") + f;
    s += (s.empty() ? "" : " + ") + term;
  }
  return s.empty() ? "0" : s;
}

/// A figure of a plan. A number where every extent is static; else a polynomial in the run-time extents:
/// `p.flops(shape{64, 768}, shape{768, 10})` is its value for arguments of these shapes, `p.flops.text()` its terms.
/// Error: as a number, a figure that needs run-time extents throws sinter::exception (in a constant: does not compile).
struct figure {
  extent_t value = 0;  ///< -1: depends on run-time extents
  extent_t (*at)(const shape<>* arguments, int count) = nullptr;
  std::string (*describe)() = nullptr;

  constexpr bool is_number() const { return value >= 0; }
  constexpr operator extent_t() const {
    if (!is_number())
      throw exception(
          "sinter: this figure depends on run-time extents; give the shapes of the arguments, figure(shape{...}, ...), or ask plan(x, "
          "...)");
    return value;
  }
  template <std::convertible_to<shape<>>... S>
  requires(sizeof...(S) > 0) constexpr extent_t operator()(const S&... arguments) const {
    const shape<> shapes[] = {shape<>(arguments)...};
    return is_number() ? value : at(shapes, sizeof...(S));
  }
  std::string text() const { return is_number() ? std::to_string(value) : describe(); }
};

/// The figures of a plan; the numbers of kernels, temporaries and copies are always constants.
struct plan_summary {
  int kernels = 0, temporaries = 0;
  figure flops, bytes_read, bytes_written, workspace_bytes;
  int body_kernels = 0;  ///< of the bodies of loops and branches, conditions included
  int copies = 0;        ///< carries of loops that are copied: before the first step, in each, or behind the last
};

// The shapes of the arguments as what a binding asks for.
struct given_shapes {
  const shape<>* argument;
  int count;
  constexpr extent_t extent(int p, int axis) const {
    if (p >= count || axis >= argument[p].rank) throw shape_error("sinter: a figure needs the shape of every argument, with all its axes");
    return argument[p][axis];
  }
  constexpr extent_t stride(int, int) const { return 0; }
};
template <class Plan, class Options> constexpr extent_t workspace_of(const binding<Plan>& b) {
  return (arena_bytes<Plan, typename Options::backend, Options::schedule>(b, detail::make_int_list<Plan::size.groups>{}) + 63) / 64 * 64;
}
// f(binding for arguments of these shapes). Not returned: clang 19 copies no binding in a constant, its scalars are not initialised.
template <class Plan, class F> constexpr extent_t with_shapes(const shape<>* arguments, int count, F f) {
  binding<Plan> b;
  b.bind_symbols(given_shapes{arguments, count});
  b.check_constraints();
  return f(b);
}
template <class Plan> constexpr bool has_bodies() {
  for (int i = 0; i < Plan::size.groups; ++i)
    if (Plan::value.groups[i].kind == group_kind::control) return true;
  return false;
}
// Flops with those of the bodies of loops and branches: a loop of unknown length counts one step, a branch its larger side.
template <class Plan> constexpr extent_t flops_at(const binding<Plan>& b);
template <class Plan, class Body> constexpr extent_t flops_of_body(const binding<Plan>& b) {
  binding<Body> inner;
  inner.bind_symbols_within(b.symbol, trace_stage<typename Plan::home>::size.symbols);
  return flops_at(inner);
}
template <class Plan, int G> using control_of =
    control_group<Plan, G, default_backend, fuse::schedule_value{}>;  // any backend: only the bodies are asked for
template <class Plan, int G> constexpr extent_t flops_of_bodies(const binding<Plan>& b) {
  if constexpr (Plan::value.groups[G].kind != group_kind::control) return 0;
  else {
    using control = control_of<Plan, G>;
    const extent_t one = flops_of_body<Plan, typename control::first_body>(b);
    if constexpr (control::kind == graph::control::scan) return detail::saturating_product(one, control::trips);
    const extent_t two = flops_of_body<Plan, typename control::second_body>(b);
    return control::kind == graph::control::branch ? (one > two ? one : two) : one + two;
  }
}
template <class Plan, int... G> constexpr extent_t flops_at(const binding<Plan>& b, detail::int_list<G...>) {
  constexpr extent_t own = Plan::value.total.flops;
  return (b.at(own) + ... + flops_of_bodies<Plan, G>(b));
}
template <class Plan> constexpr extent_t flops_at(const binding<Plan>& b) {
  return flops_at(b, detail::make_int_list<Plan::size.groups>{});
}
struct body_figures {
  int kernels = 0, copies = 0;
  constexpr body_figures operator+(const body_figures& o) const { return {kernels + o.kernels, copies + o.copies}; }
};
template <class Plan> constexpr body_figures figures_of_bodies();
template <class Plan, int G> constexpr body_figures figures_of_bodies() {
  if constexpr (Plan::value.groups[G].kind != group_kind::control) return {};
  else {
    using control = control_of<Plan, G>;
    using one = typename control::first_body;
    const body_figures f = body_figures{one::value.total.kernels, control::copies()} + figures_of_bodies<one>();
    if constexpr (control::kind == graph::control::scan) return f;
    else {
      using two = typename control::second_body;
      return f + body_figures{two::value.total.kernels, 0} + figures_of_bodies<two>();
    }
  }
}
template <class Plan, int... G> constexpr body_figures figures_of_bodies(detail::int_list<G...>) {
  return (body_figures{} + ... + figures_of_bodies<Plan, G>());
}
template <class Plan> constexpr body_figures figures_of_bodies() {
  return figures_of_bodies<Plan>(detail::make_int_list<Plan::size.groups>{});
}
template <class Plan> std::string flops_text();
template <class Plan, int G> std::string flops_of_bodies_text() {
  if constexpr (Plan::value.groups[G].kind != group_kind::control) return "";
  else {
    using control = control_of<Plan, G>;
    const std::string one = flops_text<typename control::first_body>();
    if constexpr (control::kind == graph::control::scan) return " + " + std::to_string(control::trips) + " (" + one + ")";
    else if constexpr (control::kind == graph::control::branch)
      return " + the larger of (" + one + ") and (" + flops_text<typename control::second_body>() + ")";
    else return " + " + one + " + " + flops_text<typename control::second_body>() + " a step";
  }
}
template <class Plan, int... G> std::string flops_text(detail::int_list<G...>) {
  return (extent_text(Plan::value.graph.symbols, Plan::value.total.flops) + ... + flops_of_bodies_text<Plan, G>());
}
template <class Plan> std::string flops_text() { return flops_text<Plan>(detail::make_int_list<Plan::size.groups>{}); }
template <class Plan> constexpr figure flops_figure() {
  if constexpr (Plan::size.graph.symbols == 0) return {flops_at(binding<Plan>())};
  else if constexpr (!graph::is_symbol(Plan::value.total.flops) && !has_bodies<Plan>()) return {Plan::value.total.flops};
  else
    return {-1, [](const shape<>* x, int n) { return with_shapes<Plan>(x, n, [](const auto& b) { return flops_at(b); }); },
            [] { return flops_text<Plan>(); }};
}
template <class Plan, extent_t fuse::totals::*Figure> constexpr figure figure_of() {
  constexpr extent_t e = Plan::value.total.*Figure;
  if constexpr (!graph::is_symbol(e)) return {e};
  else
    return {-1, [](const shape<>* x, int n) { return with_shapes<Plan>(x, n, [](const auto& b) { return b.at(e); }); },
            [] { return extent_text(Plan::value.graph.symbols, e); }};
}

// Whether the row buffers of some group depend on run-time extents.
template <class Plan, fuse::schedule_value Schedule, int... G> constexpr bool open_buffers(detail::int_list<G...>) {
  const auto one = [](auto number) {
    constexpr int I = decltype(number)::value;
    constexpr fuse::group g = Plan::value.groups[I];
    if constexpr (g.kind == group_kind::dot)
      return graph::is_symbol(g.inner) || graph::is_symbol(g.loop) || graph::is_symbol(g.outer_extent[g.outer - 1]);
    else if constexpr (g.kind == group_kind::library_call) return library_group<Plan, I>::has_open_buffer();
    else if constexpr (g.kind == group_kind::control) return Plan::size.graph.symbols > 0;
    else if constexpr (!(graph::is_symbol(g.inner) || graph::is_symbol(g.loop))) return false;
    else return group_code<Plan, I, Schedule>::value.buffers > 0;
  };
  return (one(std::integral_constant<int, G>{}) || ...);
}
template <class Plan, class Options> constexpr figure workspace_figure() {
  constexpr bool open = open_buffers<Plan, Options::schedule>(detail::make_int_list<Plan::size.groups>{});
  constexpr extent_t arena = Plan::value.total.workspace_bytes;
  if constexpr (!open && !graph::is_symbol(arena)) return {workspace_of<Plan, Options>(binding<Plan>())};
  else
    return {-1, [](const shape<>* x, int n) { return with_shapes<Plan>(x, n, workspace_of<Plan, Options>); },
            [] { return extent_text(Plan::value.graph.symbols, arena) + (open ? " + row buffers" : ""); }};
}
template <class Plan, class Options> constexpr plan_summary summary() {
  using fuse::totals;
  const totals& t = Plan::value.total;
  constexpr body_figures bodies = figures_of_bodies<Plan>();
  return {t.kernels,
          t.temporaries,
          flops_figure<Plan>(),
          figure_of<Plan, &totals::bytes_read>(),
          figure_of<Plan, &totals::bytes_written>(),
          workspace_figure<Plan, Options>(),
          bodies.kernels,
          bodies.copies};
}
template <class Plan, class Options, class... X> plan_summary summary_of(const X&... x) {
  binding<Plan> b;
  b.bind_symbols(shapes_of_call<std::tuple<>, std::tuple<const X&...>>{{}, {x...}, nullptr});
  b.check_constraints();
  const fuse::totals& t = Plan::value.total;
  constexpr body_figures bodies = figures_of_bodies<Plan>();
  return {t.kernels,      t.temporaries, {flops_at(b)}, {b.at(t.bytes_read)}, {b.at(t.bytes_written)}, {workspace_of<Plan, Options>(b)},
          bodies.kernels, bodies.copies};
}

}  // namespace run
}  // namespace SINTER_ISA
}  // namespace sinter
