// SPDX-License-Identifier: Apache-2.0
// Forward mode: a walk over the nodes of a traced function from its variables to its results. What each op does to a tangent stands beside
// the op; what is linear does to tangents what it does to numbers.
#pragma once

#include <sinter/ops/dot.hpp>
#include <sinter/ops/reduce.hpp>
#include <sinter/ops/scatter.hpp>
#include <sinter/transform/dependence.hpp>

namespace sinter::transform {

class pushforward {
 public:
  constexpr pushforward(graph::builder& g, const value* variable, const value* tangent, int variables, const value* result, int results)
      : g_(g), on_(g, variable, variables, result, results, true) {
    if (on_.last() < on_.first()) return;
    tangent_.resize(on_.last() - on_.first() + 1, -1);
    for (int i = 0; i < variables; ++i)
      if (on_.at(variable[i].id())) tangent_[variable[i].id() - on_.first()] = tangent[i].id();
    for (int id = on_.first(); id <= on_.last() && !g.failed.broken; ++id) {
      if (!on_.at(id) || tangent_[id - on_.first()] >= 0) continue;
      if (g.nodes[id].op == opcode::control) push_control(id);
      else tangent_[id - on_.first()] = tangent_at(value(g, id)).id();
    }
  }
  /// The tangent of a result: zeros where nothing reached it.
  constexpr value of(value y) const { return has(y.id()) ? known(y.id()) : sinter::detail::zeros_like(y); }

 private:
  graph::builder& g_;
  dependence on_;
  sinter::detail::list<int> tangent_;

  // The tangents of all results of a loop or branch.
  constexpr void push_control(int id) {
    const region r(g_, id);
    const body_nodes body(g_, r.roots, r.number, r.begin);
    sinter::detail::list<value> t;
    t.resize(r.results());
    if (r.kind == graph::control::branch) push_branch(r, body, t);
    else push_loop(r, body, t);
    for (int i = id; i <= on_.last() && !g_.failed.broken; ++i) {
      if (!on_.at(i) || !region::is_of(g_, i, r.number)) continue;
      const value& of = t[static_cast<int>(g_.attribute(i, graph::control::result))];
      tangent_[i - on_.first()] = of.graph() ? of.id() : sinter::detail::zeros_like(value(g_, i)).id();
    }
  }
  // A loop whose carries are those of the function and their tangents.
  constexpr void push_loop(const region& r, const body_nodes& body, sinter::detail::list<value>& to) {
    const bool scan = r.kind == graph::control::scan;
    list<bool> active;
    list<int> captured;
    find_active(g_, on_, r, body, true, active, captured);
    new_loop both(g_, scan ? graph::control::scan : graph::control::while_loop, r.trips, r.reversed);
    sinter::detail::list<value> x, variable, tangent, root;
    for (int k = 0; k < r.carries; ++k) x.add(both.carry(value(g_, r.in[k])));
    for (int k = 0; k < r.carries; ++k)
      if (active[k]) variable.add(x[k]), tangent.add(both.carry(of(value(g_, r.in[k]))));
    for (int k = r.carries; k < r.carries + r.along; ++k) x.add(both.element(value(g_, r.in[k])));
    for (int k = r.carries; k < r.carries + r.along; ++k)
      if (active[k]) variable.add(x[k]), tangent.add(both.element(of(value(g_, r.in[k]))));
    if (scan) x.add(both.index());
    replica step(g_, body);
    for (int k = 0; k < x.size(); ++k) step.set(r.param[k], x[k]);
    for (const int c : captured) {
      variable.add(ops::identity(value(g_, c), graph::variable)), tangent.add(known(c));
      step.set(c, variable.back());
    }
    step.run();
    for (const int c : r.roots) root.add(step.of(c));
    const pushforward walk(g_, variable.data(), tangent.data(), variable.size(), root.data(), root.size());
    if (g_.failed.broken) return;
    list<int> at;
    int next = r.carries;
    for (int k = 0; k < r.carries; ++k) {
      both.set_next(k, root[k], false);
      if (active[k]) both.set_next(next++, walk.of(root[k]), true);
    }
    for (int k = r.carries; k < r.results(); ++k) at.add(walk.on_.at(root[k].id()) ? both.collect(walk.of(root[k])) : -1);
    if (!scan) both.set_condition(root[r.carries]);
    both.find_needed();
    both.finish();
    next = r.carries;
    for (int k = 0; k < r.results(); ++k) {
      if (k < r.carries && active[k]) to[k] = both.carried(next++);
      if (k >= r.carries && at[k - r.carries] >= 0) to[k] = both.collected(at[k - r.carries]);
    }
  }
  // A branch on the same condition, either side of which computes its own side once more, and the tangents of its results.
  constexpr void push_branch(const region& r, const body_nodes& both, sinter::detail::list<value>& to) {
    list<int> captured, roots;
    for (const int c : both.captured)
      if (on_.at(c)) captured.add(c);
    new_branch made(g_);
    const int n = r.collected;
    for (int side = 0; side < 2 && !g_.failed.broken; ++side) {
      list<int> mine;
      for (int i = 0; i < n; ++i) mine.add(r.roots[side * n + i]);
      const body_nodes body(g_, mine, r.number, r.begin);
      replica again(g_, body);
      sinter::detail::list<value> variable, tangent, root;
      for (const int c : captured) {
        variable.add(ops::identity(value(g_, c), graph::variable)), tangent.add(known(c));
        again.set(c, variable.back());
      }
      again.run();
      for (const int c : mine) root.add(again.of(c));
      const pushforward walk(g_, variable.data(), tangent.data(), variable.size(), root.data(), root.size());
      for (const value& v : root) roots.add(walk.of(v).id());
    }
    if (!g_.failed.broken) made.finish(value(g_, r.in[0]), roots, to);
  }

