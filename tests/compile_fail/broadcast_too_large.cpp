// expect: sinter: the product of the extents of this shape is above 2^48 elements; make the extents smaller
// expect: shape<4294967296, 4294967296, 3>
// SPDX-License-Identifier: Apache-2.0
#include <sinter/sinter.hpp>

int main() {
  sinter::tensor<float, 3> x;
#ifdef SINTER_FIXED
  auto y = sinter::eval(sinter::broadcast_to<4, 4, 3>(x));
#else
  auto y = sinter::eval(sinter::broadcast_to<4294967296, 4294967296, 3>(x));
#endif
}
