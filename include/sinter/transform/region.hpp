// SPDX-License-Identifier: Apache-2.0
// Loops and branches as derivatives and batches see them, while their bodies still stand among the other nodes: what belongs to a body,
// what it reads from outside, copies of it with other operands, and new loops.
#pragma once

#include <sinter/graph/control.hpp>
#include <sinter/ops/identity.hpp>

namespace sinter::transform {

using graph::builder;
using graph::control;
using graph::node;
using sinter::detail::list;

// f(node) for what a node is computed from: its operands, and the arguments of a call with a rule of the user's.
template <class F> constexpr void for_each_input(const builder& g, int id, F f) {
  const node n = g.nodes[id];
  for (int k = 0; k < n.operands; ++k) f(n.operand[k]);
  if (ops::is_custom(g, id))
    for (int k = ops::custom_arguments(g, id); k < n.attributes; ++k) f(static_cast<int>(g.attribute(id, k)));
}

// The nodes of a body: for a loop, what depends on its parameters; for a side of a branch, what was traced since the branch began. The
// parameters of loops inside belong to it as well.
struct body_nodes {
  list<bool> inside;
  list<int> captured;  // what they read from outside, in order

  /// begin: of a branch, else -1.
  constexpr body_nodes(const builder& g, const list<int>& roots, int region, int begin) {
    int n = 0;
    for (const int r : roots) n = r >= n ? r + 1 : n;
    list<bool> reached, own, read;
    inside.resize(n, false), reached.resize(n, false), read.resize(n, false), own.resize(g.regions);
    for (const int r : roots) reached[r] = true;
    for (int i = n - 1; i >= 0; --i)
      if (reached[i]) for_each_input(g, i, [&](int k) { reached[k] = true; });
    if (begin < 0) own[region] = true;
    for (bool more = true; more;) {  // once, and once for each level of loops inside
      more = false;
      for (int i = 0; i < n; ++i) {
        if (!reached[i] || inside[i]) continue;
        bool in = begin >= 0 && i >= begin;
        const opcode op = g.nodes[i].op;
        if (op == opcode::region_param) in |= own[static_cast<int>(g.attribute(i, 0))];
        else for_each_input(g, i, [&](int k) { in |= inside[k]; });
        inside[i] = in;
        if (!in || op != opcode::control || own[static_cast<int>(g.attribute(i, control::region))]) continue;
        own[static_cast<int>(g.attribute(i, control::region))] = more = true;
      }
    }
    for (int i = n - 1; i >= 0; --i)  // bundles go with what they are for
      if (inside[i] && (g.nodes[i].op == opcode::control || g.nodes[i].op == opcode::bundle))
        for_each_input(g, i, [&](int k) { inside[k] = inside[k] || g.nodes[k].op == opcode::bundle; });
    for (int i = 0; i < n; ++i)
      if (inside[i]) for_each_input(g, i, [&](int k) { read[k] = read[k] || !inside[k]; });
    for (const int r : roots) read[r] = read[r] || !inside[r];
    for (int i = 0; i < n; ++i)
      if (read[i]) captured.add(i);
  }
};

// A loop or branch. Its control nodes have one region; those that a transformation added to collect more in the same loop have more roots,
// and of these the most count: the results that both have are the same.
class region {
 public:
  int number, widest;
  extent_t kind, trips;
  bool reversed;
  int carries, along, collected, begin;
  list<int> in, roots, param;  // -1: the body does not read the parameter

