// SPDX-License-Identifier: Apache-2.0
// Linear systems and most decompositions through Eigen: residuals against their bounds, singular and empty matrices, batches, transposed
// operands, and what stands around them in a function. The singular values are in linalg_svd.cpp, for they take long to compile.
#include "linalg.hpp"

#include <string_view>
#include <tuple>
#include <type_traits>

namespace {

using namespace sinter;
using namespace linalg_test;

constexpr auto cholesky_of = fn([](auto a) { return cholesky(a); });
constexpr auto solve_of = fn([](auto a, auto b) { return solve(a, b); });
constexpr auto lu_of = fn([](auto a) { return lu(a); });
constexpr auto qr_of = fn([](auto a) { return qr(a); });
constexpr auto eigh_of = fn([](auto a) { return eigh(a); });

static_assert(std::is_same_v<decltype(solve_of(tensor<float, 2, 4, 4>(), tensor<float, 4, 3>())), tensor<float, 2, 4, 3>>);
static_assert(std::is_same_v<decltype(solve_of(tensor<float, 2, 4, 4>(), tensor<float, 4>())), tensor<float, 2, 4>>);
static_assert(std::is_same_v<decltype(lu_of(tensor<double, 5, 3>())),
                             std::tuple<tensor<std::int64_t, 5>, tensor<double, 5, 3>, tensor<double, 3, 3>>>);
static_assert(std::is_same_v<decltype(det(tensor<float, 6, 4, 4>()) + 1)::value_type, float>);
static_assert(solve_of.plan<tensor<float, 4, 4>, tensor<float, 4>>().kernels == 1);

}  // namespace

TEST_CASE_TEMPLATE("linalg: cholesky, eigh", T, float, double) {
  for (const int n : sizes) {
    const matrix<T> a = definite<T>(n, 1), l = cholesky_of(a), eager = cholesky(a);
    const double bound = n * n * eps<T> * largest(a);
    CHECK(is_triangle(l, true));
    CHECK(distance(product(l, turned(l)), a) <= bound);
    CHECK(distance(l, eager) == 0);

    matrix<T> lower_half = a;  // only the lower triangle is read
    for (int i = 0; i < n; ++i)
      for (int j = i + 1; j < n; ++j) lower_half(i, j) = std::numeric_limits<T>::quiet_NaN();
    CHECK(distance(matrix<T>(cholesky(lower_half)), l) == 0);
    const auto [w, v] = eigh_of(lower_half);
    CHECK(distance(product(a, v), product(v, diagonal_matrix(w))) <= bound);
    CHECK(distance(product(turned(v), v), identity(n)) <= n * n * eps<T>);
    for (int i = 0; i + 1 < n; ++i) CHECK(w(i) <= w(i + 1));
  }
  const tensor<T, 2, 2> indefinite{{1, 2}, {2, 1}};
  const tensor<T, 2, 2> l = cholesky(indefinite);
  CHECK(std::isnan(l(0, 0)));
  CHECK(std::isnan(l(1, 0)));
  CHECK(std::isnan(l(1, 1)));
  CHECK(l(0, 1) == 0);
  tensor<T, 3, 3> unknown;
  unknown.fill(std::numeric_limits<T>::quiet_NaN());
  const auto [w, v] = eigh(unknown);
  CHECK(all_nan(w));
  CHECK(all_nan(v));
}

TEST_CASE_TEMPLATE("linalg: triangular_solve", T, float, double) {
  for (const int n : sizes) {
    matrix<T> a = random<T>(n, n, 1);
    for (int i = 0; i < n; ++i)
      for (int j = 0; j < n; ++j) a(i, j) = i == j ? T(2) + a(i, j) : a(i, j) / static_cast<T>(n);
    const matrix<T> b = random<T>(n, 3, 2);
    matrix<T> low = a, up = a, unit = a;
    for (int i = 0; i < n; ++i)
      for (int j = 0; j < n; ++j) {
        if (j > i) low(i, j) = unit(i, j) = 0;
        if (j < i) up(i, j) = 0;
        if (j == i) unit(i, j) = 1;
      }
    const auto check = [&](const matrix<double>& with, const matrix<T>& x) {
      CHECK(distance(product(with, x), b) <= (n + 1) * eps<T> * 3 * (1 + largest(x)));
    };
    check(wide(up), triangular_solve(a, b));
    check(wide(up), triangular_solve(a, b, upper));
    check(wide(low), triangular_solve(a, b, lower));
    check(turned(low), triangular_solve(a, b, lower, transposed));
    check(turned(up), triangular_solve(a, b, transposed));
    check(wide(unit), triangular_solve(a, b, lower, unit_diagonal));
    check(turned(unit), triangular_solve(a, b, unit_diagonal, transposed, lower));
    check(turned(up), triangular_solve(transpose(a), b, lower));
  }
  const tensor<T, 2, 2> a{{1, 5}, {3, 0}};
  const tensor<T, 2> b{1, 5};
  CHECK(all_nan(tensor<T, 2>(triangular_solve(a, b, lower))));
  const tensor<T, 2> x = triangular_solve(a, b, lower, unit_diagonal);  // a 0 that is not read
  CHECK(x(0) == 1);
  CHECK(x(1) == 2);
}

