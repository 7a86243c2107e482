// expect: sinter: the shape of the result and of what it is assigned to differ; assignment does not broadcast, use sinter::broadcast_to
// expect: shape<2, 3>
// expect: shape<3, 2>
// SPDX-License-Identifier: Apache-2.0
#include <sinter/sinter.hpp>

int main() {
  sinter::tensor<float, 2, 3> x;
  constexpr auto f = sinter::fn([](auto a) { return a + 1; });
  sinter::tensor<float, 3, 2> wrong;
  sinter::tensor<float, 2, 3> right;
#ifdef SINTER_FIXED
  f.into(right, x);
#else
  f.into(wrong, x);
#endif
}
