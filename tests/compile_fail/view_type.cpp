// expect: sinter::view: the element type is none of sinter's; use float, double, sinter::float16, sinter::bfloat16, bool or an integer
// SPDX-License-Identifier: Apache-2.0
#include <sinter/sinter.hpp>

int main() {
  struct pixel {};
  pixel m[6] = {};
#ifdef SINTER_FIXED
  sinter::view<const float, 6> y(nullptr);
#else
  sinter::view<pixel, 6> y(m);
#endif
}
