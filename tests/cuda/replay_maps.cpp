// SPDX-License-Identifier: Apache-2.0
// Kernels of the GPU, replayed: maps, transposes, gathers and scatters, all of which give the CPU's bits.
#include <sinter/random.hpp>

#include "cuda/replay.hpp"

using namespace replayed;

namespace {

constexpr extent_t sizes[] = {0, 1, 3, 31, 32, 33, 1000, 4097};

template <class T, class F> void sized(const char* name, const F& f, double scale) {
  for (const extent_t n : sizes) {
    CAPTURE(n);
    tensor<T, dyn> x(n), y(n);
    fill(x, scale, 1, true), fill(y, scale, 500, true);
    check(name, 0, f, x, y);
  }
}
constexpr auto chain = fn([](auto x, auto y) { return where(x < y, exp(x) - tanh(y) * 0.5f, sqrt(abs(x * y)) + x / y); });
constexpr auto integers = fn([](auto x, auto y) { return where(x < y, x * y + 3, maximum(x, y) - (x / (y * y + 1))); });
constexpr auto small_floats = fn([](auto x, auto y) { return exp(x) * y + sqrt(abs(x)); });
constexpr auto numbers = fn([](auto x, auto y) { return exp(x * y) + conj(x) / (y * y + x); });

}  // namespace

