// expect: sinter::stablehlo: the function of this name in `calls` cannot be called with so many values
// expect: sinter::line<2>
// expect: sinter::column<31>
// expect: {"my.scale(%x, %x)
// SPDX-License-Identifier: Apache-2.0
#include <sinter/stablehlo.hpp>

struct scale {
  static constexpr char name[] = "my.scale";
#ifdef SINTER_FIXED
  constexpr auto operator()(auto x, auto by) const { return x * by; }
#else
  constexpr auto operator()(auto x) const { return x * 2; }
#endif
};
struct module {
  using calls = std::tuple<scale>;
  static constexpr char value[] =
      "func.func @main(%x: tensor<4xf32>) -> tensor<4xf32> {\n"
      "  %0 = stablehlo.custom_call @my.scale(%x, %x) : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>\n"
      "  return %0 : tensor<4xf32>\n"
      "}\n";
};

int main() {
  sinter::tensor<float, 4> x;
  auto y = sinter::stablehlo<module>(x);
}
