// expect: sinter: this function needs numbers, not bools; convert with sinter::cast<T>(x)
// SPDX-License-Identifier: Apache-2.0
#include <sinter/sinter.hpp>

int main() {
  sinter::tensor<bool, 5> x;
  sinter::tensor<int, 2> i;
#ifdef SINTER_FIXED
  auto y = sinter::eval(sinter::scatter_set(x, i, true));
#else
  auto y = sinter::eval(sinter::scatter_add(x, i, true));
#endif
}
