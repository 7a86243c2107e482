// expect: sinter::stablehlo: ops of this dialect are out of scope; export to StableHLO, CHLO and func
// expect: sinter::line<2>
// expect: sinter::column<8>
// expect: {"arith.addf %x
// SPDX-License-Identifier: Apache-2.0
#include <sinter/stablehlo.hpp>

struct module {
  static constexpr char value[] =
      "func.func @main(%x: tensor<4xf32>) -> tensor<4xf32> {\n"
#ifdef SINTER_FIXED
      "  %0 = stablehlo.add %x, %x : tensor<4xf32>\n"
#else
      "  %0 = arith.addf %x, %x : tensor<4xf32>\n"
#endif
      "  return %0 : tensor<4xf32>\n"
      "}\n";
};

int main() {
  sinter::tensor<float, 4> x;
  auto y = sinter::stablehlo<module>(x);
}
