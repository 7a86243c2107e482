// SPDX-License-Identifier: Apache-2.0
// An element op that is not compiled for the device: nvcc must refuse it.
#include <sinter/cuda.hpp>

struct softsign {
  static constexpr const char* name = "softsign";
  auto operator()(auto x) const { return x / (1 + abs(x)); }
};
constexpr auto f = sinter::fn([](auto x) { return sinter::map<softsign>(x); });

void call(sinter::device::tensor<float, 1024>& y, const sinter::device::tensor<float, 1024>& x) { f.into(y, x); }
