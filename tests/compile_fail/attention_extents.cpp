// expect: sinter::attention: queries and keys must have equal last extents, keys and values as many rows (second last extents)
// expect: shape<4, 9, 16>
// expect: shape<4, 10, 16>
// SPDX-License-Identifier: Apache-2.0
#include <sinter/sinter.hpp>

int main() {
  sinter::tensor<float, 4, 8, 16> q;
  sinter::tensor<float, 4, 9, 16> k;
#ifdef SINTER_FIXED
  sinter::tensor<float, 4, 9, 16> v;
#else
  sinter::tensor<float, 4, 10, 16> v;
#endif
  auto y = sinter::eval(sinter::attention(q, k, v));
}
