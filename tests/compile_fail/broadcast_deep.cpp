// expect: sinter: these shapes do not broadcast; make each pair of extents equal, or one of them a static 1 (reshape, transpose)
// expect: shape<2, 3>
// expect: shape<2>
// SPDX-License-Identifier: Apache-2.0
#include <sinter/sinter.hpp>

int main() {
  sinter::tensor<float, 2, 3> x;
#ifdef SINTER_FIXED
  auto y = sinter::eval(sinter::exp(x - sinter::max(x, sinter::axis<1>, sinter::keepdims)) * 2);
#else
  auto y = sinter::eval(sinter::exp(x - sinter::max(x, sinter::axis<1>)) * 2);
#endif
}
