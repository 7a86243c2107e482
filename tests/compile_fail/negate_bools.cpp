// expect: sinter: this function needs numbers, not bools; convert with sinter::cast<T>(x)
// expect: shape<4>
// expect: bool
// SPDX-License-Identifier: Apache-2.0
#include <sinter/sinter.hpp>

int main() {
  sinter::tensor<bool, 4> b;
#ifdef SINTER_FIXED
  auto y = sinter::eval(!b);
#else
  auto y = sinter::eval(-b);
#endif
}
