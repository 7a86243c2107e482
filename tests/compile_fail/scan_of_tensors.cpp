// expect: sinter: loops run inside of sinter::fn, whose arguments are the tensors
// SPDX-License-Identifier: Apache-2.0
#include <sinter/sinter.hpp>

int main() {
  sinter::tensor<float, 3> x;
  sinter::tensor<float, 4, 3> xs;
  const auto f = [](auto v, auto vs) {
    return std::get<0>(sinter::scan([](auto c, auto e) { return std::tuple(c * e, std::tuple<>()); }, v, vs));
  };
#ifdef SINTER_FIXED
  auto y = sinter::fn(f)(x, xs);
#else
  auto y = sinter::scan([](auto c, auto e) { return std::tuple(c * e, std::tuple<>()); }, x, xs);
#endif
}
