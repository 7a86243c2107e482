// expect: sinter::conv: ranks, attributes (one number for each spatial axis) or features (the operand's are the kernel's times
// expect: feature_group_count, which divides the outputs) do not go together; mend them, or name the axes with dimension_numbers
// expect: shape<2, 3, 7, 8>
// expect: shape<4, 2, 3, 3>
// SPDX-License-Identifier: Apache-2.0
#include <sinter/sinter.hpp>

int main() {
  sinter::tensor<float, 2, 3, 7, 8> x;
#ifdef SINTER_FIXED
  sinter::tensor<float, 4, 3, 3, 3> k;
#else
  sinter::tensor<float, 4, 2, 3, 3> k;
#endif
  auto y = sinter::eval(sinter::conv(x, k));
}
