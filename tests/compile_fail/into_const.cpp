// expect: sinter: a const tensor or a view<const T, ...> cannot be written; name one that is not const
// SPDX-License-Identifier: Apache-2.0
#include <sinter/sinter.hpp>

constexpr auto twice = sinter::fn([](auto x) { return x * 2; });

void run(const sinter::tensor<float, 3>& x) {
#ifdef SINTER_FIXED
  sinter::tensor<float, 3> y;
#else
  const sinter::tensor<float, 3> y;
#endif
  twice.into(y, x);
}
