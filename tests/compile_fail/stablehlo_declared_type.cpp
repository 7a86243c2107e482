// expect: sinter::stablehlo: the op, or the function that it calls, makes another type (first) than the text declares here (last); mend one
// expect: float, sinter::shape<>, sinter::place<sinter::line<2>, sinter::column<65>
// expect: {"tensor<4xf32>"
// SPDX-License-Identifier: Apache-2.0
#include <sinter/stablehlo.hpp>

#ifdef SINTER_FIXED
#define RESULT "tensor<f32>"
#else
#define RESULT "tensor<4xf32>"
#endif
struct module {
  static constexpr char value[] = "func.func @main(%x: tensor<4xf32>) -> " RESULT
                                  " {\n"
                                  "  %0 = stablehlo.dot %x, %x : (tensor<4xf32>, tensor<4xf32>) -> " RESULT
                                  "\n"
                                  "  return %0 : " RESULT
                                  "\n"
                                  "}\n";
};

int main() {
  sinter::tensor<float, 4> x;
  auto y = sinter::stablehlo<module>(x);
}
