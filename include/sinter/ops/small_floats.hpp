// SPDX-License-Identifier: Apache-2.0
// Tensors of the formats of 4, 6 and 8 bits, whose numbers stand in binary32: rounding to a format, and its bits.
#pragma once

#include <sinter/core/small_floats.hpp>
#include <sinter/ops/functors.hpp>

namespace sinter {

namespace detail {

// Of binary32 or binary64: the nearest number of the format. Normal numbers are rounded as bits; of smaller ones a sum, whose unit in the
// last place is the format's smallest number, rounds.
template <small_float F> struct rounded_to {
  static constexpr const char* name = info(F).name;
  template <class X> SINTER_INLINE X operator()(X x) const {
    using R = typename X::element;
    constexpr small_float_info i = info(F);
    constexpr bool is_power = i.kind == small_float_info::powers_of_two;
    if constexpr (is_power && sizeof(R) == 4) {  // whose smallest number is subnormal in binary32
      return convert<float>((*this)(convert<double>(x)));
    } else {
      using U = std::conditional_t<sizeof(R) == 4, std::uint32_t, std::uint64_t>;
      constexpr int fraction = sizeof(R) == 4 ? 23 : 52, drop = fraction - i.fraction;
      constexpr U half = (U{1} << (drop - 1)) - 1, kept = static_cast<U>(~((U{1} << drop) - 1));
      constexpr int least = is_power ? -127 : 1 - i.bias;
      X a = abs(x);
      if constexpr (is_power) a = select(a < X(power<R>(least)), X(power<R>(least)), a);
      const auto bits = bit_cast_to<U>(a);
      using bits_t = std::remove_const_t<decltype(bits)>;
      const bits_t odd = is_power ? bits_t(U{1}) : (bits >> drop) & bits_t(U{1});  // of powers of two the only digit, 1, is odd
      X y = bit_cast_to<R>((bits + bits_t(half) + odd) & bits_t(kept));
      if constexpr (!is_power) {
        const X unit(power<R>(least - i.fraction + fraction));
        y = select(a < X(power<R>(least)), (a + unit) - unit, y);
      }
      constexpr R most = static_cast<R>(decode(F, static_cast<std::uint8_t>(largest_bits(F))));
      constexpr R beyond = i.kind == small_float_info::ieee ? infinite<R> : i.kind == small_float_info::finite ? most : no_number<R>;
      y = select(y > X(most), X(beyond), y);
      if constexpr (i.kind == small_float_info::finite) y = select(x == x, y, X(R{0}));
      else y = select(x == x, y, x);
      if constexpr (is_power) return select(x < X(R{0}), X(no_number<R>), y);
      else if constexpr (i.kind == small_float_info::unsigned_zero) return select(y == X(R{0}), X(R{0}), copysign(y, x));
      else return copysign(y, x);
    }
  }
  static constexpr value derivative(value) { return 1; }

 private:
  template <class R> SINTER_HOST_DEVICE static constexpr R power(int n) {
    return static_cast<R>(__builtin_bit_cast(double, static_cast<std::uint64_t>(n + 1023) << 52));
  }
};

// The bits of a number of the format, as a number; and back. Numbers of few bits are numbers of binary32 but for their exponents' bias.
template <small_float F> struct code_of_number {
  static constexpr const char* name = "bits";
  template <class X> SINTER_INLINE X operator()(X x) const {
    constexpr small_float_info i = info(F);
    constexpr int drop = 23 - i.fraction, sign = 1 << (i.exponent + i.fraction);
    constexpr std::uint32_t scale = static_cast<std::uint32_t>(i.bias) << 23;  // 2^(bias - 127)
    const auto bits = bit_cast_to<std::uint32_t>(scale == 127u << 23 ? abs(x) : abs(x) * X(__builtin_bit_cast(float, scale))) >> drop;
    X y = convert<float>(bits);
    if constexpr (i.kind == small_float_info::ieee) y = select(abs(x) > X(largest()), X(static_cast<float>(largest_bits(F) + 1)), y);
    if constexpr (has_sign(F)) y = select(bit_cast_to<std::int32_t>(x) < 0, y + X(static_cast<float>(sign)), y);
    return select(x == x, y, X(static_cast<float>(nan_bits(F))));
  }
  static constexpr value derivative(value) { return 0; }

 private:
  SINTER_HOST_DEVICE static constexpr float largest() { return static_cast<float>(decode(F, static_cast<std::uint8_t>(largest_bits(F)))); }
};
template <small_float F> struct number_of_code {
  static constexpr const char* name = info(F).name;
  template <class X> SINTER_INLINE X operator()(X x) const {
    constexpr small_float_info i = info(F);
    constexpr int sign = 1 << (i.exponent + i.fraction);
    constexpr float inverse = __builtin_bit_cast(float, static_cast<std::uint32_t>(254 - i.bias) << 23);  // 2^(127 - bias)
    const auto negative = has_sign(F) ? x >= X(static_cast<float>(sign)) : x != x;
    const X a = select(negative, x - X(static_cast<float>(sign)), x);
    const X shifted = bit_cast_to<float>(convert<std::uint32_t>(a) << (23 - i.fraction));
    X y = i.bias == 127 ? shifted : shifted * X(inverse);
    if constexpr (i.kind == small_float_info::powers_of_two) y = select(a == X(0.f), X(0x1p-127f), y);
    if constexpr (i.kind == small_float_info::unsigned_zero) {
      y = select(negative & (a == X(0.f)), X(no_number<float>), y);
    } else if constexpr (i.kind != small_float_info::finite) {
      constexpr float most = static_cast<float>(largest_bits(F));
      const X first_beyond(i.kind == small_float_info::ieee ? infinite<float> : no_number<float>);
      y = select(a > X(most), select(a == X(most + 1), first_beyond, X(no_number<float>)), y);
    }
    return select(negative, -y, y);
  }
  static constexpr value derivative(value) { return 0; }
};

template <template <small_float> class Functor> constexpr value of_format(value x, small_float f) {
  switch (f) {
    case small_float::f4e2m1fn: return ops::map<Functor<small_float::f4e2m1fn>>::trace(x);
    case small_float::f6e2m3fn: return ops::map<Functor<small_float::f6e2m3fn>>::trace(x);
    case small_float::f6e3m2fn: return ops::map<Functor<small_float::f6e3m2fn>>::trace(x);
    case small_float::f8e3m4: return ops::map<Functor<small_float::f8e3m4>>::trace(x);
    case small_float::f8e4m3: return ops::map<Functor<small_float::f8e4m3>>::trace(x);
    case small_float::f8e4m3fn: return ops::map<Functor<small_float::f8e4m3fn>>::trace(x);
    case small_float::f8e4m3fnuz: return ops::map<Functor<small_float::f8e4m3fnuz>>::trace(x);
    case small_float::f8e4m3b11fnuz: return ops::map<Functor<small_float::f8e4m3b11fnuz>>::trace(x);
    case small_float::f8e5m2: return ops::map<Functor<small_float::f8e5m2>>::trace(x);
    case small_float::f8e5m2fnuz: return ops::map<Functor<small_float::f8e5m2fnuz>>::trace(x);
    default: return ops::map<Functor<small_float::f8e8m0fnu>>::trace(x);
  }
}

/// x rounded once to a format, as binary32: what `encode` says of a number. Types: f32, f64; others are converted first, integers
/// to f64. Cost: some 12 ops an element; the derivative is 1.
constexpr value round_to_format(value x, small_float f) {
  const dtype t = x.type();
  const dtype from = t == dtype::f64 || is_integer(t) ? dtype::f64 : dtype::f32;
  return ops::cast::trace(of_format<rounded_to>(ops::cast::trace(x, from), f), dtype::f32);
}
/// The bits of numbers of a format: f32, which holds nothing else, -> u8. NaN becomes the NaN of `nan_bits`.
constexpr value format_bits(value x, small_float f) { return ops::cast::trace(of_format<code_of_number>(x, f), dtype::u8); }
/// The numbers that have these bits: u8 -> f32.
constexpr value from_format_bits(value bits, small_float f) { return of_format<number_of_code>(ops::cast::trace(bits, dtype::f32), f); }

}  // namespace detail
}  // namespace sinter
