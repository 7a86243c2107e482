// SPDX-License-Identifier: Apache-2.0
// Matrices and residuals for the tests of decompositions, in double.
#pragma once

#include <sinter/eigen_linalg.hpp>

#include <cmath>
#include <cstdint>
#include <limits>

#include <doctest/doctest.h>

#include "ops/near.hpp"

namespace linalg_test {

using namespace sinter;

template <class T> using matrix = tensor<T, dyn, dyn>;
template <class T> constexpr double eps = static_cast<double>(std::numeric_limits<T>::epsilon());
constexpr int sizes[] = {0, 1, 2, 5, 33};

template <class T> matrix<T> random(int m, int n, std::uint32_t seed) {
  matrix<T> a(m, n);
  near::fill(a, 1, seed);
  return a;
}
// All by plain loops, which compile fast.
template <class A> matrix<double> wide(const A& a) {
  const int m = static_cast<int>(a.extent(0)), n = static_cast<int>(a.extent(1));
  matrix<double> y(m, n);
  for (int i = 0; i < m; ++i)
    for (int j = 0; j < n; ++j) y(i, j) = static_cast<double>(a(i, j));
  return y;
}
template <class A> matrix<double> turned(const A& a) {
  const int m = static_cast<int>(a.extent(0)), n = static_cast<int>(a.extent(1));
  matrix<double> y(n, m);
  for (int i = 0; i < m; ++i)
    for (int j = 0; j < n; ++j) y(j, i) = static_cast<double>(a(i, j));
  return y;
}
inline matrix<double> product_of(const matrix<double>& a, const matrix<double>& b) {
  REQUIRE(a.extent(1) == b.extent(0));
  matrix<double> y(a.extent(0), b.extent(1));
  for (int i = 0; i < a.extent(0); ++i)
    for (int j = 0; j < b.extent(1); ++j)
      for (int k = 0; k < a.extent(1); ++k)
        y(i, j) = std::fma(static_cast<double>(a(i, k)), static_cast<double>(b(k, j)), static_cast<double>(y(i, j)));
  return y;
}
template <class A, class B> matrix<double> product(const A& a, const B& b) { return product_of(wide(a), wide(b)); }
// Symmetric, with eigenvalues of about n / 3 and above.
template <class T> matrix<T> definite(int n, std::uint32_t seed) {
  const matrix<T> x = random<T>(n, n, seed);
  const matrix<double> square = product(x, turned(x));
  matrix<T> a(n, n);
  for (int i = 0; i < n; ++i) {
    for (int j = 0; j < n; ++j) a(i, j) = static_cast<T>(square(i, j));
    a(i, i) += static_cast<T>(n) / 3 + 1;
  }
  return a;
}
template <class A> double largest(const A& a) {
  double most = 0;
  for (int i = 0; i < a.extent(0); ++i)
    for (int j = 0; j < a.extent(1); ++j) most = std::fmax(most, std::fabs(static_cast<double>(a(i, j))));
  return most;
}
template <class A, class B> double distance(const A& a, const B& b) {
  REQUIRE(a.extent(0) == b.extent(0));
  REQUIRE(a.extent(1) == b.extent(1));
  double most = 0;
  for (int i = 0; i < a.extent(0); ++i)
    for (int j = 0; j < a.extent(1); ++j) {
      const double d = std::fabs(static_cast<double>(a(i, j)) - static_cast<double>(b(i, j)));
      if (!(d <= most)) most = d;  // NaN stays
    }
  return most;
}
inline matrix<double> identity(int n) {
  matrix<double> y(n, n);
  for (int i = 0; i < n; ++i) y(i, i) = 1;
  return y;
}
template <class A> bool is_triangle(const A& a, bool lower_one) {  // zeros on the other side
  bool good = true;
  for (int i = 0; i < a.extent(0); ++i)
    for (int j = 0; j < a.extent(1); ++j) good &= a(i, j) == 0 || (lower_one ? j <= i : j >= i);
  return good;
}
template <class A> bool all_nan(const A& a) {
  bool good = true;
  for (const auto x : a) good &= std::isnan(x);
  return good;
}
template <class W> matrix<double> diagonal_matrix(const W& w) {
  const int n = static_cast<int>(w.extent(0));
  matrix<double> y(n, n);
  for (int i = 0; i < n; ++i) y(i, i) = static_cast<double>(w(i));
  return y;
}

}  // namespace linalg_test
