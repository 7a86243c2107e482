// expect: sinter: the function takes no such arguments, or another number of them; write an axis as axis<1>, and maximum(a, b) for the larger of two tensors
// expect: number<2>
// expect: shape<2, 3>
// SPDX-License-Identifier: Apache-2.0
#include <sinter/sinter.hpp>

int main() {
  sinter::tensor<float, 2, 3> x;
#ifdef SINTER_FIXED
  auto y = sinter::fn([](auto a) { return sinter::sum(a, sinter::axis<1>); })(x);
#else
  auto y = sinter::fn([](auto a) { return sinter::sum(a, 1); })(x);
#endif
}
