// SPDX-License-Identifier: Apache-2.0
// What `prepare` computes in advance: what depends on constant arguments alone, in extents too.
#include <doctest/doctest.h>

#include <sinter/graph/verify.hpp>
#include <sinter/ops/nn.hpp>
#include <sinter/transform/constants.hpp>

namespace {

using sinter::dtype;
using sinter::extent_t;
using sinter::opcode;
using sinter::shape;
using sinter::value;
namespace graph = sinter::graph;

constexpr value param(graph::builder& g, int index, const shape<>& s) {
  const extent_t attribute[] = {index, 0};
  return {g, g.add(opcode::param, dtype::f32, s, nullptr, 0, attribute, 2)};
}
// x + w * the sum of 0, 1, ... as many as x (or w) has elements; w is constant. How many kinds of nodes are computed in advance?
constexpr bool counts_in_advance(bool like_w) {
  graph::builder g;
  const extent_t n = g.intern(graph::symbol{graph::symbol::param, 0, 0}), m = g.intern(graph::symbol{graph::symbol::param, 1, 0});
  const value x = param(g, 0, shape{n}), w = param(g, 1, shape{m});
  const value counted = sinter::ops::iota::trace(g, dtype::f32, shape{like_w ? m : n}, sinter::axes(0));
  const value scaled = sinter::sum(w) * sinter::sum(counted);
  g.results.add(value(x + scaled).id());
  const graph::builder s = sinter::transform::simplify(g.view());
  const bool constant[] = {false, true};
  const sinter::transform::constant_partition p(s.view(), constant, 2);
  const graph::builder before = p.before();
  if (graph::verify(before.view()) || graph::verify(p.after().view())) throw "damaged";
  for (int i = 0; i < before.nodes.size(); ++i) {
    for (int a = 0; a < before.shape_of(i).rank; ++a)
      if (before.shape_of(i)[a] == n) throw "the extent of an argument that is not constant";
    if (before.nodes[i].op == opcode::iota) return true;
  }
  return false;
}
static_assert(counts_in_advance(true));
static_assert(!counts_in_advance(false));

}  // namespace
