// expect: sinter: this function takes steps along an axis, whose extent must be static; name it in the tensor's type
// expect: shape<3, -1>
// SPDX-License-Identifier: Apache-2.0
#include <sinter/sinter.hpp>

int main() {
  sinter::tensor<float, 3, sinter::dyn> x(4);
#ifdef SINTER_FIXED
  auto y = sinter::eval(sinter::cumsum(x, sinter::axis<0>));
#else
  auto y = sinter::eval(sinter::cumsum(x, sinter::axis<1>));
#endif
}
