// expect: sinter::fn: the lambda captures variables; only its code is kept: write [] and pass what it needs as an argument
// SPDX-License-Identifier: Apache-2.0
#include <sinter/sinter.hpp>

int main() {
  sinter::tensor<float, 2, 3> x;
  float scale = 2;
#ifdef SINTER_FIXED
  auto f = sinter::fn([](auto a, auto s) { return a * s; });
  auto y = f(x, scale);
#else
  auto f = sinter::fn([scale](auto a) { return a * scale; });
  auto y = f(x);
#endif
}
