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
    for (int id = on_.first(); id <= on_.last() && !g.failed.broken; ++id)
      if (on_.at(id) && tangent_[id - on_.first()] < 0) tangent_[id - on_.first()] = tangent_at(value(g, id)).id();
  }
  /// The tangent of a result: zeros where nothing reached it.
  constexpr value of(value y) const { return has(y.id()) ? known(y.id()) : sinter::detail::zeros_like(y); }

 private:
  graph::builder& g_;
  dependence on_;
  sinter::detail::list<int> tangent_;

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
