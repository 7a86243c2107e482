// SPDX-License-Identifier: Apache-2.0
// Lowers a linked module to a graph: walks over its ops in order, follows calls, and adds to the graph what each op means. Bodies of
// reductions, sorts, scatters and maps are lowered with arrays in the place of numbers; loops and branches keep theirs.
#pragma once

#include <sinter/import/stablehlo_structure.hpp>
#include <sinter/ops/control.hpp>
#include <sinter/ops/fold.hpp>
#include <sinter/ops/sort.hpp>
#include <sinter/ops/window.hpp>

namespace sinter::mlir {

/// What a check op of a module compares: results 2k and 2k + 1 of the module. `exact`: bits but for NaN; `absolute`: |a - b| <= tolerance;
/// `ulp`: at most so many units in the last place.
struct check_op {
  enum kind_t : std::uint8_t { exact, absolute, ulp } kind = exact;
  double tolerance = 0;
  element_type element{};
};

/// A call, loop or branch that is being lowered.
struct lowering_frame {
  enum kind_t : std::uint8_t { call, condition, body, side } kind = call;
  int op = 0;                            // its op
  int saved = 0;                         // of a loop, the condition; else how much was saved before
  int region = 0, begin = 0, which = 0;  // of a loop or branch
};

/// Where a lowering stands.
struct lowering_place {
  int next = -1;               // op; -1: not begun
  int regions = 0, steps = 0;  // ops so far
  bool done = false;
};

struct lowering_size {
  graph::counts graph;
  int values = 0, frames = 0, saved = 0, checks = 0, tuples = 0, rules = 0;
  constexpr bool fits(const lowering_size& room) const {
    return graph.fits(room.graph) && values <= room.values && frames <= room.frames && saved <= room.saved && checks <= room.checks &&
           tuples <= room.tuples && rules <= room.rules;
  }
};
/// A lowering that stopped between two ops.
template <lowering_size N> struct frozen_lowering {
  diagnostic failed;
  sinter::detail::failure rule;
  lowering_size size;
  lowering_place at;
  graph::frozen<N.graph> graph;
  int node[N.values + 1] = {};
  narrow kept[N.values + 1] = {};
  lowering_frame frames[N.frames + 1] = {};
  int saved[N.saved + 1] = {};
  check_op checks[N.checks + 1] = {};
  int tuples[N.tuples + 1] = {};
  const custom_rule* rules[N.rules + 1] = {};
};

class lowering {
 public:
  graph::builder g;
  reader r;
  values v;
  list<lowering_frame> frames;
  list<int> saved, tuples;
  list<check_op> checks;
  lowering_place at;

  constexpr lowering(const module_view& m, const data_sources& data) : r(m.source), m_(m), data_(data) {}

  template <lowering_size N> constexpr void go_on(const frozen_lowering<N>& f) {
    graph::graph_view view = f.graph.view();
    const graph::counts n = f.size.graph;
    view.node_count = n.nodes, view.shape_count = n.shapes, view.pool_count = n.pool, view.symbol_count = n.symbols;
    view.constraint_count = n.constraints, view.external_count = n.externals, view.result_count = n.results;
    g.go_on(view);
    g.regions = f.at.regions, at = f.at;
    v.node.add_all(f.node, f.size.values), v.kept.add_all(f.kept, f.size.values);
    frames.add_all(f.frames, f.size.frames), saved.add_all(f.saved, f.size.saved), checks.add_all(f.checks, f.size.checks);
    tuples.add_all(f.tuples, f.size.tuples), g.rules.add_all(f.rules, f.size.rules);
  }
  template <lowering_size N> constexpr frozen_lowering<N> stop() {
    frozen_lowering<N> f;
    at.regions = g.regions;
    f.failed = r.failed, f.rule = g.failed, f.at = at;
    f.size = {g.size(), v.node.size(), frames.size(), saved.size(), checks.size(), tuples.size(), g.rules.size()};
    if (!f.size.fits(N)) return f;
    f.graph = graph::freeze<N.graph>(g.view());
    for (int i = 0; i < f.size.values; ++i) f.node[i] = v.node[i], f.kept[i] = v.kept[i];
    for (int i = 0; i < f.size.frames; ++i) f.frames[i] = frames[i];
    for (int i = 0; i < f.size.saved; ++i) f.saved[i] = saved[i];
    for (int i = 0; i < f.size.checks; ++i) f.checks[i] = checks[i];
    for (int i = 0; i < f.size.tuples; ++i) f.tuples[i] = tuples[i];
    for (int i = 0; i < f.size.rules; ++i) f.rules[i] = g.rules[i];
    return f;
  }

  /// Begins at function `entry`.
  constexpr void start(int entry) {
    v.node.resize(m_.size.values, -1), v.kept.resize(m_.size.values, narrow::none);
    const linked_op& f = m_.ops[entry];
    for (int k = 0; k < f.results; ++k) {
      const tensor_type t = parameter_type(f.first_result + k);
      if (!r.failed && t.kind != tensor_type::tensor) r.fail(expected::supported_type, m_.value_type[f.first_result + k]);
      if (r.failed) return;
      const extent_t attribute[] = {k, graph::row_major};
      bind(f.first_result + k, g.add(opcode::param, t.element.type, t.extents, nullptr, 0, attribute, 2), t.element.kept);
    }
    at.next = entry + 1;
  }
  constexpr tensor_type parameter_type(int value) {
    int p = m_.value_type[value];
    return p < 0 ? tensor_type{} : r.type(p);
  }
  constexpr bool failed() const { return r.failed || g.failed.broken; }
  /// Lowers on until about so many nodes and ops are added, or to the end.
  constexpr void run(int most) {
    const int enough = g.nodes.size() + most;
    for (int ops = 0; !at.done && !failed() && g.nodes.size() + ops < enough; ++ops) {
      if (++at.steps > most_steps) return r.fail(expected::fewer_ops, m_.ops[at.next].name.begin);
      step();
      if (g.failed.broken && !r.failed) r.fail(expected::same_shapes, m_.ops[here_].name.begin);
    }
  }

