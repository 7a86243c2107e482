// SPDX-License-Identifier: Apache-2.0
// Reductions by functions of two values: native ones, unrolled steps, loops and pieces, several operands, no elements, derivatives.
#include <complex>
#include <cstdint>
#include <tuple>

#include <doctest/doctest.h>

#include <sinter/complex.hpp>
#include <sinter/sinter.hpp>

#include "near.hpp"

namespace {

using sinter::axes;
using sinter::axis;
using sinter::dtype;
using sinter::dyn;
using sinter::tensor;
using sinter::value;

// The last element that is not 0, and how many of them there are, modulo 1000: associative, not commutative.
constexpr auto last_of = [](auto a, auto b) { return sinter::where(b == 0, a, b); };
// Composition of the maps x -> s x + t modulo 2^32, as what jax.lax.reduce takes of two operands.
constexpr auto compose = [](const value* a, const value* b, value* out) {
  out[0] = a[0] * b[0];
  out[1] = a[1] * b[0] + b[1];
};
constexpr auto composed = [](auto s, auto t, axes over) {
  const value x[] = {s, t}, init[] = {value(3).as(*s.graph(), s.type()), value(5).as(*s.graph(), s.type())};
  value y[2];
  sinter::detail::fold(*s.graph(), x, init, 2, over, compose, y);
  return std::tuple(y[0], y[1]);
};

template <class T> void fill(T& x, std::uint32_t seed) {
  for (sinter::extent_t i = 0; i < x.size(); ++i)
    x.data()[i] = static_cast<std::int32_t>(near::bits(seed + static_cast<std::uint32_t>(i)) % 7);
}

// Over the middle axis, and over the outer two.
template <int A, int R, int B> void check_fold() {
  tensor<std::int32_t, A, R, B> s, t;
  fill(s, 1), fill(t, 2);
  constexpr auto middle = sinter::fn([](auto x, auto y) { return composed(x, y, axes(1)); });
  constexpr auto outer = sinter::fn([](auto x, auto y) { return composed(x, y, axes(0, -1)); });
  const auto [p, q] = middle(s, t);
  const auto [u, v] = outer(s, t);
  const auto step = [&](std::uint32_t& m, std::uint32_t& c, int i, int j, int k) {
    const auto by = static_cast<std::uint32_t>(s(i, j, k));
    m *= by, c = c * by + static_cast<std::uint32_t>(t(i, j, k));
  };
  for (int i = 0; i < A; ++i)
    for (int k = 0; k < B; ++k) {
      std::uint32_t m = 3, c = 5;
      for (int j = 0; j < R; ++j) step(m, c, i, j, k);
      CHECK(static_cast<std::uint32_t>(p(i, k)) == m);
      CHECK(static_cast<std::uint32_t>(q(i, k)) == c);
    }
  for (int j = 0; j < R; ++j) {
    std::uint32_t m = 3, c = 5;
    for (int i = 0; i < A; ++i)
      for (int k = 0; k < B; ++k) step(m, c, i, j, k);
    CHECK(static_cast<std::uint32_t>(u(j)) == m);
    CHECK(static_cast<std::uint32_t>(v(j)) == c);
  }
}

}  // namespace

TEST_CASE("folds with few, many and very many steps") {
  check_fold<1, 1, 1>();
  check_fold<3, 8, 2>();
  check_fold<2, 9, 5>();
  check_fold<1, 67, 1>();
  check_fold<3, 1000, 2>();
  check_fold<1, 3, 0>();
  check_fold<2, 0, 3>();
}

TEST_CASE("reductions of functions that are ops are native") {
  tensor<float, 5, 70> x;
  near::fill(x, 5, 1);
  constexpr auto f = sinter::fn([](auto v) {
    return std::tuple(sinter::reduce(
                          v, 0, [](auto a, auto b) { return a + b; }, axes(1)),
                      sinter::reduce(
                          v, -2.5f, [](auto a, auto b) { return sinter::maximum(b, a); }, axes(0)),
                      sinter::reduce(v, 1e9f, [](auto a, auto b) { return sinter::minimum(a, b); }),
                      sinter::reduce(
                          v, 2, [](auto a, auto b) { return a * b; }, axes(0)));
  });
  constexpr auto g = sinter::fn([](auto v) {
    return std::tuple(sinter::sum(v, axis<1>), sinter::maximum(sinter::max(v, axis<0>), -2.5f), sinter::min(v),
                      2 * sinter::prod(v, axis<0>));
  });
  const auto [a, b, c, d] = f(x);
  const auto [p, q, r, s] = g(x);
  for (int i = 0; i < 5; ++i) CHECK(a(i) == p(i));
  for (int j = 0; j < 70; ++j) {
    CHECK(b(j) == q(j));
    CHECK(d(j) == s(j));
  }
  CHECK(c() == r());
}

