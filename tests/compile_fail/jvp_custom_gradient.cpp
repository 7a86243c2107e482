// expect: sinter::jvp: a function with a custom_gradient has a rule for reverse mode only; use sinter::grad, vjp or jacrev
// SPDX-License-Identifier: Apache-2.0
#include <sinter/sinter.hpp>

constexpr auto rounded = sinter::custom_gradient([](auto x) { return round(x); }, [](auto ct, auto) { return ct; });

int main() {
  sinter::tensor<float, 3, 4> x;
#ifdef SINTER_FIXED
  auto g = sinter::vjp(rounded)(x, x);
#else
  auto g = sinter::jvp(rounded)(x, x);
#endif
}
