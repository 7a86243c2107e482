// SPDX-License-Identifier: Apache-2.0
// Keys of sorts: elements as unsigned numbers of the same order, on the host and in kernels.
#pragma once

#include <cstdint>

#include <sinter/core/dtype.hpp>

namespace sinter {

namespace detail {

inline namespace SINTER_ISA {

template <int Bytes> struct unsigned_of { using type = std::uint64_t; };
template <> struct unsigned_of<1> { using type = std::uint8_t; };
template <> struct unsigned_of<2> { using type = std::uint16_t; };
template <> struct unsigned_of<4> { using type = std::uint32_t; };
// NaN after all others, -0 beside +0.
template <class T> SINTER_INLINE auto ordered_bits(T x) {
  using bits = typename unsigned_of<static_cast<int>(sizeof(T))>::type;
  constexpr bits high = static_cast<bits>(bits{1} << (8 * sizeof(T) - 1));
  constexpr dtype t = dtype_of<T>();
  const bits b = __builtin_bit_cast(bits, x);
  if constexpr (is_float(t)) {
    constexpr bits infinite = t == dtype::f64    ? static_cast<bits>(0x7ff0000000000000u)
                              : t == dtype::f32  ? static_cast<bits>(0x7f800000u)
                              : t == dtype::bf16 ? static_cast<bits>(0x7f80u)
                                                 : static_cast<bits>(0x7c00u);
    const bits size = static_cast<bits>(b & ~high);
    if (size > infinite) return static_cast<bits>(~bits{0});
    if (size == 0) return high;
    return b & high ? static_cast<bits>(~b) : static_cast<bits>(b | high);
  } else {
    constexpr bits moved = is_signed_integer(t) ? high : 0;
    return static_cast<bits>(b ^ moved);
  }
}

}  // namespace SINTER_ISA

}  // namespace detail

}  // namespace sinter
