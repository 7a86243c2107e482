// SPDX-License-Identifier: Apache-2.0
#include <iostream>

#include <scaled.hpp>

int main() {
  const sinter::tensor<float, 4> x{1, 2, 3, 4}, y = models::scaled(x);
  std::cout << y(0) << ' ' << y(1) << ' ' << y(2) << ' ' << y(3) << '\n';
}
