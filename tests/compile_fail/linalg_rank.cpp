// expect: sinter: an operand has a rank that this function does not take; reshape it
// expect: shape<9>
// lines: 15
// SPDX-License-Identifier: Apache-2.0
#include <sinter/eigen_linalg.hpp>

int main() {
  sinter::tensor<float, 9> a;
#ifdef SINTER_FIXED
  auto q = sinter::qr(sinter::reshape<3, 3>(a));
#else
  auto q = sinter::qr(a);
#endif
}
