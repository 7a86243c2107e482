// expect: sinter: this function needs numbers, not bools; convert with sinter::cast<T>(x)
// expect: bool
// SPDX-License-Identifier: Apache-2.0
#include <sinter/sinter.hpp>

int main() {
  sinter::tensor<float, 2, 3> x;
#ifdef SINTER_FIXED
  auto y = sinter::eval(sinter::sum(sinter::cast<int>(x > 0)));
#else
  auto y = sinter::eval(sinter::sum(x > 0));
#endif
}
