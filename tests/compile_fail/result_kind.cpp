// expect: sinter::fn: the lambda must return a tensor expression or a std::tuple of them
// SPDX-License-Identifier: Apache-2.0
#include <sinter/sinter.hpp>

int main() {
  sinter::tensor<float, 2, 3> x;
#ifdef SINTER_FIXED
  constexpr auto f = sinter::fn([](auto a) { return a + 1; });
  auto y = f(x);
#else
  constexpr auto f = sinter::fn([](auto a) { return a.id() >= 0 ? "a" : "b"; });
  auto y = f(x);
#endif
}
