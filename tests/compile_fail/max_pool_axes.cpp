// expect: sinter: windows need a size, step and dilation above 0, none for more axes than there are; a pool is over the axes before
// expect: shape<2, 8, 8, 3>
// SPDX-License-Identifier: Apache-2.0
#include <sinter/sinter.hpp>

int main() {
  sinter::tensor<float, 2, 8, 8, 3> x;
#ifdef SINTER_FIXED
  auto y = sinter::eval(sinter::max_pool<2, 2>(x, sinter::window_strides<2, 2>));
#else
  auto y = sinter::eval(sinter::max_pool<2, 2>(x, sinter::window_strides<2>));
#endif
}
