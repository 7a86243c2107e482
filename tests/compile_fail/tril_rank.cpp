// expect: sinter: this function takes matrices, at least two axes; reshape the operand
// expect: shape<6>
// SPDX-License-Identifier: Apache-2.0
#include <sinter/sinter.hpp>

int main() {
  sinter::tensor<float, 6> x;
#ifdef SINTER_FIXED
  auto y = sinter::eval(sinter::tril(sinter::reshape<2, 3>(x)));
#else
  auto y = sinter::eval(sinter::tril(x));
#endif
}
