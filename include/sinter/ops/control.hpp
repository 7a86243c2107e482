// SPDX-License-Identifier: Apache-2.0
// Loops and branches over traced values. Their bodies are lambdas on traced values, which may capture others: what does not change in a
// loop is computed once, before it.
#pragma once

#include <array>
#include <tuple>

#include <sinter/graph/control.hpp>
#include <sinter/ops/elementwise.hpp>
#include <sinter/ops/views.hpp>

namespace sinter {

namespace detail {

// A value, or a std::tuple or std::array of such, as a list.
template <class T> struct tree;
template <> struct tree<value> {
  static constexpr int size = 1;
  static constexpr void flatten(const value& v, value*& to) { *to++ = v; }
  static constexpr value unflatten(const value*& from) { return *from++; }
};
template <class T>
requires std::is_arithmetic_v<T>
struct tree<T> {  // a number becomes a value of its own
  static constexpr int size = 1;
  static constexpr void flatten(T n, value*& to) { *to++ = value(n); }
  static constexpr value unflatten(const value*& from) { return *from++; }
};
template <class... T> struct tree<std::tuple<T...>> {
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
template <class T, std::size_t N> struct tree<std::array<T, N>> {
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
concept is_tree = requires {
  tree<std::remove_cvref_t<T>>::size;
};

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
    if (is_complex(v.type()) && !g_.failed.broken) g_.fail(not_for_complex), g_.failed.show(v.type());
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

constexpr graph::builder* graph_in(const value* v, int n) {
  for (int i = 0; i < n; ++i)
    if (v[i].graph()) return v[i].graph();
  return nullptr;
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
  const auto made = step(index, leaves<Init>::whole(carry), leaves<Xs>::whole(element));
  const leaves next(std::get<0>(made));
  const leaves collected(std::get<1>(made));
  static_assert(decltype(next)::size == carries, "sinter: the body of a loop must return as many carries as it takes");
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
  return std::pair{leaves<Init>::whole(carry), std::remove_cvref_t<decltype(collected)>::whole(y)};
}

}  // namespace detail

/// carry = init; while (condition(carry)) carry = body(carry). Inside of `fn`. A carry is a value, or a std::tuple or std::array of them,
/// which keep their shapes and types; `condition` returns one bool. Both may use values from outside.
/// Cost: one kernel in the plan, which runs those of condition and body; a carry that the body can compute in place has one place, others
/// two, and none is copied but at the end. Source: jax.lax.while_loop.
template <class Condition, class Body, detail::is_tree Init> constexpr auto while_loop(Condition condition, Body body, const Init& init) {
  detail::leaves<Init> in(init);
  graph::builder& g = *detail::graph_in(in.at, in.size);
  detail::control_trace c(g, graph::control::while_loop);
  constexpr int carries = detail::leaves<Init>::size;
  value carry[carries + 1];
  for (int i = 0; i < carries; ++i) in.at[i] = c.entering(in.at[i]);
  for (int i = 0; i < carries; ++i) carry[i] = c.parameter(in.at[i].type(), in.at[i].shape());
  const detail::leaves next(body(detail::leaves<Init>::whole(carry)));
  const value goes_on = condition(detail::leaves<Init>::whole(carry));
  static_assert(decltype(next)::size == carries, "sinter: the body of a loop must return as many carries as it takes");
  for (int i = 0; i < carries && !g.failed.broken; ++i) c.leaving_as(next.at[i], in.at[i]);
  if (!g.failed.broken) {
    if (goes_on.type() != dtype::boolean || goes_on.rank() != 0) {
      g.fail(condition_is_no_bool);
      g.failed.show(goes_on.type()), g.failed.show(goes_on.shape());
    }
    c.leaving(goes_on);
  }
  c.set(graph::control::carries, carries);
  for (int i = 0; i < carries && !g.failed.broken; ++i) carry[i] = c.result(in.at[i].type(), in.at[i].shape());
  return detail::leaves<Init>::whole(carry);
}

/// carry = init; for each element x of xs along its first axis: (carry, y) = f(carry, x). Returns (carry, all y along a new first axis).
/// xs is a value or a tree of values, y a value or a tree (std::tuple<>() for none). Inside of `fn`; the first axis of xs is static.
/// Shapes: xs [n, ...] -> x [...]; y [...] -> [n, ...]. Cost: as while_loop; elements and results are read and written in place.
/// Source: jax.lax.scan.
template <class F, detail::is_tree Init, detail::is_tree Xs>
constexpr auto scan(F f, const Init& init, const Xs& xs, bool reverse = false) {
  const detail::leaves along(xs);
  static_assert(along.size > 0, "sinter::scan: give it an array to run along, or write a fori_loop");
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

/// carry = init; for (i = begin; i < end; ++i) carry = body(i, carry). Inside of `fn`; i is an i32 of rank 0. Bounds that are numbers
/// give a loop of a fixed length, which has a gradient; bounds that are values, a while_loop.
/// Source: jax.lax.fori_loop.
template <class Begin, class End, class Body, detail::is_tree Init>
constexpr auto fori_loop(Begin begin, End end, Body body, const Init& init) {
  if constexpr (std::is_integral_v<Begin> && std::is_integral_v<End>) {
    const detail::leaves in(init);
    graph::builder& g = *detail::graph_in(in.at, in.size);
    const extent_t trips = end > begin ? static_cast<extent_t>(end) - static_cast<extent_t>(begin) : 0;
    return detail::trace_scan(g, init, std::tuple<>(), trips, false,
                              [&](value i, const auto& carry, const auto&) {
                                return std::pair{body(begin == 0 ? i : i + begin, carry), std::tuple<>()};
                              })
        .first;
  } else {
    const value first = [&] {
      if constexpr (std::is_integral_v<Begin>) return value(begin).as(*end.graph(), end.type());
      else return begin;
    }();
    const auto last = while_loop([&](const auto& c) { return std::get<0>(c) < end; },
                                 [&](const auto& c) { return std::tuple(std::get<0>(c) + 1, body(std::get<0>(c), std::get<1>(c))); },
                                 std::tuple(first, init));
    return std::get<1>(last);
  }
}

/// y = condition ? when_true(x...) : when_false(x...), of which only one is computed. Inside of `fn`; the condition is a bool of rank 0,
/// both sides return values, or trees of values, of the same types and shapes. What only one side uses is computed there.
/// Source: jax.lax.cond. For a choice element by element see `where`.
template <class True, class False, class... X>
constexpr auto cond(const value& condition, True when_true, False when_false, const X&... x) {
  graph::builder& g = *condition.graph();
  detail::control_trace c(g, graph::control::branch);
  if (!g.failed.broken && (condition.type() != dtype::boolean || condition.rank() != 0)) {
    g.fail(condition_is_no_bool);
    g.failed.show(condition.type()), g.failed.show(condition.shape());
  }
  c.entering(condition);
  detail::leaves yes(when_true(x...));
  detail::leaves no(when_false(x...));
  constexpr int results = decltype(yes)::size;
  static_assert(results == decltype(no)::size, "sinter::cond: both sides must return as many values");
  for (int i = 0; i < results && !g.failed.broken; ++i) {
    if (yes.at[i].is_number())
      yes.at[i] = no.at[i].is_number() ? yes.at[i].as(g, yes.at[i].natural_type()) : yes.at[i].as(g, no.at[i].type());
    c.leaving(yes.at[i]);
  }
  for (int i = 0; i < results && !g.failed.broken; ++i) c.leaving_as(no.at[i], yes.at[i]);
  c.set(graph::control::collected, results);
  for (int i = 0; i < results && !g.failed.broken; ++i) yes.at[i] = c.result(yes.at[i].type(), yes.at[i].shape());
  return decltype(yes)::whole(yes.at);
}

}  // namespace sinter
