// expect: sinter::stablehlo: argument number<K> is not what the module takes, whose type and shape stand behind it, then those that were given; pass a tensor of the first
// expect: sinter::number<0>, float, sinter::shape<4>, float, sinter::shape<3>
// SPDX-License-Identifier: Apache-2.0
#include <sinter/stablehlo.hpp>

struct module {
  static constexpr char value[] = "func.func @main(%x: tensor<4xf32>) -> tensor<4xf32> { return %x : tensor<4xf32> }";
};

int main() {
#ifdef SINTER_FIXED
  sinter::tensor<float, 4> x;
#else
  sinter::tensor<float, 3> x;
#endif
  auto y = sinter::stablehlo<module>(x);
}
