// SPDX-License-Identifier: Apache-2.0
// The groups of a large graph as a constant, between their partition and their plan.
#pragma once

#include <sinter/fuse/frozen_plan.hpp>

namespace sinter::fuse {

template <plan_size N> struct frozen_groups {
  plan_size size;  // all that is there, or more than there is room for
  graph::frozen<N.graph> graph;
  group groups[N.groups + 1] = {};
  step steps[N.steps + 1] = {};
  loop_access accesses[N.accesses + 1] = {};
  guard selections[N.selections + 1] = {};
  store stores[N.stores + 1] = {};
  bool materialised[N.graph.nodes + 1] = {};
  int strided_result[N.graph.nodes + 1] = {};
};
template <plan_size N> constexpr frozen_groups<N> freeze_groups(const partitioned& p) {
  frozen_groups<N> f;
  f.size = {p.graph.size(), p.groups.size(), p.steps.size(), p.accesses.size(), p.selections.size(), p.stores.size(), 0, 0};
  if (!f.size.fits(N)) return f;
  f.graph = graph::freeze<N.graph>(p.graph.view());
  for (int i = 0; i < f.size.groups; ++i) f.groups[i] = p.groups[i];
  for (int i = 0; i < f.size.steps; ++i) f.steps[i] = p.steps[i];
  for (int i = 0; i < f.size.accesses; ++i) f.accesses[i] = p.accesses[i];
  for (int i = 0; i < f.size.selections; ++i) f.selections[i] = p.selections[i];
  for (int i = 0; i < f.size.stores; ++i) f.stores[i] = p.stores[i];
  for (int i = 0; i < f.size.graph.nodes; ++i) f.materialised[i] = p.materialised[i], f.strided_result[i] = p.strided_result[i];
  return f;
}
template <plan_size N> constexpr partitioned thaw(const frozen_groups<N>& f) {
  partitioned p;
  graph::graph_view v = f.graph.view();
  const graph::counts& n = f.size.graph;
  v.node_count = n.nodes, v.shape_count = n.shapes, v.pool_count = n.pool, v.symbol_count = n.symbols;
  v.constraint_count = n.constraints, v.external_count = n.externals, v.result_count = n.results;
  p.graph = graph::thaw(v);
  p.groups.add_all(f.groups, f.size.groups), p.steps.add_all(f.steps, f.size.steps), p.accesses.add_all(f.accesses, f.size.accesses);
  p.selections.add_all(f.selections, f.size.selections), p.stores.add_all(f.stores, f.size.stores);
  p.materialised.add_all(f.materialised, n.nodes), p.strided_result.add_all(f.strided_result, n.nodes);
  return p;
}

}  // namespace sinter::fuse
