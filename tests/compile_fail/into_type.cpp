// expect: sinter: the element type of the result and of what it is assigned to differ; convert the expression with sinter::cast<T>(x)
// expect: float, double
// SPDX-License-Identifier: Apache-2.0
#include <sinter/sinter.hpp>

int main() {
  sinter::tensor<float, 2, 3> x;
  constexpr auto f = sinter::fn([](auto a) { return a + 1; });
  sinter::tensor<double, 2, 3> wrong;
  sinter::tensor<float, 2, 3> right;
#ifdef SINTER_FIXED
  f.into(right, x);
#else
  f.into(wrong, x);
#endif
}
