// SPDX-License-Identifier: Apache-2.0
// Maps that read transposed operands go tile by tile: every element of every size around a tile, alone and fused, on several threads.
#include <doctest/doctest.h>

#include <sinter/sinter.hpp>

namespace {

using namespace sinter;

template <class T> tensor<T, dyn, dyn> numbered(extent_t n, extent_t m) {
  tensor<T, dyn, dyn> x(n, m);
  for (extent_t i = 0; i < x.size(); ++i) x.data()[i] = static_cast<T>(static_cast<float>(i % 251));
  return x;
}

constexpr auto plain = fn([](auto x) { return transpose(x); });
constexpr auto fused = fn([](auto x, auto y) { return transpose(x) * 2 + y + transpose(x + 1); });
constexpr auto batched = fn([](auto x) { return transpose<0, 2, 1>(x); });

template <class F, class... X> constexpr bool tiled =
    run::group_code<typename F::template program<X...>, 0, fuse::schedule_value{}>::value.tiled;
static_assert(tiled<decltype(plain), tensor<float, 100, 100>> && tiled<decltype(plain), tensor<double, dyn, dyn>>);
static_assert(tiled<decltype(batched), tensor<float, 3, 100, 100>>);
static_assert(!tiled<decltype(plain), tensor<float, 8, 8>>);                                      // too small
static_assert(!tiled<decltype(fn([](auto x) { return exp(x) + 1; })), tensor<float, 100, 100>>);  // nothing to turn

}  // namespace

TEST_CASE_TEMPLATE("a transposed map is right at all sizes around a tile", T, float, double, std::int8_t, float16) {
  for (const extent_t n : {1, 15, 16, 17, 63, 64, 65, 130})
    for (const extent_t m : {1, 31, 64, 129, 300}) {
      const auto x = numbered<T>(n, m);
      const tensor<T, dyn, dyn> y = plain(x);
      REQUIRE(y.extent(0) == m);
      bool right = true;
      for (extent_t i = 0; i < m; ++i)
        for (extent_t j = 0; j < n; ++j) right &= static_cast<float>(y(i, j)) == static_cast<float>(x(j, i));
      CAPTURE(n);
      CAPTURE(m);
      CHECK(right);
    }
}

TEST_CASE("tiles: fused with maps, in batches, from views, on threads and in place") {
  const auto x = numbered<float>(300, 260), y = numbered<float>(260, 300);
  const auto expect = [&](const tensor<float, dyn, dyn>& z) {
    bool right = true;
    for (int i = 0; i < 260; ++i)
      for (int j = 0; j < 300; ++j) right &= z(i, j) == x(j, i) * 2 + y(i, j) + (x(j, i) + 1);
    CHECK(right);
  };
  expect(fused(x, y));
  expect(fused.on<backend::scalar>()(x, y));
  tensor<float, dyn, dyn> z = y;
  fused.into(z, x, z);
  expect(z);
  const auto large = numbered<float>(1500, 1100);
  const auto one = plain(large);
  set_num_threads(2);
  const auto two = plain(large);
  set_num_threads(1);
  bool right = true;
  for (int i = 0; i < 1100; ++i)
    for (int j = 0; j < 1500; ++j) right &= one(i, j) == large(j, i) && two(i, j) == large(j, i);
  CHECK(right);

  tensor<int, 3, 70, 90> b;
  for (extent_t i = 0; i < b.size(); ++i) b.data()[i] = static_cast<int>(i);
  const auto t = batched(b);
  right = true;
  for (int k = 0; k < 3; ++k)
    for (int i = 0; i < 90; ++i)
      for (int j = 0; j < 70; ++j) right &= t(k, i, j) == b(k, j, i);
  CHECK(right);
  tensor<float, 100, 100> square;
  for (extent_t i = 0; i < square.size(); ++i) square.data()[i] = static_cast<float>(i);
  square = transpose(square);
  CHECK(square(3, 97) == 97 * 100 + 3);
  const tensor<float, 50, 80> part = transpose(square.sub(range<10, 90>, range<0, 100, 2>));
  right = true;
  for (int i = 0; i < 50; ++i)
    for (int j = 0; j < 80; ++j) right &= part(i, j) == square(10 + j, 2 * i);
  CHECK(right);
}
