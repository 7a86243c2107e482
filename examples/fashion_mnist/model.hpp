// SPDX-License-Identifier: Apache-2.0
// The network, its loss and a step of its training, for the CPU and for a GPU.
#pragma once

#include <cmath>
#include <cstdint>
#include <tuple>

#include <sinter/optim.hpp>
#include <sinter/random.hpp>

#include "idx.hpp"

namespace fashion_mnist {

constexpr std::size_t inputs = image_pixels, hidden = 128, batch = 128;

/// Pixels [n, 784] of 0 to 255 with mean 0 and standard deviation 1 over the training images.
constexpr auto normalised(auto pixels) { return (sinter::cast<float>(pixels) / 255.f - .286f) / .353f; }

template <template <class, sinter::extent_t...> class Tensor> struct parameters {
  Tensor<float, inputs, hidden> w1;
  Tensor<float, hidden> b1;
  Tensor<float, hidden, classes> w2;
  Tensor<float, classes> b2;
};
using network = parameters<sinter::tensor>;

constexpr auto logits(auto p, auto pixels) { return dot(relu(dot(normalised(pixels), p.w1) + p.b1), p.w2) + p.b2; }
constexpr auto loss = sinter::fn([](auto p, auto pixels, auto labels) { return cross_entropy(logits(p, pixels), labels); });

/// One step of Adam: the loss of the batch, the new parameters and the state. Shapes: pixels [batch, 784], labels [batch], rate [].
constexpr auto step = sinter::fn([](auto p, auto state, auto pixels, auto labels, auto rate) {
  const auto [value, gradient] = sinter::value_and_grad<0>(loss)(p, pixels, labels);
  const auto [next, after] = sinter::adam(p, gradient, state, rate);
  return std::tuple{value, next, after};
});

/// The most probable class of each image, [n]; softmax does not change the order, so it is left out.
constexpr auto predict = sinter::fn([](auto p, auto pixels) { return argmax(logits(p, pixels), sinter::axis<1>); });

/// He's uniform initialisation: weights in [-limit, limit) with limit = sqrt(6 / inputs of the layer).
inline network initial(const auto& key) {
  constexpr auto draw = sinter::fn([](auto k, auto first, auto second) {
    return std::tuple{sinter::uniform<float, inputs, hidden>(fold_in(k, 1), -first, first),
                      sinter::uniform<float, hidden, classes>(fold_in(k, 2), -second, second)};
  });
  network net{};
  std::tie(net.w1, net.w2) = draw(key, std::sqrt(6.f / inputs), std::sqrt(6.f / hidden));
  return net;
}

/// A new order of the images for each key.
constexpr auto shuffled = sinter::fn([](auto key, auto labels) { return permutation(key, labels.extent(0)); });

}  // namespace fashion_mnist
