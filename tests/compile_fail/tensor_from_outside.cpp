// expect: sinter::fn: a tensor from outside stands in the lambda; pass it as an argument of the function
// SPDX-License-Identifier: Apache-2.0
#include <sinter/sinter.hpp>

namespace {
sinter::tensor<float, 2, 3> global;
}

int main() {
  constexpr auto f = sinter::fn([](auto a) {
#ifdef SINTER_FIXED
    return a;
#else
    return a + global;
#endif
  });
  sinter::tensor<float, 2, 3> x;
#ifdef SINTER_FIXED
  auto y = f(x);
#else
  auto y = f(x);
#endif
}