TEST_CASE_TEMPLATE("linalg: solve, inv, det, lu", T, float, double) {
  for (const int n : sizes) {
    matrix<T> a = random<T>(n, n, 1);
    for (int i = 0; i < n; ++i) a(i, (i + 1) % n) += 3;  // rows must change places
    const matrix<T> b = random<T>(n, 4, 2);
    const matrix<T> x = solve_of(a, b), across = solve(transpose(a), b), y = inv(a);
    const double bound = n * n * eps<T> * largest(a);
    CHECK(distance(product(a, x), b) <= bound * largest(x));
    CHECK(distance(product(turned(a), across), b) <= bound * largest(across));
    CHECK(distance(product(a, y), identity(n)) <= bound * largest(y));
    const tensor<T, dyn> c(n), z = solve_of(a, c);
    CHECK(z.extent(0) == n);

    const matrix<double> exact = wide(a);
    const double of_wide = det(exact), of_a = static_cast<double>(static_cast<T>(det(a)));
    CHECK(std::fabs(of_a - of_wide) <= (n * n + 1) * 8 * eps<T> * std::fabs(of_wide));
  }
  for (const int m : sizes)
    for (const int n : sizes) {
      const matrix<T> a = random<T>(m, n, 3);
      const auto check = [](const matrix<T>& from, const auto& factors) {
        const auto& [p, l, u] = factors;
        CHECK(is_triangle(l, true));
        CHECK(is_triangle(u, false));
        matrix<T> moved(from.extent(0), from.extent(1));
        std::int64_t sum = 0;
        for (int i = 0; i < from.extent(0); ++i) {
          sum += p(i);
          for (int j = 0; j < from.extent(1); ++j) moved(i, j) = from.at(p(i), j);
          if (i < l.extent(1)) CHECK(l(i, i) == 1);
        }
        CHECK(sum == from.extent(0) * (from.extent(0) - 1) / 2);
        CHECK(largest(l) <= 1);
        CHECK(distance(product(l, u), moved) <= static_cast<double>(from.extent(1)) * eps<T> * (1 + largest(u)));
      };
      check(a, lu_of(a));
      const matrix<T> t = transpose(a);
      check(t, lu(transpose(a)));
    }
  CHECK(static_cast<T>(det(tensor<T, 2, 2>{{0, 2}, {3, 0}})) == -6);
  CHECK(static_cast<T>(det(tensor<T, 2, 2>{{1, 2}, {2, 4}})) == 0);
  CHECK(static_cast<T>(det(tensor<T, 0, 0>())) == 1);
  CHECK(all_nan(tensor<T, 2, 2>(inv(tensor<T, 2, 2>{{1, 2}, {2, 4}}))));
  CHECK(all_nan(tensor<T, 2>(solve(tensor<T, 2, 2>{{1, 2}, {2, 4}}, tensor<T, 2>{0, 0}))));
}

