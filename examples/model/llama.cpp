// SPDX-License-Identifier: Apache-2.0
// Llama with 68 million weights in single precision: 9 words become 20.
#include <llama.hpp>

#include "model.hpp"

using words = sinter::tensor<std::int32_t, 1, 9>;
static_assert(llama.plan<words, words>().copies == 0);

int main() { return model::continue_prompt<9, 20>("Llama-68M", llama, 32000) ? 0 : 1; }
