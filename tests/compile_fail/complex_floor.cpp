// expect: sinter: this function has no meaning for complex elements; compute with sinter::real(x), sinter::imag(x) or sinter::abs(x)
// SPDX-License-Identifier: Apache-2.0
#include <sinter/complex.hpp>

int main() {
  sinter::tensor<std::complex<double>, 3> x;
#ifdef SINTER_FIXED
  auto z = sinter::eval(sinter::complex(sinter::floor(sinter::real(x)), sinter::floor(sinter::imag(x))));
#else
  auto z = sinter::eval(sinter::floor(x));
#endif
}
