// expect: sinter::view: an extent is negative; use sinter::dyn for a run-time extent
// lines: 14
// SPDX-License-Identifier: Apache-2.0
#include <sinter/sinter.hpp>

int main() {
  float m[6] = {};
#ifdef SINTER_FIXED
  sinter::view<float, sinter::dyn> y(m, 6);
#else
  sinter::view<float, -2> y(m);
#endif
}
