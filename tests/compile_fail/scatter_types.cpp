// expect: sinter: these element types differ; convert one operand with sinter::cast<T>(x)
// expect: float
// expect: double
// SPDX-License-Identifier: Apache-2.0
#include <sinter/sinter.hpp>

int main() {
  sinter::tensor<float, 2, 3> x;
  sinter::tensor<double, 1, 3> u;
#ifdef SINTER_FIXED
  auto y = sinter::eval(sinter::dynamic_update_slice(x, sinter::cast<float>(u), 1, 0));
#else
  auto y = sinter::eval(sinter::dynamic_update_slice(x, u, 1, 0));
#endif
}
