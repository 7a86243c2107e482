// expect: sinter::take_along_axis: the indices need as many axes as the operand; reshape them, or use sinter::take
// expect: shape<2, 3>
// expect: shape<2>
// SPDX-License-Identifier: Apache-2.0
#include <sinter/sinter.hpp>

int main() {
  sinter::tensor<float, 2, 3> x;
  sinter::tensor<int, 2> i;
#ifdef SINTER_FIXED
  auto y = sinter::eval(sinter::take_along_axis(x, sinter::reshape<2, 1>(i), sinter::axis<1>));
#else
  auto y = sinter::eval(sinter::take_along_axis(x, i, sinter::axis<1>));
#endif
}
