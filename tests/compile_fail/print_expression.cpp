// expect: sinter: an expression has no elements before it is evaluated; print sinter::eval(x)
// SPDX-License-Identifier: Apache-2.0
#include <iostream>

#include <sinter/sinter.hpp>

int main() {
  sinter::tensor<float, 2, 3> x, y;
#ifdef SINTER_FIXED
  std::cout << sinter::eval(x + y) << sinter::sum(x) << '\n';
#else
  std::cout << x + y << '\n';
#endif
}
