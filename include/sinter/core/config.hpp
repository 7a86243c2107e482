// SPDX-License-Identifier: Apache-2.0
// The only file that looks at the compiler: inlining, the instruction-set namespace, the checked mode, the barrier
// against contraction. Everything else is plain C++20.
#pragma once

#if defined(__FAST_MATH__)
#error \
    "sinter: -ffast-math changes the meaning of NaN, infinities and signed zeros; build without it and choose a math policy per function instead"
#endif
#if __cplusplus < 202002L
#error "sinter: C++20 is needed; add -std=c++20 (CMake: target_compile_features(... cxx_std_20))"
#endif

#define SINTER_HOST_INLINE [[gnu::always_inline]] inline
#if defined(__CUDACC__)
#define SINTER_HOST_DEVICE __host__ __device__             // constexpr functions that kernels ask in their `if constexpr`
#define SINTER_INLINE __host__ __device__ __forceinline__  // what kernels are made of, on either side
#define SINTER_UNROLL _Pragma("unroll")                    // before a loop over what should be registers
#if defined(__CUDA_ARCH__)
#define SINTER_CALLS_USER __device__ __forceinline__  // what calls a user's function: that it is the host's is an error then, no warning
#else
#define SINTER_CALLS_USER SINTER_INLINE
#endif
#else
#define SINTER_HOST_DEVICE
#define SINTER_UNROLL
#define SINTER_INLINE SINTER_HOST_INLINE
#define SINTER_CALLS_USER SINTER_INLINE
#endif
#define SINTER_NOINLINE [[gnu::noinline]]
// A table that a SINTER_HOST_DEVICE function looks into: nvcc compiles for the device what the host calls, and there it must exist.
#if defined(__CUDA_ARCH__)
#define SINTER_TABLE static __device__
#else
#define SINTER_TABLE inline
#endif

// Whether the compiler's own vectors and their shuffles can be used; nvcc 13 fails on packs of lane numbers.
#if defined(__CUDACC__)
#define SINTER_VECTOR_EXTENSIONS 0
#else
#define SINTER_VECTOR_EXTENSIONS 1
#endif

// Whether the code that is generated may use clusters of blocks: that for sm_90 and later.
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 900
#define SINTER_HAS_CLUSTERS 1
#else
#define SINTER_HAS_CLUSTERS 0
#endif

// Whether it may convert to bfloat16 by an instruction: sm_80 and later.
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 800
#define SINTER_HAS_BRAIN_FLOATS 1
#else
#define SINTER_HAS_BRAIN_FLOATS 0
#endif

// Whether large blocks can ask for large pages.
#if defined(__linux__)
#define SINTER_LARGE_PAGES 1
#else
#define SINTER_LARGE_PAGES 0
#endif

// Checked mode: element access and overwritten operands of pending expressions are checked. On without NDEBUG.
#if !defined(SINTER_CHECKED)
#if defined(NDEBUG)
#define SINTER_CHECKED 0
#else
#define SINTER_CHECKED 1
#endif
#endif

// Functions that generate code live in an inline namespace named after the instruction set and the checked mode, so that
// translation units built with different flags link safely. Types stay outside.
#if defined(__CUDACC__)
#define SINTER_ISA_NAME cuda
#elif defined(__AVX512F__) && defined(__AVX512BW__) && defined(__AVX512DQ__) && defined(__AVX512VL__)
#define SINTER_ISA_NAME avx512
#elif defined(__AVX2__) && defined(__FMA__)
#define SINTER_ISA_NAME avx2
#elif defined(__SSE4_1__)
#define SINTER_ISA_NAME sse4
#elif defined(__SSE2__)
#define SINTER_ISA_NAME sse2
#elif defined(__ARM_NEON)
#define SINTER_ISA_NAME neon
#else
#define SINTER_ISA_NAME plain
#endif
#define SINTER_JOIN2(a, b) a##b
#define SINTER_JOIN(a, b) SINTER_JOIN2(a, b)
#if SINTER_CHECKED
#define SINTER_ISA SINTER_JOIN(SINTER_ISA_NAME, _checked)
#else
#define SINTER_ISA SINTER_ISA_NAME
#endif

/// The instruction sets that code can be generated for, as types, and that of this translation unit.
namespace sinter::isa {
struct plain {};
struct neon {};
struct sse2 {};
struct sse4 {};
struct avx2 {};
struct avx512 {};
struct cuda {};
using current = SINTER_ISA_NAME;
}  // namespace sinter::isa

