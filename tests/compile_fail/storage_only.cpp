// expect: sinter: this element type can be stored but not computed with; convert it with sinter::cast<T>(x)
// expect: shape<2, 3>
// SPDX-License-Identifier: Apache-2.0
#include <sinter/sinter.hpp>

struct quantised {
  static constexpr sinter::value trace(sinter::value x) {
#ifdef SINTER_FIXED
    constexpr auto narrow = sinter::dtype::i8;
#else
    constexpr auto narrow = sinter::dtype::i4;
#endif
    return sinter::abs(sinter::ops::cast::trace(x, narrow));
  }
};

int main() {
  sinter::tensor<float, 2, 3> x;
  auto y = sinter::eval(sinter::suspend<quantised>(x));
}
