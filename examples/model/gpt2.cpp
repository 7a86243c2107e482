// SPDX-License-Identifier: Apache-2.0
// GPT-2 small in single precision from weights in half precision: 7 words become 20. The loop over words is a while of the module that
// carries 192 arrays, most of which it only reads.
#include <gpt2.hpp>

#include "model.hpp"

using words = sinter::tensor<std::int32_t, 1, 7>;
static_assert(gpt2.plan<words, words>().copies == 0);  // caches of keys and values grow where they are

int main() { return model::continue_prompt<7, 20>("GPT-2", gpt2, 50257) ? 0 : 1; }
