// SPDX-License-Identifier: Apache-2.0
#include <iostream>
#include <sinter/sinter.hpp>

constexpr auto layer =
    sinter::fn([](auto x, auto w, auto b) { return sinter::softmax(sinter::relu(sinter::dot(x, w) + b), sinter::axis<1>); });

int main() {
  sinter::tensor<float, 2, 3> x{{1, 2, 3}, {4, 5, 6}};
  sinter::tensor<float, 3, 2> w{{1, 0}, {0, 1}, {1, -1}};
  sinter::tensor<float, 2> b{-4, 3};
  std::cout << layer(x, w, b) << '\n' << layer.explain(x, w, b) << '\n';
}

// Output:
// [[ 0.119203,  0.880797],
//  [ 0.982014, 0.0179862]]
// 1 kernel, 0 temporaries, flops 54, bytes read 56, bytes written 16, arena bytes 0
// kernel 0: dot over [2, 3 summed, 2]
//   computes dot | add maximum max subtract exp sum divide multiply
//   reads    argument 0 f32[2, 3] argument 1 f32[3, 2] argument 2 f32[2]
//   writes   result 0 f32[2, 2]
