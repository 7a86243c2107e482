// SPDX-License-Identifier: Apache-2.0
// Floating-point element-by-element ops: a table of {op, reference, largest error in ulp} per kind, run on every backend at the sizes
// around a packet and on special values; then what each op promises beside its value.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <tuple>
#include <type_traits>
#include <vector>

#include <doctest/doctest.h>

#include <sinter/sinter.hpp>

#include "near.hpp"

namespace {

using sinter::bfloat16;
using sinter::dyn;
using sinter::float16;
using sinter::tensor;

constexpr int sizes[] = {0, 1, 15, 16, 17, 1000};
template <class T> constexpr T infinity = std::numeric_limits<T>::infinity();
template <class T> constexpr T not_a_number = std::numeric_limits<T>::quiet_NaN();

// Special values first, then several ranges.
template <class T> std::vector<T> inputs(std::uint32_t seed) {
  using limits = std::numeric_limits<T>;
  std::vector<T> v{T(0),
                   T(-0.0),
                   T(1),
                   T(-1),
                   infinity<T>,
                   -infinity<T>,
                   not_a_number<T>,
                   limits::min(),
                   -limits::min(),
                   limits::denorm_min(),
                   -limits::denorm_min(),
                   limits::min() / 2,
                   limits::max(),
                   limits::lowest(),
                   T(0.5),
                   T(-0.5),
                   T(1.5),
                   T(2.5),
                   T(-2.5),
                   limits::epsilon(),
                   T(88),
                   T(-104),
                   T(700),
                   T(-745),
                   T(1e30)};
  while (v.size() < 1000) {
    const auto i = static_cast<std::uint32_t>(v.size()) + seed;
    const double x = near::noise(i);
    const double scale[] = {1, 0.01, 10, 100, 1e6, 1e-30};
    v.push_back(static_cast<T>(x * scale[i % 6]));
  }
  return v;
}
template <class T> tensor<T, dyn> first_of(const std::vector<T>& v, int n) {
  tensor<T, dyn> t(n);
  // Short ones take their elements from the end, so that the special values meet every lane.
  for (int i = 0; i < n; ++i) t(i) = v[static_cast<std::size_t>((i * 7 + n) % static_cast<int>(v.size()))];
  if (n == static_cast<int>(v.size()))
    for (int i = 0; i < n; ++i) t(i) = v[static_cast<std::size_t>(i)];
  return t;
}

using real = long double;
struct row {
  const char* name;
  real (*reference)(real, real);
  double ulp;
};

// Runs f on every size and backend; result k of f is row k.
template <class T, class F, std::size_t N> void check(const F& f, const row (&table)[N]) {
  const auto a = inputs<T>(1), b = inputs<T>(77);
  for (const int n : sizes) {
    const auto x = first_of(a, n);
    auto y = first_of(b, n);
    for (int i = 0; i < n && n == 1000; ++i)
      if (i < 625) y(i) = b[static_cast<std::size_t>(i / 25)];  // every special value with every other
    auto z = x;
    for (int i = 0; i < n && n == 1000; ++i)
      if (i < 625) z(i) = a[static_cast<std::size_t>(i % 25)];
    const auto results = f(z, y);
    const auto scalar = f.template on<sinter::backend::scalar>()(z, y);
    [&]<std::size_t... K>(std::index_sequence<K...>) {
      static_assert(sizeof...(K) == std::tuple_size_v<std::remove_cvref_t<decltype(results)>>);
      (
          [&] {
            CAPTURE(table[K].name);
            CAPTURE(n);
            const auto& r = std::get<K>(results);
            const auto& s = std::get<K>(scalar);
            REQUIRE(r.size() == n);
            double worst = 0;
            int differ = 0;
            for (int i = 0; i < n; ++i) {
              const double u = near::ulp(r(i), table[K].reference(static_cast<real>(z(i)), static_cast<real>(y(i))));
              if (u > table[K].ulp && u > worst) {
                CAPTURE(z(i));
                CAPTURE(y(i));
                CAPTURE(r(i));
                CHECK(u <= table[K].ulp);
              }
              worst = std::max(worst, u);
              differ += !near::same(r(i), s(i));
            }
            CHECK(differ == 0);
          }(),
          ...);
    }
    (std::make_index_sequence<N>{});
  }
}

real maximum(real a, real b) { return std::isnan(a) || std::isnan(b) ? NAN : a == b ? (std::signbit(a) ? b : a) : std::max(a, b); }
real minimum(real a, real b) { return std::isnan(a) || std::isnan(b) ? NAN : a == b ? (std::signbit(a) ? a : b) : std::min(a, b); }

constexpr auto exact_ops =
    sinter::fn([](auto x, auto) { return std::tuple(-x, abs(x), sinter::sign(x), floor(x), ceil(x), round(x), sqrt(x)); });
const row exact_rows[] = {
    {"negate", [](real x, real) { return -x; }, 0},
    {"abs", [](real x, real) { return std::fabs(x); }, 0},
    {"sign", [](real x, real) { return x > 0   ? 1
                                       : x < 0 ? -1
                                               : x; }, 0},
    {"floor", [](real x, real) { return std::floor(x); }, 0},
    {"ceil", [](real x, real) { return std::ceil(x); }, 0},
    {"round", [](real x, real) { return std::nearbyint(x); }, 0},
    {"sqrt", [](real x, real) { return std::sqrt(x); }, 0.5},
};
// One packet at a time, so that these compile fast: the loops are those of the exact ops.
template <class F> constexpr auto one_packet(F f) {
  return sinter::fn(f).template with<sinter::schedule<sinter::packets<1>, sinter::cached>>();
}
constexpr auto math_ops = one_packet([](auto x, auto) {
  return std::tuple(exp(x), log(x), tanh(x), erf(x), sinter::sigmoid(x), sinter::rsqrt(x), exp2(x), expm1(x), log2(x), log1p(x));
});
const row math_rows[] = {
    {"exp", [](real x, real) { return std::exp(x); }, 1},
    {"log", [](real x, real) { return std::log(x); }, 1},
    {"tanh", [](real x, real) { return std::tanh(x); }, 1.7},
    {"erf", [](real x, real) { return std::erf(x); }, 1.35},
    {"sigmoid", [](real x, real) { return 1 / (1 + std::exp(-x)); }, 1.8},
    {"rsqrt", [](real x, real) { return 1 / std::sqrt(x); }, 2},
    {"exp2", [](real x, real) { return std::exp2(x); }, 1},
    {"expm1", [](real x, real) { return std::expm1(x); }, 1.5},
    {"log2", [](real x, real) { return std::log2(x); }, 1.2},
    {"log1p", [](real x, real) { return std::log1p(x); }, 1},
};
constexpr auto circle_ops = one_packet(
    [](auto x, auto) { return std::tuple(sin(x), cos(x), tan(x), asin(x), acos(x), atan(x), sinh(x), cosh(x), erfc(x), cbrt(x)); });
const row circle_rows[] = {
    {"sin", [](real x, real) { return std::sin(x); }, 0.9},    {"cos", [](real x, real) { return std::cos(x); }, 0.9},
    {"tan", [](real x, real) { return std::tan(x); }, 1.5},    {"asin", [](real x, real) { return std::asin(x); }, 0.75},
    {"acos", [](real x, real) { return std::acos(x); }, 0.75}, {"atan", [](real x, real) { return std::atan(x); }, 0.85},
    {"sinh", [](real x, real) { return std::sinh(x); }, 1.4},  {"cosh", [](real x, real) { return std::cosh(x); }, 1.4},
    {"erfc", [](real x, real) { return std::erfc(x); }, 2.9},  {"cbrt", [](real x, real) { return std::cbrt(x); }, 0.51},
};
constexpr auto binary_ops = sinter::fn([](auto x, auto y) {
  return std::tuple(x + y, x - y, x * y, x / y, sinter::maximum(x, y), sinter::minimum(x, y), sinter::fma(x, y, x));
});
const row binary_rows[] = {
    {"add", [](real x, real y) { return x + y; }, 0.502},
    {"subtract", [](real x, real y) { return x - y; }, 0.502},
    {"multiply", [](real x, real y) { return x * y; }, 0.502},
    {"divide", [](real x, real y) { return x / y; }, 0.502},
    {"maximum", maximum, 0},
    {"minimum", minimum, 0},
    {"fma", [](real x, real y) { return std::fma(x, y, x); }, 0.502},
};
constexpr auto pow_op = one_packet([](auto x, auto y) { return std::tuple(pow(x, y), atan2(x, y)); });
const row pow_rows[] = {{"pow", [](real x, real y) { return std::pow(x, y); }, 1},
                        {"atan2", [](real x, real y) { return std::atan2(x, y); }, 1}};

}  // namespace

