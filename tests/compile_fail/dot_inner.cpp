// expect: sinter::dot: the last extent of the first operand and the last but one of the second differ; transpose or reshape one of them
// expect: shape<2, 3>
// expect: shape<2, 5>
// SPDX-License-Identifier: Apache-2.0
#include <sinter/sinter.hpp>

int main() {
  sinter::tensor<float, 2, 3> x;
  sinter::tensor<float, 2, 5> w;
#ifdef SINTER_FIXED
  auto y = sinter::eval(sinter::dot(sinter::transpose(x), w));
#else
  auto y = sinter::eval(sinter::dot(x, w));
#endif
}
