// expect: sinter::fn: the lambda captures variables; only its code is kept: write [] and pass what it needs as an argument
// expect: number<8>
// SPDX-License-Identifier: Apache-2.0
#include <sinter/sinter.hpp>

int main() {
  sinter::tensor<float, 2, 3> x;
#ifdef SINTER_FIXED
  auto f = sinter::fn([](auto a) {
    auto g = sinter::fn([](auto b, auto c) { return b * c; });
    return g(a, 2);
  });
  auto y = f(x);
#else
  auto f = sinter::fn([](auto a) {
    const float s = 2;
    auto g = sinter::fn([&s](auto b) { return b * s; });
    return g(a);
  });
  auto y = f(x);
#endif
}
