// SPDX-License-Identifier: Apache-2.0
// What the function of a module can do as any other can, the user's functions that a module calls, and arguments from a file of weights.
#include <cmath>
#include <string>
#include <tuple>

#include <doctest/doctest.h>

#include <sinter/safetensors.hpp>
#include <sinter/stablehlo.hpp>

#include "interop/scratch.hpp"

namespace {

struct dense {
  static constexpr char value[] = R"(
func.func public @main(%arg0: tensor<3x2xf32> {jax.arg_info = "params['w']"}, %b: tensor<2xf32>,
                       %arg2: tensor<4x3xf32> {mhlo.sharding = "{replicated}"}) -> (tensor<4x2xf32> {jax.result_info = ""}) {
  %0 = stablehlo.dot_general %arg2, %arg0, contracting_dims = [1] x [0] : (tensor<4x3xf32>, tensor<3x2xf32>) -> tensor<4x2xf32>
  %1 = stablehlo.broadcast_in_dim %b, dims = [1] : (tensor<2xf32>) -> tensor<4x2xf32>
  %2 = stablehlo.add %0, %1 : tensor<4x2xf32>
  return %2 : tensor<4x2xf32>
})";
};
constexpr auto f = sinter::stablehlo<dense>;

struct scaled_sum {
  static constexpr char name[] = "my.scaled_sum";
  constexpr auto operator()(auto x, auto scale) const { return sinter::sum(x, sinter::axis<1>) * scale; }
};
struct both {  // several results, one of them an expression
  static constexpr const char* name = "my.min_and_max";
  constexpr auto operator()(auto x) const { return std::tuple(sinter::min(x), sinter::max(x)); }
};
struct straight {  // a step whose derivative is the user's
  static constexpr char name[] = "my.straight_through";
  constexpr auto operator()(auto x) const {
    return sinter::custom_gradient([](auto y) { return sinter::round(y); }, [](auto ct, auto) { return ct * 3; })(x);
  }
};
struct half {
  static constexpr char name[] = "Sharding";  // before what the importer knows by this name
  constexpr auto operator()(auto... x) const { return (x + ...) * 0.5f; }
};
struct calls_functions {
  using calls = std::tuple<scaled_sum, both, straight, half>;
  static constexpr char value[] = R"(
func.func @main(%x: tensor<2x3xf32>, %k: tensor<f32>) -> (tensor<2xf32>, tensor<f32>, tensor<f32>) {
  %0 = stablehlo.custom_call @my.straight_through(%x) {has_side_effect = false} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %1 = "stablehlo.custom_call"(%0, %k) {call_target_name = "my.scaled_sum", api_version = 4 : i32} : (tensor<2x3xf32>, tensor<f32>) -> tensor<2xf32>
  %2:2 = stablehlo.custom_call @"my.min_and_max"(%1) : (tensor<2xf32>) -> (tensor<f32>, tensor<f32>)
  %3 = stablehlo.custom_call @Sharding(%2#1, %2#1) : (tensor<f32>, tensor<f32>) -> tensor<f32>
  %4 = stablehlo.custom_call @Sharding(%2#0) : (tensor<f32>) -> tensor<f32>
  return %1, %4, %3 : tensor<2xf32>, tensor<f32>, tensor<f32>
})";
};
// The sum and the product of each row, by code of the user's on whole arrays.
struct sum_and_product {
  static constexpr int ranks[] = {1};
  static constexpr auto result(const sinter::call_operand& a) {
    return std::tuple(sinter::call_result{a.type(), {}}, sinter::call_result{a.type(), {}});
  }
  static void run(sinter::view<const float, sinter::dyn> a, sinter::view<float> sum, sinter::view<float> product) {
    sum() = 0, product() = 1;
    for (int i = 0; i < a.extent(0); ++i) sum() += a(i), product() *= a(i);
  }
};
struct by_library {
  static constexpr char name[] = "lib.sum_and_product";
  constexpr auto operator()(auto x) const { return sinter::library_call<sum_and_product>(x); }
};
struct attends {
  static constexpr char name[] = "lib.attention";
  constexpr auto operator()(auto x) const { return sinter::attention(x, x, x); }
};
struct calls_a_library {
  using calls = std::tuple<by_library, attends>;
  static constexpr char value[] = R"(
func.func @main(%x: tensor<2x3xf32>) -> (tensor<2xf32>, tensor<2xf32>) {
  %0 = stablehlo.custom_call @lib.attention(%x) : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %1:2 = stablehlo.custom_call @lib.sum_and_product(%0) : (tensor<2x3xf32>) -> (tensor<2xf32>, tensor<2xf32>)
  return %1#0, %1#1 : tensor<2xf32>, tensor<2xf32>
})";
};
struct branches {
  static constexpr char value[] = R"(
func.func @main(%x: tensor<3xf32>, %p: tensor<i1>) -> tensor<3xf32> {
  %c = stablehlo.constant dense<2.0> : tensor<3xf32>
  %0 = "stablehlo.if"(%p) ({
    %1 = stablehlo.sine %x : tensor<3xf32>
    %2 = stablehlo.multiply %1, %c : tensor<3xf32>
    stablehlo.return %2 : tensor<3xf32>
  }, {
    %1 = stablehlo.multiply %x, %x : tensor<3xf32>
    stablehlo.return %1 : tensor<3xf32>
  }) : (tensor<i1>) -> tensor<3xf32>
  return %0 : tensor<3xf32>
})";
};
struct of_sizes {
  static constexpr char value[] = R"(
func.func @main(%x: tensor<4x7xf32>) -> (tensor<i32>, tensor<i32>, tensor<ui32>, tensor<ui32>) {
  %0 = stablehlo.get_dimension_size %x, dim = 1 : (tensor<4x7xf32>) -> tensor<i32>
  %1 = "stablehlo.get_dimension_size"(%x) {dimension = 0 : i64} : (tensor<4x7xf32>) -> tensor<i32>
  %2 = stablehlo.partition_id : tensor<ui32>
  %3 = "stablehlo.replica_id"() : () -> tensor<ui32>
  return %0, %1, %2, %3 : tensor<i32>, tensor<i32>, tensor<ui32>, tensor<ui32>
})";
};
struct tuple_of_narrow {
  static constexpr char value[] = R"(
func.func @main(%x: tensor<3xf32>) -> tensor<3xi4> {
  %0 = stablehlo.convert %x : (tensor<3xf32>) -> tensor<3xi4>
  %1 = stablehlo.tuple %x, %0 : tuple<tensor<3xf32>, tensor<3xi4>>
  %2 = stablehlo.get_tuple_element %1[1] : (tuple<tensor<3xf32>, tensor<3xi4>>) -> tensor<3xi4>
  %3 = call @twice(%2) : (tensor<3xi4>) -> tensor<3xi4>
  return %3 : tensor<3xi4>
}
func.func private @twice(%x: tensor<3xi4>) -> tensor<3xi4> {
  %0 = stablehlo.add %x, %x : tensor<3xi4>
  return %0 : tensor<3xi4>
})";
};

