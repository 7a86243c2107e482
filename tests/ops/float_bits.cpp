// SPDX-License-Identifier: Apache-2.0
// Ops that look at the bits of floating-point numbers: against <cmath> on special values and their neighbours, in all element types.
#include <bit>
#include <cmath>
#include <complex>
#include <cstdint>
#include <limits>
#include <tuple>
#include <type_traits>

#include <doctest/doctest.h>

#include <sinter/complex.hpp>
#include <sinter/sinter.hpp>

#include "near.hpp"

namespace {

using namespace sinter;

template <class T> using word =
    std::conditional_t<sizeof(T) == 2, std::uint16_t, std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>>;
template <class T> word<T> bits_of(T x) { return std::bit_cast<word<T>>(x); }
template <class T> T from_bits(std::uint64_t b) { return std::bit_cast<T>(static_cast<word<T>>(b)); }
template <class T> constexpr int fraction = std::is_same_v<T, float16> ? 10 : std::is_same_v<T, bfloat16> ? 7 : sizeof(T) == 4 ? 23 : 52;

// Numbers on both sides of everything: zeros, subnormal and normal, ties, the largest, infinities and NaN of both signs.
constexpr int count = 28;
template <class T> tensor<T, count> values() {
  const std::uint64_t one = 1, top = one << (8 * sizeof(T) - 1), least_normal = one << fraction<T>, infinite = top - least_normal;
  const std::uint64_t size[] = {0,
                                1,
                                2,
                                least_normal - 1,
                                least_normal,
                                infinite - 1,
                                infinite,
                                infinite + least_normal / 2,
                                bits_of(T(1.f)),
                                bits_of(T(0.5f)),
                                bits_of(T(1.5f)),
                                bits_of(T(2.5f)),
                                bits_of(T(0.25f)),
                                bits_of(T(65.f))};
  tensor<T, count> x;
  for (int i = 0; i < count; ++i) x(i) = from_bits<T>(size[i / 2] | (i % 2 ? top : 0));
  return x;
}
template <class F> constexpr auto thin(F f) { return fn(f).template with<schedule<packets<1>, cached>>(); }

}  // namespace

TEST_CASE_TEMPLATE("what is finite, infinite, NaN; the nearest integer away from zero", T, float, double, float16, bfloat16) {
  const auto x = values<T>();
  const auto [finite, infinite, nan, away] = thin([](auto a) { return std::tuple(isfinite(a), isinf(a), isnan(a), round_away(a)); })(x);
  for (int i = 0; i < count; ++i) {
    const auto d = static_cast<double>(x(i));
    CAPTURE(d);
    CHECK(finite(i) == std::isfinite(d));
    CHECK(infinite(i) == std::isinf(d));
    CHECK(nan(i) == std::isnan(d));
    CHECK(near::same(static_cast<double>(away(i)), std::round(d)));
  }
}

TEST_CASE("what is finite of complex numbers and integers") {
  const float inf = std::numeric_limits<float>::infinity();
  const tensor<std::complex<float>, 3> z{{1, 2}, {1, -inf}, {NAN, inf}};
  const tensor<int, 2> k{1, -1};
  const auto [finite, infinite, nan] = fn([](auto a) { return std::tuple(isfinite(a), isinf(a), isnan(a)); })(z);
  for (int i = 0; i < 3; ++i) CHECK((finite(i) == (i == 0) && infinite(i) == (i > 0) && nan(i) == (i == 2)));
  const tensor<bool, 2> all = isfinite(k), none = isnan(k), neither = isinf(k);
  for (int i = 0; i < 2; ++i) CHECK((all(i) && !none(i) && !neither(i)));
}

