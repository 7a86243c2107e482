// SPDX-License-Identifier: Apache-2.0
// Products of matrices. One node: [batch..., m, k] x [batch..., k, n] -> [batch..., m, n]; every spelling is brought to it by views.
#pragma once

#include <sinter/ops/views.hpp>

namespace sinter {

namespace ops {

// Both operands at least matrices, equal batches.
constexpr value dot_node(value a, value b) {
  graph::builder& g = *a.graph();
  const shape<> x = a.shape(), y = b.shape();
  bool good = true;
  shape<> s = x;
  s[s.rank - 1] = y[y.rank - 1];
  g.require_equal(x[x.rank - 1], y[y.rank - 2], good);
  if (!good || a.type() != b.type() || a.type() == dtype::boolean) {
    g.fail(!good ? inner_extents_differ : a.type() != b.type() ? element_types_differ : needs_number);
    if (!g.failed.count) {
      if (good) g.failed.show(a.type()), g.failed.show(b.type());
      g.failed.show(x), g.failed.show(y);
    }
    return a;
  }
  const int id[] = {a.id(), b.id()};
  return {g, g.add(opcode::dot, a.type(), s, id, 2)};
}
constexpr value insert_axis(value x, int at) {
  shape<> s;
  for (int i = 0; i <= x.rank(); ++i) {
    if (i == at) s.append(1);
    if (i < x.rank()) s.append(x.shape()[i]);
  }
  return reshape::trace(x, s);
}
constexpr value drop_axis(value x, int at) {
  shape<> s;
  for (int i = 0; i < x.rank(); ++i)
    if (i != at) s.append(x.shape()[i]);
  return reshape::trace(x, s);
}

constexpr value transposed(value x) {
  axes order;
  for (int i = 0; i < x.rank(); ++i) order.axis[order.count++] = i < x.rank() - 2 ? i : 2 * x.rank() - 3 - i;
  return transpose::trace(x, order);
}
// Derivatives of the node: of a b with respect to a it is ct b^T, with respect to b a^T ct. Where b is one matrix for all batches the
// cotangent goes to the matrix itself, by one product over the rows of all batches.
struct product {
  static constexpr value source(value y, int k) {
    const value b = detail::operand_of(y, k);
    if (k == 0 || detail::node_of(b).op != opcode::broadcast) return b;
    const value w = detail::operand_of(b, 0);
    const int rank = b.rank();
    const bool repeats = w.rank() == 2 && detail::attribute_of(b, 0) == rank - 2 && w.shape()[0] == b.shape()[rank - 2] &&
                         w.shape()[1] == b.shape()[rank - 1];
    return repeats ? w : b;
  }
  static constexpr value pullback(value y, int k, value ct) {
    const value a = detail::operand_of(y, 0), b = detail::operand_of(y, 1);
    if (k == 0) return dot_node(ct, transposed(b));
    if (source(y, k).rank() == b.rank()) return dot_node(transposed(a), ct);
    return dot_node(transposed(all_rows(a)), all_rows(ct));
  }
  static constexpr value pushforward(value y, int k, value t) {
    const value a = detail::operand_of(y, 0), b = detail::operand_of(y, 1);
    return k == 0 ? dot_node(t, b) : dot_node(a, t);
  }
  static constexpr value all_rows(value x) {
    const extent_t last = x.shape()[x.rank() - 1];
    extent_t rows = 1;
    for (int i = 0; i + 1 < x.rank(); ++i) rows = x.graph()->product(rows, x.shape()[i]);
    return reshape::trace(x, shape<>(rows, last));
  }
  // With one second matrix for all the batch is more rows of the first.
  static constexpr value batched(value a, bool has_a, value b, bool has_b) {
    graph::builder& g = *a.graph();
    const shape<> x = a.shape(), z = b.shape();
    if (has_a && has_b) return dot_node(a, b);
    if (has_a && z.rank == 2) {
      shape<> to = x;
      to[2] = z[1];
      return reshape::trace(dot_node(all_rows(a), b), to);
    }
    shape<> to((has_a ? x : z)[0]);
    for (int i = 0; i < (has_a ? z : x).rank; ++i) to.append((has_a ? z : x)[i]);
    return has_a ? dot_node(a, detail::broadcast_right(g, b, to)) : dot_node(detail::broadcast_right(g, a, to), b);
  }
};

struct matmul {
  static constexpr value trace(value a, value b) {
    graph::builder& g = *detail::graph_of(a, b);
    if (a.is_number() || b.is_number() || a.rank() == 0 || b.rank() == 0) {
      g.fail(rank_not_supported);
      return a.is_number() ? b : a;
    }
    const bool row = a.rank() == 1, column = b.rank() == 1;
    if (row) a = insert_axis(a, 0);
    if (column) b = insert_axis(b, 1);
    shape<> left, right;
    for (int i = 0; i + 2 < a.rank(); ++i) left.append(a.shape()[i]);
    for (int i = 0; i + 2 < b.rank(); ++i) right.append(b.shape()[i]);
    const shape<> batch = detail::common_shape(g, left, right);
    if (g.failed.broken) return a;
    shape<> to_a = batch, to_b = batch;
    for (int i = 2; i > 0; --i) to_a.append(a.shape()[a.rank() - i]), to_b.append(b.shape()[b.rank() - i]);
    value y = dot_node(detail::broadcast_right(g, a, to_a), detail::broadcast_right(g, b, to_b));
    if (g.failed.broken) return y;
    if (column) y = drop_axis(y, y.rank() - 1);
    if (row) y = drop_axis(y, y.rank() - 1 - !column);
    return y;
  }
};
struct dot {
  static constexpr value trace(value a, value b) {
    graph::builder& g = *detail::graph_of(a, b);
    if (a.is_number() || b.is_number() || a.rank() == 0 || b.rank() == 0) {
      value v[] = {a, b};
      return detail::element_node(g, opcode::multiply, detail::types::arithmetic, v, 2);
    }
    if (a.rank() <= 2 && b.rank() <= 2) return matmul::trace(a, b);
    if (b.rank() > 2) {
      g.fail(rank_not_supported);
      if (!g.failed.count) g.failed.show(a.shape()), g.failed.show(b.shape());
      return a;
    }
    // [..., m, k] x [k, n]: the leading axes join into one.
    shape<> rows, to = a.shape();
    extent_t m = 1;
    for (int i = 0; i + 1 < to.rank; ++i) m = g.product(m, to[i]);
    rows.append(m), rows.append(to[to.rank - 1]);
    const value y = matmul::trace(reshape::trace(a, rows), b);
    if (g.failed.broken) return y;
    if (b.rank() == 1) --to.rank;
    else to[to.rank - 1] = b.shape()[1];
    return reshape::trace(y, to);
  }
};

}  // namespace ops

/// y = sum_k a[..., k] b[k, ...]: the inner product of vectors, the product of matrices, and a[..., m, k] with b[k, n] or b[k].
/// Shapes: [..., m, k], [k, n] -> [..., m, n]. Types: two equal number types or complex; f16 and bf16 accumulate in f32.
/// Complex: re and im are one chain each of fused multiply-adds, for k = 0, 1, ... first a.re b, then a.im b: re adds a.re b.re and
/// a.im (-b.im), im a.re b.im and a.im b.re; two kernels, 8 m n k operations. A real operand (cast<std::complex<float>>(x)) halves both.
/// Error: |y - exact| <= k 2^-24 |a| |b| in f32. Cost: 2 m n k operations. Source: NumPy dot.
template <class A, class B>
requires operands<A, B>
constexpr auto dot(const A& a, const B& b) { return suspend<ops::dot>(a, b); }

/// y[..., i, j] = sum_k a[..., i, k] b[..., k, j]; the leading axes broadcast. Types and error as dot. Source: NumPy matmul.
template <class A, class B>
requires operands<A, B>
constexpr auto matmul(const A& a, const B& b) { return suspend<ops::matmul>(a, b); }

}  // namespace sinter
