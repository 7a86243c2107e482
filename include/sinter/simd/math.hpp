// SPDX-License-Identifier: Apache-2.0
// Mathematical functions for f32 and f64, written once on the vocabulary: the same bits on every backend (but for the sign and payload
// of NaN), because every step is an IEEE operation or an explicit fma. NaN, infinities, zeros of both signs and denormals come out right,
// as C's Annex F has them.
// Errors and speed are in the table of simd/README.md; tests/simd/simd.cpp bounds the errors.
#pragma once

#include <sinter/simd/math/erf.hpp>
#include <sinter/simd/math/exp.hpp>
#include <sinter/simd/math/gamma.hpp>
#include <sinter/simd/math/hyperbolic.hpp>
#include <sinter/simd/math/inverse_trigonometric.hpp>
#include <sinter/simd/math/log.hpp>
#include <sinter/simd/math/pow.hpp>
#include <sinter/simd/math/trigonometric.hpp>
