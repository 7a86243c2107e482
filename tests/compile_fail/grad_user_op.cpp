// expect: sinter::grad: no derivative is known of an op on the way, one of the user's; give the functor of map a static member
// expect: shape<3, 4>
// SPDX-License-Identifier: Apache-2.0
#include <sinter/sinter.hpp>

struct unknown {
  auto operator()(auto x) const { return x * 2; }
#ifdef SINTER_FIXED
  static constexpr auto derivative(auto x) { return x * 0 + 2; }
#endif
};

int main() {
  sinter::tensor<float, 3, 4> x;
#ifdef SINTER_FIXED
  auto g = sinter::grad([](auto v) { return sum(sinter::map<unknown>(v)); })(x);
#else
  auto g = sinter::grad([](auto v) { return sum(sinter::map<unknown>(v)); })(x);
#endif
}
