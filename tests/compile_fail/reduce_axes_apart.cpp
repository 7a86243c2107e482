// expect: sinter: this function works along one axis; name one, for example axis<1>
// expect: shape<2, 3, 4>
// SPDX-License-Identifier: Apache-2.0
#include <sinter/sinter.hpp>

struct product {
  static constexpr float identity = 1;
  static constexpr auto accumulate(auto acc, auto x) { return acc * x; }
  static constexpr auto combine(auto a, auto b) { return a * b; }
};

int main() {
  sinter::tensor<float, 2, 3, 4> x;
#ifdef SINTER_FIXED
  auto y = sinter::eval(sinter::reduce<product>(x, sinter::axis<0, 1>));
#else
  auto y = sinter::eval(sinter::reduce<product>(x, sinter::axis<0, 2>));
#endif
}
