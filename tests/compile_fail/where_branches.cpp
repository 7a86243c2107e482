// expect: sinter: these element types differ; convert one operand with sinter::cast<T>(x)
// expect: float, int
// SPDX-License-Identifier: Apache-2.0
#include <sinter/sinter.hpp>

int main() {
  sinter::tensor<float, 4> x;
  sinter::tensor<int, 4> i;
#ifdef SINTER_FIXED
  auto y = sinter::eval(sinter::where(x > 0, x, sinter::cast<float>(i)));
#else
  auto y = sinter::eval(sinter::where(x > 0, x, i));
#endif
}
