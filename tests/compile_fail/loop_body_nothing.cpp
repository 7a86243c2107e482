// expect: sinter: the body of a loop must return as many values as it takes as carries
// SPDX-License-Identifier: Apache-2.0
#include <sinter/sinter.hpp>

constexpr auto f = sinter::fn([](auto x) {
#ifdef SINTER_FIXED
  return sinter::while_loop([](auto c) { return sum(c) < 9; }, [](auto c) { return c + 1; }, x);
#else
  return sinter::while_loop([](auto c) { return sum(c) < 9; }, [](auto c) { c = c + 1; }, x);
#endif
});

int main() {
  sinter::tensor<float, 4> x;
  auto y = f(x);
}
