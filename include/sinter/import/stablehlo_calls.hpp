// SPDX-License-Identifier: Apache-2.0
// Functions of the user's that a module calls by name (custom_call), as a table of names and tracing functions.
#pragma once

#include <sinter/import/stablehlo_context.hpp>
#include <sinter/run/fn.hpp>

namespace sinter::mlir {

/// How many operands the module's calls of a name have, as bits: the user's function is instantiated for these alone.
template <class Text> constexpr std::uint64_t operand_counts(const char* name) {
  const module_view& m = module_of<Text>;
  const reader r(m.source);
  std::uint64_t counts = 0;
  for (int i = 0; i < m.size.ops; ++i) {
    const linked_op& o = m.ops[i];
    if (o.kind == op_kind::custom_call && o.operands < 64 && equal(m.source, call_target(r, m, o), name))
      counts |= std::uint64_t{1} << o.operands;
  }
  return counts;
}

template <class F, int... I>
constexpr bool trace_function(graph::builder& g, [[maybe_unused]] const value* x, list<int>& to, sinter::detail::int_list<I...>) {
  // One that returns nothing is no function.
  if constexpr (requires { requires !std::is_void_v<decltype(F{}(x[I]...))>; }) {
    const int first = g.results.size();
    run::add_results(g, F{}(x[I]...));
    for (int k = first; k < g.results.size(); ++k) to.add(g.results[k]);
    g.results.drop(g.results.size() - first);
    return true;
  } else {
    return false;
  }
}
template <class F, std::uint64_t Counts, int N> constexpr bool trace_function_of(graph::builder& g, const value* x, int n, list<int>& to) {
  if constexpr ((Counts & 1) != 0)
    if (n == N) return trace_function<F>(g, x, to, sinter::detail::make_int_list<N>{});
  if constexpr ((Counts >> 1) != 0) return trace_function_of<F, (Counts >> 1), N + 1>(g, x, n, to);
  else return false;
}

/// What custom calls of a module may name: F::name is the name, F{}(values...) the function.
template <class Text, class List> struct functions_of;
template <class Text, class... F> struct functions_of<Text, std::tuple<F...>> {
  static constexpr user_function value[] = {{F::name, &trace_function_of<F, operand_counts<Text>(F::name), 0>}..., {}};
};

}  // namespace sinter::mlir
