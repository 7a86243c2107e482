// SPDX-License-Identifier: Apache-2.0
// NumPy's .npy files: sinter::load_npy, sinter::save_npy.
#pragma once

#include <sinter/interop/npy.hpp>
#include <sinter/sinter.hpp>
