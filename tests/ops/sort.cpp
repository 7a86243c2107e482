// SPDX-License-Identifier: Apache-2.0
// Sorts against std::stable_sort: types and their special values, short and long rows, axes, both directions, top_k, comparisons of
// several arrays by counting and by the network, derivatives and batches.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <tuple>
#include <vector>

#include <doctest/doctest.h>

#include <sinter/sinter.hpp>

#include "near.hpp"

namespace {

using sinter::axes;
using sinter::axis;
using sinter::dyn;
using sinter::tensor;
using sinter::value;

template <class T> bool stands_before(T a, T b) {
  const auto x = static_cast<long double>(a), y = static_cast<long double>(b);
  return x < y || (!std::isnan(x) && std::isnan(y));
}
template <class T> T some(std::uint32_t i) {
  const std::uint32_t b = near::bits(i);
  if constexpr (std::is_same_v<T, bool>) return b & 1;
  else if constexpr (std::is_integral_v<T>)
    return b % 5 == 0 ? std::numeric_limits<T>::min() : b % 7 == 0 ? std::numeric_limits<T>::max() : static_cast<T>(b);
  else {
    const float special[] = {0.f, -0.f, HUGE_VALF, -HUGE_VALF, std::nanf(""), -std::nanf("")};
    return b % 8 < 6 ? static_cast<T>(special[b % 8])
                     : static_cast<T>(static_cast<float>(static_cast<std::int32_t>(b >> 3) % 1000) / 8 - 50);
  }
}
template <class T> std::vector<int> order_of(const std::vector<T>& x, bool descends) {
  std::vector<int> order(x.size());
  for (std::size_t i = 0; i < x.size(); ++i) order[i] = static_cast<int>(i);
  std::stable_sort(order.begin(), order.end(), [&](int a, int b) {
    const T p = x[static_cast<std::size_t>(a)], q = x[static_cast<std::size_t>(b)];
    return descends ? stands_before(q, p) : stands_before(p, q);
  });
  return order;
}
template <class T> bool same(T a, T b) { return std::memcmp(&a, &b, sizeof(T)) == 0; }

template <class T> void check_rows() {
  constexpr auto f = sinter::fn([](auto v) { return std::tuple(sinter::sort(v), sinter::argsort(v, sinter::descending)); });
  constexpr auto top = sinter::fn([](auto v) { return sinter::top_k<3>(v); });
  for (const int n : {3, 17, 100, 2000}) {
    tensor<T, dyn, dyn> x(2, n);
    for (int i = 0; i < 2 * n; ++i) x.data()[i] = some<T>(static_cast<std::uint32_t>(i + 3 * n));
    const auto [sorted, order] = f(x);
    const auto [most, places] = top(x);
    for (int r = 0; r < 2; ++r) {
      std::vector<T> row(x.data() + r * n, x.data() + (r + 1) * n);
      const std::vector<int> up = order_of(row, false), down = order_of(row, true);
      for (int i = 0; i < n; ++i) {
        const auto at = static_cast<std::size_t>(i);
        REQUIRE(same(T(sorted(r, i)), T(x(r, up[at]))));
        REQUIRE(order(r, i) == down[at]);
        if (i < 3) REQUIRE(places(r, i) == down[at]);
        if (i < 3) REQUIRE(same(T(most(r, i)), T(x(r, down[at]))));
      }
    }
  }
}

// First by u, then by v from the largest.
constexpr auto by_two = [](const value* a, const value* b) { return (a[0] < b[0]) | ((a[0] == b[0]) & (a[1] > b[1])); };
template <int A, int N, int B> void check_pairs() {
  tensor<std::int32_t, A, N, B> u, v, w;
  for (int i = 0; i < A * N * B; ++i) {
    const std::uint32_t b = near::bits(static_cast<std::uint32_t>(i));
    u.data()[i] = static_cast<std::int32_t>(b % 4) - 2, v.data()[i] = static_cast<std::int32_t>(b >> 5 & 3), w.data()[i] = i;
  }
  constexpr auto f = sinter::fn([](auto p, auto q, auto r) {
    const value x[] = {p, q, r};
    value y[3];
    sinter::detail::sort(*p.graph(), x, 3, 1, by_two, y);
    return std::tuple(y[0], y[1], y[2]);
  });
  const auto [x, y, z] = f(u, v, w);
  for (int i = 0; i < A; ++i)
    for (int k = 0; k < B; ++k) {
      std::vector<int> order(N);
      for (int j = 0; j < N; ++j) order[static_cast<std::size_t>(j)] = j;
      std::stable_sort(order.begin(), order.end(),
                       [&](int a, int b) { return u(i, a, k) < u(i, b, k) || (u(i, a, k) == u(i, b, k) && v(i, a, k) > v(i, b, k)); });
      for (int j = 0; j < N; ++j) {
        const int at = order[static_cast<std::size_t>(j)];
        REQUIRE((x(i, j, k) == u(i, at, k) && y(i, j, k) == v(i, at, k) && z(i, j, k) == w(i, at, k)));
      }
    }
}

}  // namespace

