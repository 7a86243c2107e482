// expect: sinter: .npy files have no name for bfloat16; save sinter::cast<float>(x), load a tensor of float and cast it
// lines: 15
// SPDX-License-Identifier: Apache-2.0
#include <sinter/npy.hpp>
#include <sinter/sinter.hpp>

int main() {
#ifdef SINTER_FIXED
  auto y = sinter::load_npy<sinter::tensor<float, 4>>("a.npy");
#else
  auto y = sinter::load_npy<sinter::tensor<sinter::bfloat16, 4>>("a.npy");
#endif
}
