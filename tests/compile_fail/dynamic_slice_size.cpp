// expect: sinter: a part needs a size (none beyond the operand's extent) and a start for each axis of the operand; leave none out
// expect: shape<2, 3>
// expect: shape<1, 4>
// SPDX-License-Identifier: Apache-2.0
#include <sinter/sinter.hpp>

int main() {
  sinter::tensor<float, 2, 3> x;
#ifdef SINTER_FIXED
  auto y = sinter::eval(sinter::dynamic_slice<1, 3>(x, 0, 0));
#else
  auto y = sinter::eval(sinter::dynamic_slice<1, 4>(x, 0, 0));
#endif
}
