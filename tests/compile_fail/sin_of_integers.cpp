// expect: sinter: this function needs a floating-point operand; convert it with sinter::cast<float>(x)
// expect: shape<4>
// expect: int
// SPDX-License-Identifier: Apache-2.0
#include <sinter/sinter.hpp>

int main() {
  sinter::tensor<int, 4> i;
#ifdef SINTER_FIXED
  auto y = sinter::eval(sinter::sin(sinter::cast<float>(i)));
#else
  auto y = sinter::eval(sinter::sin(i));
#endif
}
