// SPDX-License-Identifier: Apache-2.0
// Attention as a composition: products, a mask and a softmax. The plan chains them, so that no matrix of scores is stored.
#pragma once

#include <sinter/ops/nn.hpp>

namespace sinter {

/// Query i sees keys 0 to i; with more keys than queries (decoding with a cache) the queries are the last ones.
struct causal_t {};
inline constexpr causal_t causal{};
template <> inline constexpr bool is_attribute<causal_t> = true;

namespace ops {

struct attention {
  // No mask: a number.
  static constexpr value composed(value q, value k, value v, value mask, bool is_causal) {
    graph::builder& g = *detail::graph_of(q, k, v);
    if (!check_floating(q)) return q;
    const int rank = q.rank();
    const shape<> of_q = q.shape();
    if (rank < 2 || k.rank() != rank || v.rank() != rank) return wrong(g, rank_not_supported, q, k, v);
    bool fit = true;
    g.require_equal(of_q[rank - 1], k.shape()[rank - 1], fit), g.require_equal(k.shape()[rank - 2], v.shape()[rank - 2], fit);
    if (!fit) return wrong(g, attention_extents_differ, q, k, v);
    const int groups = rank > 2 ? heads_per_key(q, k) : 1;
    if (groups == 0 || (groups > 1 && rank == max_rank)) return wrong(g, heads_do_not_group, q, k, v);
    if (groups > 1) q = grouped(q, k.shape()[rank - 3], groups), k = insert_axis(k, rank - 2), v = insert_axis(v, rank - 2);
    // [..., queries, keys]
    value s = matmul::trace(q, transposed(k)) * scale_of(q);
    if (g.failed.broken) return q;
    if (!mask.is_number()) {
      if (groups > 1 && mask.rank() >= 3) {
        const extent_t heads = mask.shape()[mask.rank() - 3];
        mask = heads == 1 ? insert_axis(mask, mask.rank() - 2) : grouped(mask, k.shape()[rank - 3], groups);
      }
      s = masked(s, mask);
    }
    if (is_causal && !g.failed.broken) {
      const shape<> of = s.shape();
      const extent_t before = g.difference(of[of.rank - 1], of[of.rank - 2]);
      const auto is_short = [](extent_t e) { return !graph::is_symbol(e) && e < (extent_t{1} << 30); };
      const dtype type = is_short(of[of.rank - 1]) && is_short(of[of.rank - 2]) ? dtype::i32 : dtype::i64;
      const value first(g, graph::is_symbol(before) ? g.add(opcode::extent, type, {}, nullptr, 0, &before, 1)
                                                    : g.constant(type, static_cast<double>(before), before));
      const value row = iota::trace(g, type, of, axes(of.rank - 2)), column = iota::trace(g, type, of, axes(of.rank - 1));
      s = where(column <= row + first, s, -std::numeric_limits<float>::infinity());
    }
    if (g.failed.broken) return q;
    const value y = matmul::trace(softmax::trace(s, axes(-1)), v);
    if (g.failed.broken || groups == 1) return y;
    shape<> to = of_q;
    to[rank - 1] = v.shape()[v.rank() - 1];
    return reshape::trace(y, to);
  }
  static constexpr value scale_of(value q) {
    graph::builder& g = *q.graph();
    const extent_t depth = q.shape()[q.rank() - 1];
    return rsqrt(value(g, graph::is_symbol(depth) ? g.add(opcode::extent, q.type(), {}, nullptr, 0, &depth, 1)
                                                  : g.constant(q.type(), static_cast<double>(depth), depth)));
  }
  static constexpr value masked(value s, value mask) {
    return mask.type() == dtype::boolean ? where(mask, s, -std::numeric_limits<float>::infinity()) : s + mask;
  }
  // How many heads of the queries share one of the keys; 0: they do not divide.
  static constexpr int heads_per_key(value q, value k) {
    const extent_t a = q.shape()[q.rank() - 3], b = k.shape()[k.rank() - 3];
    if (graph::is_symbol(a) || graph::is_symbol(b) || a == b) return 1;
    return b > 0 && a % b == 0 ? static_cast<int>(a / b) : 0;
  }

 private:
  static constexpr value wrong(graph::builder& g, const rule& broken, value q, value k, value v) {
    g.fail(broken);
    if (!g.failed.count) g.failed.show(q.shape()), g.failed.show(k.shape()), g.failed.show(v.shape());
    return q;
  }
  // [..., heads, i, j] -> [..., heads of the keys, group, i, j]
  static constexpr value grouped(value x, extent_t heads, int groups) {
    shape<> s;
    for (int i = 0; i + 3 < x.rank(); ++i) s.append(x.shape()[i]);
    s.append(heads), s.append(groups), s.append(x.shape()[x.rank() - 2]), s.append(x.shape()[x.rank() - 1]);
    return reshape::trace(x, s);
  }
};

}  // namespace ops

}  // namespace sinter
