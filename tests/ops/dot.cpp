// SPDX-License-Identifier: Apache-2.0
// dot and matmul: every combination of ranks, transposed and strided operands, sizes around the tiles, all kinds of elements, against
// sums in double within the stated bound.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <type_traits>

#include <doctest/doctest.h>

#include <sinter/sinter.hpp>

#include "near.hpp"
#include "plain.hpp"

namespace {

using sinter::all;
using sinter::axis;
using sinter::bfloat16;
using sinter::dyn;
using sinter::float16;
using sinter::range;
using sinter::tensor;

template <class T> constexpr double unit = std::is_same_v<T, double> ? 0x1p-53 : 0x1p-24;  // of the sum
template <class T> constexpr double rounding = std::is_same_v<T, float16>    ? 0x1p-11
                                               : std::is_same_v<T, bfloat16> ? 0x1p-8
                                                                             : 0;  // of the result
template <class T> double number(T x) {
  if constexpr (std::is_same_v<T, double> || std::is_integral_v<T>) return static_cast<double>(x);
  else return static_cast<double>(static_cast<float>(x));
}

// |y - exact| <= k unit |a| |b|, elements of f16 and bf16 rounded once more.
template <class T, class A, class B, class Y> bool product_good(const A& a, const B& b, const Y& y, int m, int k, int n) {
  bool good = true;
  for (int i = 0; i < m; ++i)
    for (int j = 0; j < n; ++j) {
      double exact = 0, sizes = 0;
      for (int p = 0; p < k; ++p) exact += number(a(i, p)) * number(b(p, j)), sizes += std::fabs(number(a(i, p)) * number(b(p, j)));
      const double bound = std::is_integral_v<T>
                               ? 0
                               : k * unit<T> * sizes + rounding<T> * std::fabs(exact) * 1.01 + (std::is_same_v<T, float16> ? 0x1p-25 : 0);
      if (std::is_integral_v<T> ? y(i, j) != static_cast<T>(static_cast<std::int64_t>(exact))
                                : !(std::fabs(number(y(i, j)) - exact) <= bound)) {
        CAPTURE(i);
        CAPTURE(j);
        CHECK(number(y(i, j)) == exact);
        good = false;
      }
    }
  return good;
}

}  // namespace

TEST_CASE_TEMPLATE("sizes", T, float, double, std::int32_t, float16, bfloat16, std::uint8_t, std::int64_t) {
  constexpr int sizes[] = {0, 1, 5, 17, 64, 130};
  for (const int m : sizes)
    for (const int k : sizes)
      for (const int n : sizes) {
        if (m + k + n > 200 && (m + k + n) % 3 && sizeof(T) != 4) continue;
        tensor<T, dyn, dyn> a(m, k), b(k, n);
        near::fill(a, std::is_integral_v<T> ? 10 : 1, 1);
        near::fill(b, std::is_integral_v<T> ? 10 : 1, 2);
        if constexpr (std::is_unsigned_v<T>) {
          for (auto& v : a) v = static_cast<T>(v & 7);
          for (auto& v : b) v = static_cast<T>(v & 7);
        }
        const tensor<T, dyn, dyn> y = sinter::dot(a, b);
        CAPTURE(m);
        CAPTURE(k);
        CAPTURE(n);
        REQUIRE(y.extent(0) == m);
        REQUIRE(y.extent(1) == n);
        CHECK(product_good<T>(a, b, y, m, k, n));
      }
}

