// SPDX-License-Identifier: Apache-2.0
// Functions of neural networks against sums in double, with the bounds that their documentation states.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <type_traits>
#include <vector>

#include <doctest/doctest.h>

#include <sinter/sinter.hpp>

#include "near.hpp"

namespace {

using sinter::axis;
using sinter::bfloat16;
using sinter::dyn;
using sinter::float16;
using sinter::tensor;

constexpr float inf = std::numeric_limits<float>::infinity();

// One unit in the last place of 1.
template <class T> constexpr double unit = std::is_same_v<T, double>    ? 0x1p-52
                                           : std::is_same_v<T, float>   ? 0x1p-23
                                           : std::is_same_v<T, float16> ? 0x1p-10
                                                                        : 0x1p-7;
template <class T> double number(T x) {
  if constexpr (std::is_same_v<T, double>) return x;
  else return static_cast<double>(static_cast<float>(x));
}

// Plain loops, which compile faster than programs.
template <class T> tensor<T, dyn, dyn> turned(const tensor<T, dyn, dyn>& x) {
  tensor<T, dyn, dyn> y(x.extent(1), x.extent(0));
  for (sinter::extent_t i = 0; i < x.extent(0); ++i)
    for (sinter::extent_t j = 0; j < x.extent(1); ++j) y(j, i) = x(i, j);
  return y;
}

}  // namespace

TEST_CASE_TEMPLATE("softmax and log_softmax", T, float, double, float16, bfloat16) {
  for (const int n : {1, 2, 16, 63, 65, 1000}) {
    tensor<T, dyn, dyn> x(5, n);
    near::fill(x, 20, 3);
    const tensor<T, dyn, dyn> y = sinter::softmax(x), l = sinter::log_softmax(x, axis<1>), t = turned(x),
                              columns = sinter::softmax(t, axis<0>);
    CAPTURE(n);
    for (int i = 0; i < 5; ++i) {
      long double most = -1e30L, total = 0;
      for (int j = 0; j < n; ++j) most = std::max<long double>(most, number(x(i, j)));
      for (int j = 0; j < n; ++j) total += std::exp(number(x(i, j)) - most);
      long double worst = 0, worst_log = 0, worst_column = 0;
      for (int j = 0; j < n; ++j) {
        const long double d = number(x(i, j)) - most, exact = std::exp(d) / total;
        // The rounding of x - max is an error of exp in proportion to |x - max|; the sum adds its own: n / 64 terms a lane, n a column.
        const auto bound = [&](int terms) {
          return (4 + std::fabs(d) + terms) * unit<T> * exact + 0x1p-24 * unit<T> + 1e-7 * (sizeof(T) == 2);
        };
        worst = std::max(worst, std::fabs(number(y(i, j)) - exact) / bound(n / 64));
        worst_column = std::max(worst_column, std::fabs(number(columns(j, i)) - exact) / bound(n / 2));
        worst_log =
            std::max(worst_log, std::fabs(number(l(i, j)) - (d - std::log(total))) / (4 * unit<T> * (1 + std::fabs(d) + std::log(total))));
      }
      CHECK(worst <= 1);
      CHECK(worst_column <= 1);
      CHECK(worst_log <= 1);
    }
  }
}

TEST_CASE("softmax of infinities and large numbers") {
  tensor<float, 4, 3> x{{1000, 1000, 1000}, {-inf, 0, -inf}, {-inf, -inf, -inf}, {std::nanf(""), 1, 2}};
  const tensor<float, 4, 3> y = sinter::softmax(x, axis<1>), l = sinter::log_softmax(x, axis<1>);
  CHECK(y(0, 1) == 1.f / 3);
  CHECK(y(1, 1) == 1);
  CHECK(y(1, 0) == 0);
  CHECK(l(1, 0) == -inf);
  CHECK(l(1, 1) == 0);
  CHECK(std::isnan(y(2, 0)));
  CHECK(std::isnan(y(3, 2)));
  tensor<float, 2, 3, 4> z;
  near::fill(z);
  const tensor<float, 2, 3, 4> two = sinter::softmax(z, axis<0, 2>);
  for (int j = 0; j < 3; ++j) {
    float total = 0;
    for (int i = 0; i < 2; ++i)
      for (int k = 0; k < 4; ++k) total += two(i, j, k);
    CHECK(total == doctest::Approx(1));
  }
}

