// SPDX-License-Identifier: Apache-2.0
// Elements by index against plain loops: every element type, sizes around those of vectors, indices that are negative and too large, what
// is fused before and after, and results over their operands.
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
    else x.data()[i] = static_cast<T>(static_cast<float>((i * 37) % 113));
  }
}
extent_t nearest(extent_t i, extent_t n) { return i < 0 ? 0 : i >= n ? n - 1 : i; }
// Indices all over, some outside of 0 to n - 1.
template <class I> I index_at(extent_t i, extent_t n) {
  const extent_t k = (i * 31 + 5) % (n + 4) - (std::is_signed_v<I> ? 2 : 0);
  return static_cast<I>(k);
}

constexpr auto taken = fn([](auto x, auto i) { return take(x, i, axis<0>); });

// Blocks of exactly the right size, so that a sanitizer sees every load outside of them.
template <class T, class I, class Backend = run::default_backend> void check_sizes() {
  for (const extent_t n : {1, 3, 100}) {
    const std::unique_ptr<T[]> x(new T[static_cast<std::size_t>(n)]);
    view<T, dyn> xs(x.get(), n);
    fill(xs);
    for (const extent_t m : {0, 1, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33, 1000}) {
      const std::unique_ptr<I[]> i(new I[static_cast<std::size_t>(m)]);
      const std::unique_ptr<T[]> y(new T[static_cast<std::size_t>(m)]);
      for (extent_t k = 0; k < m; ++k) {
        i[static_cast<std::size_t>(k)] = index_at<I>(k, n);
        y[static_cast<std::size_t>(k)] = x[static_cast<std::size_t>(nearest(static_cast<extent_t>(i[static_cast<std::size_t>(k)]), n))];
      }
      tensor<T, dyn> z(m);
      taken.template on<Backend>().into(z, view<const T, dyn>(x.get(), n), view<const I, dyn>(i.get(), m));
      CHECK(same(z, view<const T, dyn>(y.get(), m)));
    }
  }
}

TEST_CASE("take: element types and sizes") {
  check_sizes<float, std::int32_t>();
  check_sizes<double, std::int32_t>();
  check_sizes<float16, std::int32_t>();
  check_sizes<bfloat16, std::int64_t>();
  check_sizes<std::int8_t, std::int32_t>();
  check_sizes<std::uint16_t, std::int32_t>();
  check_sizes<std::int32_t, std::int64_t>();
  check_sizes<std::uint64_t, std::int64_t>();
  check_sizes<bool, std::int32_t>();
}
TEST_CASE("take: types of indices") {
  check_sizes<float, std::int8_t>();
  check_sizes<float, std::uint8_t>();
  check_sizes<float, std::int16_t>();
  check_sizes<float, std::uint32_t>();
  check_sizes<float, std::uint64_t>();
}
TEST_CASE("take: plain C++") { check_sizes<float, std::int32_t, backend::scalar>(); }

// Static extents: offsets are 32 bits, and elements of 4 and 8 bytes come by the hardware's gather.
template <class T, class I, int M, class Backend = run::default_backend> void check_static() {
  tensor<T, 90> x;
  tensor<I, M> i;
  tensor<T, M> expected;
  fill(x);
  for (int k = 0; k < M; ++k) {
    i.data()[k] = index_at<I>(k, 90);
    expected.data()[k] = x(nearest(static_cast<extent_t>(i.data()[k]), 90));
  }
  CHECK(same(taken.template on<Backend>()(x, i), expected));
}
TEST_CASE("take: static extents") {
  check_static<float, std::int32_t, 1>();
  check_static<float, std::int32_t, 15>();
  check_static<float, std::int32_t, 16>();
  check_static<float, std::int32_t, 17>();
  check_static<float, std::int32_t, 1000>();
  check_static<double, std::int32_t, 7>();
  check_static<double, std::int32_t, 1001>();
  check_static<std::int32_t, std::uint64_t, 77>();
  check_static<std::uint32_t, std::uint32_t, 77>();
  check_static<std::int64_t, std::int8_t, 77>();
  check_static<std::uint64_t, std::int64_t, 77>();
  check_static<float16, std::int32_t, 77>();
  check_static<std::int8_t, std::int32_t, 77>();
  check_static<bool, std::int32_t, 77>();
  check_static<double, std::int32_t, 77, backend::scalar>();
}
TEST_CASE("take: indices that the type of offsets cannot hold") {
  tensor<float, 10> x;
  fill(x);
  const std::int64_t large = std::int64_t{1} << 40;
  CHECK(same(taken(x, tensor<std::int64_t, 4>{large, -large, large + 3, 4}), tensor<float, 4>{x(9), x(0), x(9), x(4)}));
  const std::uint64_t top = ~std::uint64_t{0};
  CHECK(same(taken(x, tensor<std::uint64_t, 3>{top, 2, top / 2 + 1}), tensor<float, 3>{x(9), x(2), x(9)}));
  CHECK(same(taken(x, tensor<std::uint32_t, 3>{0xffffffffu, 2, 0x80000000u}), tensor<float, 3>{x(9), x(2), x(9)}));
}

