// SPDX-License-Identifier: Apache-2.0
// The plan while it is made: what plan.hpp, nest.hpp, places.hpp and totals.hpp fill in, one after the other.
#pragma once

#include <sinter/fuse/frozen_plan.hpp>

namespace sinter::fuse {

struct planned {
  partitioned p;
  list<std::int32_t> order;        // groups in running order, without those that run inside another
  list<place> places;              // of each node
  list<std::int32_t> result_root;  // result -> the node that it is
  list<std::int32_t> copy_of;      // result -> the earlier result that it repeats, or -1
  list<bool> direct;               // [result]: a destination of any layout is written by the group itself
  list<bool> overwrites;           // [result * params + param]: the result may overwrite the parameter's memory exactly
  list<bool> reads;                // [param]: read at all
  list<int> producer;              // node -> the group that writes it, or -1
  list<bool> inside;               // [node]: stays inside a contraction
  list<int> position;              // group -> when its kernel runs; -1: inside another
  // The reads of each node, chained: node -> an access, access -> the next one of its node, or -1; access -> its group.
  list<int> first_read, next_read, reader;
  int params = 0;
  totals total;

  constexpr unit unit_of(int head) const { return fuse::unit_of(p.groups, head); }
  constexpr int head_of(int i) const {
    while (p.groups[i].head >= 0) i = p.groups[i].head;
    return i;
  }

  constexpr void list_reads() {
    first_read.resize(p.graph.nodes.size(), -1);
    next_read.resize(p.accesses.size(), -1), reader.resize(p.accesses.size(), -1);
    for (int i = p.groups.size(); i-- > 0;) {
      const span of = p.groups[i].accesses;
      for (int k = of.first + of.count; k-- > of.first;) {
        reader[k] = i;
        if (p.accesses[k].kind != access::memory) continue;
        next_read[k] = first_read[p.accesses[k].node];
        first_read[p.accesses[k].node] = k;
      }
    }
  }

  constexpr plan_size size() const {
    return {p.graph.size(),      p.groups.size(), p.steps.size(),     p.accesses.size(),
            p.selections.size(), p.stores.size(), result_root.size(), params};
  }
  constexpr plan_view view() const {
    return {p.graph.view(), p.groups.data(),    p.steps.data(), p.accesses.data(), p.selections.data(), p.stores.data(), order.data(),
            places.data(),  result_root.data(), copy_of.data(), direct.data(),     overwrites.data(),   reads.data(),    total,
            size()};
  }
};

}  // namespace sinter::fuse
