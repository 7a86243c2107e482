// SPDX-License-Identifier: Apache-2.0
// The plan: groups in the order in which they run, where each intermediate lives in the arena, and what all of it costs.
#pragma once

#include <sinter/fuse/nest.hpp>
#include <sinter/fuse/places.hpp>
#include <sinter/fuse/totals.hpp>

namespace sinter::fuse {

namespace detail {

// Whether a group that is not done yet reads the array that a scatter changes: the scatter waits, so that it needs no copy.
constexpr bool overwrites_what_others_read(const planned& out, int i, const list<bool>& done) {
  const group& g = out.p.groups[i];
  if (g.kind != group_kind::scatter) return false;
  int array = -1;
  for (int k = 0; k < g.accesses.count; ++k)
    if (const loop_access& a = out.p.accesses[g.accesses.first + k]; a.use == access::whole) array = a.node;
  for (int k = out.first_read[array]; k >= 0; k = out.next_read[k])
    if (out.reader[k] != i && !done[out.head_of(out.reader[k])]) return true;
  return false;
}

// A kernel runs after those that write what it reads.
constexpr void order_groups(planned& out) {
  list<bool> done;
  done.resize(out.p.groups.size());
  int left = 0;
  for (const group& g : out.p.groups) left += g.head < 0;
  bool patient = true;
  while (out.order.size() < left) {
    bool moved = false;
    for (int i = 0; i < out.p.groups.size(); ++i) {
      if (done[i] || out.p.groups[i].head >= 0) continue;
      bool ready = true;
      const unit u = out.unit_of(i);
      for (int m = 0; m < u.count; ++m) {
        const group& g = out.p.groups[u.group[m]];
        for (int k = 0; k < g.accesses.count; ++k) {
          const loop_access& a = out.p.accesses[g.accesses.first + k];
          if (a.kind == access::memory && out.producer[a.node] >= 0 && out.head_of(out.producer[a.node]) != i)
            ready &= done[out.head_of(out.producer[a.node])];
        }
      }
      if (ready && patient) ready = !overwrites_what_others_read(out, i, done);
      if (ready) out.order.add(i), done[i] = moved = true;
    }
    if (!moved && patient) moved = true, patient = false;
    else patient = true;
    if (!moved) throw "sinter: the groups of a plan depend on each other in a circle; this is an error of sinter";
  }
}

}  // namespace detail

/// Orders the groups and places every intermediate. Threads: for a GPU; convolves: whose place has a library for convolutions.
constexpr planned make_plan(partitioned&& p, bool threads = false, bool convolves = false) {
  planned out;
  out.p = static_cast<partitioned&&>(p);
  const int nodes = out.p.graph.nodes.size();
  out.producer.resize(nodes, -1), out.inside.resize(nodes);
  for (int i = 0; i < out.p.groups.size(); ++i)
    for (int k = 0; k < out.p.groups[i].roots.count; ++k) out.producer[out.p.stores[out.p.groups[i].roots.first + k].node] = i;
  out.list_reads();
  detail::place_results(out);
  detail::nesting(out, threads, convolves).run();
  detail::order_groups(out);
  out.position.resize(out.p.groups.size(), -1);
  for (int k = 0; k < out.order.size(); ++k) out.position[out.order[k]] = k;
  detail::placement(out).run();
  detail::count(out);
  return out;
}

}  // namespace sinter::fuse
