// expect: sinter: the shape of the result and of what it is assigned to differ; assignment does not broadcast, use sinter::broadcast_to
// expect: shape<2, 3>
// expect: shape<3>
// SPDX-License-Identifier: Apache-2.0
#include <sinter/sinter.hpp>

int main() {
  sinter::tensor<float, 2, 3> x;
  sinter::tensor<float, 3> y;
#ifdef SINTER_FIXED
  y += sinter::sum(x, sinter::axis<0>);
#else
  y += x;
#endif
}
