// expect: sinter: this function has no meaning for complex elements; compute with sinter::real(x), sinter::imag(x) or sinter::abs(x)
// expect: std::complex<float>
// expect: shape<3>
// SPDX-License-Identifier: Apache-2.0
#include <sinter/complex.hpp>

int main() {
  sinter::tensor<std::complex<float>, 3> x, y;
#ifdef SINTER_FIXED
  auto z = sinter::eval(sinter::abs(x) < sinter::abs(y));
#else
  auto z = sinter::eval(x < y);
#endif
}
