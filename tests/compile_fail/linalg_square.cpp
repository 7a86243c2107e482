// expect: sinter: this function needs square matrices; make the last two extents equal
// expect: shape<2, 3, 4>
// SPDX-License-Identifier: Apache-2.0
#include <sinter/eigen_linalg.hpp>

int main() {
#ifdef SINTER_FIXED
  sinter::tensor<float, 2, 4, 4> a;
#else
  sinter::tensor<float, 2, 3, 4> a;
#endif
  auto l = sinter::eval(sinter::cholesky(a));
}
