// SPDX-License-Identifier: Apache-2.0
// The smallest program of a user: adds two tensors.
#include <cstdio>

#include <sinter/sinter.hpp>

int main() {
  sinter::tensor<float, 4> a{1, 2, 3, 4}, b{10, 20, 30, 40};
  sinter::tensor<float, 4> c = a + b;
  for (float element : c) std::printf("%g ", static_cast<double>(element));
}
