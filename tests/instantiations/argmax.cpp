// SPDX-License-Identifier: Apache-2.0
#include <cstdint>

#include <sinter/sinter.hpp>

constexpr auto f = sinter::fn([](auto x) { return sinter::argmax(x, sinter::axis<1>); });

sinter::tensor<std::int64_t, 50> argmax(const sinter::tensor<float, 50, 10>& x) { return f(x); }
