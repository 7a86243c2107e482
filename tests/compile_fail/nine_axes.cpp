// expect: sinter::tensor: a tensor has at most 8 axes; reshape it to fewer
// SPDX-License-Identifier: Apache-2.0
#include <sinter/sinter.hpp>

int main() {
#ifdef SINTER_FIXED
  sinter::tensor<float, 1, 1, 1, 1, 1, 1, 1, 1> y;
#else
  sinter::tensor<float, 1, 1, 1, 1, 1, 1, 1, 1, 1> y;
#endif
}
