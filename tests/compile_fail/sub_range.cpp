// expect: sinter::sub: a range leaves its axis or ends before it begins; keep 0 <= first <= last <= extent
// expect: range_t<0, 9
// lines: 15
// SPDX-License-Identifier: Apache-2.0
#include <sinter/sinter.hpp>

int main() {
  sinter::tensor<float, 2, 3> x;
#ifdef SINTER_FIXED
  auto y = x.sub(sinter::range<0, 2>, sinter::all);
#else
  auto y = x.sub(sinter::range<0, 9>, sinter::all);
#endif
}
