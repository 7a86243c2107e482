// SPDX-License-Identifier: Apache-2.0
// tril, triu and symmetric against plain loops, and as operands of products: one kernel, and nothing of the other triangle in the result.
#include <cmath>
#include <cstdint>
#include <limits>

#include <doctest/doctest.h>

#include <sinter/sinter.hpp>

#include "near.hpp"

namespace {

using sinter::diagonal;
using sinter::dyn;
using sinter::float16;
using sinter::lower;
using sinter::tensor;
using sinter::upper;

template <class T> double number(T x) {
  if constexpr (std::is_same_v<T, float16>) return static_cast<double>(static_cast<float>(x));
  else return static_cast<double>(x);
}
// What no result may contain: in the elements that are not read.
template <class T> T poison() {
  if constexpr (std::is_same_v<T, float>) return std::numeric_limits<float>::quiet_NaN();
  else if constexpr (std::is_same_v<T, double>) return std::numeric_limits<double>::infinity();
  else if constexpr (std::is_same_v<T, float16>) return float16(std::numeric_limits<float>::quiet_NaN());
  else return T{99};
}
template <class T> tensor<T, dyn, dyn> counted(int m, int n) {
  tensor<T, dyn, dyn> x(m, n);
  for (int i = 0; i < x.size(); ++i) x.data()[i] = static_cast<T>(1 + i % 7);
  return x;
}
template <class T> tensor<T, dyn, dyn> product(const tensor<T, dyn, dyn>& a, const tensor<T, dyn, dyn>& b) {
  tensor<T, dyn, dyn> y(a.extent(0), b.extent(1));
  for (int i = 0; i < y.extent(0); ++i)
    for (int j = 0; j < y.extent(1); ++j) {
      double sum = 0;
      for (int k = 0; k < a.extent(1); ++k) sum += number(a(i, k)) * number(b(k, j));
      y(i, j) = static_cast<T>(static_cast<float>(sum));
    }
  return y;
}
template <class X, class Y> bool equal(const X& x, const Y& y) {
  bool good = x.size() == y.size();
  for (int i = 0; good && i < y.size(); ++i) good = number(x.data()[i]) == number(y.data()[i]);
  return good;
}
// x with every element for which `keeps` is false replaced.
template <class T, class F> tensor<T, dyn, dyn> replaced(tensor<T, dyn, dyn> x, T by, F keeps) {
  for (int i = 0; i < x.extent(0); ++i)
    for (int j = 0; j < x.extent(1); ++j)
      if (!keeps(i, j)) x(i, j) = by;
  return x;
}
template <class T> tensor<T, dyn, dyn> mirrored(tensor<T, dyn, dyn> x, bool from_upper) {
  for (int i = 0; i < x.extent(0); ++i)
    for (int j = 0; j < i; ++j) (from_upper ? x(i, j) : x(j, i)) = from_upper ? x(j, i) : x(i, j);
  return x;
}

template <sinter::extent_t K, class T> void check_triangles(int m, int n) {
  CAPTURE(m);
  CAPTURE(n);
  CAPTURE(K);
  const auto below = [](int i, int j) { return j <= i + K; };
  const auto above = [](int i, int j) { return j >= i + K; };
  const tensor<T, dyn, dyn> x = counted<T>(m, n), left = counted<T>(5, m), right = counted<T>(n, 4);
  const tensor<T, dyn, dyn> l = replaced(x, T{}, below), u = replaced(x, T{}, above);
  const tensor<T, dyn, dyn> xl = replaced(x, poison<T>(), below), xu = replaced(x, poison<T>(), above);
  CHECK(equal(sinter::eval(sinter::tril(xl, diagonal<K>)), l));
  CHECK(equal(sinter::eval(sinter::triu(xu, diagonal<K>)), u));
  if constexpr (K == 0 || K == -3) {
    CHECK(equal(sinter::eval(sinter::dot(sinter::tril(xl, diagonal<K>), right)), product(l, right)));
    CHECK(equal(sinter::eval(sinter::dot(left, sinter::triu(xu, diagonal<K>))), product(left, u)));
    if constexpr (std::is_same_v<T, float>) {  // of the other types one of each side: which elements are left out does not depend on them
      CHECK(equal(sinter::eval(sinter::dot(sinter::triu(xu, diagonal<K>), right)), product(u, right)));
      CHECK(equal(sinter::eval(sinter::dot(left, sinter::tril(xl, diagonal<K>))), product(left, l)));
    }
  }
}

constexpr auto lower_times = sinter::fn([](auto a, auto b) { return sinter::dot(sinter::tril(a), b); });
constexpr auto times_upper = sinter::fn([](auto a, auto b) { return sinter::dot(a, sinter::triu(b)); });
constexpr auto symmetric_times = sinter::fn([](auto a, auto b) { return sinter::dot(sinter::symmetric(a, lower), b); });
constexpr auto times_symmetric = sinter::fn([](auto a, auto b) { return sinter::dot(a, sinter::symmetric(b, upper)); });
constexpr auto lower_times_and_bias = sinter::fn([](auto a, auto b, auto c) { return sinter::dot(sinter::tril(a), b) + c; });

using square = tensor<float, 96, 96>;
using open = tensor<float, dyn, dyn>;
template <class F, class A, class B> constexpr bool is_one_kernel(const F& f) {
  return f.template plan<A, B>().kernels == 1 && f.template plan<A, B>().temporaries == 0;
}
static_assert(is_one_kernel<decltype(lower_times), square, square>(lower_times));
static_assert(is_one_kernel<decltype(times_upper), square, square>(times_upper));
static_assert(is_one_kernel<decltype(symmetric_times), square, square>(symmetric_times));
static_assert(is_one_kernel<decltype(times_symmetric), square, square>(times_symmetric));
static_assert(is_one_kernel<decltype(lower_times), open, open>(lower_times));
static_assert(is_one_kernel<decltype(times_upper), open, open>(times_upper));
static_assert(is_one_kernel<decltype(symmetric_times), open, open>(symmetric_times));
static_assert(is_one_kernel<decltype(times_symmetric), open, open>(times_symmetric));
static_assert(is_one_kernel<decltype(lower_times), tensor<float, 1, 40>, tensor<float, 40, 3>>(lower_times));
static_assert(is_one_kernel<decltype(lower_times), tensor<float, 17, 40>, tensor<float, 40>>(lower_times));
static_assert(lower_times_and_bias.plan<square, square, square>().kernels == 1);

}  // namespace

