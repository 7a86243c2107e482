// expect: sinter::stablehlo: no function is known for this custom call; add one of its name to `calls` of the module's Text type
// expect: sinter::line<2>
// expect: sinter::column<31>
// expect: {"my.scale(%x)
// SPDX-License-Identifier: Apache-2.0
#include <sinter/stablehlo.hpp>

struct scale {
  static constexpr char name[] = "my.scale";
  constexpr auto operator()(auto x) const { return x * 2; }
};
struct module {
#ifdef SINTER_FIXED
  using calls = std::tuple<scale>;
#endif
  static constexpr char value[] =
      "func.func @main(%x: tensor<4xf32>) -> tensor<4xf32> {\n"
      "  %0 = stablehlo.custom_call @my.scale(%x) : (tensor<4xf32>) -> tensor<4xf32>\n"
      "  return %0 : tensor<4xf32>\n"
      "}\n";
};

int main() {
  sinter::tensor<float, 4> x;
  auto y = sinter::stablehlo<module>(x);
}
