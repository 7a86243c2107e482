// expect: sinter::grad: the function must give one floating-point number
// expect: long
// SPDX-License-Identifier: Apache-2.0
#include <sinter/sinter.hpp>

int main() {
  sinter::tensor<float, 3, 4> x;
#ifdef SINTER_FIXED
  auto g = sinter::grad([](auto v) { return max(v); })(x);
#else
  auto g = sinter::grad([](auto v) { return argmax(v); })(x);
#endif
}
