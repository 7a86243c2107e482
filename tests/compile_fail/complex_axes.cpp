// expect: sinter: a tensor of complex elements has at most 7 axes; reshape it to fewer
// SPDX-License-Identifier: Apache-2.0
#include <sinter/complex.hpp>

int main() {
  sinter::tensor<std::complex<float>, 2, 2, 2, 2, 2, 2, 2, 2> x;
#ifdef SINTER_FIXED
  sinter::tensor<std::complex<float>, 2, 2, 2, 2, 2, 2, 2> y;
  y = y + 1;
#else
  x = x + 1;
#endif
}
