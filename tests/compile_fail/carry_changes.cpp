// expect: sinter: the body of a loop, or one side of a cond, returns a value of another type or shape than it took
// expect: shape<4>
// SPDX-License-Identifier: Apache-2.0
#include <sinter/sinter.hpp>

#ifdef SINTER_FIXED
constexpr auto f = sinter::fn([](auto x) {
  return sinter::fori_loop(
      0, 3, [](auto, auto c) { return c * 2; }, x);
});
#else
constexpr auto f = sinter::fn([](auto x) {
  return sinter::fori_loop(
      0, 3, [](auto, auto c) { return sinter::sum(c); }, x);
});
#endif

int main() {
  sinter::tensor<float, 4> x;
  auto y = f(x);
}
