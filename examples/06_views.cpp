// SPDX-License-Identifier: Apache-2.0
// Views: memory that somebody else owns, whole or in part, and ops that only say which element goes where.
#include <iostream>
#include <sinter/sinter.hpp>

int main() {
  float memory[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
  sinter::view<float, 3, 4> m(memory);
  sinter::view<const float, sinter::dyn, 2> left(memory, sinter::strides{4, 1}, 3);  // columns 0 and 1
  sinter::view<float, 4, 3> transposed(memory, sinter::strides{1, 4});

  std::cout << sinter::eval(left + 100) << '\n';
  m.sub(sinter::all, sinter::range<2, 4>) = left * 2;  // writes through
  std::cout << m << '\n';
  m.sub(1, sinter::all) = 0 * m.sub(1, sinter::all);
  std::cout << transposed << '\n';

  // One kernel, no copies in between: pad, slice, concatenate and transpose are index arithmetic.
  constexpr auto frame = sinter::fn([](auto x) {
    auto inner = sinter::slice(x, sinter::range<0, 2>, sinter::range<-2, 4>);
    return sinter::pad(sinter::concatenate(sinter::axis<0>, inner, sinter::transpose(inner)), sinter::edges<1, 0>, sinter::edges<1, 1>, -1);
  });
  std::cout << frame(m) << '\n' << frame.plan(m).kernels << " kernel\n";
}

// Output:
// [[101, 102],
//  [105, 106],
//  [109, 110]]
// [[ 1,  2,  2,  4],
//  [ 5,  6, 10, 12],
//  [ 9, 10, 18, 20]]
// [[ 1,  0,  9],
//  [ 2,  0, 10],
//  [ 2,  0, 18],
//  [ 4,  0, 20]]
// [[-1, -1, -1, -1],
//  [-1,  2,  4, -1],
//  [-1,  0,  0, -1],
//  [-1,  2,  0, -1],
//  [-1,  4,  0, -1]]
// 1 kernel
