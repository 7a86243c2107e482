// SPDX-License-Identifier: Apache-2.0
// Must not compile: sinter/cuda.hpp includes no more than this, which cannot run on the host, and says so.
#include <sinter/run/function.hpp>

int main() {
  constexpr auto f = sinter::fn([](auto a) { return a + 1; });
  sinter::tensor<float, 4> x;
  auto y = f(x);
}