TEST_CASE_TEMPLATE("transposed and strided operands", T, float, double) {
  tensor<T, 17, 40> a;
  tensor<T, 40, 23> b;
  near::fill(a, 1, 1), near::fill(b, 1, 2);
  const tensor<T, 40, 17> at = sinter::transpose(a);
  const tensor<T, 23, 40> bt = sinter::transpose(b);
  const tensor<T, 17, 23> y = sinter::dot(a, b);
  CHECK(product_good<T>(a, b, y, 17, 40, 23));
  const auto same = [&](const tensor<T, 17, 23>& z) {
    for (int i = 0; i < 17 * 23; ++i)
      if (z.data()[i] != y.data()[i]) return false;
    return true;
  };
  CHECK(same(sinter::dot(sinter::transpose(at), b)));
  CHECK(same(sinter::dot(a, sinter::transpose(bt))));
  CHECK(same(sinter::dot(sinter::transpose(at), sinter::transpose(bt))));
  CHECK(same(sinter::transpose(sinter::dot(bt, at))));
  CHECK(same(sinter::dot(sinter::reshape<17, 40>(sinter::reshape<680>(a)), b)));
  tensor<T, 50, 90> wide;
  wide.sub(range<3, 20>, range<0, 80, 2>) = a;
  CHECK(same(sinter::dot(wide.sub(range<3, 20>, range<0, 80, 2>), b)));
  CHECK(same(sinter::dot(sinter::slice(wide, range<3, 20>, range<0, 80, 2>), b)));
}

TEST_CASE("ranks") {
  tensor<double, 3> v3;
  tensor<double, 4> v4;
  tensor<double, 3, 4> m34;
  tensor<double, 2, 3, 4> t234;
  tensor<double, 4, 5> m45;
  tensor<double, 5, 2, 3, 4> q;
  const auto p3 = plain::count(v3), p4 = plain::count(v4, 2), p34 = plain::count(m34), p234 = plain::count(t234), p45 = plain::count(m45),
             pq = plain::count(q);
  const auto sum = [](int n, auto f) {
    double t = 0;
    for (int k = 0; k < n; ++k) t += f(k);
    return t;
  };
  CHECK(static_cast<double>(sinter::dot(v4, v4)) == 4 + 9 + 16 + 25);
  CHECK(static_cast<double>(sinter::matmul(v4, v4)) == 4 + 9 + 16 + 25);
  const auto mv = plain::make({3}, [&](const auto& i) { return sum(4, [&](int k) { return p34({i[0], k}) * p4({k}); }); });
  CHECK(plain::equal(sinter::dot(m34, v4), mv));
  CHECK(plain::equal(sinter::matmul(m34, v4), mv));
  const auto vm = plain::make({4}, [&](const auto& i) { return sum(3, [&](int k) { return p3({k}) * p34({k, i[0]}); }); });
  CHECK(plain::equal(sinter::dot(v3, m34), vm));
  CHECK(plain::equal(sinter::matmul(v3, m34), vm));
  const auto tm = plain::make({2, 3, 5}, [&](const auto& i) {
    return sum(4, [&](int k) { return p234({i[0], i[1], k}) * p45({k, i[2]}); });
  });
  CHECK(plain::equal(sinter::dot(t234, m45), tm));
  CHECK(plain::equal(sinter::matmul(t234, m45), tm));
  const auto tv = plain::make({2, 3}, [&](const auto& i) { return sum(4, [&](int k) { return p234({i[0], i[1], k}) * p4({k}); }); });
  CHECK(plain::equal(sinter::dot(t234, v4), tv));
  CHECK(plain::equal(sinter::matmul(t234, v4), tv));
  const auto qm = plain::make({5, 2, 3, 5}, [&](const auto& i) {
    return sum(4, [&](int k) { return pq({i[0], i[1], i[2], k}) * p45({k, i[3]}); });
  });
  CHECK(plain::equal(sinter::dot(q, m45), qm));
  CHECK(plain::equal(sinter::matmul(q, m45), qm));
  // Batches: equal, broadcast, missing.
  const auto tt = plain::make({2, 3, 3}, [&](const auto& i) {
    return sum(4, [&](int k) { return p234({i[0], i[1], k}) * p234({i[0], i[2], k}); });
  });
  CHECK(plain::equal(sinter::matmul(t234, sinter::transpose<0, 2, 1>(t234)), tt));
  const auto qt = plain::make({5, 2, 3, 3}, [&](const auto& i) {
    return sum(4, [&](int k) { return pq({i[0], i[1], i[2], k}) * p234({i[1], i[3], k}); });
  });
  CHECK(plain::equal(sinter::matmul(q, sinter::transpose<0, 2, 1>(t234)), qt));
  const auto mt = plain::make({2, 3, 3}, [&](const auto& i) {
    return sum(4, [&](int k) { return p34({i[1], k}) * p234({i[0], i[2], k}); });
  });
  CHECK(plain::equal(sinter::matmul(m34, sinter::transpose<0, 2, 1>(t234)), mt));
  const auto vt = plain::make({2, 4}, [&](const auto& i) { return sum(3, [&](int k) { return p3({k}) * p234({i[0], k, i[1]}); }); });
  CHECK(plain::equal(sinter::matmul(v3, t234), vt));
  // Numbers and tensors of rank 0 multiply.
  CHECK(plain::equal(sinter::dot(m34, 2), plain::map(p34, [](double x) { return 2 * x; })));
  CHECK(plain::equal(sinter::dot(tensor<double>(3.0), v3), plain::map(p3, [](double x) { return 3 * x; })));
}

