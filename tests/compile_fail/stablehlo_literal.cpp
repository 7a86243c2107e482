// expect: sinter::stablehlo: a constant must be dense<...>, of as many numbers, or hexadecimal digits, as its type has elements
// expect: sinter::line<2>
// expect: sinter::column<33>
// expect: {"[1.0, 2.0, 3.0]
// SPDX-License-Identifier: Apache-2.0
#include <sinter/stablehlo.hpp>

struct module {
  static constexpr char value[] =
      "func.func @main(%x: tensor<4xf32>) -> tensor<4xf32> {\n"
#ifdef SINTER_FIXED
      "  %0 = stablehlo.constant dense<[1.0, 2.0, 3.0, 4.0]> : tensor<4xf32>\n"
#else
      "  %0 = stablehlo.constant dense<[1.0, 2.0, 3.0]> : tensor<4xf32>\n"
#endif
      "  return %0 : tensor<4xf32>\n"
      "}\n";
};

int main() {
  sinter::tensor<float, 4> x;
  auto y = sinter::stablehlo<module>(x);
}
