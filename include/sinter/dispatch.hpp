// SPDX-License-Identifier: Apache-2.0
// One program for many CPUs: a source file is compiled once for each instruction set (CMake: sinter_add_kernels), and a call picks the
// best version that this CPU runs. Includes no other part of sinter than its configuration.
#pragma once

#include <stdexcept>

#include <sinter/core/config.hpp>

namespace sinter::isa {

constexpr const char* name(plain) { return "plain"; }
constexpr const char* name(neon) { return "neon"; }
constexpr const char* name(sse2) { return "sse2"; }
constexpr const char* name(sse4) { return "sse4"; }
constexpr const char* name(avx2) { return "avx2"; }
constexpr const char* name(avx512) { return "avx512"; }

/// Whether this CPU (and its operating system) runs code of an instruction set, with all that sinter_add_kernels compiles it with.
inline bool runs(plain) { return true; }
#if defined(__x86_64__) || defined(__i386__)
inline bool runs(sse2) { return __builtin_cpu_supports("sse2"); }
inline bool runs(sse4) { return __builtin_cpu_supports("sse4.2") && __builtin_cpu_supports("popcnt") && __builtin_cpu_supports("pclmul"); }
inline bool runs(avx2) {
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2") &&
         __builtin_cpu_supports("aes") && __builtin_cpu_supports("pclmul");
}
inline bool runs(avx512) {
  return runs(avx2()) && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
         __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512cd");
}
#elif defined(__ARM_NEON)
inline bool runs(neon) { return true; }
#endif

#if !defined(SINTER_KERNEL_ISAS)
#define SINTER_KERNEL_ISAS current
#endif

template <class F, class Isa, class... Weaker> decltype(auto) pick(const F& f, Isa best, Weaker... weaker) {
  static const bool runs_here = runs(best);
  if constexpr (sizeof...(Weaker) > 0) {
    if (!runs_here) return pick(f, weaker...);
  } else if (!runs_here) {
    throw std::runtime_error(
        "sinter::dispatch: this CPU runs none of the instruction sets that the kernels were compiled for; add sse2 to ISAS");
  }
  return f(best);
}
template <class F, class... Isa> decltype(auto) pick_from(const F& f, void (*)(Isa...)) { return pick(f, Isa()...); }

}  // namespace sinter::isa

namespace sinter {

/// Calls f(isa::avx512()), f(isa::avx2()), ...: with the best instruction set that this CPU runs, of those that sinter_add_kernels
/// compiled for this target.
///   template <class Isa> void scale(view<float, dyn> y, view<const float, dyn> x);                         // kernels.hpp
///   template <> void scale<sinter::isa::current>(view<float, dyn> y, view<const float, dyn> x) { ... }     // kernels.cpp
///   sinter::dispatch([&](auto isa) { scale<decltype(isa)>(y, x); });                                       // anywhere
/// Cost: one test a version. Error: std::runtime_error if the CPU runs none of them.
template <class F> decltype(auto) dispatch(const F& f) {
  using namespace isa;
  return isa::pick_from(f, static_cast<void (*)(SINTER_KERNEL_ISAS)>(nullptr));
}

}  // namespace sinter
