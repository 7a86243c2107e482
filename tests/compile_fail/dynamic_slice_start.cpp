// expect: sinter: a start must be one integer, one start an axis; take one element of the tensor
// expect: shape<2>
// SPDX-License-Identifier: Apache-2.0
#include <sinter/sinter.hpp>

constexpr auto f = sinter::fn([](auto x, auto i) {
#ifdef SINTER_FIXED
  return sinter::dynamic_slice<1, 2>(x, 0, sinter::reshape(slice(i, sinter::range<0, 1>), sinter::shape{}));
#else
  return sinter::dynamic_slice<1, 2>(x, 0, i);
#endif
});
int main() { auto y = f(sinter::tensor<float, 2, 3>(), sinter::tensor<int, 2>()); }
