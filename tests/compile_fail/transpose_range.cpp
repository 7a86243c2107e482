// expect: sinter::transpose: the axes are no permutation of the operand's axes; name each axis of the operand once
// expect: shape<2, 3>
// expect: number<2>
// expect: number<0>
// SPDX-License-Identifier: Apache-2.0
#include <sinter/sinter.hpp>

int main() {
  sinter::tensor<float, 2, 3> x;
#ifdef SINTER_FIXED
  auto y = sinter::eval(sinter::transpose<1, 0>(x));
#else
  auto y = sinter::eval(sinter::transpose<2, 0>(x));
#endif
}
