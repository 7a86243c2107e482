// SPDX-License-Identifier: Apache-2.0
// Checks of products whose extents are static, against plain loops: the same bits, and nothing written behind the end.
// simd/small_products.cpp has all sizes; run/contraction.cpp a few, which the sanitizers run too, for each size costs them seconds of
// compilation.
#pragma once

#include <doctest/doctest.h>

#include <cmath>
#include <concepts>
#include <cstdint>
#include <random>

#include <sinter/sinter.hpp>

namespace small_products {

using namespace sinter;

template <class T, extent_t M, extent_t N> tensor<T, M, N> numbers(unsigned seed) {
  tensor<T, M, N> t;
  std::mt19937 engine(seed);
  for (extent_t i = 0; i < M * N; ++i) {
    const int r = static_cast<int>(engine() % 2001) - 1000;
    if constexpr (std::integral<T>) t.data()[i] = static_cast<T>(r);
    else t.data()[i] = static_cast<T>(static_cast<float>(r) / 1000);
  }
  return t;
}
template <class T, extent_t M, extent_t N> bool same(const tensor<T, M, N>& a, const tensor<T, M, N>& b) {
  bool equal = true;
  for (extent_t i = 0; i < M * N; ++i) equal = equal && a.data()[i] == b.data()[i];
  return equal;
}
template <class T, extent_t M, extent_t N> tensor<T, M, N> added(const tensor<T, M, N>& a, const tensor<T, M, N>& b) {
  tensor<T, M, N> y;
  for (extent_t i = 0; i < M * N; ++i) y.data()[i] = static_cast<T>(a.data()[i] + b.data()[i]);
  return y;
}
template <class T, extent_t M, extent_t N> tensor<T, N, M> transposed(const tensor<T, M, N>& a) {
  tensor<T, N, M> y;
  for (extent_t i = 0; i < M; ++i)
    for (extent_t j = 0; j < N; ++j) y(j, i) = a(i, j);
  return y;
}
// One chain of fused multiply-adds for each element, in 32 bits at least, rounded once.
template <class T, extent_t M, extent_t N, extent_t K> tensor<T, M, N> product(const tensor<T, M, K>& a, const tensor<T, K, N>& b) {
  tensor<T, M, N> y;
  for (extent_t i = 0; i < M; ++i)
    for (extent_t j = 0; j < N; ++j) {
      std::conditional_t<sizeof(T) < 4, float, T> sum = 0;
      using wide = decltype(sum);
      for (extent_t k = 0; k < K; ++k) {
        const T p = a(i, k), q = b(k, j);
        if constexpr (std::integral<T>) sum += p * q;
        else sum = std::fma(static_cast<wide>(p), static_cast<wide>(q), sum);
      }
      y(i, j) = static_cast<T>(sum);
    }
  return y;
}

// Several rows a vector; with a second product fused behind, and on top of what is added.
template <class T, extent_t M, extent_t N, extent_t K, bool Chain = false> void check_small() {
  CAPTURE(M);
  CAPTURE(N);
  CAPTURE(K);
  const tensor<T, M, K> a = numbers<T, M, K>(1);
  const tensor<T, K, N> b = numbers<T, K, N>(2);
  const tensor<T, M, N> d = numbers<T, M, N>(4), y = product(a, b);
  struct {
    tensor<T, M, N> y;
    T after[16] = {};
  } held;
  held.y = dot(a, b);
  CHECK(same(held.y, y));
  if constexpr (Chain) {
    const tensor<T, N, N> c = numbers<T, N, N>(3);
    constexpr auto chain = fn([](auto p, auto q, auto r, auto s) { return dot(dot(p, q), r) + s; });
    chain.into(held.y, a, b, c, d);
    CHECK(same(held.y, added(product(y, c), d)));
  }
  held.y = d;
  held.y = dot(a, b) + held.y;
  CHECK(same(held.y, added(y, d)));
  for (const T x : held.after) CHECK(x == T(0));
}

// The last few columns, several rows a vector; strides and extents known to the tiles or not.
template <class T, extent_t M, extent_t N, extent_t K> void check_static() {
  CAPTURE(M);
  CAPTURE(N);
  CAPTURE(K);
  const tensor<T, M, K> a = numbers<T, M, K>(1);
  const tensor<T, K, N> b = numbers<T, K, N>(2);
  const tensor<T, K, M> ta = transposed(a);
  const tensor<T, N, K> tb = transposed(b);
  const tensor<T, M, N> y = product(a, b);
  tensor<T, M, N> held = dot(a, b);
  CHECK(same(held, y));
  held += dot(a, b);
  CHECK(same(held, added(y, y)));
  held = dot(transpose(ta), b);
  CHECK(same(held, y));
  held = dot(transpose(ta), transpose(tb));
  CHECK(same(held, y));
}

}  // namespace small_products
