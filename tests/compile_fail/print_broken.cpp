// expect: sinter: these shapes do not broadcast
// SPDX-License-Identifier: Apache-2.0
#include <iostream>

#include <sinter/sinter.hpp>

int main() {
  sinter::tensor<float, 2, 3> x;
  sinter::tensor<float, 2, 4> y;
#ifdef SINTER_FIXED
  std::cout << sinter::eval(x + x) << '\n';
#else
  std::cout << sinter::eval(x + y) << '\n';
#endif
}
