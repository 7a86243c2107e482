// SPDX-License-Identifier: Apache-2.0
// Loops and branches over traced values. Their bodies are lambdas on traced values, which may capture others: what does not change in a
// loop is computed once, before it.
#pragma once

#include <array>
#include <tuple>

#include <sinter/graph/control.hpp>
#include <sinter/graph/tree.hpp>
#include <sinter/ops/elementwise.hpp>
#include <sinter/ops/views.hpp>

namespace sinter {

namespace detail {

// A value, or a std::tuple, std::array or structure of such, as a list.
template <class T> struct tree;
template <> struct tree<value> {
  static constexpr int size = 1;
  static constexpr bool traced = true;  // holds a value that is no number
  static constexpr void flatten(const value& v, value*& to) { *to++ = v; }
  static constexpr value unflatten(const value*& from) { return *from++; }
};
template <class T>
requires std::is_arithmetic_v<T>
struct tree<T> {  // a number becomes a value of its own
  static constexpr int size = 1;
  static constexpr bool traced = false;
  static constexpr void flatten(T n, value*& to) { *to++ = value(n); }
  static constexpr value unflatten(const value*& from) { return *from++; }
};
template <class... T>
requires(requires { tree<T>::size; } && ...) struct tree<std::tuple<T...>> {
  static constexpr bool traced = (tree<T>::traced || ...);
  static constexpr int size = (0 + ... + tree<T>::size);
  static constexpr void flatten(const std::tuple<T...>& t, value*& to) { flatten(t, to, make_int_list<sizeof...(T)>{}); }
  static constexpr auto unflatten(const value*& from) {
    return std::tuple{tree<T>::unflatten(from)...};  // in order, for these are braces
  }

 private:
  template <int... I> static constexpr void flatten(const std::tuple<T...>& t, value*& to, int_list<I...>) {
    (tree<T>::flatten(std::get<I>(t), to), ...);
  }
};
template <class T, std::size_t N>
requires requires { tree<T>::size; }
struct tree<std::array<T, N>> {
  static constexpr bool traced = N > 0 && tree<T>::traced;
  static constexpr int size = static_cast<int>(N) * tree<T>::size;
  static constexpr void flatten(const std::array<T, N>& a, value*& to) {
    for (const T& t : a) tree<T>::flatten(t, to);
  }
  static constexpr auto unflatten(const value*& from) {
    std::array<decltype(tree<T>::unflatten(from)), N> a{};
    for (auto& t : a) t = tree<T>::unflatten(from);
    return a;
  }
};
template <class T>
requires((is_fields<T> || is_structure<T>)&&all_values<decltype(leaves_of(std::declval<T&>()))>) struct tree<T> {
  static constexpr int size = leaf_count<T>;
  static constexpr bool traced = true;
  static constexpr void flatten(const T& t, value*& to) {
    std::apply([&](const auto&... leaf) { ((*to++ = leaf), ...); }, leaves_of(t));
  }
  static constexpr T unflatten(const value*& from) {
    T t{};
    std::apply([&](auto&... leaf) { ((leaf = *from++), ...); }, leaves_of(t));
    return t;
  }
};
template <class T>
concept is_tree = requires {
  tree<std::remove_cvref_t<T>>::size;
};
template <class T>
concept is_traced_tree = is_tree<T> && tree<std::remove_cvref_t<T>>::traced;
// A tree of N values.
template <class T, int N>
concept is_tree_of = is_tree<T> && tree<std::remove_cvref_t<T>>::size == N;
// What a step of a scan returns: a pair of N carries and of what is collected.
template <class T, int N>
concept is_step = requires {
  std::tuple_size<T>::value;
}
&&std::tuple_size<T>::value == 2 && is_tree_of<std::tuple_element_t<0, T>, N>&& is_tree<std::tuple_element_t<1, T>>;

// Up to this many values in a tree that a loop carries.
template <class T> struct leaves {
  static constexpr int size = tree<T>::size;
  value at[size + 1];
  constexpr explicit leaves(const T& t) {
    value* to = at;
    tree<T>::flatten(t, to);
  }
  static constexpr auto whole(const value* from) { return tree<T>::unflatten(from); }
};
template <class T> leaves(const T&) -> leaves<T>;

// One loop or branch while its bodies are traced.
class control_trace {
 public:
  constexpr control_trace(graph::builder& g, graph::control::kind_t kind) : g_(g) {
    attribute_[graph::control::region] = g.regions++;
    attribute_[graph::control::kind] = kind;
    if (kind == graph::control::branch) attribute_[graph::control::begin] = g.nodes.size();
  }
  constexpr void set(graph::control::attribute a, extent_t x) { attribute_[a] = x; }
  /// Numbers take the type `like` has, else their own.
  constexpr value entering(value v) {
    v = v.as(g_, v.natural_type());
    if (in_.size() == most) throw "sinter: a loop or branch has more than 256 values";
    in_.add(v.id());
    return v;
  }
  constexpr value parameter(dtype type, const shape<>& s) {
    const extent_t attribute[] = {attribute_[graph::control::region], parameters_++};
    return {g_, g_.add(opcode::region_param, type, s, nullptr, 0, attribute, 2)};
  }
  constexpr void leaving(value v) { out_.add(v.id()); }
  /// What a body makes of a carry must be of the same type and shape.
  constexpr void leaving_as(value v, value like) {
    v = v.as(g_, like.type());
    if (g_.failed.broken) return;
    const shape<> have = v.shape(), want = like.shape();
    bool same = v.type() == like.type() && have.rank == want.rank;
    for (int a = 0; same && a < want.rank; ++a) g_.require_equal(want[a], have[a], same);
    if (!same) {
      g_.fail(carry_changes);
      g_.failed.show(like.type()), g_.failed.show(want), g_.failed.show(v.type()), g_.failed.show(have);
      return;
    }
    leaving(v);
  }
  constexpr value result(dtype type, const shape<>& s) {
    const int operand[] = {graph::add_bundle(g_, in_.data(), in_.size()), graph::add_bundle(g_, out_.data(), out_.size())};
    attribute_[graph::control::result] = results_++;
    return {g_, g_.add(opcode::control, type, s, operand, 2, attribute_, graph::control::count)};
  }