  constexpr region(const builder& g, int id) : number(static_cast<int>(g.attribute(id, control::region))), widest(id) {
    for (int i = 0; i < g.nodes.size(); ++i)
      if (is_of(g, i, number) && g.attribute(i, control::collected) > g.attribute(widest, control::collected)) widest = i;
    const auto attribute = [&](control::attribute a) { return static_cast<int>(g.attribute(widest, a)); };
    kind = attribute(control::kind), trips = g.attribute(widest, control::trips), reversed = attribute(control::reversed) != 0;
    carries = attribute(control::carries), along = attribute(control::along), collected = attribute(control::collected);
    begin = kind == control::branch ? attribute(control::begin) : -1;
    graph::for_each_in_bundle(g, g.nodes[widest].operand[0], [&](int k) { in.add(k); });
    graph::for_each_in_bundle(g, g.nodes[widest].operand[1], [&](int k) { roots.add(k); });
    param.resize(carries + along + 1, -1);
    for (int i = 0; i < widest; ++i)
      if (g.nodes[i].op == opcode::region_param && g.attribute(i, 0) == number) param[static_cast<int>(g.attribute(i, 1))] = i;
  }
  static constexpr bool is_of(const builder& g, int id, extent_t number) {
    return g.nodes[id].op == opcode::control && g.attribute(id, control::region) == number;
  }
  constexpr int results() const { return carries + collected; }
};
constexpr shape<> shape_along(extent_t trips, const shape<>& one) {
  shape<> s(trips);
  for (int a = 0; a < one.rank; ++a) s.append(one[a]);
  return s;
}
constexpr bool fits_along(builder& g, const shape<>& one) {
  if (one.rank < max_rank) return true;
  g.fail(rank_not_supported);
  if (!g.failed.count) g.failed.show(one);
  return false;
}

// The values of some carries before each step, which the same loop collects: to[k] of carry k where wanted.
constexpr void collect_carries(builder& g, const region& r, const list<bool>& wanted, list<int>& to) {
  list<int> roots;
  for (const int id : r.roots) roots.add(id);
  to.resize(r.carries, -1);
  for (int k = 0; k < r.carries; ++k) {
    if (!wanted[k]) continue;
    int at = r.carries;
    while (at < roots.size() && roots[at] != r.param[k]) ++at;
    if (at == roots.size()) roots.add(r.param[k]);
    to[k] = at;
  }
  extent_t attribute[control::count];
  for (int i = 0; i < control::count; ++i) attribute[i] = g.attribute(r.widest, i);
  attribute[control::collected] = roots.size() - r.carries;
  const int operand[] = {g.nodes[r.widest].operand[0], graph::add_bundle(g, roots.data(), roots.size())};
  for (int k = 0; k < r.carries; ++k) {
    if (to[k] < 0 || !fits_along(g, g.shape_of(r.param[k]))) continue;
    attribute[control::result] = to[k];
    const shape<> all = shape_along(r.trips, g.shape_of(r.param[k]));
    to[k] = g.add(opcode::control, g.nodes[r.param[k]].type, all, operand, 2, attribute, control::count);
  }
}

// A copy of a body, some of whose nodes and some of what it reads are others. Loops inside it become new ones.
class replica {
 public:
  constexpr replica(builder& g, const body_nodes& body) : g_(g), body_(body) {
    to_.resize(body.inside.size(), -1), new_region_.resize(g.regions, -1);
  }
  constexpr void set(int id, value by) {
    if (id >= 0 && id < to_.size()) to_[id] = by.id();
  }
  constexpr void run() {
    list<int> size;  // of the graph when each node's turn came
    for (int i = 0; i < to_.size(); ++i) {
      size.add(g_.nodes.size());
      if (body_.inside[i] && to_[i] < 0) to_[i] = copy(i, size);
    }
  }
  constexpr value of(int id) const { return {g_, at(id)}; }

 private:
  builder& g_;
  const body_nodes& body_;
  list<int> to_, new_region_;
  list<extent_t> old_call_, new_call_;

