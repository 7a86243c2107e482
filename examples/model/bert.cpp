// SPDX-License-Identifier: Apache-2.0
// BERT base in half precision, 32 texts of 8 words: an encoder of 12 layers.
#include <bert.hpp>

#include "model.hpp"

int main() {
  sinter::tensor<std::int32_t, 32, 8> words;
  for (int i = 0; auto& w : words) w = (7919 * ++i) % 30522;
  const auto [hidden, pooled] = model::run("BERT", bert, 0, words);
  const bool right = model::plausible("hidden", hidden) & model::plausible("pooled", pooled);
  return right ? 0 : 1;
}
