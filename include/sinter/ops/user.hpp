// SPDX-License-Identifier: Apache-2.0
// Ops from outside the library: a user's functor over packets as an element op, a reduction or a row program. The graph holds the
// address of its descriptor; code generation finds the functor's type again from that address.
#pragma once

#include <sinter/ops/reduce.hpp>

namespace sinter {

namespace detail {

// external_type(external_tag<&descriptor>{}) is declared where a functor is first used, and gives its type.
template <const external* E> struct external_tag {
  SINTER_NON_TEMPLATE_FRIEND_BEGIN
  friend constexpr auto external_type(external_tag);
  SINTER_NON_TEMPLATE_FRIEND_END
};
template <class F> struct external_name { static constexpr const char* value = "user"; };
template <class F>
requires requires { F::name; }
struct external_name<F> {
  static constexpr const char* value = F::name;
};

template <class F> struct external_of { static constexpr external descriptor{external_name<F>::value, 0}; };
template <class F> struct define_external {
  friend constexpr auto external_type(external_tag<&external_of<F>::descriptor>) { return holder_of<F>{}; }
  static constexpr const external* address = &external_of<F>::descriptor;
};

// Whether a functor has a member, even an overloaded or generic one: a second one of that name makes it ambiguous.
struct named_identity {
  int identity;
};
struct named_accumulate {
  int accumulate;
};
struct named_combine {
  int combine;
};
struct named_run {
  int run;
};
template <class F, class Named> struct with_name : F, Named {};
template <class F> inline constexpr bool reduces = !requires { &with_name<F, named_identity>::identity; }
&&!requires { &with_name<F, named_accumulate>::accumulate; }
&&!requires { &with_name<F, named_combine>::combine; };
template <class F> inline constexpr bool runs_rows = !requires { &with_name<F, named_run>::run; };

}  // namespace detail

namespace ops {

template <class F> struct map {
  template <class... V> static constexpr value trace(V... x) {
    value v[] = {value(x)...};
    graph::builder& g = *detail::graph_of(x...);
    const extent_t attribute = g.intern(detail::define_external<F>::address);
    return detail::element_node(g, opcode::element_call, detail::types::number, v, sizeof...(V), 0, &attribute, 1);
  }
};
template <class F> struct reduce_with {
  static constexpr value trace(value x, axes a = {}, keep k = {}) {
    graph::builder& g = *x.graph();
    if (!detail::reduces<F> || x.type() == dtype::boolean || is_complex(x.type())) {
      g.fail(!detail::reduces<F> ? functor_lacks_member : is_complex(x.type()) ? not_for_complex : needs_number);
      if (!g.failed.count) g.failed.show(x.type()), g.failed.show(x.shape());
      return x;
    }
    // One node only: a reduction of the user's need not split into one over each run of axes.
    const axes n = detail::normal_axes(g, a, x.shape());
    for (int i = 1; i < n.count; ++i)
      if (n.axis[i] != n.axis[i - 1] + 1 && !g.failed.broken) {
        g.fail(one_axis_needed);
        g.failed.show(x.shape());
      }
    const extent_t e = g.intern(detail::define_external<F>::address);
    return detail::reduce_node(x, opcode::reduce_call, a, k, x.type(), &e);
  }
  static constexpr value trace(value x, keep k) { return trace(x, {}, k); }
};
template <class F> struct map_rows {
  template <class... V> static constexpr value trace(value x, V... rest) {
    graph::builder& g = *x.graph();
    const extent_t attribute = g.intern(detail::define_external<F>::address);
    value v[] = {x, value(rest)...};
    int id[graph::max_operands] = {};
    if (!detail::runs_rows<F>) g.fail(functor_lacks_member);
    if (x.rank() == 0) g.fail(rank_not_supported);
    if (is_complex(x.type())) g.fail(not_for_complex);
    if (g.failed.broken && !g.failed.count) g.failed.show(x.type()), g.failed.show(x.shape());
    for (int i = 0; i <= static_cast<int>(sizeof...(V)) && !g.failed.broken; ++i) {
      v[i] = v[i].as(g, x.type());
      if (v[i].type() != x.type()) {
        g.fail(element_types_differ);
        g.failed.show(x.type()), g.failed.show(v[i].type());
        break;
      }
      v[i] = broadcast_to::trace(v[i], x.shape());
      if (!g.failed.broken) id[i] = v[i].id();
    }
    if (g.failed.broken) return x;
    return {g, g.add(opcode::row_call, x.type(), x.shape(), id, 1 + static_cast<int>(sizeof...(V)), &attribute, 1)};
  }
};

}  // namespace ops

/// y = F{}(x...) element by element: F is called with packets of the register type (or single elements) and uses operators and the
/// functions of simd/math.hpp. Operands broadcast and have one number type, which is the result's.
template <class F, class... X>
requires operands<X...>
constexpr auto map(const X&... x) { return suspend<ops::map<F>>(x...); }
/// The same with a captureless lambda: `map([](auto x) { return x / (1 + abs(x)); }, x)`.
template <class F, class... X>
requires(std::is_empty_v<F>&& std::is_default_constructible_v<F>&& operands<X...> && !operand<F> &&
         !is_attribute<F>) constexpr auto map(F, const X&... x) {
  return suspend<ops::map<F>>(x...);
}

/// A reduction of the user's: F has `identity` (a number), `accumulate(acc, x)`, `combine(a, b)` on packets and, if it
/// needs one, `finish(acc)`. Combines in the order of every reduction.
template <class F, operand X, class... A> constexpr auto reduce(const X& x, A... a) { return suspend<ops::reduce_with<F>>(x, a...); }

/// A row program of the user's over the last axis: F has `run(row)`. A row offers size(), sum(f), max(f), min(f), which give the
/// reduction of f(x...) in every lane, and map(f), which writes f(x...); f takes one packet of each operand. A row for which run does not
/// call map becomes zeros. Example: 05_row_program.cpp. Shapes: x [..., n], further operands that broadcast to it -> [..., n].
template <class F, class... X>
requires operands<X...>
constexpr auto map_rows(const X&... x) { return suspend<ops::map_rows<F>>(x...); }

}  // namespace sinter
