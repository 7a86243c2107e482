// expect: sinter::sub: a range leaves its axis or ends before it begins; keep 0 <= first <= last <= extent
// expect: range_t<2, 1
// lines: 15
// SPDX-License-Identifier: Apache-2.0
#include <sinter/sinter.hpp>

int main() {
  sinter::tensor<float, sinter::dyn, 3> x(2);
#ifdef SINTER_FIXED
  auto y = x.sub(sinter::range<1, 2>, sinter::all);
#else
  auto y = x.sub(sinter::range<2, 1>, sinter::all);
#endif
}
