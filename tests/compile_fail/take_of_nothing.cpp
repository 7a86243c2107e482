// expect: sinter: elements of an axis without any are asked for; index along an axis with at least one element
// expect: shape<2, 0>
// SPDX-License-Identifier: Apache-2.0
#include <sinter/sinter.hpp>

int main() {
  sinter::tensor<float, 2, 0> x;
  sinter::tensor<int, 4> i;
#ifdef SINTER_FIXED
  auto y = sinter::eval(sinter::take(x, i, sinter::axis<0>));
#else
  auto y = sinter::eval(sinter::take(x, i, sinter::axis<1>));
#endif
}
