// expect: sinter: these element types differ; convert one operand with sinter::cast<T>(x)
// SPDX-License-Identifier: Apache-2.0
#include <sinter/sinter.hpp>

using namespace sinter;
// A carry that begins as a number is an f32.
constexpr auto total = fn([](auto xs) {
#ifdef SINTER_FIXED
  const auto zero = cast<double>(sum(xs) * 0);
#else
  const auto zero = 0.0;
#endif
  const auto [last, all] = scan([](auto c, auto x) { return std::tuple(tanh(c + x), c * c); }, zero, xs);
  return sum(all) + last;
});

int main() {
  tensor<double, 9> xs;
  auto y = total(xs);
}
