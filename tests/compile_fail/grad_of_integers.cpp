// expect: sinter: a derivative is taken with respect to an argument that is not floating-point; name other arguments (grad<1>(f)), or
// expect: int, sinter::shape<4>
// SPDX-License-Identifier: Apache-2.0
#include <sinter/sinter.hpp>

int main() {
  sinter::tensor<float, 3, 4> x;
#ifdef SINTER_FIXED
  auto g = sinter::grad<0>([](auto v, auto i) { return sum(v * sinter::cast<float>(i)); })(x, sinter::tensor<int, 4>());
#else
  auto g = sinter::grad<1>([](auto v, auto i) { return sum(v * sinter::cast<float>(i)); })(x, sinter::tensor<int, 4>());
#endif
}
