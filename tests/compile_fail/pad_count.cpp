// expect: sinter::pad: give edges<low, high> with low and high >= 0 for each axis of the operand
// expect: shape<2, 3>
// SPDX-License-Identifier: Apache-2.0
#include <sinter/sinter.hpp>

int main() {
  sinter::tensor<float, 2, 3> x;
#ifdef SINTER_FIXED
  auto y = sinter::eval(sinter::pad(x, sinter::edges<1, 1>, sinter::edges<0, 0>, 0));
#else
  auto y = sinter::eval(sinter::pad(x, sinter::edges<1, 1>, 0));
#endif
}