TEST_CASE_TEMPLATE("rows of every kind", T, float, double, sinter::float16, sinter::bfloat16, std::int8_t, std::uint64_t) {
  check_rows<T>();
}

TEST_CASE("other axes, truth values, no elements") {
  tensor<std::int64_t, 5, 4, 3> x;
  for (int i = 0; i < 60; ++i) x.data()[i] = some<std::int64_t>(static_cast<std::uint32_t>(i));
  const tensor<std::int64_t, 5, 4, 3> y = sinter::sort(x + 1, axis<0>), z = sinter::argsort(x, axis<-2>);
  for (int j = 0; j < 4; ++j)
    for (int k = 0; k < 3; ++k)
      for (int i = 0; i + 1 < 5; ++i) CHECK(y(i, j, k) <= y(i + 1, j, k));
  for (int i = 0; i < 5; ++i)
    for (int k = 0; k < 3; ++k)
      for (int j = 0; j + 1 < 4; ++j) CHECK(x(i, z(i, j, k), k) <= x(i, z(i, j + 1, k), k));
  tensor<bool, 9> t;
  for (int i = 0; i < 9; ++i) t(i) = i % 2 == 0;
  const tensor<bool, 9> s = sinter::sort(t, sinter::descending);
  for (int i = 0; i < 9; ++i) CHECK(s(i) == (i < 5));
  tensor<float, 0> none;
  constexpr auto f = sinter::fn([](auto v) { return sinter::sort(v); });
  CHECK(f(none).size() == 0);
  constexpr auto top = sinter::fn([](auto v) { return sinter::top_k<0>(v); });
  CHECK(std::get<1>(top(tensor<float, 2, 4>())).size() == 0);
}

TEST_CASE("comparisons of several arrays") {
  check_pairs<1, 2, 1>();
  check_pairs<3, 33, 2>();
  check_pairs<2, 150, 3>();
  check_pairs<2, 0, 3>();
}

TEST_CASE("comparisons by one number of each side") {
  tensor<float, 300> x;
  for (int i = 0; i < 300; ++i) x(i) = static_cast<float>(near::bits(static_cast<std::uint32_t>(i)) % 100) - 50;
  constexpr auto f = sinter::fn([](auto v) {
    value y[3];
    sinter::graph::builder& g = *v.graph();
    sinter::detail::sort(
        g, &v, 1, 0, [](const value* a, const value* b) { return *a < *b; }, y);
    sinter::detail::sort(
        g, &v, 1, 0, [](const value* a, const value* b) { return *b < *a; }, y + 1);
    sinter::detail::sort(
        g, &v, 1, 0, [](const value* a, const value* b) { return sinter::abs(*a) > sinter::abs(*b); }, y + 2);
    return std::tuple(y[0], y[1], y[2]);
  });
  const auto [a, b, c] = f(x);
  std::vector<float> up(x.data(), x.data() + 300), size = up;
  std::stable_sort(up.begin(), up.end());
  std::stable_sort(size.begin(), size.end(), [](float p, float q) { return std::fabs(p) > std::fabs(q); });
  for (int i = 0; i < 300; ++i) {
    CHECK(a(i) == up[static_cast<std::size_t>(i)]);
    CHECK(b(i) == up[static_cast<std::size_t>(299 - i)]);
    CHECK(c(i) == size[static_cast<std::size_t>(i)]);
  }
}

TEST_CASE("derivatives and batches") {
  tensor<float, 5> x, w;
  for (int i = 0; i < 5; ++i) x(i) = static_cast<float>(i * i % 5), w(i) = static_cast<float>(i + 1);  // 0 1 4 4 1
  constexpr auto slope = sinter::fn(sinter::grad([](auto v, auto by) { return sinter::sum(by * sinter::sort(v)); }));
  const auto d = slope(x, w);
  const float expected[] = {1, 2, 4, 5, 3};
  for (int i = 0; i < 5; ++i) CHECK(d(i) == expected[i]);
  constexpr auto forward =
      sinter::fn([](auto v, auto t) { return sinter::jvp([](auto u) { return std::get<0>(sinter::top_k<2>(u)); })(v, t); });
  const auto [most, tangent] = forward(x, w);
  CHECK((most(0) == 4 && most(1) == 4 && tangent(0) == 3 && tangent(1) == 4));
  tensor<float, 3, 4> m;
  for (int i = 0; i < 12; ++i) m.data()[i] = static_cast<float>(near::bits(static_cast<std::uint32_t>(i)) % 50);
  constexpr auto columns = sinter::fn(sinter::vmap<sinter::in_axes<1>>([](auto v) { return sinter::sort(v); }));
  const auto s = columns(m);
  for (int k = 0; k < 4; ++k) CHECK((s(k, 0) <= s(k, 1) && s(k, 1) <= s(k, 2)));
}
