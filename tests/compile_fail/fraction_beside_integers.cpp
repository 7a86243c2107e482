// expect: sinter: a number with a fraction stands beside integers or bools; write an integer, or convert the tensor with sinter::cast<T>(x)
// expect: int
// SPDX-License-Identifier: Apache-2.0
#include <sinter/sinter.hpp>

int main() {
  sinter::tensor<int, 4> i;
  constexpr auto f = sinter::fn([](auto a) { return a * 0.5; });
  constexpr auto g = sinter::fn([](auto a) { return a * 2.0; });
#ifdef SINTER_FIXED
  auto y = g(i);
  (void)f;
#else
  auto y = f(i);
  (void)g;
#endif
}
