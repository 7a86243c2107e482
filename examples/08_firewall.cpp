// SPDX-License-Identifier: Apache-2.0
// A compile firewall: kernels in one source file of their own, 08_firewall/classifier.cpp; this one includes tensors only and
// compiles in a fraction of the time, also when the network changes.
#include <iostream>
#include <sinter/core/print.hpp>

#include "08_firewall/classifier.hpp"

int main() {
  const weights p{{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}, {0, 0, 0}}, {0, 0, 1}};
  const sinter::tensor<float, sinter::dyn, 4> x{{1, 0, 0, 5}, {0, 3, 0, 0}};
  std::cout << classify(x, p) << '\n';
}

// Output:
// [[ 0.422319,  0.155362,  0.422319],
//  [0.0420101,  0.843795,  0.114195]]
