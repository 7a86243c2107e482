// expect: name such a type, as in sinter::uniform<float, 3>(key)
// SPDX-License-Identifier: Apache-2.0
#include <sinter/random.hpp>

int main() {
#ifdef SINTER_FIXED
  auto y = sinter::eval(sinter::uniform<float, 3>(sinter::random_key(1)));
#else
  auto y = sinter::eval(sinter::uniform<int, 3>(sinter::random_key(1)));
#endif
}
