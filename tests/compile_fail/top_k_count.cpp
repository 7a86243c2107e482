// expect: sinter::top_k: the last axis has fewer elements than are asked for; ask for at most its extent
// expect: shape<2, 3>
// SPDX-License-Identifier: Apache-2.0
#include <sinter/sinter.hpp>

constexpr auto f = sinter::fn([](auto x) {
#ifdef SINTER_FIXED
  return sinter::top_k<3>(x);
#else
  return sinter::top_k<4>(x);
#endif
});
int main() { auto y = f(sinter::tensor<float, 2, 3>()); }
