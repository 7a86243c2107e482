// SPDX-License-Identifier: Apache-2.0
// cast between all pairs of element types: truncation and saturation, NaN, wrapping, rounding to nearest even.
#include <cmath>
#include <cstdint>
#include <limits>
#include <tuple>
#include <type_traits>

#include <doctest/doctest.h>

#include <sinter/sinter.hpp>

#include "near.hpp"

namespace {

using sinter::bfloat16;
using sinter::float16;
using sinter::tensor;

}  // namespace

namespace {

// What cast<To>(x) is, in plain C++.
template <class To, class From> To converted(From x) {
  if constexpr (std::is_same_v<From, float16> || std::is_same_v<From, bfloat16>) return converted<To>(static_cast<float>(x));
  else if constexpr (std::is_same_v<To, bool>) return x != 0;
  else if constexpr (std::is_same_v<To, float16> || std::is_same_v<To, bfloat16>) return To(static_cast<float>(x));
  else if constexpr (std::is_floating_point_v<From> && std::is_integral_v<To>) {
    using limits = std::numeric_limits<To>;
    if (x != x) return 0;
    const long double t = std::trunc(static_cast<long double>(x));
    return t <= static_cast<long double>(limits::min())   ? limits::min()
           : t >= static_cast<long double>(limits::max()) ? limits::max()
                                                          : static_cast<To>(t);
  } else {
    return static_cast<To>(x);
  }
}
template <class From> tensor<From, 130> cast_inputs() {
  tensor<From, 130> x;
  for (int i = 0; i < 130; ++i) {
    const auto k = static_cast<std::uint32_t>(i);
    if constexpr (std::is_same_v<From, bool>) x(i) = i % 3 == 0;
    else if constexpr (std::is_integral_v<From>)
      x(i) = static_cast<From>(((static_cast<std::uint64_t>(near::bits(k)) << 32) | near::bits(k + 500)) >> (i % 64));
    else {
      const double scale[] = {1, 100, 300, 70000, 1e10, 1e20};
      x(i) = static_cast<From>(static_cast<float>(near::noise(k) * scale[i % 6]));
    }
  }
  using limits = std::numeric_limits<From>;
  if constexpr (std::is_same_v<From, float> || std::is_same_v<From, double>) {
    const From special[] = {limits::quiet_NaN(),
                            limits::infinity(),
                            -limits::infinity(),
                            From(-0.0),
                            From(0.99),
                            From(-0.99),
                            From(127.5),
                            From(-128.5),
                            From(255.9),
                            From(256),
                            From(2147483648.0),
                            From(-2147483648.0),
                            From(4294967296.0),
                            From(9223372036854775808.0),
                            From(-9223372036854775808.0),
                            From(18446744073709551616.0),
                            limits::denorm_min(),
                            limits::max(),
                            From(65504),
                            From(65520)};
    for (int i = 0; i < 20; ++i) x(i) = special[i];
  } else if constexpr (std::is_integral_v<From> && !std::is_same_v<From, bool>) {
    x(0) = limits::max(), x(1) = limits::min(), x(2) = 0, x(3) = 1, x(4) = static_cast<From>(-1);
  }
  return x;
}
template <class To, class From> void check_cast(const tensor<From, 130>& x, const tensor<To, 130>& y) {
  int wrong = 0;
  for (int i = 0; i < 130; ++i) {
    const To expected = converted<To>(x(i));
    bool good = false;
    if constexpr (std::is_same_v<To, float16> || std::is_same_v<To, bfloat16>) {
      good = expected.bits == y(i).bits ||
             (static_cast<float>(expected) != static_cast<float>(expected) && static_cast<float>(y(i)) != static_cast<float>(y(i)));
      // f64 and 64-bit integers reach f16 through f32.
    } else {
      good = near::same(y(i), expected);
    }
    if (!good) {
      CAPTURE(i);
      CAPTURE(static_cast<double>(x(i)));
      CAPTURE(static_cast<double>(y(i)));
      CAPTURE(static_cast<double>(expected));
      CAPTURE(static_cast<int>(sinter::dtype_of<To>()));
      if (wrong++ < 2) CHECK(good);
    }
  }
  CHECK(wrong == 0);
}

}  // namespace

TEST_CASE_TEMPLATE("casts between all pairs", From, float, double, float16, bfloat16, bool, std::int8_t, std::uint8_t, std::int16_t,
                   std::uint16_t, std::int32_t, std::uint32_t, std::int64_t, std::uint64_t) {
  const auto x = cast_inputs<From>();
  constexpr auto f = sinter::fn([](auto v) {
    using namespace sinter;
    return std::tuple(cast<float>(v), cast<double>(v), cast<float16>(v), cast<bfloat16>(v), cast<bool>(v), cast<std::int8_t>(v));
  });
  constexpr auto g = sinter::fn([](auto v) {
    using namespace sinter;
    return std::tuple(cast<std::uint8_t>(v), cast<std::int16_t>(v), cast<std::uint16_t>(v), cast<std::int32_t>(v), cast<std::uint32_t>(v),
                      cast<std::int64_t>(v), cast<std::uint64_t>(v));
  });
  std::apply([&](const auto&... y) { (check_cast(x, y), ...); }, f(x));
  std::apply([&](const auto&... y) { (check_cast(x, y), ...); }, g(x));
}
