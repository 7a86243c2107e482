// SPDX-License-Identifier: Apache-2.0
// The loss of a language model of LAYERS layers and its gradient; with four it has about a million parameters.
#include <array>
#include <sinter/sinter.hpp>

using sinter::axis;
using sinter::extent_t;
constexpr extent_t texts = 12, length = 128, width = 128, heads = 4, hidden = 640, vocabulary = 96;

template <template <class, extent_t...> class Tensor> struct layer {
  Tensor<float, width> norm1, norm2;
  Tensor<float, width, 3 * width> qkv;
  Tensor<float, width, width> out;
  Tensor<float, width, hidden> up;
  Tensor<float, hidden, width> down;
};
template <template <class, extent_t...> class Tensor> struct parameters {
  Tensor<float, vocabulary, width> embedding;
  Tensor<float, length, width> position;
  std::array<layer<Tensor>, LAYERS> layers;
  Tensor<float, width> norm;
  Tensor<float, width, vocabulary> head;
};
constexpr auto training = sinter::value_and_grad<0>([](auto p, auto characters, auto following) {
  constexpr auto part = [](auto qkv, auto columns) {
    return sinter::transpose<0, 2, 1, 3>(sinter::reshape<texts, length, heads, width / heads>(slice(qkv, sinter::all, columns)));
  };
  auto x = sinter::reshape<texts * length, width>(take(p.embedding, characters, axis<0>) + p.position);
  for (const auto& w : p.layers) {
    const auto qkv = dot(layer_norm(x, axis<1>) * w.norm1, w.qkv);
    const auto seen = attention(part(qkv, sinter::range<0, width>), part(qkv, sinter::range<width, 2 * width>),
                                part(qkv, sinter::range<2 * width, 3 * width>), sinter::causal);
    x = x + dot(sinter::reshape<texts * length, width>(sinter::transpose<0, 2, 1, 3>(seen)), w.out);
    x = x + dot(gelu(dot(layer_norm(x, axis<1>) * w.norm2, w.up)), w.down);
  }
  return cross_entropy(dot(layer_norm(x, axis<1>) * p.norm, p.head), sinter::reshape<texts * length>(following));
});

auto train(const parameters<sinter::tensor>& p, const sinter::tensor<int, texts, length>& characters,
           const sinter::tensor<int, texts, length>& following) {
  return training(p, characters, following);
}
