// expect: sinter: this function needs square matrices; make the last two extents equal
// expect: shape<3, 4>
// SPDX-License-Identifier: Apache-2.0
#include <sinter/eigen_linalg.hpp>

int main() {
  constexpr auto values = sinter::fn([](auto a) {
#ifdef SINTER_FIXED
    return std::get<0>(sinter::eigh(sinter::dot(sinter::transpose(a), a)));
#else
    return std::get<0>(sinter::eigh(a));
#endif
  });
  sinter::tensor<float, 3, 4> a;
  auto w = values(a);
}
