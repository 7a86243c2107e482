// SPDX-License-Identifier: Apache-2.0
// The plan as its readers see it: calls, kernels, reports. One object without pointers; how it is found is in plan.hpp.
#pragma once

#include <sinter/fuse/group.hpp>

namespace sinter::fuse {

// Where a node's elements are during a run.
struct place {
  enum kind_t : std::uint8_t { nowhere, param, result, arena, literal } kind = nowhere;
  int index = 0;        // of the parameter or result; of the external that a literal lies in
  extent_t offset = 0;  // arena, literal: bytes
};

struct totals {
  int kernels = 0, temporaries = 0;
  extent_t flops = 0, bytes_read = 0, bytes_written = 0, workspace_bytes = 0, scratch = 0;
};

// The groups that run as one kernel, in the order in which a block of it passes through them.
struct unit {
  int group[10] = {};
  int count = 0;
};
template <class Groups> constexpr void add_unit(const Groups& groups, int head, unit& u) {
  const group& g = groups[head];
  const auto add = [&](int i) {
    if (i >= 0) u.group[u.count++] = i;
  };
  if (g.makes_a >= 0 && groups[g.makes_a].kind == group_kind::dot) add_unit(groups, g.makes_a, u);
  else add(g.makes_a);
  add(g.makes_b), add(head), add(g.partner), add(g.consumer);
}
template <class Groups> constexpr unit unit_of(const Groups& groups, int head) {
  unit u;
  add_unit(groups, head, u);
  return u;
}

struct plan_size {
  graph::counts graph;
  int groups = 0, steps = 0, accesses = 0, selections = 0, stores = 0, results = 0, params = 0;
  constexpr bool fits(const plan_size& room) const {
    return graph.fits(room.graph) && groups <= room.groups && steps <= room.steps && accesses <= room.accesses &&
           selections <= room.selections && stores <= room.stores && results <= room.results && params <= room.params;
  }
};

// How a plan is read, whoever holds it.
struct plan_view {
  graph::graph_view graph;
  const group* groups;
  const step* steps;
  const loop_access* accesses;
  const guard* selections;
  const store* stores;
  const std::int32_t* order;
  const place* places;
  const std::int32_t *result_root, *copy_of;
  const bool *direct, *overwrites, *reads;
  totals total;
  plan_size size;
};

// A plan as one object without pointers; what every kernel call and every report reads.
template <plan_size N> struct frozen_plan {
  sinter::graph::frozen<N.graph> graph;
  group groups[N.groups + 1] = {};
  step steps[N.steps + 1] = {};
  loop_access accesses[N.accesses + 1] = {};
  guard selections[N.selections + 1] = {};
  store stores[N.stores + 1] = {};
  std::int32_t order[N.groups + 1] = {};
  place places[N.graph.nodes + 1] = {};
  std::int32_t result_root[N.results + 1] = {}, copy_of[N.results + 1] = {};
  bool direct[N.results + 1] = {};  // a strided destination is written by the group itself
  bool overwrites[N.results * N.params + 1] = {}, reads[N.params + 1] = {};
  totals total;
  static constexpr plan_size size = N;
  constexpr plan_view view() const {
    return {graph.view(), groups,  steps,  accesses,   selections, stores, order, places,
            result_root,  copy_of, direct, overwrites, reads,      total,  N};
  }
  constexpr bool is_result(int node) const { return places[node].kind == place::result; }
  constexpr unit kernel(int k) const { return unit_of(groups, order[k]); }
  constexpr bool is_in_memory(int node) const { return places[node].kind != place::nowhere; }
};
// As much of a plan as there is room for.
template <plan_size N> constexpr frozen_plan<N> freeze(const plan_view& p) {
  frozen_plan<N> f;
  f.graph = sinter::graph::freeze<N.graph>(p.graph);
  for (int i = 0; i < N.groups && i < p.size.groups; ++i) f.groups[i] = p.groups[i];
  for (int i = 0; i < N.groups && i < p.total.kernels; ++i) f.order[i] = p.order[i];
  for (int i = 0; i < N.steps && i < p.size.steps; ++i) f.steps[i] = p.steps[i];
  for (int i = 0; i < N.accesses && i < p.size.accesses; ++i) f.accesses[i] = p.accesses[i];
  for (int i = 0; i < N.selections && i < p.size.selections; ++i) f.selections[i] = p.selections[i];
  for (int i = 0; i < N.stores && i < p.size.stores; ++i) f.stores[i] = p.stores[i];
  for (int i = 0; i < N.graph.nodes && i < p.graph.node_count; ++i) f.places[i] = p.places[i];
  for (int i = 0; i < N.results && i < p.size.results; ++i)
    f.result_root[i] = p.result_root[i], f.copy_of[i] = p.copy_of[i], f.direct[i] = p.direct[i];
  for (int i = 0; i < N.results * N.params && i < p.size.results * p.size.params; ++i) f.overwrites[i] = p.overwrites[i];
  for (int i = 0; i < N.params && i < p.size.params; ++i) f.reads[i] = p.reads[i];
  f.total = p.total;
  return f;
}

}  // namespace sinter::fuse
