// expect: sinter::stablehlo: the op makes another type than this one, which the text declares
// expect: sinter::line<2>
// expect: sinter::column<65>
// expect: {"tensor<4xf32>"
// SPDX-License-Identifier: Apache-2.0
#include <sinter/stablehlo.hpp>

struct module {
  static constexpr char value[] =
#ifdef SINTER_FIXED
      "func.func @main(%x: tensor<4xf32>) -> tensor<f32> {\n"
#else
      "func.func @main(%x: tensor<4xf32>) -> tensor<4xf32> {\n"
#endif
#ifdef SINTER_FIXED
      "  %0 = stablehlo.dot %x, %x : (tensor<4xf32>, tensor<4xf32>) -> tensor<f32>\n"
#else
      "  %0 = stablehlo.dot %x, %x : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>\n"
#endif
#ifdef SINTER_FIXED
      "  %1 = stablehlo.broadcast_in_dim %0, dims = [] : (tensor<f32>) -> tensor<f32>\n"
#else
      "  %1 = stablehlo.broadcast_in_dim %0, dims = [] : (tensor<f32>) -> tensor<4xf32>\n"
#endif
      "  return %1 : tensor<4xf32>\n"
      "}\n";
};

int main() {
  sinter::tensor<float, 4> x;
  auto y = sinter::stablehlo<module>(x);
}
