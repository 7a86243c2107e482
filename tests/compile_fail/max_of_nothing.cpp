// expect: sinter: max, min, argmax and argmin of no elements have no value; reduce an axis with at least one element
// expect: shape<2, 0>
// SPDX-License-Identifier: Apache-2.0
#include <sinter/sinter.hpp>

int main() {
  sinter::tensor<float, 2, 0> none;
#ifdef SINTER_FIXED
  auto y = sinter::eval(sinter::max(none, sinter::axis<0>));
#else
  auto y = sinter::eval(sinter::max(none, sinter::axis<1>));
#endif
}
