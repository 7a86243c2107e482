// expect: sinter: these shapes do not broadcast; make each pair of extents equal, or one of them a static 1 (reshape, transpose)
// expect: shape<2, 3>
// expect: shape<4, 3>
// SPDX-License-Identifier: Apache-2.0
#include <sinter/sinter.hpp>

int main() {
  sinter::tensor<float, 2, 3> x;
#ifdef SINTER_FIXED
  auto y = sinter::eval(sinter::broadcast_to<4, 2, 3>(x));
#else
  auto y = sinter::eval(sinter::broadcast_to<4, 3>(x));
#endif
}
