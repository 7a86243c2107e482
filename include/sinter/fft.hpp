// SPDX-License-Identifier: Apache-2.0
// Discrete Fourier transforms: sinter::fft, ifft, rfft, irfft.
#pragma once

#include <sinter/core/check.hpp>  // first: compilers print the path to a message
#include <sinter/ops/fft.hpp>
#include <sinter/sinter.hpp>
