// SPDX-License-Identifier: Apache-2.0
// Special functions: Bessel functions, digamma, zeta, polygamma.
#pragma once

#include <sinter/core/check.hpp>  // first: compilers print the path to a message
#include <sinter/ops/bessel.hpp>
#include <sinter/ops/gamma.hpp>
#include <sinter/sinter.hpp>
