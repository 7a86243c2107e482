// expect: sinter: this operand must be an integer tensor; convert it with sinter::cast<int>(x)
// expect: float
// expect: shape<4>
// SPDX-License-Identifier: Apache-2.0
#include <sinter/sinter.hpp>

int main() {
  sinter::tensor<float, 2, 3> x;
  sinter::tensor<float, 4> i;
#ifdef SINTER_FIXED
  auto y = sinter::eval(sinter::take(x, sinter::cast<int>(i), sinter::axis<1>));
#else
  auto y = sinter::eval(sinter::take(x, i, sinter::axis<1>));
#endif
}