TEST_CASE("softmax and log_softmax along an axis of no elements") {
  using namespace sinter;
  constexpr auto f = fn([](auto x) { return std::tuple(softmax(x, axis<1>), log_softmax(x, axis<0>), softmax(x, axis<0, 1>)); });
  const auto [a, b, c] = f(tensor<float, 3, 0>());
  static_assert(std::is_same_v<decltype(a), const tensor<float, 3, 0>>);
  for (const extent_t n : {0, 2}) {
    const auto [d, e, g] = f(tensor<float, dyn, dyn>(n, 0));
    const auto [h, i, j] = f(tensor<float, dyn, dyn>(0, n));
    for (const auto* t : {&d, &e, &g}) CHECK((t->extent(0) == n && t->extent(1) == 0));
    for (const auto* t : {&h, &i, &j}) CHECK((t->extent(0) == 0 && t->extent(1) == n));
    CHECK(tensor<float16, dyn, dyn>(softmax(cast<float16>(tensor<float, dyn, dyn>(n, 0)))).extent(0) == n);
  }
  const tensor<float, 0, 4> empty = softmax(tensor<float, 0, 4>(), axis<0>);
  CHECK(empty.size() == 0);
  const float loss = cross_entropy(tensor<float, dyn, dyn>(2, 0), tensor<int, dyn>(2));
  CHECK(loss == 0);
  CHECK_THROWS_AS(eval(max(tensor<float, dyn, dyn>(2, 0), axis<1>)), shape_error);
}

TEST_CASE_TEMPLATE("layer_norm and rms_norm", T, float, double, float16, bfloat16) {
  for (const int n : {1, 2, 64, 100, 768}) {
    tensor<T, dyn, dyn> x(4, n);
    near::fill(x, 3, 5);
    for (auto& v : x) v = T(static_cast<float>(number(v) + 1));
    const tensor<T, dyn, dyn> y = sinter::layer_norm(x, axis<1>), r = sinter::rms_norm(x, axis<-1>, 0.5), t = turned(x),
                              columns = sinter::layer_norm(t, axis<0>);
    CAPTURE(n);
    for (int i = 0; i < 4; ++i) {
      double mean = 0, var = 0, square = 0;
      for (int j = 0; j < n; ++j) mean += number(x(i, j)) / n, square += number(x(i, j)) * number(x(i, j)) / n;
      for (int j = 0; j < n; ++j) var += (number(x(i, j)) - mean) * (number(x(i, j)) - mean) / n;
      double worst = 0;
      const double scale = 1 / std::sqrt(var + 1e-5), bound = 8 * unit<T> * (1 + std::fabs(mean) * scale) + (n == 1 ? 1e-2 : 0);
      for (int j = 0; j < n; ++j) {
        const double exact = (number(x(i, j)) - mean) * scale;
        worst = std::max({worst, std::fabs(number(y(i, j)) - exact) / (bound * (1 + std::fabs(exact))),
                          std::fabs(number(columns(j, i)) - exact) / (bound * (1 + std::fabs(exact)))});
        const double exact_rms = number(x(i, j)) / std::sqrt(square + 0.5);
        worst = std::max(worst, std::fabs(number(r(i, j)) - exact_rms) / (8 * unit<T> * (0.01 + std::fabs(exact_rms))));
      }
      CHECK(worst <= 1);
    }
  }
}