 private:
  const module_view m_;
  const data_sources data_;
  int here_ = 0, depth_ = 0;

  constexpr void bind(int value, int node, narrow kept) { v.node[value] = node, v.kept[value] = kept; }
  constexpr op_context context(int i, bool lifted = false) { return {g, r, m_, v, data_, &m_.ops[i], lifted}; }
  constexpr int behind(int i) const { return m_.ops[i].match > i ? m_.ops[i].match + 1 : i + 1; }
  constexpr int operand(const linked_op& o, int k) const { return m_.operand[o.first_operand + k]; }
  /// Region k of op i: its region_begin.
  constexpr int region(int i, int k) {
    int b = i + 1;
    for (; k > 0 && m_.ops[b].kind == op_kind::region_begin; --k) b = m_.ops[b].match + 1;
    if (m_.ops[b].kind != op_kind::region_begin) r.fail(expected::region, m_.ops[i].name.begin);
    return b;
  }
  constexpr int regions(int i) const {
    int n = 0;
    for (int b = i + 1; m_.ops[b].kind == op_kind::region_begin; b = m_.ops[b].match + 1) ++n;
    return n;
  }

  constexpr void step() {
    const int i = here_ = at.next;
    const linked_op& o = m_.ops[i];
    switch (o.kind) {
      case op_kind::func_return:
      case op_kind::stablehlo_return: return leave(i);
      case op_kind::call: return call(i, callee(i, "callee"));
      case op_kind::composite: return call(i, callee(i, "decomposition"));
      case op_kind::while_: return loop(i);
      case op_kind::if_:
      case op_kind::case_: return branch(i);
      case op_kind::function_end:
      case op_kind::region_end: return r.fail(expected::results, o.end);
      default: break;
    }
    execute(i, false);
    at.next = behind(i);
  }

