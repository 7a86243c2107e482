// SPDX-License-Identifier: Apache-2.0
// The element types: one table row each, the C++ type that stores one, and the register type it is computed in.
// Not here: shapes, conversions of whole tensors.
#pragma once

#include <bit>
#include <concepts>
#include <cstdint>
#include <limits>

#include <sinter/core/config.hpp>

namespace sinter {

/// Element types. The order is that of the table `dtypes`.
// clang-format off
enum class dtype : std::uint8_t {
  boolean, i2, i4, i8, i16, i32, i64, u2, u4, u8, u16, u32, u64,
  f8e4m3, f8e5m2, f16, bf16, f32, f64, complex64, complex128
};
// clang-format on

/// What a dtype is: its name in messages, bits of storage an element, kind.
struct dtype_info {
  enum kind_t : std::uint8_t { logical, signed_integer, unsigned_integer, floating, complex } kind;
  std::uint8_t bits;
  const char* name;
  bool computes;  ///< false: storage only
};

SINTER_TABLE constexpr dtype_info dtypes[] = {
    {dtype_info::logical, 8, "bool", true},          {dtype_info::signed_integer, 2, "i2", false},
    {dtype_info::signed_integer, 4, "i4", false},    {dtype_info::signed_integer, 8, "i8", true},
    {dtype_info::signed_integer, 16, "i16", true},   {dtype_info::signed_integer, 32, "i32", true},
    {dtype_info::signed_integer, 64, "i64", true},   {dtype_info::unsigned_integer, 2, "u2", false},
    {dtype_info::unsigned_integer, 4, "u4", false},  {dtype_info::unsigned_integer, 8, "u8", true},
    {dtype_info::unsigned_integer, 16, "u16", true}, {dtype_info::unsigned_integer, 32, "u32", true},
    {dtype_info::unsigned_integer, 64, "u64", true}, {dtype_info::floating, 8, "f8e4m3", false},
    {dtype_info::floating, 8, "f8e5m2", false},      {dtype_info::floating, 16, "f16", true},
    {dtype_info::floating, 16, "bf16", true},        {dtype_info::floating, 32, "f32", true},
    {dtype_info::floating, 64, "f64", true},         {dtype_info::complex, 64, "complex64", true},
    {dtype_info::complex, 128, "complex128", true},
};

SINTER_HOST_DEVICE constexpr const dtype_info& info(dtype t) { return dtypes[static_cast<int>(t)]; }
SINTER_HOST_DEVICE constexpr bool is_float(dtype t) { return info(t).kind == dtype_info::floating; }
SINTER_HOST_DEVICE constexpr bool is_signed_integer(dtype t) { return info(t).kind == dtype_info::signed_integer; }
SINTER_HOST_DEVICE constexpr bool is_unsigned_integer(dtype t) { return info(t).kind == dtype_info::unsigned_integer; }
SINTER_HOST_DEVICE constexpr bool is_integer(dtype t) { return is_signed_integer(t) || is_unsigned_integer(t); }
SINTER_HOST_DEVICE constexpr bool is_complex(dtype t) { return info(t).kind == dtype_info::complex; }
/// The dtype of the real and the imaginary part; of other dtypes the dtype itself.
SINTER_HOST_DEVICE constexpr dtype real_dtype(dtype t) {
  return t == dtype::complex64 ? dtype::f32 : t == dtype::complex128 ? dtype::f64 : t;
}
/// Bytes of storage an element (a bool takes one).
SINTER_HOST_DEVICE constexpr int size_of(dtype t) { return (info(t).bits + 7) / 8; }

namespace detail {

// Rounds the upper part of a binary32 pattern to nearest even at bit `drop`.
SINTER_HOST_DEVICE constexpr std::uint32_t round_bits(std::uint32_t bits, int drop) {
  const std::uint32_t half = std::uint32_t{1} << (drop - 1);
  return (bits + (half - 1) + ((bits >> drop) & 1)) >> drop;
}

SINTER_HOST_DEVICE constexpr std::uint16_t to_half(float f) {
  const std::uint32_t b = __builtin_bit_cast(std::uint32_t, f), sign = (b >> 16) & 0x8000u, a = b & 0x7fffffffu;
  if (a > 0x7f800000u) return static_cast<std::uint16_t>(sign | 0x7e00u | ((a >> 13) & 0x3ffu));
  if (a >= 0x47800000u) return static_cast<std::uint16_t>(sign | 0x7c00u);
  if (a >= 0x38800000u) return static_cast<std::uint16_t>(sign | round_bits(a - 0x38000000u, 13));
  if (a < 0x33000000u) return static_cast<std::uint16_t>(sign);
  const int shift = 126 - static_cast<int>(a >> 23);  // a subnormal half: mantissa * 2^-24
  return static_cast<std::uint16_t>(sign | round_bits((a & 0x7fffffu) | 0x800000u, shift));
}

// A binary32 of a number with more digits, rounded to odd: towards zero, and where that is inexact the last digit becomes 1. Rounding the
// result to 22 digits or fewer is then the only rounding. Source: Boldo and Melquiond 2008.
SINTER_INLINE constexpr float to_odd_float(double d) {
  const std::uint64_t b = __builtin_bit_cast(std::uint64_t, d), a = b & ~(std::uint64_t{1} << 63);
  std::uint64_t digits = a - (std::uint64_t{896} << 52);  // the exponent's bias is 1023 instead of 127
  int drop = 29;
  std::uint32_t r = 0;
  if (a > std::uint64_t{0x7ff} << 52) r = 0x7fc00000u | static_cast<std::uint32_t>((a >> 29) & 0x3fffffu);
  else if (a == std::uint64_t{0x7ff} << 52) r = 0x7f800000u;
  else if (a >= std::uint64_t{1023 + 128} << 52) r = 0x7f7fffffu;
  else {
    if (a < std::uint64_t{897} << 52) {  // a subnormal binary32
      digits = (a & ((std::uint64_t{1} << 52) - 1)) | std::uint64_t{1} << 52;
      drop += 897 - static_cast<int>(a >> 52);
      if (drop > 63 || a >> 52 == 0) drop = 63;
      if (a == 0) digits = 0;
    }
    r = static_cast<std::uint32_t>(digits >> drop) | ((digits & ((std::uint64_t{1} << drop) - 1)) != 0);
  }
  return __builtin_bit_cast(float, r | (static_cast<std::uint32_t>(b >> 32) & 0x80000000u));
}
template <std::integral I> SINTER_INLINE constexpr float to_odd_float(I x) {
  bool negative = false;
  if constexpr (std::signed_integral<I>) negative = x < 0;
  std::uint64_t a = negative ? 0 - static_cast<std::uint64_t>(x) : static_cast<std::uint64_t>(x);
  if (a >> 53) a = (a | ((a & 0x7ff) + 0x7ff)) & ~std::uint64_t{0x7ff};  // odd already here: binary64 holds 53 digits
  const float f = to_odd_float(static_cast<double>(a));
  return negative ? -f : f;
}
// What float16 and bfloat16 are made of beside float.
template <class N>
concept wider_number = std::integral<N> || std::same_as<N, double>;

SINTER_HOST_DEVICE constexpr float from_half(std::uint16_t h) {
  const std::uint32_t sign = (h & 0x8000u) << 16, exponent = (h >> 10) & 0x1fu, mantissa = h & 0x3ffu;
  if (exponent == 31) return __builtin_bit_cast(float, sign | 0x7f800000u | (mantissa << 13));
  if (exponent != 0) return __builtin_bit_cast(float, sign | ((exponent + 112) << 23) | (mantissa << 13));
  const float magnitude = static_cast<float>(mantissa) * 0x1p-24f;
  return sign ? -magnitude : magnitude;
}

}  // namespace detail

/// IEEE binary16. Storage and conversion only: arithmetic happens in f32 and rounds after each op. Conversions round once, to nearest even.
struct float16 {
  std::uint16_t bits = 0;
  constexpr float16() = default;
  SINTER_HOST_DEVICE constexpr explicit(false) float16(float f) : bits(detail::to_half(f)) {}
  template <detail::wider_number N> SINTER_INLINE constexpr explicit(false) float16(N x) : float16(detail::to_odd_float(x)) {}
  SINTER_HOST_DEVICE constexpr explicit(false) operator float() const { return detail::from_half(bits); }
};

/// bfloat16: the upper half of a binary32. Conversions round once, to nearest even.
struct bfloat16 {
  std::uint16_t bits = 0;
  constexpr bfloat16() = default;
  SINTER_HOST_DEVICE constexpr explicit(false) bfloat16(float f) {
    const std::uint32_t b = __builtin_bit_cast(std::uint32_t, f);
    bits = static_cast<std::uint16_t>((b & 0x7fffffffu) > 0x7f800000u ? (b >> 16) | 0x40u : detail::round_bits(b, 16));
  }
  template <detail::wider_number N> SINTER_INLINE constexpr explicit(false) bfloat16(N x) : bfloat16(detail::to_odd_float(x)) {}
  SINTER_HOST_DEVICE constexpr explicit(false) operator float() const {
    return __builtin_bit_cast(float, static_cast<std::uint32_t>(bits) << 16);
  }
};

namespace detail {
template <dtype D> struct storage;
template <> struct storage<dtype::boolean> { using type = bool; };
template <> struct storage<dtype::i8> { using type = std::int8_t; };
template <> struct storage<dtype::i16> { using type = std::int16_t; };
template <> struct storage<dtype::i32> { using type = std::int32_t; };
template <> struct storage<dtype::i64> { using type = std::int64_t; };
template <> struct storage<dtype::u8> { using type = std::uint8_t; };
template <> struct storage<dtype::u16> { using type = std::uint16_t; };
template <> struct storage<dtype::u32> { using type = std::uint32_t; };
template <> struct storage<dtype::u64> { using type = std::uint64_t; };
template <> struct storage<dtype::f16> { using type = float16; };
template <> struct storage<dtype::bf16> { using type = bfloat16; };
template <> struct storage<dtype::f32> { using type = float; };
template <> struct storage<dtype::f64> { using type = double; };
// Two numbers of one type, the real part first. sinter/complex.hpp says so of std::complex.
template <class T> inline constexpr bool is_complex_element = false;
}  // namespace detail

/// The C++ type that stores one element.
template <dtype D> using storage_t = typename detail::storage<D>::type;

/// An arithmetic C++ type (or float16, bfloat16, with sinter/complex.hpp std::complex) that has a dtype. `long long` and `char` count by
/// size and sign.
template <class T>
concept element = (std::integral<T> && sizeof(T) <= 8) || std::same_as<T, float> || std::same_as<T, double> || std::same_as<T, float16> ||
                  std::same_as<T, bfloat16> || detail::is_complex_element<T>;

/// The dtype of a C++ element type.
template <element T> SINTER_HOST_DEVICE constexpr dtype dtype_of() {
  if constexpr (std::same_as<T, bool>) return dtype::boolean;
  else if constexpr (std::same_as<T, float>) return dtype::f32;
  else if constexpr (std::same_as<T, double>) return dtype::f64;
  else if constexpr (std::same_as<T, float16>) return dtype::f16;
  else if constexpr (std::same_as<T, bfloat16>) return dtype::bf16;
  else if constexpr (detail::is_complex_element<T>) return sizeof(T) == 8 ? dtype::complex64 : dtype::complex128;
  else {
    constexpr int first = static_cast<int>(std::signed_integral<T> ? dtype::i8 : dtype::u8);
    return static_cast<dtype>(first + (sizeof(T) >= 2) + (sizeof(T) >= 4) + (sizeof(T) >= 8));
  }
}

/// An element type as an attribute: `cast<float>(x)` hands on type_t<float>.
template <element T> struct type_t {
  constexpr operator dtype() const { return dtype_of<T>(); }
};

/// The dtype whose registers compute a dtype: narrow integers in 32 bits (wrapped after each op), f16 and bf16 in f32
/// (rounded after each op); bool is a mask.
SINTER_HOST_DEVICE constexpr dtype register_dtype(dtype t) {
  switch (t) {
    case dtype::i8:
    case dtype::i16: return dtype::i32;
    case dtype::u8:
    case dtype::u16: return dtype::u32;
    case dtype::f16:
    case dtype::bf16: return dtype::f32;
    default: return t;
  }
}

}  // namespace sinter
