// expect: sinter: these shapes do not broadcast
// expect: sinter::shape<4>, sinter::shape<3>
// expect: sinter::line<3>
// expect: sinter::column<8>
// expect: {"stablehlo.add %x, %c
// SPDX-License-Identifier: Apache-2.0
#include <sinter/stablehlo.hpp>

struct module {
  static constexpr char value[] =
      "func.func @main(%x: tensor<4xf32>) -> tensor<4xf32> {\n"
#ifdef SINTER_FIXED
      "  %c = stablehlo.constant dense<1.0> : tensor<4xf32>\n"
#else
      "  %c = stablehlo.constant dense<1.0> : tensor<3xf32>\n"
#endif
      "  %0 = stablehlo.add %x, %c : tensor<4xf32>\n"
      "  return %0 : tensor<4xf32>\n"
      "}\n";
};

int main() {
  sinter::tensor<float, 4> x;
  auto y = sinter::stablehlo<module>(x);
}
