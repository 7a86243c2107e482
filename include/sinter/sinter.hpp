// SPDX-License-Identifier: Apache-2.0
// sinter on the CPU: everything but the opt-in headers (sinter/cuda.hpp, ...).
#pragma once

#include <sinter/core/check.hpp>  // first: compilers print the path to a message
#include <sinter/core/print.hpp>
#include <sinter/ops/batch_norm.hpp>
#include <sinter/ops/bitcast.hpp>
#include <sinter/ops/control.hpp>
#include <sinter/ops/conv.hpp>
#include <sinter/ops/cumulative.hpp>
#include <sinter/ops/float_bits.hpp>
#include <sinter/ops/fold.hpp>
#include <sinter/ops/gamma.hpp>
#include <sinter/ops/gather.hpp>
#include <sinter/ops/integer.hpp>
#include <sinter/ops/inverses.hpp>
#include <sinter/ops/scatter.hpp>
#include <sinter/ops/sort.hpp>
#include <sinter/ops/triangular.hpp>
#include <sinter/ops/user.hpp>
#include <sinter/ops/window.hpp>
#include <sinter/run/function.hpp>
#include <sinter/run/transformations.hpp>
#include <sinter/transform/attention.hpp>
