// expect: sinter::triangular_solve: lower and upper exclude each other; name one of them
// SPDX-License-Identifier: Apache-2.0
#include <sinter/eigen_linalg.hpp>

int main() {
  sinter::tensor<float, 3, 3> a;
  sinter::tensor<float, 3> b;
#ifdef SINTER_FIXED
  auto x = sinter::eval(sinter::triangular_solve(a, b, sinter::upper));
#else
  auto x = sinter::eval(sinter::triangular_solve(a, b, sinter::upper, sinter::lower));
#endif
}
