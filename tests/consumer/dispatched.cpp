// SPDX-License-Identifier: Apache-2.0
// The same program with a kernel for each instruction set, of which it picks one by CPU.
#include <cstdio>

#include <sinter/dispatch.hpp>

#include "kernels.hpp"

int main() {
  const sinter::tensor<float, 4> a{1, 2, 3, 4}, b{10, 20, 30, 40};
  sinter::tensor<float, 4> c;
  sinter::dispatch([&](auto isa) { add<decltype(isa)>(c, a, b); });
  for (float element : c) std::printf("%g ", static_cast<double>(element));
}
