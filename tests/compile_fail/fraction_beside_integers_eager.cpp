// expect: sinter: a number with a fraction stands beside integers or bools; write an integer, or convert the tensor with sinter::cast<T>(x)
// expect: int
// SPDX-License-Identifier: Apache-2.0
#include <sinter/sinter.hpp>

int main() {
  sinter::tensor<int, 4> i;
#ifdef SINTER_FIXED
  auto y = sinter::eval(sinter::cast<float>(i) + 0.5);
#else
  auto y = sinter::eval(i + 0.5);
#endif
}
