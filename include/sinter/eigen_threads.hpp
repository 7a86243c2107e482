// SPDX-License-Identifier: Apache-2.0
// Kernels on a thread pool of Eigen's: sinter::eigen_threads.
#pragma once

#include <sinter/interop/eigen_threads.hpp>
#include <sinter/sinter.hpp>
