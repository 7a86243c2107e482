// expect: sinter::fn: `into` writes to tensors and views; for a single number pass a sinter::tensor<T>
// expect: float
// SPDX-License-Identifier: Apache-2.0
#include <sinter/sinter.hpp>

constexpr auto f = sinter::fn([](auto a) { return sinter::sum(a); });
float s;

int main() {
  sinter::tensor<float, 2, 3> x;
  sinter::tensor<float> y;
#ifdef SINTER_FIXED
  f.into(y, x);
  (void)s;
#else
  f.into(s, x);
#endif
}
