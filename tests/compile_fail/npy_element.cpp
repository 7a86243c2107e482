// lines: 14
// expect: sinter::load_npy: name the tensor to make: load_npy<sinter::tensor<float, sinter::dyn, 3>>(path)
// expect: float
// SPDX-License-Identifier: Apache-2.0
#include <sinter/npy.hpp>
#include <sinter/sinter.hpp>

int main() {
#ifdef SINTER_FIXED
  auto y = sinter::load_npy<sinter::tensor<float, 4>>("a.npy");
#else
  auto y = sinter::load_npy<float>("a.npy");
#endif
}
