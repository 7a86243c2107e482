// expect: sinter: these element types differ; convert one operand with sinter::cast<T>(x)
// SPDX-License-Identifier: Apache-2.0
#include <sinter/eigen_linalg.hpp>

int main() {
  sinter::tensor<double, 3, 3> a;
  sinter::tensor<float, 3> b;
#ifdef SINTER_FIXED
  auto x = sinter::eval(sinter::triangular_solve(a, sinter::cast<double>(b), sinter::lower));
#else
  auto x = sinter::eval(sinter::triangular_solve(a, b, sinter::lower));
#endif
}
