// SPDX-License-Identifier: Apache-2.0
// What users write and several tests run: an element op, two reductions, a row program.
#pragma once

#include <sinter/sinter.hpp>

namespace ours {

struct softsign {
  static constexpr const char* name = "softsign";
  auto operator()(auto x) const { return x / (1 + abs(x)); }
};
struct largest_size {
  static constexpr int identity = 0;
  static auto accumulate(auto acc, auto x) { return maximum(acc, abs(x)); }
  static auto combine(auto a, auto b) { return maximum(a, b); }
};
struct norm {
  static constexpr int identity = 0;
  static auto accumulate(auto acc, auto x) { return acc + x * x; }
  static auto combine(auto a, auto b) { return a + b; }
  static auto finish(auto acc) { return sqrt(acc); }
};
struct shifted_softmax {
  static constexpr const char* name = "shifted softmax";
  static void run(auto& row) {
    const auto top = row.max([](auto x, auto b) { return x + b; });
    const auto total = row.sum([&](auto x, auto b) { return exp(x + b - top); });
    row.map([&](auto x, auto b) { return exp(x + b - top) / total; });
  }
};

}  // namespace ours
