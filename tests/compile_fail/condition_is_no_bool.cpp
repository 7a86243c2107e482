// expect: sinter: a condition must be one traced bool; reduce it with any or all
// SPDX-License-Identifier: Apache-2.0
#include <sinter/sinter.hpp>

#ifdef SINTER_FIXED
constexpr auto f =
    sinter::fn([](auto x) { return sinter::while_loop([](auto c) { return sinter::any(c < 9); }, [](auto c) { return c + 1; }, x); });
#else
constexpr auto f = sinter::fn([](auto x) { return sinter::while_loop([](auto c) { return c < 9; }, [](auto c) { return c + 1; }, x); });
#endif

int main() {
  sinter::tensor<float, 4> x;
  auto y = f(x);
}
