// expect: sinter::fft: rfft takes real numbers, the others complex ones, of as many elements as the lengths say (irfft: n / 2 + 1);
// expect: std::complex<float>
// expect: shape<2, 8>
// SPDX-License-Identifier: Apache-2.0
#include <complex>

#include <sinter/complex.hpp>
#include <sinter/fft.hpp>

int main() {
  sinter::tensor<std::complex<float>, 2, 8> x;
#ifdef SINTER_FIXED
  auto y = sinter::eval(sinter::fft(x));
#else
  auto y = sinter::eval(sinter::rfft(x));
#endif
}
