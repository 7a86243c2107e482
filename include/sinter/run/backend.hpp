// SPDX-License-Identifier: Apache-2.0
// The SIMD backend of calls that name none: Highway where its headers are found, else plain C++. SINTER_DEFAULT_BACKEND_SCALAR asks
// for the latter, SINTER_DEFAULT_BACKEND_XSIMD for xsimd.
#pragma once

#include <sinter/fuse/code.hpp>
#include <sinter/simd/scalar.hpp>

#if SINTER_USE_HIGHWAY
#include <sinter/simd/highway.hpp>
#endif
#if SINTER_USE_XSIMD
#include <sinter/simd/xsimd.hpp>
#endif

namespace sinter {
inline namespace SINTER_ISA {
namespace run {
#if SINTER_USE_HIGHWAY
using default_backend = backend::highway;
#elif SINTER_USE_XSIMD
using default_backend = backend::xsimd;
#else
using default_backend = backend::scalar;
#endif

// How a program is compiled beside its source: backend, schedule.
template <class Backend, fuse::schedule_value Schedule> struct options {
  using backend = Backend;
  static constexpr fuse::schedule_value schedule = Schedule;
};
using default_options = options<default_backend, fuse::schedule_value{}>;

}  // namespace run
}  // namespace SINTER_ISA
}  // namespace sinter
