// SPDX-License-Identifier: Apache-2.0
// A module's arguments from a file of weights, and what else a function of a module can do as any other can.
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
}
