// expect: sinter: these shapes do not broadcast; make each pair of extents equal, or one of them a static 1 (reshape, transpose)
// expect: shape<2, 3>
// expect: shape<2>
// SPDX-License-Identifier: Apache-2.0
#include <sinter/sinter.hpp>

constexpr auto f = sinter::fn([](auto a, auto b) { return a + b; });

int main() {
  using matrix = sinter::tensor<float, 2, 3>;
#ifdef SINTER_FIXED
  auto n = f.plan<matrix, matrix>().kernels;
#else
  auto n = f.plan<matrix, sinter::tensor<float, 2> >().kernels;
#endif
}
