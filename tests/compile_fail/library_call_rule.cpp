// expect: sinter::dot: the last extent of the first operand and the last but one of the second differ
// expect: shape<3, 4>
// expect: shape<5>
// SPDX-License-Identifier: Apache-2.0
#include <sinter/sinter.hpp>

struct product {
  static constexpr sinter::call_result result(const sinter::call_operand& a, const sinter::call_operand& x) {
    a.require_equal(1, x, 0, sinter::inner_extents_differ);
    return {a.type(), sinter::shape{a.extent(0)}};
  }
  static void run(auto a, auto x, auto y) {
    for (int i = 0; i < a.extent(0); ++i) y(i) = a(i, 0) * x(0);
  }
};

int main() {
  sinter::tensor<float, 3, 4> a;
#ifdef SINTER_FIXED
  sinter::tensor<float, 4> x;
#else
  sinter::tensor<float, 5> x;
#endif
  auto y = sinter::eval(sinter::library_call<product>(a, x));
}
