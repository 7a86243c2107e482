// expect: sinter::sub: a range has a step below 1; write range<first, last, step> with a step of at least 1
// lines: 14
// SPDX-License-Identifier: Apache-2.0
#include <sinter/sinter.hpp>

int main() {
  sinter::tensor<float, 2, 3> x;
#ifdef SINTER_FIXED
  auto y = x.sub(sinter::all, sinter::range<0, 3, 1>);
#else
  auto y = x.sub(sinter::all, sinter::range<0, 3, 0>);
#endif
}
