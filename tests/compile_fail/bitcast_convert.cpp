// expect: sinter::bitcast_convert: smaller elements must fill larger ones along the last axis; reshape x so that it has their number
// expect: shape<3, 2>
// SPDX-License-Identifier: Apache-2.0
#include <cstdint>

#include <sinter/sinter.hpp>

int main() {
  sinter::tensor<std::uint8_t, 3, 2> x;
#ifdef SINTER_FIXED
  auto y = sinter::eval(sinter::bitcast_convert<std::uint16_t>(x));
#else
  auto y = sinter::eval(sinter::bitcast_convert<float>(x));
#endif
}
