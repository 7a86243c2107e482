// expect: sinter: this operand must be a bool tensor; compare it (x != 0) or use sinter::cast<bool>(x)
// expect: int
// expect: shape<2, 3>
// SPDX-License-Identifier: Apache-2.0
#include <sinter/sinter.hpp>

int main() {
  sinter::tensor<int, 2, 3> n;
#ifdef SINTER_FIXED
  auto y = sinter::eval(sinter::where(n != 0, n, n));
#else
  auto y = sinter::eval(sinter::where(n, n, n));
#endif
}
