// SPDX-License-Identifier: Apache-2.0
// Triangles of matrices: tril, triu, and symmetric, which reads one triangle for both. Compositions of where, iota and transpose: as
// operands of products they run inside them, block by block, which is what trmm and symm of the BLAS are for.
#pragma once

#include <sinter/ops/views.hpp>

namespace sinter {

/// A diagonal of a matrix: 0 is the main one, 1 the one above it, -1 the one below.
struct diagonal_value {
  extent_t k = 0;
};
template <extent_t K> struct diagonal_t {
  constexpr operator diagonal_value() const { return {K}; }
};
/// `tril(x, diagonal<-1>)`; while a function is traced a number does as well.
template <extent_t K> inline constexpr diagonal_t<K> diagonal{};

/// One of the two triangles of a matrix.
struct triangle {
  bool is_upper = false;
};
struct lower_t {
  constexpr operator triangle() const { return {false}; }
};
struct upper_t {
  constexpr operator triangle() const { return {true}; }
};
/// Which triangle of its operand `symmetric` reads.
inline constexpr lower_t lower{};
inline constexpr upper_t upper{};

template <extent_t K> inline constexpr bool is_attribute<diagonal_t<K>> = true;
template <> inline constexpr bool is_attribute<lower_t> = true;
template <> inline constexpr bool is_attribute<upper_t> = true;
template <> inline constexpr bool is_traced_attribute<diagonal_value> = true;
template <> inline constexpr bool is_traced_attribute<triangle> = true;

namespace ops {

constexpr bool check_matrix(value x) {
  if (!x.is_number() && x.rank() >= 2) return true;
  x.graph()->fail(needs_matrix);
  if (!x.graph()->failed.count) x.graph()->failed.show(x.shape());
  return false;
}
// A diagonal farther away than any matrix reaches is as good as one at that distance, where row + k cannot overflow.
constexpr extent_t within_reach(extent_t k) { return k > max_elements ? max_elements : k < -max_elements ? -max_elements : k; }
// Whether an element of a matrix of the shape of x lies on or below diagonal k: column <= row + k.
constexpr value is_below(value x, extent_t k) {
  graph::builder& g = *x.graph();
  const shape<> s = x.shape();
  const int rank = s.rank;
  shape<> matrix(s[rank - 2], s[rank - 1]);
  // 32 bits hold the indices unless an extent is as large or known at run time only.
  const auto is_small = [](extent_t e) { return !graph::is_symbol(e) && e < extent_t{1} << 30; };
  const bool narrow = is_small(s[rank - 2]) && is_small(s[rank - 1]) && is_small(k) && is_small(-k);
  const dtype t = narrow ? dtype::i32 : dtype::i64;
  const value row = iota::trace(g, t, matrix, axes(0)), column = iota::trace(g, t, matrix, axes(1));
  return column <= row + value(k);
}
struct tril {
  static constexpr value trace(value x, diagonal_value d = {}) {
    if (!check_matrix(x)) return x;
    return select::trace(is_below(x, within_reach(d.k)), x, value(0));
  }
};
struct triu {
  static constexpr value trace(value x, diagonal_value d = {}) {
    if (!check_matrix(x)) return x;
    return select::trace(is_below(x, within_reach(d.k) - 1), value(0), x);
  }
};
struct symmetric {
  static constexpr value trace(value x, triangle read) {
    if (!check_matrix(x)) return x;
    graph::builder& g = *x.graph();
    const shape<> s = x.shape();
    bool good = true;
    g.require_equal(s[s.rank - 2], s[s.rank - 1], good);
    if (!good) {
      g.fail(needs_square);
      if (!g.failed.count) g.failed.show(s);
      return x;
    }
    axes order;
    for (int i = 0; i < s.rank; ++i) order.axis[order.count++] = i < s.rank - 2 ? i : 2 * s.rank - 3 - i;
    const value mirrored = transpose::trace(x, order), below = is_below(x, 0);
    return read.is_upper ? select::trace(below, mirrored, x) : select::trace(below, x, mirrored);
  }
};

}  // namespace ops

/// y[..., i, j] = x[..., i, j] where j <= i + k, else 0: the lower triangle up to diagonal k, 0 unless `diagonal<k>` says otherwise.
/// Shapes: x [..., m, n] -> [..., m, n]. Types: all.
/// Error:  exact; NaN and infinities outside the triangle do not reach the result.
/// Cost:   a comparison and a selection an element; fuses with any neighbour, as an operand of a product into its kernel.
/// Source: NumPy tril; with dot the BLAS's trmm.
template <operand X, class... D> constexpr auto tril(const X& x, D... d) { return suspend<ops::tril>(x, d...); }

/// y[..., i, j] = x[..., i, j] where j >= i + k, else 0: the upper triangle from diagonal k on. All else as tril.
template <operand X, class... D> constexpr auto triu(const X& x, D... d) { return suspend<ops::triu>(x, d...); }

/// y[..., i, j] = y[..., j, i] = x[..., i, j] for j <= i (`lower`) or for j >= i (`upper`): a symmetric matrix of one triangle.
/// Shapes: x [..., n, n] -> [..., n, n]. Types: all.
/// Error:  exact; NaN and infinities of the other triangle do not reach the result.
/// Cost:   two reads, a comparison and a selection an element; as an operand of a product it runs inside that kernel.
/// Source: the BLAS's symm.
template <operand X, class T> constexpr auto symmetric(const X& x, T read) { return suspend<ops::symmetric>(x, read); }

}  // namespace sinter
