// SPDX-License-Identifier: Apache-2.0
// Eigen's matrices as views and tensors as Eigen::Map: sinter::from_eigen, sinter::as_eigen.
#pragma once

#include <sinter/interop/eigen.hpp>
#include <sinter/sinter.hpp>
