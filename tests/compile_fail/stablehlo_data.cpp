// expect: sinter::stablehlo: the numbers of this constant are not in the text; give Text a `static const void* data()`
// expect: sinter::number<64>
// expect: sinter::line<2>
// expect: sinter::column<27>
// expect: {"dense_resource<weights>
// SPDX-License-Identifier: Apache-2.0
#include <sinter/stablehlo.hpp>

struct module {
  static constexpr char value[] =
      "func.func @main(%x: tensor<4xf32>) -> tensor<4xf32> {\n"
#ifdef SINTER_FIXED
      "  %c = stablehlo.constant dense<[1.0, 2.0, 3.0, 4.0]> : tensor<4xf32>\n"
#else
      "  %c = stablehlo.constant dense_resource<weights> : tensor<4xf32>\n"
#endif
      "  %0 = stablehlo.add %x, %c : tensor<4xf32>\n"
      "  return %0 : tensor<4xf32>\n"
      "}\n";
};

int main() {
  sinter::tensor<float, 4> x;
  auto y = sinter::stablehlo<module>(x);
}
