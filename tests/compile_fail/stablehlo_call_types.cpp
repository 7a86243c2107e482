// expect: sinter::stablehlo: operand number<K> of this call is of another type (first) than the function's parameter (second); mend one
// expect: sinter::number<0>, float, sinter::shape<4>, int, sinter::shape<4>
// expect: sinter::line<2>
// expect: {"tensor<4xf32>) -> tensor<4xf32>
// SPDX-License-Identifier: Apache-2.0
#include <sinter/stablehlo.hpp>

struct module {
  static constexpr char value[] =
      "func.func @main(%x: tensor<4xf32>) -> tensor<4xf32> {\n"
      "  %0 = call @f(%x) : (tensor<4xf32>) -> tensor<4xf32>\n"
      "  return %0 : tensor<4xf32>\n"
      "}\n"
#ifdef SINTER_FIXED
      "func.func private @f(%x: tensor<4xf32>) -> tensor<4xf32> {\n"
      "  return %x : tensor<4xf32>\n"
#else
      "func.func private @f(%x: tensor<4xi32>) -> tensor<4xi32> {\n"
      "  return %x : tensor<4xi32>\n"
#endif
      "}\n";
};

int main() {
  sinter::tensor<float, 4> x;
  auto y = sinter::stablehlo<module>(x);
}
