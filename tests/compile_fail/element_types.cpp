// expect: sinter: these element types differ; convert one operand with sinter::cast<T>(x)
// expect: float, double
// SPDX-License-Identifier: Apache-2.0
#include <sinter/sinter.hpp>

int main() {
  sinter::tensor<float, 2, 3> x;
  sinter::tensor<double, 2, 3> d;
#ifdef SINTER_FIXED
  auto y = sinter::eval(sinter::cast<double>(x) + d);
#else
  auto y = sinter::eval(x + d);
#endif
}
