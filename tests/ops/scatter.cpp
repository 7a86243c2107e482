// SPDX-License-Identifier: Apache-2.0
// Tensors changed by index against plain loops: every combiner, element types, repeated indices and ones outside, the general form, and
// where nothing is copied.
#include <doctest/doctest.h>

#include <algorithm>
#include <complex>
#include <memory>

#include <sinter/complex.hpp>
#include <sinter/simd/counting.hpp>
#include <sinter/sinter.hpp>

namespace {

using namespace sinter;

template <class A, class B> bool same(const A& a, const B& b) {
  bool equal = static_cast<extent_t>(a.size()) == static_cast<extent_t>(b.size());
  for (extent_t i = 0; equal && i < static_cast<extent_t>(a.size()); ++i) equal = a.data()[i] == b.data()[i];
  return equal;
}
template <class X> void fill(X& x) {
  using T = std::remove_cvref_t<decltype(x.data()[0])>;
  for (extent_t i = 0; i < static_cast<extent_t>(x.size()); ++i) {
    if constexpr (std::is_same_v<T, bool>) x.data()[i] = i * 7 % 3 == 0;
    else x.data()[i] = static_cast<T>(static_cast<float>((i * 37) % 11) * 0.5f);
  }
}

constexpr auto set = fn([](auto x, auto i, auto u) { return scatter_set(x, i, u, axis<0>); });
constexpr auto add = fn([](auto x, auto i, auto u) { return scatter_add(x, i, u, axis<0>); });
constexpr auto multiply = fn([](auto x, auto i, auto u) { return scatter_multiply(x, i, u, axis<0>); });
constexpr auto most = fn([](auto x, auto i, auto u) { return scatter_max(x, i, u, axis<0>); });
constexpr auto least = fn([](auto x, auto i, auto u) { return scatter_min(x, i, u, axis<0>); });

// Rows of x [n, c] at i [m] combined with rows of u, one after the other. Blocks of exactly the right size.
template <class T, class Backend = run::default_backend, class F, class Combine>
void check_rows(const F& f, Combine combine, std::initializer_list<extent_t> widths = {1, 7, 8, 9, 16, 33}) {
  const extent_t n = 5, m = 9;
  for (const extent_t c : widths) {
    const std::unique_ptr<T[]> x(new T[static_cast<std::size_t>(n * c)]), u(new T[static_cast<std::size_t>(m * c)]),
        y(new T[static_cast<std::size_t>(n * c)]), z(new T[static_cast<std::size_t>(n * c)]);
    view<T, dyn, dyn> xs(x.get(), n, c), us(u.get(), m, c), ys(y.get(), n, c), zs(z.get(), n, c);
    fill(xs), fill(us);
    tensor<int, dyn> i(m);
    for (int k = 0; k < m; ++k) i(k) = k * 3 % 8 - 1;  // some twice, some outside
    for (extent_t e = 0; e < n * c; ++e) y[static_cast<std::size_t>(e)] = x[static_cast<std::size_t>(e)];
    for (extent_t k = 0; k < m; ++k)
      for (extent_t j = 0; j < c; ++j)
        if (i(k) >= 0 && i(k) < n) ys(i(k), j) = static_cast<T>(combine(ys(i(k), j), us(k, j)));
    f.template on<Backend>().into(zs, view<const T, dyn, dyn>(x.get(), n, c), i, view<const T, dyn, dyn>(u.get(), m, c));
    CHECK(same(zs, ys));
    f.template on<Backend>().into(xs, xs, i, us);  // over its operand
    CHECK(same(xs, ys));
  }
}
constexpr auto second = [](auto, auto b) { return b; };
constexpr auto plus = [](auto a, auto b) { return a + b; };
constexpr auto times = [](auto a, auto b) { return a * b; };
constexpr auto larger = [](auto a, auto b) { return a < b ? b : a; };
constexpr auto smaller = [](auto a, auto b) { return b < a ? b : a; };

TEST_CASE("scatter: combiners and element types") {
  check_rows<float>(set, second);
  check_rows<float>(add, plus);
  check_rows<float>(multiply, times);
  check_rows<float>(most, larger);
  check_rows<float>(least, smaller);
  check_rows<double>(add, plus, {9});
  check_rows<std::int32_t>(multiply, times, {9});
  check_rows<std::uint8_t>(add, plus, {9});
  check_rows<std::int64_t>(most, larger, {9});
  check_rows<bool>(set, second, {9});
  check_rows<float16>(set, second, {9});
  check_rows<bfloat16>(add, [](float a, float b) { return a + b; }, {9, 33});
}
TEST_CASE("scatter: plain C++") {
  check_rows<float, backend::scalar>(add, plus);
  check_rows<double, backend::scalar>(set, second, {9});
}

TEST_CASE("a histogram, in the order of its updates") {
  constexpr auto histogram = fn([](auto i) { return scatter_add(iota<float, 10>(axis<0>) * 0, i, 1); });
  for (int m : {0, 1, 15, 16, 17, 1000}) {
    tensor<int, dyn> i(m);
    tensor<float, 10> expected;
    for (int k = 0; k < m; ++k) {
      i(k) = k * k % 13 - 1;
      if (i(k) >= 0 && i(k) < 10) expected(i(k)) += 1;
    }
    CHECK(same(histogram(i), expected));
  }
  // Sums that would differ in another order.
  tensor<float, 2> x, expected;
  tensor<int, 1000> i;
  tensor<float, 1000> u;
  for (int k = 0; k < 1000; ++k) {
    i(k) = k % 3 == 0, u(k) = k % 2 ? 1e-4f * static_cast<float>(k) : 1e5f / static_cast<float>(k + 1);
    expected(i(k)) = expected(i(k)) + u(k);
  }
  CHECK(same(add(x, i, u), expected));
  CHECK(same(add.on<backend::scalar>()(x, i, u), expected));
}

TEST_CASE("scatter along each axis, updates that broadcast, types of indices") {
  tensor<float, 3, 4, 6> x;
  fill(x);
  tensor<std::uint8_t, 2> i{5, 1};
  tensor<float, 3, 4, 6> a = x, b = x, c = x, d = x;
  tensor<float, 3, 4, 2> u;
  fill(u);
  for (int p = 0; p < 3; ++p)
    for (int q = 0; q < 4; ++q)
      for (int k = 0; k < 2; ++k) a(p, q, i(k)) += u(p, q, k);
  for (int p = 0; p < 3; ++p)
    for (int q = 0; q < 6; ++q) b(p, 1, q) = 9, c(p, 2, q) += static_cast<float>(q);
  d.data()[5] = d.data()[1] = -1;
  CHECK(same(eval(scatter_add(x, i, u, axis<-1>)), a));
  CHECK(same(eval(scatter_set(x, i, 9, axis<1>)), b));  // 5 is dropped
  CHECK(same(eval(scatter_add(x, 2, iota<float, 6>(axis<0>), axis<1>)), c));
  CHECK(same(eval(scatter_set(x, i, -1)), d));
  const tensor<std::uint64_t, 2> large{~std::uint64_t{0}, 1};
  const tensor<std::int64_t, 3> far{std::int64_t{1} << 32, -(std::int64_t{1} << 40), 1};
  CHECK(same(eval(scatter_set(x, large, 9, axis<1>)), b));
  CHECK(same(eval(scatter_set(x, far, 9, axis<1>)), b));
}

TEST_CASE("offsets and updates are computed in the loop, unless that needs a reduction") {
  constexpr auto f = fn([](auto x, auto i, auto u) { return scatter_add(x, i / 2 + 1, exp(u) * 2, axis<0>); });
  tensor<float, 20, 30> x;
  tensor<int, 7> i{4, 4, -9, 100, 7, 11, 4};
  tensor<float, 7, 30> u;
  fill(x), fill(u);
  constexpr auto p = f.plan<decltype(x), decltype(i), decltype(u)>();
  static_assert(p.kernels == 1 && p.temporaries == 0);
  CHECK(same(f(x, i, u), add(x, tensor<int, 7>(i / 2 + 1), tensor<float, 7, 30>(exp(u) * 2))));
  constexpr auto rows = fn([](auto a, auto b, auto c) { return scatter_set(a, b, softmax(c, axis<1>), axis<0>) * 2; });
  static_assert(rows.plan<decltype(x), decltype(i), decltype(u)>().kernels == 3);
  CHECK(same(rows(x, i, u), tensor<float, 20, 30>(set(x, i, tensor<float, 7, 30>(softmax(u, axis<1>))) * 2)));
  // The array is computed where the result will be.
  constexpr auto fresh = fn([](auto a, auto b, auto c) { return scatter_add(scatter_add(a * 2, b, c, axis<0>), b + 1, c, axis<0>); });
  constexpr auto q = fresh.plan<decltype(x), decltype(i), decltype(u)>();
  static_assert(q.kernels == 3 && q.temporaries == 0 && q.workspace_bytes == 0);
  const tensor<float, 20, 30> doubled = x * 2;
  const tensor<float, 20, 30> expected = add(add(doubled, i, u), tensor<int, 7>(i + 1), u);
  CHECK(same(fresh(x, i, u), expected));
  // What the array was is still needed: copied, and the copy waits until others have read it.
  constexpr auto both = fn([](auto a, auto b, auto c) {
    const auto t = a * 2;
    return std::tuple(scatter_add(t, b, c, axis<0>), sum(t, axis<1>), t);
  });
  const auto [y, s, t] = both(x, i, u);
  CHECK(same(y, add(doubled, i, u)));
  CHECK(same(s, tensor<float, 20>(sum(doubled, axis<1>))));
  CHECK(same(t, doubled));
  // The offsets are those of the array before.
  constexpr auto self = fn([](auto a, auto b) { return scatter_add(a, a * 0 + b, a, axis<0>); });
  tensor<int, 7> j{0, 1, 1, 2, 2, 5, 6}, before = j;
  tensor<int, 7> counted = before;
  for (int k = 0; k < 7; ++k)
    if (i(k) >= 0 && i(k) < 7) counted(i(k)) += before(k);
  self.into(j, j, i);
  CHECK(same(j, counted));
}

TEST_CASE("dynamic_update_slice") {
  tensor<float, 6, 50> x;
  tensor<float, 2, 33> u;
  fill(x), fill(u);
  constexpr auto f = fn([](auto a, auto b, auto i, auto j) { return dynamic_update_slice(a, b, i, j); });
  bool good = true;
  for (int i : {-5, 0, 3, 4, 100})
    for (int j : {-1, 0, 5, 17, 20}) {
      tensor<float, 6, 50> expected = x;
      for (int r = 0; r < 2; ++r)
        for (int k = 0; k < 33; ++k) expected(std::clamp(i, 0, 4) + r, std::clamp(j, 0, 17) + k) = u(r, k);
      good &= same(f(x, u, i, j), expected) && same(tensor<float, 6, 50>(dynamic_update_slice(x, u, i, j)), expected);
    }
  CHECK(good);
  tensor<float, dyn, dyn> y(6, 50), v(2, 33);
  for (int k = 0; k < 300; ++k) y.data()[k] = x.data()[k];
  for (int k = 0; k < 66; ++k) v.data()[k] = u.data()[k];
  CHECK(same(f(y, v, 3, 20), f(x, u, 3, 20)));
  CHECK_THROWS_AS((f(v, y, 0, 0)), shape_error);
}

// Bytes that a call stores.
template <class F, class Y, class... X> std::uint64_t stored(const F& f, Y& y, const X&... x) {
  backend::counting_state() = {};
  f.template on<backend::counting>().into(y, x...);
  return backend::counting_state().store_bytes;
}

TEST_CASE("a cache that a loop carries is not copied") {
  constexpr auto steps = fn([](auto cache, auto rows) {
    return fori_loop(
        0, 10, [=](auto i, auto c) { return dynamic_update_slice(c, dynamic_slice<1, 64>(rows, i, 0) * 2, i + 3, 0); }, cache);
  });
  tensor<float, 100, 64> cache;
  tensor<float, 10, 64> rows;
  fill(cache), fill(rows);
  tensor<float, 100, 64> expected = cache, y;
  for (int r = 0; r < 10; ++r)
    for (int k = 0; k < 64; ++k) expected(r + 3, k) = rows(r, k) * 2;
  constexpr auto p = steps.plan<decltype(cache), decltype(rows)>();
  static_assert(p.temporaries == 0 && p.workspace_bytes == 0);
  const std::uint64_t updates = 10 * 64 * 4, all = 100 * 64 * 4;
  CHECK(stored(steps, y, cache, rows) == all + updates);  // copied once, to where the result is
  CHECK(same(y, expected));
  CHECK(stored(steps, cache, cache, rows) == updates);  // and not at all in place
  CHECK(same(cache, expected));
  tensor<float, 3, 64> ones;
  ones.fill(1);
  CHECK(stored(add, cache, cache, tensor<int, 3>{1, 2, 200}, ones) == 2 * 64 * 4);

  // As in a decoder: each step reads the cache, before and after it grows.
  constexpr auto decode = fn([](auto c, auto r) {
    return fori_loop(
        0, 4,
        [=](auto i, auto s) {
          const auto before = sum(std::get<0>(s), axis<0>);
          const auto grown = dynamic_update_slice(std::get<0>(s), reshape<1, 64>(std::get<1>(s)), i, 0);
          return std::tuple(grown, sum(grown, axis<0>) * 0.125f, before);
        },
        std::tuple(c, r, r));
  });
  tensor<float, 64> row;
  fill(row);
  tensor<float, 100, 64> grown = cache, out;
  tensor<float, 64> last = row, before, result, result_before;
  for (int s = 0; s < 4; ++s) {
    before = sum(grown, axis<0>);
    for (int k = 0; k < 64; ++k) grown(s, k) = last(k);
    last = sum(grown, axis<0>) * 0.125f;
  }
  backend::counting_state() = {};
  decode.on<backend::counting>().into(std::tie(out, result, result_before), cache, row);
  CHECK(backend::counting_state().store_bytes == all + 4 * 3 * 64 * 4);
  CHECK(same(out, grown));
  CHECK(same(result, last));
  CHECK(same(result_before, before));
}

TEST_CASE("StableHLO's scatter") {
  tensor<float, 2, 6, 5> x;
  fill(x);
  // Windows of 1 x 3 elements along the last two axes, one batch axis: those that lie partly outside lose what is outside.
  tensor<int, 2, 4, 2> at{{{0, 0}, {5, 3}, {2, -1}, {9, 0}}, {{1, 2}, {1, 2}, {-1, 1}, {3, 4}}};
  tensor<float, 2, 4, 3> u;
  fill(u);
  const auto numbers = [] {
    scatter_dimensions d;
    d.update_window_dims = axes(2), d.inserted_window_dims = axes(1), d.input_batching_dims = axes(0);
    d.scatter_indices_batching_dims = axes(0), d.scatter_dims_to_operand_dims = axes(1, 2), d.index_vector_dim = 2;
    return d;
  };
  static constexpr auto dimensions = numbers();
  constexpr auto f = fn([](auto a, auto i, auto b) {
    return std::tuple(scatter(a, i, b, dimensions), scatter(a, i, b, dimensions, combiner::add),
                      scatter(a, i, b, dimensions, combiner::multiply), scatter(a, i, b, dimensions, combiner::maximum),
                      scatter(a, i, b, dimensions, combiner::minimum));
  });
  const auto y = f(x, at, u);
  const auto expected = [&](auto combine) {
    tensor<float, 2, 6, 5> z = x;
    for (int b = 0; b < 2; ++b)
      for (int k = 0; k < 4; ++k)
        for (int w = 0; w < 3; ++w) {
          const int i = at(b, k, 0), j = at(b, k, 1) + w;
          if (i >= 0 && i < 6 && j >= 0 && j < 5) z(b, i, j) = combine(z(b, i, j), u(b, k, w));
        }
    return z;
  };
  CHECK(same(std::get<0>(y), expected(second)));
  CHECK(same(std::get<1>(y), expected(plus)));
  CHECK(same(std::get<2>(y), expected(times)));
  CHECK(same(std::get<3>(y), expected(larger)));
  CHECK(same(std::get<4>(y), expected(smaller)));
}

TEST_CASE("complex elements") {
  tensor<std::complex<float>, 4, 3> z;
  for (int i = 0; i < 12; ++i) z.data()[i] = {static_cast<float>(i), static_cast<float>(-2 * i)};
  tensor<int, 2> i{3, 3};
  tensor<std::complex<float>, 2, 3> u;
  u.fill(std::complex<float>(1, 2));
  tensor<std::complex<float>, 4, 3> added = z, written = z;
  for (int k = 0; k < 3; ++k) added(3, k) += std::complex<float>(2, 4), written(3, k) = {1, 2};
  CHECK(same(add(z, i, u), added));
  CHECK(same(set(z, i, u), written));
}

TEST_CASE("the same on two threads") {
  constexpr auto f = fn([](auto x, auto i, auto u) { return scatter_add(x * 2, i, tanh(u), axis<0>); });
  tensor<float, dyn> x(1000), u(1 << 20);
  tensor<int, dyn> i(1 << 20);
  fill(x);
  for (int k = 0; k < 1 << 20; ++k) u(k) = static_cast<float>(k % 977) * 0.01f, i(k) = static_cast<int>(k * 7919ll % 1003);
  const auto one = f(x, i, u);
  set_num_threads(2);
  const auto two = f(x, i, u);
  set_num_threads(1);
  CHECK(same(one, two));
}

}  // namespace
