// expect: sinter::fn: `into` cannot write to a const tensor
// SPDX-License-Identifier: Apache-2.0
#include <sinter/sinter.hpp>

constexpr auto twice = sinter::fn([](auto x) { return x * 2; });

void run(const sinter::tensor<float, 3>& x) {
#ifdef SINTER_FIXED
  sinter::tensor<float, 3> y;
#else
  const sinter::tensor<float, 3> y;
#endif
  twice.into(y, x);
}