  // Whether all operands are known; `or_tuples`: or tuples.
  constexpr bool are_known(const linked_op& o, bool or_tuples = false) {
    for (int k = 0; k < o.operands; ++k)
      if (const int id = v.node[operand(o, k)]; id == -1 || (id < -1 && !or_tuples))
        return r.fail(id == -1 ? expected::defined_value : expected::supported_type, o.name.begin), false;
    return true;
  }
  constexpr bool has_results(const linked_op& o, int n) {
    if (o.results != n) r.fail(expected::results, o.name.begin);
    return o.results == n;
  }
  // The function_begin of a symbol.
  constexpr int callee(int i, const char* key) {
    const linked_op& o = m_.ops[i];
    const text t = m_.source;
    int p = r.attribute(m_, o, key);
    if (p < 0 && o.kind == op_kind::call) p = skip_space(t, o.attributes);
    if (p < 0 || t[p] != '@') return r.fail(expected::symbol, o.name.begin), -1;
    const span name = name_at(t, p);
    for (int f = 0; f < m_.size.ops; ++f)
      if (m_.ops[f].kind == op_kind::function_begin) {
        if (equal(t, m_.ops[f].name, name)) return f;
        f = m_.ops[f].match;
      }
    return r.fail(expected::defined_function, name.begin), -1;
  }
  // Whether a value is of type t; `whole`: of its shape, too. Tokens and what has no type here are any.
  constexpr bool has_type(int value, const tensor_type& t, bool whole) const {
    const int id = v.node[value];
    if (t.kind == tensor_type::tuple || id < 0) return (t.kind == tensor_type::tuple) == (id < 0);
    if (t.kind != tensor_type::tensor) return true;
    return g.nodes[id].type == t.element.type && v.kept[value] == t.element.kept && (!whole || g.shape_of(id) == t.extents);
  }
  constexpr void show(int value) {
    if (const int id = v.node[value]; id >= 0 && g.failed.count < 4) g.failed.show(g.nodes[id].type), g.failed.show(g.shape_of(id));
  }
  // Whether the operands of a call are what the function takes.
  constexpr bool takes_operands(const linked_op& o, const linked_op& to, bool whole) {
    if (to.results != o.operands) return r.fail(expected::operands, o.name.begin), false;
    for (int k = 0; k < o.operands; ++k) {
      const tensor_type t = parameter_type(to.first_result + k);
      if (r.failed) return false;
      if (has_type(operand(o, k), t, whole)) continue;
      g.failed.show(static_cast<extent_t>(k)), show(operand(o, k));
      if (t.kind == tensor_type::tensor) g.failed.show(t.element.type), g.failed.show(t.extents);
      return r.fail(expected::argument_type, o.signature >= 0 ? r.listed_at(o.signature, k) : o.name.begin), false;
    }
    return true;
  }
  // Whether what op i returns is of the types that are declared at `types`.
  constexpr bool makes(int i, int types) {
    const linked_op& o = m_.ops[i];
    for (int k = 0; types >= 0 && k < o.operands; ++k) {
      const tensor_type t = r.listed(types, k);
      if (r.failed) return false;
      if (!has_type(operand(o, k), t, true)) return show(operand(o, k)), r.fail(expected::declared_type, r.listed_at(types, k)), false;
    }
    return true;
  }
  constexpr void call(int i, int f) {
    if (f < 0) return;
    const linked_op &o = m_.ops[i], &to = m_.ops[f];
    if (!are_known(o, true)) return;
    if (!takes_operands(o, to, true)) return;
    for (const lowering_frame& other : frames)
      if (other.kind == lowering_frame::call && other.which == f) return r.fail(expected::no_recursion, o.name.begin);
    for (int k = 0; k < o.operands; ++k) bind(to.first_result + k, v.node[operand(o, k)], v.kept[operand(o, k)]);
    lowering_frame frame;
    frame.op = i, frame.which = f;
    frames.add(frame);
    at.next = f + 1;
  }
  constexpr int add_bundle(const list<int>& id) { return graph::add_bundle(g, id.data(), id.size()); }
  constexpr int parameter(int region, int index, int like) {
    const extent_t attribute[] = {region, index};
    return g.add(opcode::region_param, g.nodes[like].type, shape<>(g.shape_of(like)), nullptr, 0, attribute, 2);
  }
  // An exported loop carries all that its body reads, the weights too. What the body returns as it came is no carry: it would be copied.
  constexpr bool is_unchanged(int i, int k) {
    const linked_op& begin = m_.ops[region(i, 1)];
    if (r.failed) return false;
    const linked_op& last = m_.ops[begin.match - 1];
    return last.kind == op_kind::stablehlo_return && k < last.operands && operand(last, k) == begin.first_result + k;
  }
  // What the parameters of a region of loop i are, the one that begins at op b.
  constexpr void enter_loop(int i, int b, int number) {
    const linked_op &o = m_.ops[i], &to = m_.ops[b];
    for (int k = 0, carries = 0; k < o.operands; ++k) {
      const int initial = v.node[operand(o, k)];
      bind(to.first_result + k, is_unchanged(i, k) ? initial : parameter(number, carries++, initial), v.kept[operand(o, k)]);
    }
  }
  constexpr void loop(int i) {
    const linked_op& o = m_.ops[i];
    lowering_frame f;
    f.kind = lowering_frame::condition, f.op = i, f.region = g.regions++;
    const linked_op& first = m_.ops[region(i, 0)];
    if (r.failed || !are_known(o)) return;
    if (first.results != o.operands || o.results != o.operands) return r.fail(expected::operands, o.name.begin);
    enter_loop(i, region(i, 0), f.region);
    frames.add(f);
    at.next = region(i, 0) + 1;
  }
  constexpr void end_of_condition(int i, lowering_frame& f) {
    const linked_op &o = m_.ops[i], &owner = m_.ops[f.op];
    if (o.operands != 1) return r.fail(expected::operands, o.name.begin);
    f.saved = v.node[operand(o, 0)], f.kind = lowering_frame::body;
    if (g.nodes[f.saved].type != dtype::boolean || g.shape_of(f.saved).rank != 0) return r.fail(expected::same_shapes, o.name.begin);
    const int b = region(f.op, 1);
    if (r.failed) return;
    const linked_op& to = m_.ops[b];
    if (to.results != owner.operands) return r.fail(expected::operands, owner.name.begin);
    enter_loop(f.op, b, f.region);
    at.next = b + 1;
  }
  constexpr void end_of_body(int i, const lowering_frame& f) {
    const linked_op &o = m_.ops[i], &owner = m_.ops[f.op];
    if (o.operands != owner.operands) return r.fail(expected::operands, o.name.begin);
    list<int> in, out;
    for (int k = 0; k < o.operands; ++k) {
      const int before = v.node[operand(owner, k)], after = v.node[operand(o, k)];
      if (g.nodes[before].type != g.nodes[after].type || g.nodes[before].shape != g.nodes[after].shape)
        return r.fail(expected::same_shapes, o.name.begin);
      if (!is_unchanged(f.op, k)) in.add(before), out.add(after);
    }
    out.add(f.saved);
    extent_t attribute[graph::control::count] = {};
    attribute[graph::control::region] = f.region, attribute[graph::control::kind] = graph::control::while_loop;
    attribute[graph::control::carries] = in.size();
    const int bundles[] = {add_bundle(in), add_bundle(out)};
    for (int k = 0, carries = 0; k < o.operands; ++k) {
      int made = v.node[operand(owner, k)];
      if (!is_unchanged(f.op, k)) {
        attribute[graph::control::result] = carries++;
        made = g.add(opcode::control, g.nodes[made].type, shape<>(g.shape_of(made)), bundles, 2, attribute, graph::control::count);
      }
      bind(owner.first_result + k, made, v.kept[operand(owner, k)]);
    }
    at.next = behind(f.op);
  }
  // if and case: sides k = 0, 1, ..., each but the last a branch whose other side is all that follows. What the sides return is saved: for
  // each its region, where it begins, its condition, then its results.
  constexpr void branch(int i) {
    lowering_frame f;
    f.kind = lowering_frame::side, f.op = i, f.saved = saved.size();
    const linked_op& o = m_.ops[i];
    if (o.operands != 1) return r.fail(expected::operands, o.name.begin);
    if (regions(i) == 0 || (o.kind == op_kind::if_ && regions(i) != 2)) return r.fail(expected::region, o.name.begin);
    if (!are_known(o)) return;
    const graph::node& chosen = g.nodes[v.node[operand(o, 0)]];
    if (g.shapes[chosen.shape].rank || (o.kind == op_kind::if_ ? chosen.type != dtype::boolean : !is_integer(chosen.type)))
      return r.fail(expected::same_shapes, o.name.begin);
    frames.add(f);
    enter_side(frames.back());
  }
  constexpr void enter_side(lowering_frame& f) {
    const linked_op& o = m_.ops[f.op];
    if (f.which + 1 < regions(f.op)) {
      value chosen(g, v.node[operand(o, 0)]);
      if (o.kind == op_kind::case_) chosen = chosen == value(f.which);
      if (g.failed.broken) return;
      saved.add(g.regions++), saved.add(g.nodes.size()), saved.add(chosen.id());
    }
    at.next = region(f.op, f.which) + 1;
  }
  constexpr void end_of_side(int i) {
    const linked_op& o = m_.ops[i];
    lowering_frame& f = frames.back();
    const linked_op& owner = m_.ops[f.op];
    const int n = owner.results, sides = regions(f.op);
    if (o.operands != n) return r.fail(expected::results, o.name.begin);
    for (int k = 0; k < n; ++k) saved.add(v.node[operand(o, k)]);
    const auto first_of = [&](int side) { return f.saved + side * (n + 3); };  // of a side but the last: region, begin, condition, results
    for (int k = 0; k < n; ++k) {
      const int id = v.node[operand(o, k)],
                like = saved[f.which == 0 && sides == 1 ? saved.size() - n + k : first_of(0) + (sides > 1 ? 3 : 0) + k];
      if (g.nodes[id].type != g.nodes[like].type || g.nodes[id].shape != g.nodes[like].shape)
        return r.fail(expected::same_shapes, o.name.begin);
    }
    if (++f.which < sides) return enter_side(f);
    list<int> no;
    for (int k = 0; k < n; ++k) no.add(saved[saved.size() - n + k]);
    for (int side = sides - 2; side >= 0; --side) {
      const int first = first_of(side);
      list<int> out, condition;
      condition.add(saved[first + 2]);
      for (int k = 0; k < n; ++k) out.add(saved[first + 3 + k]);
      for (int k = 0; k < n; ++k) out.add(no[k]);
      extent_t attribute[graph::control::count] = {};
      attribute[graph::control::region] = saved[first], attribute[graph::control::begin] = saved[first + 1];
      attribute[graph::control::kind] = graph::control::branch, attribute[graph::control::collected] = n;
      const int bundles[] = {add_bundle(condition), add_bundle(out)};
      for (int k = 0; k < n; ++k) {
        attribute[graph::control::result] = k;
        no[k] = g.add(opcode::control, g.nodes[out[k]].type, shape<>(g.shape_of(out[k])), bundles, 2, attribute, graph::control::count);
      }
    }
    for (int k = 0; k < n; ++k) bind(owner.first_result + k, no[k], v.kept[operand(o, k)]);
    saved.drop(saved.size() - f.saved);
    at.next = behind(f.op);
    frames.pop();
  }
  // How many loops the results depend on.
  static constexpr int most_loops = 64;
  constexpr int loops() const {
    list<bool> reached, counted;
    reached.resize(g.nodes.size(), false), counted.resize(g.regions, false);
    for (int k = 0; k < g.results.size(); ++k) reached[g.results[k]] = true;
    int n = 0;
    for (int i = g.nodes.size() - 1; i >= 0; --i) {
      if (!reached[i]) continue;
      const graph::node& node = g.nodes[i];
      for (int k = 0; k < node.operands; ++k) reached[node.operand[k]] = true;
      if (node.op != opcode::region_param) continue;
      bool& counts = counted[static_cast<int>(g.attribute(i, 0))];
      n += !counts, counts = true;
    }
    return n;
  }
  constexpr void leave(int i) {
    const linked_op& o = m_.ops[i];
    if (!are_known(o, frames.size() && frames.back().kind == lowering_frame::call)) return;
    if (i + 1 < m_.size.ops && m_.ops[i + 1].kind == op_kind::function_end && !makes(i, m_.ops[m_.ops[i + 1].match].signature)) return;
    if (frames.size() == 0) {
      if (checks.size() == 0)
        for (int k = 0; k < o.operands; ++k) g.results.add(v.node[operand(o, k)]);
      if (g.regions > most_loops && loops() > most_loops) r.fail(expected::fewer_loops, o.name.begin);
      at.done = true;
      return;
    }
    switch (frames.back().kind) {
      case lowering_frame::condition: return end_of_condition(i, frames.back());
      case lowering_frame::body: {
        const lowering_frame f = frames.back();
        frames.pop();
        return end_of_body(i, f);
      }
      case lowering_frame::side: return end_of_side(i);
      case lowering_frame::call: {
        const lowering_frame f = frames.back();
        frames.pop();
        const linked_op& owner = m_.ops[f.op];
        if (owner.results != o.operands) return r.fail(expected::results, o.name.begin);
        if (owner.signature >= 0 && !makes(i, r.results_of(owner.signature))) return;
        for (int k = 0; k < o.operands; ++k) bind(owner.first_result + k, v.node[operand(o, k)], v.kept[operand(o, k)]);
        at.next = behind(f.op);
      }
    }
  }

