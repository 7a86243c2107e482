// expect: sinter: the shape of the result and of what it is assigned to differ; assignment does not broadcast, use sinter::broadcast_to
// expect: shape<3>
// expect: shape<2, 3>
// SPDX-License-Identifier: Apache-2.0
#include <sinter/sinter.hpp>

int main() {
  sinter::tensor<float, 2, 3> x;
  sinter::tensor<float, 3> row;
#ifdef SINTER_FIXED
  x = sinter::broadcast_to<2, 3>(row + 1);
#else
  x = row + 1;
#endif
}
