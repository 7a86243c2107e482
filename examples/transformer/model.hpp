// SPDX-License-Identifier: Apache-2.0
// A language model of characters: four layers of causal attention, each with a network of two products behind it; 0.94 million weights.
// The same layer serves training, on all characters of many texts at once, and writing, one character after the other with a cache.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

#include <sinter/random.hpp>

namespace transformer {

constexpr sinter::extent_t vocabulary = 96, width = 128, heads = 4, depth = width / heads, hidden = 640, layers = 4, context = 128;

/// The weights of one layer; vectors are scales of norms.
template <template <class, sinter::extent_t...> class Tensor> struct block {
  Tensor<float, width> norm1, norm2;
  Tensor<float, width, 3 * width> qkv;
  Tensor<float, width, width> out;
  Tensor<float, width, hidden> up;
  Tensor<float, hidden, width> down;
};
template <template <class, sinter::extent_t...> class Tensor> struct parameters {
  Tensor<float, vocabulary, width> embedding;
  std::array<block<Tensor>, layers> blocks;
  Tensor<float, width> norm;
  Tensor<float, width, vocabulary> head;
};
/// Keys and values of the last `context` characters, that of character n in row n modulo context.
template <template <class, sinter::extent_t...> class Tensor> struct cache {
  std::array<Tensor<float, heads, context, depth>, layers> keys, values;
};
using model = parameters<sinter::tensor>;

/// What is added to the score of a key that stands `distance` characters back: -distance / 4^(head + 1). Positions come in by this alone
/// (ALiBi; Press et al., ICLR 2022), so that a text may be longer than the context.
constexpr auto bias(auto distance, auto head) { return sinter::cast<float>(distance) * -exp2(-2 * sinter::cast<float>(head + 1)); }

/// One layer: x [texts * length, width] -> the same; attend(q, k, v) of [texts, heads, length, depth] -> the same.
template <sinter::extent_t Texts, sinter::extent_t Length> constexpr auto apply(const auto& w, auto x, auto attend) {
  using namespace sinter;
  const auto qkv = dot(rms_norm(x, axis<1>) * w.norm1, w.qkv);
  const auto split = [](auto y) { return transpose<0, 2, 1, 3>(reshape<Texts, Length, heads, depth>(y)); };
  const auto seen = attend(split(slice(qkv, sinter::all, range<0, width>)), split(slice(qkv, sinter::all, range<width, 2 * width>)),
                           split(slice(qkv, sinter::all, range<2 * width, 3 * width>)));
  const auto h = x + dot(reshape<Texts * Length, width>(transpose<0, 2, 1, 3>(seen)), w.out);
  return h + dot(gelu_tanh(dot(rms_norm(h, axis<1>) * w.norm2, w.up)), w.down);
}

/// Training: texts [Texts, Length] -> the scores of the character after each, [Texts * Length, vocabulary].
template <sinter::extent_t Texts, sinter::extent_t Length> constexpr auto logits(auto p, auto texts) {
  using namespace sinter;
  const auto distance = iota<int, heads, Length, Length>(axis<1>) - iota<int, heads, Length, Length>(axis<2>);
  const auto before = bias(distance, iota<int, heads, Length, Length>(axis<0>));
  auto x = take(p.embedding, reshape<Texts * Length>(texts), axis<0>);
  for (const auto& w : p.blocks) x = apply<Texts, Length>(w, x, [&](auto q, auto k, auto v) { return attention(q, k, v, before, causal); });
  return dot(rms_norm(x, axis<1>) * p.norm, p.head);
}

/// Writing: the scores of the character after this one, [vocabulary], and the cache with this one. character, position: [].
constexpr auto next_logits(auto p, auto past, auto character, auto position) {
  using namespace sinter;
  const auto slot = position % context;
  const auto distance = (slot - iota<int, heads, 1, context>(axis<2>) + context) % context;
  const auto before =
      where(distance <= position, bias(distance, iota<int, heads, 1, context>(axis<0>)), -std::numeric_limits<float>::infinity());
  auto x = take(p.embedding, reshape<1>(character), axis<0>);
  for (std::size_t i = 0; i < layers; ++i)
    x = apply<1, 1>(p.blocks[i], x, [&](auto q, auto k, auto v) {
      past.keys[i] = dynamic_update_slice(past.keys[i], reshape<heads, 1, depth>(k), 0, slot, 0);
      past.values[i] = dynamic_update_slice(past.values[i], reshape<heads, 1, depth>(v), 0, slot, 0);
      return reshape<1, heads, 1, depth>(attention(reshape<heads, 1, depth>(q), past.keys[i], past.values[i], before));
    });
  return std::pair(reshape<vocabulary>(dot(rms_norm(x, axis<1>) * p.norm, p.head)), past);
}

/// Characters are printable ASCII, 0 to 94, and the end of a line, 95.
constexpr std::int32_t id_of(char c) { return c == '\n' ? 95 : c - ' '; }
constexpr char character_of(std::int64_t id) { return id == 95 ? '\n' : static_cast<char>(id + ' '); }

}  // namespace transformer
