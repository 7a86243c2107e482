// expect: sinter: this type is no tensor, view, expression or number; wrap memory in sinter::view<T, extents...>(pointer)
// expect: float
// SPDX-License-Identifier: Apache-2.0
#include <sinter/sinter.hpp>

constexpr auto f = sinter::fn([](auto a) { return sinter::exp(a) + 1; });

int main() {
  sinter::tensor<float, 2, 3> x;
#ifdef SINTER_FIXED
  auto n = f.plan<decltype(x)>().kernels;
#else
  auto n = f.plan<float*>().kernels;
#endif
}
