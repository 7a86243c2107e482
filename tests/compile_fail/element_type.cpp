// expect: sinter::tensor: the element type is none of sinter's; use float, double, sinter::float16, sinter::bfloat16, bool or an integer
// SPDX-License-Identifier: Apache-2.0
#include <sinter/sinter.hpp>

int main() {
  struct pixel {};
#ifdef SINTER_FIXED
  sinter::tensor<float, 2> y;
#else
  sinter::tensor<pixel, 2> y;
#endif
}
