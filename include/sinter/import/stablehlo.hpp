// SPDX-License-Identifier: Apache-2.0
// stablehlo<Text>: a StableHLO module as a function. Its stages are constants: slices of the text, linked, arrays placed, lowered to a
// graph.
#pragma once

#include <string>
#include <vector>

#include <sinter/import/stablehlo_calls.hpp>
#include <sinter/import/stablehlo_lower.hpp>
#include <sinter/import/stablehlo_rules.hpp>
#include <sinter/run/transformations.hpp>

namespace sinter::mlir {

/// The function that a module is used by: @main, else the first.
constexpr int entry_of(const module_view& m) {
  int first = -1;
  for (int i = 0; i < m.size.ops; ++i) {
    if (m.ops[i].kind != op_kind::function_begin) continue;
    if (first < 0) first = i;
    if (equal(m.source, m.ops[i].name, "main")) return i;
    i = m.ops[i].match;
  }
  return first;
}

inline constexpr int work_of_slice = SINTER_WORK_OF_CONSTANT / 10;

/// A module's signature, and the steps that lower it.
template <class Text> struct lower_steps {
  static constexpr const auto& module = link_stage<Text>::value;
  static constexpr diagnostic find_failure() {
    if constexpr (link_stage<Text>::value.failed) return link_stage<Text>::value.failed;
    else return data_stage<Text>::failed;
  }
  static constexpr diagnostic unread = find_failure();
  static constexpr int entry = unread ? -1 : entry_of(module_of<Text>);
  static constexpr int arguments = entry < 0 ? 0 : module.ops[entry < 0 ? 0 : entry].results;
  static constexpr data_sources sources() {
    data_sources s;
    if constexpr (!unread) {
      s.literals = data_stage<Text>::layout.literal, s.count = data_stage<Text>::layout.size.literals;
      s.decoded = sinter::detail::define_data<decoded_data<Text>>::address;
      if constexpr (requires { Text::data(); }) s.aside = sinter::detail::define_data<aside_data<Text>>::address;
      if constexpr (requires { typename Text::calls; })
        s.functions = functions_of<Text, typename Text::calls>::value, s.function_count = std::tuple_size_v<typename Text::calls>;
    }
    return s;
  }
  static constexpr tensor_type parameter(int k) {
    reader r(text_of<Text>);
    int p = module.value_type[module.ops[entry].first_result + k];
    return r.type(p);
  }
  // Slice K of the ops, lowered.
  template <int K, lowering_size N> static constexpr frozen_lowering<N> lower() {
    lowering l(module_of<Text>, sources());
    if constexpr (K > 0) l.go_on(step<K - 1>::value);
    else if (unread || entry < 0) l.r.failed = unread ? unread : diagnostic{expected::module_or_function, 0, 0};
    else l.start(entry);
    l.run(work_of_slice);
    return l.template stop<N>();
  }
  template <int K> struct step;
  template <int K> static constexpr lowering_size room() {
    lowering_size n;
    n.values = link_stage<Text>::size.values, n.graph = {2 * work_of_slice, 96, 4 * work_of_slice, 0, 0, 16, 128}, n.frames = 8,
    n.saved = 16, n.checks = 4, n.tuples = 16, n.rules = 4;
    if constexpr (K > 0) {
      constexpr lowering_size from = step<K - 1>::value.size;
      n.graph.nodes += from.graph.nodes, n.graph.pool += from.graph.pool, n.graph.shapes += from.graph.shapes;
      n.graph.externals += from.graph.externals, n.graph.results += from.graph.results;
      n.frames += from.frames, n.saved += from.saved, n.checks += from.checks, n.tuples += from.tuples, n.rules += from.rules;
    }
    return n;
  }
  template <int K> struct step {
    static constexpr auto first = lower<K, room<K>()>();
    template <lowering_size N> static constexpr auto again = lower<K, N>();
    static constexpr const auto& whole() {
      if constexpr (first.size.fits(room<K>())) return first;
      else return again<first.size>;
    }
    static constexpr const auto& value = whole();
    static constexpr bool is_last = value.at.done || value.failed || value.rule.happened();
  };
  template <int K = 0> static constexpr const auto& last() {
    if constexpr (step<K>::is_last) return step<K>::value;
    else return last<K + 1>();
  }
  // Whether functions of the user's are constant expressions: looked for where there are any, for it may take a compiler as long again.
  template <int K> static constexpr bool is_constant_step() {
    return requires { typename std::bool_constant<(lower<K, room<K>()>().at.done, true)>; };
  }
  template <int K = 0> static constexpr bool is_constant() {
    if constexpr (!requires { typename Text::calls; }) return true;
    else if constexpr (!is_constant_step<K>()) return false;
    else if constexpr (step<K>::is_last) return true;
    else return is_constant<K + 1>();
  }
};
/// A module's signature and graph.
template <class Text> struct lower_stage : lower_steps<Text> {
  static constexpr const auto& result = lower_steps<Text>::last();
  static constexpr auto graph = graph::freeze<result.size.graph>(result.graph.view());
  static constexpr int results = result.size.graph.results;
};

/// What is wrong with a module: the rule, and the place of the text where it is broken.
template <class Text> struct module_fault {
  static constexpr const auto& result = lower_stage<Text>::result;
  static constexpr bool is_there = result.failed || result.rule.happened();
  static constexpr sinter::detail::failure find() {
    const text t = text_of<Text>;
    const diagnostic d = result.failed;
    const int at = d.at < t.size ? d.at : t.size;
    sinter::detail::failure f;
    if (d.what == expected::same_shapes && result.rule.happened()) f = result.rule;
    else {
      if (d.what == expected::declared_type || d.what == expected::argument_type) f = result.rule;
      f.broken = rule_of(d.what);
    }
    if constexpr (!lower_stage<Text>::unread)
      if (d.what == expected::data) f.show(data_stage<Text>::layout.size.aside);
    const position p = position_of(t, at);
    f.show_place(p.line, p.column, t.at + at, d.end > at ? d.end - at : 0);
    return f;
  }
};

/// Copies a graph into another one: its parameters are `argument`, its results go to `to`. `rules`: of its identity nodes.
constexpr void splice(graph::builder& g, const graph::graph_view& from, const custom_rule* const* rules, const value* argument, value* to) {
  list<int> made, size;  // size: of the graph when each node's turn came
  list<extent_t> attribute, old_call, new_call;
  made.resize(from.node_count, -1);
  const int regions = g.regions;
  for (int i = 0; i < from.node_count; ++i) {
    const graph::node n = from[i];
    size.add(g.nodes.size());
    if (n.op == opcode::param) {
      made[i] = argument[from.attribute(i, 0)].id();
      continue;
    }
    int operand[graph::max_operands] = {};
    for (int k = 0; k < n.operands; ++k) operand[k] = made[n.operand[k]];
    attribute.clear();
    for (int k = 0; k < n.attributes; ++k) attribute.add(from.attribute(i, k));
    if (n.op == opcode::literal || n.op == opcode::element_call || n.op == opcode::row_call || n.op == opcode::library_call)
      attribute[0] = g.intern(from.externals[static_cast<int>(attribute[0])]);
    if (n.op == opcode::reduce_call) attribute[2] = g.intern(from.externals[static_cast<int>(attribute[2])]);
    if (n.op == opcode::region_param) attribute[0] += regions;
    if (n.op == opcode::control) {
      attribute[graph::control::region] += regions;
      if (attribute[graph::control::region] >= g.regions) g.regions = static_cast<int>(attribute[graph::control::region]) + 1;
      if (attribute[graph::control::kind] == graph::control::branch)
        attribute[graph::control::begin] = size[static_cast<int>(attribute[graph::control::begin])];
    }
    if (n.op == opcode::identity) {
      attribute[1] = g.nodes.size();
      if (attribute[0] == graph::custom) {
        int call = 0;
        while (call < old_call.size() && old_call[call] != attribute[ops::custom_call]) ++call;
        if (call == old_call.size()) old_call.add(attribute[ops::custom_call]), new_call.add(g.nodes.size());
        attribute[ops::custom_call] = new_call[call];
        attribute[ops::custom_rule_at] = g.rules.add(rules[attribute[ops::custom_rule_at]]);
        const int first = ops::custom_masks + static_cast<int>(attribute[ops::custom_batches]);
        for (int k = first; k < n.attributes; ++k) attribute[k] = made[static_cast<int>(attribute[k])];
      }
    }
    made[i] = g.add(n.op, n.type, from.shape_of(i), operand, n.operands, attribute.data(), n.attributes);
  }
  for (int r = 0; r < from.result_count; ++r) to[r] = {g, made[from.results[r]]};
}

template <int N, class... V> struct repeated : repeated<N - 1, value, V...> {};
template <class... V> struct repeated<0, V...> { using type = std::tuple<V...>; };

// What is wrong with the type of a module is told before the module is read.
template <class Text> constexpr bool has_text() {
  if constexpr (requires { Text::value; }) return std::is_array_v<std::remove_reference_t<decltype(Text::value)>>;
  else return false;
}
template <class F>
concept named_function = requires {
  F::name[0];
  F{};
};
template <class List> inline constexpr bool are_named = false;
template <class... F> inline constexpr bool are_named<std::tuple<F...>> = (named_function<F> && ...);
template <class Text> constexpr bool has_functions() {
  if constexpr (requires { typename Text::calls; }) return are_named<typename Text::calls>;
  else return true;
}
enum class module_state { good, broken, no_module };
template <class Text> constexpr module_state state_of() {
  static_assert(has_text<Text>(),
                "sinter::stablehlo: the type has no array with the text of a module; write `struct text { static constexpr char value[] = "
                "R\"(module ...)\"; };`, not a pointer");
  static_assert(
      has_functions<Text>(),
      "sinter::stablehlo: `calls` is no std::tuple of functions with names; write `using calls = std::tuple<f>;` with `struct f { "
      "static constexpr char name[] = \"my.op\"; constexpr auto operator()(auto x) const { ... } };`");
  if constexpr (!has_text<Text>() || !has_functions<Text>()) return module_state::no_module;
  else {
    constexpr bool constant = lower_steps<Text>::is_constant();
    static_assert(constant,
                  "sinter::stablehlo: a function in `calls` is no constant expression; make its operator() constexpr, and use ops of the "
                  "library alone in it");
    if constexpr (!constant) return module_state::no_module;
    else return module_fault<Text>::is_there ? module_state::broken : module_state::good;
  }
}

/// A module as a functor on traced values.
template <class Text, module_state = state_of<Text>()> struct module_function {
  using stage = lower_stage<Text>;
  static constexpr bool emits = true;
  using results_type = std::conditional_t<stage::results == 1, value, typename repeated<stage::results>::type>;

  // Whether parameters of these types (detail::param_type) are the module's: then its graph is that of the call.
  template <class P> static constexpr bool takes_parameter(int k) {
    graph::builder g;
    const value v = sinter::detail::add_param<P>(g, k);
    const tensor_type t = stage::parameter(k);
    return !v.is_number() && v.type() == t.element.type && v.shape() == t.extents && g.symbols.size() == 0 &&
           g.attribute(v.id(), 1) == graph::row_major;
  }
  template <class List, class... P> struct matches { static constexpr bool value = false; };
  template <int... I, class... P>
  requires(sizeof...(P) == sizeof...(I)) struct matches<sinter::detail::int_list<I...>, P...> {
    static constexpr bool value = (module_function::template takes_parameter<P>(I) && ...);
  };
  template <class... P> static constexpr bool takes = matches<sinter::detail::make_int_list<stage::arguments>, P...>::value;
  static constexpr void emit(graph::builder& g, const value* argument, value* to) {
    for (int k = 0; k < stage::arguments; ++k) {
      const tensor_type t = stage::parameter(k);
      if (argument[k].type() == t.element.type && argument[k].shape() == t.extents) continue;
      g.fail(module_takes_others);
      if (!g.failed.count)
        g.failed.show(static_cast<extent_t>(k)), g.failed.show(t.element.type), g.failed.show(t.extents), g.failed.show(argument[k].type()),
            g.failed.show(argument[k].shape());
      return;
    }
    splice(g, stage::graph.view(), stage::result.rules, argument, to);
  }
  // Of values and of trees of values, such as the tuple of a model's weights.
  template <class... V>
  requires((sinter::detail::is_tree<V> && ...) && (0 + ... + sinter::detail::tree<V>::size) == stage::arguments) constexpr results_type
  operator()(const V&... x) const {
    if constexpr (sizeof...(V) == 0) return results_type{};
    else {
      value all[stage::arguments + 1], *next = all;
      (sinter::detail::tree<V>::flatten(x, next), ...);
      value to[stage::results + 1];
      graph::builder& g = *sinter::detail::graph_in(all, stage::arguments);
      value typed[stage::arguments + 1];
      for (int k = 0; k < stage::arguments; ++k) typed[k] = all[k].as(g, stage::parameter(k).element.type);
      for (value& r : to) r = typed[0];
      emit(g, typed, to);
      return whole(to, sinter::detail::make_int_list<stage::results>{});
    }
  }

 private:
  template <int... I> static constexpr results_type whole(const value* to, sinter::detail::int_list<I...>) {
    return results_type{to[I]...};
  }
};

template <class Text> struct module_function<Text, module_state::no_module> {
  template <class... V> constexpr broken_call operator()(const V&...) const { return {}; }
};
/// The same of a module with a mistake: any call breaks its rule.
template <class Text> struct module_function<Text, module_state::broken> {
  static constexpr bool emits = true;
  template <class... P> static constexpr bool takes = false;
  static constexpr void emit(graph::builder& g, const value*, value*) {
    if (!g.failed.happened()) g.failed = module_fault<Text>::find();
  }
  template <class... V>
  requires(sinter::detail::is_tree<V>&&...) constexpr value operator()(const V&... x) const {
    constexpr int count = (0 + ... + sinter::detail::tree<V>::size);
    if constexpr (count == 0) return {};
    else {
      value all[count], *next = all;
      (sinter::detail::tree<V>::flatten(x, next), ...);
      graph::builder& g = *sinter::detail::graph_in(all, count);
      emit(g, nullptr, nullptr);
      return all[0].as(g, all[0].natural_type());
    }
  }
};

template <class Text, int First, class List> struct arguments_of;
template <class Text, int First, int... I> struct arguments_of<Text, First, sinter::detail::int_list<I...>> {
  template <int K, class Axes> struct one;
  template <int K, int... A> struct one<K, sinter::detail::int_list<A...>> {
    static constexpr tensor_type of = lower_stage<Text>::parameter(K);
    using type = tensor<storage_t<of.element.type>, of.extents[A]...>;
  };
  template <int K> using argument_type = typename one<K, sinter::detail::make_int_list<lower_stage<Text>::parameter(K).extents.rank>>::type;
  using type = std::tuple<argument_type<First + I>...>;
};
// What the module calls argument k: the attribute jax.arg_info, else its name without '%'.
constexpr span name_of_argument(const module_view& m, int entry, int k) {
  const text t = m.source;
  int at = m.value_type[m.ops[entry].first_result + k];
  if (at < 0) return {};
  const reader r(t);
  const int after = skip_space(t, r.skip_type(at));
  if (t[after] == '{') {
    const int info = r.attribute(after, skip_group(t, after), "jax.arg_info");
    if (info >= 0 && t[info] == '"') return {info + 1, skip_string(t, info) - 1};
  }
  int begin = at;  // back to '%' before ": type"
  while (begin > 0 && t[begin] != '%') --begin;
  return {begin + 1, skip_name(t, begin + 1)};
}

}  // namespace sinter::mlir

