// expect: sinter::save_npy: this is no tensor, view or expression; make a tensor of it: sinter::tensor<float>(2)
// expect: double
// SPDX-License-Identifier: Apache-2.0
#include <sinter/npy.hpp>
#include <sinter/sinter.hpp>

int main() {
  sinter::tensor<float, 2, 3> x;
#ifdef SINTER_FIXED
  sinter::save_npy("a.npy", x);
#else
  sinter::save_npy("a.npy", 2.0);
#endif
}
