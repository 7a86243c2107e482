// SPDX-License-Identifier: Apache-2.0
// QR and singular values through Eigen: reconstruction and orthogonality against their bounds, and the results of one call in one kernel.
#include "linalg.hpp"

#include <tuple>
#include <type_traits>

namespace {

using namespace sinter;
using namespace linalg_test;

constexpr auto qr_of = fn([](auto a) { return qr(a); });
constexpr auto svd_of = fn([](auto a) { return svd(a); });

static_assert(std::is_same_v<decltype(svd_of(tensor<float, 7, 2, 4>())),
                             std::tuple<tensor<float, 7, 2, 2>, tensor<float, 7, 2>, tensor<float, 7, 2, 4>>>);
static_assert(qr_of.plan<tensor<float, 5, 3>>().kernels == 1 && qr_of.plan<tensor<float, 5, 3>>().workspace_bytes == 0);

}  // namespace

TEST_CASE_TEMPLATE("linalg: qr, svd", T, float, double) {
  for (const int m : sizes)
    for (const int n : sizes) {
      const int k = m < n ? m : n;
      const matrix<T> a = random<T>(m, n, 5);
      const double bound = (m * n + 1) * eps<T>;
      const auto [q, r] = qr_of(a);
      CHECK(is_triangle(r, false));
      CHECK(distance(product(q, r), a) <= bound);
      CHECK(distance(product(turned(q), q), identity(k)) <= bound);

      const auto check = [&](const matrix<double>& from, const auto& factors) {
        const auto& [u, s, vh] = factors;
        CHECK(distance(product(product(u, diagonal_matrix(s)), vh), from) <= 4 * bound);
        CHECK(distance(product(turned(u), u), identity(k)) <= 4 * bound);
        CHECK(distance(product(vh, turned(vh)), identity(k)) <= 4 * bound);
        for (int i = 0; i < k; ++i) CHECK(s(i) >= (i + 1 < k ? s(i + 1) : T(0)));
      };
      check(wide(a), svd_of(a));
      check(turned(a), svd(transpose(a)));
    }
  tensor<T, 3, 2> unknown;
  unknown.fill(1), unknown(1, 1) = std::numeric_limits<T>::infinity();
  const auto [u, s, vh] = svd(unknown);
  CHECK(all_nan(u));
  CHECK(all_nan(s));
  CHECK(all_nan(vh));
}

TEST_CASE("linalg: the results of one call feed one kernel") {
  // A low-rank part: the results of one call feed one kernel.
  constexpr auto first_term = fn([](auto a) {
    const auto [u, s, vh] = svd(a);
    return slice(u, all, range<0, 1>) * slice(s, range<0, 1>) * slice(vh, range<0, 1>, all);
  });
  const tensor<double, 6, 4> outer = reshape<6, 1>(iota<double, 6>(axis<0>)) * reshape<1, 4>(iota<double, 4>(axis<0>) + 1);
  const auto term = first_term(outer);
  CHECK(distance(term, outer) < 1e-13);
  static_assert(first_term.plan<tensor<double, 6, 4>>().kernels == 2);
}