namespace sinter {

/// The function that a StableHLO module computes: @main, or the first function. `Text` is a type with the module as a named array:
/// `struct text { static constexpr char value[] = R"(module { func.func @main(...) ... })"; };`. Parsed, linked and lowered in constant
/// evaluation, it is like any other `fn`: call, into, plan, explain, prepare, grad, vmap, and it can be called inside other functions.
/// Shapes: those of the module; tensor<2x3xf32> is tensor<float, 2, 3>, rank 0 is tensor<float> or a number. i1 is bool; i2, i4 (ui2, ui4)
///         stand in std::int8_t (std::uint8_t), floating point of 8 bits and fewer in float, holding numbers of the narrow type; f16 is
///         sinter::float16, bf16 sinter::bfloat16. Several results are a std::tuple. Extents are static: no tensor with run-time extents
///         fits.
/// Checks: what the specification asks of a module is taken as given where a result can be computed without it (operands of one shape,
///         numbers that fit their type): exporters verify that.
/// Errors: one compile error with line, column, the text that stands there and what was expected. Out of scope: dynamic shapes, quantized
///         types, collectives, infeed, send and their like.
/// Cost:   parsing: a second per 200 KB with g++, a third more with clang; no flag of the compiler is needed for modules of 500 KB. Decimal
///         numbers in lists cost 1 to 2 ms each: leave more than some thousand of them to `sinter_add_stablehlo`, which reads them before.
/// Arrays: constants of the text become bytes of the program; `dense_resource<offset>` lies that far behind what a function of yours,
///         `static const void* data();` in Text, returns; elided ones one after the other, each at a multiple of 64
///         (`sinter_add_stablehlo` in CMake makes both text and data from a file).
/// Calls:  `custom_call @my.op(%x, %y)` is f{}(x, y) for an f of `using calls = std::tuple<f, ...>;` in Text whose name is that:
///         `struct f { static constexpr char name[] = "my.op"; constexpr auto operator()(auto x, auto y) const { return x * y; } };`.
///         It gets traced values and returns one, or a std::tuple for several results: any ops of the library, library calls and
///         custom_gradient too. Types and shapes of its results must be those that the text declares; attributes are not passed.
/// Source: the StableHLO specification, github.com/openxla/stablehlo.
template <class Text> inline constexpr function<mlir::module_function<Text, mlir::state_of<Text>()>> stablehlo{};

/// Tensors for `Count` arguments of a module from number `First` on, as a std::tuple: its weights, for example. It is one argument of the
/// function: `stablehlo_arguments<text, 0, 197> weights; ... stablehlo<text>(weights, ids)`. By name from a .safetensors file:
/// `safetensors_file(path).load_into(stablehlo_argument_names<text>(0, 197), weights)`.
template <class Text, int First = 0, int Count = mlir::lower_stage<Text>::arguments - First>
requires(First >= 0 && Count >= 0 && First + Count <= mlir::lower_stage<Text>::arguments) using stablehlo_arguments =
    typename mlir::arguments_of<Text, First, detail::make_int_list<Count>>::type;

/// What the module calls these arguments: each one's attribute jax.arg_info where it has that, else its name, "arg0".
template <class Text> std::vector<std::string> stablehlo_argument_names(int first = 0, int count = mlir::lower_stage<Text>::arguments) {
  std::vector<std::string> names;
  for (int k = first; k < first + count && k < mlir::lower_stage<Text>::arguments; ++k) {
    const mlir::span n = mlir::name_of_argument(mlir::module_of<Text>, mlir::lower_stage<Text>::entry, k);
    names.emplace_back(Text::value + n.begin, Text::value + n.end);
  }
  return names;
}

}  // namespace sinter
