// SPDX-License-Identifier: Apache-2.0
// Numbers of a text, in constant evaluation: integers, and decimals rounded correctly to binary64.
#pragma once

#include <sinter/import/text.hpp>

namespace sinter::mlir {

namespace detail {

// A number of up to 32 * Most bits: 42 are enough for 40 digits times any power of ten of binary64, 136 for 800 digits.
template <int Most> struct natural {
  std::uint32_t limb[Most] = {};
  int limbs = 0;

  constexpr explicit natural(std::uint64_t n) {
    for (; n; n >>= 32) limb[limbs++] = static_cast<std::uint32_t>(n);
  }
  constexpr void multiply(std::uint32_t by, std::uint64_t carry = 0) {
    for (int i = 0; i < limbs; ++i) {
      carry += static_cast<std::uint64_t>(limb[i]) * by;
      limb[i] = static_cast<std::uint32_t>(carry), carry >>= 32;
    }
    if (carry) limb[limbs++] = static_cast<std::uint32_t>(carry);
  }
  constexpr void multiply_by_power_of_5(int n) {
    for (; n >= 13; n -= 13) multiply(1220703125u);
    for (; n > 0; --n) multiply(5);
  }
  constexpr void shift_left(int n) {
    const int whole = n / 32, bits = n % 32;
    if (limbs == 0) return;
    for (int i = limbs - 1; i >= 0; --i) limb[i + whole] = limb[i];
    for (int i = 0; i < whole; ++i) limb[i] = 0;
    limbs += whole;
    if (bits == 0) return;
    std::uint32_t carry = 0;
    for (int i = whole; i < limbs; ++i) {
      const std::uint32_t x = limb[i];
      limb[i] = x << bits | carry, carry = x >> (32 - bits);
    }
    if (carry) limb[limbs++] = carry;
  }
  constexpr int compare(const natural& o) const {
    if (limbs != o.limbs) return limbs < o.limbs ? -1 : 1;
    for (int i = limbs - 1; i >= 0; --i)
      if (limb[i] != o.limb[i]) return limb[i] < o.limb[i] ? -1 : 1;
    return 0;
  }
};

inline constexpr double powers_of_ten[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                           1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

// Digits of a number: the first 19, then up to 19 more where there are such; where these are not all, those that matter are read again.
struct decimal_digits {
  std::uint64_t first = 0, rest = 0;
  int count = 0;  // of the rest
  bool more = false;
  text source{};
  int begin = 0;
  // No middle between two numbers of binary64 has more than 767 digits: behind 800 only matters whether there are any but 0.
  static constexpr int enough = 800;
  template <int Most> constexpr natural<Most> whole(int& behind_first) const {
    natural<Most> n(first);
    behind_first = count;
    if (!more) {
      for (int i = 0; i < count; ++i) n.multiply(10);
      if (count) n.multiply(1, rest);
      return n;
    }
    int digits = 0;
    for (int at = begin; is_digit(source[at]) || source[at] == '.'; ++at) {
      if (source[at] == '.' || (digits == 0 && source[at] == '0')) continue;
      if (++digits <= 19) continue;
      if (digits <= enough) n.multiply(10, static_cast<std::uint64_t>(source[at] - '0'));
      else if (source[at] != '0') {
        n.multiply(10, 1), digits = enough + 1;
        break;
      }
    }
    behind_first = (digits > enough + 1 ? enough : digits) - 19;
    return n;
  }
};
// digits * 10^exponent against (m + 1/2) * 2^e: -1, 0 or 1.
template <int Most> constexpr int compare_to_middle(const decimal_digits& digits, int exponent, std::uint64_t m, int e) {
  int behind = 0;
  natural<Most> a = digits.whole<Most>(behind), b(2 * m + 1);
  exponent -= behind;
  const int shift = exponent - (e - 1);  // a * 5^exponent * 2^shift against b
  if (exponent > 0) a.multiply_by_power_of_5(exponent);
  else b.multiply_by_power_of_5(-exponent);
  if (shift > 0) a.shift_left(shift);
  else b.shift_left(-shift);
  return a.compare(b);
}
// digits * 10^exponent / 2^e, rounded to nearest even, of which it is known that it lies between lo and hi.
constexpr std::uint64_t quotient(const decimal_digits& digits, int exponent, int e, std::uint64_t lo, std::uint64_t hi) {
  while (lo < hi) {
    const std::uint64_t middle = lo + (hi - lo) / 2;
    const int c = digits.more ? compare_to_middle<136>(digits, exponent, middle, e) : compare_to_middle<42>(digits, exponent, middle, e);
    if (c < 0 || (c == 0 && middle % 2 == 0)) hi = middle;
    else lo = middle + 1;
  }
  return lo;
}
// first * 10^exponent with the further digits behind it, rounded to nearest even.
constexpr double from_decimal(const decimal_digits& all, int exponent) {
  const std::uint64_t digits = all.first;
  if (digits == 0 || exponent < -345) return 0;
  if (exponent > 310) return __builtin_huge_val();
  constexpr std::uint64_t one = std::uint64_t{1} << 52;
  if (all.count == 0 && digits <= 2 * one && exponent >= -22 && exponent <= 22)
    return exponent < 0 ? static_cast<double>(digits) / powers_of_ten[-exponent] : static_cast<double>(digits) * powers_of_ten[exponent];
  constexpr int least = -1074;
  int e = least;
  std::uint64_t lo = 0, hi = 2 * one;
  if (exponent > -290 && exponent < 285) {  // a first guess, wrong by some units
    double guess = static_cast<double>(digits);
    int left = exponent;
    for (; left > 22; left -= 22) guess *= 1e22;
    for (; left < -22; left += 22) guess /= 1e22;
    guess = left < 0 ? guess / powers_of_ten[-left] : guess * powers_of_ten[left];
    const auto bits = __builtin_bit_cast(std::uint64_t, guess);
    e = static_cast<int>(bits >> 52) - 1075;
    const std::uint64_t m = one | (bits & (one - 1));
    lo = m - 64, hi = m + 64;
  } else {
    int width = 64;
    while (!(digits >> (width - 1))) --width;
    const int log = width - 1 + static_cast<int>((static_cast<std::int64_t>(exponent) * 217706) >> 16);  // or one more
    if (log - 52 > e) e = log - 52;
    hi = 8 * one;
  }
  std::uint64_t m = quotient(all, exponent, e, lo, hi);
  while (m > 2 * one) m = quotient(all, exponent, ++e, one / 2, 8 * one);
  while (m < one && e > least) m = quotient(all, exponent, --e, one / 2, 8 * one);
  if (m == 2 * one) m = one, ++e;
  if (m < one) return __builtin_bit_cast(double, m);  // subnormal
  if (e > 971) return __builtin_huge_val();
  return __builtin_bit_cast(double, (static_cast<std::uint64_t>(e + 1075) << 52) | (m & (one - 1)));
}

}  // namespace detail

/// A number of a text: decimal, hexadecimal (bits), true or false.
struct number_text {
  enum kind_t : std::uint8_t { none, integer, decimal, bits, boolean } kind = none;
  bool negative = false;
  std::uint64_t digits = 0;
  double real = 0;  // without its sign
  int end = 0;

