// expect: sinter: the body of a loop must return as many values as it takes as carries; the body of a scan a std::tuple of two: these, and what is collected (std::tuple<>() for nothing)
// SPDX-License-Identifier: Apache-2.0
#include <sinter/sinter.hpp>

constexpr auto f = sinter::fn([](auto x, auto xs) {
#ifdef SINTER_FIXED
  auto [last, all] = sinter::scan([](auto c, auto e) { return std::tuple(c + e, c); }, x, xs);
#else
  auto [last, all] = sinter::scan([](auto c, auto e) { return c + e; }, x, xs);
#endif
  return last + sum(all);
});

int main() {
  sinter::tensor<float, 3> x;
  sinter::tensor<float, 4, 3> xs;
  auto y = f(x, xs);
}
