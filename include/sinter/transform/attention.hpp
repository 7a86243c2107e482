// SPDX-License-Identifier: Apache-2.0
// Attention with a derivative of its own in reverse mode: block by block of queries, which computes the scores once more and keeps none.
#pragma once

#include <sinter/ops/attention.hpp>
#include <sinter/ops/control.hpp>
#include <sinter/transform/grad.hpp>

namespace sinter {

namespace transform {

struct attention {
  // Templates, so that programs without attention compile none of this.
  template <class V> static constexpr value trace(V q, V k, V v) { return marked<false, false>(q, k, v, value()); }
  template <class V> static constexpr value trace(V q, V k, V v, V mask) { return marked<true, false>(q, k, v, mask); }
  template <class V> static constexpr value trace(V q, V k, V v, causal_t) { return marked<false, true>(q, k, v, value()); }
  template <class V> static constexpr value trace(V q, V k, V v, V mask, causal_t) { return marked<true, true>(q, k, v, mask); }

 private:
  static constexpr extent_t most_kept = 4 << 20, most_rows = 64;  // bytes of all scores; queries of a block

  // The composition, whose node says how it is pulled back through.
  template <bool Masked, bool Causal> static constexpr value marked(value q, value k, value v, value mask) {
    const value y = ops::attention::composed(q, k, v, mask, Causal);
    graph::builder& g = *y.graph();
    if (g.failed.broken || !pays(q, k, v, mask)) return y;
    sinter::detail::list<extent_t> more;
    more.add(g.rules.add(&rule<Masked, Causal>)), more.add(g.nodes.size());
    more.add(0), more.add(1), more.add(0), more.add(y.id());
    more.add(q.id()), more.add(k.id()), more.add(v.id());
    if (Masked) more.add(mask.id());
    return ops::identity(y, graph::custom, more.data(), more.size());
  }
  // Static extents, batches that do not broadcast, and many scores.
  static constexpr bool pays(value q, value k, value v, value mask) {
    const int rank = q.rank();
    extent_t bytes = sinter::detail::saturating_product(size_of(q.type()), k.shape()[rank - 2]);
    for (int i = 0; i < rank; ++i) {
      if (graph::is_symbol(q.shape()[i]) || graph::is_symbol(k.shape()[i]) || graph::is_symbol(v.shape()[i])) return false;
      if ((i + 3 < rank && q.shape()[i] != k.shape()[i]) || (i + 2 < rank && k.shape()[i] != v.shape()[i])) return false;
      if (i + 1 < rank) bytes = sinter::detail::saturating_product(bytes, q.shape()[i]);
    }
    for (int i = 0; !mask.is_number() && i < mask.rank(); ++i)
      if (graph::is_symbol(mask.shape()[i])) return false;
    return bytes > most_kept && (mask.is_number() || mask.rank() <= rank);
  }
  template <bool Masked, bool Causal> static constexpr void pull(const value* ct, const value* x, value* to) {
    graph::builder& g = *x[0].graph();
    constexpr int n = Masked ? 4 : 3;
    value variable[n], mask;
    for (int i = 0; i < n; ++i) variable[i] = ops::identity(x[i], graph::variable);
    if constexpr (Masked) mask = variable[3];
    const value y = in_blocks<Causal>(variable[0], variable[1], variable[2], mask);
    if (g.failed.broken) return;
    pullback walk(g, variable, n, &y, 1);
    walk.add(y, ct[0]);
    walk.run();
    for (int i = 0; i < n; ++i) to[i] = is_float(x[i].type()) ? walk.of(variable[i]) : x[i];
  }
  template <bool Masked, bool Causal> static constexpr custom_rule rule{&pull<Masked, Causal>, true};

