// SPDX-License-Identifier: Apache-2.0
// How far a floating-point result is from the exact one, and reproducible numbers.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>

namespace near {

/// |y - exact| in units of the last place of T at `exact`; 0 for the same infinity, NaN, or signed zero, infinite for another.
template <class T> double ulp(T y, long double exact) {
  const T rounded = static_cast<T>(exact);
  if (std::isnan(exact) || std::isnan(y)) return std::isnan(exact) && std::isnan(y) ? 0 : HUGE_VAL;
  if (std::isinf(y) && std::isinf(rounded)) return std::signbit(y) == std::signbit(rounded) ? 0 : HUGE_VAL;
  if (std::isinf(y))
    return std::fabs(exact) > static_cast<long double>(std::numeric_limits<T>::max()) * (1 - 2 * std::numeric_limits<T>::epsilon())
               ? 1
               : HUGE_VAL;
  if (y == 0 && exact == 0) return std::signbit(y) == std::signbit(exact) ? 0 : HUGE_VAL;
  if (std::isinf(rounded))
    return (y > 0) == (exact > 0) && std::fabs(y) > std::numeric_limits<T>::max() * (1 - 8 * std::numeric_limits<T>::epsilon()) ? 1
                                                                                                                                : HUGE_VAL;
  int exponent = 0;
  std::frexp(std::fabs(rounded) < std::numeric_limits<T>::min() ? std::numeric_limits<T>::min() : rounded, &exponent);
  return static_cast<double>(std::fabs(static_cast<long double>(y) - exact) / std::ldexp(1.0L, exponent - std::numeric_limits<T>::digits));
}

/// The same bits, or both NaN.
template <class T> bool same(T a, T b) {
  if (a != a && b != b) return true;
  return std::memcmp(&a, &b, sizeof(T)) == 0;
}

/// Well mixed 32 bits from i.
inline std::uint32_t bits(std::uint32_t i) {
  i = i * 747796405u + 2891336453u;
  i = ((i >> ((i >> 28) + 4)) ^ i) * 277803737u;
  return (i >> 22) ^ i;
}
/// A number in [-1, 1).
inline double noise(std::uint32_t i) { return static_cast<double>(bits(i)) * 0x1p-31 - 1; }
template <class T> void fill(T& t, double scale = 1, std::uint32_t seed = 0) {
  for (auto& x : t) x = static_cast<typename T::value_type>(static_cast<float>(scale * noise(seed++)));
}

}  // namespace near
