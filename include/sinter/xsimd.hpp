// SPDX-License-Identifier: Apache-2.0
// The xsimd backend, for functions that ask for it: `f.on<sinter::backend::xsimd>()(x)`. It is the backend of all calls where
// SINTER_DEFAULT_BACKEND_XSIMD is defined (CMake: SINTER_BACKEND=xsimd).
#pragma once

#include <sinter/simd/xsimd.hpp>
#include <sinter/sinter.hpp>
