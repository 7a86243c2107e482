// expect: sinter: a new axis needs a static extent; write a number of 0 or more where this shape has sinter::dyn or a negative one
// expect: shape<-1>
// SPDX-License-Identifier: Apache-2.0
#include <sinter/sinter.hpp>

int main() {
#ifdef SINTER_FIXED
  auto y = sinter::eval(sinter::iota<float, 3>(sinter::axis<0>));
#else
  auto y = sinter::eval(sinter::iota<float, sinter::dyn>(sinter::axis<0>));
#endif
}
