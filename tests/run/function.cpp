// SPDX-License-Identifier: Apache-2.0
// fn: results, destinations, nested functions, run-time extents, workspaces, plans as constants.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include <doctest/doctest.h>

#include <sinter/sinter.hpp>

namespace {

using sinter::axis;
using sinter::dyn;
using sinter::keepdims;
using sinter::range;
using sinter::tensor;
using sinter::view;

template <class T> T counted(float first) {
  T t;
  for (auto& x : t) x = static_cast<typename T::value_type>(first++);
  return t;
}

constexpr auto dense = sinter::fn([](auto x, auto w, auto b) { return sinter::relu(sinter::dot(x, w) + b); });
constexpr auto both = sinter::fn([](auto a, auto b) { return std::tuple(a + b, a - b); });
constexpr auto soft = sinter::fn([](auto x) { return sinter::softmax(x, axis<1>); });
constexpr auto norm = sinter::fn([](auto x, auto g, auto b) { return sinter::layer_norm(x, axis<-1>) * g + b; });
constexpr auto two_kernels = sinter::fn([](auto x, auto w) { return sinter::softmax(sinter::dot(x, w), axis<0>); });
constexpr auto add = sinter::fn([](auto a, auto b) { return a + b; });

constexpr auto twice = sinter::fn([](auto x) { return x * 2; });
constexpr auto split = sinter::fn([](auto x) { return std::tuple(x + 1, x - 1); });

// What a plan says, in the user's own code, as constants.
using matrix = tensor<float, 64, 256>;
static_assert(soft.plan<matrix>().kernels == 1);
static_assert(soft.plan<matrix>().temporaries == 0);
static_assert(soft.plan<matrix>().bytes_read == 64 * 256 * 4);
static_assert(soft.plan<matrix>().bytes_written == 64 * 256 * 4);
static_assert(soft.plan<tensor<float, dyn, dyn>>().kernels == 1);
static_assert(soft.plan<tensor<float, dyn, dyn>>().bytes_read(sinter::shape{8, 16}) == 8 * 16 * 4);
static_assert(norm.plan<matrix, tensor<float, 256>, tensor<float, 256>>().kernels == 1);
static_assert(norm.plan<matrix, tensor<float, 256>, tensor<float, 256>>().temporaries == 0);
static_assert(both.plan<matrix, matrix>().kernels == 1);
static_assert(add.plan<matrix, matrix>().flops == 64 * 256);
static_assert(two_kernels.plan<matrix, tensor<float, 256, 32>>().kernels == 2);
static_assert(two_kernels.plan<matrix, tensor<float, 256, 32>>().workspace_bytes >= 64 * 32 * 4);
static_assert(add.plan<float, float>().kernels == 1);
static_assert(sinter::fn([](auto x) { return std::tuple(sinter::mean(x, axis<1>), sinter::max(x, axis<1>)); }).plan<matrix>().kernels == 1);
static_assert(sinter::fn([](auto x) { return sinter::sum(sinter::exp(x) * 2 + 1); }).plan<matrix>().kernels == 1);
static_assert(sinter::fn([](auto x) { return sinter::transpose(sinter::exp(sinter::transpose(x))); }).plan<matrix>().temporaries == 0);

TEST_CASE("more results than an unsigned has bits") {
  static constexpr auto forty = sinter::fn([](auto x) {
    return [&]<int... I>(std::integer_sequence<int, I...>) { return std::tuple((x + I)...); }
    (std::make_integer_sequence<int, 40>{});
  });
  const auto y = forty(tensor<float, 3>{1, 2, 3});
  CHECK(std::get<39>(y)(2) == 42);
  CHECK(std::get<0>(y)(0) == 1);
}

}  // namespace

