// expect: sinter: parameters, gradients and the optimiser's state must be alike, leaf by leaf; take gradients by sinter::grad and the state from sinter::adam_init(parameters)
// expect: shape<3>
// lines: 21
// SPDX-License-Identifier: Apache-2.0
#include <sinter/optim.hpp>

int main() {
  sinter::tensor<float, 4> p, g;
#ifdef SINTER_FIXED
  auto state = sinter::adam_init(p);
#else
  auto state = sinter::adam_init(sinter::tensor<float, 3>());
#endif
  const auto next_and_state = sinter::adam(p, g, state, 0.1f);
}
