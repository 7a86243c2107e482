// expect: sinter: this function has no meaning for complex elements
// SPDX-License-Identifier: Apache-2.0
#include <sinter/complex.hpp>
#include <sinter/sinter.hpp>

struct twice {
#ifdef SINTER_FIXED
  static constexpr sinter::dtype type = sinter::dtype::f32;
#else
  static constexpr sinter::dtype type = sinter::dtype::complex64;
#endif
  static constexpr sinter::call_result result(const sinter::call_operand& a) { return {type, sinter::shape{a.extent(0)}}; }
  static void run(auto a, auto y) {
    for (int i = 0; i < y.extent(0); ++i) y(i) = a(i) * 2;
  }
};

int main() {
  sinter::tensor<float, 4> x;
  auto y = sinter::fn([](auto v) { return sinter::library_call<twice>(v); })(x);
}
