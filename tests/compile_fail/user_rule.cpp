// expect: ours: rows must be even
// expect: shape<3>
// SPDX-License-Identifier: Apache-2.0
#include <sinter/sinter.hpp>

inline constexpr sinter::rule even_rows{};
template <class... W> struct sinter::error<&even_rows, W...> { static_assert(sinter::never<W...>, "ours: rows must be even; pad them"); };
struct halve {
  static constexpr sinter::value trace(sinter::value x) {
    if (x.shape()[0] % 2) {
      x.graph()->fail(even_rows);
      x.graph()->failed.show(x.shape());
    }
    return x;
  }
};

int main() {
  constexpr auto f = sinter::fn([](auto a) { return sinter::suspend<halve>(a); });
  sinter::tensor<float, 3> odd;
  sinter::tensor<float, 4> even;
#ifdef SINTER_FIXED
  auto y = f(even);
#else
  auto y = f(odd);
#endif
}