  // The same function as a loop over the heads of the keys, and over blocks of the queries that share one.
  template <bool Causal> static constexpr value in_blocks(value q, value k, value v, value mask) {
    const int rank = q.rank();
    const shape<> of_q = q.shape(), of_k = k.shape();
    const extent_t queries = of_q[rank - 2], keys = of_k[rank - 2], groups = rank > 2 ? ops::attention::heads_per_key(q, k) : 1;
    const extent_t rows = queries < most_rows ? queries : most_rows, blocks = (queries + rows - 1) / rows;
    extent_t heads = 1;
    for (int i = 0; i + 2 < rank; ++i) heads *= of_k[i];
    const extent_t padding = blocks * rows - queries;
    const auto flat = [&](value x) { return ops::reshape::trace(x, shape<>(heads, keys, x.shape()[rank - 1])); };
    // [n, queries, j] -> [n, blocks, rows, j]
    const auto cut = [&](value x, value fill) {
      const shape<> from = x.shape();
      const edge_value edge[] = {{0, 0}, {0, padding}, {0, 0}};
      return ops::reshape::trace(padding > 0 ? ops::pad::trace_edges(x, edge, 3, fill) : x, shape<>(from[0], blocks, rows, from[2]));
    };
    const extent_t all = heads * groups, trips = groups * blocks, depth = of_q[rank - 1];
    const value q_cut =
        ops::reshape::trace(cut(ops::reshape::trace(q, shape<>(all, queries, depth)), value(0)), shape<>(heads, trips, rows, depth));
    const value k_flat = flat(k), v_flat = flat(v);
    graph::builder& g = *q.graph();
    // A mask of each head, or of all; of each block of queries, or of all.
    bool of_heads = false, of_blocks = false;
    if (!mask.is_number()) {
      shape<> m;
      for (int i = mask.rank(); i < 2; ++i) m.append(1);
      for (int i = 0; i < mask.rank(); ++i) m.append(mask.shape()[i]);
      for (int i = 0; i + 2 < m.rank; ++i) of_heads |= m[i] != 1;
      const extent_t high = m[m.rank - 2], wide = m[m.rank - 1];
      of_heads |= high != 1 && groups > 1;
      of_blocks = high != 1 || (of_heads && groups > 1);
      shape<> to;
      if (of_heads)
        for (int i = 0; i + 2 < rank; ++i) to.append(of_q[i]);
      to.append(high), to.append(wide);
      const extent_t each = of_heads ? all : 1;
      mask = ops::reshape::trace(mask, m);
      mask = ops::reshape::trace(of_heads ? sinter::detail::broadcast_right(g, mask, to) : mask, shape<>(each, high, wide));
      if (high != 1) mask = cut(mask, mask.type() == dtype::boolean ? value(true) : value(0));
      else if (of_blocks)
        mask = sinter::detail::broadcast_right(g, ops::reshape::trace(mask, shape<>(each, 1, 1, wide)), shape<>(each, blocks, 1, wide));
      const extent_t tall = high != 1 ? rows : 1;
      if (of_heads) mask = ops::reshape::trace(mask, of_blocks ? shape<>(heads, trips, tall, wide) : shape<>(heads, 1, wide));
      else mask = ops::reshape::trace(mask, of_blocks ? shape<>(blocks, tall, wide) : shape<>(1, wide));
    }
    if (g.failed.broken) return q;
    // y[i] = body(i, x[i]...)
    const auto map = [&g](extent_t n, auto body, auto... x) {
      return sinter::detail::trace_scan(g, std::tuple<>(), std::tuple(x...), n, false,
                                        [&](value i, const auto&, const auto& each) {
                                          const auto with_index = [&](const auto&... e) { return body(i, e...); };
                                          return std::pair{std::tuple<>(), std::apply(with_index, each)};
                                        })
          .second;
    };
    const auto head = [&](value q_head, value k_head, value v_head, value m_head) {
      const auto block = [&](value i, value q_block, value m_block) {
        value s = ops::matmul::trace(q_block, ops::transposed(k_head)) * ops::attention::scale_of(q_block);
        if (!m_block.is_number()) s = ops::attention::masked(s, m_block);
        if (Causal) {
          const value row = ops::iota::trace(g, dtype::i32, s.shape(), axes(0)),
                      column = ops::iota::trace(g, dtype::i32, s.shape(), axes(1));
          const value of_group = groups == 1 ? i : i % static_cast<int>(blocks);
          s = where(column <= row + (of_group * static_cast<int>(rows) + static_cast<int>(keys - queries)), s,
                    -std::numeric_limits<float>::infinity());
        }
        return ops::matmul::trace(ops::softmax::trace(s, axes(-1)), v_head);
      };
      if (of_blocks) return map(trips, block, q_head, m_head);
      return map(
          trips, [&](value i, value q_block) { return block(i, q_block, m_head); }, q_head);
    };
    const auto without = [&](value, value a, value b, value c) { return head(a, b, c, mask); };
    const auto with = [&](value, value a, value b, value c, value m) { return head(a, b, c, m); };
    value y;
    if (of_heads) y = map(heads, with, q_cut, k_flat, v_flat, mask);
    else y = map(heads, without, q_cut, k_flat, v_flat);
    if (g.failed.broken) return q;
    const extent_t wide = v.shape()[rank - 1];
    y = ops::reshape::trace(y, shape<>(all, blocks * rows, wide));
    if (padding > 0) {
      const range_value part[] = {{0, all}, {0, queries}, {0, wide}};
      y = ops::slice::trace_ranges(y, part, 3);
    }
    shape<> to = of_q;
    to[rank - 1] = wide;
    return ops::reshape::trace(y, to);
  }
};

}  // namespace transform

/// y = softmax(q k^T / sqrt(d) + mask) v. Shapes: q [..., heads, s, d], k [..., heads, t, d], v [..., heads, t, e] -> [..., heads, s, e];
/// with fewer heads of keys, several heads of queries share one (grouped and multi-query attention; static numbers of heads). A mask
/// broadcasts to [..., heads, s, t]: numbers are added, of bool false hides. `causal` hides the keys after a query:
/// what is there, NaN and infinities included, does not reach the result where it runs as one kernel. A row all of whose keys are hidden
/// is NaN; without keys (t = 0) the result is 0. Types: floating point, equal.
/// Derivatives: in reverse mode from the scores of 64 queries of a head at a time, computed once more, where all of them would take more
/// than 4 MB; with run-time extents they are kept.
/// Cost: 2 s t (d + e) operations a head; one kernel whose memory grows linearly with t. Source: Vaswani et al. 2017; the names of
/// jax.nn.dot_product_attention.
template <operand Q, operand K, operand V> constexpr auto attention(const Q& q, const K& k, const V& v) {
  return suspend<transform::attention>(q, k, v);
}
template <operand Q, operand K, operand V> constexpr auto attention(const Q& q, const K& k, const V& v, causal_t) {
  return suspend<transform::attention>(q, k, v, causal);
}
template <operand Q, operand K, operand V, operand M> constexpr auto attention(const Q& q, const K& k, const V& v, const M& mask) {
  return suspend<transform::attention>(q, k, v, mask);
}
template <operand Q, operand K, operand V, operand M>
constexpr auto attention(const Q& q, const K& k, const V& v, const M& mask, causal_t) {
  return suspend<transform::attention>(q, k, v, mask, causal);
}

}  // namespace sinter
