// expect: sinter::vmap: the batched arguments must have the axis that is mapped over
// expect: shape<3, 4>
// SPDX-License-Identifier: Apache-2.0
#include <sinter/sinter.hpp>

int main() {
  sinter::tensor<float, 3, 4> x;
#ifdef SINTER_FIXED
  auto g = sinter::vmap<sinter::in_axes<1>>([](auto v) { return v * 2; })(x);
#else
  auto g = sinter::vmap<sinter::in_axes<2>>([](auto v) { return v * 2; })(x);
#endif
}
