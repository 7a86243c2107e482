// expect: library_call<F> F::result, which takes every operand, and F::run
// expect: shape<4>
// SPDX-License-Identifier: Apache-2.0
#include <sinter/sinter.hpp>

struct copy_of {  // of one operand
  static constexpr sinter::call_result result(const sinter::call_operand& a) { return {a.type(), sinter::shape{a.extent(0)}}; }
  static void run(auto a, auto y) { y = a; }
};

int main() {
  sinter::tensor<float, 4> x;
  constexpr auto f = sinter::fn([](auto v) {
#ifdef SINTER_FIXED
    return sinter::library_call<copy_of>(v);
#else
    return sinter::library_call<copy_of>(v, v);
#endif
  });
  auto y = f(x);
}
