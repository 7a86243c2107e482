// SPDX-License-Identifier: Apache-2.0
// A cuDNN of the host alone, for tests of what sinter asks of the real one: it convolves by the descriptors that it is given, and refuses
// what the real one refuses.
#pragma once

#include <string>
#include <vector>

#include <cudnn.h>

namespace fake {

struct convolution {
  bool bias = false, relu = false;
  std::vector<int> x, kernel, stride, dilation;  // [batch, features, spatial...], [outputs, features, window...]
  cudnnMathType_t math = CUDNN_DEFAULT_MATH;
  bool operator==(const convolution&) const = default;
};
/// The convolutions since the last call of this function, in order.
std::vector<convolution> convolutions();
/// How often an algorithm was looked for since then.
int convolution_searches();
/// Algorithms for none; none with a bias behind it; or an error of the next call that looks for an algorithm, or that convolves.
void refuse_convolutions(bool all);
void refuse_bias(bool all);
void fail_next_search(cudnnStatus_t s);
void fail_next_convolution(cudnnStatus_t s);

}  // namespace fake
