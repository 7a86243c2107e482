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
    for (int id = on_.first(); id <= on_.last() && !g.failed.broken; ++id) {
      if (!on_.at(id) || batch_[id - on_.first()] >= 0) continue;
      if (g.nodes[id].op == opcode::control) batch_control(id);
      else batch_[id - on_.first()] = batched(value(g, id)).id();
    }
  }
  /// A result for all of the batch: the same repeated where it does not depend on the element.
  constexpr value of(value x) const { return on_.at(x.id()) ? known(x) : repeated(x); }

 private:
  graph::builder& g_;
  dependence on_;
  value like_;
  sinter::detail::list<int> batch_;

  constexpr value repeated(value x) const {
    axes where;
    for (int i = 0; i < x.rank(); ++i) where.axis[where.count++] = i + 1;
    if (!has_room(x)) return x;
    return sinter::detail::broadcast_node(g_, x, sinter::detail::batch_of(like_, x.shape()), where);
  }
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
  // All results of a loop or branch, for all of the batch.
  constexpr void batch_control(int id) {
    const region r(g_, id);
    list<value> all;
    all.resize(r.results());
    if (r.kind != graph::control::branch) batch_loop(r, all);
    else if (on_.at(r.in[0])) batch_choice(r, all);
    else batch_branch(r, all);
    for (int i = id; i <= on_.last() && !g_.failed.broken; ++i)
      if (on_.at(i) && region::is_of(g_, i, r.number))
        batch_[i - on_.first()] = all[static_cast<int>(g_.attribute(i, graph::control::result))].id();
  }
  // What a body reads from outside, for one of the batch: nodes that a copy of the body reads in its place.
  struct captures {
    list<value> one, all;
    constexpr captures(const batching& walk, const list<int>& captured, replica& copy) {
      for (const int c : captured) add(walk.known(value(walk.g_, c))), copy.set(c, one.back());
    }
    constexpr value add(value batch) {
      one.add(one_of(batch)), all.add(batch);
      return one.back();
    }
  };
  // What copies of nodes are for all of the batch.
  constexpr void batch_roots(const captures& c, const list<value>& root, list<value>& all) const {
    if (c.one.size() == 0) {
      for (const value& v : root) all.add(repeated(v));
      return;
    }
    const batching walk(g_, c.one.data(), c.all.data(), c.one.size(), root.data(), root.size());
    for (const value& v : root) all.add(walk.of(v));
  }
  // A loop whose carries have the batch where that reaches them. If it reaches the condition of a while_loop, steps are made as long as one
  // of the batch goes on, and those that do not keep their carries.
  constexpr void batch_loop(const region& r, list<value>& to) {
    const bool scan = r.kind == graph::control::scan;
    const body_nodes body(g_, r.roots, r.number, -1);
    list<bool> active;
    list<int> captured;
    find_active(g_, on_, r, body, false, active, captured);
    const bool each_has_end = !scan && reaches_condition(r, active, captured);
    for (int k = 0; k < r.carries; ++k) active[k] = active[k] || (each_has_end && r.roots[k] != r.param[k]);

    new_loop made(g_, scan ? graph::control::scan : graph::control::while_loop, r.trips, r.reversed);
    replica step(g_, body);
    captures batch(*this, captured, step);
    list<value> carry, root, all;
    for (int k = 0; k < r.carries; ++k) {
      const value in(g_, r.in[k]);
      carry.add(made.carry(active[k] ? of(in) : in));
      step.set(r.param[k], active[k] ? batch.add(carry[k]) : carry[k]);
    }
    for (int k = r.carries; k < r.carries + r.along; ++k) {
      const value in(g_, r.in[k]);
      step.set(r.param[k], active[k] ? batch.add(made.element(swapped(of(in)))) : made.element(in));
    }
    if (scan) step.set(r.param[r.carries + r.along], made.index());
    step.run();
    for (const int id : r.roots) root.add(step.of(id));
    batch_roots(batch, root, all);
    if (g_.failed.broken) return;
    const value goes_on = scan ? value() : all[r.carries];
    for (int k = 0; k < r.carries; ++k)
      made.set_next(k, !active[k] ? root[k] : each_has_end ? chosen(goes_on, all[k], carry[k]) : all[k], true);
    for (int k = r.carries; k < r.results(); ++k) made.collect(all[k]);
    if (!scan) made.set_condition(each_has_end ? any(goes_on) : root[r.carries]);
    made.find_needed();
    made.finish();
    for (int k = 0; k < r.results(); ++k)
      to[k] = k >= r.carries ? swapped(made.collected(k - r.carries)) : active[k] ? made.carried(k) : repeated(made.carried(k));
  }
  constexpr bool reaches_condition(const region& r, const list<bool>& active, const list<int>& captured) const {
    list<value> variable;
    for (const int c : captured) variable.add(value(g_, c));
    for (int k = 0; k < r.carries; ++k)
      if (active[k] && r.param[k] >= 0) variable.add(value(g_, r.param[k]));
    const value condition(g_, r.roots[r.carries]);
    return dependence(g_, variable.data(), variable.size(), &condition, 1, false).at(condition.id());
  }
  // The batch and the steps of a loop, one the leading axis, the other the next.
  constexpr value swapped(value x) const {
    axes order(1, 0);
    for (int i = 2; i < x.rank(); ++i) order.axis[order.count++] = i;
    return g_.failed.broken ? x : ops::transpose::trace(x, order);
  }
  // One condition for all: a branch with sides for all.
  constexpr void batch_branch(const region& r, list<value>& to) {
    new_branch made(g_);
    list<value> sides;
    list<int> roots;
    for (int side = 0; side < 2; ++side) batch_side(r, side, sides);
    for (const value& v : sides) roots.add(v.id());
    if (!g_.failed.broken) made.finish(value(g_, r.in[0]), roots, to);
  }
  // A condition for each: both sides, and a choice.
  constexpr void batch_choice(const region& r, list<value>& to) {
    list<value> sides;
    for (int side = 0; side < 2; ++side) batch_side(r, side, sides);
    for (int i = 0; i < r.collected && !g_.failed.broken; ++i) to[i] = chosen(of(value(g_, r.in[0])), sides[i], sides[r.collected + i]);
  }
  constexpr void batch_side(const region& r, int side, list<value>& to) const {
    list<int> mine, captured;
    for (int i = 0; i < r.collected; ++i) mine.add(r.roots[side * r.collected + i]);
    const body_nodes body(g_, mine, r.number, r.begin);
    for (const int c : body.captured)
      if (on_.at(c)) captured.add(c);
    replica copy(g_, body);
    const captures batch(*this, captured, copy);
    copy.run();
    list<value> root;
    for (const int id : mine) root.add(copy.of(id));
    if (!g_.failed.broken) batch_roots(batch, root, to);
  }
  // condition: one for each of the batch.
  constexpr value chosen(value condition, value yes, value no) const {
    return where(sinter::detail::broadcast_node(g_, condition, shape<>(yes.shape()), axes(0)), yes, no);
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
