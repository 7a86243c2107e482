// expect: sinter::stablehlo: quantised types are out of scope; convert them with stablehlo-opt --stablehlo-legalize-quant-to-math
// expect: sinter::line<2>
// expect: sinter::column<8>
// expect: {"stablehlo.uniform_dequantize
// SPDX-License-Identifier: Apache-2.0
#include <sinter/stablehlo.hpp>

struct module {
  static constexpr char value[] =
      "func.func @main(%x: tensor<4xf32>) -> tensor<4xf32> {\n"
#ifdef SINTER_FIXED
      "  %0 = stablehlo.negate %x : (tensor<4xf32>) -> tensor<4xf32>\n"
#else
      "  %0 = stablehlo.uniform_dequantize %x : (tensor<4x!quant.uniform<i8:f32, 0.1>>) -> tensor<4xf32>\n"
#endif
      "  return %0 : tensor<4xf32>\n"
      "}\n";
};

int main() {
  sinter::tensor<float, 4> x;
  auto y = sinter::stablehlo<module>(x);
}
