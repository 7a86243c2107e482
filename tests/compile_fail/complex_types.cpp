// expect: sinter: these element types differ; convert one operand with sinter::cast<T>(x)
// expect: std::complex<float>
// SPDX-License-Identifier: Apache-2.0
#include <sinter/complex.hpp>

int main() {
  sinter::tensor<std::complex<float>, 3> x;
  sinter::tensor<float, 3> y;
#ifdef SINTER_FIXED
  auto z = sinter::eval(x * sinter::cast<std::complex<float>>(y));
#else
  auto z = sinter::eval(x * y);
#endif
}
