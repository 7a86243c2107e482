// expect: sinter::as_view: the range is a temporary, whose elements are gone when the view is used; give it a name first
// lines: 25
// SPDX-License-Identifier: Apache-2.0
#include <vector>

#include <sinter/ranges.hpp>
#include <sinter/sinter.hpp>

int main() {
#ifdef SINTER_FIXED
  const std::vector<float> a(6);
  auto v = sinter::as_view(a);
#else
  auto v = sinter::as_view(std::vector<float>(6));
#endif
}
