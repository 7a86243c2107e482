// expect: sinter::shape: a tensor has at most 8 axes; reshape it to fewer
// SPDX-License-Identifier: Apache-2.0
#include <sinter/sinter.hpp>

int main() {
#ifdef SINTER_FIXED
  auto s = sinter::shape<1, 1, 1, 1, 1, 1, 1, 1>{};
#else
  auto s = sinter::shape<1, 1, 1, 1, 1, 1, 1, 1, 1>{};
#endif
}
