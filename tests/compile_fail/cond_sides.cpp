// expect: sinter::cond: both sides must return as many values, alone or in a std::tuple or std::array
// expect: number<1>
// expect: number<2>
// SPDX-License-Identifier: Apache-2.0
#include <sinter/sinter.hpp>

constexpr auto f = sinter::fn([](auto x) {
#ifdef SINTER_FIXED
  return sinter::cond(
      sum(x) > 0, [=] { return x; }, [=] { return x * 2; });
#else
  return sinter::cond(
      sum(x) > 0, [=] { return x; }, [=] { return std::tuple(x * 2, x); });
#endif
});

int main() {
  sinter::tensor<float, 4> x;
  auto y = f(x);
}
