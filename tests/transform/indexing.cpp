// SPDX-License-Identifier: Apache-2.0
// The rules of reading and writing by index: as those of other ops in grad.cpp. Indices come from an argument, so that batches have their
// own; some lie outside, some are equal.
#include <algorithm>

#include "derivatives.hpp"

namespace {

using namespace derivatives;
using sinter::axes;
using sinter::axis;
using sinter::combiner;

using rows = list<f64<5, 3>, f64<4>>;
constexpr auto index_of(auto y) { return sinter::cast<int>(floor(y * 2)) + 2; }

TEST_CASE("gradients of access by index") {
  check(
      "take rows", [](auto x, auto y) { return take(x * x, index_of(y), axis<0>); }, rows{});
  check(
      "take columns", [](auto x, auto y) { return take(exp(x), index_of(y), axis<1>) * 2; }, rows{});
  check(
      "take of all", [](auto x, auto y) { return sin(take(x, index_of(y) * 3)); }, rows{});
  check(
      "take_along_axis", [](auto x, auto y) { return sinter::take_along_axis(x * x, index_of(y), axis<1>); }, list<f64<4, 5>, f64<4, 2>>{});
  check(
      "dynamic_slice", [](auto x, auto y) { return sinter::dynamic_slice<2, 2>(x * x, sum(index_of(y)) / 4, 1); }, rows{});
}

using written = list<f64<5, 3>, f64<4, 3>, f64<4>>;
TEST_CASE("gradients of writing by index") {
  check(
      "add", [](auto x, auto u, auto y) { return scatter_add(x * x, index_of(y), u * u, axis<0>); }, written{});
  check(
      "set, of equal indices the last one counts",
      [](auto x, auto u, auto y) { return scatter_set(x * x, index_of(y) / 2, u * u, axis<0>); }, written{});
  check(
      "add along the last axis", [](auto x, auto u, auto y) { return scatter_add(x * x, index_of(y), u, axis<1>); },
      list<f64<3, 5>, f64<4>, f64<4>>{});
  check(
      "dynamic_update_slice", [](auto x, auto u, auto y) { return dynamic_update_slice(x * x, u * u, sum(index_of(y)) / 4, 1); },
      list<f64<5, 4>, f64<2, 3>, f64<4>>{});
  check(
      "windows that lie partly outside",
      [](auto x, auto u, auto y) {
        sinter::scatter_dimensions d;
        d.update_window_dims = axes(1), d.scatter_dims_to_operand_dims = axes(0), d.index_vector_dim = 1;
        return scatter(x * x, index_of(y) * 2 - 1, u * u, d, combiner::add);
      },
      list<f64<6>, f64<4, 2>, f64<4>>{});
}
TEST_CASE("updates of which all name the same window") {
  check(
      "set",
      [](auto x, auto u, auto y) {
        sinter::scatter_dimensions d;
        d.update_window_dims = axes(1), d.index_vector_dim = 1;
        return scatter(x * x, index_of(y), u * u, d);
      },
      list<f64<4>, f64<3, 2>, f64<3, 0>>{});
}
TEST_CASE("second derivatives of access by index") {
  check_second(
      "take", [](auto x, auto y) { return exp(take(x * x, index_of(y), axis<0>)); }, rows{}, -1, 1);
  check_second(
      "scatter", [](auto x, auto u, auto y) { return exp(scatter_set(scatter_add(x, index_of(y), u * u, axis<0>), 2, 0.5, axis<0>)); },
      written{}, -1, 1);
}

// The gradient of an embedding: one scatter of what comes back, no table of ones.
constexpr auto embedding = sinter::grad<0>([](auto table, auto tokens, auto w) { return sum(take(table, tokens, axis<0>) * w); });
constexpr auto plan = embedding.plan<sinter::tensor<float, 100, 16>, sinter::tensor<int, 7>, sinter::tensor<float, 7, 16>>();
static_assert(plan.kernels == 2 && plan.temporaries == 0);  // zeros where the gradient will be, and a scatter
static_assert(plan.bytes_written == (100 + 7) * 16 * 4);

TEST_CASE("the gradient of an embedding, as kernels") {
  sinter::tensor<float, 100, 16> table, want;
  sinter::tensor<float, 7, 16> w;
  const sinter::tensor<int, 7> tokens{{5, 99, 5, -3, 0, 120, 42}};
  for (int i = 0; i < 7; ++i)
    for (int j = 0; j < 16; ++j) {
      w(i, j) = static_cast<float>(i * 16 + j);
      want(std::min(std::max(tokens(i), 0), 99), j) += w(i, j);
    }
  const auto got = embedding(table, tokens, w);
  CHECK(std::equal(got.begin(), got.end(), want.begin()));
}
TEST_CASE("an index of no batch") {
  constexpr auto each =
      sinter::vmap(sinter::grad<0, 1>([](auto x, auto u, auto i) { return sum(exp(scatter_set(take(x, i, axis<0>), i, u, axis<0>))); }));
  const sinter::tensor<double, sinter::dyn, 3> x(0), u(0);
  const auto [dx, du] = each(x, u, sinter::tensor<int, sinter::dyn, 3>(0));
  CHECK(dx.extent(0) == 0);
  CHECK(du.extent(0) == 0);
}

}  // namespace
