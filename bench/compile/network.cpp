// SPDX-License-Identifier: Apache-2.0
// The loss of a network of three layers and its gradient.
#include <sinter/sinter.hpp>

template <template <class, sinter::extent_t...> class Tensor> struct network {
  Tensor<float, 784, 512> w1;
  Tensor<float, 512> b1;
  Tensor<float, 512, 256> w2;
  Tensor<float, 256> b2;
  Tensor<float, 256, 10> w3;
  Tensor<float, 10> b3;
};
constexpr auto training = sinter::value_and_grad<0>(
    [](auto p, auto x, auto labels) { return cross_entropy(dot(relu(dot(relu(dot(x, p.w1) + p.b1), p.w2) + p.b2), p.w3) + p.b3, labels); });

auto train(const network<sinter::tensor>& p, const sinter::tensor<float, 128, 784>& x, const sinter::tensor<int, 128>& labels) {
  return training(p, x, labels);
}
