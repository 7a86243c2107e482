// expect: sinter: these element types differ; convert one operand with sinter::cast<T>(x)
// expect: float, double
// SPDX-License-Identifier: Apache-2.0
#include <sinter/sinter.hpp>

int main() {
  sinter::tensor<float, 2> x;
  sinter::tensor<double, 2> z;
#ifdef SINTER_FIXED
  auto y = sinter::eval(sinter::concatenate(sinter::axis<0>, x, sinter::cast<float>(z)));
#else
  auto y = sinter::eval(sinter::concatenate(sinter::axis<0>, x, z));
#endif
}
