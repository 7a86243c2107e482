// expect: sinter: the element type of the result and of what it is assigned to differ; convert the expression with sinter::cast<T>(x)
// expect: float, int
// SPDX-License-Identifier: Apache-2.0
#include <sinter/sinter.hpp>

int main() {
  sinter::tensor<float, 2, 3> x;
  sinter::tensor<int, 2, 3> y;
#ifdef SINTER_FIXED
  y = sinter::cast<int>(x + 1);
#else
  y = x + 1;
#endif
}
