// expect: sinter: an axis is named twice; name each axis once
// expect: shape<2, 3>
// SPDX-License-Identifier: Apache-2.0
#include <sinter/sinter.hpp>

int main() {
  sinter::tensor<float, 2, 3> x;
#ifdef SINTER_FIXED
  auto y = sinter::eval(sinter::sum(x, sinter::axis<0, -1>));
#else
  auto y = sinter::eval(sinter::sum(x, sinter::axis<1, -1>));
#endif
}
