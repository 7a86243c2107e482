// SPDX-License-Identifier: Apache-2.0
// A layer of an image network: convolution, bias and activation. The windows of the image are rows of a product, made block by block inside
// it; only the padded image is in memory.
#include <iostream>
#include <sinter/sinter.hpp>

constexpr auto layer = sinter::fn([](auto image, auto kernel, auto bias) {
  const auto y = conv(image, kernel, sinter::window_strides<2, 2>, sinter::same_padding, sinter::dimension_numbers<"NHWC", "HWIO", "NHWC">);
  return relu(y + bias);
});

int main() {
  sinter::tensor<float, 1, 6, 6, 2> image;
  for (int i = 0; i < 72; ++i) image.data()[i] = static_cast<float>(i % 7);
  sinter::tensor<float, 3, 3, 2, 3> kernel;
  for (int i = 0; i < 54; ++i) kernel.data()[i] = static_cast<float>(i % 5 - 2);
  const sinter::tensor<float, 3> bias{1, 0, -1};
  const auto y = layer(image, kernel, bias);
  std::cout << sinter::eval(sinter::reshape<9, 3>(y)) << '\n' << layer.explain(image, kernel, bias);
}

// Output:
// [[ 0,  1,  6],
//  [ 0,  5,  2],
//  [20,  3,  0],
//  [ 0,  4,  0],
//  [ 0,  1,  6],
//  [ 0,  4,  3],
//  [ 0,  0,  0],
//  [ 5,  0,  0],
//  [ 5,  7,  0]]
// 2 kernels, 1 temporary, flops 1026, bytes read 908, bytes written 500, arena bytes 448
// kernel 0: map over [7, 7, 2]
//   computes pad
//   reads    argument 0 f32[1, 6, 6, 2]
//   writes   temporary 4 f32[1, 7, 7, 2]
// kernel 1: dot over [9, 18 summed, 3]
//   computes | dot | add maximum
//   reads    temporary 4 f32[1, 7, 7, 2] argument 1 f32[3, 3, 2, 3] argument 2 f32[3]
//   writes   result 0 f32[1, 3, 3, 3]
