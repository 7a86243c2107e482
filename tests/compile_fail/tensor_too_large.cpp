// expect: sinter::tensor: the product of the extents is above 2^48 elements; make the extents smaller
// expect: 4294967296
// lines: 14
// SPDX-License-Identifier: Apache-2.0
#include <sinter/sinter.hpp>

int main() {
#ifdef SINTER_FIXED
  sinter::tensor<float, 16, 16> y;
#else
  sinter::tensor<float, 4294967296, 4294967296> y;
#endif
}