TEST_CASE("one result") {
  const tensor<float, 2, 3> x{{1, 2, 3}, {4, 5, 6}};
  const tensor<float, 3, 2> w{{1, -1}, {1, -1}, {1, -1}};
  const tensor<float, 2> b{1, 1};
  const auto y = dense(x, w, b);
  static_assert(std::is_same_v<decltype(y), const tensor<float, 2, 2>>);
  CHECK(y(0, 0) == 7);
  CHECK(y(1, 0) == 16);
  CHECK(y(1, 1) == 0);
  tensor<float, 2, 2> z;
  dense.into(z, x, w, b);
  CHECK(z(1, 0) == 16);
  // Views, expressions and run-time extents as arguments.
  const tensor<float, 4, 6> wide = counted<tensor<float, 4, 6>>(0);
  const auto part = dense(wide.sub(range<1, 3>, range<0, 6, 2>), w, b * 2);
  CHECK(part(0, 0) == 6 + 8 + 10 + 2);
  tensor<float, dyn, 3> rows(2);
  rows.fill(1);
  const auto r = dense(rows, w, b);
  static_assert(std::is_same_v<decltype(r), const tensor<float, dyn, 2>>);
  CHECK(r.extent(0) == 2);
  CHECK(r(1, 0) == 4);
  CHECK(dense(x + 0, w, b)(1, 0) == 16);
}

TEST_CASE("several results") {
  const auto a = counted<tensor<float, 100>>(0), b = counted<tensor<float, 100>>(10);
  const auto [s, d] = both(a, b);
  CHECK(s(3) == 16);
  CHECK(d(3) == -10);
  tensor<float, 100> y, z;
  both.into(std::tie(y, z), a, b);
  CHECK(y(99) == 99 + 109);
  CHECK(z(99) == -10);
  SUBCASE("in the place of the arguments") {
    tensor<float, 100> p = a, q = b;
    both.into(std::tie(p, q), p, q);
    CHECK(p(3) == 16);
    CHECK(q(3) == -10);
  }
  SUBCASE("in the place of the arguments, crossed") {
    tensor<float, 100> p = a, q = b;
    both.into(std::tie(q, p), p, q);
    CHECK(q(3) == 16);
    CHECK(p(3) == -10);
  }
  SUBCASE("views of one buffer") {
    tensor<float, 110> buffer = counted<tensor<float, 110>>(0);
    auto low = buffer.sub(range<0, 100>), high = buffer.sub(range<10, 110>);
    both.into(std::tie(y, low), low, high);
    CHECK(y(99) == 99 + 109);
    CHECK(buffer(0) == -10);
    CHECK(buffer(99) == -10);
    CHECK(buffer(100) == 100);
  }
  SUBCASE("of different shapes and types") {
    constexpr auto f =
        sinter::fn([](auto x) { return std::tuple(sinter::sum(x), sinter::argmax(x), x > 50, sinter::reshape<10, 10>(x), x); });
    const auto [total, where, mask, square, same] = f(a);
    CHECK(total == 4950.f);
    CHECK(where == 99);
    CHECK(mask(51));
    CHECK_FALSE(mask(50));
    CHECK(square(9, 9) == 99);
    CHECK(same(7) == 7);
    static_assert(std::is_same_v<std::remove_cvref_t<decltype(where)>, tensor<std::int64_t>>);
    static_assert(std::is_same_v<std::remove_cvref_t<decltype(mask)>, tensor<bool, 100>>);
  }
  SUBCASE("one of them twice") {
    constexpr auto f = sinter::fn([](auto x) { return std::tuple(x * 2, x * 2, x); });
    const auto [u, v, w] = f(a);
    CHECK(u(9) == 18);
    CHECK(v(9) == 18);
    CHECK(w(9) == 9);
    tensor<float, 100> p = a, q;
    f.into(std::tie(y, p, q), p);
    CHECK(y(9) == 18);
    CHECK(p(9) == 18);
    CHECK(q(9) == 9);
  }
  SUBCASE("a tuple of one") {
    constexpr auto f = sinter::fn([](auto x) { return std::tuple(x * 2); });
    const std::tuple<tensor<float, 100>> t = f(a);
    CHECK(std::get<0>(t)(9) == 18);
  }
}

