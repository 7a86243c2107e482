// expect: sinter: these shapes do not broadcast; make each pair of extents equal, or one of them a static 1 (reshape, transpose)
// expect: shape<2, 3>
// expect: shape<4>
// SPDX-License-Identifier: Apache-2.0
#include <sinter/sinter.hpp>

int main() {
  sinter::tensor<float, 2, 3> x;
  sinter::tensor<float, 4> q;
#ifdef SINTER_FIXED
  sinter::tensor<float, 2, 3> y = x + sinter::slice(q, sinter::range<0, 3>);
#else
  sinter::tensor<float, 2, 3> y = x + q;
#endif
}
