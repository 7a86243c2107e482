// expect: sinter::tiles: rows * vectors + vectors + 1 must not exceed the vector registers
// SPDX-License-Identifier: Apache-2.0
#include <sinter/sinter.hpp>

constexpr auto f = sinter::fn([](auto a, auto b) { return sinter::dot(a, b); });

int main() {
  sinter::tensor<float, 64, 64> a, b;
#ifdef SINTER_FIXED
  using knobs = sinter::schedule<sinter::tiles<4, 2>>;
#else
  using knobs = sinter::schedule<sinter::tiles<12, 4>>;
#endif
  auto y = f.with<knobs>()(a, b);
}