TEST_CASE_TEMPLATE("layer_norm with a gain and a shift, in one function", T, float, float16) {
  tensor<T, 6, 32> x, y;
  tensor<T, 32> gain, shift;
  near::fill(x, 2, 1), near::fill(gain, 1, 2), near::fill(shift, 1, 3);
  constexpr auto f = sinter::fn([](auto v, auto g, auto b) { return sinter::layer_norm(v, axis<1>, 1e-3) * g + b; });
  f.into(y, x, gain, shift);
  const tensor<T, 6, 32> plain = sinter::layer_norm(x, axis<1>, 1e-3);
  for (int i = 0; i < 6; ++i)
    for (int j = 0; j < 32; ++j)
      CHECK(std::fabs(number(y(i, j)) - (number(plain(i, j)) * number(gain(j)) + number(shift(j)))) <= 4 * unit<T> * 4);
}

namespace {
// The number of elements whose bits are not those of the rounded f32.
template <class N, class W> int differences(const N& a, const W& b) {
  using T = typename N::value_type;
  int n = a.size() != b.size();
  for (sinter::extent_t i = 0; i < a.size() && i < b.size(); ++i) n += a.data()[i].bits != T(b.data()[i]).bits;
  return n;
}
}  // namespace

TEST_CASE_TEMPLATE("f16 and bf16 compute in f32 and round once", T, float16, bfloat16) {
  constexpr auto f = sinter::fn([](auto x, auto p, auto ids) {
    using namespace sinter;
    return std::tuple(mean(x, axis<1>), var(x, axis<1>), mean(x, axis<0>), var(x, axis<0>, keepdims), mean(x), layer_norm(x, axis<1>),
                      rms_norm(x, axis<1>), softmax(x, axis<1>), log_softmax(x, axis<0>), cross_entropy(x, ids), cross_entropy(x, p));
  });
  tensor<T, 3, 4096> x, p;
  const tensor<int, 3> ids{5, 4095, 77};
  for (auto& e : p) e = T(1.f / 4096);
  for (const float offset : {100.f, 0.f, 3.f}) {
    near::fill(x, offset == 0 ? 60000.f : 2.f, 3);
    for (auto& e : x) e = T(static_cast<float>(e) + offset);
    const auto narrow = f(x, p, ids);
    tensor<float, 3, 4096> wide_x, wide_p;
    for (int i = 0; i < 3 * 4096; ++i)
      wide_x.data()[i] = static_cast<float>(x.data()[i]), wide_p.data()[i] = static_cast<float>(p.data()[i]);
    const auto wide = f(wide_x, wide_p, ids);
    CAPTURE(offset);
    [&]<std::size_t... I>(std::index_sequence<I...>) {
      const int different[] = {differences(std::get<I>(narrow), std::get<I>(wide))...};
      for (const int d : different) CHECK(d == 0);
    }
    (std::make_index_sequence<11>());
    double exact = 0;
    for (int j = 0; j < 4096; ++j) exact += number(x(1, j)) / 4096;
    CHECK(std::fabs(number(std::get<0>(narrow)(1)) - exact) <= unit<T> * std::fabs(exact));
  }
  tensor<T, 4096> hundred;
  hundred.fill(T(100.f));
  CHECK(number(tensor<T>(sinter::mean(hundred))()) == 100);
  CHECK(number(tensor<T>(sinter::var(hundred))()) == 0);
  tensor<T, dyn> open(4099);
  open.fill(T(64.f));
  CHECK(number(tensor<T>(sinter::mean(open))()) == 64);
}

