// expect: sinter::fn: the lambda does what no constant expression can (a tensor or variable from outside, a call of a function that is not constexpr, `if` on a traced value); pass such things as arguments, choose with sinter::where
// SPDX-License-Identifier: Apache-2.0
#include <sinter/sinter.hpp>

float scale() { return 2; }

int main() {
  sinter::tensor<float, 2, 3> x;
#ifdef SINTER_FIXED
  auto y = sinter::fn([](auto a, auto s) { return a * s; })(x, scale());
#else
  auto y = sinter::fn([](auto a) { return a * scale(); })(x);
#endif
}
