// expect: sinter::einsum: an operand has another number of axes than the specification has letters for it
// expect: shape<3, 5>
// SPDX-License-Identifier: Apache-2.0
#include <sinter/sinter.hpp>

int main() {
  sinter::tensor<float, 2, 3> x;
  sinter::tensor<float, 3, 5> w;
#ifdef SINTER_FIXED
  auto y = sinter::eval(sinter::einsum<"ij,jk->ik">(x, w));
#else
  auto y = sinter::eval(sinter::einsum<"ij,jkl->ikl">(x, w));
#endif
}