  // The region that begins at op b, with arrays in the place of its parameters.
  constexpr void run_body(int b, const value* arguments, int count, value* out, int results, const narrow* kept) {
    const linked_op& begin = m_.ops[b];
    if (begin.results != count) return r.fail(expected::operands, m_.ops[b > 0 ? b - 1 : 0].name.begin);
    for (int k = 0; k < count; ++k) bind(begin.first_result + k, arguments[k].id(), kept[k]);
    int i = b + 1;
    for (; i < begin.match && !failed(); i = behind(i)) {
      const linked_op& o = m_.ops[i];
      if (o.kind == op_kind::stablehlo_return || o.kind == op_kind::func_return) {
        if (o.operands != results) return r.fail(expected::results, o.name.begin);
        if (!are_known(o)) return;
        for (int k = 0; k < results; ++k) out[k] = {g, v.node[operand(o, k)]};
        return;
      }
      if (o.kind == op_kind::call) call_lifted(i);
      else execute(i, true);
    }
    if (!failed()) r.fail(expected::results, begin.end);
  }
  constexpr void call_lifted(int i) {
    const linked_op& o = m_.ops[i];
    const int f = callee(i, "callee");
    if (f < 0 || !are_known(o) || !takes_operands(o, m_.ops[f], false)) return;
    if (o.operands > most_operands || o.results > most_operands || ++depth_ > 16) return r.fail(expected::no_recursion, o.name.begin);
    value x[most_operands + 1], y[most_operands + 1];
    narrow kept[most_operands + 1] = {};
    for (int k = 0; k < o.operands; ++k) x[k] = {g, v.node[operand(o, k)]}, kept[k] = v.kept[operand(o, k)];
    run_body(f, x, o.operands, y, o.results, kept);
    --depth_;
    op_context c = context(i, true);
    for (int k = 0; k < o.results && !failed(); ++k) c.set(k, y[k]);
  }
  // f(a, b, to) of a region of 2n parameters, where `kept` tells of the operands.
  constexpr auto body_of(int i, int which, int n, const narrow* kept, int results = -1) {
    const int b = region(i, which), made = results < 0 ? n : results;
    return [this, b, n, kept, made](const value* x, const value* y, value* to) {
      value all[2 * most_operands];
      narrow both[2 * most_operands] = {};
      for (int k = 0; k < n; ++k) all[k] = x[k], all[n + k] = y[k], both[k] = both[n + k] = kept[k];
      for (int k = 0; k < made; ++k) to[k] = x[k % n];
      if (!failed()) run_body(b, all, 2 * n, to, made, both);
    };
  }
  static constexpr int most_operands = 64;
  static constexpr int most_steps = 100000;  // calls are written out, and functions that call functions multiply

