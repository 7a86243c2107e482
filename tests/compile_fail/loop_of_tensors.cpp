// expect: sinter: loops run inside of sinter::fn, whose arguments are the tensors
// SPDX-License-Identifier: Apache-2.0
#include <sinter/sinter.hpp>

int main() {
  sinter::tensor<float, 3> x;
#ifdef SINTER_FIXED
  constexpr auto f = sinter::fn([](auto v) {
    return sinter::fori_loop(
        0, 10, [](auto, auto c) { return c * 2; }, v);
  });
  auto y = f(x);
#else
  auto y = sinter::fori_loop(
      0, 10, [](auto, auto c) { return c * 2; }, x);
#endif
}