TEST_CASE("take along each axis, with indices of any rank") {
  tensor<float, 4, 5, 19> x;
  fill(x);
  tensor<int, 2, 3> i{{3, 0, 9}, {-1, 2, 4}};
  const tensor<float, 2, 3, 5, 19> a = take(x, i, axis<0>);
  const tensor<float, 4, 2, 3, 19> b = take(x, i, axis<1>);
  const tensor<float, 4, 5, 2, 3> c = take(x, i, axis<-1>);
  const tensor<float, 2, 3> d = take(x, i);
  const tensor<float, 4, 19> e = take(x, 3, axis<1>);
  bool good = true;
  for (int p = 0; p < 2; ++p)
    for (int q = 0; q < 3; ++q) {
      for (int j = 0; j < 5; ++j)
        for (int k = 0; k < 19; ++k) good &= a(p, q, j, k) == x(nearest(i(p, q), 4), j, k);
      for (int j = 0; j < 4; ++j)
        for (int k = 0; k < 19; ++k) good &= b(j, p, q, k) == x(j, nearest(i(p, q), 5), k);
      for (int j = 0; j < 4; ++j)
        for (int k = 0; k < 5; ++k) good &= c(j, k, p, q) == x(j, k, nearest(i(p, q), 19));
      good &= d(p, q) == x.data()[nearest(i(p, q), x.size())];
    }
  for (int j = 0; j < 4; ++j)
    for (int k = 0; k < 19; ++k) good &= e(j, k) == x(j, 3, k);
  CHECK(good);
}

TEST_CASE("take_along_axis") {
  tensor<float, 3, 40> x;
  fill(x);
  tensor<std::int64_t, 3, 7> i;
  for (int k = 0; k < 21; ++k) i.data()[k] = index_at<std::int64_t>(k, 40);
  const tensor<float, 3, 7> y = take_along_axis(x, i, axis<1>);
  tensor<int, 1, 40> which;
  for (int k = 0; k < 40; ++k) which(0, k) = k % 5 - 1;
  const tensor<float, 1, 40> z = take_along_axis(x, which, axis<0>);
  const tensor<float, 3, 2> both = take_along_axis(x, tensor<int, 1, 2>{{39, 5}}, axis<1>);  // one index for all rows
  const tensor<float, 2> flat = take_along_axis(x, tensor<int, 2>{41, 300});
  bool good = flat(0) == x(1, 1) && flat(1) == x(2, 39);
  for (int r = 0; r < 3; ++r)
    for (int k = 0; k < 7; ++k) good &= y(r, k) == x(r, nearest(i(r, k), 40));
  for (int k = 0; k < 40; ++k) good &= z(0, k) == x(nearest(which(0, k), 3), k);
  for (int r = 0; r < 3; ++r) good &= both(r, 0) == x(r, 39) && both(r, 1) == x(r, 5);
  CHECK(good);
}

TEST_CASE("dynamic_slice") {
  tensor<float, 6, 50> x;
  fill(x);
  constexpr auto part = fn([](auto a, auto i, auto j) { return dynamic_slice<2, 33>(a, i, j); });
  bool good = true;
  for (int i : {-5, 0, 3, 4, 100})
    for (int j : {-1, 0, 5, 17, 20}) {
      const tensor<float, 2, 33> y = part(x, i, j), z = dynamic_slice<2, 33>(x, i, j);
      for (int r = 0; r < 2; ++r)
        for (int k = 0; k < 33; ++k) {
          good &= y(r, k) == x(std::clamp(i, 0, 4) + r, std::clamp(j, 0, 17) + k);
          good &= z(r, k) == y(r, k);
        }
    }
  CHECK(good);
  constexpr auto p = part.plan<tensor<float, 6, 50>, int, int>();
  static_assert(p.kernels == 1 && p.temporaries == 0);
  const tensor<float, 1, 50> row = dynamic_slice<1, dyn>(x, 4, 7);  // all of the second axis
  CHECK(same(row, tensor<float, 1, 50>(slice(x, range<4, 5>, all))));
}