  constexpr void execute(int i, bool lifted) {
    here_ = i;
    const linked_op& o = m_.ops[i];
    if (++at.steps > most_steps) return r.fail(expected::fewer_ops, o.name.begin);
    op_context c = context(i, lifted);
    if (!are_known(o, o.kind == op_kind::tuple || o.kind == op_kind::get_tuple_element || o.kind == op_kind::optimization_barrier)) return;
    const op_kind kind = without_broadcast(o.kind);
    if (const int takes = operands_of(kind); takes >= 0 && o.operands != takes) return c.fail(expected::operands);
    if (o.operands > 2 * most_operands && o.kind != op_kind::concatenate && o.kind != op_kind::tuple) return c.fail(expected::operands);
    switch (o.kind) {
      case op_kind::constant:
      case op_kind::chlo_constant: {
        const tensor_type t = c.result_type(0);
        if (c.bad() || t.kind != tensor_type::tensor) return c.fail(expected::type);
        return c.set(0, c.constant(i, t), t);
      }
      case op_kind::check_eq:
      case op_kind::check_almost_eq:
      case op_kind::check_close:
      case op_kind::check_eq_const:
      case op_kind::check_almost_eq_const: return check(c, i, o.kind);
      case op_kind::custom_call: return custom_call(c, i);
      case op_kind::reduce: return reduce(c, i);
      case op_kind::map: return map(c, i);
      case op_kind::scatter: return scatter(c, i);
      case op_kind::reduce_window: return reduce_window(c, i);
      case op_kind::select_and_scatter: return select_and_scatter(c, i);
      case op_kind::sort: return sort(c, i);
      case op_kind::chlo_top_k: return top_k(c);
      case op_kind::optimization_barrier:
        for (int k = 0; k < o.results && k < o.operands; ++k) bind(o.first_result + k, v.node[operand(o, k)], v.kept[operand(o, k)]);
        return;
      case op_kind::batch_norm_training: {
        value to[3];
        const value x = c.operand(0), scale = c.operand(1), offset = c.operand(2);
        if (c.bad()) return;
        sinter::detail::batch_norm_training(g, x, scale, offset, number_attribute(c, "epsilon", x.type()),
                                            static_cast<int>(r.integer(c.attribute("feature_index"), 0)), to);
        for (int k = 0; k < 3 && !c.bad(); ++k) c.set(k, to[k]);
        return;
      }
      case op_kind::batch_norm_grad: {
        value to[3];
        const value x = c.operand(0), scale = c.operand(1), mean = c.operand(2), variance = c.operand(3), ct = c.operand(4);
        if (c.bad()) return;
        sinter::detail::batch_norm_grad(g, x, scale, mean, variance, ct, number_attribute(c, "epsilon", x.type()),
                                        static_cast<int>(r.integer(c.attribute("feature_index"), 0)), to);
        for (int k = 0; k < 3 && !c.bad(); ++k) c.set(k, to[k]);
        return;
      }
      case op_kind::rng_bit_generator: {
        value to[2];
        const value state = c.operand(0);
        const tensor_type t = c.result_type(1);
        if (c.bad()) return;
        const bool philox = r.names(c.attribute("algorithm", "rng_algorithm"), "PHILOX");
        sinter::detail::rng_bit_generator(g, state,
                                          philox ? sinter::detail::rng_algorithm::philox : sinter::detail::rng_algorithm::three_fry,
                                          t.extents, t.element.type, to);
        c.set(0, to[0]), c.set(1, to[1], t);
        return;
      }
      case op_kind::rng: {
        const value low = c.operand(0), high = c.operand(1);
        const tensor_type t = c.result_type(0);
        if (c.bad()) return;
        const bool normal = r.names(c.attribute("distribution", "rng_distribution"), "NORMAL");
        return c.set(0,
                     sinter::detail::rng(g, low, high, t.extents,
                                         normal ? sinter::detail::rng_distribution::normal : sinter::detail::rng_distribution::uniform,
                                         static_cast<std::uint32_t>(i)),
                     t);
      }
      case op_kind::tuple: return tuple(c);
      case op_kind::get_tuple_element: return element_of_tuple(c);
      case op_kind::create_token:
      case op_kind::after_all: return has_results(o, 1) ? bind(o.first_result, g.constant(dtype::boolean, 0, 0), narrow::none) : void();
      default: break;
    }
    const tensor_type t = c.result_type(0);
    if (c.bad()) return;
    bool known = false;
    value y = element_op(c, kind, t, known);
    if (known && c.bad()) return;
    if (known) return c.set(0, rounds(kind) ? c.rounded(y, t.element.kept) : y, t);
    y = structure_op(c, kind, t, known);
    if (!known) return c.fail(expected::supported_op);
    c.set(0, rounds(kind) ? c.rounded(y, t.element.kept) : y, t);
  }
  // Whether an op may leave the numbers of a narrow type.
  static constexpr bool rounds(op_kind k) {
    switch (k) {
      case op_kind::select:
      case op_kind::maximum:
      case op_kind::minimum:
      case op_kind::clamp:
      case op_kind::and_:
      case op_kind::or_:
      case op_kind::bitcast_convert:
      case op_kind::broadcast_in_dim:
      case op_kind::reshape:
      case op_kind::transpose:
      case op_kind::slice:
      case op_kind::reverse:
      case op_kind::pad:
      case op_kind::concatenate:
      case op_kind::gather:
      case op_kind::dynamic_slice:
      case op_kind::dynamic_update_slice: return false;
      default: return true;
    }
  }

