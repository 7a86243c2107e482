// expect: sinter: an operand has a rank that this function does not take; reshape it
// expect: shape<2, 3>
// SPDX-License-Identifier: Apache-2.0
#include <sinter/sinter.hpp>

int main() {
  sinter::tensor<float, 2, 3> x;
  sinter::tensor<int, 2> labels;
  sinter::tensor<int, 2, 3> wrong;
#ifdef SINTER_FIXED
  float y = sinter::cross_entropy(x, labels);
#else
  float y = sinter::cross_entropy(x, wrong);
#endif
}
