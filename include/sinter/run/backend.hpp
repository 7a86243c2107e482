// SPDX-License-Identifier: Apache-2.0
// The SIMD backend of calls that name none: Highway where its headers are found, else plain C++. SINTER_DEFAULT_BACKEND_SCALAR asks
// for the latter.
#pragma once

#include <sinter/core/config.hpp>
#include <sinter/simd/scalar.hpp>

#if SINTER_USE_HIGHWAY
#include <sinter/simd/highway.hpp>
#endif

namespace sinter::run {
#if SINTER_USE_HIGHWAY
using default_backend = backend::highway;
#else
using default_backend = backend::scalar;
#endif
}  // namespace sinter::run