  constexpr void check(op_context& c, int i, op_kind kind) {
    const bool constant = kind == op_kind::check_eq_const || kind == op_kind::check_almost_eq_const;
    check_op k;
    k.kind = kind == op_kind::check_eq || kind == op_kind::check_eq_const ? check_op::exact
             : kind == op_kind::check_close                               ? check_op::ulp
                                                                          : check_op::absolute;
    const bool custom = m_.ops[i].kind == op_kind::custom_call;
    k.tolerance = k.kind == check_op::ulp ? 3 : custom ? 1e-3 : 1e-4;
    int given = c.attribute("tolerance");
    if (given < 0) given = c.attribute("max_ulp_difference");
    if (given < 0) given = r.attribute(m_.ops[i].signature, m_.ops[i].end, "tolerance");
    if (given >= 0) k.tolerance = number_at(m_.source, given).as_double();
    const value x = c.operand(0);
    if (c.bad()) return;
    k.element = c.element_of_operand(0);
    value y;
    if (constant) {
      int p = r.results_of(m_.ops[i].signature);
      const tensor_type t = r.type(p);
      if (c.bad()) return;
      y = c.constant(i, t);
    } else {
      y = c.operand(1);
    }
    if (c.bad()) return;
    if (x.type() != y.type() || !(x.shape() == y.shape())) return r.fail(expected::same_shapes, m_.ops[i].name.begin);
    checks.add(k);
    g.results.add(x.id()), g.results.add(y.id());
  }
  constexpr void call_function(op_context& c, const user_function& f, int place) {
    if (c.lifted) return c.fail(expected::elementwise_body);
    list<value> x;
    list<int> made;
    for (int k = 0; k < c.operands(); ++k) x.add(c.operand(k));
    if (c.bad()) return;
    if (!f.trace(g, x.data(), x.size(), made)) return r.fail(expected::callable_function, place);
    if (c.bad() || !has_results(*c.o, made.size())) return;
    for (int k = 0; k < made.size(); ++k) {
      const tensor_type t = c.result_type(k);
      const value y(g, made[k]);
      c.set(k, !c.bad() && y.type() == t.element.type ? c.rounded(y, t.element.kept) : y, t);
    }
  }
  constexpr void custom_call(op_context& c, int i) {
    const text t = m_.source;
    const linked_op& o = m_.ops[i];
    const span name = call_target(r, m_, o);
    for (int f = 0; f < data_.function_count; ++f)
      if (equal(t, name, data_.functions[f].name)) return call_function(c, data_.functions[f], name.begin);
    if (equal(t, name, "check.expect_eq")) return check(c, i, op_kind::check_eq);
    if (equal(t, name, "check.expect_almost_eq")) return check(c, i, op_kind::check_almost_eq);
    if (equal(t, name, "check.expect_close")) return check(c, i, op_kind::check_close);
    if (equal(t, name, "Sharding") || equal(t, name, "xla.sdy.FuncResultSharding") || equal(t, name, "annotate_device_placement"))
      return has_results(o, 1) && o.operands == 1 ? bind(o.first_result, v.node[operand(o, 0)], v.kept[operand(o, 0)])
                                                  : c.fail(expected::operands);
    if (starts_with(t, name.begin, "mhlo.") || starts_with(t, name.begin, "chlo.")) {  // an op of CHLO by its former name
      const span short_name{name.begin + 5, name.end};
      for (const named_op& n : op_names)
        if (n.kind >= op_kind::chlo_acos && equal(t, short_name, n.name + 5)) {
          if (n.kind == op_kind::chlo_top_k) break;
          bool known = false;
          const tensor_type type = c.result_type(0);
          const value y = element_op(c, n.kind, type, known);
          if (known && !c.bad()) c.set(0, c.rounded(y, type.element.kept), type);
          if (known) return;
        }
    }
    r.fail(expected::function_to_call, name.begin ? name.begin : o.name.begin);
  }

