// expect: sinter::stablehlo: the op, or the function that it calls, makes another type (first) than the text declares here (last); mend one
// expect: float, sinter::shape<4>, sinter::place<sinter::line<1>, sinter::column<63>
// expect: {"tensor<2xf32>) {
// SPDX-License-Identifier: Apache-2.0
#include <sinter/stablehlo.hpp>

struct module {
  static constexpr char value[] =
#ifdef SINTER_FIXED
      "func.func @main(%x: tensor<4xf32>) -> (tensor<4xf32> {a = 1}, tensor<4xf32>) {\n"
#else
      "func.func @main(%x: tensor<4xf32>) -> (tensor<4xf32> {a = 1}, tensor<2xf32>) {\n"
#endif
      "  return %x, %x : tensor<4xf32>, tensor<4xf32>\n"
      "}\n";
};

int main() {
  sinter::tensor<float, 4> x;
  auto y = sinter::stablehlo<module>(x);
}
