// SPDX-License-Identifier: Apache-2.0
// Optimisers: sinter::sgd, momentum, nesterov, adam, adamw, their states, clip_by_global_norm, warmup_cosine_decay.
#pragma once

#include <sinter/core/check.hpp>  // first: compilers print the path to a message
#include <sinter/run/optim.hpp>
#include <sinter/sinter.hpp>
