// expect: sinter: this axis does not exist in the operand's shape; axes run from 0 to rank-1, or from -rank to -1
// expect: number<2>
// expect: shape<2, 3>
// SPDX-License-Identifier: Apache-2.0
#include <sinter/sinter.hpp>

int main() {
  sinter::tensor<float, 2, 3> x;
#ifdef SINTER_FIXED
  auto y = sinter::eval(sinter::sum(x, sinter::axis<1>));
#else
  auto y = sinter::eval(sinter::sum(x, sinter::axis<2>));
#endif
}
