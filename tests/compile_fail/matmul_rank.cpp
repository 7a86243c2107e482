// expect: sinter: an operand has a rank that this function does not take; reshape it
// SPDX-License-Identifier: Apache-2.0
#include <sinter/sinter.hpp>

int main() {
  sinter::tensor<float, 2, 3> x;
#ifdef SINTER_FIXED
  auto y = sinter::eval(sinter::dot(x, sinter::sum(x)));
#else
  auto y = sinter::eval(sinter::matmul(x, sinter::sum(x)));
#endif
}
