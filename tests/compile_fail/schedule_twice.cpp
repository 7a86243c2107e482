// expect: sinter::schedule: two of its entries say the same thing differently; keep one of each kind
// SPDX-License-Identifier: Apache-2.0
#include <sinter/sinter.hpp>

int main() {
  constexpr auto f = sinter::fn([](auto x) { return x * 2; });
  sinter::tensor<float, 4> x;
#ifdef SINTER_FIXED
  sinter::tensor<float, 4> y = f.with<sinter::schedule<sinter::packets<4>>>()(x);
#else
  sinter::tensor<float, 4> y = f.with<sinter::schedule<sinter::packets<4>, sinter::packets<2>>>()(x);
#endif
}
