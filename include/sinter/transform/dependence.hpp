// SPDX-License-Identifier: Apache-2.0
// Which nodes of a graph under construction lie on the way from variables to results: what derivatives and batches walk over.
#pragma once

#include <sinter/ops/identity.hpp>
#include <sinter/ops/slopes.hpp>

namespace sinter::transform {

class dependence {
 public:
  /// The variables are nodes of their own, made before what depends on them. derivative: only what derivatives pass through.
  constexpr dependence(const graph::builder& g, const value* variable, int variables, const value* result, int results, bool derivative)
      : first_(g.nodes.size()), last_(-1) {
    for (int i = 0; i < variables; ++i) first_ = variable[i].id() < first_ ? variable[i].id() : first_;
    for (int i = 0; i < results; ++i)
      if (result[i].id() > last_) last_ = result[i].id();
    if (last_ < first_) return;
    list<bool> needed;
    depends_.resize(last_ - first_ + 1, false), needed.resize(last_ - first_ + 1, false);
    for (int i = 0; i < variables; ++i)
      if (variable[i].id() <= last_) depends_[variable[i].id() - first_] = true;
    for (int id = first_; id <= last_; ++id) {
      const graph::node n = g.nodes[id];
      if (depends_[id - first_] || (derivative && !ops::passes_derivatives(n) && n.op != opcode::bundle)) continue;
      bool any = false;
      if (ops::is_custom(g, id)) {
        for (int k = ops::custom_arguments(g, id); k < n.attributes; ++k) any |= at(static_cast<int>(g.pool[n.attribute + k]));
        any |= !derivative && at(n.operand[0]);
      } else if (!derivative || n.op != opcode::identity || g.attribute(id, 0) != graph::stopped) {
        for (int k = 0; k < n.operands; ++k) any |= at(n.operand[k]);
      }
      depends_[id - first_] = any;
    }
    for (int i = 0; i < results; ++i)
      if (result[i].id() >= first_) needed[result[i].id() - first_] = true;
    for (int id = last_; id >= first_; --id) {
      depends_[id - first_] = depends_[id - first_] && needed[id - first_];
      if (!depends_[id - first_]) continue;
      const graph::node n = g.nodes[id];
      for (int k = 0; k < n.operands; ++k)
        if (n.operand[k] >= first_) needed[n.operand[k] - first_] = true;
      if (ops::is_custom(g, id))
        for (int k = ops::custom_arguments(g, id); k < n.attributes; ++k)
          if (g.pool[n.attribute + k] >= first_) needed[static_cast<int>(g.pool[n.attribute + k]) - first_] = true;
    }
  }
  constexpr int first() const { return first_; }
  constexpr int last() const { return last_; }
  constexpr bool at(int id) const { return id >= first_ && id <= last_ && depends_[id - first_]; }

 private:
  template <class T> using list = sinter::detail::list<T>;
  int first_, last_;
  list<bool> depends_;
};

}  // namespace sinter::transform
