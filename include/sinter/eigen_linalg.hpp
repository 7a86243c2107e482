// SPDX-License-Identifier: Apache-2.0
// Decompositions and linear systems through Eigen: sinter::cholesky, triangular_solve, solve, lu, qr, svd, eigh, det, inv.
#pragma once

#include <sinter/core/check.hpp>  // first: compilers print the path to a message
#include <sinter/interop/eigen_linalg.hpp>
#include <sinter/sinter.hpp>