  constexpr bool has(int id) const { return on_.at(id) && tangent_[id - on_.first()] >= 0; }
  constexpr value known(int id) const { return {g_, tangent_[id - on_.first()]}; }

  constexpr value tangent_at(value y) const {
    const graph::node n = sinter::detail::node_of(y);
    const auto operand = [&](int k) { return sinter::detail::operand_of(y, k); };
    if (n.op == opcode::identity) return through_identity(y);
    if (n.op == opcode::gather) return ops::gather::pushforward(y, of(operand(0)));
    if (n.op == opcode::scatter && ops::scatter::has_derivative(y)) return ops::scatter::pushforward(y, of(operand(0)), of(operand(2)));
    if (is_view_op(n.op)) {
      value t[graph::max_operands];
      for (int k = 0; k < n.operands; ++k) t[k] = of(operand(k));
      return sinter::detail::again(y, t);
    }
    if (n.op == opcode::reduce_sum || n.op == opcode::reduce_prod || n.op == opcode::reduce_max || n.op == opcode::reduce_min)
      return ops::reduction::pushforward(y, of(ops::reduction::source(y)));
    value sum;
    for (int k = 0; k < n.operands; ++k) {
      if (!has(n.operand[k])) continue;
      value t;
      if (is_element(n.op)) t = ops::element_rules::pushforward(y, k, known(n.operand[k]));
      else if (n.op == opcode::dot) t = ops::product::pushforward(y, k, known(n.operand[k]));
      else {
        g_.fail(n.op == opcode::scatter ? scatter_has_no_derivative : op_has_no_derivative);
        if (!g_.failed.count) g_.failed.show(y.type()), g_.failed.show(y.shape());
        return y;
      }
      if (sum.graph()) sum = sum + t;
      else sum = t;
    }
    return sum.graph() ? sum : sinter::detail::zeros_like(y);
  }
  constexpr value through_identity(value y) const {
    const int id = y.id();
    if (ops::is_custom(g_, id) && !g_.rules[static_cast<int>(g_.attribute(id, ops::custom_rule_at))]->is_transparent) {
      g_.fail(custom_gradient_is_reverse);
      if (!g_.failed.count) g_.failed.show(y.type()), g_.failed.show(y.shape());
      return y;
    }
    return of(sinter::detail::operand_of(y, 0));
  }
};

}  // namespace sinter::transform
