// SPDX-License-Identifier: Apache-2.0
// Random numbers: sinter::random_key, split, fold_in, random_bits, uniform, normal, gumbel, bernoulli, categorical, dropout.
#pragma once

#include <sinter/core/check.hpp>  // first: compilers print the path to a message
#include <sinter/ops/random.hpp>
#include <sinter/sinter.hpp>
