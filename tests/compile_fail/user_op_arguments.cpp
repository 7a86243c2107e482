// expect: sinter: the function takes no such arguments, or another number of them; write an axis as axis<1>, and maximum(a, b) for the larger of two tensors
// expect: number<1>
// expect: shape<2, 3>
// SPDX-License-Identifier: Apache-2.0
#include <sinter/sinter.hpp>

struct scaled {
  static constexpr sinter::value trace(sinter::value x, sinter::value s) { return x * s; }
};

int main() {
  sinter::tensor<float, 2, 3> x;
#ifdef SINTER_FIXED
  auto y = sinter::eval(sinter::suspend<scaled>(x, 2));
#else
  auto y = sinter::eval(sinter::suspend<scaled>(x));
#endif
}
