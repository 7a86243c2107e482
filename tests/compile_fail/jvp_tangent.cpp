// expect: sinter: a tangent or cotangent must have the shape and element type of the argument or result that it belongs to
// expect: shape<3, 4>, float, sinter::shape<4>
// SPDX-License-Identifier: Apache-2.0
#include <sinter/sinter.hpp>

int main() {
  sinter::tensor<float, 3, 4> x;
#ifdef SINTER_FIXED
  auto g = sinter::jvp([](auto v) { return exp(v); })(x, x);
#else
  auto g = sinter::jvp([](auto v) { return exp(v); })(x, sinter::tensor<float, 4>());
#endif
}
