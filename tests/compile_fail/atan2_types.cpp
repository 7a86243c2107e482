// expect: sinter: these element types differ; convert one operand with sinter::cast<T>(x)
// expect: float, double
// SPDX-License-Identifier: Apache-2.0
#include <sinter/sinter.hpp>

int main() {
  sinter::tensor<float, 4> y;
  sinter::tensor<double, 4> x;
#ifdef SINTER_FIXED
  auto z = sinter::eval(sinter::atan2(y, sinter::cast<float>(x)));
#else
  auto z = sinter::eval(sinter::atan2(y, x));
#endif
}
