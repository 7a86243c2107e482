// expect: sinter::concatenate: the operands must agree in all extents but the one along the axis
// expect: shape<2, 3>
// expect: shape<2, 4>
// SPDX-License-Identifier: Apache-2.0
#include <sinter/sinter.hpp>

int main() {
  sinter::tensor<float, 2, 3> x;
  sinter::tensor<float, 2, 4> q;
#ifdef SINTER_FIXED
  auto y = sinter::eval(sinter::concatenate(sinter::axis<1>, x, q));
#else
  auto y = sinter::eval(sinter::concatenate(sinter::axis<0>, x, q));
#endif
}