TEST_CASE("StableHLO's gather") {
  // The example of the specification, with a batch: slices of 1 x 2 x 2 of a [2, 3, 4, 2] operand.
  tensor<int, 2, 3, 4, 2> x;
  for (int i = 0; i < 48; ++i) x.data()[i] = i % 24 + 1 + (i >= 24) * 100;
  tensor<int, 2, 2, 3, 2> at{{{{0, 0}, {1, 0}, {2, 1}}, {{0, 1}, {1, 1}, {0, 9}}}, {{{0, 0}, {1, 0}, {2, 1}}, {{0, 1}, {1, 1}, {0, 9}}}};
  constexpr auto f = fn([](auto a, auto i) {
    gather_dimensions d;
    d.offset_dims = axes(3, 4), d.collapsed_slice_dims = axes(1), d.operand_batching_dims = axes(0),
    d.start_indices_batching_dims = axes(1);
    d.start_index_map = axes(2, 1), d.index_vector_dim = 3, d.slice_sizes = shape{1, 1, 2, 2};
    return gather(a, i, d);
  });
  const auto y = f(x, at);
  bool good = true;
  for (int a = 0; a < 2; ++a)
    for (int b = 0; b < 2; ++b)
      for (int c = 0; c < 3; ++c)
        for (int j = 0; j < 2; ++j)
          for (int k = 0; k < 2; ++k)
            good &= y(a, b, c, j, k) == x(b, std::clamp(at(a, b, c, 1), 0, 2), std::clamp(at(a, b, c, 0), 0, 2) + j, k);
  CHECK(good);
}

TEST_CASE("what makes the indices and what uses the elements run in the same loop") {
  tensor<float, 30, 70> table;
  tensor<int, 9> i;
  fill(table);
  for (int k = 0; k < 9; ++k) i(k) = k * 5 - 3;
  using X = decltype(table);
  using I = decltype(i);
  tensor<float, 9, 70> rows;
  for (int r = 0; r < 9; ++r)
    for (int k = 0; k < 70; ++k) rows(r, k) = table(nearest(i(r) / 2 + 1, 30), k);

  constexpr auto around = fn([](auto a, auto b) { return exp(take(a, b / 2 + 1, axis<0>) * -0.125f) + 1; });
  static_assert(around.plan<X, I>().kernels == 1 && around.plan<X, I>().temporaries == 0);
  CHECK(same(around(table, i), tensor<float, 9, 70>(exp(rows * -0.125f) + 1)));

  constexpr auto row_program = fn([](auto a, auto b) { return softmax(take(a, b / 2 + 1, axis<0>) * 0.0625f, axis<1>); });
  static_assert(row_program.plan<X, I>().kernels == 1 && row_program.plan<X, I>().temporaries == 0);
  CHECK(same(row_program(table, i), tensor<float, 9, 70>(softmax(rows * 0.0625f, axis<1>))));

  constexpr auto bag = fn([](auto a, auto b) { return sum(take(a, b / 2 + 1, axis<0>), axis<0>); });
  static_assert(bag.plan<X, I>().kernels == 1);
  CHECK(same(bag(table, i), tensor<float, 70>(sum(rows, axis<0>))));

  constexpr auto columns = fn([](auto a, auto b) { return sum(take(a, b, axis<1>), axis<0>) + max(take(a, b, axis<1>), axis<0>); });
  tensor<float, 30, 9> picked;
  for (int r = 0; r < 30; ++r)
    for (int k = 0; k < 9; ++k) picked(r, k) = table(r, nearest(i(k), 70));
  CHECK(same(columns(table, i), tensor<float, 9>(sum(picked, axis<0>) + max(picked, axis<0>))));

  constexpr auto all_sums = fn([](auto a, auto b) { return std::tuple(sum(take(a, b, axis<1>), axis<1>), sum(take(a, b, axis<1>))); });
  CHECK(same(std::get<0>(all_sums(table, i)), tensor<float, 30>(sum(picked, axis<1>))));
  CHECK(std::get<1>(all_sums(table, i)) == eval(sum(picked)));

  constexpr auto product = fn([](auto a, auto b, auto w) { return tanh(dot(take(a, b / 2 + 1, axis<0>), w) * 0.001f); });
  tensor<float, 70, 20> w;
  fill(w);
  static_assert(product.plan<X, I, decltype(w)>().kernels == 1);
  CHECK(same(product(table, i, w), tensor<float, 9, 20>(tanh(dot(rows, w) * 0.001f))));

  constexpr auto of_computed = fn([](auto a, auto b) { return take(a * 2, b / 2 + 1, axis<0>); });
  static_assert(of_computed.plan<X, I>().kernels == 2 && of_computed.plan<X, I>().temporaries == 1);
  CHECK(same(of_computed(table, i), tensor<float, 9, 70>(rows * 2)));

  constexpr auto twice = fn([](auto a, auto b) { return take(take(a, b / 2 + 1, axis<0>), b / 3, axis<1>); });
  CHECK(same(twice(table, i), tensor<float, 9, 9>(take(rows, tensor<int, 9>(i / 3), axis<1>))));

  constexpr auto scaled = fn([](auto a, auto b) { return sum(a * dynamic_slice<1, 70>(b, 2, 0), axis<0>); });
  CHECK(same(scaled(rows, table), tensor<float, 70>(sum(rows * slice(table, range<2, 3>, all), axis<0>))));

  constexpr auto argument = fn([](auto a) { return take_along_axis(a, argmax(a, axis<1>, keepdims), axis<1>); });
  CHECK(same(argument(table), tensor<float, 30, 1>(max(table, axis<1>, keepdims))));
}

