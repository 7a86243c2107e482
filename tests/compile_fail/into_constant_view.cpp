// expect: sinter: a const tensor or a view<const T, ...> cannot be written; name one that is not const
// expect: shape<2, 3>
// SPDX-License-Identifier: Apache-2.0
#include <sinter/sinter.hpp>

constexpr auto f = sinter::fn([](auto a) { return sinter::exp(a); });

int main() {
  sinter::tensor<float, 2, 3> x;
  sinter::tensor<float, 2, 3> y;
#ifdef SINTER_FIXED
  f.into(y, x);
#else
  sinter::view<const float, 2, 3> v(y);
  f.into(v, x);
#endif
}
