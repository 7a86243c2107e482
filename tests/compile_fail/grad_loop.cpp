// expect: sinter::grad: no derivative is known of an op on the way, one of the user's or a loop
// SPDX-License-Identifier: Apache-2.0
#include <sinter/sinter.hpp>

int main() {
  sinter::tensor<float, 3> x;
#ifdef SINTER_FIXED
  auto g = sinter::grad([](auto v) {
    for (int i = 0; i < 3; ++i) v = v * 2;
    return sum(v);
  })(x);
#else
  auto g = sinter::grad([](auto v) {
    return sum(sinter::fori_loop(
        0, 3, [](auto, auto c) { return c * 2; }, v));
  })(x);
#endif
}