TEST_CASE_TEMPLATE("triangles", T, float, double, std::int32_t, float16) {
  constexpr int sizes[][2] = {{0, 0}, {0, 3}, {3, 0}, {1, 1}, {1, 9}, {9, 1}, {7, 7}, {33, 20}, {20, 33}, {130, 130}};
  for (const auto& s : sizes) {
    if (std::is_same_v<T, float16> && s[0] > 100) continue;  // the sums would no longer be exact
    check_triangles<-3, T>(s[0], s[1]);
    if constexpr (std::is_same_v<T, float>) {
      check_triangles<0, T>(s[0], s[1]);
      check_triangles<2, T>(s[0], s[1]);
      check_triangles<200, T>(s[0], s[1]);
      check_triangles<-200, T>(s[0], s[1]);
    }
  }
}

TEST_CASE_TEMPLATE("symmetric", T, float, double, std::int32_t, float16) {
  for (const int n : {0, 1, 2, 7, 33, 130}) {
    if (std::is_same_v<T, float16> && n > 100) continue;
    CAPTURE(n);
    const tensor<T, dyn, dyn> x = counted<T>(n, n), left = counted<T>(5, n), right = counted<T>(n, 4);
    const tensor<T, dyn, dyn> l = mirrored(x, false), u = mirrored(x, true);
    const tensor<T, dyn, dyn> xl = replaced(x, poison<T>(), [](int i, int j) { return j <= i; });
    const tensor<T, dyn, dyn> xu = replaced(x, poison<T>(), [](int i, int j) { return j >= i; });
    CHECK(equal(sinter::eval(sinter::symmetric(xl, lower)), l));
    CHECK(equal(sinter::eval(sinter::symmetric(xu, upper)), u));
    CHECK(equal(sinter::eval(sinter::dot(sinter::symmetric(xl, lower), right)), product(l, right)));
    if constexpr (std::is_same_v<T, float>) {
      CHECK(equal(sinter::eval(sinter::dot(left, sinter::symmetric(xu, upper))), product(left, u)));
      CHECK(equal(sinter::eval(sinter::dot(left, sinter::symmetric(xl, lower))), product(left, l)));
    }
  }
  CHECK_THROWS_AS(sinter::eval(sinter::symmetric(counted<T>(3, 4), lower)), sinter::shape_error);
}

