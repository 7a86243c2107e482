// SPDX-License-Identifier: Apache-2.0
// A module as JAX exports it: jax.jit(lambda w, b, x: jax.nn.softmax(jnp.tanh(x @ w + b))).lower(w, b, x).as_text(). It becomes a C++
// function while this file is compiled. sinter_add_stablehlo in CMake takes modules from files.
#include <iostream>

#include <sinter/stablehlo.hpp>

struct layer {
  static constexpr char value[] = R"(
module @jit__lambda_ attributes {mhlo.num_partitions = 1 : i32, mhlo.num_replicas = 1 : i32} {
  func.func public @main(%arg0: tensor<3x2xf32>, %arg1: tensor<2xf32>, %arg2: tensor<4x3xf32>)
      -> (tensor<4x2xf32> {jax.result_info = ""}) {
    %0 = stablehlo.dot_general %arg2, %arg0, contracting_dims = [1] x [0], precision = [DEFAULT, DEFAULT]
        : (tensor<4x3xf32>, tensor<3x2xf32>) -> tensor<4x2xf32>
    %1 = stablehlo.broadcast_in_dim %arg1, dims = [1] : (tensor<2xf32>) -> tensor<1x2xf32>
    %2 = stablehlo.broadcast_in_dim %1, dims = [0, 1] : (tensor<1x2xf32>) -> tensor<4x2xf32>
    %3 = stablehlo.add %0, %2 : tensor<4x2xf32>
    %4 = stablehlo.tanh %3 : tensor<4x2xf32>
    %cst = stablehlo.constant dense<0xFF800000> : tensor<f32>
    %5 = stablehlo.reduce(%4 init: %cst) applies stablehlo.maximum across dimensions = [1]
        : (tensor<4x2xf32>, tensor<f32>) -> tensor<4xf32>
    %6 = stablehlo.broadcast_in_dim %5, dims = [0] : (tensor<4xf32>) -> tensor<4x1xf32>
    %7 = stablehlo.broadcast_in_dim %6, dims = [0, 1] : (tensor<4x1xf32>) -> tensor<4x2xf32>
    %8 = stablehlo.subtract %4, %7 : tensor<4x2xf32>
    %9 = stablehlo.exponential %8 : tensor<4x2xf32>
    %cst_0 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %10 = stablehlo.reduce(%9 init: %cst_0) applies stablehlo.add across dimensions = [1]
        : (tensor<4x2xf32>, tensor<f32>) -> tensor<4xf32>
    %11 = stablehlo.broadcast_in_dim %10, dims = [0] : (tensor<4xf32>) -> tensor<4x1xf32>
    %12 = stablehlo.broadcast_in_dim %11, dims = [0, 1] : (tensor<4x1xf32>) -> tensor<4x2xf32>
    %13 = stablehlo.divide %9, %12 : tensor<4x2xf32>
    return %13 : tensor<4x2xf32>
  }
})";
};

int main() {
  constexpr auto f = sinter::stablehlo<layer>;
  const sinter::tensor<float, 3, 2> w{{1, 0}, {0, 1}, {1, -1}};
  const sinter::tensor<float, 2> b{-1, 1};
  const sinter::tensor<float, 4, 3> x{{0.25f, 0.5f, 0.75f}, {1, 0, 0}, {0, 1, 0}, {0, 0, 1}};
  std::cout << f(w, b, x) << '\n' << f.explain(w, b, x);
}

// Output:
// [[0.346344, 0.653656],
//  [  0.3183,   0.6817],
//  [0.151148, 0.848852],
//  [     0.5,      0.5]]
// 1 kernel, 0 temporaries, flops 104, bytes read 80, bytes written 32, arena bytes 0
// kernel 0: dot over [4, 3 summed, 2]
//   computes dot | add tanh max subtract exp sum divide
//   reads    argument 2 f32[4, 3] argument 0 f32[3, 2] argument 1 f32[2]
//   writes   result 0 f32[4, 2]
