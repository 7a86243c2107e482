// SPDX-License-Identifier: Apache-2.0
// The builder merges equal nodes and extents; the verifier finds every kind of damage.
#include <doctest/doctest.h>

#include <sinter/graph/verify.hpp>
#include <sinter/ops/nn.hpp>

#include <string>

namespace {

using sinter::dtype;
using sinter::opcode;
using sinter::value;
namespace graph = sinter::graph;

constexpr value param(graph::builder& g, int index, sinter::shape<> s) {
  const sinter::extent_t attribute[] = {index, 0};
  return {g, g.add(opcode::param, dtype::f32, s, nullptr, 0, attribute, 2)};
}

constexpr int nodes_of_shared_expression() {
  graph::builder g;
  const value x = param(g, 0, sinter::shape{4, 5});
  value y = exp(x) + 1.f;
  y = y * (exp(x) + 1.f);  // the second spelling of exp(x) + 1 is the first
  return g.nodes.size();
}
static_assert(nodes_of_shared_expression() == 6);  // x, exp, 1, broadcast, add, multiply

constexpr bool extents_merge() {
  graph::builder g;
  const auto n = g.intern(graph::symbol{graph::symbol::param, 0, 0}), m = g.intern(graph::symbol{graph::symbol::param, 1, 0});
  return g.sum(2, 3) == 5 && g.product(n, 1) == n && g.sum(n, 0) == n && g.difference(n, n) == 0 && g.product(n, m) == g.product(m, n) &&
         g.product(n, 0) == 0 && g.quotient_up(7, 2) == 4 && g.smaller(7, 2) == 2 && g.smaller(n, n) == n && graph::is_symbol(g.sum(n, 1));
}
static_assert(extents_merge());

constexpr bool constants_are_elements_of_their_type() {
  graph::builder g;
  return g.constant(dtype::u8, 0, 255) == g.constant(dtype::u8, 0, -1) &&
         g.constant(dtype::f32, 0.1, 0) == g.constant(dtype::f32, 0.1f, 0) &&
         g.constant(dtype::f64, 0.1, 0) != g.constant(dtype::f64, 0.1f, 0);
}
static_assert(constants_are_elements_of_their_type());

// softmax of [4, 5], then `damage` done to it; what the verifier says.
template <class Damage> const char* verdict(Damage damage) {
  graph::builder g;
  const value y = sinter::softmax(param(g, 0, sinter::shape{4, 5}), sinter::axes(1));
  g.results.add(y.id());
  damage(g);
  return graph::verify(g.view());
}

}  // namespace

TEST_CASE("the verifier accepts a sound graph and names what is wrong with others") {
  CHECK(verdict([](graph::builder&) {}) == nullptr);
  const auto says = [](const char* what, const char* part) { return what && std::string(what).find(part) != std::string::npos; };
  CHECK(says(verdict([](graph::builder& g) { g.nodes[3].operand[0] = 7; }), "before its user"));
  CHECK(says(verdict([](graph::builder& g) { g.nodes[1].shape = 99; }), "without a shape"));
  CHECK(says(verdict([](graph::builder& g) { g.nodes[g.nodes.size() - 1].type = dtype::f64; }), "another type"));
  CHECK(says(verdict([](graph::builder& g) { g.nodes[g.nodes.size() - 1].shape = g.nodes[1].shape; }), "another shape"));
  CHECK(says(verdict([](graph::builder& g) { g.nodes[1].operands = 2; }), "number of operands"));
  CHECK(says(verdict([](graph::builder& g) { g.results.add(1000); }), "result that does not exist"));
  CHECK(says(verdict([](graph::builder& g) { g.pool[g.nodes[1].attribute + 1] = 9; }), "axes that do not exist"));
}
