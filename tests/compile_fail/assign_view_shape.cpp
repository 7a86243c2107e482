// expect: sinter: the shape of the result and of what it is assigned to differ; assignment does not broadcast, use sinter::broadcast_to
// expect: shape<2, 2>
// expect: shape<2, 3>
// SPDX-License-Identifier: Apache-2.0
#include <sinter/sinter.hpp>

int main() {
  sinter::tensor<float, 2, 3> x;
  sinter::tensor<float, 2, 2> y;
#ifdef SINTER_FIXED
  y.sub(sinter::all, sinter::all) = x.sub(sinter::all, sinter::range<0, 2>) * 2;
#else
  y.sub(sinter::all, sinter::all) = x * 2;
#endif
}
