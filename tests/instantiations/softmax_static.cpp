// SPDX-License-Identifier: Apache-2.0
#include <sinter/sinter.hpp>

constexpr auto f = sinter::fn([](auto x) { return sinter::softmax(x, sinter::axis<1>); });

sinter::tensor<float, 32, 64> softmax(const sinter::tensor<float, 32, 64>& x) { return f(x); }
