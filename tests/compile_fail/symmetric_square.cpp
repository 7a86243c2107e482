// expect: sinter::symmetric: the last two extents must be equal; slice the operand to a square
// expect: shape<3, 4>
// SPDX-License-Identifier: Apache-2.0
#include <sinter/sinter.hpp>

int main() {
  sinter::tensor<float, 3, 4> x;
#ifdef SINTER_FIXED
  auto y = sinter::eval(sinter::symmetric(sinter::slice(x, sinter::all, sinter::range<0, 3>), sinter::lower));
#else
  auto y = sinter::eval(sinter::symmetric(x, sinter::lower));
#endif
}
