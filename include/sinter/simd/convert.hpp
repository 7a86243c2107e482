// SPDX-License-Identifier: Apache-2.0
// Conversions between register types, and rounding to storage types, the same bits on every backend. A backend supplies only
// conversions whose values fit; what saturates, what NaN becomes and how 64-bit integers round is decided here.
#pragma once

#include <sinter/core/dtype.hpp>
#include <sinter/simd/pack.hpp>

namespace sinter {
inline namespace SINTER_ISA {
namespace simd {

/// The register type of a storage type (bool has masks).
template <element S> using register_t = storage_t<register_dtype(dtype_of<S>())>;

namespace detail {

// A conversion that the backend has, of values that fit (floats truncate, integers of 64 bits lose their upper half).
template <class R2, class B, class R, int N> SINTER_INLINE pack<B, R2, N> convert_fitting(pack<B, R, N> x) {
  if constexpr (x.native && pack<B, R2, N>::native) return pack<B, R2, N>(instructions<B>::template convert<R2, R, N>(x.v));
  else return concat(convert_fitting<R2>(lower_half(x)), convert_fitting<R2>(upper_half(x)));
}

// Signed integers of the same width: above the largest, below the smallest, NaN.
template <class B, class R, int N> SINTER_INLINE auto to_signed(pack<B, R, N> x) {
  using I = signed_word<sizeof(R)>;
  constexpr R limit = static_cast<R>(word<sizeof(R)>{1} << (8 * sizeof(R) - 1));
  const auto y = select(x < limit, select(x >= -limit, x, -limit), R{0});  // NaN and what is too large: 0
  const pack<B, I, N> r = convert_fitting<I>(y);
  return select(x >= limit, pack<B, I, N>(largest<I>), r);
}

template <class B, class R, int N> SINTER_INLINE auto to_unsigned(pack<B, R, N> x) {
  using U = word<sizeof(R)>;
  constexpr U top = U{1} << (8 * sizeof(R) - 1);
  constexpr R half = static_cast<R>(top);
  const auto upper = x >= half, above = x >= 2 * half;
  const auto y = select((x > 0) & ~above, select(upper, x - half, x), R{0});  // NaN and what is negative or too large: 0
  const auto r = bit_cast_to<U>(convert_fitting<signed_word<sizeof(R)>>(y));
  return select(above, pack<B, U, N>(static_cast<U>(~U{0})), select(upper, r | top, r));
}

template <class B, int N> SINTER_INLINE pack<B, float, N> to_float(pack<B, std::uint32_t, N> x) {
  const auto hi = convert_fitting<float>(bit_cast_to<std::int32_t>(shift_right<16>(x)));
  const auto lo = convert_fitting<float>(bit_cast_to<std::int32_t>(x & 0xffffu));
  return hi * 65536.f + lo;  // exact but for the sum
}

template <class B, int N> SINTER_INLINE pack<B, double, N> to_double(pack<B, std::uint64_t, N> x) {
  constexpr std::uint64_t upper = 0x4530000000000000u, lower = 0x4330000000000000u;  // 2^84 and 2^52: 32 bits fit behind
  const auto hi = bit_cast_to<double>(shift_right<32>(x) | upper), lo = bit_cast_to<double>((x & 0xffffffffu) | lower);
  return (hi - (0x1p84 + 0x1p52)) + lo;  // exact but for the sum
}

// What binary64 would round is made odd below, so that the second rounding to binary32 is the only one.
template <class B, class I, int N> SINTER_INLINE pack<B, I, N> sticky(pack<B, I, N> x) {
  const auto odd = (x | ((x & 0x7ff) + 0x7ff)) & ~pack<B, I, N>(0x7ff);
  if constexpr (std::signed_integral<I>) return select((x < -(I{1} << 53)) | (x > (I{1} << 53)), odd, x);
  else return select(x >= (I{1} << 53), odd, x);
}

}  // namespace detail

/// Lane by lane static_cast with every case defined: float to integer truncates, saturates and takes NaN to 0; integer to float
/// and f64 to f32 round to nearest even; integers wrap or extend.
template <register_element R2, class B, class R, int N> SINTER_INLINE pack<B, R2, N> convert(pack<B, R, N> x) {
  using namespace detail;
  [[maybe_unused]] const uncounted<B> quiet;
  constexpr bool floats = std::floating_point<R>, floats2 = std::floating_point<R2>;
  using I = signed_word<sizeof(R2)>;
  if constexpr (std::same_as<R, R2>) {
    return x;
  } else if constexpr (floats && floats2) {
    return convert_fitting<R2>(x);
  } else if constexpr (floats) {
    if constexpr (sizeof(R) < sizeof(R2)) {
      return convert<R2>(convert_fitting<double>(x));
    } else if constexpr (sizeof(R) > sizeof(R2)) {
      constexpr double low = lowest<R2>, high = largest<R2>;
      const auto y = select(x == x, min_fast(max_fast(x, low), high), R{0});
      if constexpr (std::signed_integral<R2>) return convert_fitting<R2>(y);
      else return convert<R2>(convert_fitting<std::int64_t>(y));
    } else if constexpr (std::signed_integral<R2>) {
      return to_signed(x);
    } else {
      return to_unsigned(x);
    }
  } else if constexpr (floats2) {
    if constexpr (sizeof(R) > sizeof(R2)) return convert_fitting<float>(convert<double>(sticky(x)));
    else if constexpr (std::signed_integral<R>) return convert_fitting<R2>(x);
    else if constexpr (sizeof(R) < sizeof(R2)) return convert_fitting<double>(convert<std::int64_t>(x));
    else if constexpr (sizeof(R) == 4) return to_float(x);
    else return to_double(x);
  } else if constexpr (sizeof(R) == sizeof(R2)) {
    return bit_cast_to<R2>(x);
  } else if constexpr (sizeof(R) < sizeof(R2)) {
    using Wide = std::conditional_t<std::signed_integral<R>, std::int64_t, std::uint64_t>;
    return bit_cast_to<R2>(convert_fitting<Wide>(x));
  } else {
    return bit_cast_to<R2>(bit_cast_to<std::uint32_t>(convert_fitting<I>(bit_cast_to<std::int64_t>(x))));
  }
}

/// The same truth values for lanes of W2 bytes.
template <int W2, class B, int W, int N> SINTER_INLINE mask<B, W2, N> mask_cast(mask<B, W, N> x) {
  if constexpr (W == W2) return x;
  else if constexpr (x.native && mask<B, W2, N>::native) return mask<B, W2, N>(instructions<B>::template mask_cast<W2, W, N>(x.v));
  else return concat(mask_cast<W2>(lower_half(x)), mask_cast<W2>(upper_half(x)));
}

namespace detail {

// binary16 in the low half of each lane, rounded to nearest even.
template <class B, int N> SINTER_INLINE pack<B, std::uint32_t, N> half_bits(pack<B, float, N> x) {
  const auto b = bit_cast_to<std::uint32_t>(x), a = b & 0x7fffffffu, top = min_fast(a, 0x47800000u);
  const auto normal = shift_right<13>(top - 0x38000000u + 0xfffu + (shift_right<13>(top) & 1u));
  // The sum with 0.5 rounds at 2^-24, the unit of subnormal halves.
  const auto subnormal = bit_cast_to<std::uint32_t>(bit_cast_to<float>(a) + 0.5f) - 0x3f000000u;
  const auto nan = (shift_right<13>(a) & 0x3ffu) | 0x7e00u;
  return (shift_right<16>(b) & 0x8000u) | select(a > 0x7f800000u, nan, select(a < 0x38800000u, subnormal, normal));
}
template <class B, int N> SINTER_INLINE pack<B, float, N> from_half_bits(pack<B, std::uint32_t, N> h) {
  const auto a = shift_left<13>(h & 0x7fffu);
  const auto finite = bit_cast_to<std::uint32_t>(bit_cast_to<float>(a) * 0x1p112f);
  return bit_cast_to<float>(select(a >= 0x0f800000u, a | 0x7f800000u, finite) | shift_left<16>(h & 0x8000u));
}
template <class B, int N> SINTER_INLINE pack<B, std::uint32_t, N> brain_bits(pack<B, float, N> x) {
  const auto b = bit_cast_to<std::uint32_t>(x);
  return select(is_nan(x), shift_right<16>(b) | 0x40u, shift_right<16>(b + 0x7fffu + (shift_right<16>(b) & 1u)));
}
template <class B, int N> SINTER_INLINE pack<B, float, N> from_brain_bits(pack<B, std::uint32_t, N> h) {
  return bit_cast_to<float>(shift_left<16>(h));
}

// Whether a backend rounds to bfloat16 by itself.
template <class B> inline constexpr bool has_brain = requires { instructions<B>::has_brain; };

// Rounded to odd as core/dtype.hpp does: binary32 of binary64.
template <class B, int N> SINTER_INLINE pack<B, float, N> to_odd_float(pack<B, double, N> x) {
  const auto f = convert_fitting<float>(x);
  const auto back = convert_fitting<double>(f);
  const auto away = mask_cast<4>(abs(back) > abs(x)), inexact = mask_cast<4>((back < x) | (back > x));  // not of NaN
  const auto bits = bit_cast_to<std::uint32_t>(f);
  return bit_cast_to<float>(select(inexact, select(away, bits - 1, bits) | 1, bits));
}
// 32-bit integers whose lower digits binary32 would round are made odd above them.
template <class B, class I, int N> SINTER_INLINE pack<B, I, N> odd_above(pack<B, I, N> x) {
  const auto odd = (x | ((x & 0xff) + 0xff)) & ~pack<B, I, N>(0xff);
  if constexpr (std::signed_integral<I>) return select((x < -(I{1} << 24)) | (x > (I{1} << 24)), odd, x);
  else return select(x >= (I{1} << 24), odd, x);
}

}  // namespace detail

/// What storing as S and loading again gives: integers wrap, float16 and bfloat16 round to nearest even.
template <element S, class B, class R, int N> SINTER_INLINE pack<B, R, N> round_to(pack<B, R, N> x) {
  [[maybe_unused]] const detail::uncounted<B> quiet;
  static_assert(std::same_as<register_t<S>, R>);
  if constexpr (std::same_as<S, R>) return x;
  else if constexpr (std::same_as<S, bfloat16>) {
    if constexpr (!detail::has_brain<B>) return detail::from_brain_bits(detail::brain_bits(x));
    else if constexpr (x.native) return pack<B, R, N>(instructions<B>::round_to_brain(x.v));
    else return pack<B, R, N>{round_to<S>(x.lo), round_to<S>(x.hi)};
  } else if constexpr (std::same_as<S, float16>) {
    if constexpr (!instructions<B>::has_half) return detail::from_half_bits(detail::half_bits(x));
    else if constexpr (x.native) return pack<B, R, N>(instructions<B>::round_to_half(x.v));
    else return pack<B, R, N>{round_to<S>(x.lo), round_to<S>(x.hi)};
  } else {
    constexpr int unused = 32 - 8 * static_cast<int>(sizeof(S));
    return shift_right<unused>(shift_left<unused>(x));
  }
}

/// convert and round_to in one rounding. What binary32 rounds of integers is infinite in float16 anyway.
template <element S, class B, class R, int N> SINTER_INLINE pack<B, register_t<S>, N> convert_to(pack<B, R, N> x) {
  [[maybe_unused]] const detail::uncounted<B> quiet;
  constexpr bool brain = std::same_as<S, bfloat16>;
  if constexpr (std::same_as<R, double> && (brain || std::same_as<S, float16>)) return round_to<S>(detail::to_odd_float(x));
  else if constexpr (brain && std::integral<R> && sizeof(R) == 8)
    return round_to<S>(detail::to_odd_float(convert<double>(detail::sticky(x))));
  else if constexpr (brain && std::integral<R>) return round_to<S>(convert<float>(detail::odd_above(x)));
  else return round_to<S>(convert<register_t<S>>(x));
}

}  // namespace simd
}  // namespace SINTER_ISA
}  // namespace sinter
