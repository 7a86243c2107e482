// expect: sinter: the updates do not broadcast to what the indices name: the operand's shape with the indices' axes in the place of
// expect: shape<3, 4>
// expect: shape<4, 3>
// SPDX-License-Identifier: Apache-2.0
#include <sinter/sinter.hpp>

int main() {
  sinter::tensor<float, 2, 3> x;
  sinter::tensor<int, 4> i;
  sinter::tensor<float, 3, 4> u;
#ifdef SINTER_FIXED
  auto y = sinter::eval(sinter::scatter_add(x, i, sinter::transpose(u), sinter::axis<0>));
#else
  auto y = sinter::eval(sinter::scatter_add(x, i, u, sinter::axis<0>));
#endif
}
