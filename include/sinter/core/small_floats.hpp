// SPDX-License-Identifier: Apache-2.0
// Floating-point formats of 4, 6 and 8 bits: a table row each, and the bits of a number in one. No dtype stores them: tensors of such
// numbers are of binary32, which holds them all. Rounding of tensors is in ops/small_floats.hpp.
#pragma once

#include <cstdint>

#include <sinter/core/config.hpp>

namespace sinter {

/// Formats of few bits, by MLIR's names. Source: OCP 8-bit Floating Point (OFP8) and Microscaling Formats (MX) 1.0; FNUZ: Noune et al.
/// 2022.
enum class small_float : std::uint8_t {
  f4e2m1fn,
  f6e2m3fn,
  f6e3m2fn,
  f8e3m4,
  f8e4m3,
  f8e4m3fn,
  f8e4m3fnuz,
  f8e4m3b11fnuz,
  f8e5m2,
  f8e5m2fnuz,
  f8e8m0fnu
};

/// What a format is. Its largest number is that of the largest bits below those of infinity and NaN.
struct small_float_info {
  /// What stands beside the finite numbers: infinity and NaN, as IEEE 754 has them; one NaN of each sign, of all ones; one NaN in place of
  /// -0; nothing; one NaN of all ones and neither a sign nor 0.
  enum kind_t : std::uint8_t { ieee, finite_or_nan, unsigned_zero, finite, powers_of_two } kind;
  std::int8_t exponent, fraction, bias;
  const char* name;
};

SINTER_TABLE constexpr small_float_info small_floats[] = {
    {small_float_info::finite, 2, 1, 1, "f4E2M1FN"},
    {small_float_info::finite, 2, 3, 1, "f6E2M3FN"},
    {small_float_info::finite, 3, 2, 3, "f6E3M2FN"},
    {small_float_info::ieee, 3, 4, 3, "f8E3M4"},
    {small_float_info::ieee, 4, 3, 7, "f8E4M3"},
    {small_float_info::finite_or_nan, 4, 3, 7, "f8E4M3FN"},
    {small_float_info::unsigned_zero, 4, 3, 8, "f8E4M3FNUZ"},
    {small_float_info::unsigned_zero, 4, 3, 11, "f8E4M3B11FNUZ"},
    {small_float_info::ieee, 5, 2, 15, "f8E5M2"},
    {small_float_info::unsigned_zero, 5, 2, 16, "f8E5M2FNUZ"},
    {small_float_info::powers_of_two, 8, 0, 127, "f8E8M0FNU"},
};
SINTER_HOST_DEVICE constexpr const small_float_info& info(small_float f) { return small_floats[static_cast<int>(f)]; }

namespace detail {

SINTER_HOST_DEVICE constexpr bool has_sign(small_float f) { return info(f).kind != small_float_info::powers_of_two; }
/// Bits of one number.
SINTER_HOST_DEVICE constexpr int bits_of(small_float f) { return info(f).exponent + info(f).fraction + has_sign(f); }
/// The bits, without sign, of the largest number.
SINTER_HOST_DEVICE constexpr int largest_bits(small_float f) {
  const small_float_info i = info(f);
  const int all = (1 << (i.exponent + i.fraction)) - 1;
  if (i.kind == small_float_info::ieee) return all - (1 << i.fraction);
  return i.kind == small_float_info::unsigned_zero || i.kind == small_float_info::finite ? all : all - 1;
}
/// The bits of NaN; of formats without one those of 0.
SINTER_HOST_DEVICE constexpr int nan_bits(small_float f) {
  const small_float_info i = info(f);
  if (i.kind == small_float_info::finite) return 0;
  if (i.kind == small_float_info::unsigned_zero) return 1 << (i.exponent + i.fraction);
  const int all = (1 << (i.exponent + i.fraction)) - 1;
  return i.kind == small_float_info::ieee ? all - (1 << i.fraction) / 2 + (i.fraction == 0) : all;
}

/// The bits of the number nearest to x, of two the even one. What is too large becomes infinity where there is one, else NaN, else the
/// largest number; NaN becomes 0 where there is none. In f8E8M0FNU negative numbers become NaN, 0 the smallest number.
/// Source: MLIR, whose constants are LLVM's APFloat::convert.
SINTER_HOST_DEVICE constexpr std::uint8_t encode(small_float f, double x) {
  const small_float_info i = info(f);
  const std::uint64_t bits = __builtin_bit_cast(std::uint64_t, x), a = bits & ~(std::uint64_t{1} << 63);
  const bool negative = bits >> 63, is_power = i.kind == small_float_info::powers_of_two;
  const int sign = negative && !is_power ? 1 << (i.exponent + i.fraction) : 0;
  if (x != x || (is_power && negative && a != 0))
    return static_cast<std::uint8_t>(nan_bits(f) | (i.kind < small_float_info::unsigned_zero ? sign : 0));
  const int exponent = static_cast<int>(a >> 52) - 1023, least = is_power ? -127 : 1 - i.bias, scale = exponent < least ? least : exponent;
  // The significand in units of the last place, rounded to nearest even.
  const std::uint64_t digits = (a >> 52 ? std::uint64_t{1} << 52 : 0) | (a & ((std::uint64_t{1} << 52) - 1));
  const int drop = scale - i.fraction - exponent + 52;
  std::uint64_t n = 0;
  if (drop < 55) {
    const std::uint64_t half = std::uint64_t{1} << (drop - 1);
    n = (digits + (half - 1) + (digits >> drop & 1)) >> drop;
  }
  int code = is_power ? (n == 0 ? 0 : scale + 126 + static_cast<int>(n)) : ((scale + i.bias - 1) << i.fraction) + static_cast<int>(n);
  if (a >> 52 == 0x7ff || code > largest_bits(f)) {
    if (i.kind == small_float_info::ieee) code = largest_bits(f) + 1;
    else if (i.kind == small_float_info::finite) code = largest_bits(f);
    else code = nan_bits(f);
  }
  if (i.kind == small_float_info::unsigned_zero && (code == 0 || code == nan_bits(f))) return static_cast<std::uint8_t>(code);
  return static_cast<std::uint8_t>(code | sign);
}

/// The number that has these bits.
SINTER_HOST_DEVICE constexpr double decode(small_float f, std::uint8_t bits) {
  const small_float_info i = info(f);
  const int sign_bit = has_sign(f) ? 1 << (i.exponent + i.fraction) : 0, all = (1 << (i.exponent + i.fraction)) - 1, a = bits & all;
  const bool negative = bits & sign_bit;
  const auto power = [](int n) { return __builtin_bit_cast(double, static_cast<std::uint64_t>(n + 1023) << 52); };
  constexpr double infinity = __builtin_huge_val();
  if (i.kind == small_float_info::unsigned_zero ? bits == sign_bit : a > largest_bits(f)) {
    const bool is_infinite = i.kind == small_float_info::ieee && a == largest_bits(f) + 1;
    return is_infinite ? (negative ? -infinity : infinity) : __builtin_nan("");
  }
  const int exponent = a >> i.fraction, fraction = a & ((1 << i.fraction) - 1);
  const double y = i.kind == small_float_info::powers_of_two ? power(a - 127)
                   : exponent == 0                           ? fraction * power(1 - i.bias - i.fraction)
                                                             : ((1 << i.fraction) + fraction) * power(exponent - i.bias - i.fraction);
  return negative ? -y : y;
}

}  // namespace detail
}  // namespace sinter