TEST_CASE("views of what was taken") {
  tensor<float, 30, 21> table;
  tensor<int, 18> i;
  fill(table);
  for (int k = 0; k < 18; ++k) i(k) = k * 5 - 3;
  tensor<float, 18, 21> rows;
  for (int r = 0; r < 18; ++r)
    for (int k = 0; k < 21; ++k) rows(r, k) = table(nearest(i(r), 30), k);
  const auto check = [&](auto f, auto expected) {
    CHECK(same(f(table, i), expected));
    CHECK(f.template plan<decltype(table), decltype(i)>().kernels == 1);
  };
  check(fn([](auto a, auto b) { return transpose(take(a, b, axis<0>)) + 1; }), eval(transpose(rows) + 1));
  check(fn([](auto a, auto b) { return reverse(take(a, b, axis<0>)); }), eval(reverse(rows)));
  check(fn([](auto a, auto b) { return slice(take(a, b, axis<0>), range<1, 17, 3>, range<2, 20, 2>); }),
        eval(slice(rows, range<1, 17, 3>, range<2, 20, 2>)));
  check(fn([](auto a, auto b) { return pad(take(a, b, axis<0>), edges<2, 1>, edges<3, 30>, 7); }),
        eval(pad(rows, edges<2, 1>, edges<3, 30>, 7)));
  check(fn([](auto a, auto b) { return concatenate(axis<1>, take(a, b, axis<0>), take(a, b + 1, axis<0>)); }),
        eval(concatenate(axis<1>, rows, tensor<float, 18, 21>(take(table, tensor<int, 18>(i + 1), axis<0>)))));
  check(fn([](auto a, auto b) { return pad(take(a, b, axis<1>), edges<2, 1>, edges<3, 9>, 7); }),
        eval(pad(tensor<float, 30, 18>(take(table, i, axis<1>)), edges<2, 1>, edges<3, 9>, 7)));
  check(fn([](auto a, auto b) { return reshape<9, 42>(take(a, b, axis<0>)); }), eval(reshape<9, 42>(rows)));
}