  constexpr int at(int id) const { return id < to_.size() && to_[id] >= 0 ? to_[id] : id; }
  constexpr extent_t region_for(extent_t old) {
    int& r = new_region_[static_cast<int>(old)];
    if (r < 0) r = g_.regions++;
    return r;
  }
  constexpr extent_t call_for(extent_t old) {
    for (int i = 0; i < old_call_.size(); ++i)
      if (old_call_[i] == old) return new_call_[i];
    old_call_.add(old), new_call_.add(g_.nodes.size());
    return g_.nodes.size();
  }
  constexpr int copy(int id, const list<int>& size) {
    const node n = g_.nodes[id];
    const shape<> s = g_.shape_of(id);
    int operand[graph::max_operands] = {};
    for (int k = 0; k < n.operands; ++k) operand[k] = at(n.operand[k]);
    list<extent_t> attribute;
    for (int i = 0; i < n.attributes; ++i) attribute.add(g_.attribute(id, i));
    if (n.op == opcode::region_param) attribute[0] = region_for(attribute[0]);
    if (n.op == opcode::control) {
      attribute[control::region] = region_for(attribute[control::region]);
      if (attribute[control::kind] == control::branch) attribute[control::begin] = size[static_cast<int>(attribute[control::begin])];
    }
    if (ops::is_custom(g_, id)) {
      attribute[ops::custom_call] = call_for(attribute[ops::custom_call]);
      for (int i = ops::custom_made(g_, id); i < n.attributes; ++i) attribute[i] = at(static_cast<int>(attribute[i]));
    }
    return g_.add(n.op, n.type, s, operand, n.operands, attribute.data(), n.attributes);
  }
};

// A loop that a transformation writes: its parameters (carries first, then elements of arrays, then the index), what the body makes of
// them, and then its results. What none of the wanted results needs is left out.
class new_loop {
 public:
  constexpr new_loop(builder& g, control::kind_t kind, extent_t trips = 0, bool reversed = false)
      : g_(g), kind_(kind), trips_(trips), reversed_(reversed), region_(g.regions++) {}

  constexpr value carry(value in) {
    carry_in_.add(in.id()), next_.add(-1), wanted_.add(false);
    return parameter(in.type(), shape<>(in.shape()));
  }
  constexpr value element(value in) {
    shape<> s;
    for (int a = 1; a < in.rank(); ++a) s.append(in.shape()[a]);
    return element(in.id(), in.type(), s);
  }
  /// Of an array that is known later, if it is needed at all.
  constexpr value element(int in, dtype type, const shape<>& s) {
    along_in_.add(in);
    return parameter(type, s);
  }
  constexpr value index() { return parameter(dtype::i32, {}); }
  constexpr void set_next(int carry, value v, bool wanted) { next_[carry] = v.id(), wanted_[carry] = wanted; }
  constexpr void set_condition(value v) { condition_ = v.id(); }
  constexpr int collect(value v) {
    collected_.add(v.id());
    return collected_.size() - 1;
  }
  /// Call when the body is complete; then tell the arrays that are needed, and then finish.
  constexpr void find_needed() {
    const int carries = carry_in_.size();
    list<int> todo;
    needed_.resize(param_.size());
    if (condition_ >= 0) todo.add(condition_);
    for (const int c : collected_) todo.add(c);
    for (int k = 0; k < carries; ++k)
      if (wanted_[k]) needed_[k] = true, todo.add(next_[k]);
    list<bool> reached;
    reached.resize(g_.nodes.size());
    while (todo.size()) {
      const int i = todo.back();
      todo.pop();
      if (reached[i]) continue;
      reached[i] = true;
      for_each_input(g_, i, [&](int k) { todo.add(k); });
      if (g_.nodes[i].op != opcode::region_param || g_.attribute(i, 0) != region_) continue;
      const int k = static_cast<int>(g_.attribute(i, 1));
      if (k < carries && !needed_[k]) todo.add(next_[k]);
      needed_[k] = true;
    }
  }
  constexpr bool needs_element(int k) const { return needed_[carry_in_.size() + k]; }
  constexpr void set_element(int k, int in) { along_in_[k] = in; }
  constexpr void finish() {
    const int carries = carry_in_.size(), along = along_in_.size();
    bool all = true;
    for (int k = 0; k < carries + along; ++k) all = all && needed_[k];
    list<int> in, roots;
    for (int k = 0; k < carries; ++k)
      if (needed_[k]) in.add(carry_in_[k]), roots.add(next_[k]), place_.add(roots.size() - 1);
      else place_.add(-1);
    left_ = roots.size();
    for (int k = 0; k < along; ++k)
      if (needed_[carries + k]) in.add(along_in_[k]);
    for (const int c : collected_) roots.add(c);
    if (condition_ >= 0) roots.add(condition_);
    if (!all) renumber(roots);
    operand_[0] = graph::add_bundle(g_, in.data(), in.size()), operand_[1] = graph::add_bundle(g_, roots.data(), roots.size());
    attribute_[control::region] = region_, attribute_[control::kind] = kind_, attribute_[control::trips] = trips_;
    attribute_[control::reversed] = reversed_, attribute_[control::carries] = left_, attribute_[control::along] = in.size() - left_;
    attribute_[control::collected] = collected_.size();
  }
  constexpr value carried(int k) { return result(place_[k], g_.nodes[next_[k]].type, shape<>(g_.shape_of(next_[k]))); }
  constexpr value collected(int k) {
    const shape<> one = g_.shape_of(collected_[k]);
    if (!fits_along(g_, one)) return {g_, collected_[k]};
    return result(left_ + k, g_.nodes[collected_[k]].type, shape_along(trips_, one));
  }

