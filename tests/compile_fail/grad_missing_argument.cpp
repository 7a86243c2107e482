// expect: sinter: the transformation names an argument that the call does not have; arguments count from 0
// SPDX-License-Identifier: Apache-2.0
#include <sinter/sinter.hpp>

int main() {
  sinter::tensor<float, 3, 4> x;
#ifdef SINTER_FIXED
  auto g = sinter::grad<1>([](auto v, auto w) { return sum(v * w); })(x, x);
#else
  auto g = sinter::grad<2>([](auto v, auto w) { return sum(v * w); })(x, x);
#endif
}
