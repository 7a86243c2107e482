// expect: floating-point
// SPDX-License-Identifier: Apache-2.0
#include <sinter/optim.hpp>

int main() {
#ifdef SINTER_FIXED
  sinter::tensor<float, 4> p, g;
#else
  sinter::tensor<int, 4> p, g;
#endif
  auto next = sinter::sgd(p, g, 0.1f);
}
