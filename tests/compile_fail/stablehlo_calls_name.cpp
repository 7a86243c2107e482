// expect: sinter::stablehlo: `calls` is no std::tuple of functions with names; write `using calls = std::tuple<f>;`
// SPDX-License-Identifier: Apache-2.0
#include <sinter/stablehlo.hpp>

struct scale {
#ifdef SINTER_FIXED
  static constexpr char name[] = "my.scale";
#endif
  constexpr auto operator()(auto x) const { return x * 2; }
};
struct module {
  using calls = std::tuple<scale>;
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
