// expect: sinter::stablehlo: the type has no array with the text of a module; write `struct text { static constexpr char value[]
// SPDX-License-Identifier: Apache-2.0
#include <sinter/stablehlo.hpp>

struct module {
#ifdef SINTER_FIXED
  static constexpr char value[] =
#else
  static constexpr const char* value =
#endif
      "func.func @main(%x: tensor<4xf32>) -> tensor<4xf32> { return %x : tensor<4xf32> }";
};

int main() {
  sinter::tensor<float, 4> x;
  auto y = sinter::stablehlo<module>(x);
}
