// SPDX-License-Identifier: Apache-2.0
// StableHLO's triangular_solve and cholesky: residuals of every spelling, real and complex, in batches; the triangle that is not read.
#include <doctest/doctest.h>

#include <complex>
#include <limits>

#include <sinter/complex.hpp>
#include <sinter/ops/triangular_solve.hpp>
#include <sinter/sinter.hpp>

#include "ops/near.hpp"

namespace {

using namespace sinter;
using detail::transposition;

template <class T> T noise(extent_t i) {
  const double re = near::noise(static_cast<std::uint32_t>(2 * i)), im = near::noise(static_cast<std::uint32_t>(2 * i + 1));
  if constexpr (is_complex(dtype_of<T>())) return T(static_cast<typename T::value_type>(re), static_cast<typename T::value_type>(im));
  else return static_cast<T>(re);
}
template <class T> std::complex<double> wide(T x) { return std::complex<double>(x); }

constexpr int n = 5, columns = 3, batches = 2;
// The largest element of op(a) x - b or x op(a) - b.
template <class T, bool Left, bool Lower, bool Unit, transposition How> double residual() {
  constexpr auto f = fn([](auto a, auto b) { return detail::triangular_solve(*a.graph(), a, b, Left, Lower, Unit, How); });
  tensor<T, batches, n, n> a;
  tensor<T, batches, Left ? n : columns, Left ? columns : n> b;
  for (extent_t i = 0; i < a.size(); ++i) a.data()[i] = noise<T>(i);
  for (extent_t i = 0; i < b.size(); ++i) b.data()[i] = noise<T>(1000 + i);
  tensor<T, batches, n, n> read = a;  // what counts
  for (int p = 0; p < batches; ++p)
    for (int i = 0; i < n; ++i)
      for (int j = 0; j < n; ++j) {
        if (i == j) a(p, i, j) += 2, read(p, i, j) = Unit ? T(1) : a(p, i, j);
        if (Unit && i == j) a(p, i, j) = T(std::numeric_limits<float>::quiet_NaN());
        if (Lower ? j > i : j < i) read(p, i, j) = 0, a(p, i, j) = T(std::numeric_limits<float>::quiet_NaN());
      }
  const auto x = f(a, b);
  double most = 0;
  for (int p = 0; p < batches; ++p)
    for (extent_t i = 0; i < b.extent(1); ++i)
      for (extent_t j = 0; j < b.extent(2); ++j) {
        std::complex<double> sum = 0;
        for (int k = 0; k < n; ++k) {
          const extent_t row = Left ? i : k, column = Left ? k : j;
          std::complex<double> e = How == transposition::none ? wide<T>(read(p, row, column)) : wide<T>(read(p, column, row));
          if (How == transposition::adjoint) e = std::conj(e);
          sum += e * (Left ? wide<T>(x(p, k, j)) : wide<T>(x(p, i, k)));
        }
        const double d = std::abs(sum - wide<T>(b(p, i, j)));
        if (!(d <= most)) most = d;
      }
  return most;
}
template <class T, bool Left, bool Lower, bool Unit> double any_op() {
  return std::max({residual<T, Left, Lower, Unit, transposition::none>(), residual<T, Left, Lower, Unit, transposition::transpose>(),
                   residual<T, Left, Lower, Unit, transposition::adjoint>()});
}
TEST_CASE_TEMPLATE("triangular_solve", T, float, std::complex<double>) {
  constexpr double bound = sizeof(T) == 4 ? 1e-5 : 1e-13;
  CHECK(any_op<T, true, true, false>() < bound);
  CHECK(any_op<T, true, false, true>() < bound);
  CHECK(any_op<T, false, true, true>() < bound);
  CHECK(any_op<T, false, false, false>() < bound);
}

template <class T, bool Lower> void check_cholesky() {
  constexpr auto f = fn([](auto a) { return detail::cholesky(*a.graph(), a, Lower); });
  tensor<T, batches, n, n> a;
  for (int p = 0; p < batches; ++p)
    for (int i = 0; i < n; ++i)
      for (int j = 0; j < n; ++j) {
        std::complex<double> sum = i == j ? 1 : 0;
        for (int k = 0; k < n; ++k) sum += wide(noise<T>(100 * p + n * i + k)) * std::conj(wide(noise<T>(100 * p + n * j + k)));
        if constexpr (is_complex(dtype_of<T>())) a(p, i, j) = T(sum);
        else a(p, i, j) = static_cast<T>(sum.real());
      }
  tensor<T, batches, n, n> seen = a;
  for (int i = 0; i < n; ++i)
    for (int j = 0; j < n; ++j)
      if (Lower ? j > i : j < i) seen(0, i, j) = T(std::numeric_limits<float>::quiet_NaN());
  const auto l = f(seen);
  double most = 0;
  for (int p = 0; p < batches; ++p)
    for (int i = 0; i < n; ++i)
      for (int j = 0; j < n; ++j) {
        std::complex<double> sum = 0;
        for (int k = 0; k < n; ++k)
          sum += Lower ? wide<T>(l(p, i, k)) * std::conj(wide<T>(l(p, j, k))) : std::conj(wide<T>(l(p, k, i))) * wide<T>(l(p, k, j));
        const double d = std::abs(sum - wide<T>(a(p, i, j)));
        if (!(d <= most)) most = d;
        if (Lower ? j > i : j < i) CHECK(l(p, i, j) == T(0));
      }
  CHECK(most < (sizeof(typename tensor<T, 1>::value_type) == 4 ? 1e-5 : 1e-13));
}
TEST_CASE("cholesky") {
  check_cholesky<float, true>();
  check_cholesky<float, false>();
  check_cholesky<std::complex<double>, true>();
  check_cholesky<std::complex<double>, false>();
  constexpr auto f = fn([](auto a) { return detail::cholesky(*a.graph(), a, true); });
  const tensor<float, 2, 2> indefinite = f(tensor<float, 2, 2>{{1, 2}, {2, 1}});
  CHECK(indefinite(1, 1) != indefinite(1, 1));
  CHECK(f(tensor<float, 0, 0>()).size() == 0);
}

}  // namespace