 private:
  static constexpr int most = 256;
  graph::builder& g_;
  extent_t attribute_[graph::control::count] = {};
  list<int> in_, out_;
  extent_t parameters_ = 0, results_ = 0;
};

template <class T> inline constexpr bool is_bound = std::is_integral_v<T> || std::is_same_v<T, value>;  // of a fori_loop

constexpr graph::builder* graph_in(const value* v, int n) {
  for (int i = 0; i < n; ++i)
    if (v[i].graph()) return v[i].graph();
  return nullptr;
}

constexpr void check_condition(graph::builder& g, value condition) {
  if (g.failed.broken || (!condition.is_number() && condition.type() == dtype::boolean && condition.rank() == 0)) return;
  g.fail(condition_is_no_bool);
  if (!condition.is_number()) g.failed.show(condition.type()), g.failed.show(condition.shape());
}
// A condition that is a number: inside of a function the graph tells so.
template <class Condition, class Side, class... X> constexpr auto refuse_condition(Side side, const X&... x) {
  if constexpr (!is_traced_tree<decltype(side(x...))>) return error<&condition_is_no_bool, Condition>{};
  else {
    const leaves made(side(x...));
    graph_in(made.at, made.size)->fail(condition_is_no_bool);
    return decltype(made)::whole(made.at);
  }
}
// Where a rule was broken: something of the graph for each result that was not made, so that tracing goes on to the message.
constexpr void stand_in(const value& any, value* made, int count) {
  for (int i = 0; i < count; ++i)
    if (made[i].is_number()) made[i] = any;
}
constexpr void refuse_body(graph::builder& g, int carries) {
  g.fail(body_returns_others);
  if (!g.failed.count) g.failed.show(extent_t{carries});
}

// scan and fori_loop: `step(index, carries, elements)` returns the next carries and what is collected, as a pair of trees.
template <class Init, class Xs, class Step>
constexpr auto trace_scan(graph::builder& g, const Init& init, const Xs& xs, extent_t trips, bool reversed, Step step) {
  control_trace c(g, graph::control::scan);
  leaves<Init> in(init);
  leaves<Xs> along(xs);
  constexpr int carries = leaves<Init>::size, arrays = leaves<Xs>::size;
  for (int i = 0; i < carries; ++i) in.at[i] = c.entering(in.at[i]);
  for (int i = 0; i < arrays; ++i) along.at[i] = c.entering(along.at[i]);
  value carry[carries + 1], element[arrays + 1];
  for (int i = 0; i < carries; ++i) carry[i] = c.parameter(in.at[i].type(), in.at[i].shape());
  for (int i = 0; i < arrays; ++i) {
    shape<> each;
    for (int a = 1; a < along.at[i].rank(); ++a) each.append(along.at[i].shape()[a]);
    element[i] = c.parameter(along.at[i].type(), each);
  }
  const value index = c.parameter(dtype::i32, {});
  if constexpr (!is_step<decltype(step(index, leaves<Init>::whole(carry), leaves<Xs>::whole(element))), carries>) {
    refuse_body(g, carries);
    return std::pair{leaves<Init>::whole(carry), index};
  } else {
    const auto made = step(index, leaves<Init>::whole(carry), leaves<Xs>::whole(element));
    const leaves next(std::get<0>(made));
    const leaves collected(std::get<1>(made));
    constexpr int ys = decltype(collected)::size;
    value y[ys + 1];
    for (int i = 0; i < carries && !g.failed.broken; ++i) c.leaving_as(next.at[i], in.at[i]);
    for (int i = 0; i < ys && !g.failed.broken; ++i) y[i] = collected.at[i].as(g, collected.at[i].natural_type()), c.leaving(y[i]);
    c.set(graph::control::trips, trips), c.set(graph::control::reversed, reversed);
    c.set(graph::control::carries, carries), c.set(graph::control::along, arrays), c.set(graph::control::collected, ys);
    for (int i = 0; i < carries && !g.failed.broken; ++i) carry[i] = c.result(in.at[i].type(), in.at[i].shape());
    for (int i = 0; i < ys && !g.failed.broken; ++i) {
      shape<> all;
      all.append(trips);
      for (int a = 0; a < y[i].rank(); ++a) all.append(y[i].shape()[a]);
      if (y[i].rank() == max_rank) g.fail(rank_not_supported), g.failed.show(y[i].shape());
      else y[i] = c.result(y[i].type(), all);
    }
    stand_in(index, y, ys);
    return std::pair{leaves<Init>::whole(carry), std::remove_cvref_t<decltype(collected)>::whole(y)};
  }
}

// A scan whose number of carries is known only while tracing: step(index, carry, element, next) makes the next carries of the present ones
// and of the elements of the arrays. What they are at the end takes the place of `carry`.
template <class Step>
constexpr void trace_scan_list(graph::builder& g, value* carry, int carries, const value* arrays, int count, extent_t trips, Step step) {
  control_trace c(g, graph::control::scan);
  list<value> before, element, next;
  list<int> entered;
  for (int i = 0; i < carries; ++i) carry[i] = c.entering(carry[i]);
  for (int i = 0; i < count; ++i) entered.add(c.entering(arrays[i]).id());
  for (int i = 0; i < carries; ++i) before.add(c.parameter(carry[i].type(), carry[i].shape()));
  for (int i = 0; i < count; ++i) {
    const value whole{g, entered[i]};
    shape<> each;
    for (int a = 1; a < whole.rank(); ++a) each.append(whole.shape()[a]);
    element.add(c.parameter(whole.type(), each));
  }
  for (int i = 0; i < carries; ++i) next.add(before[i]);
  step(c.parameter(dtype::i32, {}), before.data(), element.data(), next.begin());
  for (int i = 0; i < carries && !g.failed.broken; ++i) c.leaving_as(next[i], carry[i]);
  c.set(graph::control::trips, trips), c.set(graph::control::carries, carries), c.set(graph::control::along, count);
  for (int i = 0; i < carries && !g.failed.broken; ++i) carry[i] = c.result(carry[i].type(), carry[i].shape());
}

template <class Condition, class Body, class Init>
constexpr auto trace_while(graph::builder& g, Condition condition, Body body, const Init& init) {
  leaves<Init> in(init);
  control_trace c(g, graph::control::while_loop);
  constexpr int carries = leaves<Init>::size;
  value carry[carries + 1];
  for (int i = 0; i < carries; ++i) in.at[i] = c.entering(in.at[i]);
  for (int i = 0; i < carries; ++i) carry[i] = c.parameter(in.at[i].type(), in.at[i].shape());
  if constexpr (!is_tree_of<decltype(body(leaves<Init>::whole(carry))), carries>) refuse_body(g, carries);
  else if constexpr (!std::is_same_v<decltype(condition(leaves<Init>::whole(carry))), value>) g.fail(condition_is_no_bool);
  else {
    const leaves next(body(leaves<Init>::whole(carry)));
    const value goes_on = condition(leaves<Init>::whole(carry));
    for (int i = 0; i < carries && !g.failed.broken; ++i) c.leaving_as(next.at[i], in.at[i]);
    check_condition(g, goes_on);
    if (!g.failed.broken) c.leaving(goes_on);
    c.set(graph::control::carries, carries);
    for (int i = 0; i < carries && !g.failed.broken; ++i) carry[i] = c.result(in.at[i].type(), in.at[i].shape());
  }
  return leaves<Init>::whole(carry);
}

}  // namespace detail

/// carry = init; while (condition(carry)) carry = body(carry). Inside of `fn`. A carry is a value, or a std::tuple or std::array of them,
/// which keep their shapes and types, numbers among them; `condition` returns one bool. Both may use values from
/// outside.
/// Derivatives: forward mode (jvp), in a loop that carries values and tangents; reverse mode needs to know how many steps there are: write
/// a fori_loop. In a batch whose conditions differ steps are made as long as one goes on, and those that ended keep their carries.
/// Cost: one kernel in the plan, which runs those of condition and body; a carry that the body can compute in place has one place, others
/// two, and none is copied but at the end. Source: jax.lax.while_loop.
template <class Condition, class Body, class Init> constexpr auto while_loop(Condition condition, Body body, const Init& init) {
  if constexpr (!detail::is_traced_tree<Init>) return error<&loop_without_values, Init>{};
  else {
    const detail::leaves in(init);
    return detail::trace_while(*detail::graph_in(in.at, in.size), condition, body, init);
  }
}

/// carry = init; for each element x of xs along its first axis: (carry, y) = f(carry, x). Returns (carry, all y along a new first axis).
/// xs is a value or a tree of values, y a value or a tree (std::tuple<>() for none). Inside of `fn`; the first axis of xs is static.
/// Shapes: xs [n, ...] -> x [...]; y [...] -> [n, ...].
/// Derivatives: of any order, in both modes. Reverse mode is a second loop from the last step to the first: the first one keeps the carries
/// of each step that the second needs, n times their bytes, and the second computes what else a step is made of once more.
/// Cost: as while_loop; elements and results are read and written in place. Source: jax.lax.scan.
template <class F, class Init, class Xs> constexpr auto scan(F f, const Init& init, const Xs& xs, bool reverse = false) {
  if constexpr (!detail::is_tree<Init> || !detail::is_traced_tree<Xs>) return error<&loop_without_values, Init, Xs>{};
  else {
    const detail::leaves along(xs);
    graph::builder& g = *detail::graph_in(along.at, along.size);
    extent_t trips = 0;
    for (int i = 0; i < along.size && !g.failed.broken; ++i) {
      const bool fits = along.at[i].rank() > 0 && !graph::is_symbol(along.at[i].shape()[0]) && (i == 0 || along.at[i].shape()[0] == trips);
      if (fits) trips = along.at[i].shape()[0];
      else {
        g.fail(scan_axes_differ);
        for (int k = 0; k <= i && k < 4; ++k) g.failed.show(along.at[k].rank() ? along.at[k].shape() : sinter::shape<>());
      }
    }
    const auto made = detail::trace_scan(g, init, xs, trips, reverse, [&](value, const auto& carry, const auto& x) { return f(carry, x); });
    return std::tuple(made.first, made.second);
  }
}

/// carry = init; for (i = begin; i < end; ++i) carry = body(i, carry). Inside of `fn`; i is an i32 of rank 0. Bounds that are numbers
/// give a loop of a fixed length, with the derivatives of a scan; bounds that are values, a while_loop with its derivatives.
/// Source: jax.lax.fori_loop.
template <class Begin, class End, class Body, class Init> constexpr auto fori_loop(Begin begin, End end, Body body, const Init& init) {
  constexpr bool fixed = std::is_integral_v<Begin> && std::is_integral_v<End>;
  if constexpr (!detail::is_tree<Init> || !detail::is_bound<Begin> || !detail::is_bound<End> || (fixed && !detail::is_traced_tree<Init>)) {
    return error<&loop_without_values, Begin, End, Init>{};
  } else if constexpr (fixed) {
    const detail::leaves in(init);
    graph::builder& g = *detail::graph_in(in.at, in.size);
    const extent_t trips = end > begin ? static_cast<extent_t>(end) - static_cast<extent_t>(begin) : 0;
    const auto step = [&](value i, const auto& carry, const auto&) {
      const value at = begin == 0 ? i : i + begin;
      if constexpr (detail::is_tree<decltype(body(at, carry))>) return std::pair{body(at, carry), std::tuple<>()};
    };
    return detail::trace_scan(g, init, std::tuple<>(), trips, false, step).first;
  } else {
    const value bounds[] = {value(begin), value(end)};
    graph::builder& g = *detail::graph_in(bounds, 2);
    const int typed = bounds[1].is_number() ? 0 : 1;
    const dtype t = bounds[typed].is_number() ? bounds[typed].natural_type() : bounds[typed].type();
    const value last = bounds[1].as(g, t);
    const auto next = [&](const auto& c) {
      if constexpr (detail::is_tree<decltype(body(std::get<0>(c), std::get<1>(c)))>)
        return std::tuple(std::get<0>(c) + 1, body(std::get<0>(c), std::get<1>(c)));
    };
    const auto made = detail::trace_while(
        g, [&](const auto& c) { return std::get<0>(c) < last; }, next, std::tuple(bounds[0].as(g, t), init));
    return std::get<1>(made);
  }
}

/// y = condition ? when_true(x...) : when_false(x...), of which only one is computed. Inside of `fn`; the condition is a bool of rank 0,
/// both sides return values, or trees of values, of the same types and shapes. What only one side uses is computed there.
/// Derivatives: of any order, in both modes: branches on the same condition. In a batch whose conditions differ both sides are computed.
/// Source: jax.lax.cond. For a choice element by element see `where`.
template <class Condition, class True, class False, class... X>
constexpr auto cond(const Condition& condition, True when_true, False when_false, const X&... x) {
  if constexpr (!std::is_same_v<Condition, value>) return detail::refuse_condition<Condition>(when_true, x...);
  else if constexpr (!detail::is_tree<decltype(when_true(x...))> || !detail::is_tree<decltype(when_false(x...))>)
    return error<&sides_differ, decltype(when_true(x...)), decltype(when_false(x...))>{};
  else {
    graph::builder& g = *condition.graph();
    detail::control_trace c(g, graph::control::branch);
    detail::check_condition(g, condition);
    c.entering(condition);
    detail::leaves yes(when_true(x...));
    detail::leaves no(when_false(x...));
    constexpr int results = decltype(yes)::size;
    if constexpr (results != decltype(no)::size) {
      g.fail(sides_differ);
      if (!g.failed.count) g.failed.show(extent_t{results}), g.failed.show(extent_t{decltype(no)::size});
    } else {
      for (int i = 0; i < results && !g.failed.broken; ++i) {
        if (yes.at[i].is_number())
          yes.at[i] = no.at[i].is_number() ? yes.at[i].as(g, yes.at[i].natural_type()) : yes.at[i].as(g, no.at[i].type());
        c.leaving(yes.at[i]);
      }
      for (int i = 0; i < results && !g.failed.broken; ++i) c.leaving_as(no.at[i], yes.at[i]);
      c.set(graph::control::collected, results);
      for (int i = 0; i < results && !g.failed.broken; ++i) yes.at[i] = c.result(yes.at[i].type(), yes.at[i].shape());
    }
    detail::stand_in(condition, yes.at, results);
    return decltype(yes)::whole(yes.at);
  }
}

}  // namespace sinter
