// expect: sinter: this operand must be an integer tensor; convert it with sinter::cast<int>(x)
// expect: float
// SPDX-License-Identifier: Apache-2.0
#include <sinter/sinter.hpp>

int main() {
  sinter::tensor<float, 2, 3> x;
#ifdef SINTER_FIXED
  auto y = sinter::eval(sinter::one_hot<4>(sinter::cast<int>(x)));
#else
  auto y = sinter::eval(sinter::one_hot<4>(x));
#endif
}
