// SPDX-License-Identifier: Apache-2.0
// NumPy's .npz files: sinter::npz_file, sinter::npz_writer, sinter::save_npz. Link zlib (-lz).
#pragma once

#include <sinter/interop/npz.hpp>
#include <sinter/sinter.hpp>
