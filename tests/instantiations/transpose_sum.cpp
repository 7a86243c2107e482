// SPDX-License-Identifier: Apache-2.0
#include <sinter/sinter.hpp>

using sinter::dyn;

constexpr auto f = sinter::fn([](auto x) { return sinter::sum(sinter::transpose(x), sinter::axis<0>); });

sinter::tensor<float, dyn> transpose_sum(const sinter::tensor<float, dyn, dyn>& x) { return f(x); }
