// expect: sinter: .safetensors files have no name for complex<double>; save real and imaginary parts
// lines: 15
// SPDX-License-Identifier: Apache-2.0
#include <sinter/complex.hpp>
#include <sinter/safetensors.hpp>

int main() {
#ifdef SINTER_FIXED
  sinter::tensor<std::complex<float>, 2> z;
#else
  sinter::tensor<std::complex<double>, 2> z;
#endif
  sinter::save_safetensors("z.safetensors", "z", z);
}
