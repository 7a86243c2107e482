// expect: sinter: this function needs f32 or f64; convert the operand with sinter::cast<float>(x)
// expect: int
// expect: shape<3, 3>
// SPDX-License-Identifier: Apache-2.0
#include <sinter/eigen_linalg.hpp>

int main() {
  sinter::tensor<int, 3, 3> a;
#ifdef SINTER_FIXED
  auto y = sinter::eval(sinter::inv(sinter::cast<float>(a)));
#else
  auto y = sinter::eval(sinter::inv(a));
#endif
}
