// expect: sinter: these shapes do not broadcast; make each pair of extents equal, or one of them a static 1 (reshape, transpose)
// expect: shape<4>
// expect: shape<5>
// SPDX-License-Identifier: Apache-2.0
#include <sinter/sinter.hpp>

int main() {
  sinter::tensor<float, 4, 2, 3> x;
  sinter::tensor<float, 5, 3, 2> w;
  sinter::tensor<float, 4, 3, 2> v;
#ifdef SINTER_FIXED
  auto y = sinter::eval(sinter::matmul(x, v));
#else
  auto y = sinter::eval(sinter::matmul(x, w));
#endif
}
