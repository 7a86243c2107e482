// SPDX-License-Identifier: Apache-2.0
// Reverse mode: a walk over the nodes of a traced function from its results back to its variables. What each op does to a cotangent stands
// beside the op; the nodes that it adds to the same graph merge with those of the function itself.
#pragma once

#include <sinter/ops/dot.hpp>
#include <sinter/ops/reduce.hpp>
#include <sinter/ops/scatter.hpp>
#include <sinter/transform/vmap.hpp>

namespace sinter::transform {

namespace detail {

constexpr value without_derivative(value y, value like) {
  graph::builder& g = *y.graph();
  g.fail(sinter::detail::node_of(y).op == opcode::scatter ? scatter_has_no_derivative : op_has_no_derivative);
  if (!g.failed.count) g.failed.show(y.type()), g.failed.show(y.shape());
  return sinter::detail::zeros_like(like);
}
// The node that the cotangent of y goes to on the way to its operand k: the operand, or a node before it.
constexpr value source(value y, int k) {
  const opcode op = sinter::detail::node_of(y).op;
  if (op == opcode::reduce_max || op == opcode::reduce_min) return ops::reduction::source(y);
  return op == opcode::dot ? ops::product::source(y, k) : sinter::detail::operand_of(y, k);
}
// What the cotangent of y gives to it.
constexpr value pulled(value y, int k, value ct) {
  const graph::node n = sinter::detail::node_of(y);
  if (is_element(n.op)) return ops::element_rules::pullback(y, k, ct);
  switch (n.op) {
    case opcode::identity: return ct;
    case opcode::broadcast: return sinter::detail::unbroadcast(y, ct);
    case opcode::reshape: return ops::reshape::pullback(y, ct);
    case opcode::transpose: return ops::transpose::pullback(y, ct);
    case opcode::slice: return ops::slice::pullback(y, ct);
    case opcode::reverse: return ops::reverse::pullback(y, ct);
    case opcode::pad: return sinter::detail::unpad(y, k, ct);
    case opcode::concatenate: return ops::concatenate::pullback(y, k, ct);
    case opcode::reduce_sum:
    case opcode::reduce_prod:
    case opcode::reduce_max:
    case opcode::reduce_min: return ops::reduction::pullback(y, ct);
    case opcode::dot: return ops::product::pullback(y, k, ct);
    case opcode::gather: return ops::gather::pullback(y, ct);
    case opcode::scatter:
      return ops::scatter::has_derivative(y) ? ops::scatter::pullback(y, k, ct) : without_derivative(y, sinter::detail::operand_of(y, k));
    default: return without_derivative(y, sinter::detail::operand_of(y, k));
  }
}

}  // namespace detail

class pullback {
 public:
  constexpr pullback(graph::builder& g, const value* variable, int variables, const value* result, int results)
      : g_(g), on_(g, variable, variables, result, results, true) {
    if (on_.last() >= on_.first()) cotangent_.resize(on_.last() - on_.first() + 1, -1);
  }
  /// Adds to the cotangent of a node.
  constexpr void add(value y, value ct) {
    if (!on_.at(y.id())) return;
    int& sum = cotangent_[y.id() - on_.first()];
    sum = sum < 0 ? ct.id() : (value(g_, sum) + ct).id();
  }
  constexpr void run() {
    for (int id = on_.last(); id >= on_.first() && !g_.failed.broken; --id) {
      if (call_ >= 0 && !(ops::is_custom(g_, id) && g_.attribute(id, ops::custom_call) == g_.attribute(call_, ops::custom_call)))
        run_custom();
      if (g_.nodes[id].op == opcode::control) {
        if (is_first_result(id)) run_control(id);
        continue;
      }
      const int ct = cotangent_[id - on_.first()];
      if (ct < 0) continue;
      if (ops::is_custom(g_, id)) {
        if (call_ < 0) call_ = id, custom_.clear(), custom_.resize(static_cast<int>(g_.attribute(id, ops::custom_results)));
        custom_[static_cast<int>(g_.attribute(id, ops::custom_result))] = value(g_, ct);
        continue;
      }
      const graph::node n = g_.nodes[id];
      for (int k = 0; k < n.operands; ++k) {
        const value x = detail::source(value(g_, id), k);
        if (on_.at(x.id())) add(x, detail::pulled(value(g_, id), k, value(g_, ct)));
      }
    }
    if (call_ >= 0) run_custom();
  }
  constexpr bool reached(value x) const { return on_.at(x.id()) && cotangent_[x.id() - on_.first()] >= 0; }
  /// The cotangent of a variable: zeros where nothing reached it.
  constexpr value of(value x) const {
    const int ct = on_.at(x.id()) ? cotangent_[x.id() - on_.first()] : -1;
    return ct < 0 ? sinter::detail::zeros_like(x) : value(g_, ct);
  }

