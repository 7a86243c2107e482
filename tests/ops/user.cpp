// SPDX-License-Identifier: Apache-2.0
// Ops that a user adds without touching the library: an element op (struct and lambda), a reduction, a row program.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string_view>

#include <doctest/doctest.h>

#include <sinter/sinter.hpp>

#include "near.hpp"
#include "user.hpp"

namespace {

using sinter::axis;
using sinter::dyn;
using sinter::keepdims;
using sinter::tensor;

}  // namespace

namespace ours {

struct weighted {
  auto operator()(auto x, auto y, auto w) const { return x * w + y * (1 - w); }
};
struct centred {
  static void run(auto& row) {
    const auto mean = row.sum([](auto x) { return x; }) / static_cast<float>(row.size());
    row.map([&](auto x) { return x - mean; });
  }
};
struct positive_rows {
  static void run(auto& row) {
    if (any(row.sum([](auto x) { return x; }) > 0)) row.map([](auto x) { return x; });
  }
};
struct nothing {
  static void run(auto&) {}
};

}  // namespace ours

TEST_CASE("element ops") {
  for (const int n : {0, 1, 15, 16, 17, 100}) {
    tensor<float, dyn> x(n), y(n), w(n);
    near::fill(x, 5, 1), near::fill(y, 5, 2), near::fill(w, 1, 3);
    const tensor<float, dyn> s = sinter::map<ours::softsign>(x), l = sinter::map([](auto v) { return v / (1 + abs(v)); }, x),
                             m = sinter::map<ours::weighted>(x, y, w);
    const tensor<float, dyn> fused = sinter::map<ours::softsign>(x * 2) + 1, half = sinter::map<ours::weighted>(x, y, 0.5f);
    constexpr auto f = sinter::fn([](auto v) { return sinter::exp(sinter::map([](auto p) { return -p * p; }, v)); });
    const auto e = f(x), e_scalar = f.on<sinter::backend::scalar>()(x);
    for (int i = 0; i < n; ++i) {
      CHECK(s(i) == x(i) / (1 + std::fabs(x(i))));
      CHECK(l(i) == s(i));
      CHECK(fused(i) == 2 * x(i) / (1 + std::fabs(2 * x(i))) + 1);
      CHECK(m(i) == doctest::Approx(static_cast<double>(x(i) * w(i) + y(i) * (1 - w(i)))).epsilon(1e-5));
      CHECK(half(i) == x(i) * 0.5f + y(i) * 0.5f);
      CHECK(e(i) == doctest::Approx(std::exp(-static_cast<double>(x(i)) * static_cast<double>(x(i)))).epsilon(1e-5));
      CHECK(e(i) == e_scalar(i));
    }
  }
  static_assert(
      sinter::fn([](auto x) { return sinter::softmax(sinter::map<ours::softsign>(x), axis<1>); }).plan<tensor<float, 8, 64>>().kernels ==
      1);
  const tensor<float, 4, 4> x;
  CHECK(sinter::fn([](auto v) { return sinter::map<ours::softsign>(v); }).explain(x).find("softsign") != std::string_view::npos);
  const tensor<int, 5> i{1, -2, 3, -4, 5};
  const tensor<int, 5> doubled = sinter::map([](auto v) { return v + v; }, i);
  CHECK(doubled(3) == -8);
  const tensor<double, 2, 1> column{{1}, {2}};
  const tensor<double, 3> line{1, 2, 3};
  const tensor<double, 2, 3> table = sinter::map([](auto a, auto b) { return a * b; }, column, line);
  CHECK(table(1, 2) == 6);
  const tensor<sinter::float16, 3> h{1.f, 2.f, 3.f};
  const tensor<sinter::float16, 3> third = sinter::map([](auto v) { return v / 3; }, h);
  CHECK(third(0).bits == sinter::float16(1.f / 3).bits);
}

