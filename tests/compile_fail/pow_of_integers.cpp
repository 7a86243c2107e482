// expect: sinter: this function needs a floating-point operand; convert it with sinter::cast<float>(x)
// expect: shape<4>
// expect: int
// SPDX-License-Identifier: Apache-2.0
#include <sinter/sinter.hpp>

int main() {
  sinter::tensor<int, 4> i;
#ifdef SINTER_FIXED
  auto y = sinter::eval(sinter::pow(sinter::cast<float>(i), 2));
#else
  auto y = sinter::eval(sinter::pow(i, 2));
#endif
}