template <class A, class B> bool same(const A& a, const B& b) {
  if (a.size() != b.size()) return false;
  for (sinter::extent_t i = 0; i < a.size(); ++i)
    if (a.data()[i] != b.data()[i]) return false;
  return true;
}

struct operands {
  sinter::tensor<float, 3, 2> w{{1, 2}, {3, 4}, {5, 6}};
  sinter::tensor<float, 2> b{10, 20};
  sinter::tensor<float, 4, 3> x{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}, {1, 1, 1}};
};

}  // namespace

TEST_CASE("weights of a module come from a file by its names") {
  const operands o;
  const auto names = sinter::stablehlo_argument_names<dense>(0, 2);
  REQUIRE(names.size() == 2);
  CHECK(names[0] == "params['w']");
  CHECK(names[1] == "b");
  CHECK(sinter::stablehlo_argument_names<dense>().size() == 3);

  const scratch::folder folder;
  const std::string path = folder / "weights.safetensors";
  sinter::save_safetensors(path, names[0], o.w, names[1], o.b);
  sinter::stablehlo_arguments<dense, 0, 2> weights;
  const sinter::safetensors_file file(path);
  file.load_into(names, weights);
  CHECK(same(std::get<0>(weights), o.w));
  CHECK(same(f(weights, o.x), f(o.w, o.b, o.x)));
  CHECK_THROWS_AS(file.load_into(sinter::stablehlo_argument_names<dense>(), weights), sinter::io_error);
  CHECK_THROWS_AS(file.load_into(sinter::stablehlo_argument_names<dense>(1, 2), weights), sinter::io_error);
  CHECK(same(std::get<1>(weights), o.b));
}