TEST_CASE("results that overlap arguments where no kernel may write in place") {
  constexpr auto later = sinter::fn([](auto x) { return std::tuple(sinter::sum(x, axis<0>, keepdims) + x, sinter::dot(x, x)); });
  auto x = counted<tensor<double, 12, 12>>(0);
  const auto [a, b] = later(x);
  tensor<double, 12, 12> y;
  SUBCASE("first") {
    later.into(std::tie(x, y), x);
    for (int i = 0; i < 144; ++i) CHECK((x.data()[i] == a.data()[i] && y.data()[i] == b.data()[i]));
  }
  SUBCASE("second") {
    later.into(std::tie(y, x), x);
    for (int i = 0; i < 144; ++i) CHECK((y.data()[i] == a.data()[i] && x.data()[i] == b.data()[i]));
  }
}

TEST_CASE("nested functions and helpers") {
  constexpr auto outer = sinter::fn([](auto x, auto y) {
    auto r = twice(x);
    for (int i = 0; i < 3; ++i) r = twice(r) + y;
    const auto [up, down] = split(r);
    return up * down;
  });
  const tensor<float, 4> x{1, 2, 3, 4}, y{1, 1, 1, 1};
  const auto z = outer(x, y);
  for (int i = 0; i < 4; ++i) {
    const float r = 16 * x(i) + 7;
    CHECK(z(i) == (r + 1) * (r - 1));
  }
  CHECK(outer.plan<tensor<float, 4>, tensor<float, 4>>().kernels == 1);
  CHECK(twice(twice(x))(3) == 16);
  CHECK(sinter::eval(twice(x) + y)(3) == 9);
}

TEST_CASE("attributes as values") {
  constexpr auto f = sinter::fn([](auto x) {
    const auto s = sinter::sum(x, sinter::axes{1}, sinter::keep{true});
    return sinter::reshape(sinter::transpose(x / s, sinter::axes{1, 0}), sinter::shape{x.extent(0) * x.extent(1)});
  });
  tensor<float, 2, 3> x{{1, 2, 3}, {4, 5, 6}};
  CHECK(f(x)(2) == 2.f / 6);
  tensor<float, dyn, 3> rows(4);
  rows.fill(1);
  const auto y = f(rows);
  CHECK(y.size() == 12);
  CHECK(y(11) == 1.f / 3);
}

TEST_CASE("numbers") {
  constexpr auto between = sinter::fn([](auto x) { return sinter::fma(2, x, 3) + sinter::where(true, x, 1); });
  CHECK(between(tensor<float, 2>{1, 5})(1) == 18);
  constexpr auto scale = sinter::fn([](auto x, auto s) { return x * s; });
  const tensor<float, 3> x{1, 2, 3};
  CHECK(scale(x, 2.5f)(2) == 7.5f);
  CHECK(scale(2.5f, x)(2) == 7.5f);
  const tensor<double, 3> d{1, 2, 3};
  CHECK(scale(d, 0.1)(0) == 0.1);
  const auto product = scale(3, 4);
  static_assert(std::is_same_v<decltype(product), const tensor<int>>);
  CHECK(product == 12);
  CHECK(scale(std::int8_t{100}, std::int8_t{3}) == std::int8_t(300 - 256));
  for (const float s : {1.f, 2.f, 3.f}) CHECK(scale(x, s)(1) == 2 * s);
  constexpr auto literal = sinter::fn([](auto v) { return std::tuple(v + 1, 2.f, v * 0.5); });
  const auto [a, b, c] = literal(x);
  CHECK(a(0) == 2);
  CHECK(b == 2.f);
  CHECK(c(0) == 0.5f);
  constexpr auto converted = sinter::fn([](auto v, auto n) { return v + sinter::cast<float>(n); });
  CHECK(converted(x, 2)(0) == 3);
}