TEST_CASE_TEMPLATE("the table of floating-point ops", T, float, double) {
  check<T>(exact_ops, exact_rows);
  check<T>(math_ops, math_rows);
  check<T>(circle_ops, circle_rows);
  check<T>(binary_ops, binary_rows);
  check<T>(pow_op, pow_rows);
}

TEST_CASE_TEMPLATE("f16 and bf16 compute in f32 and round after each op", T, float16, bfloat16) {
  for (const int n : sizes) {
    tensor<T, dyn> x(n), y(n);
    for (int i = 0; i < n; ++i)
      x(i) = T(static_cast<float>(4 * near::noise(static_cast<std::uint32_t>(i)))),
      y(i) = T(static_cast<float>(near::noise(static_cast<std::uint32_t>(i) + 5000)));
    if (n > 10)
      x(0) = T(infinity<float>), x(1) = T(not_a_number<float>), x(2) = T(-0.f), x(3) = T(65000.f), y(3) = T(65000.f), x(4) = T(1e-7f),
      x(5) = T(1e30f);
    constexpr auto f =
        sinter::fn([](auto a, auto b) { return std::tuple(a + b, a * b + b, exp(a), a / b, sqrt(a), maximum(a, b), a < b); });
    const auto [sum, twice, e, quotient, root, most, less] = f(x, y);
    const auto [sum_s, twice_s, e_s, quotient_s, root_s, most_s, less_s] = f.template on<sinter::backend::scalar>()(x, y);
    for (int i = 0; i < n; ++i) {
      const float a = static_cast<float>(x(i)), b = static_cast<float>(y(i));
      const auto same = [](T got, float exact) { return near::same(static_cast<float>(got), static_cast<float>(T(exact))); };
      CAPTURE(a);
      CAPTURE(b);
      CHECK(same(sum(i), a + b));
      CHECK(same(twice(i), static_cast<float>(T(a * b)) + b));  // two roundings: no fma in these types
      CHECK(same(quotient(i), a / b));
      CHECK(same(root(i), std::sqrt(a)));
      CHECK(same(most(i), static_cast<float>(maximum(static_cast<real>(a), static_cast<real>(b)))));
      CHECK(less(i) == (a < b));
      const float exact_e = static_cast<float>(T(static_cast<float>(std::exp(static_cast<double>(a))))), got_e = static_cast<float>(e(i));
      const bool e_good = near::same(exact_e, got_e) ||
                          std::fabs(got_e - exact_e) <= std::fabs(exact_e) * (std::is_same_v<T, float16> ? 0x1p-10f : 0x1p-7f);
      CHECK(e_good);
      const bool same_bits = near::same(sum(i).bits, sum_s(i).bits) && near::same(e(i).bits, e_s(i).bits) &&
                             near::same(root(i).bits, root_s(i).bits) && near::same(twice(i).bits, twice_s(i).bits) &&
                             near::same(quotient(i).bits, quotient_s(i).bits) && near::same(most(i).bits, most_s(i).bits) &&
                             less(i) == less_s(i);
      CHECK((same_bits || a != a || b != b || a < 0));
    }
  }
}

