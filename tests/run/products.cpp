// SPDX-License-Identifier: Apache-2.0
// Products of odd and large extents, any layout: the bound on the error of each element, and the same bits in each layout.
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

TEST_CASE("products of static extents; more sizes in simd/small_products.cpp") {
  small_products::check_small<float, 5, 6, 7, true>(), small_products::check_small<float16, 4, 4, 4, true>();
  small_products::check_static<float, 5, 35, 9>();
  tensor<float, 4, 4> x = small_products::numbers<float, 4, 4>(1);
  const tensor<float, 4, 4> w = small_products::numbers<float, 4, 4>(2), expected = small_products::product(x, w);
  x = dot(x, w);  // over an operand
  CHECK(small_products::same(x, expected));
}

}  // namespace
