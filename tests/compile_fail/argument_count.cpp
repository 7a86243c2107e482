// expect: sinter::fn: the lambda cannot be called with this many arguments; pass one argument for each parameter (if the compiler found an error in the lambda before this one, mend that)
// expect: number<3>
// SPDX-License-Identifier: Apache-2.0
#include <sinter/sinter.hpp>

int main() {
  sinter::tensor<float, 2, 3> x;
  constexpr auto f = sinter::fn([](auto a, auto b) { return a + b; });
#ifdef SINTER_FIXED
  auto y = f(x, x);
#else
  auto y = f(x, x, x);
#endif
}