TEST_CASE_TEMPLATE("the next number", T, float, double, float16, bfloat16) {
  const auto all = values<T>();
  tensor<T, count * count> x, y;
  for (int i = 0; i < count * count; ++i) x(i) = all(i % count), y(i) = all(i / count);
  const auto next = thin([](auto a, auto b) { return nextafter(a, b); })(x, y);
  for (int i = 0; i < count * count; ++i) {
    const auto a = static_cast<double>(x(i)), b = static_cast<double>(y(i));
    CAPTURE(a);
    CAPTURE(b);
    if (std::isnan(a) || std::isnan(b)) {
      CHECK(std::isnan(static_cast<double>(next(i))));
      continue;
    }
    const word<T> from = bits_of(x(i)), top = static_cast<word<T>>(std::uint64_t{1} << (8 * sizeof(T) - 1));
    word<T> to = bits_of(y(i));
    if (a == 0 && b != 0) to = static_cast<word<T>>((b < 0 ? top : 0) | 1);
    else if (a != b) to = static_cast<word<T>>((a < b) == (a > 0) ? from + 1 : from - 1);
    CHECK(bits_of(next(i)) == to);
  }
}

TEST_CASE_TEMPLATE("the total order", T, float, double, float16, bfloat16) {
  const auto x = values<T>();
  const auto key = thin([](auto a) { return total_order(a); })(x);
  const auto place = [&](int i) {
    const auto d = static_cast<double>(x(i));
    return std::isnan(d) ? (i % 2 ? -HUGE_VALL : HUGE_VALL) : std::isinf(d) ? (d > 0 ? 1e1000L : -1e1000L) : static_cast<long double>(d);
  };
  for (int i = 0; i < count; ++i)
    for (int j = 0; j < count; ++j) {
      CAPTURE(place(i));
      CAPTURE(place(j));
      if (place(i) < place(j)) CHECK(key(i) < key(j));
      if (i == j) CHECK(key(i) == key(j));
    }
  CHECK(key(1) < key(0));  // -0 < +0
}

TEST_CASE("fewer digits") {
  const double inf = std::numeric_limits<double>::infinity();
  const tensor<double, 8> x{inf, NAN, 5e-324, 0, 65505, 65520, -1e-300, -65519};
  const auto [half, none, own] =
      thin([](auto a) { return std::tuple(reduce_precision<5, 10>(a), reduce_precision<5, 0>(a), reduce_precision<11, 52>(a)); })(x);
  const double halves[] = {inf, NAN, 0, 0, 65504, inf, -0.0, -65504}, powers[] = {inf, inf, 0, 0, inf, inf, -0.0, -inf};
  for (int i = 0; i < 8; ++i) {
    CAPTURE(x(i));
    CHECK(near::same(half(i), halves[i]));
    CHECK(near::same(none(i), powers[i]));
    CHECK(near::same(own(i), x(i)));
  }
  tensor<float, 500> y;
  for (int i = 0; i < 500; ++i) y(i) = static_cast<float>(std::ldexp(near::noise(static_cast<std::uint32_t>(i)), i % 30 - 12));
  y(0) = 1 + 0x1p-8f, y(1) = 1 + 0x3p-8f, y(2) = 65519.996f, y(3) = 0x1p-14f, y(4) = -0x1.ffep-15f;
  const auto [brain, ieee] = thin([](auto a) { return std::tuple(reduce_precision<8, 7>(a), reduce_precision<5, 10>(a)); })(y);
  for (int i = 0; i < 500; ++i) {
    CAPTURE(y(i));
    CHECK(near::same(brain(i), static_cast<float>(bfloat16(y(i)))));
    const auto h = static_cast<float>(float16(y(i)));
    CHECK(near::same(ieee(i), std::fabs(h) < 0x1p-14f ? std::copysign(0.f, y(i)) : h));
  }
  const tensor<float16, 2> h{float16(1.0009765625f), float16(3.3f)}, same = reduce_precision<11, 52>(h), less = reduce_precision<5, 2>(h);
  CHECK(same(0).bits == h(0).bits);
  CHECK(static_cast<float>(less(0)) == 1);
  CHECK(static_cast<float>(less(1)) == 3.5f);
}
