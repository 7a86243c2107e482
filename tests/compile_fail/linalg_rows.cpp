// expect: sinter: the right-hand side of a x = b must have as many rows as the matrix
// expect: shape<3, 3>
// expect: shape<4, 2>
// SPDX-License-Identifier: Apache-2.0
#include <sinter/eigen_linalg.hpp>

int main() {
  sinter::tensor<float, 3, 3> a;
#ifdef SINTER_FIXED
  sinter::tensor<float, 3, 2> b;
#else
  sinter::tensor<float, 4, 2> b;
#endif
  auto x = sinter::eval(sinter::solve(a, b));
}
