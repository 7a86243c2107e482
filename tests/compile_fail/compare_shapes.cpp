// expect: sinter: these shapes do not broadcast; make each pair of extents equal, or one of them a static 1 (reshape, transpose)
// expect: shape<4>
// expect: shape<5>
// SPDX-License-Identifier: Apache-2.0
#include <sinter/sinter.hpp>

int main() {
  sinter::tensor<float, 4> x;
  sinter::tensor<float, 5> z;
  sinter::tensor<float, 5, 1> column;
#ifdef SINTER_FIXED
  auto y = sinter::eval(x < column);
#else
  auto y = sinter::eval(x < z);
#endif
}
