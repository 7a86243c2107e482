// expect: sinter::as_view: the range does not fill the shape; give it as many elements as the shape has
// SPDX-License-Identifier: Apache-2.0
#include <array>

#include <sinter/ranges.hpp>
#include <sinter/sinter.hpp>

int main() {
  std::array<float, 6> a{};
#ifdef SINTER_FIXED
  auto v = sinter::as_view<2, 3>(a);
#else
  auto v = sinter::as_view<2, 4>(a);
#endif
}