  constexpr double as_double() const {
    const double d = kind == decimal ? real : static_cast<double>(digits);
    return negative ? -d : d;
  }
  constexpr std::int64_t as_integer() const { return static_cast<std::int64_t>(negative ? 0 - digits : digits); }
};
constexpr number_text number_at(text t, int at) {
  number_text n;
  n.end = at;
  if (is_word(t, at, "true") || is_word(t, at, "false")) {
    n.kind = number_text::boolean, n.digits = t[at] == 't', n.end = at + (t[at] == 't' ? 4 : 5);
    return n;
  }
  if (t[at] == '-') n.negative = true, ++at;
  if (t[at] == '0' && t[at + 1] == 'x') {
    int digits = 0;
    for (at += 2; hex_digit(t[at]) >= 0; ++at) n.digits = n.digits << 4 | static_cast<std::uint64_t>(hex_digit(t[at])), ++digits;
    if (digits == 0 || digits > 16) return n;
    n.kind = number_text::bits, n.end = at;
    return n;
  }
  if (!is_digit(t[at])) return n;
  const int begin = at;
  std::uint64_t d = 0;
  detail::decimal_digits all;
  int exponent = 0;
  bool overflow = false, decimal = false;
  for (bool fraction = false;; ++at) {
    const char c = t[at];
    if (c == '.' && !fraction) {
      fraction = decimal = true;
      continue;
    }
    if (!is_digit(c)) break;
    if (d >= 1000000000000000000u) {
      exponent += !fraction, overflow = true;
      if (all.count < 19) all.rest = 10 * all.rest + static_cast<std::uint64_t>(c - '0'), ++all.count;
      else all.more |= c != '0';
    } else d = 10 * d + static_cast<std::uint64_t>(c - '0'), exponent -= fraction;
  }
  if (overflow && !decimal && t[at] != 'e' && t[at] != 'E') {  // an integer of 20 digits: the last one may still fit
    std::uint64_t whole = 0;
    bool fits = true;
    for (int k = n.end + n.negative; k < at; ++k) {
      const auto digit = static_cast<std::uint64_t>(t[k] - '0');
      fits &= whole <= (~std::uint64_t{0} - digit) / 10;
      whole = 10 * whole + digit;
    }
    if (fits) n.digits = whole, n.kind = number_text::integer, n.end = at;
    return n;
  }
  if ((t[at] == 'e' || t[at] == 'E') && (is_digit(t[at + 1]) || ((t[at + 1] == '-' || t[at + 1] == '+') && is_digit(t[at + 2])))) {
    decimal = true;
    ++at;
    const bool negative = t[at] == '-';
    at += t[at] == '-' || t[at] == '+';
    int e = 0;
    for (; is_digit(t[at]); ++at)
      if (e < 10000) e = 10 * e + (t[at] - '0');
    exponent += negative ? -e : e;
  }
  n.end = at, n.digits = d;
  n.kind = decimal ? number_text::decimal : number_text::integer;
  all.source = t, all.begin = begin, all.first = d;
  if (decimal) n.real = detail::from_decimal(all, exponent);
  return n;
}

}  // namespace sinter::mlir
