// expect: sinter: loops run inside of sinter::fn, whose arguments are the tensors; they carry traced values, numbers beside these, and
// SPDX-License-Identifier: Apache-2.0
#include <sinter/sinter.hpp>

int main() {
#ifdef SINTER_FIXED
  float y = 1;
  for (int i = 0; i < 10; ++i) y *= 2;
#else
  auto y = sinter::fori_loop(
      0, 10, [](auto, auto c) { return c * 2; }, 1.0f);
#endif
}
