// SPDX-License-Identifier: Apache-2.0
#include <sinter/sinter.hpp>

using matrix = sinter::tensor<float, sinter::dyn, sinter::dyn>;

struct centred {
  static void run(auto& row) {
    const auto mean = row.sum([](auto x) { return x; }) / static_cast<float>(row.size());
    row.map([&](auto x) { return x - mean; });
  }
};

matrix centre(const matrix& x) { return sinter::map_rows<centred>(x); }
