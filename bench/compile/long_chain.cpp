// SPDX-License-Identifier: Apache-2.0
// 250 rounds of four nodes, one dependent chain: tracing and planning at length, without special compiler flags.
#include <sinter/sinter.hpp>

constexpr auto f = sinter::fn([](auto x) {
  auto y = x;
  for (int i = 0; i < 250; ++i) y = sinter::maximum(y * (0.25f + static_cast<float>(i)), x) - x;
  return y;
});

sinter::tensor<float, 64, 64> chain(const sinter::tensor<float, 64, 64>& x) { return f(x); }
