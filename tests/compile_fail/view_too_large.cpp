// expect: sinter::view: the product of the extents is above 2^48 elements; make the extents smaller
// expect: 4294967296
// lines: 14
// SPDX-License-Identifier: Apache-2.0
#include <sinter/sinter.hpp>

int main() {
  float m[6] = {};
#ifdef SINTER_FIXED
  sinter::view<float, 2, 3> y(m);
#else
  sinter::view<float, 4294967296, 4294967296, sinter::dyn> y(m, 6);
#endif
}