TEST_CASE("with something before and after") {
  tensor<float, 20, 30> x;
  tensor<float, 30, 12> w;
  tensor<float, 12> b;
  near::fill(x, 1, 1), near::fill(w, 1, 2), near::fill(b, 1, 3);
  constexpr auto f = sinter::fn([](auto v, auto u, auto c) { return sinter::relu(sinter::dot(exp(v), u * 2) + c); });
  const auto y = f(x, w, b);
  const tensor<float, 20, 30> e = sinter::exp(x);
  const tensor<float, 30, 12> u = w * 2;
  const tensor<float, 20, 12> d = sinter::dot(e, u);
  const tensor<float, 20, 12> z = sinter::relu(d + b);
  for (int i = 0; i < 240; ++i) CHECK(y.data()[i] == z.data()[i]);
  const tensor<float, 20> rows = sinter::sum(sinter::dot(x, w), axis<1>);
  const tensor<float, 20, 12> p = sinter::dot(x, w);
  const tensor<float, 20> rows2 = sinter::sum(p, axis<1>);
  for (int i = 0; i < 20; ++i) CHECK(rows(i) == rows2(i));
  const tensor<float, 4, 5, 12> shaped = sinter::dot(sinter::reshape<4, 5, 30>(x), w);
  for (int i = 0; i < 240; ++i) CHECK(shaped.data()[i] == p.data()[i]);
  const auto [scalar] = sinter::fn([](auto v, auto q) { return std::tuple(sinter::dot(v, q)); }).on<sinter::backend::scalar>()(x, w);
  for (int i = 0; i < 240; ++i) CHECK(scalar.data()[i] == p.data()[i]);
}

TEST_CASE("the order of a product: one fused multiply-add a term, from +0") {
  for (const int k : {0, 1, 2, 63, 64, 65, 500}) {
    tensor<float, dyn, dyn> a(9, k), b(k, 37);
    near::fill(a, 1, 5), near::fill(b, 1, 6);
    const tensor<float, dyn, dyn> y = sinter::dot(a, b);
    int wrong = 0;
    for (int i = 0; i < 9; ++i)
      for (int j = 0; j < 37; ++j) {
        float s = 0;
        for (int p = 0; p < k; ++p) s = std::fma(a(i, p), b(p, j), s);
        wrong += s != y(i, j);
      }
    CHECK(wrong == 0);
    tensor<float, dyn> u(k);
    near::fill(u, 1, 9);
    const tensor<float, dyn> mv = sinter::dot(a, u);
    for (int i = 0; i < 9; ++i) {
      float s = 0;
      for (int p = 0; p < k; ++p) s = std::fma(a(i, p), u(p), s);
      CHECK(mv(i) == s);
    }
  }
}
