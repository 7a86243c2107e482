// SPDX-License-Identifier: Apache-2.0
// Transposes a part of memory through registers. Moves elements only, so it is written on the compilers' own vectors and serves every
// backend; where those are one lane wide it is a plain loop.
#pragma once

#include <cstring>

#include <sinter/core/lists.hpp>
#include <sinter/core/shape.hpp>
#include <sinter/simd/memory.hpp>

namespace sinter {
inline namespace SINTER_ISA {
namespace simd {

/// How many elements of S along its contiguous axis a tile takes, in whole cache lines.
inline constexpr int tile_bytes = 256;
template <class S> inline constexpr int tile_lines = tile_bytes / static_cast<int>(sizeof(S));
/// How many elements a tile has along the other axis.
inline constexpr int tile_length = 64;

#if SINTER_VECTOR_EXTENSIONS
template <class U, int N> struct square {
  typedef U row __attribute__((vector_size(N * sizeof(U))));
  row at[N];

  // Exchanges, for every bit, the elements whose row and column differ in it.
  template <int Bit = N / 2> SINTER_HOST_INLINE void transpose() {
    if constexpr (Bit > 0) {
      exchange<Bit>(sinter::detail::make_int_list<N>{});
      transpose<Bit / 2>();
    }
  }

 private:
  template <int Bit, int... I> SINTER_HOST_INLINE void exchange(sinter::detail::int_list<I...> lanes) {
    (exchange_rows<Bit, I>(lanes), ...);
  }
  // Which lane of a, b goes to lane l.
  static constexpr int upper(int bit, int l) { return (l & bit) ? N + l - bit : l; }
  static constexpr int lower(int bit, int l) { return (l & bit) ? N + l : l + bit; }
  template <int Bit, int Row, int... L> SINTER_HOST_INLINE void exchange_rows(sinter::detail::int_list<L...>) {
    if constexpr ((Row & Bit) == 0) {
      const row a = at[Row], b = at[Row + Bit];
      at[Row] = __builtin_shufflevector(a, b, upper(Bit, L)...);
      at[Row + Bit] = __builtin_shufflevector(a, b, lower(Bit, L)...);
    }
  }
};

#endif

/// to[i * to_stride + j] = from[j * stride + i] for 0 <= i < lines, 0 <= j < length.
template <class B, class S>
SINTER_NOINLINE void transpose(const S* from, std::ptrdiff_t stride, S* to, std::ptrdiff_t to_stride, extent_t lines, extent_t length) {
  using U = std::conditional_t<sizeof(S) == 1, std::uint8_t, std::conditional_t<sizeof(S) == 2, std::uint16_t, word<sizeof(S)>>>;
  [[maybe_unused]] constexpr int most = native_lanes<B, float> * 4 / static_cast<int>(sizeof(S)),
                                 N = most > 16 ? 16 : most;  // as many rows as registers hold
  extent_t lines_done = 0, done = 0;
#if SINTER_VECTOR_EXTENSIONS
  if constexpr (N >= 4) {
    lines_done = lines / N * N;
    for (; done + N <= length; done += N)
      for (extent_t i = 0; i < lines_done; i += N) {
        square<U, N> s;
        for (int k = 0; k < N; ++k) std::memcpy(&s.at[k], from + (done + k) * stride + i, sizeof(s.at[k]));
        s.transpose();
        for (int k = 0; k < N; ++k) std::memcpy(static_cast<void*>(to + (i + k) * to_stride + done), &s.at[k], sizeof(s.at[k]));
      }
  }
#endif
  for (extent_t j = 0; j < length; ++j)
    for (extent_t i = j < done ? lines_done : 0; i < lines; ++i) to[i * to_stride + j] = from[j * stride + i];
}

}  // namespace simd
}  // namespace SINTER_ISA
}  // namespace sinter
