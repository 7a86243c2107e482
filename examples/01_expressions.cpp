// SPDX-License-Identifier: Apache-2.0
// Eager expressions: nothing is computed until an expression is assigned, and then all of it in one kernel.
#include <iostream>
#include <sinter/sinter.hpp>

int main() {
  sinter::tensor<float, 2, 3> x{{1, 2, 3}, {4, 5, 6}};
  sinter::tensor<float, 3> scale{1, 10, 100};

  sinter::tensor<float, 2, 3> y = x * scale + 0.5f;  // shapes broadcast; the number takes the tensor's type
  std::cout << y << '\n';

  auto e = sinter::exp(x - sinter::max(x, sinter::axis<1>, sinter::keepdims));  // suspended
  y = e / sinter::sum(e, sinter::axis<1>, sinter::keepdims);                    // exp once an element, although e stands here twice
  std::cout << y << '\n';

  float total = sinter::sum(x);  // a rank-0 result converts to its element
  std::cout << total << '\n';

  x = sinter::reverse(x, sinter::axis<1>);                          // right although x is read while it is written
  x.sub(0, sinter::all) = sinter::iota<float, 3>(sinter::axis<0>);  // a part of a tensor can be assigned
  std::cout << x << '\n';
}

// Output:
// [[  1.5,  20.5, 300.5],
//  [  4.5,  50.5, 600.5]]
// [[0.0900306,  0.244728,  0.665241],
//  [0.0900306,  0.244728,  0.665241]]
// 21
// [[0, 1, 2],
//  [6, 5, 4]]
