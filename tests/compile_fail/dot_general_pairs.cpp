// expect: sinter::dot_general: the axes of the operands that run together must be as many, with equal extents, each named once
// expect: shape<2, 3>
// SPDX-License-Identifier: Apache-2.0
#include <sinter/sinter.hpp>

int main() {
  sinter::tensor<float, 2, 3> x;
  sinter::tensor<float, 3, 5> w;
#ifdef SINTER_FIXED
  auto y = sinter::eval(sinter::dot_general(x, w, sinter::axis<1>, sinter::axis<0>));
#else
  auto y = sinter::eval(sinter::dot_general(x, w, sinter::axis<1>, sinter::axis<1>));
#endif
}