TEST_CASE("a module's function is like any other") {
  const operands o;
  const auto y = f(o.w, o.b, o.x);
  CHECK(y(3, 1) == 32);
  sinter::tensor<float, 4, 2> into;
  f.into(into, o.w, o.b, o.x);
  CHECK(same(into, y));
  constexpr auto plan = f.plan<decltype(o.w), decltype(o.b), decltype(o.x)>();
  CHECK(plan.kernels == 1);
  CHECK(plan.temporaries == 0);
  CHECK(same(f.prepare(sinter::constant(o.w), sinter::constant(o.b), o.x)(o.x), y));

  constexpr auto loss = sinter::fn([](auto w, auto b, auto x) { return sinter::sum(f(w, b, x) * 2); });
  const auto slope = sinter::grad<0>(loss)(o.w, o.b, o.x);
  CHECK(slope(0, 0) == 4);
  sinter::tensor<float, 2, 4, 3> xs;
  xs.fill(1);
  const auto ys = sinter::vmap<2>(f)(o.w, o.b, xs);
  CHECK(ys(1, 3, 0) == 19);

  const std::string plan_text(f.explain(o.w, o.b, o.x));
  CHECK(plan_text.find("kernel") != std::string::npos);
  // Called twice within another function, with expressions.
  constexpr auto twice = sinter::fn([](auto w, auto b, auto x) { return f(w, b * 2, x) - f(w, b, x * 1); });
  CHECK(twice(o.w, o.b, o.x)(2, 1) == 20);
  static_assert(twice.plan<decltype(o.w), decltype(o.b), decltype(o.x)>().kernels == 1);
}

TEST_CASE("branches keep their sides within other functions") {
  static constexpr auto g = sinter::stablehlo<branches>;
  const sinter::tensor<float, 3> x{1, 2, 3};
  constexpr auto loss = sinter::fn([](auto y, auto p) { return sinter::sum(g(y * 2 + 1, p)); });
  CHECK(loss(x, false) == doctest::Approx(9 + 25 + 49));
  CHECK(loss(x, true) == doctest::Approx(2 * (std::sin(3.f) + std::sin(5.f) + std::sin(7.f))));
  const auto slope = sinter::grad(loss)(x, true);
  CHECK(slope(1) == doctest::Approx(4 * std::cos(5.f)));
  CHECK(sinter::grad(loss)(x, false)(1) == doctest::Approx(4 * 5));
  // A side that is not taken is not computed.
  CHECK(loss.explain(x, true).find("branch") != std::string::npos);
}

TEST_CASE("a module calls functions of the user's by name") {
  static constexpr auto g = sinter::stablehlo<calls_functions>;
  const sinter::tensor<float, 2, 3> x{{0.6f, 2, 3}, {4.4f, 5, 6}};
  const auto [sums, least, most] = g(x, 10.f);
  CHECK(sums(0) == 60);
  CHECK(sums(1) == 150);
  CHECK(least == 30);
  CHECK(most == 150);

  // Derivatives take the rules of the functions.
  constexpr auto loss = sinter::fn([](auto y, auto k) { return std::get<2>(g(y, k)) + std::get<1>(g(y, k)); });
  const auto slope = sinter::grad(loss)(x, 10.f);
  CHECK(slope(0, 0) == 15);
  CHECK(slope(1, 2) == 30);
  const auto several = sinter::value_and_grad<0, 1>(loss)(x, 10.f);
  CHECK(std::get<0>(several) == 180);
  CHECK(std::get<1>(std::get<1>(several)) == 3 + 15);

  sinter::tensor<float, 2, 2, 3> xs;
  for (int i = 0; i < 12; ++i) xs.data()[i] = static_cast<float>(i);
  const auto batch = sinter::vmap<0>(g)(xs, 2.f);
  CHECK(std::get<0>(batch)(1, 0) == 2 * (6 + 7 + 8));
  CHECK(std::get<2>(batch)(1) == 2 * (9 + 10 + 11));
}

TEST_CASE("functions that a module calls may call libraries") {
  const auto [sum, product] = sinter::stablehlo<calls_a_library>(sinter::tensor<float, 2, 3>{{1, 2, 3}, {1, 2, 3}});
  CHECK(sum(1) == 6);
  CHECK(product(0) == 6);
}

TEST_CASE("sizes and numbers of devices are constants") {
  const auto [columns, rows, partition, replica] = sinter::stablehlo<of_sizes>(sinter::tensor<float, 4, 7>());
  CHECK(columns == 7);
  CHECK(rows == 4);
  CHECK(partition == 0);
  CHECK(replica == 0);
}

TEST_CASE("elements of tuples keep narrow types") {
  const auto y = sinter::stablehlo<tuple_of_narrow>(sinter::tensor<float, 3>{3, 5, -8});
  CHECK(y(0) == 6);
  CHECK(y(1) == -6);
  CHECK(y(2) == 0);
}
