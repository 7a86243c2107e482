// expect: sinter: this axis does not exist in the operand's shape; axes run from 0 to rank-1, or from -rank to -1
// expect: number<2>
// expect: shape<3, 4>
// SPDX-License-Identifier: Apache-2.0
#include <sinter/sinter.hpp>

int main() {
#ifdef SINTER_FIXED
  auto y = sinter::eval(sinter::iota<float, 3, 4>(sinter::axis<1>));
#else
  auto y = sinter::eval(sinter::iota<float, 3, 4>(sinter::axis<2>));
#endif
}