TEST_CASE("run-time extents that differ throw before anything is written") {
  tensor<float, dyn> a(5), b(6);
  tensor<float, dyn> out(3);
  out.fill(-1);
  CHECK_THROWS_AS(add(a, b), sinter::shape_error);
  CHECK_THROWS_AS(add.into(out, a, b), sinter::shape_error);
  CHECK(out.size() == 3);
  CHECK(out(2) == -1);
  tensor<float, 5> five;
  five.fill(-1);
  tensor<float, dyn> four(4);
  CHECK_THROWS_AS(add.into(five, four, four), sinter::shape_error);
  for (const float f : five) CHECK(f == -1);
  tensor<float, dyn> fresh(2), kept(2);
  kept.fill(4);
  view<float, dyn> wrong(kept.data(), 2);
  CHECK_THROWS_AS(both.into(std::tie(fresh, wrong), a, a), sinter::shape_error);
  CHECK(fresh.size() == 2);
  CHECK(kept(1) == 4);
  tensor<float, dyn, dyn> x(4, 3), w(5, 2);
  tensor<float, 2> bias;
  CHECK_THROWS_AS(dense(x, w, bias), sinter::shape_error);
  w = tensor<float, dyn, dyn>(3, 7);
  CHECK_THROWS_AS(dense(x, w, bias), sinter::shape_error);
  w = tensor<float, dyn, dyn>(3, 2);
  CHECK(dense(x, w, bias).extent(0) == 4);
  CHECK_THROWS_AS(sinter::eval(sinter::slice(a, range<0, 6>)), sinter::shape_error);
  CHECK(sinter::eval(sinter::slice(a, range<-2, 5>)).size() == 2);
  CHECK_THROWS_AS(sinter::eval(sinter::reshape<2, -1>(a)), sinter::shape_error);
  CHECK(sinter::eval(sinter::reshape<2, -1>(b)).extent(1) == 3);
  CHECK_THROWS_AS(sinter::eval(sinter::broadcast_to<3, 4>(a)), sinter::shape_error);
  try {
    add(a, b);
  } catch (const sinter::shape_error& e) {
    const std::string_view what = e.what();
    CHECK(what.find("5") != std::string_view::npos);
    CHECK(what.find("6") != std::string_view::npos);
  }
  // A run-time extent of 1 does not broadcast.
  CHECK_THROWS_AS(add(a, tensor<float, dyn>(1)), sinter::shape_error);
  CHECK(add(a, tensor<float, 1>{2})(4) == 2);
}

TEST_CASE("the caller's workspace") {
  const auto x = counted<tensor<float, 8, 16>>(0);
  const tensor<float, 16, 40> w;
  tensor<float, 8, 40> y;
  constexpr auto bytes = two_kernels.plan<tensor<float, 8, 16>, tensor<float, 16, 40>>().workspace_bytes;
  static_assert(bytes >= 8 * 40 * 4);
  alignas(64) std::byte memory[static_cast<std::size_t>(bytes) + 64];
  for (std::byte& b : memory) b = std::byte{0xab};
  two_kernels.into(sinter::workspace(memory, static_cast<std::size_t>(bytes)), y, x, w);
  CHECK(y(7, 39) == 1.f / 8);
  for (std::size_t i = 0; i < 64; ++i) CHECK(memory[static_cast<std::size_t>(bytes) + i] == std::byte{0xab});
  y.fill(0);
  CHECK_THROWS_AS(two_kernels.into(sinter::workspace(memory, static_cast<std::size_t>(bytes) - 64), y, x, w), sinter::exception);
  CHECK_THROWS_AS(two_kernels.into(sinter::workspace(memory + 1, static_cast<std::size_t>(bytes)), y, x, w), sinter::exception);
  CHECK(y(7, 39) == 0);

  tensor<float, dyn, 16> rows(33);
  tensor<float, dyn, 40> out(33);
  const auto plan = two_kernels.plan(rows, w);
  CHECK(plan.kernels == 2);
  CHECK(plan.workspace_bytes >= 33 * 40 * 4);
  CHECK(plan.bytes_read > 0);
  CHECK(plan.flops > 2 * 33 * 16 * 40);
  std::vector<std::byte> heap(static_cast<std::size_t>(plan.workspace_bytes) + 64);
  const auto address = (reinterpret_cast<std::uintptr_t>(heap.data()) + 63) / 64 * 64;
  two_kernels.into(sinter::workspace(reinterpret_cast<void*>(address), static_cast<std::size_t>(plan.workspace_bytes)), out, rows, w);
  CHECK(out(32, 39) == 1.f / 33);
  add.into(sinter::workspace(), y, y, y);  // needs none
  two_kernels.into(std::span<std::byte>(memory), y, x, w);
  CHECK(y(7, 39) == 1.f / 8);
}

