// expect: sinter: these shapes do not broadcast; make each pair of extents equal, or one of them a static 1 (reshape, transpose)
// expect: shape<2, 3>
// expect: shape<4>
// SPDX-License-Identifier: Apache-2.0
#include <sinter/sinter.hpp>

int main() {
  sinter::tensor<float, 2, 3> x;
  sinter::tensor<float, 4> q;
  sinter::tensor<float, 3> r;
  constexpr auto f = sinter::fn([](auto a, auto b) { return sinter::exp(a + b) * 2; });
#ifdef SINTER_FIXED
  auto y = f(x, r);
  (void)q, (void)y;
#else
  auto y = f(x, q);
  (void)r, (void)y;
#endif
}
