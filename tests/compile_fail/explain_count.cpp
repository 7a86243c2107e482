// expect: sinter::fn: the lambda cannot be called with this many arguments; pass one argument for each parameter (if the compiler found an error in the lambda before this one, mend that)
// expect: number<1>
// SPDX-License-Identifier: Apache-2.0
#include <sinter/sinter.hpp>

constexpr auto f = sinter::fn([](auto a, auto b) { return a + b; });

int main() {
  sinter::tensor<float, 2, 3> x;
#ifdef SINTER_FIXED
  auto t = f.explain(x, x);
#else
  auto t = f.explain(x);
#endif
}
