// SPDX-License-Identifier: Apache-2.0
// The sorts of programs with sinter/cub.hpp: those of kernels.cu and of tests/cuda/libraries.cu.
#include <sinter/cub_implementation.hpp>
