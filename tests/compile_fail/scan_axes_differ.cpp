// expect: sinter::scan: the arrays must have a first axis of the same static extent; slice or reshape one
// expect: shape<4>
// SPDX-License-Identifier: Apache-2.0
#include <sinter/sinter.hpp>

#ifdef SINTER_FIXED
constexpr auto f = sinter::fn([](auto x) {
  return std::get<0>(sinter::scan([](auto c, auto v) { return std::tuple(c + std::get<0>(v), std::tuple<>()); }, 0.0f, std::tuple(x, x)));
});
#else
constexpr auto f = sinter::fn([](auto x) {
  return std::get<0>(sinter::scan([](auto c, auto v) { return std::tuple(c + std::get<0>(v), std::tuple<>()); }, 0.0f,
                                  std::tuple(x, sinter::concatenate(sinter::axis<0>, x, x))));
});
#endif

int main() {
  sinter::tensor<float, 4> x;
  auto y = f(x);
}