 private:
  builder& g_;
  control::kind_t kind_;
  extent_t trips_;
  bool reversed_;
  int region_, condition_ = -1, left_ = 0;
  list<int> param_, carry_in_, next_, along_in_, collected_, place_;
  list<bool> wanted_, needed_;
  int operand_[2] = {};
  extent_t attribute_[control::count] = {};

  constexpr value parameter(dtype type, const shape<>& s) {
    const extent_t attribute[] = {region_, param_.size()};
    param_.add(g_.add(opcode::region_param, type, s, nullptr, 0, attribute, 2));
    return {g_, param_.back()};
  }
  constexpr value result(int k, dtype type, const shape<>& s) {
    attribute_[control::result] = k;
    return {g_, g_.add(opcode::control, type, s, operand_, 2, attribute_, control::count)};
  }
  // The same body in a region without the parameters that are not needed.
  constexpr void renumber(list<int>& roots) {
    const body_nodes body(g_, roots, region_, -1);
    replica again(g_, body);
    region_ = g_.regions++;
    extent_t next = 0;
    for (int k = 0; k < param_.size(); ++k) {
      const bool is_index = kind_ == control::scan && k == carry_in_.size() + along_in_.size();
      if (!needed_[k] && !is_index) continue;
      const extent_t attribute[] = {region_, next++};
      const node n = g_.nodes[param_[k]];
      again.set(param_[k], {g_, g_.add(opcode::region_param, n.type, shape<>(g_.shape_of(param_[k])), nullptr, 0, attribute, 2)});
    }
    again.run();
    for (int& r : roots) r = again.of(r).id();
  }
};

// The results of a branch whose sides are new: n of either.
class new_branch {
 public:
  constexpr explicit new_branch(builder& g) : g_(g), begin_(g.nodes.size()) {}
  constexpr void finish(value condition, const list<int>& roots, list<value>& to) {
    const int c = condition.id(), n = roots.size() / 2;
    to.clear();
    const int operand[] = {graph::add_bundle(g_, &c, 1), graph::add_bundle(g_, roots.data(), roots.size())};
    extent_t attribute[control::count] = {};
    attribute[control::region] = g_.regions++, attribute[control::kind] = control::branch;
    attribute[control::collected] = n, attribute[control::begin] = begin_;
    for (int i = 0; i < n; ++i) {
      attribute[control::result] = i;
      const shape<> s = g_.shape_of(roots[i]);
      to.add({g_, g_.add(opcode::control, g_.nodes[roots[i]].type, s, operand, 2, attribute, control::count)});
    }
  }

 private:
  builder& g_;
  int begin_;
};

}  // namespace sinter::transform
