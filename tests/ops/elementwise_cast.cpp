// SPDX-License-Identifier: Apache-2.0
// cast between all pairs of element types: truncation and saturation, NaN, wrapping, rounding to nearest even.
#include <algorithm>
#include <bit>
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
using sinter::dyn;
using sinter::float16;
using sinter::tensor;

}  // namespace

namespace {

// The nearest number of `digits` binary digits and at least 2^least; to even where two are.
inline float nearest(long double x, int digits, int least, long double end) {
  if (x == 0 || !std::isfinite(x)) return static_cast<float>(x);
  int e = 0;
  std::frexp(x, &e);
  const int digit = std::max(e - digits, least);
  const long double r = std::ldexp(std::nearbyint(std::ldexp(x, -digit)), digit);
  return static_cast<float>(std::fabs(r) >= end ? std::copysign(std::numeric_limits<long double>::infinity(), r) : r);
}
// What cast<To>(x) is, in plain C++.
template <class To, class From> To converted(From x) {
  if constexpr (std::is_same_v<From, float16> || std::is_same_v<From, bfloat16>) return converted<To>(static_cast<float>(x));
  else if constexpr (std::is_same_v<To, bool>) return x != 0;
  else if constexpr (std::is_same_v<To, float16>) return To(nearest(static_cast<long double>(x), 11, -24, 0x1p16L));
  else if constexpr (std::is_same_v<To, bfloat16>) return To(nearest(static_cast<long double>(x), 8, -133, 0x1p128L));
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
// Apart from the templates, for each assertion costs compile time.
SINTER_NOINLINE void report(int i, double from, double got, double expected, sinter::dtype to) {
  CAPTURE(i);
  CAPTURE(from);
  CAPTURE(static_cast<int>(to));
  CHECK(got == expected);
}
SINTER_NOINLINE void check_none(int wrong) { CHECK(wrong == 0); }
template <class To, class From> void check_cast(const tensor<From, 130>& x, const tensor<To, 130>& y) {
  int wrong = 0;
  for (int i = 0; i < 130; ++i) {
    const To expected = converted<To>(x(i));
    bool good = false;
    if constexpr (std::is_same_v<To, float16> || std::is_same_v<To, bfloat16>) {
      good = expected.bits == y(i).bits ||
             (static_cast<float>(expected) != static_cast<float>(expected) && static_cast<float>(y(i)) != static_cast<float>(y(i)));
    } else {
      good = near::same(y(i), expected);
    }
    if (!good && wrong++ < 2)
      report(i, static_cast<double>(x(i)), static_cast<double>(y(i)), static_cast<double>(expected), sinter::dtype_of<To>());
  }
  check_none(wrong);
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
  // One packet at a time but for f32, so that these compile fast: the loops know no types.
  using thin = std::conditional_t<std::is_same_v<From, float>, sinter::schedule<>, sinter::schedule<sinter::packets<1>, sinter::cached>>;
  std::apply([&](const auto&... y) { (check_cast(x, y), ...); }, f.template with<thin>()(x));
  std::apply([&](const auto&... y) { (check_cast(x, y), ...); }, g.template with<thin>()(x));
}

TEST_CASE("casts to f16 and bf16 round once") {
  const tensor<double, 4> d{1 + 0x1p-11 + 0x1p-30, 65519.999999, 1 + 0x1p-8 + 0x1p-40, -(1 + 0x1p-11 + 0x1p-30)};
  const tensor<float16, 4> h = sinter::cast<float16>(d);
  const tensor<bfloat16, 4> b = sinter::cast<bfloat16>(d);
  CHECK(static_cast<float>(h(0)) == 1.0009765625f);
  CHECK(static_cast<float>(h(1)) == 65504);
  CHECK(static_cast<float>(h(3)) == -1.0009765625f);
  CHECK(static_cast<float>(b(2)) == 1.0078125f);
  const tensor<std::int32_t, 2> i{(1 << 30) + (1 << 22) + 1, -(1 << 30) - (1 << 22) - 1};
  CHECK(static_cast<float>(sinter::eval(sinter::cast<bfloat16>(i))(0)) == 1082130432);
  CHECK(static_cast<float>(sinter::eval(sinter::cast<bfloat16>(i))(1)) == -1082130432);
  // A literal and a number as an argument are rounded like that too.
  CHECK(static_cast<float>(sinter::eval(sinter::cast<float16>(d * 0) + (1 + 0x1p-11 + 0x1p-30))(0)) == 1.0009765625f);
  constexpr auto plus = sinter::fn([](auto x) { return x + (1 + 0x1p-11 + 0x1p-30); });
  CHECK(static_cast<float>(plus(tensor<float16, 1>{0.f})(0)) == 1.0009765625f);
}

// Around the middle between every pair of neighbours of the narrow type, a little more than what f32 can say.
TEST_CASE_TEMPLATE("casts of f64 and of integers round once everywhere", T, float16, bfloat16) {
  constexpr int digits = std::is_same_v<T, float16> ? 11 : 8, last = std::is_same_v<T, float16> ? 0x7c00 : 0x7f80;
  constexpr auto to = sinter::fn([](auto x) { return sinter::cast<T>(x); });
  tensor<double, dyn> x(6 * last);
  for (int b = 0; b < last; ++b) {
    T low, high;
    low.bits = static_cast<std::uint16_t>(b), high.bits = static_cast<std::uint16_t>(b + 1);
    const double from = static_cast<double>(static_cast<float>(low)),
                 end = b + 1 == last ? std::ldexp(1.0, digits == 11 ? 16 : 128) : static_cast<double>(static_cast<float>(high)),
                 middle = from + (end - from) / 2, little = (end - from) * 0x1p-40;
    const double all[] = {middle, middle + little, middle - little, end - little, -middle - little, little - middle};
    for (int k = 0; k < 6; ++k) x(6 * b + k) = all[k];
  }
  const tensor<T, dyn> y = to(x), scalar = to.template on<sinter::backend::scalar>()(x);
  int wrong = 0;
  for (int i = 0; i < 6 * last; ++i) {
    const T expected = converted<T>(x(i));
    wrong += y(i).bits != expected.bits || scalar(i).bits != expected.bits || T(x(i)).bits != expected.bits;
  }
  CHECK(wrong == 0);

  const auto check_integers = [&]<class I>(I) {
    tensor<I, dyn> n(64 * 64 * 3);
    for (int a = 0; a < 64; ++a)
      for (int b = 0; b < 64; ++b)
        for (int c = -1; c < 2; ++c) {
          const std::uint64_t u = ((std::uint64_t{1} << a) | (std::uint64_t{1} << b)) + static_cast<std::uint64_t>(c);
          n((64 * a + b) * 3 + c + 1) = static_cast<I>(c == 1 ? 0 - u : u);
        }
    const tensor<T, dyn> m = to(n), one = to.template on<sinter::backend::scalar>()(n);
    int off = 0;
    for (int i = 0; i < 64 * 64 * 3; ++i) {
      const T expected = converted<T>(n(i));
      off += m(i).bits != expected.bits || one(i).bits != expected.bits || T(n(i)).bits != expected.bits;
    }
    CHECK(off == 0);
  };
  check_integers(std::int32_t{}), check_integers(std::uint32_t{}), check_integers(std::int64_t{}), check_integers(std::uint64_t{});
}

TEST_CASE("iota in bf16 rounds once") {
  const tensor<bfloat16, 2> x =
      sinter::slice(sinter::iota<bfloat16, 33554432>(sinter::axis<0>), sinter::range<16777216 + 65536, 16777216 + 65538>);
  CHECK(static_cast<float>(x(0)) == 16777216);           // the middle between two neighbours
  CHECK(static_cast<float>(x(1)) == 16777216 + 131072);  // one more
}
