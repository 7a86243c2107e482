// expect: sinter::grad: of scatters only scatter_set and scatter_add have derivatives
// SPDX-License-Identifier: Apache-2.0
#include <sinter/sinter.hpp>

int main() {
  sinter::tensor<float, 5> x;
  sinter::tensor<int, 2> i;
#ifdef SINTER_FIXED
  auto g = sinter::grad([](auto v, auto at) { return sum(scatter_add(v, at, 1)); })(x, i);
#else
  auto g = sinter::grad([](auto v, auto at) { return sum(scatter_max(v, at, 1)); })(x, i);
#endif
}
