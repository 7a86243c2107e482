// expect: sinter::complex: the parts must be float or double; convert them with sinter::cast<float>(x)
// SPDX-License-Identifier: Apache-2.0
#include <sinter/complex.hpp>

int main() {
  sinter::tensor<int, 3> x;
#ifdef SINTER_FIXED
  auto z = sinter::eval(sinter::complex(sinter::cast<float>(x), 0));
#else
  auto z = sinter::eval(sinter::complex(x, 0));
#endif
}
