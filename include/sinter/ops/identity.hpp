// SPDX-License-Identifier: Apache-2.0
// Nodes that are their operand, but not to transformations of functions: what a derivative is taken to, what it does not pass, what a
// backward pass computes once more, and results whose derivative is the user's. Simplification removes them, all but the third.
#pragma once

#include <sinter/ops/rules.hpp>

namespace sinter {

namespace ops {

// Attributes: what the node is for and a number of its own; then for `custom`: the rule, a number of the call, which result of how
// many, over how many batches the function was mapped; for each of these, the last one outermost, which arguments have its axis as
// a leading one, as bits; what the function gave for each result, without batches; the arguments.
inline constexpr int custom_rule_at = 2, custom_call = 3, custom_result = 4, custom_results = 5, custom_batches = 6, custom_masks = 7;
constexpr bool is_custom(const graph::builder& g, int id) {
  return g.nodes[id].op == opcode::identity && g.attribute(id, 0) == graph::custom;
}
constexpr int custom_made(const graph::builder& g, int id) { return custom_masks + static_cast<int>(g.attribute(id, custom_batches)); }
constexpr int custom_arguments(const graph::builder& g, int id) {
  return custom_made(g, id) + static_cast<int>(g.attribute(id, custom_results));
}

constexpr value identity(value x, extent_t kind, const extent_t* more = nullptr, int count = 0) {
  graph::builder& g = *x.graph();
  if (g.failed.broken) return x;
  detail::list<extent_t> attribute;
  attribute.add(kind), attribute.add(g.nodes.size());
  for (int i = 0; i < count; ++i) attribute.add(more[i]);
  const int id = x.id();
  return {g, g.add(opcode::identity, x.type(), x.shape(), &id, 1, attribute.data(), attribute.size())};
}
struct stop_gradient {
  static constexpr value trace(value x) { return x.is_number() ? x : identity(x, graph::stopped); }
};

}  // namespace ops

/// y = x, as a constant to derivatives: none passes. Shapes: x [...] -> [...]. Types: all. Cost: none.
/// Source: jax.lax.stop_gradient.
template <operand X> constexpr auto stop_gradient(const X& x) { return suspend<ops::stop_gradient>(x); }

}  // namespace sinter
