// SPDX-License-Identifier: Apache-2.0
// Translation units with and without the checked mode in one program give the same numbers, in whichever order they are linked.
#include "modes.hpp"

#include <cstdio>

int main() {
  const double made[] = {compute<0>(), compute<1>()}, handed[] = {compute_what_the_other_made<0>(), compute_what_the_other_made<1>()};
  std::printf("%.9g %.9g, handed over %.9g %.9g\n", made[0], made[1], handed[0], handed[1]);
  // In handed: 2 x + y and x + y, where y sums to 0 and x to 400 * 19.
  if (made[0] != made[1] || handed[0] != handed[1] || handed[0] != 3 * 400 * 19) return std::puts("the numbers differ"), 1;
  if (notices<0>() || !notices<1>()) return std::puts("overwritten operands are noticed in the wrong mode"), 1;
}
