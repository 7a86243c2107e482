// SPDX-License-Identifier: Apache-2.0
// Functions: a captureless lambda is traced, planned and compiled for the types of its first call. The plan is a constant.
#include <iostream>
#include <sinter/sinter.hpp>

constexpr auto normalise = sinter::fn([](auto x) {
  return (x - sinter::mean(x, sinter::axis<1>, sinter::keepdims)) * sinter::rsqrt(sinter::var(x, sinter::axis<1>, sinter::keepdims) + 1e-5);
});
constexpr auto moments = sinter::fn([](auto x) { return std::tuple{sinter::mean(x), sinter::var(x), sinter::max(x)}; });

using rows = sinter::tensor<float, sinter::dyn, 4>;  // the number of rows is known at run time
static_assert(normalise.plan<rows>().kernels == 1 && normalise.plan<rows>().temporaries == 0);

int main() {
  rows x{{1, 2, 3, 4}, {2, 2, 2, 6}};
  std::cout << normalise(x) << '\n';

  auto [mean, var, max] = moments(x);
  std::cout << mean << ' ' << var << ' ' << max << '\n';

  rows y(2);
  normalise.into(y, x);  // into memory that exists: allocates nothing after the first call
  try {
    sinter::tensor<float, 3, 4> fixed;
    normalise.into(fixed, x);  // three rows for two
  } catch (const sinter::shape_error& error) {
    std::cout << error.what() << '\n';
  }
  std::cout << normalise.explain(x);
}

// Output:
// [[ -1.34164, -0.447212,  0.447212,   1.34164],
//  [-0.577349, -0.577349, -0.577349,   1.73205]]
// 2.75 2.1875 6
// sinter: the result has another shape than what it is assigned to: [2, 4] against [3, 4]
// 1 kernel, 0 temporaries, flops 24 n0_0, bytes read 16 n0_0, bytes written 16 n0_0, arena bytes 0
// kernel 0: rows over [n0_0, 4 reduced]
//   computes sum multiply subtract multiply sum fma rsqrt multiply
//   reads    argument 0 f32[n0_0, 4]
//   writes   result 0 f32[n0_0, 4]