// Stops the compiler from contracting a product and a sum into one rounding: FMA is decided in the graph alone. g++ contracts
// across statements and through vector intrinsics (12.2: also _mm512_add_ps of _mm512_mul_ps), clang within one expression.
#if defined(__CUDACC__)
namespace sinter::detail {
__host__ __device__ __forceinline__ void keep_rounding(float& x) {
#if defined(__CUDA_ARCH__)
  asm("" : "+f"(x));
#else
  asm("" : "+x"(x));
#endif
}
__host__ __device__ __forceinline__ void keep_rounding(double& x) {
#if defined(__CUDA_ARCH__)
  asm("" : "+d"(x));
#else
  asm("" : "+x"(x));
#endif
}
}  // namespace sinter::detail
#define SINTER_KEEP_ROUNDING(x) ::sinter::detail::keep_rounding(x)
#elif defined(__x86_64__) || defined(__i386__)
#define SINTER_KEEP_ROUNDING(x) asm("" : "+v"(x))
#elif defined(__aarch64__)
#define SINTER_KEEP_ROUNDING(x) asm("" : "+w"(x))
#else
#define SINTER_KEEP_ROUNDING(x) asm("" : "+m"(x))
#endif

// Around a friend function that is declared in one class template and defined by another; g++ and nvcc warn of it.
#if defined(__CUDACC__)
#define SINTER_NON_TEMPLATE_FRIEND_BEGIN                                                        \
  _Pragma("nv_diagnostic push") _Pragma("nv_diag_suppress 1301") _Pragma("GCC diagnostic push") \
      _Pragma("GCC diagnostic ignored \"-Wnon-template-friend\"")
#define SINTER_NON_TEMPLATE_FRIEND_END _Pragma("GCC diagnostic pop") _Pragma("nv_diagnostic pop")
#elif defined(__clang__)
#define SINTER_NON_TEMPLATE_FRIEND_BEGIN
#define SINTER_NON_TEMPLATE_FRIEND_END
#else
#define SINTER_NON_TEMPLATE_FRIEND_BEGIN _Pragma("GCC diagnostic push") _Pragma("GCC diagnostic ignored \"-Wnon-template-friend\"")
#define SINTER_NON_TEMPLATE_FRIEND_END _Pragma("GCC diagnostic pop")
#endif

// Which SIMD library the calls that name none use.
#if defined(SINTER_DEFAULT_BACKEND_XSIMD) && !defined(__CUDACC__)
#define SINTER_USE_XSIMD 1
#else
#define SINTER_USE_XSIMD 0
#endif
#if defined(__CUDACC__) || defined(SINTER_DEFAULT_BACKEND_SCALAR) || SINTER_USE_XSIMD
#define SINTER_USE_HIGHWAY 0
#elif __has_include(<hwy/highway.h>)
#define SINTER_USE_HIGHWAY 1
#else
#define SINTER_USE_HIGHWAY 0
#endif

// Which builtin finds a character in constant evaluation: strcspn of g++, strchr of clang, none of nvcc, whose own take minutes.
#if defined(__CUDACC__)
#define SINTER_SCAN_LOOP 1
#elif defined(__clang__)
#define SINTER_SCAN_LOOP 0
#define SINTER_SCAN_STRCHR 1
#else
#define SINTER_SCAN_LOOP 0
#define SINTER_SCAN_STRCHR 0
#endif

// Room for constants whose size is not known before they are made. None: nvcc's device half keeps each element apart, unused ones of an
// array too, in half a kilobyte (its host half evaluates next to nothing). Little: g++ writes constants that only other constants read into
// the object file where it does not optimise.
#if defined(__CUDA_ARCH__)
#define SINTER_ROOM_OF_CONSTANTS 0
#elif !defined(__OPTIMIZE__) && !defined(__clang__)
#define SINTER_ROOM_OF_CONSTANTS 1
#else
#define SINTER_ROOM_OF_CONSTANTS 2
#endif

// What one constant may cost without a flag: clang allows 2^20 steps, g++ 2^25 operations. In units of fuse::lowering::work.
#if defined(__clang__)
#define SINTER_WORK_OF_CONSTANT 1200
#else
#define SINTER_WORK_OF_CONSTANT 7000
#endif

namespace sinter {
/// The library version, as major * 10000 + minor * 100 + patch.
inline constexpr int version = 100;
}  // namespace sinter
