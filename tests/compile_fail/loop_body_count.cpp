// expect: sinter: the body of a loop must return as many values as it takes as carries
// expect: number<2>
// SPDX-License-Identifier: Apache-2.0
#include <sinter/sinter.hpp>

constexpr auto f = sinter::fn([](auto x) {
  return sinter::fori_loop(
      0, 3,
      [](auto, auto c) {
#ifdef SINTER_FIXED
        return std::tuple(std::get<1>(c), std::get<0>(c));
#else
        return std::get<1>(c);
#endif
      },
      std::tuple(x, x + 1));
});

int main() {
  sinter::tensor<float, 4> x;
  auto y = f(x);
}
