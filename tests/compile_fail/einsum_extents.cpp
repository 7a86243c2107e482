// expect: sinter::einsum: axes with the same letter have different extents; rename one or reshape an operand
// SPDX-License-Identifier: Apache-2.0
#include <sinter/sinter.hpp>

int main() {
  sinter::tensor<float, 2, 3> x;
  sinter::tensor<float, 3, 5> w;
#ifdef SINTER_FIXED
  auto y = sinter::eval(sinter::einsum<"ij,jk->ik">(x, w));
#else
  auto y = sinter::eval(sinter::einsum<"ij,kj->ik">(x, w));
#endif
}