 private:
  graph::builder& g_;
  dependence on_;
  sinter::detail::list<int> cotangent_;

  // A loop or branch takes its turn when all that uses its results had theirs.
  constexpr bool is_first_result(int id) const {
    for (int i = on_.first(); i < id; ++i)
      if (region::is_of(g_, i, g_.attribute(id, graph::control::region))) return false;
    return true;
  }
  constexpr void run_control(int id) {
    const region r(g_, id);
    sinter::detail::list<value> ct;
    ct.resize(r.results());
    bool any = false;
    for (int i = id; i <= on_.last(); ++i) {
      if (!region::is_of(g_, i, r.number) || cotangent_[i - on_.first()] < 0) continue;
      value& sum = ct[static_cast<int>(g_.attribute(i, graph::control::result))];
      const value more(g_, cotangent_[i - on_.first()]);
      if (sum.graph()) sum = sum + more;
      else sum = more;
      any = true;
    }
    if (!any) return;
    if (r.kind == graph::control::scan) pull_scan(r, ct);
    else if (r.kind == graph::control::branch) pull_branch(r, ct);
    else {
      g_.fail(while_loop_in_reverse);
      if (!g_.failed.count) g_.failed.show(g_.nodes[id].type), g_.failed.show(g_.shape_of(id));
    }
  }
  // The steps from the last to the first: carried are the cotangents of the carries and sums of those of what the body reads from outside;
  // a step computes what is in it once more, from the carries that the loop collected.
  constexpr void pull_scan(const region& r, const sinter::detail::list<value>& ct) {
    if (r.trips == 0) {
      for (int k = 0; k < r.carries; ++k)
        if (ct[k].graph()) add(value(g_, r.in[k]), ct[k]);
      return;
    }
    const body_nodes body(g_, r.roots, r.number, -1);
    list<bool> active, used;
    list<int> captured, at, sum_at, carry_of, saved;
    find_active(g_, on_, r, body, true, active, captured);

    new_loop back(g_, graph::control::scan, r.trips, !r.reversed);
    sinter::detail::list<value> down, sum, element, before, up, variable, root;
    for (int k = 0; k < r.carries; ++k)
      if (active[k]) down.add(back.carry(ct[k].graph() ? ct[k] : sinter::detail::zeros_like(value(g_, r.in[k]))));
    for (const int c : captured) sum.add(back.carry(sinter::detail::zeros_like(value(g_, c))));
    for (int k = 0; k < r.along; ++k) element.add(back.element(value(g_, r.in[r.carries + k])));
    for (int k = 0; k < r.carries; ++k) before.add(back.element(-1, g_.nodes[r.in[k]].type, shape<>(g_.shape_of(r.in[k]))));
    for (int k = r.carries; k < r.results(); ++k) {
      if (ct[k].graph()) up.add(back.element(ct[k]));
      else up.add(value());
    }
    const value index = back.index();

    replica step(g_, body);
    for (int k = 0; k < r.carries; ++k) step.set(r.param[k], before[k]);
    for (int k = 0; k < r.along; ++k) step.set(r.param[r.carries + k], element[k]);
    step.set(r.param[r.carries + r.along], index);
    for (const int c : captured) variable.add(ops::identity(value(g_, c), graph::variable)), step.set(c, variable.back());
    for (int k = 0; k < r.carries + r.along; ++k)
      if (active[k]) variable.add(k < r.carries ? before[k] : element[k - r.carries]);
    step.run();
    for (const int c : r.roots) root.add(step.of(c));

    pullback walk(g_, variable.data(), variable.size(), root.data(), root.size());
    for (int k = 0, i = 0; k < r.results(); ++k) {
      if (k < r.carries ? active[k] : up[k - r.carries].graph() != nullptr)
        walk.add(root[k], k < r.carries ? down[i++] : up[k - r.carries]);
    }
    walk.run();
    if (g_.failed.broken) return;
    int next = 0;
    for (int k = 0; k < r.carries; ++k)
      if (active[k]) back.set_next(next++, walk.of(before[k]), on_.at(r.in[k]));
    for (int i = 0; i < captured.size(); ++i, ++next)
      back.set_next(next, walk.reached(variable[i]) ? sum[i] + walk.of(variable[i]) : sum[i], walk.reached(variable[i]));
    for (int k = 0; k < r.along; ++k) at.add(active[r.carries + k] ? back.collect(walk.of(element[k])) : -1);
    back.find_needed();
    for (int k = 0; k < r.carries; ++k) used.add(back.needs_element(r.along + k));
    collect_carries(g_, r, used, saved);
    for (int k = 0; k < r.carries; ++k) back.set_element(r.along + k, saved[k]);
    if (g_.failed.broken) return;
    back.finish();

    next = 0;
    for (int k = 0; k < r.carries; ++k) {
      if (!active[k]) continue;
      if (on_.at(r.in[k])) add(value(g_, r.in[k]), back.carried(next));
      ++next;
    }
    for (int i = 0; i < captured.size(); ++i, ++next)
      if (walk.reached(variable[i])) add(value(g_, captured[i]), back.carried(next));
    for (int k = 0; k < r.along; ++k)
      if (at[k] >= 0) add(value(g_, r.in[r.carries + k]), back.collected(at[k]));
  }
  // A branch on the same condition, either side of which computes its own side once more and pulls back through it.
  constexpr void pull_branch(const region& r, const sinter::detail::list<value>& ct) {
    list<int> captured, roots;
    const body_nodes both(g_, r.roots, r.number, r.begin);
    for (const int c : both.captured)
      if (on_.at(c)) captured.add(c);
    new_branch back(g_);
    const int n = r.collected;
    for (int side = 0; side < 2 && !g_.failed.broken; ++side) {
      list<int> mine;
      for (int i = 0; i < n; ++i) mine.add(r.roots[side * n + i]);
      const body_nodes body(g_, mine, r.number, r.begin);
      replica again(g_, body);
      sinter::detail::list<value> variable, root;
      for (const int c : captured) variable.add(ops::identity(value(g_, c), graph::variable)), again.set(c, variable.back());
      again.run();
      for (const int c : mine) root.add(again.of(c));
      pullback walk(g_, variable.data(), variable.size(), root.data(), root.size());
      for (int i = 0; i < n; ++i)
        if (ct[i].graph()) walk.add(root[i], ct[i]);
      walk.run();
      for (const value& v : variable) roots.add(walk.of(v).id());
    }
    if (g_.failed.broken) return;
    sinter::detail::list<value> made;
    back.finish(value(g_, r.in[0]), roots, made);
    for (int i = 0; i < captured.size(); ++i) add(value(g_, captured[i]), made[i]);
  }

