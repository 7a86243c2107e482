// expect: sinter::slice: a range leaves the operand or has a step below 1; keep 0 <= first <= last <= extent, one range an axis
// expect: shape<2, 3>
// expect: number<4>
// SPDX-License-Identifier: Apache-2.0
#include <sinter/sinter.hpp>

int main() {
  sinter::tensor<float, 2, 3> x;
#ifdef SINTER_FIXED
  auto y = sinter::eval(sinter::slice(x, sinter::all, sinter::range<0, 3>));
#else
  auto y = sinter::eval(sinter::slice(x, sinter::all, sinter::range<0, 4>));
#endif
}