TEST_CASE("run-time extents, strided operands") {
  constexpr auto f = fn([](auto a, auto b) { return take(a, b, axis<0>) - 1; });
  tensor<float, dyn, dyn> x(13, 37);
  fill(x);
  tensor<std::int64_t, dyn> i(5);
  for (int k = 0; k < 5; ++k) i(k) = k * 4 - 1;
  bool good = true;
  const auto y = f(x, i);
  for (int r = 0; r < 5; ++r)
    for (int k = 0; k < 37; ++k) good &= y(r, k) == x(nearest(i(r), 13), k) - 1;
  tensor<float, dyn, dyn> z(5, 13);
  f.into(z, view<const float, 37, 13>(x.data(), strides{1, 37}), i);  // transposed: a copy of it is read
  for (int r = 0; r < 5; ++r)
    for (int k = 0; k < 13; ++k) good &= z(r, k) == x(k, nearest(i(r), 37)) - 1;
  CHECK(good);
  CHECK_THROWS_AS((f(tensor<float, dyn, dyn>(0, 37), i)), shape_error);
  constexpr auto part = fn([](auto a, auto s) { return dynamic_slice<3, dyn>(a, s, 0); });
  CHECK(part(x, 12).extent(0) == 3);
  CHECK(part(x, 12)(2, 5) == x(12, 5));
  CHECK_THROWS_AS((part(tensor<float, dyn, dyn>(2, 37), 0)), shape_error);
}

TEST_CASE("a result over its operands") {
  tensor<float, 100> x;
  fill(x);
  tensor<int, 100> i;
  for (int k = 0; k < 100; ++k) i(k) = 99 - k;
  const tensor<float, 100> expected = reverse(x);
  taken.into(x, x, i);
  CHECK(same(x, expected));
  x = take(x, i);
  CHECK(same(x, eval(reverse(expected))));
  constexpr auto on_index = fn([](auto a, auto b) { return take(a, b); });
  tensor<int, 100> a;
  for (int k = 0; k < 100; ++k) a(k) = 1000 + k;
  on_index.into(i, a, i);  // over the indices: each is read before its element is written
  CHECK(i(0) == 1099);
  CHECK(i(99) == 1000);
}

TEST_CASE("complex elements") {
  tensor<std::complex<float>, 6, 5> z;
  for (int i = 0; i < 30; ++i) z.data()[i] = {static_cast<float>(i), static_cast<float>(-2 * i)};
  tensor<int, 4> i{5, 0, 2, 9};
  constexpr auto f = fn([](auto a, auto b) { return take(a, b, axis<0>) * 2; });
  static_assert(f.plan<decltype(z), decltype(i)>().kernels == 1);
  const auto y = f(z, i);
  const tensor<std::complex<float>, 6, 4> w = take(conj(z), i, axis<1>);
  bool good = true;
  for (int r = 0; r < 4; ++r)
    for (int k = 0; k < 5; ++k) good &= y(r, k) == z(nearest(i(r), 6), k) * 2.f;
  for (int r = 0; r < 6; ++r)
    for (int k = 0; k < 4; ++k) good &= w(r, k) == std::conj(z(r, nearest(i(k), 5)));
  CHECK(good);
}

TEST_CASE("rows are read as vectors, and no more than those that are asked for") {
  tensor<float, 50, 64> x;
  fill(x);
  tensor<int, 3> i{4, 49, 0};
  backend::counting_state() = {};
  const auto y = taken.on<backend::counting>()(x, i);
  CHECK(backend::counting_state().load_bytes <= 3 * 64 * 4 + 3 * 64 * 4);
  CHECK(backend::counting_state().stores == 3 * 64);
  constexpr auto p = taken.plan<decltype(x), decltype(i)>();
  static_assert(p.bytes_read == 3 * 64 * 4 + 3 * 4 && p.bytes_written == 3 * 64 * 4);
  CHECK(same(y, tensor<float, 3, 64>(taken(x, i))));
}

TEST_CASE("the same on two threads") {
  const int n = 1 << 20;
  tensor<float, dyn> x(n);
  tensor<int, dyn> i(n);
  for (int k = 0; k < n; ++k) x(k) = static_cast<float>(k), i(k) = static_cast<int>((k * 7919ll) % n);
  constexpr auto f = fn([](auto a, auto b) { return take(a, b) * 0.5f; });
  const auto one = f(x, i);
  set_num_threads(2);
  const auto two = f(x, i);
  set_num_threads(1);
  CHECK(same(one, two));
  CHECK(one(12345) == x(i(12345)) * 0.5f);
}

}  // namespace
