// SPDX-License-Identifier: Apache-2.0
// Long reductions in two steps: rows of one block, then the blocks. The order is that of the one-step kernel, so the bits are too; but
// all of them share one read of memory, threads can share the rows, and a variance is found in the same pass.
#pragma once

#include <sinter/transform/simplify.hpp>

namespace sinter::transform {

inline constexpr extent_t block_length = 8192;       // elements; fuse::reduction_block
inline constexpr extent_t long_reduction = 1 << 17;  // elements; longer rows are not kept in a buffer anyway

// Which of them: every one, or, for a GPU, those alone whose result their elements need again, as in a softmax or variance, and that are
// longer than a cluster of blocks keeps (cuda/rows.hpp). Of the others the blocks of one kernel share a row (cuda/rows_cut.hpp).
inline constexpr extent_t kept_registers = 1 << 18;
enum class splitting { all, needed_again };

namespace detail {

// A reduction over the innermost axes, all static, of a whole number of blocks: [kept..., n] -> [kept..., n / block, block].
struct split {
  shape<> blocks;  // of the operand
  int axis = -1;   // of the blocks; -1: the reduction stays as it is
};
constexpr split split_of(const graph_view& g, int i) {
  const node& n = g[i];
  split s;
  if (!is_reduction(n.op) || n.op >= opcode::reduce_argmax || size_of(n.type) < 4 || n.type == dtype::boolean) return s;
  const shape<>& from = g.shape_of(n.operand[0]);
  const int first = static_cast<int>(g.attribute(i, 0)), last = static_cast<int>(g.attribute(i, 1));
  if (last != from.rank || first + 2 > max_rank) return s;
  extent_t length = 1;
  for (int a = first; a < last; ++a) {
    if (graph::is_symbol(from[a])) return s;
    length *= from[a];
  }
  if (length < long_reduction || length % block_length != 0) return s;
  for (int a = 0; a < first; ++a) s.blocks.append(from[a]);
  s.blocks.append(length / block_length);
  s.blocks.append(block_length);
  s.axis = first;
  return s;
}
constexpr int reshape_to(builder& g, int id, const shape<>& s) {
  return g.shape_of(id) == s ? id : g.add(opcode::reshape, g.nodes[id].type, s, &id, 1);
}
constexpr int reduce_last(builder& g, opcode op, int id) {  // keeps the axis
  shape<> s = g.shape_of(id);
  const extent_t attribute[] = {s.rank - 1, s.rank, 0};
  s[s.rank - 1] = 1;
  return g.add(op, g.nodes[id].type, s, &id, 1, attribute, 3);
}
constexpr int reduce_blocks(builder& g, opcode op, int per_block, const split& s, const shape<>& result) {
  shape<> rows = s.blocks;
  rows.rank = s.axis + 1;
  return reshape_to(g, reduce_last(g, op, reshape_to(g, per_block, rows)), result);
}
constexpr int spread(builder& g, int id, const shape<>& to) {  // along the last axis
  extent_t axes[max_rank] = {};
  for (int k = 0; k < to.rank; ++k) axes[k] = k;
  return g.add(opcode::broadcast, g.nodes[id].type, to, &id, 1, axes, to.rank);
}
constexpr int strip_views(const graph_view& g, int id) {
  while (g[id].op == opcode::reshape || g[id].op == opcode::broadcast) id = g[id].operand[0];
  return id;
}

// The node that is the sum of x over the same axes, where node i is the sum of (x - that sum / n)^2; else -1.
constexpr int sum_inside_variance(const graph_view& g, int i, extent_t length) {
  if (g[i].op != opcode::reduce_sum) return -1;
  const node& square = g[g[i].operand[0]];
  if (square.op != opcode::multiply || square.operand[0] != square.operand[1]) return -1;
  const node& difference = g[square.operand[0]];
  if (difference.op != opcode::subtract) return -1;
  const node& mean = g[strip_views(g, difference.operand[1])];
  if (mean.op != opcode::multiply && mean.op != opcode::divide) return -1;
  for (int k = 0; k < 2; ++k) {
    const int sum = strip_views(g, mean.operand[k]), count = strip_views(g, mean.operand[1 - k]);
    if (g[sum].op != opcode::reduce_sum || g[sum].operand[0] != difference.operand[0] || g[count].op != opcode::constant) continue;
    if (mean.op == opcode::divide && k == 1) continue;
    const bool same = g.attribute(sum, 0) == g.attribute(i, 0) && g.attribute(sum, 1) == g.attribute(i, 1);
    const double c = as_double(g.attribute(count, 0)), n = static_cast<double>(length);
    if (same && (mean.op == opcode::divide ? c == n : c * n == 1)) return sum;
  }
  return -1;
}

constexpr int split_reduction(rewriter& r, int i, const int* operand) {
  const split s = split_of(r.in(), i);
  if (s.axis < 0) return -1;
  builder& g = r.out;
  const node n = r.in()[i];
  const shape<> result = r.resolve(r.in().shape_of(i));
  shape<> kept = s.blocks;  // of what a block gives
  kept[kept.rank - 1] = 1;
  const int sum = sum_inside_variance(r.in(), i, s.blocks[s.axis] * block_length);
  if (sum < 0) return reduce_blocks(g, n.op, reduce_last(g, n.op, reshape_to(g, operand[0], s.blocks)), s, result);

  // sum (x - m)^2 = sum over blocks of sum (x - b)^2 + sum over blocks of (s - block m)^2 / block, b the block's mean and s
  // its sum. Source: Chan, Golub, LeVeque 1979.
  const auto element = [&](opcode op, int a, int b) {
    const int ids[] = {a, b};
    return g.add(op, n.type, g.shape_of(a), ids, 2);
  };
  const node& difference = r.in()[r.in()[n.operand[0]].operand[0]];
  const int x = reshape_to(g, r.mapped(difference.operand[0]), s.blocks);
  const int total = reduce_last(g, opcode::reduce_sum, x);
  const int mean = element(opcode::multiply, total, constant_like(g, n.type, kept, 1.0 / block_length, 0));
  const int d = element(opcode::subtract, x, spread(g, mean, s.blocks));
  const int inside = reduce_last(g, opcode::reduce_sum, element(opcode::multiply, d, d));
  int all = r.mapped(strip_views(r.in(), difference.operand[1]));
  shape<> one = kept;
  one[s.axis] = 1;
  all = spread(g, reshape_to(g, all, one), kept);
  const int e = element(opcode::subtract, total, element(opcode::multiply, all, constant_like(g, n.type, kept, block_length, 0)));
  const int between = reduce_blocks(g, opcode::reduce_sum, element(opcode::multiply, e, e), s, result);
  const int weighted = element(opcode::multiply, between, constant_like(g, n.type, result, 1.0 / block_length, 0));
  return element(opcode::add, reduce_blocks(g, opcode::reduce_sum, inside, s, result), weighted);
}

constexpr extent_t elements_of(const graph_view& g, int i) {  // -1: known at run time
  extent_t n = 1;
  for (int a = 0; a < g.shape_of(i).rank; ++a) n = n < 0 || graph::is_symbol(g.shape_of(i)[a]) ? -1 : n * g.shape_of(i)[a];
  return n;
}
// Whether a node with as many elements as node i reduces depends on it.
constexpr bool is_needed_again(const graph_view& g, int i) {
  const extent_t reduced = elements_of(g, g[i].operand[0]);
  sinter::detail::list<bool> depends;
  depends.resize(g.node_count);
  depends[i] = true;
  for (int k = i + 1; k < g.node_count; ++k) {
    for (int o = 0; o < g[k].operands; ++o) depends[k] = depends[k] || depends[g[k].operand[o]];
    if (depends[k] && (elements_of(g, k) < 0 || elements_of(g, k) >= reduced)) return true;
  }
  return false;
}
constexpr bool is_split(const graph_view& g, int i, splitting which) {
  const split s = split_of(g, i);
  if (s.axis < 0 || which == splitting::all) return s.axis >= 0;
  const extent_t length = s.blocks[s.axis] * block_length;
  return length > kept_registers * 4 / size_of(g[i].type) && (is_needed_again(g, i) || sum_inside_variance(g, i, length) >= 0);
}

}  // namespace detail

constexpr bool has_long_reductions(const graph_view& g, splitting which) {
  for (int i = 0; i < g.node_count; ++i)
    if (detail::is_split(g, i, which)) return true;
  return false;
}
/// Splits long reductions into blocks.
constexpr builder split_long_reductions(const graph_view& in, splitting which) {
  detail::rewriter r(in);
  r.run([which](detail::rewriter& to, int i, const int* operand) {
    return detail::is_split(to.in(), i, which) ? detail::split_reduction(to, i, operand) : -1;
  });
  return static_cast<builder&&>(r.out);
}

}  // namespace sinter::transform
