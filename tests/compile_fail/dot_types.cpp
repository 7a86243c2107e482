// expect: sinter: these element types differ; convert one operand with sinter::cast<T>(x)
// expect: shape<2, 3>
// expect: shape<3, 2>
// expect: float, double
// SPDX-License-Identifier: Apache-2.0
#include <sinter/sinter.hpp>

int main() {
  sinter::tensor<float, 2, 3> x;
  sinter::tensor<double, 3, 2> w;
#ifdef SINTER_FIXED
  auto y = sinter::eval(sinter::dot(x, sinter::cast<float>(w)));
#else
  auto y = sinter::eval(sinter::dot(x, w));
#endif
}
