// expect: sinter: a condition must be one traced bool; reduce it with any or all (if constexpr chooses by a constant)
// SPDX-License-Identifier: Apache-2.0
#include <sinter/sinter.hpp>

constexpr bool doubles = true;
constexpr auto f = sinter::fn([](auto x) {
#ifdef SINTER_FIXED
  if constexpr (doubles) return x * 2;
  else return x;
#else
  return sinter::cond(
      doubles, [=] { return x * 2; }, [=] { return x; });
#endif
});

int main() {
  sinter::tensor<float, 4> x;
  auto y = f(x);
}