TEST_CASE_TEMPLATE("comparisons, where and clamp with NaN and signed zeros", T, float, double) {
  const T nan = not_a_number<T>, inf = infinity<T>;
  const tensor<T, 8> a{nan, 1, T(-0.0), T(0.0), inf, -inf, nan, 2}, b{1, nan, T(0.0), T(-0.0), inf, inf, nan, 1};
  constexpr auto f = sinter::fn([](auto x, auto y) { return std::tuple(x == y, x != y, x<y, x <= y, x> y, x >= y); });
  const auto [eq, ne, lt, le, gt, ge] = f(a, b);
  for (int i = 0; i < 8; ++i) {
    CHECK(eq(i) == (a(i) == b(i)));
    CHECK(ne(i) == (a(i) != b(i)));
    CHECK(lt(i) == (a(i) < b(i)));
    CHECK(le(i) == (a(i) <= b(i)));
    CHECK(gt(i) == (a(i) > b(i)));
    CHECK(ge(i) == (a(i) >= b(i)));
  }
  const tensor<T, 8> hi = sinter::maximum(a, b), lo = sinter::minimum(a, b);
  for (const int i : {0, 1, 6}) CHECK((std::isnan(hi(i)) && std::isnan(lo(i))));
  for (const int i : {2, 3}) CHECK((!std::signbit(hi(i)) && std::signbit(lo(i))));
  CHECK(hi(5) == inf);
  CHECK(lo(5) == -inf);
  const tensor<T, 8> limited = sinter::clamp(a, -1, 1);
  CHECK(std::isnan(limited(0)));
  CHECK(limited(4) == 1);
  CHECK(limited(5) == -1);
  const tensor<T, 8> chosen = sinter::where(a > 0, a, b);
  CHECK(chosen(0) == 1);
  CHECK(std::isnan(chosen(6)));
  CHECK(chosen(7) == 2);
  const tensor<T, 8> zeros = sinter::where(a == a, sinter::relu(a), 0);
  CHECK(zeros(0) == 0);
  CHECK(zeros(4) == inf);
}

