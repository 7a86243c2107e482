// SPDX-License-Identifier: Apache-2.0
// Decompositions and linear systems as library calls: Eigen computes them, one matrix after the other, between fused kernels. The names
// and meanings are those of numpy.linalg and jax.numpy.linalg. The only header that includes Eigen's decompositions.
#pragma once

#include <limits>

#include <Eigen/Cholesky>
#include <Eigen/Eigenvalues>
#include <Eigen/LU>
#include <Eigen/QR>
#include <Eigen/SVD>

#include <sinter/ops/dot.hpp>
#include <sinter/ops/triangular.hpp>
#include <sinter/run/fn.hpp>

namespace sinter {

/// How `triangular_solve` reads its matrix, beside `lower` and `upper`: `triangular_solve(a, b, lower, transposed)`.
struct transposed_t {};
struct unit_diagonal_t {};
inline constexpr transposed_t transposed{};
inline constexpr unit_diagonal_t unit_diagonal{};

// All of it generates code, so it stands in the namespace of the instruction set.
inline namespace SINTER_ISA {
namespace linalg {

template <class T> using matrix = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic>;
template <class T> using row_major = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
template <class T> Eigen::Map<const row_major<T>> seen(view<const T, dyn, dyn> a) { return {a.data(), a.extent(0), a.extent(1)}; }
template <class T> Eigen::Map<row_major<T>> seen(view<T, dyn, dyn> a) { return {a.data(), a.extent(0), a.extent(1)}; }
template <class T> Eigen::Map<Eigen::Matrix<T, Eigen::Dynamic, 1>> seen(view<T, dyn> a) { return {a.data(), a.extent(0)}; }
template <class T> inline constexpr T nan = std::numeric_limits<T>::quiet_NaN();

constexpr void require_real(const call_operand& a) {
  if (a.type() != dtype::f32 && a.type() != dtype::f64) a.refuse(needs_float_or_double);
}
constexpr void require_square(const call_operand& a) {
  require_real(a);
  a.require_equal(0, a, 1, matrix_is_not_square);
}
// Of a decomposition of [m, n] into factors of the smaller extent.
struct reduced {
  traced_extent m, n, k;
};
constexpr reduced reduced_extents(const call_operand& a) {
  require_real(a);
  return {a.extent(0), a.extent(1), minimum(a.extent(0), a.extent(1))};
}
// a x = b.
constexpr call_result solution(const call_operand& a, const call_operand& b) {
  require_square(a);
  if (b.type() != a.type()) b.refuse(element_types_differ);
  a.require_equal(0, b, 0, rows_do_not_match);
  return {b.type(), shape{b.extent(0), b.extent(1)}};
}
template <class Factors> bool is_singular(const Factors& f) { return (f.matrixLU().diagonal().array() == 0).any(); }

struct cholesky {
  static constexpr const char* name = "cholesky";
  static constexpr int ranks[] = {2};
  static constexpr call_result result(const call_operand& a) {
    require_square(a);
    return {a.type(), shape{a.extent(0), a.extent(1)}};
  }
  template <class T> static void run(view<const T, dyn, dyn> a, view<T, dyn, dyn> l) {
    auto to = seen(l);
    to = seen(a).template triangularView<Eigen::Lower>();
    if (to.size() == 0) return;
    Eigen::Ref<row_major<T>> in_place(to);
    if (Eigen::LLT<Eigen::Ref<row_major<T>>>(in_place).info() != Eigen::Success)
      to.template triangularView<Eigen::Lower>().setConstant(nan<T>);
  }
};
template <bool Lower, bool Transposed, bool Unit> struct triangular_solve {
  static constexpr const char* name = "triangular_solve";
  static constexpr int ranks[] = {2, 2};
  static constexpr call_result result(const call_operand& a, const call_operand& b) { return solution(a, b); }
  template <class T> static void run(view<const T, dyn, dyn> a, view<const T, dyn, dyn> b, view<T, dyn, dyn> x) {
    constexpr unsigned unit = Unit ? Eigen::UnitDiag : 0;
    const auto from = seen(a);
    auto to = seen(x);
    to = seen(b);
    if (to.size() == 0) return;
    if (!Unit && (from.diagonal().array() == 0).any()) to.setConstant(nan<T>);
    else if constexpr (Transposed)
      from.transpose().template triangularView<(Lower ? Eigen::Upper : Eigen::Lower) | unit>().solveInPlace(to);
    else from.template triangularView<(Lower ? Eigen::Lower : Eigen::Upper) | unit>().solveInPlace(to);
  }
};
struct solve {
  static constexpr const char* name = "solve";
  static constexpr int ranks[] = {2, 2};
  static constexpr call_result result(const call_operand& a, const call_operand& b) { return solution(a, b); }
  template <class T> static void run(view<const T, dyn, dyn> a, view<const T, dyn, dyn> b, view<T, dyn, dyn> x) {
    auto to = seen(x);
    if (to.size() == 0) return;
    const Eigen::PartialPivLU<matrix<T>> f(seen(a));
    if (is_singular(f)) to.setConstant(nan<T>);
    else to = f.solve(seen(b));
  }
};
struct inverse {
  static constexpr const char* name = "inv";
  static constexpr int ranks[] = {2};
  static constexpr call_result result(const call_operand& a) { return cholesky::result(a); }
  template <class T> static void run(view<const T, dyn, dyn> a, view<T, dyn, dyn> y) {
    auto to = seen(y);
    if (to.size() == 0) return;
    const Eigen::PartialPivLU<matrix<T>> f(seen(a));
    if (is_singular(f)) to.setConstant(nan<T>);
    else to = f.inverse();
  }
};
struct determinant {
  static constexpr const char* name = "det";
  static constexpr int ranks[] = {2};
  static constexpr call_result result(const call_operand& a) {
    require_square(a);
    return {a.type(), {}};
  }
  template <class T> static void run(view<const T, dyn, dyn> a, view<T> y) {
    y() = a.size() == 0 ? T(1) : Eigen::PartialPivLU<matrix<T>>(seen(a)).determinant();
  }
};
struct lu {
  static constexpr const char* name = "lu";
  static constexpr int ranks[] = {2};
  static constexpr auto result(const call_operand& a) {
    const auto [m, n, k] = reduced_extents(a);
    return std::tuple(call_result{dtype::i64, shape{m}}, call_result{a.type(), shape{m, k}}, call_result{a.type(), shape{k, n}});
  }
  template <class T> static void run(view<const T, dyn, dyn> a, view<std::int64_t, dyn> p, view<T, dyn, dyn> l, view<T, dyn, dyn> u) {
    const Eigen::Index m = a.extent(0), n = a.extent(1), k = l.extent(1), size = m > n ? m : n;
    for (Eigen::Index i = 0; i < m; ++i) p(i) = i;
    if (k == 0) return;
    // Eigen's class takes square matrices only. Rows and columns of zeros at the end change nothing before them.
    matrix<T> square = matrix<T>::Zero(size, size);
    square.topLeftCorner(m, n) = seen(a);
    const Eigen::PartialPivLU<Eigen::Ref<matrix<T>>> f(square);
    for (Eigen::Index i = 0; i < m; ++i) p(f.permutationP().indices()(i)) = i;
    seen(l) = square.topLeftCorner(m, k).template triangularView<Eigen::UnitLower>();
    seen(u) = square.topLeftCorner(k, n).template triangularView<Eigen::Upper>();
  }
};
struct qr {
  static constexpr const char* name = "qr";
  static constexpr int ranks[] = {2};
  static constexpr auto result(const call_operand& a) {
    const auto [m, n, k] = reduced_extents(a);
    return std::tuple(call_result{a.type(), shape{m, k}}, call_result{a.type(), shape{k, n}});
  }
  template <class T> static void run(view<const T, dyn, dyn> a, view<T, dyn, dyn> q, view<T, dyn, dyn> r) {
    const Eigen::Index m = a.extent(0), k = q.extent(1);
    if (k == 0) return;
    const Eigen::HouseholderQR<matrix<T>> f(seen(a));
    seen(q) = f.householderQ() * matrix<T>::Identity(m, k);
    seen(r) = f.matrixQR().topRows(k).template triangularView<Eigen::Upper>();
  }
};
struct svd {
  static constexpr const char* name = "svd";
  static constexpr int ranks[] = {2};
  static constexpr auto result(const call_operand& a) {
    const auto [m, n, k] = reduced_extents(a);
    return std::tuple(call_result{a.type(), shape{m, k}}, call_result{a.type(), shape{k}}, call_result{a.type(), shape{k, n}});
  }
  template <class T> static void run(view<const T, dyn, dyn> a, view<T, dyn, dyn> u, view<T, dyn> s, view<T, dyn, dyn> vh) {
    if (s.extent(0) == 0) return;
    const Eigen::BDCSVD<matrix<T>> f(seen(a), Eigen::ComputeThinU | Eigen::ComputeThinV);
    if (f.info() != Eigen::Success) {
      u.fill(nan<T>), s.fill(nan<T>), vh.fill(nan<T>);
      return;
    }
    seen(u) = f.matrixU(), seen(s) = f.singularValues(), seen(vh) = f.matrixV().adjoint();
  }
};
struct eigh {
  static constexpr const char* name = "eigh";
  static constexpr int ranks[] = {2};
  static constexpr auto result(const call_operand& a) {
    require_square(a);
    return std::tuple(call_result{a.type(), shape{a.extent(0)}}, call_result{a.type(), shape{a.extent(0), a.extent(1)}});
  }
  template <class T> static void run(view<const T, dyn, dyn> a, view<T, dyn> w, view<T, dyn, dyn> v) {
    if (w.extent(0) == 0) return;
    const Eigen::SelfAdjointEigenSolver<matrix<T>> f(seen(a));
    if (f.info() != Eigen::Success) {
      w.fill(nan<T>), v.fill(nan<T>);
      return;
    }
    seen(w) = f.eigenvalues(), seen(v) = f.eigenvectors();
  }
};

// A call F(a, b) of matrices, where b may also be one vector.
template <class F> struct with_vector {
  static constexpr value trace(value a, value b) {
    if (b.rank() != 1) return ops::library_call<F, 0>::trace(a, b);
    const value x = ops::library_call<F, 0>::trace(a, ops::insert_axis(b, 1));
    return x.graph()->failed.broken ? x : ops::drop_axis(x, x.rank() - 1);
  }
};

template <class T> inline constexpr bool is_triangle_attribute = false;
template <> inline constexpr bool is_triangle_attribute<lower_t> = true;
template <> inline constexpr bool is_triangle_attribute<upper_t> = true;
template <> inline constexpr bool is_triangle_attribute<transposed_t> = true;
template <> inline constexpr bool is_triangle_attribute<unit_diagonal_t> = true;
template <class T, class... How> inline constexpr bool is_among = (std::is_same_v<T, How> || ...);

}  // namespace linalg

/// l, lower triangular, with a = l l^T. Reads the lower triangle of a; above its diagonal l is 0.
/// Shapes: a [..., n, n] -> [..., n, n]. Types: f32, f64.
/// Error:  |l l^T - a| <= n^2 eps |a|. Where a is not positive definite, the lower triangle of its l is NaN; other batches are right.
/// Cost:   n^3 / 3 operations a matrix; one kernel. Source: numpy.linalg.cholesky, jax.numpy.linalg.cholesky (which gives NaN, too).
template <operand A> constexpr auto cholesky(const A& a) { return suspend<ops::library_call<linalg::cholesky, 0>>(a); }

/// x with a x = b for triangular a: the upper triangle, or with `lower` that one; `transposed`: a^T x = b; `unit_diagonal`: the diagonal
/// counts as 1. The rest of a is not read.
/// Shapes: a [..., n, n], b [..., n, k] or [n] -> as b; the leading axes broadcast. Types: f32, f64, equal.
/// Error:  |a x - b| <= n eps |a| |x|. With a 0 on the diagonal that is read, all of its x is NaN.
/// Cost:   n^2 k operations a matrix; one kernel. Source: scipy.linalg.solve_triangular, jax.scipy.linalg.solve_triangular.
template <operand A, operand B, class... How>
requires(linalg::is_triangle_attribute<How>&&...) constexpr auto triangular_solve(const A& a, const B& b, How...) {
  using namespace linalg;
  static_assert(!(is_among<lower_t, How...> && is_among<upper_t, How...>),
                "sinter::triangular_solve: lower and upper exclude each other; name one of them");
  return suspend<
      with_vector<linalg::triangular_solve<is_among<lower_t, How...>, is_among<transposed_t, How...>, is_among<unit_diagonal_t, How...>>>>(
      a, b);
}

/// x with a x = b, by LU with partial pivoting.
/// Shapes: a [..., n, n], b [..., n, k] or [n] -> as b; the leading axes broadcast. Types: f32, f64, equal.
/// Error:  |a x - b| <= n^2 eps |a| |x| unless pivots grow. With a pivot of 0 (a is singular) all of its x is NaN, nothing is thrown;
///         of a matrix that rounding keeps from that, x is large and wrong.
/// Cost:   2 n^3 / 3 + 2 n^2 k operations a matrix; one kernel. Source: numpy.linalg.solve, jax.numpy.linalg.solve.
template <operand A, operand B> constexpr auto solve(const A& a, const B& b) { return suspend<linalg::with_vector<linalg::solve>>(a, b); }

/// (p, l, u): row p[i] of a is row i of l u; l is lower triangular with ones on its diagonal and no element above 1, u upper triangular.
/// Shapes: a [..., m, n] -> [..., m], [..., m, k], [..., k, n], k = min(m, n). Types: f32, f64; p is i64.
/// Error:  |l u - a[p]| <= n eps |l| |u|. A singular a has a 0 on the diagonal of u.
/// Cost:   2 m n k operations a matrix, as of a square of the larger extent; one kernel.
/// Source: scipy.linalg.lu(p_indices=True); p is the permutation of jax.lax.linalg.lu, the inverse of SciPy's.
template <operand A> constexpr auto lu(const A& a) { return library_call<linalg::lu>(a); }

/// (q, r): a = q r, the columns of q orthonormal, r upper triangular; the signs of r's diagonal are not fixed.
/// Shapes: a [..., m, n] -> [..., m, k], [..., k, n], k = min(m, n). Types: f32, f64.
/// Error:  |q r - a| <= m n eps |a|, |q^T q - 1| <= m n eps.
/// Cost:   4 m n k operations a matrix; one kernel. Source: numpy.linalg.qr, mode "reduced".
template <operand A> constexpr auto qr(const A& a) { return library_call<linalg::qr>(a); }

/// (u, s, vh): a = u diag(s) vh, the columns of u and the rows of vh orthonormal, s >= 0 in descending order.
/// Shapes: a [..., m, n] -> [..., m, k], [..., k], [..., k, n], k = min(m, n). Types: f32, f64.
/// Error:  |u diag(s) vh - a| <= m n eps |a|. Where a holds NaN or infinities, all of its results are NaN.
/// Cost:   about 20 m n k operations a matrix; one kernel. Source: numpy.linalg.svd(full_matrices=False).
template <operand A> constexpr auto svd(const A& a) { return library_call<linalg::svd>(a); }

/// (w, v): a v = v diag(w) for symmetric a, w ascending, the columns of v orthonormal. Reads the lower triangle of a.
/// Shapes: a [..., n, n] -> [..., n], [..., n, n]. Types: f32, f64.
/// Error:  |a v - v diag(w)| <= n^2 eps |a|. Where a holds NaN or infinities, all of its results are NaN.
/// Cost:   about 9 n^3 operations a matrix; one kernel. Source: numpy.linalg.eigh (UPLO "L").
template <operand A> constexpr auto eigh(const A& a) { return library_call<linalg::eigh>(a); }

/// The determinant, by LU with partial pivoting; 1 of a matrix without elements. Overflows to infinity and underflows to 0, on the way too:
/// the pivots are multiplied in their order.
/// Shapes: a [..., n, n] -> [...]. Types: f32, f64.
/// Error:  that of a matrix within n^2 eps |a| of a.
/// Cost:   2 n^3 / 3 operations a matrix; one kernel. Source: numpy.linalg.det, jax.numpy.linalg.det.
template <operand A> constexpr auto det(const A& a) { return suspend<ops::library_call<linalg::determinant, 0>>(a); }

/// The inverse, by LU with partial pivoting; to solve a x = b, `solve` costs less and errs less.
/// Shapes: a [..., n, n] -> [..., n, n]. Types: f32, f64.
/// Error:  |a y - 1| <= n^2 eps |a| |y|. With a pivot of 0 (a is singular) all of its inverse is NaN, nothing is thrown.
/// Cost:   2 n^3 operations a matrix; one kernel. Source: numpy.linalg.inv, jax.numpy.linalg.inv.
template <operand A> constexpr auto inv(const A& a) { return suspend<ops::library_call<linalg::inverse, 0>>(a); }

}  // namespace SINTER_ISA
}  // namespace sinter
