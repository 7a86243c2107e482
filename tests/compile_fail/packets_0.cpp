// expect: sinter::packets: the packets in flight must be a power of two from 1 to 64; write packets<4>
// SPDX-License-Identifier: Apache-2.0
#include <sinter/sinter.hpp>

constexpr auto f = sinter::fn([](auto a) { return sinter::exp(a) + 1; });

int main() {
  sinter::tensor<float, 2, 3> x;
#ifdef SINTER_FIXED
  auto y = f(x);
#else
  auto y = f.with<sinter::schedule<sinter::packets<0> > >()(x);
#endif
}