TEST_CASE("static extents") {
  square a, b;
  near::fill(a), near::fill(b, 1, 77);
  square l = a, s = a, u = b;
  for (int i = 0; i < 96; ++i)
    for (int j = 0; j < 96; ++j) {
      if (j > i) l(i, j) = 0, s(i, j) = a(j, i);
      if (j < i) u(i, j) = 0;
    }
  // A product adds in the order of k: that of the plain triangles gives the same bits.
  CHECK(equal(lower_times(a, b), sinter::eval(sinter::dot(l, b))));
  CHECK(equal(times_upper(a, b), sinter::eval(sinter::dot(a, u))));
  CHECK(equal(symmetric_times(a, b), sinter::eval(sinter::dot(s, b))));
  tensor<float, 4, 4> small{{1, 9, 9, 9}, {2, 3, 9, 9}, {4, 5, 6, 9}, {7, 8, 9, 1}};
  const tensor<float, 4> ones{1, 1, 1, 1};
  CHECK(equal(sinter::eval(sinter::dot(sinter::tril(small), ones)), tensor<float, 4>{1, 5, 15, 25}));
  CHECK(equal(sinter::eval(sinter::tril(sinter::cast<bool>(small))), sinter::eval(sinter::cast<bool>(sinter::tril(small)))));
}

TEST_CASE("diagonals far outside") {
  constexpr auto most = std::numeric_limits<sinter::extent_t>::max(), least = std::numeric_limits<sinter::extent_t>::min();
  const tensor<float, dyn, dyn> x = counted<float>(9, 9);
  const tensor<float, dyn, dyn> zeros = sinter::tril(x, diagonal<-9>);
  CHECK(equal(sinter::eval(sinter::tril(x, diagonal<most>)), x));
  CHECK(equal(sinter::eval(sinter::triu(x, diagonal<most>)), zeros));
  CHECK(equal(sinter::eval(sinter::tril(x, diagonal<least>)), zeros));
  CHECK(equal(sinter::eval(sinter::triu(x, diagonal<least>)), x));
  CHECK(equal(sinter::eval(sinter::tril(tensor<float, 2, 2>{{1, 2}, {3, 4}}, diagonal<most>)), tensor<float, 2, 2>{{1, 2}, {3, 4}}));
}

TEST_CASE("batches and views") {
  tensor<float, 3, 20, 20> a;
  tensor<float, 3, 20, 6> b;
  near::fill(a), near::fill(b, 1, 5);
  const auto l = sinter::eval(sinter::tril(a, diagonal<-1>)), s = sinter::eval(sinter::symmetric(a, upper));
  for (int k = 0; k < 3; ++k)
    for (int i = 0; i < 20; ++i)
      for (int j = 0; j < 20; ++j) {
        CHECK(l(k, i, j) == (j < i ? a(k, i, j) : 0));
        CHECK(s(k, i, j) == (j < i ? a(k, j, i) : a(k, i, j)));
      }
  CHECK(equal(sinter::eval(sinter::matmul(sinter::tril(a, diagonal<-1>), b)), sinter::eval(sinter::matmul(l, b))));
  CHECK(equal(sinter::eval(sinter::matmul(sinter::symmetric(a, upper), b)), sinter::eval(sinter::matmul(s, b))));
  const auto row = a.sub(1, sinter::range<0, 20, 2>, sinter::all);
  CHECK(equal(sinter::eval(sinter::tril(row)), sinter::eval(sinter::tril(sinter::eval(row + 0.f)))));
  constexpr auto f = sinter::fn([](auto x) { return sinter::triu(x, sinter::diagonal_value{1}) + sinter::tril(x); });
  CHECK(equal(f(a), a));
}