  // The results of a call stand beside each other, before all that uses them: their cotangents are collected, then the rule runs.
  int call_ = -1;
  sinter::detail::list<value> custom_;

  constexpr void run_custom() {
    const int id = call_;
    call_ = -1;
    const graph::node n = g_.nodes[id];
    const auto attribute = [&](int i) { return static_cast<int>(g_.attribute(id, i)); };
    const int results = attribute(ops::custom_results), batches = attribute(ops::custom_batches);
    const int begin = ops::custom_arguments(g_, id), arguments = n.attributes - begin;
    const custom_rule& user = *g_.rules[attribute(ops::custom_rule_at)];
    for (int r = 0; r < results; ++r) {
      if (custom_[r].graph()) continue;
      const value one(g_, attribute(ops::custom_made(g_, id) + r));
      shape<> s;
      for (int i = 0; i < batches; ++i) s.append(g_.shape_of(id)[i]);
      for (int i = 0; i < one.rank(); ++i) s.append(one.shape()[i]);
      custom_[r] = sinter::detail::full(g_, one.type(), s, 0);
    }
    sinter::detail::list<value> argument, to;
    for (int i = 0; i < arguments; ++i) argument.add(value(g_, attribute(begin + i)));
    to.resize(arguments);
    pull_custom(user, id, batches, custom_.data(), results, argument.data(), to.begin(), arguments);
    for (int i = 0; i < arguments && !g_.failed.broken; ++i)
      if (on_.at(argument[i].id())) add(argument[i], to[i]);
  }
  // The rule of the user's for one call; for each batch that was mapped over, on one of the batch and then for all of it.
  constexpr void pull_custom(const custom_rule& user, int id, int batches, const value* ct, int results, const value* argument, value* to,
                             int arguments) {
    if (batches == 0) return user.pullback(ct, argument, to);
    const extent_t mask = g_.attribute(id, ops::custom_masks + batches - 1);
    sinter::detail::list<value> one, all, ones;
    for (int r = 0; r < results; ++r) one.add(one_of(ct[r])), all.add(ct[r]);
    for (int i = 0; i < arguments; ++i) {
      const bool has = mask >> i & 1;
      ones.add(has ? one_of(argument[i]) : argument[i]);
      if (has) one.add(ones[i]), all.add(argument[i]);
    }
    pull_custom(user, id, batches - 1, one.data(), results, ones.data(), to, arguments);
    if (g_.failed.broken) return;
    const batching walk(g_, one.data(), all.data(), one.size(), to, arguments);
    for (int i = 0; i < arguments && !g_.failed.broken; ++i) {
      to[i] = walk.of(to[i]);
      if (!(mask >> i & 1)) to[i] = ops::reduce<opcode::reduce_sum>::trace(to[i], axes(0));
    }
  }
};

}  // namespace sinter::transform
