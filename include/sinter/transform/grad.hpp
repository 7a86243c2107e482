// SPDX-License-Identifier: Apache-2.0
// Reverse mode: a walk over the nodes of a traced function from its results back to its variables. What each op does to a cotangent stands
// beside the op; the nodes that it adds to the same graph merge with those of the function itself.
#pragma once

#include <sinter/ops/dot.hpp>
#include <sinter/ops/reduce.hpp>
#include <sinter/transform/dependence.hpp>

namespace sinter::transform {

namespace detail {

constexpr value without_derivative(value y, value like) {
  graph::builder& g = *y.graph();
  g.fail(op_has_no_derivative);
  if (!g.failed.count) g.failed.show(y.type()), g.failed.show(y.shape());
  return sinter::detail::zeros_like(like);
}
// What the cotangent of y gives to its operand k.
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
      const int ct = cotangent_[id - on_.first()];
      if (ct < 0) continue;
      if (is_custom(g_, id)) {
        run_custom(id);
        continue;
      }
      const graph::node n = g_.nodes[id];
      // The largest over several runs of axes is one node to its derivative.
      if (n.op == opcode::reduce_max || n.op == opcode::reduce_min) {
        const value x = ops::reduction::source(value(g_, id));
        if (on_.at(x.id())) add(x, detail::pulled(value(g_, id), 0, value(g_, ct)));
        continue;
      }
      for (int k = 0; k < n.operands; ++k)
        if (on_.at(n.operand[k])) add(value(g_, n.operand[k]), detail::pulled(value(g_, id), k, value(g_, ct)));
    }
  }
  /// The cotangent of a variable: zeros where nothing reached it.
  constexpr value of(value x) const {
    const int ct = on_.at(x.id()) ? cotangent_[x.id() - on_.first()] : -1;
    return ct < 0 ? sinter::detail::zeros_like(x) : value(g_, ct);
  }

 private:
  graph::builder& g_;
  dependence on_;
  sinter::detail::list<int> cotangent_;

  // The last result of a custom function that has a cotangent: nothing after it adds to the others, which stand right before it.
  constexpr void run_custom(int id) {
    const graph::node n = g_.nodes[id];
    const auto attribute = [&](int i) { return static_cast<int>(g_.pool[n.attribute + i]); };
    const int results = attribute(custom_results), arguments = n.attributes - custom_arguments, first = id - attribute(custom_result);
    const external* user = g_.externals[attribute(custom_external)];
    if (!user->pullback) {
      detail::without_derivative(value(g_, id), value(g_, id));
      return;
    }
    sinter::detail::list<value> ct, argument, to;
    for (int r = 0; r < results; ++r) {
      const value y(g_, first + r);
      ct.add(on_.at(y.id()) && cotangent_[y.id() - on_.first()] >= 0 ? value(g_, cotangent_[y.id() - on_.first()])
                                                                     : sinter::detail::zeros_like(y));
      if (on_.at(y.id())) cotangent_[y.id() - on_.first()] = -1;
    }
    for (int i = 0; i < arguments; ++i) argument.add(value(g_, attribute(custom_arguments + i)));
    to.resize(arguments);
    user->pullback(ct.data(), argument.data(), to.begin());
    for (int i = 0; i < arguments && !g_.failed.broken; ++i)
      if (on_.at(argument[i].id())) add(argument[i], to[i]);
  }
};

}  // namespace sinter::transform
