// SPDX-License-Identifier: Apache-2.0
// Counts of bits and powers of integers of every width, against <bit> and plain loops; NumPy's names; integers of few bits.
#include <bit>
#include <cstdint>
#include <limits>
#include <tuple>
#include <type_traits>

#include <doctest/doctest.h>

#include <sinter/sinter.hpp>

#include "near.hpp"

namespace {

using namespace sinter;

template <class T> T power(T a, T b) {
  using U = std::make_unsigned_t<T>;
  if (std::is_signed_v<T> && b < 0) return static_cast<T>(a == 1 ? 1 : a == static_cast<T>(-1) ? (b % 2 ? -1 : 1) : 0);
  std::uint64_t y = 1, square = static_cast<U>(a);
  for (U rest = static_cast<U>(b); rest; rest = static_cast<U>(rest >> 1), square *= square)
    if (rest & 1) y *= square;
  return static_cast<T>(y);
}

}  // namespace

TEST_CASE_TEMPLATE("counts of bits and powers of integers", T, std::int8_t, std::uint8_t, std::int16_t, std::uint16_t, std::int32_t,
                   std::uint32_t, std::int64_t, std::uint64_t) {
  using limits = std::numeric_limits<T>;
  constexpr int n = 203;
  tensor<T, n> x, y;
  const T special[] = {0, 1, 2, 3, static_cast<T>(-1), static_cast<T>(-2), static_cast<T>(-3), limits::max(), limits::min()};
  for (int i = 0; i < n; ++i) {
    const auto k = static_cast<std::uint32_t>(i);
    const std::uint64_t r = (static_cast<std::uint64_t>(near::bits(k)) << 32) | near::bits(k + 999);
    x(i) = i < 81 ? special[i % 9] : static_cast<T>(r >> (r % 61));
    y(i) = i < 81 ? special[i / 9] : static_cast<T>(i % 13 - (std::is_signed_v<T> ? 3 : 0));
  }
  constexpr auto f = fn([](auto a, auto b) { return std::tuple(population_count(a), clz(a), pow(a, b), pow(a, 2), pow(a, 5), ~a); });
  const auto check = [&](const auto& results) {
    const auto& [ones, zeros, powers, squares, fifths, flipped] = results;
    for (int i = 0; i < n; ++i) {
      const auto bits = static_cast<std::make_unsigned_t<T>>(x(i));
      CAPTURE(+x(i));
      CAPTURE(+y(i));
      REQUIRE(ones(i) == std::popcount(bits));
      REQUIRE(zeros(i) == std::countl_zero(bits));
      REQUIRE(powers(i) == power(x(i), y(i)));
      REQUIRE(squares(i) == power(x(i), T(2)));
      REQUIRE(fifths(i) == power(x(i), T(5)));
      REQUIRE(flipped(i) == static_cast<T>(~x(i)));
    }
  };
  constexpr auto thin = f.template with<schedule<packets<1>, cached>>();
  check(thin(x, y));
  check(thin.template on<backend::scalar>()(x, y));
}

TEST_CASE("bitwise ops by NumPy's names") {
  const tensor<int, 3> a{12, -1, 5}, b{10, 7, 0};
  const tensor<int, 3> both = bitwise_and(a, b), either = bitwise_or(a, b), one = bitwise_xor(a, b), none = bitwise_not(a);
  for (int i = 0; i < 3; ++i) {
    CHECK(both(i) == (a(i) & b(i)));
    CHECK(either(i) == (a(i) | b(i)));
    CHECK(one(i) == (a(i) ^ b(i)));
    CHECK(none(i) == ~a(i));
  }
  const tensor<bool, 2> p{true, false}, q = ~p;
  CHECK(!q(0));
  CHECK(q(1));
}

TEST_CASE("integers of few bits wrap") {
  const tensor<std::int8_t, 5> a{0, 1, 2, -3, 7}, b{-8, -1, 2, -6, 7};
  const tensor<std::uint8_t, 3> c{0, 2, 9}, d{15, 3, 9};
  const auto [sum, pairs] =
      fn([](auto x, auto y) { return std::tuple(sinter::detail::wrap_bits(x + y, 4), sinter::detail::wrap_bits(x + y, 2)); })(a, b);
  const auto of_unsigned = fn([](auto x, auto y) { return sinter::detail::wrap_bits(x + y, 4); })(c, d);
  const int sums[] = {-8, 0, 4, 7, -2}, two[] = {0, 0, 0, -1, -2}, positive[] = {15, 5, 2};
  for (int i = 0; i < 5; ++i) CHECK(sum(i) == sums[i]);
  for (int i = 0; i < 5; ++i) CHECK(pairs(i) == two[i]);
  for (int i = 0; i < 3; ++i) CHECK(of_unsigned(i) == positive[i]);
}
