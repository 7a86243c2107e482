// expect: sinter: the functor lacks a member; reduce<F> needs F::identity, F::accumulate and F::combine, map_rows<F> F::run
// expect: shape<2, 3>
// expect: float
// SPDX-License-Identifier: Apache-2.0
#include <sinter/sinter.hpp>

struct centre {
#ifdef SINTER_FIXED
  static constexpr void run(auto row) {
    const auto s = row.sum([](auto a) { return a; });
    row.map([=](auto a) { return a - s; });
  }
#endif
};

int main() {
  sinter::tensor<float, 2, 3> x;
  auto y = sinter::eval(sinter::map_rows<centre>(x));
}
