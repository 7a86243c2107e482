// expect: sinter::stablehlo: this op talks to other devices, which is out of scope; export the module for one device
// expect: sinter::line<2>
// expect: sinter::column<9>
// expect: {"stablehlo.all_gather
// SPDX-License-Identifier: Apache-2.0
#include <sinter/stablehlo.hpp>

struct module {
  static constexpr char value[] =
      "func.func @main(%x: tensor<4xf32>) -> tensor<4xf32> {\n"
#ifdef SINTER_FIXED
      "  %0 = \"stablehlo.optimization_barrier\"(%x) {all_gather_dim = 0 : i64, replica_groups = dense<0> : tensor<1x1xi64>} : "
      "(tensor<4xf32>) -> tensor<4xf32>\n"
#else
      "  %0 = \"stablehlo.all_gather\"(%x) {all_gather_dim = 0 : i64, replica_groups = dense<0> : tensor<1x1xi64>} : (tensor<4xf32>) -> "
      "tensor<4xf32>\n"
#endif
      "  return %0 : tensor<4xf32>\n"
      "}\n";
};

int main() {
  sinter::tensor<float, 4> x;
  auto y = sinter::stablehlo<module>(x);
}
