// expect: sinter: the functor lacks a member;
// expect: library_call<F> F::result, which takes every operand, and F::run
// expect: shape<2, 3>
// SPDX-License-Identifier: Apache-2.0
#include <sinter/sinter.hpp>

struct copy_of {
  static constexpr sinter::call_result result(const sinter::call_operand& a) { return {a.type(), sinter::shape{a.extent(0), a.extent(1)}}; }
#ifdef SINTER_FIXED
  static void run(auto a, auto y) { y = a; }
#endif
};

int main() {
  sinter::tensor<float, 2, 3> x;
  auto y = sinter::eval(sinter::library_call<copy_of>(x));
}
