// expect: sinter::vmap: the batched arguments must have the axis that is mapped over, with equal extents; name the axes:
// expect: shape<4>
// SPDX-License-Identifier: Apache-2.0
#include <sinter/sinter.hpp>

int main() {
  sinter::tensor<float, 3, 4> x;
#ifdef SINTER_FIXED
  auto g = sinter::vmap([](auto v, auto w) { return v * w; })(x, sinter::tensor<float, 3>());
#else
  auto g = sinter::vmap([](auto v, auto w) { return v * w; })(x, sinter::tensor<float, 4>());
#endif
}
