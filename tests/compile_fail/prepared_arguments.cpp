// expect: sinter::prepare: this call has other arguments than were prepared for; pass those that are not constant, of the same types
// expect: tensor<float, 5, 4>
// expect: tensor<float, 3, 4>
// SPDX-License-Identifier: Apache-2.0
#include <sinter/sinter.hpp>

constexpr auto f = sinter::fn([](auto x, auto w) { return sinter::dot(x, w); });

int main() {
  sinter::tensor<float, 3, 4> x;
  sinter::tensor<float, 4, 5> w;
  const auto ready = f.prepare(x, sinter::constant(w));
#ifdef SINTER_FIXED
  sinter::tensor<float, 3, 4> other;
#else
  sinter::tensor<float, 5, 4> other;
#endif
  auto y = ready(other);
}