TEST_CASE("explain and to_dot say what is planned") {
  const matrix x;
  const std::string_view text = soft.explain(x);
  for (const char* part : {"1 kernel,", "0 temporaries", "rows", "argument 0 f32[64, 256]", "result 0", "exp", "max", "sum", "divide"})
    CHECK_MESSAGE(text.find(part) != std::string_view::npos, part);
  const tensor<float, dyn, dyn> y(3, 4);
  CHECK(soft.explain(y).find("n0_0") != std::string_view::npos);
  const tensor<float, 256, 32> w;
  CHECK(two_kernels.explain(x, w).find("2 kernels, 1 temporary") != std::string_view::npos);
  const std::string_view picture = sinter::to_dot(two_kernels, x, w);
  CHECK(picture.starts_with("digraph"));
  CHECK(picture.find("->") != std::string_view::npos);
  CHECK(picture.find("k1") != std::string_view::npos);
  CHECK(picture.ends_with("}\n"));
}

TEST_CASE("a tuple that a call gave is a destination too") {
  constexpr auto f = sinter::fn([](auto x) { return std::tuple(x + 1, sinter::sum(x)); });
  tensor<float, 3> x{1, 2, 3};
  auto y = f(x);
  x = x * 2;
  f.into(y, x);
  CHECK(std::get<0>(y)(2) == 7);
  CHECK(std::get<1>(y)() == 12);
}

TEST_CASE("large results, stored past the caches, are the same bits; in place too") {
  constexpr auto f = sinter::fn([](auto x) { return x * 3 + 1; });
  const sinter::extent_t n = (4 << 20) + 5;  // more than streamed_bytes read and written, and no whole number of packets
  tensor<float, dyn> x(n), y(n), z(n);
  for (sinter::extent_t i = 0; i < n; ++i) x(i) = static_cast<float>(i % 1000);
  f.into(y, x);
  f.with<sinter::schedule<sinter::cached>>().into(z, x);
  bool same = true;
  for (sinter::extent_t i = 0; i < n; ++i) same &= y(i) == z(i) && y(i) == static_cast<float>(i % 1000) * 3 + 1;
  CHECK(same);
  f.into(x, x);
  same = true;
  for (sinter::extent_t i = 0; i < n; ++i) same &= x(i) == y(i);
  CHECK(same);
}

TEST_CASE("other backends and schedules give the same bits") {
  const auto x = counted<tensor<float, 7, 100>>(-300);
  const auto a = soft(x * 0.01f), b = soft.on<sinter::backend::scalar>()(x * 0.01f);
  const auto c = soft.with<sinter::schedule<sinter::packets<1>>>()(x * 0.01f),
             d = soft.with<sinter::schedule<sinter::streaming>>()(x * 0.01f);
  for (std::int64_t i = 0; i < x.size(); ++i) {
    CHECK(a.data()[i] == b.data()[i]);
    CHECK(a.data()[i] == c.data()[i]);
    CHECK(a.data()[i] == d.data()[i]);
  }
}

TEST_CASE("tensors made of nothing and numbers are literals of a function, with and without parameters") {
  static constexpr auto odd = sinter::fn([] { return sinter::iota<float, 4>(axis<0>) * 2.f + 1.f; });
  static constexpr auto plus_odd = sinter::fn([](auto x) { return x + (sinter::iota<float, 4>(axis<0>) * 2.f + 1.f); });
  const tensor<float, 4> x{10, 20, 30, 40};
  const auto a = odd(), b = plus_odd(x);
  for (int i = 0; i < 4; ++i) {
    CHECK(a(i) == static_cast<float>(2 * i + 1));
    CHECK(b(i) == x(i) + static_cast<float>(2 * i + 1));
  }
}

TEST_CASE("reading a tensor that was moved from is an exception") {
  static constexpr auto twice = sinter::fn([](auto v) { return v * 2; });
  tensor<float, 100, 100> x;
  const auto y = std::move(x);
  CHECK_THROWS_AS(twice(x), sinter::exception);
  CHECK_THROWS_AS((tensor<float, 100, 100>(x + 1)), sinter::exception);
  CHECK_THROWS_AS(x.sub(0, sinter::all), sinter::exception);
  x = y;
  CHECK(twice(x)(5, 5) == 0);
}
