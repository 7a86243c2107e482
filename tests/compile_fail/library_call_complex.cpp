// expect: sinter: this function has no meaning for complex elements
// SPDX-License-Identifier: Apache-2.0
#include <sinter/complex.hpp>
#include <sinter/sinter.hpp>

struct copy_of {
  static constexpr sinter::call_result result(const sinter::call_operand& a) { return {sinter::dtype::f32, sinter::shape{a.extent(0)}}; }
  static void run(auto a, auto y) { y = a; }
};

int main() {
  sinter::tensor<std::complex<float>, 4> x;
#ifdef SINTER_FIXED
  auto y = sinter::fn([](auto v) { return sinter::library_call<copy_of>(sinter::real(v)); })(x);
#else
  auto y = sinter::fn([](auto v) { return sinter::library_call<copy_of>(v); })(x);
#endif
}
