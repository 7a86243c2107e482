// expect: sinter: this type is no tensor, view, expression or number; wrap memory in sinter::view<T, extents...>(pointer)
// expect: float
// SPDX-License-Identifier: Apache-2.0
#include <sinter/sinter.hpp>

int main() {
  float memory[6] = {};
  constexpr auto f = sinter::fn([](auto a) { return a + 1; });
  float* p = memory;
#ifdef SINTER_FIXED
  auto y = f(sinter::view<float, 2, 3>(p));
#else
  auto y = f(p);
#endif
}
