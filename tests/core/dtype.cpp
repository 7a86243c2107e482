// SPDX-License-Identifier: Apache-2.0
// The table of element types, and the two 16-bit floating-point types over all their patterns.
#include <bit>
#include <cmath>
#include <cstdint>
#include <iterator>
#include <limits>
#include <type_traits>

#include <doctest/doctest.h>

#include <sinter/core/dtype.hpp>

namespace {

using sinter::bfloat16;
using sinter::dtype;
using sinter::dtype_of;
using sinter::float16;
using sinter::info;
using sinter::storage_t;

static_assert(std::size(sinter::dtypes) == static_cast<int>(dtype::complex128) + 1, "one row an element type");
static_assert(dtype_of<float>() == dtype::f32 && dtype_of<double>() == dtype::f64 && dtype_of<bool>() == dtype::boolean);
static_assert(dtype_of<float16>() == dtype::f16 && dtype_of<bfloat16>() == dtype::bf16);
static_assert(dtype_of<std::int8_t>() == dtype::i8 && dtype_of<std::uint64_t>() == dtype::u64);
static_assert(dtype_of<long long>() == dtype::i64 && dtype_of<long>() == (sizeof(long) == 8 ? dtype::i64 : dtype::i32) &&
              dtype_of<unsigned char>() == dtype::u8);
static_assert(sinter::element<char> && sinter::element<float16> && !sinter::element<long double> && !sinter::element<void*> &&
              !sinter::element<const float>);

template <dtype D> constexpr bool round_trip = dtype_of<storage_t<D>>() == D &&
                                               sizeof(storage_t<D>) == static_cast<std::size_t>(sinter::size_of(D)) &&
                                               sinter::is_float(D) == (info(D).kind == sinter::dtype_info::floating) && info(D).computes;
static_assert(round_trip<dtype::boolean> && round_trip<dtype::i8> && round_trip<dtype::i16> && round_trip<dtype::i32> &&
              round_trip<dtype::i64>);
static_assert(round_trip<dtype::u8> && round_trip<dtype::u16> && round_trip<dtype::u32> && round_trip<dtype::u64>);
static_assert(round_trip<dtype::f16> && round_trip<dtype::bf16> && round_trip<dtype::f32> && round_trip<dtype::f64>);
static_assert(sinter::is_integer(dtype::u8) && sinter::is_unsigned_integer(dtype::u8) && !sinter::is_signed_integer(dtype::u8) &&
              !sinter::is_integer(dtype::boolean));
static_assert(sinter::size_of(dtype::i4) == 1 && sinter::size_of(dtype::complex128) == 16 && !info(dtype::f8e4m3).computes &&
              !info(dtype::i4).computes);
static_assert(sinter::register_dtype(dtype::i8) == dtype::i32 && sinter::register_dtype(dtype::u16) == dtype::u32 &&
              sinter::register_dtype(dtype::bf16) == dtype::f32 && sinter::register_dtype(dtype::i64) == dtype::i64);
static_assert(sizeof(float16) == 2 && sizeof(bfloat16) == 2 && std::is_trivially_copyable_v<float16>);
static_assert(float16(1.f).bits == 0x3c00 && bfloat16(1.f).bits == 0x3f80 && static_cast<float>(float16(0.5f)) == 0.5f,
              "conversions are constant expressions");
static_assert(float16(1 + 0x1p-11 + 0x1p-30).bits == 0x3c01 && float16(65519.999999).bits == 0x7bff && float16(1e300).bits == 0x7c00 &&
                  float16(-0x1p-1074).bits == 0x8000 && bfloat16(1 + 0x1p-8 + 0x1p-40).bits == 0x3f81 && bfloat16(3.4e38).bits == 0x7f80 &&
                  bfloat16((1 << 30) + (1 << 22) + 1).bits == 0x4e81 && bfloat16(~std::uint64_t{0}).bits == 0x5f80 &&
                  float16(true).bits == 0x3c00,
              "of double and of integers too, rounded once");

float float_of(std::uint32_t bits) { return std::bit_cast<float>(bits); }

}  // namespace

TEST_CASE("every float16 survives the way through float") {
  int wrong = 0;
  for (std::uint32_t b = 0; b < 0x10000; ++b) {
    float16 h;
    h.bits = static_cast<std::uint16_t>(b);
    const float f = static_cast<float>(h);
    const bool is_nan = (b & 0x7c00) == 0x7c00 && (b & 0x3ff);
    wrong += std::isnan(f) != is_nan;
    if (is_nan) wrong += !std::isnan(static_cast<float>(float16(f)));
    else wrong += float16(f).bits != b;
    if (!is_nan && (b & 0x7c00) != 0x7c00) {
      const int exponent = static_cast<int>(b >> 10 & 31), mantissa = static_cast<int>(b & 0x3ff);
      const double value = (b >> 15 ? -1 : 1) * (exponent ? std::ldexp(1024 + mantissa, exponent - 25) : std::ldexp(mantissa, -24));
      wrong += static_cast<double>(f) != value || std::signbit(f) != (b >> 15 == 1);
    }
  }
  CHECK(wrong == 0);
}

TEST_CASE("rounding to float16 is to nearest even") {
  int wrong = 0;
  for (std::uint32_t b = 0; b < 0x7c00; ++b) {  // between each finite number and its successor
    float16 h, next;
    h.bits = static_cast<std::uint16_t>(b), next.bits = static_cast<std::uint16_t>(b + 1);
    const float low = static_cast<float>(h), high = b + 1 == 0x7c00 ? 65536.f : static_cast<float>(next), middle = low + (high - low) / 2;
    wrong += float16(middle).bits != (b & 1 ? b + 1 : b);
    wrong += float16(std::nextafter(middle, 0.f)).bits != b;
    wrong += float16(std::nextafter(middle, 1e9f)).bits != b + 1;
    wrong += float16(-middle).bits != (0x8000 | (b & 1 ? b + 1 : b));
  }
  CHECK(wrong == 0);
  CHECK(float16(1e10f).bits == 0x7c00);
  CHECK(float16(-std::numeric_limits<float>::infinity()).bits == 0xfc00);
  CHECK(float16(0x1p-25f).bits == 0);
  CHECK(float16(std::nextafter(0x1p-25f, 1.f)).bits == 1);
  CHECK(float16(-0.f).bits == 0x8000);
}

TEST_CASE("bfloat16 is the upper half, rounded to nearest even") {
  int wrong = 0;
  for (std::uint32_t b = 0; b < 0x10000; ++b) {
    bfloat16 h;
    h.bits = static_cast<std::uint16_t>(b);
    const float f = static_cast<float>(h);
    wrong += std::bit_cast<std::uint32_t>(f) != b << 16;
    const bool is_nan = std::isnan(f);
    if (is_nan) {
      wrong += !std::isnan(static_cast<float>(bfloat16(f))) || !std::isnan(static_cast<float>(bfloat16(float_of(b << 16 | 0x8000))));
    } else {
      wrong += bfloat16(f).bits != b;
      if ((b & 0x7fff) == 0x7f80) continue;
      wrong += bfloat16(float_of(b << 16 | 0x7fff)).bits != b;
      wrong += bfloat16(float_of(b << 16 | 0x8000)).bits != (b & 1 ? b + 1 : b);
      wrong += bfloat16(float_of(b << 16 | 0x8001)).bits != b + 1;
    }
  }
  CHECK(wrong == 0);
}
