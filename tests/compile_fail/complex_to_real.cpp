// expect: sinter::cast: a complex number is no real one; take sinter::real(x), sinter::imag(x) or sinter::abs(x)
// SPDX-License-Identifier: Apache-2.0
#include <sinter/complex.hpp>

int main() {
  sinter::tensor<std::complex<float>, 3> x;
#ifdef SINTER_FIXED
  auto z = sinter::eval(sinter::real(x));
#else
  auto z = sinter::eval(sinter::cast<float>(x));
#endif
}
