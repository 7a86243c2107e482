// expect: sinter: the shape of the result and of what it is assigned to differ; assignment does not broadcast, use sinter::broadcast_to
// expect: shape<2, 3>
// expect: shape<3, 2>
// SPDX-License-Identifier: Apache-2.0
#include <sinter/sinter.hpp>

int main() {
  sinter::tensor<float, 2, 3> x;
  sinter::tensor<float, 3, 2> y;
#ifdef SINTER_FIXED
  y = sinter::transpose(x + 1);
#else
  y = x + 1;
#endif
}
