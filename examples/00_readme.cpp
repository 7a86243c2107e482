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
// (what the program prints)