TEST_CASE_TEMPLATE("pow's special values", T, float, double) {
  const T nan = not_a_number<T>, inf = infinity<T>, huge = T(1e30);
  const T base[] = {0, T(-0.0), 1, -1, 2, T(0.5), -2, T(-0.5), inf, -inf, nan, huge},
          exponent[] = {0, T(-0.0), 1, -1, 2, 3, -3, T(0.5), T(-0.5), inf, -inf, nan, T(1e20), T(2.5)};
  tensor<T, 12 * 14> x, y;
  for (int i = 0; i < 12 * 14; ++i) x(i) = base[i / 14], y(i) = exponent[i % 14];
  const auto [p, angle] = pow_op(x, y);
  for (int i = 0; i < 12 * 14; ++i) {
    CAPTURE(x(i));
    CAPTURE(y(i));
    CAPTURE(p(i));
    CHECK(near::ulp(p(i), std::pow(static_cast<real>(x(i)), static_cast<real>(y(i)))) <= 1);
  }
  constexpr auto constants = one_packet([](auto v) { return std::tuple(pow(v, 2), pow(v, 1), pow(v, 0.5), pow(v, 0)); });
  const auto [square, same, root, one] = constants(x);
  for (int i = 0; i < 12 * 14; ++i) {
    CHECK(near::ulp(square(i), std::pow(static_cast<real>(x(i)), 2)) <= 1);
    CHECK(near::same(same(i), x(i)));
    CHECK(near::ulp(root(i), std::pow(static_cast<real>(x(i)), real(0.5))) <= 1);
    CHECK(one(i) == 1);
  }
}

TEST_CASE("broadcasting") {
  const tensor<float, 2, 1, 3> a{{{1, 2, 3}}, {{4, 5, 6}}};
  const tensor<float, 4, 1> b{{10}, {20}, {30}, {40}};
  const tensor<float, 2, 4, 3> y = a + b;
  for (int i = 0; i < 2; ++i)
    for (int j = 0; j < 4; ++j)
      for (int k = 0; k < 3; ++k) CHECK(y(i, j, k) == a(i, 0, k) + b(j, 0));
  tensor<float, dyn, 1> column(5);
  tensor<float, dyn> line(7);
  for (int i = 0; i < 5; ++i) column(i, 0) = static_cast<float>(i);
  for (int i = 0; i < 7; ++i) line(i) = static_cast<float>(10 * i);
  const tensor<float, dyn, dyn> table = column * 100 + line;
  CHECK(table(4, 6) == 460);
  const tensor<float> scalar(2.f);
  CHECK(sinter::eval(scalar * line)(3) == 60);
  CHECK(sinter::eval(1 / (line + 1))(0) == 1);
  CHECK(sinter::eval(2 - line)(1) == -8);
}

TEST_CASE("simplification keeps every bit") {
  const float nan = not_a_number<float>, inf = infinity<float>;
  const tensor<float, 8> x{-0.f, 0.f, 1, -1, nan, inf, -inf, 1e-45f};
  constexpr auto f = sinter::fn([](auto v) { return std::tuple(v + 0, v - 0, v * 1, v * 0, v / 1, 0 - v, -(-v), v / 8); });
  const auto [plus, minus, times, zero, over, negated, twice, eighth] = f(x);
  for (int i = 0; i < 8; ++i) {
    CHECK(near::same(plus(i), x(i) + 0.f));
    CHECK(near::same(minus(i), x(i)));
    CHECK(near::same(times(i), x(i)));
    CHECK(near::same(zero(i), x(i) * 0.f));
    CHECK(near::same(over(i), x(i)));
    CHECK(near::same(negated(i), 0.f - x(i)));
    CHECK(near::same(twice(i), x(i)));
    CHECK(near::same(eighth(i), x(i) / 8));
  }
}

TEST_CASE("the fast policy takes other steps, within 4 ulp, and special values stay") {
  tensor<float, 1000> x;
  for (int i = 0; i < 1000; ++i) x(i) = static_cast<float>(6 * near::noise(static_cast<std::uint32_t>(i)));
  x(0) = infinity<float>, x(1) = -infinity<float>, x(2) = not_a_number<float>, x(3) = -0.f, x(4) = 1e-40f;
  constexpr auto f = sinter::fn([](auto v) { return tanh(v); });
  constexpr auto fast = f.with<sinter::schedule<sinter::math::fast>>();
  const tensor<float, 1000> slow = f(x), y = fast(x), same = f.with<sinter::schedule<sinter::math::accurate>>()(x),
                            scalar = fast.on<sinter::backend::scalar>()(x);
  int differ = 0;
  for (int i = 0; i < 1000; ++i) {
    differ += y(i) != slow(i) && i != 2;
    CHECK(near::ulp(y(i), std::tanh(static_cast<real>(x(i)))) <= 4);
    CHECK(near::same(y(i), scalar(i)));
    CHECK(near::same(slow(i), same(i)));
  }
  CHECK(differ > 100);
}
