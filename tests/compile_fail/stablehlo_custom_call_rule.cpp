// expect: sinter: these shapes do not broadcast
// expect: sinter::line<2>
// expect: sinter::column<8>
// expect: {"stablehlo.custom_call @my.add(%x
// SPDX-License-Identifier: Apache-2.0
#include <sinter/stablehlo.hpp>

struct add {
  static constexpr char name[] = "my.add";
#ifdef SINTER_FIXED
  constexpr auto operator()(auto x, auto y) const { return x + sinter::sum(y); }
#else
  constexpr auto operator()(auto x, auto y) const { return x + y; }
#endif
};
struct module {
  using calls = std::tuple<add>;
  static constexpr char value[] =
      "func.func @main(%x: tensor<4xf32>, %y: tensor<3xf32>) -> tensor<4xf32> {\n"
      "  %0 = stablehlo.custom_call @my.add(%x, %y) : (tensor<4xf32>, tensor<3xf32>) -> tensor<4xf32>\n"
      "  return %0 : tensor<4xf32>\n"
      "}\n";
};

int main() {
  sinter::tensor<float, 4> x;
  sinter::tensor<float, 3> y;
  auto z = sinter::stablehlo<module>(x, y);
}
