// expect: sinter: this function works along one axis; name one, for example axis<1>
// SPDX-License-Identifier: Apache-2.0
#include <sinter/sinter.hpp>

int main() {
  sinter::tensor<float, 2, 3> x;
#ifdef SINTER_FIXED
  auto y = sinter::eval(sinter::argmax(x));
#else
  auto y = sinter::eval(sinter::argmax(x, sinter::axis<0, 1>));
#endif
}