TEST_CASE("reductions") {
  for (const int n : {1, 15, 64, 65, 1000, 9000}) {
    tensor<float, dyn, dyn> x(3, n);
    near::fill(x, 5, 1);
    const tensor<float, dyn> most = sinter::reduce<ours::largest_size>(x, axis<1>), size = sinter::reduce<ours::norm>(x, axis<1>);
    const tensor<float, dyn, dyn> t = sinter::transpose(x);
    const tensor<float, dyn> most2 = sinter::reduce<ours::largest_size>(t, axis<0>), size2 = sinter::reduce<ours::norm>(t, axis<0>);
    const tensor<float, dyn, dyn> unit = x / sinter::reduce<ours::norm>(x, axis<1>, keepdims);
    double total = 0;
    for (int i = 0; i < 3; ++i) {
      double m = 0, s = 0;
      for (int j = 0; j < n; ++j)
        m = std::max(m, std::fabs(static_cast<double>(x(i, j)))), s += static_cast<double>(x(i, j)) * static_cast<double>(x(i, j));
      total += s;
      CHECK(static_cast<double>(most(i)) == m);
      CHECK(static_cast<double>(most2(i)) == m);
      CHECK(static_cast<double>(size(i)) == doctest::Approx(std::sqrt(s)).epsilon(1e-6));
      CHECK(static_cast<double>(size2(i)) == doctest::Approx(std::sqrt(s)).epsilon(1e-6));
      CHECK(static_cast<double>(unit(i, n - 1)) == doctest::Approx(static_cast<double>(x(i, n - 1)) / std::sqrt(s)).epsilon(1e-5));
    }
    CHECK(static_cast<double>(tensor<float>(sinter::reduce<ours::norm>(x))()) == doctest::Approx(std::sqrt(total)).epsilon(1e-6));
  }
}

TEST_CASE("row programs") {
  for (const int n : {1, 15, 16, 17, 100, 8200}) {
    tensor<float, dyn, dyn> x(4, n);
    tensor<float, dyn> b(n);
    near::fill(x, 5, 1), near::fill(b, 1, 2);
    const tensor<float, dyn, dyn> y = sinter::map_rows<ours::shifted_softmax>(x, b), z = sinter::softmax(x + b, axis<1>),
                                  c = sinter::map_rows<ours::centred>(x);
    for (int i = 0; i < 4; ++i) {
      double total = 0, sum = 0;
      for (int j = 0; j < n; ++j) {
        CHECK(y(i, j) == doctest::Approx(static_cast<double>(z(i, j))).epsilon(1e-6));
        total += static_cast<double>(y(i, j)), sum += static_cast<double>(c(i, j));
      }
      CHECK(total == doctest::Approx(1).epsilon(1e-5));
      CHECK(std::fabs(sum) < 1e-4 * n);
    }
  }
  // Strided rows, what feeds them and what they feed, and the scalar backend.
  tensor<float, 6, 40> x;
  near::fill(x, 5, 1);
  constexpr auto f = sinter::fn(
      [](auto v) { return sinter::exp(sinter::map_rows<ours::centred>(sinter::slice(v * 2, sinter::all, sinter::range<1, 30, 3>))); });
  const auto y = f(x), s = f.on<sinter::backend::scalar>()(x);
  for (int i = 0; i < 6; ++i) {
    double mean = 0;
    for (int j = 0; j < 10; ++j) mean += 2 * static_cast<double>(x(i, 1 + 3 * j)) / 10;
    for (int j = 0; j < 10; ++j) {
      CHECK(y(i, j) == doctest::Approx(std::exp(2 * static_cast<double>(x(i, 1 + 3 * j)) - mean)).epsilon(1e-5));
      CHECK(y(i, j) == s(i, j));
    }
  }
  // A row that the program does not write holds zeros.
  tensor<float, 6, 40> w = abs(x), z;
  z.fill(7), w(2, 0) = -300;
  z = sinter::map_rows<ours::positive_rows>(w);
  for (int i = 0; i < 6; ++i)
    for (int j = 0; j < 40; ++j) CHECK(z(i, j) == (i == 2 ? 0 : w(i, j)));
  z.fill(7);
  z = sinter::map_rows<ours::nothing>(w);
  for (const float e : z) CHECK(e == 0);
  tensor<float, 5, 40> view_in_and_out;
  view_in_and_out.sub(sinter::range<0, 5>, sinter::range<0, 20>) =
      sinter::map_rows<ours::centred>(x.sub(sinter::range<1, 6>, sinter::range<0, 40, 2>));
  CHECK(view_in_and_out(0, 20) == 0);
  float total = 0;
  for (int j = 0; j < 20; ++j) total += view_in_and_out(4, j);
  CHECK(std::fabs(total) < 1e-4f);
}