TEST_CASE("maps: element types and sizes") {
  sized<float>("f32", chain, 4);
  sized<double>("f64", chain, 4);
  sized<float16>("f16", small_floats, 4);
  sized<bfloat16>("bf16", small_floats, 4);
  sized<std::int8_t>("i8", integers, 100);
  sized<std::int16_t>("i16", integers, 1000);
  sized<std::int32_t>("i32", integers, 1e6);
  sized<std::int64_t>("i64", integers, 1e6);
  sized<bool>("bool", fn([](auto x, auto y) { return (x & !y) | (x == y); }), 1);
  sized<std::complex<float>>("complex64", numbers, 2);
  sized<std::complex<double>>("complex128", fn([](auto x, auto y) { return x * y - x; }), 2);
  sized<std::uint8_t>("casts", fn([](auto x, auto y) { return std::tuple(cast<float>(x) * 0.5f, cast<std::int64_t>(y), x > y); }), 200);
}
TEST_CASE("maps: extents that are known") {
  const auto bias_gelu = fn([](auto x, auto w, auto b) { return gelu_tanh(x * w + b); });
  check("packets", 0, bias_gelu, filled<tensor<float, 37, 100>>(3, 1), filled<tensor<float, 100>>(1, 2), filled<tensor<float, 100>>(1, 3));
  check("no packets", 0, bias_gelu, filled<tensor<float, 37, 101>>(3, 1), filled<tensor<float, 101>>(1, 2),
        filled<tensor<float, 101>>(1, 3));
  check("columns", 0, bias_gelu, filled<tensor<float, 12, 64>>(3, 1), filled<tensor<float, 12, 1>>(1, 2), filled<tensor<float>>(1, 3));
  check("outer", 0, fn([](auto x, auto y) { return x * y; }), filled<tensor<float, 5, 1, 8>>(1, 1), filled<tensor<float, 7, 1>>(1, 2));
  check("five axes", 0, fn([](auto x, auto y) { return x + y; }), filled<tensor<float, 2, 3, 2, 3, 4>>(1, 1),
        filled<tensor<float, 3, 1, 3, 1>>(1, 2));
  check("several results", 0, fn([](auto x) { return std::tuple(x + 1, cast<double>(x) * 2, x > 0); }), filled<tensor<float, 9, 32>>(1, 1));
  check("numbers", 0, fn([](auto x, auto s, auto k) { return x * s + cast<float>(k); }), filled<tensor<float, 100>>(1, 1), 3.25f, 7);
  check("a number alone", 0, fn([](auto s) { return exp(s) + 1; }), 0.5f);
}
namespace {
// Ops that round nothing, and the same in f32, rounded once.
constexpr auto exact_ops =
    fn([](auto v) { return std::tuple(floor(v), ceil(v), round(v), abs(v), -v, sign(v), maximum(v, 1.5f), minimum(v, -0.f)); });
template <class T> constexpr auto rounded_ops = fn([](auto h) {
  const auto v = cast<float>(h);
  return std::tuple(cast<T>(floor(v)), cast<T>(ceil(v)), cast<T>(round(v)), cast<T>(abs(v)), cast<T>(-v), cast<T>(sign(v)),
                    cast<T>(maximum(v, 1.5f)), cast<T>(minimum(v, -0.f)));
});
template <class T> void all_halves() {
  tensor<T, 65536> x;
  for (int i = 0; i < 65536; ++i) x(i).bits = static_cast<std::uint16_t>(i);
  auto want = rounded_ops<T>(x), cpu = exact_ops(x), y = cpu;
  device::replay(exact_ops, y, x);
  const auto expected = sinter::detail::leaves_of(want);
  CHECK(all_different(sinter::detail::leaves_of(y), expected, 0, std::make_index_sequence<8>{}) == 0);
  CHECK(all_different(sinter::detail::leaves_of(cpu), expected, 0, std::make_index_sequence<8>{}) == 0);
}
}  // namespace
TEST_CASE("maps: every f16 and bf16") { all_halves<float16>(), all_halves<bfloat16>(); }
TEST_CASE("maps: index arithmetic") {
  const auto x = filled<tensor<float, 20, 36>>(2, 1);
  check("pad", 0, fn([](auto v) { return pad(v * 2, edges<1, 2>, edges<3, 0>, 7.f); }), x);
  check("slice", 0, fn([](auto v) { return exp(slice(v, range<3, 19, 2>, range<-9, -1>)); }), x);
  check("reverse", 0, fn([](auto v) { return reverse(v, axis<1>) + reverse(v, axis<0>); }), x);
  check("concatenate", 0, fn([](auto v) { return concatenate(axis<0>, v, v * 2, slice(v, range<0, 3>, sinter::all)); }), x);
  check("concatenate along rows", 0, fn([](auto v) { return concatenate(axis<1>, slice(v, sinter::all, range<0, 5>), v + 1); }), x);
  check("iota", 0, fn([](auto v) { return where(iota<int, 20, 36>(axis<1>) > iota<int, 20, 36>(axis<0>), v, 0); }), x);
  check("one_hot", 0, fn([](auto l) { return one_hot<7>(l) * 2; }), tensor<int, 5>{0, 6, 3, -1, 9});
  check("reshape", 0, fn([](auto v) { return reshape<36, 20>(v) + 1; }), x);
  check("literal", 0, fn([](auto) { return iota<float, 9, 4>(axis<0>) * 2; }), x);
}
TEST_CASE("maps: views, in place, over one another") {
  auto x = filled<tensor<float, 40, 64>>(2, 1);
  constexpr auto f = fn([](auto a, auto b) { return a * b + exp(a); });
  const auto left = x.sub(range<0, 20>, range<1, 64, 3>), right = x.sub(range<20, 40>, range<0, 42, 2>);
  check("strided views", 0, f, left, right);
  check("one column", 0, f, x.sub(sinter::all, 3), x.sub(sinter::all, 60));
  check("misaligned", 0, f, x.sub(1, range<1, 62>), x.sub(2, range<2, 63>));
  const view<const float, 40, 64> column_major(x.data(), strides{1, 40});
  check("column major", 0, f, x, column_major);
  {  // a result that is an argument, one that is a strided view, one that lies over an argument
    auto y = x;
    const auto want = f(x, x);
    device::replay(f, y, y, x);
    CHECK(different(y, want, 0) == 0);
    tensor<float, 40, 128> wide;
    wide.fill(7);
    auto into = wide.sub(sinter::all, range<1, 128, 2>);
    device::replay(f, into, x, x);
    extent_t wrong = 0;
    for (int i = 0; i < 40; ++i)
      for (int j = 0; j < 64; ++j) wrong += wide(i, 2 * j + 1) != want(i, j) || wide(i, 2 * j) != 7;
    CHECK(wrong == 0);
    auto over = x;
    const auto lower = x.sub(range<1, 40>, sinter::all), upper = x.sub(range<0, 39>, sinter::all);
    const tensor<float, 39, 64> want_over = f(upper, lower);
    auto to = over.sub(range<1, 40>, sinter::all);
    device::replay(f, to, over.sub(range<0, 39>, sinter::all), over.sub(range<1, 40>, sinter::all));
    for (int i = 0; i < 39; ++i)
      for (int j = 0; j < 64; ++j) wrong += to(i, j) != want_over(i, j);
    CHECK(wrong == 0);
    tensor<float, 20, 20> square = filled<tensor<float, 20, 20>>(1, 3);
    const tensor<float, 20, 20> turned = transpose(square);
    device::replay(fn([](auto a) { return transpose(a); }), square, square);
    CHECK(different(square, turned, 0) == 0);
  }
}
TEST_CASE("transposes") {
  constexpr auto f = fn([](auto x) { return transpose(x) + transpose(x); });
  check("f32", 0, f, filled<tensor<float, 70, 33>>(1, 1));
  check("f64", 0, f, filled<tensor<double, 32, 64>>(1, 1));
  check("f16", 0, f, filled<tensor<float16, 31, 65>>(1, 1));
  check("i8", 0, f, filled<tensor<std::int8_t, 100, 3>>(90, 1));
  check("complex", 0, f, filled<tensor<std::complex<float>, 40, 40>>(1, 1));
  for (const extent_t n : {0, 1, 33, 64}) check("open", 0, f, filled<tensor<float, dyn, dyn>>(1, 1, n, 50));
  check("three axes", 0, fn([](auto x) { return transpose<2, 0, 1>(x); }), filled<tensor<float, 5, 40, 36>>(1, 1));
  check("batches", 0, fn([](auto x, auto y) { return transpose<0, 2, 1>(x) * y; }), filled<tensor<float, 3, 40, 36>>(1, 1),
        filled<tensor<float, 36, 40>>(1, 2));
  check("outer", 0, fn([](auto x) { return transpose<1, 0, 2>(x); }), filled<tensor<float, 5, 9, 36>>(1, 1));
}
TEST_CASE("gathers") {
  const auto x = filled<tensor<float, 37, 100>>(1, 1);
  tensor<int, 20> i;
  for (int k = 0; k < 20; ++k) i(k) = k * 7 % 45 - 3;  // some outside, which clamp
  check("take rows", 0, fn([](auto v, auto k) { return take(v, k, axis<0>) * 2.f; }), x, i);
  check("take columns", 0, fn([](auto v, auto k) { return exp(take(v, k, axis<1>)); }), x, i);
  check("take_along_axis", 0, fn([](auto v, auto k) { return take_along_axis(v, k, axis<1>); }), x, filled<tensor<int, 37, 4>>(90, 5));
  check("dynamic_slice", 0, fn([](auto v, auto k, auto l) { return dynamic_slice<5, 40>(v, k, l) + 1; }), x, 33, 12);
}
TEST_CASE("scatters") {
  const auto t = filled<tensor<float, 50, 17>>(2, 1);
  const auto u = filled<tensor<float, 20, 17>>(2, 9);
  tensor<int, 20> i;
  for (int k = 0; k < 20; ++k) i(k) = k * 7 % 11 * 6 - 3;  // several of one row, some outside
  check("set", 0, fn([](auto a, auto k, auto b) { return scatter_set(a, k, b, axis<0>); }), t, i, u);
  check("add", 0, fn([](auto a, auto k, auto b) { return scatter_add(a * 2, k, exp(b), axis<0>); }), t, i, u);
  check("multiply", 0, fn([](auto a, auto k, auto b) { return scatter_multiply(a, k, b, axis<0>); }), t, i, u);
  check("max", 0, fn([](auto a, auto k, auto b) { return scatter_max(a, k, b, axis<0>); }), t, i, u);
  check("elements", 0, fn([](auto a, auto k, auto b) { return scatter_add(a, k, b); }), filled<tensor<float, 64>>(1, 1), i,
        filled<tensor<float, 20>>(1, 2));
  check("columns", 0, fn([](auto a, auto k, auto b) { return scatter_add(a, k, b, axis<1>); }), filled<tensor<float, 20, 50>>(1, 1), i,
        filled<tensor<float, 20, 20>>(1, 2));
  check("histogram", 0, fn([](auto k) { return scatter_add(iota<int, 60>(axis<0>) * 0, k, 1); }), i);
  check("dynamic_update_slice", 0, fn([](auto a, auto b, auto k, auto l) { return dynamic_update_slice(a, b, k, l); }),
        filled<tensor<float, 6, 50>>(1, 1), filled<tensor<float, 2, 33>>(1, 2), 3, 100);
  auto y = t;
  constexpr auto add = fn([](auto a, auto k, auto b) { return scatter_add(a, k, b, axis<0>); });
  const auto want = add(t, i, u);
  device::replay(add, y, y, i, u);
  CHECK(different(y, want, 0) == 0);
}
TEST_CASE("random numbers") {
  const auto key = random_key(7);
  check("bits", 0, fn([](auto k) { return random_bits<std::uint32_t, 3, 50>(k); }), key);
  check("dropout, normal", 0, fn([](auto k, auto x) { return dropout(k, 0.25f, x) + normal<float, 8, 33>(k); }), key,
        filled<tensor<float, 8, 33>>(1, 1));
}
TEST_CASE("a result of another shape is refused before anything is written") {
  constexpr auto f = fn([](auto x) { return std::tuple(x + 1, x * 2); });
  const auto x = filled<tensor<float, dyn, dyn>>(1, 1, 5, 8);
  tensor<float, dyn, dyn> good(5, 8), bad(5, 9);
  good.fill(7), bad.fill(7);
  auto to = std::tie(good, bad);
  CHECK_THROWS_AS(device::replay(f, to, x), const shape_error&);
  for (const float v : good) CHECK(v == 7);
  for (const float v : bad) CHECK(v == 7);
}
