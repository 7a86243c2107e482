// expect: sinter: this function takes steps along an axis, whose extent must be static; name it in the tensor's type
// SPDX-License-Identifier: Apache-2.0
#include <sinter/complex.hpp>

int main() {
#ifdef SINTER_FIXED
  sinter::tensor<std::complex<float>, 3> x;
#else
  sinter::tensor<std::complex<float>, sinter::dyn> x(3);
#endif
  auto y = sinter::eval(sinter::prod(x));
}
