// expect: sinter::fn: the lambda captures variables; only its code is kept: write [] and pass what it needs as an argument
// SPDX-License-Identifier: Apache-2.0
#include <sinter/sinter.hpp>

int main() {
  sinter::tensor<float, 3, 4> x;
#ifdef SINTER_FIXED
  auto g = sinter::grad([](auto v, auto scale) { return sum(v * scale); })(x, 2.f);
#else
  float scale = 2;
  auto g = sinter::grad([=](auto v) { return sum(v * scale); })(x);
#endif
}
