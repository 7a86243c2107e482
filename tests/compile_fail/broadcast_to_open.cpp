// expect: sinter: a new axis needs a static extent; write a number of 0 or more where this shape has sinter::dyn or a negative one
// expect: shape<-1, 3>
// SPDX-License-Identifier: Apache-2.0
#include <sinter/sinter.hpp>

int main() {
  sinter::tensor<float, 3> n;
#ifdef SINTER_FIXED
  auto y = sinter::eval(sinter::broadcast_to<2, 3>(n));
#else
  auto y = sinter::eval(sinter::broadcast_to<sinter::dyn, 3>(n));
#endif
}
