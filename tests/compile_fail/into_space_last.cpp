// expect: sinter: this type is no tensor, view, expression or number; wrap memory in sinter::view<T, extents...>(pointer)
// SPDX-License-Identifier: Apache-2.0
#include <cstddef>

#include <sinter/sinter.hpp>

constexpr auto f = sinter::fn([](auto a) { return sinter::exp(a); });

int main() {
  sinter::tensor<float, 2, 3> x;
  sinter::tensor<float, 2, 3> y;
  alignas(64) std::byte m[256];
  sinter::workspace w(m, 256);
#ifdef SINTER_FIXED
  f.into(w, y, x);
#else
  f.into(y, w, x);
#endif
}
