// expect: sinter: the functor lacks a member; reduce<F> needs F::identity, F::accumulate and F::combine, map_rows<F> F::run
// expect: shape<2, 3>
// expect: float
// SPDX-License-Identifier: Apache-2.0
#include <sinter/sinter.hpp>

struct product {
#ifdef SINTER_FIXED
  static constexpr float identity = 1;
#endif
  static constexpr auto accumulate(auto acc, auto x) { return acc * x; }
  static constexpr auto combine(auto a, auto b) { return a * b; }
};

int main() {
  sinter::tensor<float, 2, 3> x;
  auto y = sinter::eval(sinter::reduce<product>(x));
}
