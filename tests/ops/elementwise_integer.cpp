// SPDX-License-Identifier: Apache-2.0
// Element-by-element ops on integers and bools against plain C++ that wraps: at the sizes around a packet, with the extreme values.
#include <algorithm>
#include <cstdint>
#include <limits>
#include <tuple>
#include <type_traits>

#include <doctest/doctest.h>

#include <sinter/sinter.hpp>

#include "near.hpp"

namespace {

using sinter::dyn;
using sinter::tensor;

constexpr int sizes[] = {0, 1, 15, 16, 17, 1000};

}  // namespace

namespace {

template <class T> T quotient(T a, T b) {
  if (b == 0) return static_cast<T>(~std::uint64_t{0});
  if constexpr (std::is_signed_v<T>)
    if (b == -1) return static_cast<T>(0 - static_cast<std::make_unsigned_t<T>>(a));
  return static_cast<T>(a / b);
}
template <class T> T remainder(T a, T b) {
  if (b == 0) return a;
  if constexpr (std::is_signed_v<T>)
    if (b == -1) return 0;
  return static_cast<T>(a % b);
}

}  // namespace

TEST_CASE_TEMPLATE("the table of integer ops", T, std::int32_t, std::int64_t, std::uint8_t, std::int8_t, std::uint64_t) {
  using limits = std::numeric_limits<T>;
  using unsigned_t = std::make_unsigned_t<T>;
  for (const int n : sizes) {
    tensor<T, dyn> x(n), y(n);
    const T special[] = {0, 1, limits::max(), limits::min(), static_cast<T>(-1), 2, static_cast<T>(limits::max() - 1), 7};
    for (int i = 0; i < n; ++i) {
      const auto k = static_cast<std::uint32_t>(i);
      const std::uint64_t r = (static_cast<std::uint64_t>(near::bits(k)) << 32) | near::bits(k + 9999),
                          q = (static_cast<std::uint64_t>(near::bits(k + 50000)) << 32) | near::bits(k + 77777);
      x(i) = i % 3 ? static_cast<T>(r) : special[i / 3 % 8];
      y(i) = i % 5 ? static_cast<T>(q >> (q % 60)) : special[i / 24 % 8];
    }
    constexpr auto f = sinter::fn([](auto a, auto b) { return std::tuple(a + b, a - b, a * b, a / b, a % b, -a, sinter::abs(a)); });
    constexpr auto g = sinter::fn(
        [](auto a, auto b) { return std::tuple(maximum(a, b), minimum(a, b), a & b, a | b, a ^ b, !a, sinter::sign(a), a * 3 + 1); });
    constexpr auto h = sinter::fn(
        [](auto a, auto b) { return std::tuple(a == b, a != b, a<b, a <= b, a> b, a >= b, where(a < b, a, b), sinter::clamp(a, 2, 9)); });
    const auto run = [&](const auto& f_on, const auto& g_on, const auto& h_on) {
      const auto [sum, difference, product, quot, rem, negative, absolute] = f_on(x, y);
      const auto [hi, lo, both, either, exclusive, flipped, signs, affine] = g_on(x, y);
      const auto [eq, ne, lt, le, gt, ge, chosen, clamped] = h_on(x, y);
      int wrong = 0;
      for (int i = 0; i < n; ++i) {
        const T a = x(i), b = y(i);
        const auto ua = static_cast<std::uint64_t>(a), ub = static_cast<std::uint64_t>(b);
        wrong += sum(i) != static_cast<T>(ua + ub) || difference(i) != static_cast<T>(ua - ub) || product(i) != static_cast<T>(ua * ub);
        wrong += quot(i) != quotient(a, b) || rem(i) != remainder(a, b);
        wrong += negative(i) != static_cast<T>(0 - ua) || absolute(i) != static_cast<T>(a < 0 ? 0 - ua : ua);
        wrong += hi(i) != std::max(a, b) || lo(i) != std::min(a, b) || both(i) != static_cast<T>(a & b) ||
                 either(i) != static_cast<T>(a | b) || exclusive(i) != static_cast<T>(a ^ b);
        wrong += flipped(i) != static_cast<T>(~static_cast<unsigned_t>(a)) ||
                 signs(i) != static_cast<T>(a > 0   ? 1
                                            : a < 0 ? -1
                                                    : 0) ||
                 affine(i) != static_cast<T>(ua * 3 + 1);
        wrong += eq(i) != (a == b) || ne(i) != (a != b) || lt(i) != (a < b) || le(i) != (a <= b) || gt(i) != (a > b) || ge(i) != (a >= b);
        wrong += chosen(i) != (a < b ? a : b) || clamped(i) != std::min<T>(std::max<T>(a, 2), 9);
        if (wrong) {
          CAPTURE(+a);
          CAPTURE(+b);
          CAPTURE(+quot(i));
          CAPTURE(+rem(i));
          REQUIRE(wrong == 0);
        }
      }
    };
    // One packet at a time but for i32, so that these compile fast: the loops know no types.
    using thin =
        std::conditional_t<std::is_same_v<T, std::int32_t>, sinter::schedule<>, sinter::schedule<sinter::packets<1>, sinter::cached>>;
    run(f.template with<thin>(), g.template with<thin>(), h.template with<thin>());
    if constexpr (sizeof(T) <= 4)
      run(f.template with<thin>().template on<sinter::backend::scalar>(), g.template with<thin>().template on<sinter::backend::scalar>(),
          h.template with<thin>().template on<sinter::backend::scalar>());
  }
}

TEST_CASE("logic on bool") {
  for (const int n : sizes) {
    tensor<bool, dyn> a(n), b(n);
    tensor<float, dyn> x(n);
    for (int i = 0; i < n; ++i) a(i) = i % 2, b(i) = i % 3 == 0, x(i) = static_cast<float>(i);
    constexpr auto f = sinter::fn([](auto p, auto q) {
      return std::tuple(p & q, p | q, p ^ q, !p, p == q, p != q, sinter::logical_and(p, q), sinter::where(p, q, !q));
    });
    const auto [both, either, exclusive, negated, equal, different, both2, chosen] = f(a, b);
    const tensor<float, dyn> picked = sinter::where(a & (x > 3), x, -x);
    const tensor<bool, dyn> hi = sinter::maximum(a, b), lo = sinter::minimum(a, b);
    const tensor<std::uint8_t, dyn> number = sinter::cast<std::uint8_t>(a);
    for (int i = 0; i < n; ++i) {
      const bool p = a(i), q = b(i);
      CHECK(both(i) == (p && q));
      CHECK(either(i) == (p || q));
      CHECK(exclusive(i) == (p != q));
      CHECK(negated(i) == !p);
      CHECK(equal(i) == (p == q));
      CHECK(different(i) == (p != q));
      CHECK(both2(i) == (p && q));
      CHECK(chosen(i) == (p ? q : !q));
      CHECK(picked(i) == (p && i > 3 ? x(i) : -x(i)));
      CHECK(hi(i) == (p || q));
      CHECK(lo(i) == (p && q));
      CHECK(number(i) == p);
    }
  }
}

TEST_CASE("integer division") {
  const tensor<std::int32_t, 3> i{5, -7, std::numeric_limits<std::int32_t>::min()};
  CHECK(sinter::eval(i / 2)(1) == -3);
  CHECK(sinter::eval(i / 1)(2) == i(2));
  CHECK(sinter::eval(i % 2)(1) == -1);
  CHECK(sinter::eval(i / 0)(0) == -1);
  CHECK(sinter::eval(i % 0)(0) == 5);
  CHECK(sinter::eval(i / -1)(2) == i(2));
}
