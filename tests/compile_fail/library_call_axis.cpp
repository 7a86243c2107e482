// expect: sinter: this axis does not exist in the operand's shape
// SPDX-License-Identifier: Apache-2.0
#include <sinter/sinter.hpp>

struct copy_of {
  static constexpr int ranks[] = {1};
#ifdef SINTER_FIXED
  static constexpr int last = 0;
#else
  static constexpr int last = 1;
#endif
  static constexpr sinter::call_result result(const sinter::call_operand& a) { return {a.type(), sinter::shape{a.extent(last)}}; }
  static void run(auto a, auto y) {
    for (int i = 0; i < y.extent(0); ++i) y(i) = a(i);
  }
};

int main() {
  sinter::tensor<float, 3, 4> x;
  auto y = sinter::fn([](auto v) { return sinter::library_call<copy_of>(v); })(x);
}
