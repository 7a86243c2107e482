// expect: sinter::bitcast: from and to must be numbers of one size; convert with sinter::cast<T>(x), or name a type as large
// SPDX-License-Identifier: Apache-2.0
#include <sinter/sinter.hpp>

int main() {
  sinter::tensor<float, 3> x;
#ifdef SINTER_FIXED
  auto y = sinter::eval(sinter::bitcast<std::uint32_t>(x));
#else
  auto y = sinter::eval(sinter::bitcast<std::uint64_t>(x));
#endif
}
