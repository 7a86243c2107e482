// SPDX-License-Identifier: Apache-2.0
// What simplification removes, what it must leave, and where fused multiply-adds are formed.
#include <doctest/doctest.h>

#include <sinter/graph/verify.hpp>
#include <sinter/ops/nn.hpp>
#include <sinter/transform/simplify.hpp>

namespace {

using sinter::dtype;
using sinter::opcode;
using sinter::value;
namespace graph = sinter::graph;

// Traces f on two [3, 4] parameters of type T, runs the passes, and counts the nodes of one opcode (count: all nodes).
template <dtype T = dtype::f32, class F> constexpr int count_after(F f, opcode op, bool form_fma) {
  graph::builder g;
  value v[2];
  for (int i = 0; i < 2; ++i) {
    const sinter::extent_t attribute[] = {i, 0};
    v[i] = {g, g.add(opcode::param, T, sinter::shape{3, 4}, nullptr, 0, attribute, 2)};
  }
  g.results.add(value(f(v[0], v[1])).id());
  graph::builder s = sinter::transform::simplify(g.view());
  if (form_fma) s = sinter::transform::form_fma(s.view());
  if (graph::verify(s.view())) return -1;
  // What a rewrite left behind unused goes with the next pass; only live nodes count.
  sinter::detail::list<bool> live;
  live.resize(s.nodes.size(), false);
  for (int r : s.results) live[r] = true;
  int n = 0;
  for (int i = s.nodes.size(); i-- > 0;) {
    if (!live[i]) continue;
    n += op == opcode::count || s.nodes[i].op == op;
    for (int k = 0; k < s.nodes[i].operands; ++k) live[s.nodes[i].operand[k]] = true;
  }
  return n;
}
template <class F> constexpr int nodes_after(F f) { return count_after(f, opcode::count, false); }
template <class F> constexpr int fmas_after(F f) { return count_after(f, opcode::fma, true); }

// Exact algebra: only the parameter is left.
static_assert(nodes_after([](auto x, auto) { return -(-x) + 1; }) == 4);  // x, 1, its broadcast, add
static_assert(nodes_after([](auto x, auto) { return (x * 1 / 1 - 0) * 3; }) == 4);
static_assert(nodes_after([](auto x, auto) { return sinter::transpose(sinter::transpose(x)) * 3; }) == 4);
static_assert(nodes_after([](auto x, auto y) { return sinter::where(x == x, y, y) * 3; }) == 4);
static_assert(nodes_after([](auto x, auto y) { return (void)sinter::exp(y), x * 3; }) == 4);  // dead code
static_assert(count_after([](auto x, auto) { return sinter::pow(x, 2); }, opcode::pow, false) == 0);
static_assert(count_after([](auto x, auto) { return x / 4; }, opcode::divide, false) == 0);  // the reciprocal is exact
static_assert(count_after([](auto x, auto) { return x / 3; }, opcode::divide, false) == 1);  // here it is not
static_assert(count_after([](auto x, auto) { return x + 0; }, opcode::add, false) == 1);     // -0 + 0 is +0
static_assert(count_after<dtype::i32>([](auto x, auto) { return x + 0; }, opcode::add, false) == 0);
static_assert(count_after([](auto x, auto) { return sinter::abs(-x); }, opcode::negate, false) == 0);
static_assert(count_after<dtype::u32>([](auto x, auto) { return sinter::abs(-x); }, opcode::negate, false) == 1);

// A product that is used once and added becomes one fma; used twice it stays; f16 rounds after each op.
static_assert(fmas_after([](auto x, auto y) { return x * y + x; }) == 1);
static_assert(fmas_after([](auto x, auto y) { return x - x * y; }) == 1);
static_assert(fmas_after([](auto x, auto y) { return x * y + x * y * y; }) == 1);  // x * y is used twice, (x * y) * y once
static_assert(count_after<dtype::f16>([](auto x, auto y) { return x * y + x; }, opcode::fma, true) == 0);
static_assert(count_after<dtype::i32>([](auto x, auto y) { return x * y + x; }, opcode::fma, true) == 0);

}  // namespace

TEST_CASE("simplification is checked when this file is compiled") {
  CHECK(nodes_after([](auto x, auto) { return x * 3; }) == 4);
}
