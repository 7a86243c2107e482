// expect: sinter::fn: `into` needs one destination for each result; put several into std::tie(a, b)
// expect: number<1>
// expect: number<2>
// SPDX-License-Identifier: Apache-2.0
#include <sinter/sinter.hpp>

int main() {
  sinter::tensor<float, 2, 3> x;
  constexpr auto f = sinter::fn([](auto a) { return std::tuple(a + 1, a + 2); });
  sinter::tensor<float, 2, 3> y, z;
#ifdef SINTER_FIXED
  f.into(std::tie(y, z), x);
#else
  f.into(y, x);
#endif
}
