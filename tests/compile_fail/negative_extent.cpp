// expect: sinter::tensor: an extent is negative; use sinter::dyn for a run-time extent
// lines: 13
// SPDX-License-Identifier: Apache-2.0
#include <sinter/sinter.hpp>

int main() {
#ifdef SINTER_FIXED
  sinter::tensor<float, sinter::dyn> y(2);
#else
  sinter::tensor<float, -2> y;
#endif
}
