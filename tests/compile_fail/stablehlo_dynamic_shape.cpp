// expect: sinter::stablehlo: dynamic shapes are out of scope; export the module with static shapes, or refine it with stablehlo-opt
// expect: sinter::line<1>
// expect: sinter::column<21>
// expect: {"tensor<?xf32>
// SPDX-License-Identifier: Apache-2.0
#include <sinter/stablehlo.hpp>

struct module {
  static constexpr char value[] =
#ifdef SINTER_FIXED
      "func.func @main(%x: tensor<4xf32>) -> tensor<4xf32> {\n"
#else
      "func.func @main(%x: tensor<?xf32>) -> tensor<4xf32> {\n"
#endif
      "  %0 = stablehlo.add %x, %x : tensor<4xf32>\n"
      "  return %0 : tensor<4xf32>\n"
      "}\n";
};

int main() {
  sinter::tensor<float, 4> x;
  auto y = sinter::stablehlo<module>(x);
}
