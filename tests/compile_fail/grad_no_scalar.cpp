// expect: sinter::grad: the function must give one floating-point number; reduce its result with sum or mean, or use sinter::vjp or
// expect: shape<3, 4>
// SPDX-License-Identifier: Apache-2.0
#include <sinter/sinter.hpp>

int main() {
  sinter::tensor<float, 3, 4> x;
#ifdef SINTER_FIXED
  auto g = sinter::grad([](auto v) { return sum(exp(v)); })(x);
#else
  auto g = sinter::grad([](auto v) { return exp(v); })(x);
#endif
}
