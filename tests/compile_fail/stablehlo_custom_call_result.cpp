// expect: sinter::stablehlo: the op, or the function that it calls, makes another type (first) than the text declares here (last); mend one
// expect: float, sinter::shape<>, sinter::place<sinter::line<2>, sinter::column<79>
// expect: {"tensor<4xf32>)
// SPDX-License-Identifier: Apache-2.0
#include <sinter/stablehlo.hpp>

struct two {
  static constexpr char name[] = "my.two";
#ifdef SINTER_FIXED
  constexpr auto operator()(auto x) const { return std::tuple(sinter::sum(x), x * 2); }
#else
  constexpr auto operator()(auto x) const { return std::tuple(sinter::sum(x), sinter::sum(x) * 2); }
#endif
};
struct module {
  using calls = std::tuple<two>;
  static constexpr char value[] =
      "func.func @main(%x: tensor<4xf32>) -> tensor<4xf32> {\n"
      "  %0:2 = stablehlo.custom_call @my.two(%x) : (tensor<4xf32>) -> (tensor<f32>, tensor<4xf32>)\n"
      "  return %0#1 : tensor<4xf32>\n"
      "}\n";
};

int main() {
  sinter::tensor<float, 4> x;
  auto y = sinter::stablehlo<module>(x);
}
