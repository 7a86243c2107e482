// SPDX-License-Identifier: Apache-2.0
// The formats of 4, 6 and 8 bits: every code there and back, the values that their papers give, and tensors against plain numbers.
#include <cmath>
#include <cstdint>
#include <limits>
#include <tuple>

#include <doctest/doctest.h>

#include <sinter/ops/small_floats.hpp>
#include <sinter/sinter.hpp>

#include "near.hpp"

namespace {

using sinter::small_float;
using sinter::tensor;
using sinter::detail::decode;
using sinter::detail::encode;

constexpr double infinity = std::numeric_limits<double>::infinity(), nan = std::numeric_limits<double>::quiet_NaN();

constexpr bool is_inverse(small_float f) {
  for (int c = 0; c < 1 << sinter::detail::bits_of(f); ++c) {
    const auto bits = static_cast<std::uint8_t>(c);
    const double x = decode(f, bits);
    if (x == x ? encode(f, x) != bits : decode(f, encode(f, x)) == decode(f, encode(f, x))) return false;
  }
  return true;
}
static_assert(is_inverse(small_float::f4e2m1fn) && is_inverse(small_float::f6e2m3fn) && is_inverse(small_float::f6e3m2fn));
static_assert(is_inverse(small_float::f8e3m4) && is_inverse(small_float::f8e4m3) && is_inverse(small_float::f8e4m3fn));
static_assert(is_inverse(small_float::f8e4m3fnuz) && is_inverse(small_float::f8e4m3b11fnuz) && is_inverse(small_float::f8e5m2));
static_assert(is_inverse(small_float::f8e5m2fnuz) && is_inverse(small_float::f8e8m0fnu));

// Largest and smallest numbers.
static_assert(decode(small_float::f4e2m1fn, 0x7) == 6 && decode(small_float::f4e2m1fn, 0x9) == -0.5);
static_assert(decode(small_float::f6e2m3fn, 0x1f) == 7.5 && decode(small_float::f6e3m2fn, 0x3f) == -28);
static_assert(decode(small_float::f8e3m4, 0x6f) == 15.5 && decode(small_float::f8e3m4, 0x70) == infinity);
static_assert(decode(small_float::f8e4m3fn, 0x7e) == 448 && decode(small_float::f8e4m3, 0x77) == 240);
static_assert(decode(small_float::f8e4m3fnuz, 0x7f) == 240 && decode(small_float::f8e4m3b11fnuz, 0xff) == -30);
static_assert(decode(small_float::f8e5m2, 0x7b) == 57344 && decode(small_float::f8e5m2fnuz, 0x01) == 0x1p-17);
static_assert(decode(small_float::f8e8m0fnu, 0) == 0x1p-127 && decode(small_float::f8e8m0fnu, 0xfe) == 0x1p127);
// Ties go to even; what is too large; zeros and NaN.
static_assert(encode(small_float::f4e2m1fn, 0.25) == 0 && encode(small_float::f4e2m1fn, 0.75) == 2 &&
              encode(small_float::f4e2m1fn, 5) == 6);
static_assert(encode(small_float::f8e4m3fn, 464) == 0x7e && encode(small_float::f8e4m3fn, 465) == 0x7f &&
              encode(small_float::f8e4m3fn, -infinity) == 0xff);
static_assert(encode(small_float::f8e5m2, 61440) == 0x7c && encode(small_float::f8e5m2, 61439) == 0x7b &&
              encode(small_float::f8e5m2, 1e-9) == 0);
static_assert(encode(small_float::f6e3m2fn, infinity) == 0x1f && encode(small_float::f6e3m2fn, -1e9) == 0x3f &&
              encode(small_float::f6e3m2fn, nan) == 0);
static_assert(encode(small_float::f8e4m3fnuz, -0.0) == 0 && encode(small_float::f8e4m3fnuz, -1e-9) == 0 &&
              encode(small_float::f8e4m3fnuz, 249) == 0x80);
static_assert(encode(small_float::f8e4m3, -0.0) == 0x80 && encode(small_float::f8e8m0fnu, 0) == 0 &&
              encode(small_float::f8e8m0fnu, 1.5) == 128);
static_assert(encode(small_float::f8e8m0fnu, 3.1415) == 129 && encode(small_float::f8e8m0fnu, 0.1) == 124 &&
              encode(small_float::f8e8m0fnu, -1) == 255);

template <small_float F, class T> void check() {
  constexpr int n = 700;
  tensor<T, n> x;
  using limits = std::numeric_limits<T>;
  const T special[] = {
      0, T(-0.0), limits::infinity(), -limits::infinity(), limits::quiet_NaN(), limits::max(), limits::denorm_min(), T(0x1p-127)};
  for (int i = 0; i < n; ++i) {
    const auto k = static_cast<std::uint32_t>(i);
    const auto code = static_cast<std::uint8_t>(k % 256 % (1u << sinter::detail::bits_of(F)));
    if (i < 8) x(i) = special[i];
    else if (i < 264) x(i) = static_cast<T>(decode(F, code));  // and half way to the next
    else if (i < 520) x(i) = static_cast<T>((decode(F, code) + decode(F, static_cast<std::uint8_t>(code ^ 1))) / 2);
    else x(i) = static_cast<T>(std::ldexp(near::noise(k), static_cast<int>(k % 40) - 20));
  }
  constexpr auto f = sinter::fn([](auto v) {
    const auto y = sinter::detail::round_to_format(v, F), bits = sinter::detail::format_bits(y, F);
    return std::tuple(y, bits, sinter::detail::from_format_bits(bits, F));
  });
  const auto [y, bits, back] = f.template with<sinter::schedule<sinter::packets<1>, sinter::cached>>()(x);
  for (int i = 0; i < n; ++i) {
    CAPTURE(sinter::info(F).name);
    CAPTURE(x(i));
    const auto code = encode(F, static_cast<double>(x(i)));
    const auto number = static_cast<float>(decode(F, code));
    REQUIRE(near::same(y(i), number));
    REQUIRE((number == number ? bits(i) == code : !(decode(F, bits(i)) == decode(F, bits(i)))));
    REQUIRE(near::same(back(i), number));
  }
}

}  // namespace

TEST_CASE("small floats: rounding and bits of tensors") {
  check<small_float::f4e2m1fn, float>();
  check<small_float::f6e2m3fn, float>();
  check<small_float::f6e3m2fn, float>();
  check<small_float::f8e3m4, float>();
  check<small_float::f8e4m3, float>();
  check<small_float::f8e4m3fn, float>();
  check<small_float::f8e4m3fnuz, float>();
  check<small_float::f8e4m3b11fnuz, float>();
  check<small_float::f8e5m2, float>();
  check<small_float::f8e5m2fnuz, float>();
  check<small_float::f8e8m0fnu, float>();
  check<small_float::f8e4m3fn, double>();
  check<small_float::f8e8m0fnu, double>();
}

TEST_CASE("small floats: conversions round once") {
  const tensor<int, 3> i{17, -400, 1000};
  const tensor<double, 2> d{1.0625 + 0x1p-40, 1.0625};
  constexpr auto f = sinter::fn([](auto v) { return sinter::detail::round_to_format(v, small_float::f8e4m3fn); });
  const auto y = f(i);
  const auto z = f(d);
  CHECK(y(0) == 16);
  CHECK(y(1) == -384);
  CHECK(std::isnan(y(2)));
  CHECK(z(0) == 1.125f);
  CHECK(z(1) == 1);
}
