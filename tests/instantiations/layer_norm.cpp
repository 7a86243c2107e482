// SPDX-License-Identifier: Apache-2.0
#include <sinter/sinter.hpp>

using sinter::dyn;

constexpr auto f = sinter::fn([](auto x, auto w, auto b) { return sinter::layer_norm(x, sinter::axis<1>) * w + b; });

sinter::tensor<float, dyn, 768> layer_norm(const sinter::tensor<float, dyn, 768>& x, const sinter::tensor<float, 768>& w,
                                           const sinter::tensor<float, 768>& b) {
  return f(x, w, b);
}
