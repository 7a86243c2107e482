// expect: sinter: an operand has a rank that this function does not take; reshape it
// expect: float
// SPDX-License-Identifier: Apache-2.0
#include <sinter/sinter.hpp>

struct centre {
  static constexpr void run(auto row) {
    const auto s = row.sum([](auto a) { return a; });
    row.map([=](auto a) { return a - s; });
  }
};

int main() {
  sinter::tensor<float, 2, 3> x;
#ifdef SINTER_FIXED
  auto y = sinter::eval(sinter::map_rows<centre>(x));
#else
  sinter::tensor<float> s;
  auto y = sinter::eval(sinter::map_rows<centre>(s));
#endif
}
