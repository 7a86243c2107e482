// SPDX-License-Identifier: Apache-2.0
#include <sinter/sinter.hpp>

using matrix = sinter::tensor<float, sinter::dyn, 128>;

constexpr auto f = sinter::fn([](auto x, auto w, auto b) { return sinter::relu(sinter::dot(x, w) + b); });

matrix layer(const matrix& x, const sinter::tensor<float, 128, 128>& w, const sinter::tensor<float, 128>& b) { return f(x, w, b); }
