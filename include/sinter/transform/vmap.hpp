// SPDX-License-Identifier: Apache-2.0
// Batching: a walk over the nodes of a function that was traced for one element of a batch. Each node that depends on the element is
// computed for all of them at once, along a new leading axis; the others stay as they are.
#pragma once

#include <sinter/ops/dot.hpp>
#include <sinter/ops/reduce.hpp>
#include <sinter/ops/scatter.hpp>
#include <sinter/transform/dependence.hpp>

namespace sinter::transform {

// A node that stands for one element of a batch while a function is traced.
constexpr value one_of(graph::builder& g, dtype t, const shape<>& s) {
  const extent_t attribute[] = {-1 - g.nodes.size(), graph::row_major};
  return {g, g.add(opcode::param, t, s, nullptr, 0, attribute, 2)};
}
// One element of a batch along the leading axis.
constexpr value one_of(value batch) {
  shape<> s;
  for (int i = 1; i < batch.rank(); ++i) s.append(batch.shape()[i]);
  return one_of(*batch.graph(), batch.type(), s);
}

class batching {
 public:
  /// one: made by one_of; batch: what each stands for, with equal leading extents.
  constexpr batching(graph::builder& g, const value* one, const value* batch, int count, const value* result, int results)
      : g_(g), on_(g, one, count, result, results, false), like_(batch[0]) {
    if (on_.last() < on_.first()) return;
    batch_.resize(on_.last() - on_.first() + 1, -1);
    for (int i = 0; i < count; ++i)
      if (on_.at(one[i].id())) batch_[one[i].id() - on_.first()] = batch[i].id();
    for (int id = on_.first(); id <= on_.last() && !g.failed.broken; ++id)
      if (on_.at(id) && batch_[id - on_.first()] < 0) batch_[id - on_.first()] = batched(value(g, id)).id();
  }
  /// A result for all of the batch: the same repeated where it does not depend on the element.
  constexpr value of(value x) const {
    if (on_.at(x.id())) return known(x);
    axes where;
    for (int i = 0; i < x.rank(); ++i) where.axis[where.count++] = i + 1;
    if (!has_room(x)) return x;
    return sinter::detail::broadcast_node(g_, x, sinter::detail::batch_of(like_, x.shape()), where);
  }

 private:
  graph::builder& g_;
  dependence on_;
  value like_;
  sinter::detail::list<int> batch_;

  constexpr value known(value x) const {
    const int id = batch_[x.id() - on_.first()];
    return id < 0 ? x : value(g_, id);
  }
  constexpr bool has_room(value y) const {
    if (y.rank() < max_rank) return true;
    g_.fail(op_has_no_batches);
    if (!g_.failed.count) g_.failed.show(y.shape());
    return false;
  }
  constexpr value batched(value y) const {
    const graph::node n = sinter::detail::node_of(y);
    if (!has_room(y)) return y;
    value one[graph::max_operands], x[graph::max_operands];
    for (int k = 0; k < n.operands; ++k) one[k] = sinter::detail::operand_of(y, k);
    // What treats both operands in ways of their own.
    if (n.op == opcode::dot)
      return ops::product::batched(known_or_one(one[0]), on_.at(one[0].id()), known_or_one(one[1]), on_.at(one[1].id()));
    if (n.op == opcode::gather) return ops::gather::batched(y, known_or_one(one[0]), on_.at(one[0].id()), of(one[1]));
    if (n.op == opcode::pad) return ops::pad::batched(y, of(one[0]), known_or_one(one[1]));
    for (int k = 0; k < n.operands; ++k) x[k] = of(one[k]);
    if (g_.failed.broken) return y;
    const shape<> to = sinter::detail::batch_of(like_, y.shape());
    if (is_element(n.op) || n.op == opcode::row_call) return sinter::detail::again(y, x, to);
    if (is_reduction(n.op)) return ops::reduction::batched(y, x[0]);
    switch (n.op) {
      case opcode::identity: return ops::is_custom(g_, y.id()) ? custom(y, x[0]) : sinter::detail::again(y, x, to);
      case opcode::broadcast: return ops::broadcast_to::batched(y, x[0]);
      case opcode::reshape: return ops::reshape::batched(y, x[0]);
      case opcode::transpose: return ops::transpose::batched(y, x[0]);
      case opcode::slice: return ops::slice::batched(y, x[0]);
      case opcode::reverse: return ops::reverse::batched(y, x[0]);
      case opcode::concatenate: return ops::concatenate::batched(y, x[0], x[1]);
      case opcode::scatter: return ops::scatter::batched(y, x[0], x[1], x[2]);
      case opcode::library_call: {
        const extent_t attribute[] = {g_.attribute(y.id(), 0), g_.attribute(y.id(), 1), g_.attribute(y.id(), 2) + 1};
        return sinter::detail::again(y, x, to, attribute);
      }
      default: break;
    }
    g_.fail(op_has_no_batches);
    if (!g_.failed.count) g_.failed.show(y.shape());
    return y;
  }
  constexpr value known_or_one(value x) const { return on_.at(x.id()) ? known(x) : x; }
  // The result of a function with a derivative of the user's, for all of the batch; with which arguments have its axis.
  constexpr value custom(value y, value x) const {
    const int id = y.id(), made = ops::custom_made(g_, id), first = ops::custom_arguments(g_, id), count = g_.nodes[id].attributes;
    extent_t mask = 0;
    for (int i = first; i < count; ++i)
      if (on_.at(static_cast<int>(g_.attribute(id, i)))) mask |= extent_t{1} << (i - first);
    sinter::detail::list<extent_t> more;
    for (int i = 2; i < made; ++i) more.add(g_.attribute(id, i) + (i == ops::custom_batches));
    more.add(mask);
    for (int i = made; i < first; ++i) more.add(g_.attribute(id, i));
    for (int i = first; i < count; ++i) more.add(known_or_one(value(g_, static_cast<int>(g_.attribute(id, i)))).id());
    return ops::identity(x, graph::custom, more.data(), more.size());
  }
};

}  // namespace sinter::transform
