// SPDX-License-Identifier: Apache-2.0
// StableHLO's scatter with any computation, several arrays and every element type, gather of nothing, and pad that cuts and spreads,
// against plain loops.
#include <doctest/doctest.h>

#include <complex>

#include <sinter/complex.hpp>
#include <sinter/ops/indexing.hpp>
#include <sinter/sinter.hpp>

namespace {

using namespace sinter;

template <class A, class B> bool same(const A& a, const B& b) {
  bool equal = static_cast<extent_t>(a.size()) == static_cast<extent_t>(b.size());
  for (extent_t i = 0; equal && i < static_cast<extent_t>(a.size()); ++i) equal = a.data()[i] == b.data()[i];
  return equal;
}
template <class T> T number(int i) {
  if constexpr (std::is_same_v<T, bool>) return i * 7 % 3 == 0;
  else if constexpr (is_complex(dtype_of<T>())) return T(static_cast<float>(i * 5 % 7) - 3, static_cast<float>(i * 3 % 5) - 2);
  else return static_cast<T>(i * 37 % 11);
}
template <class X> void fill(X& x, int seed = 0) {
  for (auto& e : x) e = number<std::remove_cvref_t<decltype(e)>>(seed++);
}

// Windows of two elements of an array [4, 5], one for each of five pairs of indices; some repeat, some lie partly or wholly outside.
constexpr scatter_dimensions in_rows() {
  scatter_dimensions d;
  d.update_window_dims = axes(1), d.inserted_window_dims = axes(0), d.scatter_dims_to_operand_dims = axes(0, 1), d.index_vector_dim = 1;
  return d;
}
const tensor<std::int64_t, 5, 2> places{{0, 0}, {3, 4}, {0, 1}, {-1, 0}, {0, 0}};
template <class T, class F> tensor<T, 4, 5> expected(tensor<T, 4, 5> x, const tensor<T, 5, 2>& u, F combine) {
  for (int k = 0; k < 5; ++k)
    for (int w = 0; w < 2; ++w) {
      const std::int64_t i = places(k, 0), j = places(k, 1) + w;
      if (i >= 0 && i < 4 && j >= 0 && j < 5) x(i, j) = combine(x(i, j), u(k, w));
    }
  return x;
}
template <combiner How> constexpr auto scattered = fn([](auto x, auto i, auto u) {
  value y;
  detail::scatter_general(*x.graph(), &x, 1, i, &u, in_rows(), How, &y);
  return y;
});
template <class T, combiner How, class F> bool agrees(F combine) {
  tensor<T, 4, 5> x;
  tensor<T, 5, 2> u;
  fill(x), fill(u, 3);
  return same(scattered<How>(x, places, u), expected(x, u, combine));
}

TEST_CASE("scatter: every combiner of types that have no such op") {
  constexpr auto second = [](auto, auto b) { return b; };
  constexpr auto either = [](bool a, bool b) { return a || b; };
  constexpr auto both = [](bool a, bool b) { return a && b; };
  CHECK(agrees<bool, combiner::set>(second));
  CHECK(agrees<bool, combiner::add>(either));
  CHECK(agrees<bool, combiner::multiply>(both));
  CHECK(agrees<bool, combiner::maximum>(either));
  CHECK(agrees<bool, combiner::minimum>(both));
  using c64 = std::complex<float>;
  constexpr auto less = [](c64 a, c64 b) { return a.real() != b.real() ? a.real() < b.real() : a.imag() < b.imag(); };
  CHECK(agrees<c64, combiner::set>(second));
  CHECK(agrees<c64, combiner::add>([](c64 a, c64 b) { return a + b; }));
  CHECK(agrees<c64, combiner::multiply>([](c64 a, c64 b) { return a * b; }));
  CHECK(agrees<c64, combiner::maximum>([&](c64 a, c64 b) { return less(a, b) ? b : a; }));
  CHECK(agrees<c64, combiner::minimum>([&](c64 a, c64 b) { return less(b, a) ? b : a; }));
}
template <class T> bool all_combiners() {
  const auto as = [](auto x) { return static_cast<T>(x); };
  return agrees<T, combiner::set>([](T, T b) { return b; }) && agrees<T, combiner::add>([=](T a, T b) { return as(a + b); }) &&
         agrees<T, combiner::multiply>([=](T a, T b) { return as(a * b); }) &&
         agrees<T, combiner::maximum>([](T a, T b) { return a < b ? b : a; }) &&
         agrees<T, combiner::minimum>([](T a, T b) { return b < a ? b : a; });
}
TEST_CASE("scatter: repeated indices, every combiner and number") {
  CHECK(all_combiners<float>());
  CHECK(all_combiners<float16>());
  CHECK(all_combiners<bfloat16>());
  CHECK(all_combiners<std::int8_t>());
  CHECK(all_combiners<std::uint16_t>());
  CHECK(all_combiners<std::int64_t>());
  CHECK(all_combiners<std::uint64_t>());
}

TEST_CASE("scatter: any computation, several arrays") {
  // The larger key and what goes with it; all at once where indices are said to be unique, else one after the other.
  static constexpr auto larger = [](const value* a, const value* b, value* y) {
    const value first = a[0] >= b[0];
    y[0] = where(first, a[0], b[0]);
    y[1] = where(first, a[1], b[1] + 1);
  };
  constexpr auto f = fn([](auto x, auto n, auto i, auto u, auto m) {
    const value in[] = {x, n}, updates[] = {u, m};
    value y[2];
    detail::scatter_general(*x.graph(), in, 2, i, updates, in_rows(), false, larger, y);
    return std::tuple(y[0], y[1]);
  });
  tensor<float, 4, 5> x;
  tensor<int, 4, 5> n;
  tensor<float, 5, 2> u;
  tensor<int, 5, 2> m;
  fill(x), fill(n, 2), fill(u, 3), fill(m, 5);
  tensor<float, 4, 5> keys = x;
  tensor<int, 4, 5> others = n;
  for (int k = 0; k < 5; ++k)
    for (int w = 0; w < 2; ++w) {
      const std::int64_t i = places(k, 0), j = places(k, 1) + w;
      if (i >= 0 && i < 4 && j >= 0 && j < 5 && !(keys(i, j) >= u(k, w))) keys(i, j) = u(k, w), others(i, j) = m(k, w) + 1;
    }
  const auto [most, with] = f(x, n, places, u, m);
  CHECK(same(most, keys));
  CHECK(same(with, others));

  constexpr auto at_once = fn([](auto a, auto i, auto b) {
    value y;
    const auto body = [](const value* p, const value* q, value* to) { to[0] = p[0] * 2 + q[0]; };
    detail::scatter_general(*a.graph(), &a, 1, i, &b, in_rows(), true, body, &y);
    return y;
  });
  const tensor<std::int64_t, 3, 2> unique{{1, 0}, {2, 4}, {7, 0}};
  tensor<float, 3, 2> v;
  fill(v, 1);
  tensor<float, 4, 5> once = x;
  once(1, 0) = x(1, 0) * 2 + v(0, 0), once(1, 1) = x(1, 1) * 2 + v(0, 1), once(2, 4) = x(2, 4) * 2 + v(1, 0);
  CHECK(same(at_once(x, unique, v), once));
}

TEST_CASE("scatter: batches of indices with a computation of its own") {
  constexpr auto f = fn([](auto x, auto i, auto u) {
    scatter_dimensions d;
    d.update_window_dims = axes(0), d.inserted_window_dims = axes(1), d.input_batching_dims = axes(0);
    d.scatter_indices_batching_dims = axes(1), d.scatter_dims_to_operand_dims = axes(1), d.index_vector_dim = 2;
    value y;
    const auto body = [](const value* p, const value* q, value* to) { to[0] = p[0] - q[0]; };
    detail::scatter_general(*x.graph(), &x, 1, i, &u, d, false, body, &y);
    return y;
  });
  tensor<float, 2, 4, 3> x;
  const tensor<int, 5, 2, 1> i{{{0}, {3}}, {{1}, {1}}, {{0}, {3}}, {{4}, {-1}}, {{2}, {3}}};
  tensor<float, 3, 5, 2> u;
  fill(x), fill(u, 4);
  tensor<float, 2, 4, 3> y = x;
  for (int k = 0; k < 5; ++k)
    for (int b = 0; b < 2; ++b)
      for (int w = 0; w < 3; ++w)
        if (i(k, b, 0) >= 0 && i(k, b, 0) < 4) y(b, i(k, b, 0), w) -= u(w, k, b);
  CHECK(same(f(x, i, u), y));
}

TEST_CASE("scatter and gather of nothing") {
  constexpr auto f = fn([](auto x, auto i, auto u) {
    scatter_dimensions d;
    d.inserted_window_dims = axes(0), d.scatter_dims_to_operand_dims = axes(0), d.index_vector_dim = 1;
    value y[2];
    detail::scatter_general(*x.graph(), &x, 1, i, &u, d, combiner::maximum, y);
    const auto body = [](const value* p, const value*, value* to) { to[0] = p[0]; };
    detail::scatter_general(*x.graph(), &x, 1, i, &u, d, false, body, y + 1);
    return std::tuple(y[0], y[1]);
  });
  tensor<float, 3> x{1, 2, 3};
  CHECK(same(std::get<0>(f(x, tensor<int, 0, 1>{}, tensor<float, 0>{})), x));
  CHECK(same(std::get<1>(f(x, tensor<int, 0, 1>{}, tensor<float, 0>{})), x));
  const auto y = f(tensor<float, 0>{}, tensor<int, 2, 1>{{0}, {1}}, tensor<float, 2>{1, 2});
  CHECK(std::get<0>(y).size() == 0);
  CHECK(std::get<1>(y).size() == 0);
  constexpr auto rows = fn([](auto a, auto i) {
    gather_dimensions d;
    d.offset_dims = axes(1), d.collapsed_slice_dims = axes(0), d.start_index_map = axes(0), d.index_vector_dim = 1;
    d.slice_sizes = shape{1, 0};
    return detail::gather_general(*a.graph(), a, i, d);
  });
  CHECK(rows(tensor<float, 4, 0>{}, tensor<int, 2, 1>{{0}, {9}}).extent(0) == 2);
  CHECK(rows(tensor<float, 4, 3>{}, tensor<int, 2, 1>{{0}, {9}}).size() == 0);
}

template <int... N> struct sizes {};
template <class T, extent_t... E, int... L, int... H, int... I> bool pads(const tensor<T, E...>& x, sizes<L...>, sizes<H...>, sizes<I...>) {
  constexpr auto f = fn([](auto a, auto v) {
    constexpr extent_t low[] = {L...}, high[] = {H...}, interior[] = {I...};
    return detail::pad_general(*a.graph(), a, v, low, high, interior);
  });
  const T v = number<T>(8);
  const auto y = f(x, tensor<T>(v));
  constexpr int rank = sizeof...(E);
  constexpr extent_t n[] = {E...}, low[] = {L...}, high[] = {H...}, interior[] = {I...};
  extent_t to[rank], size = 1;
  for (int a = 0; a < rank; ++a) {
    to[a] = low[a] + high[a] + (n[a] > 0 ? n[a] + (n[a] - 1) * interior[a] : 0), size *= to[a];
    if (y.extent(a) != to[a]) return false;
  }
  bool good = true;
  for (extent_t e = 0; e < size; ++e) {
    extent_t rest = e, at = 0, step = 1;
    bool inside = true;
    for (int a = rank; a-- > 0;) {
      const extent_t i = rest % to[a] - low[a];
      rest /= to[a];
      inside &= i >= 0 && i % (interior[a] + 1) == 0 && i / (interior[a] + 1) < n[a];
      if (inside) at += i / (interior[a] + 1) * step;
      step *= n[a];
    }
    good &= y.data()[e] == (inside ? x.data()[at] : v);
  }
  return good;
}
template <class T> void check_pads() {
  tensor<T, 2, 3> x;
  fill(x, 1);
  CHECK(pads(x, sizes<0, 0>{}, sizes<0, 0>{}, sizes<0, 0>{}));
  CHECK(pads(x, sizes<1, 2>{}, sizes<2, 0>{}, sizes<0, 3>{}));
  CHECK(pads(x, sizes<0, 0>{}, sizes<0, 0>{}, sizes<3, 1>{}));
  CHECK(pads(x, sizes<-1, -2>{}, sizes<3, 1>{}, sizes<1, 2>{}));
}
TEST_CASE("pad with edges of any sign and spread elements") {
  check_pads<float>();
  check_pads<bool>();
  check_pads<std::complex<double>>();
  check_pads<bfloat16>();
  check_pads<std::uint8_t>();
  tensor<int, 2, 3> x;
  fill(x);
  CHECK(pads(x, sizes<0, -1>{}, sizes<-1, -1>{}, sizes<0, 0>{}));
  CHECK(pads(x, sizes<0, -5>{}, sizes<0, 4>{}, sizes<0, 0>{}));  // past the end: all is new
  CHECK(pads(x, sizes<3, 4>{}, sizes<-4, -5>{}, sizes<0, 0>{}));
  CHECK(pads(x, sizes<0, -1>{}, sizes<0, -2>{}, sizes<2, 0>{}));  // nothing
  CHECK(pads(tensor<int, 0, 3>{}, sizes<1, 0>{}, sizes<1, 0>{}, sizes<3, 1>{}));
  CHECK(pads(tensor<int, 1, 5>{{5, 6, 7, 8, 9}}, sizes<1, 0>{}, sizes<0, -3>{}, sizes<4, 1>{}));
}

}  // namespace
