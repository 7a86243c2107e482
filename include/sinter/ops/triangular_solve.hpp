// SPDX-License-Identifier: Apache-2.0
// StableHLO's triangular_solve and cholesky, of real and complex matrices, as library calls of plain loops. They need no other library; for
// large matrices sinter/eigen_linalg.hpp has faster ones.
#pragma once

#include <cmath>

#include <sinter/ops/complex.hpp>
#include <sinter/ops/dot.hpp>
#include <sinter/ops/user.hpp>

namespace sinter {

// All of it generates code, so it stands in the namespace of the instruction set.
inline namespace SINTER_ISA {
namespace matrices {

constexpr void require_square(const call_operand& a) {
  if (a.type() != dtype::f32 && a.type() != dtype::f64) a.refuse(needs_float_or_double);
  a.require_equal(0, a, 1, matrix_is_not_square);
}
constexpr call_result solution(const call_operand& a, const call_operand& b) {
  require_square(a);
  if (b.type() != a.type()) b.refuse(element_types_differ);
  a.require_equal(0, b, 0, rows_do_not_match);
  return {b.type(), shape{b.extent(0), b.extent(1)}};
}

// x with l x = b by forward substitution, row by row; only the lower triangle of l is read. Operands of complex matrices are in two parts.
struct forward_substitution {
  static constexpr const char* name = "triangular_solve";
  static constexpr int ranks[] = {2, 2};
  static constexpr call_result result(const call_operand& l, const call_operand& b) { return solution(l, b); }
  template <class T> static void run(view<const T, dyn, dyn> l, view<const T, dyn, dyn> b, view<T, dyn, dyn> x) {
    const extent_t n = b.extent(0), columns = b.extent(1);
    for (extent_t i = 0; i < n; ++i) {
      T* const row = x.data() + i * columns;
      const T *const from = b.data() + i * columns, *const factor = l.data() + i * n;
      for (extent_t j = 0; j < columns; ++j) row[j] = from[j];
      for (extent_t k = 0; k < i; ++k) {
        const T f = factor[k];
        const T* const other = x.data() + k * columns;
        for (extent_t j = 0; j < columns; ++j) row[j] -= f * other[j];
      }
      for (extent_t j = 0; j < columns; ++j) row[j] /= factor[i];
    }
  }
};
template <class T> struct complex_number {
  T re, im;
  static complex_number quotient(complex_number a, complex_number b) {  // Smith 1962, Algorithm 116
    if (std::fabs(b.re) >= std::fabs(b.im)) {
      const T ratio = b.re == 0 && b.im == 0 ? b.re : b.im / b.re, divisor = b.re + b.im * ratio;
      return {(a.re + a.im * ratio) / divisor, (a.im - a.re * ratio) / divisor};
    }
    const T ratio = b.re / b.im, divisor = b.re * ratio + b.im;
    return {(a.re * ratio + a.im) / divisor, (a.im * ratio - a.re) / divisor};
  }
};
struct complex_forward_substitution {
  static constexpr const char* name = "triangular_solve";
  static constexpr int ranks[] = {2, 2, 2, 2};
  static constexpr auto result(const call_operand& lr, const call_operand&, const call_operand& br, const call_operand&) {
    return std::tuple(solution(lr, br), solution(lr, br));
  }
  template <class T> using in = view<const T, dyn, dyn>;
  template <class T> static void run(in<T> lr, in<T> li, in<T> br, in<T> bi, view<T, dyn, dyn> xr, view<T, dyn, dyn> xi) {
    const extent_t n = br.extent(0), columns = br.extent(1);
    for (extent_t i = 0; i < n; ++i) {
      T *const re = xr.data() + i * columns, *const im = xi.data() + i * columns;
      for (extent_t j = 0; j < columns; ++j) re[j] = br(i, j), im[j] = bi(i, j);
      for (extent_t k = 0; k < i; ++k) {
        const T fr = lr(i, k), fi = li(i, k);
        const T *const other_re = xr.data() + k * columns, *const other_im = xi.data() + k * columns;
        for (extent_t j = 0; j < columns; ++j) re[j] -= fr * other_re[j] - fi * other_im[j], im[j] -= fr * other_im[j] + fi * other_re[j];
      }
      for (extent_t j = 0; j < columns; ++j) {
        const auto q = complex_number<T>::quotient({re[j], im[j]}, {lr(i, i), li(i, i)});
        re[j] = q.re, im[j] = q.im;
      }
    }
  }
};

// l, lower triangular, with a = l l^H, row by row; only the lower triangle of a is read. Where a is not positive definite, NaN.
struct factor {
  static constexpr const char* name = "cholesky";
  static constexpr int ranks[] = {2};
  static constexpr call_result result(const call_operand& a) {
    require_square(a);
    return {a.type(), shape{a.extent(0), a.extent(1)}};
  }
  template <class T> static void run(view<const T, dyn, dyn> a, view<T, dyn, dyn> l) {
    const extent_t n = a.extent(0);
    for (extent_t i = 0; i < n; ++i) {
      T* const row = l.data() + i * n;
      for (extent_t j = 0; j <= i; ++j) {
        const T* const other = l.data() + j * n;
        T sum = a(i, j);
        for (extent_t k = 0; k < j; ++k) sum -= row[k] * other[k];
        row[j] = i == j ? std::sqrt(sum) : sum / other[j];
      }
      for (extent_t j = i + 1; j < n; ++j) row[j] = 0;
    }
  }
};
struct complex_factor {
  static constexpr const char* name = "cholesky";
  static constexpr int ranks[] = {2, 2};
  static constexpr auto result(const call_operand& a, const call_operand&) { return std::tuple(factor::result(a), factor::result(a)); }
  template <class T> using in = view<const T, dyn, dyn>;
  template <class T> static void run(in<T> ar, in<T> ai, view<T, dyn, dyn> lr, view<T, dyn, dyn> li) {
    const extent_t n = ar.extent(0);
    for (extent_t i = 0; i < n; ++i) {
      for (extent_t j = 0; j <= i; ++j) {
        T re = ar(i, j), im = i == j ? 0 : ai(i, j);
        for (extent_t k = 0; k < j; ++k) {
          re -= lr(i, k) * lr(j, k) + li(i, k) * li(j, k);
          im -= li(i, k) * lr(j, k) - lr(i, k) * li(j, k);
        }
        if (i == j) lr(i, j) = std::sqrt(re), li(i, j) = 0;
        else lr(i, j) = re / lr(j, j), li(i, j) = im / lr(j, j);
      }
      for (extent_t j = i + 1; j < n; ++j) lr(i, j) = li(i, j) = 0;
    }
  }
};

}  // namespace matrices
}  // namespace SINTER_ISA

namespace detail {

enum class transposition { none, transpose, adjoint };

constexpr value matrix_reversed(value x, bool columns) {
  axes a(x.rank() - 2);
  if (columns) a.axis[a.count++] = x.rank() - 1;
  return ops::reverse::trace(x, a);
}
constexpr bool check_matrices(graph::builder& g, const value* x, int n) {
  for (int i = 0; i < n && !g.failed.broken; ++i)
    if (x[i].rank() < 2) {
      g.fail(needs_matrix);
      if (!g.failed.count) g.failed.show(x[i].shape());
    }
  return !g.failed.broken;
}
// x with op(a) x = b, or x op(a) = b: op is none, the transpose or the adjoint. Of a only one triangle is read, where `unit` not its
// diagonal. Every case becomes the solution of a lower triangular system from the left. Leading axes are batches.
constexpr value triangular_solve(graph::builder& g, value a, value b, bool left, bool lower, bool unit, transposition how) {
  const value both[] = {a, b};
  if (!check_matrices(g, both, 2)) return b;
  if (how == transposition::adjoint) a = ops::conj::trace(a);
  bool turned = how != transposition::none;
  if (!left) turned = !turned, b = ops::transposed(b);
  if (turned) a = ops::transposed(a), lower = !lower;
  if (!lower) a = matrix_reversed(a, true), b = matrix_reversed(b, false);
  if (unit) {
    const shape<> s(a.shape()[a.rank() - 2], a.shape()[a.rank() - 1]);
    const value diagonal = ops::iota::trace(g, dtype::i64, s, axes(0)) == ops::iota::trace(g, dtype::i64, s, axes(1));
    a = where(diagonal, value(1), a);
  }
  if (g.failed.broken) return b;
  value x;
  if (is_complex(a.type())) {
    using F = matrices::complex_forward_substitution;
    const value p[] = {ops::real::trace(a), ops::imag::trace(a), ops::real::trace(b), ops::imag::trace(b)};
    x = ops::library_call<F, 0>::trace(p[0], p[1], p[2], p[3]);
    if (!g.failed.broken) x = ops::complex::trace(x, ops::library_call<F, 1>::trace(p[0], p[1], p[2], p[3]));
  } else {
    x = ops::library_call<matrices::forward_substitution, 0>::trace(a, b);
  }
  if (g.failed.broken) return b;
  if (!lower) x = matrix_reversed(x, false);
  return left ? x : ops::transposed(x);
}
// l with a = l l^H, or u with a = u^H u; of a only that triangle is read, the other one of the result is 0.
constexpr value cholesky(graph::builder& g, value a, bool lower) {
  if (!check_matrices(g, &a, 1)) return a;
  if (!lower) a = ops::conj::trace(ops::transposed(a));
  value l;
  if (is_complex(a.type())) {
    const value re = ops::real::trace(a), im = ops::imag::trace(a);
    l = ops::library_call<matrices::complex_factor, 0>::trace(re, im);
    if (!g.failed.broken) l = ops::complex::trace(l, ops::library_call<matrices::complex_factor, 1>::trace(re, im));
  } else {
    l = ops::library_call<matrices::factor, 0>::trace(a);
  }
  return g.failed.broken || lower ? l : ops::conj::trace(ops::transposed(l));
}

}  // namespace detail

}  // namespace sinter