TEST_CASE("linalg: batches, views, and into") {
  tensor<double, 3, 2, 4, 4> a;
  tensor<double, 2, 4, 5> b;
  for (int i = 0; i < 3; ++i)
    for (int j = 0; j < 2; ++j)
      a.sub(i, j, all, all) = tensor<double, 4, 4>(reshape<4, 4>(definite<double>(4, static_cast<std::uint32_t>(7 * i + j))));
  near::fill(b, 1, 9);
  a.sub(1, 1, all, all) = cast<double>(iota<float, 4, 4>(axis<0>));  // singular; the other batches are right all the same
  const auto x = solve_of(a, b);
  const auto l = cholesky_of(a);
  for (int i = 0; i < 3; ++i)
    for (int j = 0; j < 2; ++j) {
      const tensor<double, 4, 5> one = solve(a.sub(i, j, all, all), b.sub(j, all, all));
      for (int r = 0; r < 4; ++r)
        for (int c = 0; c < 5; ++c) CHECK(near::same(x(i, j, r, c), one(r, c)));
      CHECK(std::isnan(x(i, j, 0, 0)) == (i == 1 && j == 1));
      CHECK(std::isnan(l(i, j, 3, 0)) == (i == 1 && j == 1));
    }
  const auto w = std::get<0>(eigh_of(a));
  CHECK(w(2, 1, 0) > 0);
  const tensor<double, 3, 2> dets = det(a);
  CHECK(dets(1, 1) == 0);
  CHECK(dets(2, 0) > 0);

  // In place, and into a part of something larger.
  tensor<double, 4, 4> p = reshape<4, 4>(definite<double>(4, 3));
  const tensor<double, 4, 4> before = p, inverted = inv(before);
  p = inv(p);
  CHECK(p(2, 3) == inverted(2, 3));
  tensor<double, 4, 8> wider;
  wider.sub(all, range<0, 8, 2>) = inv(before);
  CHECK(wider(2, 6) == inverted(2, 3));
  CHECK(wider(2, 5) == 0);
  const view<const double, 4, 4> across(before.data(), strides{1, 4});
  const auto [q, r] = qr_of(across);
  CHECK(distance(product(q, r), turned(before)) < 1e-13);

  // Several results, one of them over the operand.
  tensor<double, 4, 4> l4, u4 = before;
  tensor<std::int64_t, 4> p4;
  lu_of.into(std::tie(p4, l4, u4), u4);
  const auto [order, lower_part, upper_part] = lu(before);
  for (int i = 0; i < 4; ++i) {
    CHECK(p4(i) == order(i));
    for (int j = 0; j < 4; ++j) CHECK((l4(i, j) == lower_part(i, j) && u4(i, j) == upper_part(i, j)));
  }
  // Run-time extents that do not fit: found before anything is written.
  matrix<double> oblong(3, 4), y(3, 2);
  y.fill(7);
  CHECK_THROWS_AS(solve_of.into(y, oblong, y), shape_error);
  CHECK_THROWS_AS(solve_of.into(y, matrix<double>(4, 4), y), shape_error);
  CHECK_THROWS_AS(y = cholesky(oblong), shape_error);
  CHECK(y(2, 1) == 7);
}

TEST_CASE("linalg: beside other ops in one function") {
  // Ridge regression: (x^T x + lambda 1) w = x^T y.
  constexpr auto ridge = fn([](auto x, auto y, auto lambda) {
    const auto eye = where(iota<float, 5, 5>(axis<0>) == iota<float, 5, 5>(axis<1>), lambda, 0);
    return solve(dot(transpose(x), x) + eye, dot(transpose(x), y));
  });
  tensor<float, 40, 5> x;
  tensor<float, 40> y;
  near::fill(x, 1, 1), near::fill(y, 1, 2);
  const auto w = ridge(x, y, 0.5f);
  const tensor<double, 5> gradient =
      dot(transpose(cast<double>(x)), dot(cast<double>(x), cast<double>(w)) - cast<double>(y)) + 0.5 * cast<double>(w);
  for (int i = 0; i < 5; ++i) CHECK(std::fabs(gradient(i)) < 1e-5);
  constexpr auto p = ridge.plan<tensor<float, 40, 5>, tensor<float, 40>, float>();
  static_assert(p.kernels == 3 && p.temporaries == 2);
  const std::string_view text = ridge.explain(x, y, 0.5f);
  CHECK(text.find("kernel 2: library call\n  computes solve\n") != std::string_view::npos);

  // The logarithm of a normal density, with the triangle used twice.
  constexpr auto log_density = fn([](auto covariance, auto z) {
    const auto l = cholesky(covariance);
    const auto white = triangular_solve(l, z, lower);
    const auto diagonal_of_l = where(iota<double, 3, 3>(axis<0>) == iota<double, 3, 3>(axis<1>), l, 1);
    return sum(white * white) * -0.5 - sum(log(diagonal_of_l));
  });
  const tensor<double, 3, 3> covariance = reshape<3, 3>(definite<double>(3, 8));
  const tensor<double, 3> z{1, -2, 0.5};
  const double expected = -0.5 * static_cast<double>(dot(z, solve(covariance, z))) - 0.5 * std::log(static_cast<double>(det(covariance)));
  CHECK(static_cast<double>(log_density(covariance, z)()) == doctest::Approx(expected).epsilon(1e-12));
}
