// expect: sinter::to_dlpack: DLPack lets the receiver write, and this view only reads; copy it into a tensor
// SPDX-License-Identifier: Apache-2.0
#include <sinter/dlpack.hpp>
#include <sinter/sinter.hpp>

int main() {
  sinter::tensor<float, 2, 3> x;
#ifdef SINTER_FIXED
  auto d = sinter::to_dlpack(x);
#else
  auto d = sinter::to_dlpack(sinter::view<const float, 2, 3>(x));
#endif
}
