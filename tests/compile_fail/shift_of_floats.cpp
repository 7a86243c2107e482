// expect: sinter: this operand must be an integer tensor; convert it with sinter::cast<int>(x)
// SPDX-License-Identifier: Apache-2.0
#include <sinter/sinter.hpp>

int main() {
#ifdef SINTER_FIXED
  sinter::tensor<int, 3> x;
#else
  sinter::tensor<float, 3> x;
#endif
  auto y = sinter::eval(sinter::shift_left(x, 1));
}
