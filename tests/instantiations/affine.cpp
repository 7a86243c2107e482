// SPDX-License-Identifier: Apache-2.0
#include <sinter/sinter.hpp>

constexpr auto f = sinter::fn([](auto a, auto x, auto b, auto y, auto c) { return a * x + b * y + c; });

sinter::tensor<float, 64> affine(const sinter::tensor<float, 64>& x, const sinter::tensor<float, 64>& y) { return f(x, y, x, y, 0.5f); }
