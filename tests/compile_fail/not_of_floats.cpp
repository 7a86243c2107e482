// expect: sinter: this operand must be a bool tensor; compare it (x != 0) or use sinter::cast<bool>(x)
// expect: shape<2, 3>
// expect: float
// SPDX-License-Identifier: Apache-2.0
#include <sinter/sinter.hpp>

int main() {
  sinter::tensor<float, 2, 3> x;
#ifdef SINTER_FIXED
  auto y = sinter::eval(x == 0);
#else
  auto y = sinter::eval(!x);
#endif
}
