// expect: sinter: this function needs numbers, not bools; convert with sinter::cast<T>(x)
// expect: shape<1, 3>
// expect: shape<3, 1>
// expect: bool, bool
// SPDX-License-Identifier: Apache-2.0
#include <sinter/sinter.hpp>

int main() {
  sinter::tensor<bool, 3> a, b;
#ifdef SINTER_FIXED
  auto y = sinter::eval(sinter::any(a & b));
#else
  auto y = sinter::eval(sinter::dot(a, b));
#endif
}