TEST_CASE("cross_entropy of ids and of probabilities") {
  for (const int n : {1, 7, 10, 64, 1000}) {
    constexpr int rows = 9;
    tensor<float, dyn, dyn> x(rows, n), p(rows, n);
    near::fill(x, 10, 8);
    tensor<int, dyn> ids(rows);
    tensor<std::uint8_t, dyn> small(rows);
    tensor<std::int64_t, dyn> wide(rows);
    double exact = 0, soft = 0;
    for (int i = 0; i < rows; ++i) {
      ids(i) = i * 13 % n, wide(i) = ids(i), small(i) = static_cast<std::uint8_t>(ids(i));
      double most = -1e30, total = 0, weight = 0;
      for (int j = 0; j < n; ++j) most = std::max(most, static_cast<double>(x(i, j)));
      for (int j = 0; j < n; ++j)
        total += std::exp(static_cast<double>(x(i, j)) - most),
            weight += p(i, j) = static_cast<float>(1 + near::noise(static_cast<std::uint32_t>(i * n + j)));
      for (int j = 0; j < n; ++j) p(i, j) = static_cast<float>(static_cast<double>(p(i, j)) / weight);
      exact += (most + std::log(total) - static_cast<double>(x(i, ids(i)))) / rows;
      for (int j = 0; j < n; ++j) soft += static_cast<double>(p(i, j)) * (most + std::log(total) - static_cast<double>(x(i, j))) / rows;
    }
    CAPTURE(n);
    CHECK(static_cast<float>(sinter::cross_entropy(x, ids)) == doctest::Approx(exact).epsilon(1e-6));
    CHECK(static_cast<float>(sinter::cross_entropy(x, wide)) == doctest::Approx(exact).epsilon(1e-6));
    CHECK(static_cast<float>(sinter::cross_entropy(x, small)) == doctest::Approx(exact).epsilon(1e-6));
    CHECK(static_cast<float>(sinter::cross_entropy(x, p)) == doctest::Approx(soft).epsilon(1e-5));
    // Masked classes: a logit of -inf takes no part, an id outside the classes adds nothing.
    if (n >= 7) {
      x(0, (ids(0) + 1) % n) = -inf;
      CHECK(std::isfinite(static_cast<float>(sinter::cross_entropy(x, ids))));
      const float all = sinter::cross_entropy(x, ids);
      const double first = static_cast<double>(tensor<float>(
          sinter::cross_entropy(sinter::slice(x, sinter::range<0, 1>, sinter::all), sinter::slice(ids, sinter::range<0, 1>)))());
      ids(0) = -1;
      CHECK(static_cast<float>(sinter::cross_entropy(x, ids)) == doctest::Approx(static_cast<double>(all) - first / rows).epsilon(1e-5));
    }
  }
  tensor<float, 2, 3, 5> deep;
  near::fill(deep);
  tensor<int, 2, 3> labels{{0, 1, 2}, {3, 4, 0}};
  const float flat = sinter::cross_entropy(sinter::reshape<6, 5>(deep), sinter::reshape<6>(labels));
  CHECK(static_cast<float>(sinter::cross_entropy(deep, labels)) == doctest::Approx(static_cast<double>(flat)));
  constexpr auto loss = sinter::fn([](auto x, auto l) { return sinter::cross_entropy(x, l); });
  static_assert(loss.plan<tensor<float, 64, 10>, tensor<int, 64>>().kernels <= 2);
}

