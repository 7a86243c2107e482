// SPDX-License-Identifier: Apache-2.0
// What the rest of a program sees of its kernels: tensors and a declaration. Nothing here traces, plans or includes a SIMD library.
#pragma once

#include <sinter/core/tensor.hpp>

struct weights {
  sinter::tensor<float, 4, 3> w;
  sinter::tensor<float, 3> b;
};

/// Class probabilities: x [n, 4] -> [n, 3].
sinter::tensor<float, sinter::dyn, 3> classify(const sinter::tensor<float, sinter::dyn, 4>& x, const weights& p);