  // Above its user, for clang instantiates it there.
  template <class Body>
  constexpr void fold(const value* x, const value* init, int n, const sinter::axes& over, const Body& body, value* out) {
    if (over.count == 0) {
      body(init, x, out);
      return;
    }
    sinter::detail::fold(g, x, init, n, over, body, out);
  }
  constexpr void reduce(op_context& c, int i) {
    const linked_op& o = m_.ops[i];
    const int n = o.operands / 2;
    if (o.operands % 2 || n == 0 || n > most_operands) return c.fail(expected::operands);
    // Pretty: x init: i, y init: j, ...; generic: all operands, then all initial values.
    value x[most_operands], init[most_operands], out[most_operands];
    narrow kept[most_operands] = {};
    for (int k = 0; k < n; ++k) {
      const int a = o.generic ? k : 2 * k, b = o.generic ? n + k : 2 * k + 1;
      x[k] = c.operand(a), init[k] = c.operand(b), kept[k] = v.kept[operand(o, a)];
    }
    const sinter::axes over = c.axes("dimensions");
    if (c.bad()) return;
    if (o.match < 0) {  // applies stablehlo.add
      const int p = applied(o);
      if (p < 0) return c.fail(expected::region);
      const op_kind kind = kind_of(m_.source, {p, skip_name(m_.source, p)});
      const auto body = [&](const value* a, const value* b, value* to) { to[0] = simple(kind, a[0], b[0], kept[0]); };
      fold(x, init, n, over, body, out);
    } else {
      fold(x, init, n, over, body_of(i, 0, n, kept), out);
    }
    for (int k = 0; k < n && !c.bad(); ++k) c.set(k, out[k]);
  }
  // Where the op's name stands in `applies stablehlo.add`.
  constexpr int applied(const linked_op& o) const {
    const text t = m_.source;
    for (int p = o.attributes; p < o.signature; ++p)
      if (t[p] == 'a' && is_word(t, p, "applies")) return skip_space(t, p + 7);
    return -1;
  }
  // A tuple is no node: its value has the number -2 - where its elements stand in `tuples`, behind how many they are. Each is two numbers:
  // its node, and what it is kept in.
  constexpr void tuple(op_context& c) {
    const int first = tuples.add(c.operands());
    for (int k = 0; k < c.operands(); ++k) {
      if (v.node[c.operand_id(k)] == -1) return c.fail(expected::defined_value);
      tuples.add(v.node[c.operand_id(k)]), tuples.add(static_cast<int>(v.kept[c.operand_id(k)]));
    }
    if (c.o->results == 1) bind(c.o->first_result, -2 - first, narrow::none);
  }
  constexpr void element_of_tuple(op_context& c) {
    const text t = m_.source;
    int index = static_cast<int>(r.integer(c.attribute("index"), -1));
    for (int p = c.o->attributes; index < 0 && p < c.o->signature; ++p)
      if (t[p] == '[') index = static_cast<int>(number_at(t, p + 1).digits);
    const int from = c.operands() == 1 ? v.node[c.operand_id(0)] : -1;
    if (from > -2 || index < 0 || index >= tuples[-2 - from] || c.o->results != 1) return c.fail(expected::operands);
    bind(c.o->first_result, tuples[-1 - from + 2 * index], static_cast<narrow>(tuples[-from + 2 * index]));
  }
  constexpr value simple(op_kind k, value a, value b, narrow kept) {
    op_context c = context(here_, true);
    const bool logical = is_bool(a);
    switch (k) {
      case op_kind::add: return c.rounded(logical ? a | b : a + b, kept);
      case op_kind::multiply: return c.rounded(logical ? a & b : a * b, kept);
      case op_kind::maximum: return logical ? a | b : maximum(a, b);
      case op_kind::minimum: return logical ? a & b : minimum(a, b);
      case op_kind::and_: return a & b;
      case op_kind::or_: return a | b;
      case op_kind::xor_: return a ^ b;
      default: return c.fail(expected::elementwise_body), a;
    }
  }
  constexpr void map(op_context& c, int i) {
    const linked_op& o = m_.ops[i];
    if (o.operands > most_operands) return c.fail(expected::operands);
    value x[most_operands + 1], y[1];
    narrow kept[most_operands + 1] = {};
    for (int k = 0; k < o.operands; ++k) x[k] = c.operand(k), kept[k] = v.kept[operand(o, k)];
    if (c.bad()) return;
    run_body(region(i, 0), x, o.operands, y, 1, kept);
    if (c.bad()) return;
    c.set(0, sinter::detail::broadcast_right(g, y[0].as(g, c.result_type(0).element.type), c.result_type(0).extents));
  }
  constexpr void scatter(op_context& c, int i) {
    const linked_op& o = m_.ops[i];
    const int n = (o.operands - 1) / 2;
    if (o.operands != 2 * n + 1 || n == 0 || n > most_operands) return c.fail(expected::operands);
    value x[most_operands], u[most_operands], out[most_operands];
    narrow kept[most_operands] = {};
    for (int k = 0; k < n; ++k) x[k] = c.operand(k), u[k] = c.operand(n + 1 + k), kept[k] = v.kept[operand(o, k)];
    const scatter_dimensions d = scatter_dimensions_of(c);
    const value indices = start_index(c.operand(n));
    if (c.bad()) return;
    combiner how{};
    if (n == 1 && is_simple(i, how)) {
      sinter::detail::scatter_general(g, x, n, indices, u, d, how, out);
    } else {
      const bool unique = r.flag(c.attribute("unique_indices"), false);
      sinter::detail::scatter_general(g, x, n, indices, u, d, unique, body_of(i, 0, n, kept), out);
    }
    for (int k = 0; k < n && !c.bad(); ++k) c.set(k, c.rounded(out[k], kept[k]));
  }
  constexpr window window_of(op_context& c, int rank) {
    window w;
    const auto read = [&](const char* key, extent_t* to) {
      const int p = c.attribute(key);
      if (p >= 0 && r.integers(p, to, rank) != rank) r.fail(expected::integers, p);
    };
    read("window_dimensions", w.size), read("window_strides", w.stride);
    read("base_dilations", w.base_dilation), read("window_dilations", w.window_dilation);
    extent_t both[2 * max_rank] = {};
    const int p = c.attribute("padding");
    if (p >= 0 && r.integers(p, both, 2 * rank) != 2 * rank) r.fail(expected::integers, p);
    for (int a = 0; a < rank; ++a) w.low[a] = both[2 * a], w.high[a] = both[2 * a + 1];
    return w;
  }
  constexpr void reduce_window(op_context& c, int i) {
    const linked_op& o = m_.ops[i];
    const int n = o.operands / 2;
    if (o.operands % 2 || n == 0 || n > most_operands) return c.fail(expected::operands);
    value x[most_operands], init[most_operands], out[most_operands];
    narrow kept[most_operands] = {};
    for (int k = 0; k < n; ++k) x[k] = c.operand(k), init[k] = c.operand(n + k), kept[k] = v.kept[operand(o, k)];
    if (c.bad()) return;
    const window w = window_of(c, x[0].rank());
    if (c.bad()) return;
    if (x[0].rank() == 0) body_of(i, 0, n, kept)(init, x, out);
    else sinter::detail::reduce_window(g, x, init, n, w, body_of(i, 0, n, kept), out);
    for (int k = 0; k < n && !c.bad(); ++k) c.set(k, out[k]);
  }
  constexpr void select_and_scatter(op_context& c, int i) {
    const value x = c.operand(0), source = c.operand(1), init = c.operand(2);
    if (c.bad()) return;
    const narrow kept[] = {v.kept[c.operand_id(0)]};
    const window w = window_of(c, x.rank());
    const auto chooses = body_of(i, 0, 1, kept);
    if (c.bad()) return;
    c.set(0, sinter::detail::select_and_scatter(g, x, source, init, w, chooses, body_of(i, 1, 1, kept)));
  }
  constexpr void sort(op_context& c, int i) {
    const linked_op& o = m_.ops[i];
    const int n = o.operands, b = region(i, 0);
    if (n == 0 || n > most_operands || r.failed) return c.fail(expected::operands);
    value x[most_operands], out[most_operands];
    narrow kept[2 * most_operands] = {};
    for (int k = 0; k < n; ++k) x[k] = c.operand(k), kept[2 * k] = kept[2 * k + 1] = v.kept[operand(o, k)];
    if (c.bad()) return;
    const auto before = [&](const value* p, const value* q) {  // whose parameters alternate
      value both[2 * most_operands], y[1] = {p[0]};
      for (int k = 0; k < n; ++k) both[2 * k] = p[k], both[2 * k + 1] = q[k];
      if (!failed()) run_body(b, both, 2 * n, y, 1, kept);
      return y[0];
    };
    const int along = static_cast<int>(r.integer(c.attribute("dimension"), -1));
    if (x[0].rank() == 0) {
      for (int k = 0; k < n; ++k) out[k] = x[k];
    } else {
      sinter::detail::sort(g, x, n, along, before, out);
    }
    for (int k = 0; k < n && !c.bad(); ++k) c.set(k, out[k]);
  }
  constexpr void top_k(op_context& c) {
    const auto y = sinter::top_k(c.operand(0), r.integer(c.attribute("k"), -1));
    if (c.bad()) return;
    c.set(0, std::get<0>(y)), c.set(1, std::get<1>(y));
  }
  // Whether the region of op i takes two numbers and is one of five computations.
  constexpr bool is_simple(int i, combiner& how) {
    const int b = region(i, 0);
    if (r.failed || m_.ops[b].results != 2) return false;
    const int a = m_.ops[b].first_result, u = a + 1;
    const linked_op& first = m_.ops[b + 1];
    if (first.kind == op_kind::stablehlo_return) {
      how = combiner::set;
      return first.operands == 1 && operand(first, 0) == u;
    }
    const linked_op& last = m_.ops[b + 2];
    if (last.kind != op_kind::stablehlo_return || last.operands != 1 || operand(last, 0) != first.first_result || first.operands != 2)
      return false;
    const int p = operand(first, 0), q = operand(first, 1);
    if (!((p == a && q == u) || (p == u && q == a))) return false;
    switch (first.kind) {
      case op_kind::add: how = combiner::add; return true;
      case op_kind::multiply: how = combiner::multiply; return true;
      case op_kind::maximum: how = combiner::maximum; return true;
      case op_kind::minimum: how = combiner::minimum; return true;
      case op_kind::or_: how = combiner::maximum; return g.nodes[v.node[operand(m_.ops[i], 0)]].type == dtype::boolean;
      case op_kind::and_: how = combiner::minimum; return g.nodes[v.node[operand(m_.ops[i], 0)]].type == dtype::boolean;
      default: return false;
    }
  }
};

}  // namespace sinter::mlir
