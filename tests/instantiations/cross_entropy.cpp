// SPDX-License-Identifier: Apache-2.0
#include <cstdint>

#include <sinter/sinter.hpp>

constexpr auto f = sinter::fn([](auto x, auto labels) { return sinter::mean(sinter::cross_entropy(x, labels)); });

float loss(const sinter::tensor<float, sinter::dyn, 10>& x, const sinter::tensor<std::int32_t, sinter::dyn>& labels) {
  return f(x, labels)();
}
