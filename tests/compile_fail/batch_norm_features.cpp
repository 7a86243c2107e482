// expect: sinter::batch_norm: scale, offset, mean and variance are vectors of the operand's type with one element for each of its features
// expect: shape<2, 3, 4>
// SPDX-License-Identifier: Apache-2.0
#include <sinter/sinter.hpp>

int main() {
  sinter::tensor<float, 2, 3, 4> x;
  sinter::tensor<float, 4> v;
#ifdef SINTER_FIXED
  auto y = sinter::eval(sinter::batch_norm(x, v, v, v, v, sinter::axis<2>));
#else
  auto y = sinter::eval(sinter::batch_norm(x, v, v, v, v, sinter::axis<1>));
#endif
}