TEST_CASE("bits and truth values") {
  tensor<std::int16_t, 3, 40> x;
  tensor<std::uint64_t, 3, 40> u;
  tensor<bool, 3, 40> t;
  for (int i = 0; i < 120; ++i) {
    x.data()[i] = static_cast<std::int16_t>(near::bits(static_cast<std::uint32_t>(i)) | 0x5100u);
    u.data()[i] = near::bits(static_cast<std::uint32_t>(i)) | 0xff00000000000000u;
    t.data()[i] = i < 40 || (i < 80 && i % 3 == 0);
  }
  constexpr auto f = sinter::fn([](auto v) {
    return std::tuple(sinter::reduce(
                          v, -1, [](auto a, auto b) { return a & b; }, axes(1)),
                      sinter::reduce(
                          v, 0, [](auto a, auto b) { return a | b; }, axes(1)),
                      sinter::reduce(
                          v, 1, [](auto a, auto b) { return a ^ b; }, axes(1)));
  });
  constexpr auto of_bools = sinter::fn([](auto v) {
    return std::tuple(sinter::reduce(
                          v, true, [](auto a, auto b) { return sinter::minimum(a, b); }, axes(1)),
                      sinter::reduce(
                          v, false, [](auto a, auto b) { return sinter::maximum(a, b); }, axes(1)),
                      sinter::reduce(
                          v, true, [](auto a, auto b) { return a ^ b; }, axes(1)));
  });
  const auto [a, b, c] = f(x);
  const auto [p, q, r] = f(u);
  const auto [k, l, m] = of_bools(t);
  for (int i = 0; i < 3; ++i) {
    int every = -1, any = 0, odd = 1;
    std::uint64_t every_u = ~std::uint64_t{0}, any_u = 0, odd_u = 1;
    bool every_t = true, any_t = false, odd_t = true;
    for (int j = 0; j < 40; ++j) {
      every &= x(i, j), any |= x(i, j), odd ^= x(i, j);
      every_u &= u(i, j), any_u |= u(i, j), odd_u ^= u(i, j);
      every_t &= t(i, j), any_t |= t(i, j), odd_t ^= t(i, j);
    }
    CHECK(a(i) == every);
    CHECK(b(i) == any);
    CHECK(c(i) == static_cast<std::int16_t>(odd));
    CHECK(p(i) == every_u);
    CHECK(q(i) == any_u);
    CHECK(r(i) == odd_u);
    CHECK(k(i) == every_t);
    CHECK(l(i) == any_t);
    CHECK(m(i) == odd_t);
  }
}

TEST_CASE("order, single numbers, complex elements, derivatives") {
  tensor<std::int32_t, 30> x;
  for (int i = 0; i < 30; ++i) x(i) = i < 21 ? i : 0;
  constexpr auto f = sinter::fn([](auto v) { return sinter::reduce(v, 7, last_of); });
  CHECK(f(x)() == 20);
  x.fill(0);
  CHECK(f(x)() == 7);
  constexpr auto g = sinter::fn([](auto v) { return sinter::reduce(v, 7, last_of); });
  CHECK(g(tensor<std::int32_t>(4))() == 4);
  CHECK(g(tensor<std::int32_t>(0))() == 7);

  tensor<std::complex<float>, 3, 4> z;
  for (int i = 0; i < 12; ++i) z.data()[i] = {static_cast<float>(i % 5) - 2, static_cast<float>(i % 3)};
  constexpr auto product = sinter::fn([](auto v) {
    return sinter::reduce(
        v, 1, [](auto a, auto b) { return a * b; }, axes(1));
  });
  const auto y = product(z);
  for (int i = 0; i < 3; ++i) CHECK(y(i) == z(i, 0) * z(i, 1) * z(i, 2) * z(i, 3));

  tensor<float, 2, 12> w;
  near::fill(w, 1, 3);
  constexpr auto loss = [](auto v) {
    return sinter::sum(sinter::reduce(
        v, 0.5f, [](auto a, auto b) { return a + b - a * b; }, axes(1)));
  };
  constexpr auto slope = sinter::fn(sinter::grad(loss));
  const auto d = slope(w);
  for (int i = 0; i < 2; ++i)
    for (int j = 0; j < 12; ++j) {  // 1 - y = (1 - init) prod (1 - x)
      double rest = 0.5;
      for (int k = 0; k < 12; ++k)
        if (k != j) rest *= 1 - static_cast<double>(w(i, k));
      CHECK(d(i, j) == doctest::Approx(rest).epsilon(1e-5));
    }
}
