// SPDX-License-Identifier: Apache-2.0
// Contractions of odd and large extents, any layout, with what is fused around them: the same bits as step by step, and the bound on the
// error of each element.
#include <doctest/doctest.h>

#include <cmath>
#include <random>

#include <sinter/sinter.hpp>

#include "simd/small_products.hpp"

namespace {

using namespace sinter;
template <class T> using matrix = tensor<T, dyn, dyn>;

template <class T> matrix<T> random(extent_t m, extent_t n, unsigned seed) {
  matrix<T> t(m, n);
  std::mt19937 engine(seed);
  for (extent_t i = 0; i < m * n; ++i) t.data()[i] = static_cast<T>(static_cast<float>(static_cast<int>(engine() % 2001) - 1000) / 1000);
  return t;
}
template <class A, class B> bool same(const A& a, const B& b) {
  bool equal = a.size() == b.size();
  for (extent_t i = 0; equal && i < a.size(); ++i)
    equal = a.data()[i] == b.data()[i] || (a.data()[i] != a.data()[i] && b.data()[i] != b.data()[i]);
  return equal;
}

// |y - exact| <= k 2^-24 |a| |b|, and every layout of the operands gives the same bits.
template <class T> void check_product(extent_t m, extent_t n, extent_t k) {
  CAPTURE(m);
  CAPTURE(n);
  CAPTURE(k);
  const matrix<T> a = random<T>(m, k, 1), b = random<T>(k, n, 2);
  const matrix<T> y = dot(a, b), at = transpose(a), bt = transpose(b);
  const double unit = sizeof(T) == 8 ? 0x1p-53 : 0x1p-24;
  for (extent_t i = 0; i < m; i += 1 + m / 9)
    for (extent_t j = 0; j < n; j += 1 + n / 9) {
      long double exact = 0, size = 0;
      for (extent_t p = 0; p < k; ++p) {
        const long double term = static_cast<long double>(a(i, p)) * static_cast<long double>(b(p, j));
        exact += term, size += std::abs(term);
      }
      CHECK(std::abs(static_cast<long double>(y(i, j)) - exact) <= static_cast<long double>(static_cast<double>(k) * unit) * size);
    }
  const matrix<T> tb = dot(transpose(at), b), bt_too = dot(transpose(at), transpose(bt)), strided = dot(a, transpose(bt));
  CHECK((same(y, tb) && same(y, bt_too) && same(y, strided)));
  matrix<T> held = random<T>(m, n, 3);
  const matrix<T> sum = eval(held + y);
  held += dot(a, b);
  CHECK(same(held, sum));
}

TEST_CASE("products of odd extents, at the edges of tiles and blocks") {
  for (const extent_t m : {0, 1, 5, 6, 7, 97})
    for (const extent_t n : {0, 1, 15, 17, 64, 130})
      for (const extent_t k : {0, 1, 2, 65}) check_product<float>(m, n, k);
  check_product<float>(101, 1024, 1030);  // rows a power of two apart, two passes over k
  check_product<float>(1, 300, 70);
  check_product<float>(300, 1, 70);
  for (const extent_t n : {1, 9, 40}) check_product<double>(13, n, 33);
}

constexpr auto dense = fn([](auto x, auto w, auto b) { return gelu(dot(x, w) + b); });
constexpr auto rows = fn([](auto x, auto w, auto b) { return softmax(dot(x, w) + b, axis<1>); });
constexpr auto gated = fn([](auto x, auto u, auto v) {
  auto y = rms_norm(x, axis<1>);
  return silu(dot(y, u)) * dot(y, v);
});
constexpr auto made = fn([](auto x, auto w, auto b) { return std::tuple(dot(abs(x), w * 2 + 1) + b, b * 2); });
constexpr auto squares = fn([](auto x, auto w) {
  auto y = dot(x, w);
  return std::tuple(y * 2, sum(y * y, axis<1>), argmax(y, axis<1>));
});

void check_fused(extent_t m, extent_t n, extent_t k) {
  CAPTURE(m);
  CAPTURE(n);
  CAPTURE(k);
  const matrix<float> x = random<float>(m, k, 1), w = random<float>(k, n, 2), u = random<float>(k, n, 3);
  tensor<float, dyn> b(n);
  for (extent_t j = 0; j < n; ++j) b(j) = static_cast<float>(j % 7) / 8;
  const matrix<float> y = dot(x, w), z = y + b, norm = rms_norm(x, axis<1>), yn = dot(norm, w), un = dot(norm, u);
  CHECK(same(dense(x, w, b), eval(gelu(z))));
  CHECK(same(rows(x, w, b), eval(softmax(z, axis<1>))));
  CHECK(same(gated(x, w, u), eval(silu(yn) * un)));
  const matrix<float> positive = abs(x), twice = w * 2 + 1, product = dot(positive, twice);
  CHECK(same(std::get<0>(made(x, w, b)), eval(product + b)));
  const auto [doubled, norms, best] = squares(x, w);
  CHECK((same(doubled, eval(y * 2)) && same(norms, eval(sum(y * y, axis<1>))) && same(best, eval(argmax(y, axis<1>)))));
}

TEST_CASE("what is fused around a product changes no bit") {
  for (const extent_t m : {1, 7, 100})
    for (const extent_t n : {1, 17, 64, 200})
      for (const extent_t k : {1, 65, 1100}) check_fused(m, n, k);
}

// Tiles ask for the rows of u and v before they are read; the last rows and columns have none behind them.
TEST_CASE("a product whose consumer reads large matrices and writes two") {
  constexpr auto update = fn([](auto x, auto w, auto u, auto v) {
    auto y = dot(x, w) + u * 2;
    return std::tuple(y, v - y);
  });
  const matrix<float> x = random<float>(301, 40, 1), w = random<float>(40, 150, 2), u = random<float>(301, 150, 3),
                      v = random<float>(301, 150, 4), y = dot(x, w), sum = y + u * 2, rest = v - sum;
  const auto [a, b] = update(x, w, u, v);
  CHECK((same(a, sum) && same(b, rest)));
  matrix<float> over = u, under = v;
  update.into(std::tie(over, under), x, w, over, under);
  CHECK((same(over, sum) && same(under, rest)));
  tensor<float, 301, 40> sx = x;
  tensor<float, 40, 150> sw = w;
  tensor<float, 301, 150> su = u, sv = v;
  static_assert(
      decltype(update)::plan<tensor<float, 301, 40>, tensor<float, 40, 150>, tensor<float, 301, 150>, tensor<float, 301, 150>>().kernels ==
      1);
  update.into(std::tie(su, sv), sx, sw, su, sv);
  CHECK((same(su, sum) && same(sv, rest)));
}

TEST_CASE("threads change no bit of a product") {
  const matrix<float> x = random<float>(300, 333, 1), w = random<float>(333, 700, 2);
  const tensor<float, dyn> b(700);
  const matrix<float> y = dense(x, w, b), r = rows(x, w, b), p = dot(x, w);
  set_num_threads(2);
  CHECK((same(y, dense(x, w, b)) && same(r, rows(x, w, b)) && same(p, eval(dot(x, w)))));
  set_num_threads(1);
}

TEST_CASE("a result may lie on an operand of its product") {
  matrix<float> a = random<float>(70, 70, 1), w = random<float>(70, 70, 2);
  const tensor<float, dyn> b(70);
  const matrix<float> want = dense(a, w, b), plain = dot(a, w);
  matrix<float> over = a, right = w;
  dense.into(over, over, w, b);
  CHECK(same(over, want));
  dense.into(right, a, right, b);
  CHECK(same(right, want));
  a = dot(a, w);
  CHECK(same(a, plain));
}

TEST_CASE("f16 and integers: sums in f32 and i32, rounded once before what follows") {
  const matrix<float16> x = random<float16>(7, 65, 1), w = random<float16>(65, 33, 2);
  const tensor<float16, dyn> b(33);
  const matrix<float> exact = dot(cast<float>(x), cast<float>(w));
  const matrix<float16> rounded = cast<float16>(exact);
  CHECK(same(dense(x, w, b), eval(gelu(rounded + b))));
}

TEST_CASE("products of static extents; more sizes in simd/small_products.cpp") {
  small_products::check_small<float, 5, 6, 7, true>(), small_products::check_small<float16, 4, 4, 4, true>();
  small_products::check_static<float, 5, 35, 9>();
  tensor<float, 4, 4> x = small_products::numbers<float, 4, 4>(1);
  const tensor<float, 4, 4> w = small_products::numbers<float, 4, 4>(2), expected = small_products::product(x, w);
  x = dot(x, w);  // over an operand
  CHECK(small_products::same(x, expected));
}

TEST_CASE("the tiles and blocks of a schedule change no bit") {
  constexpr auto f = fn([](auto a, auto b, auto c) { return softmax(dot(a, b) + c, axis<1>); });
  const matrix<float> a = random<float>(101, 90, 1), b = random<float>(90, 77, 2), c = random<float>(1, 77, 3),
                      y = f(a, b, eval(reshape<77>(c)));
  const tensor<float, 77> row = reshape<77>(c);
  CHECK(same(f.with<schedule<tiles<4, 2>>>()(a, b, row), y));
  CHECK(same(f.with<schedule<tiles<14, 1>, blocks<20, 32>>>()(a, b, row), y));
  CHECK(same(f.with<schedule<blocks<1, 1>>>()(a, b, row), y));
  CHECK(same(f.with<schedule<tiles<1, 1>>>().prepare(a, constant(b), row)(a, row), y));
}

}  // namespace
