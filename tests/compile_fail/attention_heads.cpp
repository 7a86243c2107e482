// expect: sinter::attention: the heads of the queries must be a multiple of the heads of the keys (third last extents)
// expect: shape<4, 8, 16>
// expect: shape<3, 9, 16>
// SPDX-License-Identifier: Apache-2.0
#include <sinter/sinter.hpp>

int main() {
  sinter::tensor<float, 4, 8, 16> q;
#ifdef SINTER_FIXED
  sinter::tensor<float, 2, 9, 16> k, v;
#else
  sinter::tensor<float, 3, 9, 16> k, v;
#endif
  auto y = sinter::eval(sinter::attention(q, k, v));
}
