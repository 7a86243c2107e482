// expect: sinter: a const tensor or a view<const T, ...> cannot be written; name one that is not const
// SPDX-License-Identifier: Apache-2.0
#include <sinter/sinter.hpp>

constexpr auto both = sinter::fn([](auto x) { return std::tuple(x * 2, x + 1); });

void run(const sinter::tensor<float, 3>& x) {
  sinter::tensor<float, 3> y;
#ifdef SINTER_FIXED
  sinter::tensor<float, 3> z;
#else
  const sinter::tensor<float, 3> z;
#endif
  both.into(std::tie(y, z), x);
}
