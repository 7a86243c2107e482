// SPDX-License-Identifier: Apache-2.0
// Loops and branches in a graph. While a function is traced, their bodies stand in the same list of nodes as everything else: what depends
// on a `region_param` belongs to a body, and what does not is computed once, outside. transform/outline.hpp takes the bodies out.
#pragma once

#include <sinter/graph/graph.hpp>

namespace sinter::graph {

/// A `control` node is one result of a loop or a branch; the nodes of all its results have equal operands and attributes but `result`. A
/// derivative may want more of the same loop: it adds nodes of the same region whose bodies collect more, after what they collected.
/// Operand 0 bundles what comes in: for a scan the initial carries and the arrays it runs along, for a while loop the initial carries, for
/// a branch the condition. Operand 1 bundles what the bodies compute: the next carries and what a scan collects; for a while loop last the
/// condition; for a branch the results of either side. Outlined, operand 1 is gone and operand 0 goes on with what the bodies capture.
struct control {
  enum kind_t : extent_t { scan, while_loop, branch };
  enum attribute : int { region, result, kind, trips, reversed, carries, along, collected, outlined, begin, count };
  // begin: of a branch, how many nodes stood before its sides were traced.
  // Parameters of a body: carries, elements of the arrays, for a scan the index (i32), then what is captured.
};

// Operands of any number: up to four, the last of which may be a further bundle.
constexpr int add_bundle(builder& g, const int* id, int n) {
  if (n <= max_operands) return g.add(opcode::bundle, dtype::boolean, {}, id, n);
  const int rest = add_bundle(g, id + max_operands - 1, n - (max_operands - 1));
  const int all[] = {id[0], id[1], id[2], rest};
  return g.add(opcode::bundle, dtype::boolean, {}, all, max_operands);
}
// f(node) for each of them.
template <class Graph, class F> constexpr void for_each_in_bundle(const Graph& g, int bundle, F f) {
  const node n = g.nodes[bundle];
  for (int k = 0; k < n.operands; ++k)
    if (k == max_operands - 1 && g.nodes[n.operand[k]].op == opcode::bundle) for_each_in_bundle(g, n.operand[k], f);
    else f(n.operand[k]);
}

}  // namespace sinter::graph
