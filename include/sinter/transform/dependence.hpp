// SPDX-License-Identifier: Apache-2.0
// Which nodes of a graph under construction lie on the way from variables to results: what derivatives and batches walk over.
#pragma once

#include <sinter/ops/identity.hpp>
#include <sinter/ops/slopes.hpp>
#include <sinter/transform/region.hpp>

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
    depends_.resize(last_ - first_ + 1, false), needed.resize(last_ - first_ + 1);
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
    extent_t region_seen = -1;
    for (int id = last_; id >= first_; --id) {
      depends_[id - first_] = depends_[id - first_] && needed[id - first_];
      if (!depends_[id - first_]) continue;
      const graph::node n = g.nodes[id];
      if (n.op == opcode::control) {  // not its body, but what that reads
        if (g.attribute(id, graph::control::region) == region_seen) continue;
        region_seen = g.attribute(id, graph::control::region);
        const region r(g, id);
        const body_nodes body(g, r.roots, r.number, r.begin);
        for (const int k : r.in) need(needed, k);
        for (const int k : body.captured) need(needed, k);
        continue;
      }
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

  constexpr void need(list<bool>& needed, int id) const {
    if (id >= first_) needed[id - first_] = true;
  }
};

// Which inputs of a loop (carries, then arrays) are on the way to its results: those that come in so, and the carries that the body makes
// of such, step after step. captured: what the body reads from outside and is on the way.
constexpr void find_active(const graph::builder& g, const dependence& on, const region& r, const body_nodes& body, bool derivative,
                           sinter::detail::list<bool>& active, sinter::detail::list<int>& captured) {
  graph::builder& in = const_cast<graph::builder&>(g);
  const auto can = [&](int id) { return !derivative || is_float(g.nodes[id].type) || is_complex(g.nodes[id].type); };
  active.resize(r.carries + r.along);
  for (const int c : body.captured)
    if (on.at(c)) captured.add(c);
  for (int k = 0; k < r.carries + r.along; ++k) active[k] = on.at(r.in[k]) && can(r.in[k]);
  for (bool more = true; more;) {
    more = false;
    sinter::detail::list<value> variable, root;
    for (const int c : captured) variable.add(value(in, c));
    for (int k = 0; k < r.carries + r.along; ++k)
      if (active[k] && r.param[k] >= 0) variable.add(value(in, r.param[k]));
    for (const int c : r.roots) root.add(value(in, c));
    const dependence inside(g, variable.data(), variable.size(), root.data(), root.size(), derivative);
    for (int k = 0; k < r.carries; ++k)
      if (!active[k] && can(r.in[k]) && inside.at(r.roots[k])) active[k] = more = true;
  }
}

}  // namespace sinter::transform