TEST_CASE_TEMPLATE("activations", T, float, double, float16, bfloat16) {
  tensor<T, 1000> x;
  near::fill(x, 12, 4);
  x(0) = T(0.f), x(1) = T(-0.f), x(2) = T(inf), x(3) = T(-30.f), x(4) = T(30.f), x(5) = T(-inf), x(6) = T(std::nanf("")), x(7) = T(1e-4f),
  x(8) = T(-1e-4f);
  // One packet at a time but for f32, so that these compile fast: the loops know no types.
  using thin = std::conditional_t<std::is_same_v<T, float>, sinter::schedule<>, sinter::schedule<sinter::packets<1>, sinter::cached>>;
  constexpr auto f = sinter::fn([](auto v) {
                       return std::tuple(sinter::relu(v), sinter::gelu(v), sinter::gelu_tanh(v), sinter::silu(v), sinter::sigmoid(v));
                     }).template with<thin>();
  const auto [relu, gelu, gelu_tanh, silu, sigmoid] = f(x);
  double worst[4] = {};
  for (int i = 0; i < 1000; ++i) {
    const double v = number(x(i));
    if (!std::isfinite(v)) continue;
    CHECK(number(relu(i)) == std::max(v, 0.0));
    const double inner = std::sqrt(2 / 3.14159265358979323846) * (v + 0.044715 * v * v * v);
    const double exact[] = {v / 2 * (1 + std::erf(v / std::sqrt(2.0))), v / 2 * (1 + std::tanh(inner)), v / (1 + std::exp(-v)),
                            1 / (1 + std::exp(-v))};
    const double got[] = {number(gelu(i)), number(gelu_tanh(i)), number(silu(i)), number(sigmoid(i))};
    // Where the factor beside x is near 0 (x < 0) it has an absolute error of a unit.
    for (int k = 0; k < 4; ++k)
      worst[k] = std::max(
          worst[k], std::fabs(got[k] - exact[k]) / (4 * unit<T> * (k == 3 ? exact[k] + 1e-7 : std::fabs(v) + 1e-7) + (k >= 2 ? 1e-30 : 0)));
  }
  for (const double w : worst) CHECK(w <= 1);
  CHECK(number(relu(2)) == static_cast<double>(inf));
  CHECK(std::isnan(number(relu(6))));
  CHECK(number(gelu(2)) == static_cast<double>(inf));
  CHECK(number(silu(2)) == static_cast<double>(inf));
  CHECK(number(sigmoid(2)) == 1);
  CHECK(number(sigmoid(5)) == 0);
  CHECK(std::isnan(number(silu(6))));
}

TEST_CASE_TEMPLATE("gelu, gelu_tanh and silu keep the errors that they state", T, float, double) {
  constexpr bool single = sizeof(T) == 4;
  constexpr double u = single ? 0x1p-24 : 0x1p-53, right[] = {single ? 1.75 : 1.9, 1.9}, left[] = {single ? 0.95 : 1, single ? 1.3 : 1.4};
  tensor<T, 60000> x;
  for (int i = 0; i < 60000; ++i) {  // a third in [-80, 80], the others in [-4, 4] and [-1, 1]
    const double scale[] = {80, 4, 1};
    x(i) = static_cast<T>(scale[i % 3] * near::noise(static_cast<std::uint32_t>(i)));
  }
  constexpr auto f = sinter::fn([](auto v) {
                       return std::tuple(sinter::gelu(v), sinter::gelu_tanh(v), sinter::silu(v));
                     }).template with<sinter::schedule<sinter::packets<1>, sinter::cached>>();
  const auto [gelu, gelu_tanh, silu] = f(x);
  double worst_right[2] = {}, worst_left[2] = {}, worst_silu = 0;
  for (int i = 0; i < 60000; ++i) {
    const long double v = x(i), inner = std::sqrt(2 / 3.141592653589793238462643L) * (v + 0.044715L * v * v * v);
    const long double exact[] = {v / 2 * std::erfc(-v / std::sqrt(2.0L)), v / (1 + std::exp(-2 * inner))};
    const T got[] = {gelu(i), gelu_tanh(i)};
    for (int k = 0; k < 2; ++k)
      if (v >= 0) worst_right[k] = std::max(worst_right[k], near::ulp(got[k], exact[k]));
      else worst_left[k] = std::max(worst_left[k], static_cast<double>(std::fabs(got[k] - exact[k]) / (u * -v)));
    worst_silu = std::max(worst_silu, near::ulp(silu(i), v / (1 + std::exp(-v))));
  }
  for (int k = 0; k < 2; ++k) {
    CAPTURE(k);
    CHECK(worst_right[k] <= right[k]);
    CHECK(worst_left[k] <= left[k]);
  }
  CHECK(worst_silu <= 2.4);
}
