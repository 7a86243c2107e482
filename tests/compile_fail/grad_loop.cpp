// expect: sinter::grad: reverse mode goes through the steps of a loop from the last to the first, and how many a while_loop has is known
// SPDX-License-Identifier: Apache-2.0
#include <sinter/sinter.hpp>

int main() {
  sinter::tensor<float, 3> x;
#ifdef SINTER_FIXED
  auto g = sinter::grad([](auto v) {
    return sum(sinter::fori_loop(
        0, 3, [](auto, auto c) { return c * 2; }, v));
  })(x);
#else
  auto g =
      sinter::grad([](auto v) { return sum(sinter::while_loop([](auto c) { return sum(c) < 100; }, [](auto c) { return c * 2; }, v)); })(x);
#endif
}
