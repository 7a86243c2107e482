// SPDX-License-Identifier: Apache-2.0
// Kernels of the GPU, replayed: row programs, columns, and both in one launch. Their sums are added in another order than the CPU's, so
// sums have bounds; what has no rounding (max, argmax, any, integers) has the CPU's bits.
#include "cuda/replay.hpp"
#include "ops/user.hpp"

using namespace replayed;

namespace {

// Softmax: the sum of exp is off by rows_bound at most, all else is the same; one more rounding of the quotient.
constexpr auto softmax_rows = fn([](auto x) { return softmax(x, axis<1>); });
constexpr auto norms = fn([](auto x, auto w) { return std::tuple(layer_norm(x, axis<1>), rms_norm(x, axis<1>) * w); });
constexpr auto exact = fn([](auto x) { return std::tuple(max(x, axis<1>), argmax(x, axis<1>), min(x * 2, axis<1>), any(x > 3, axis<1>)); });

// Rows of noise have a mean size of 1/2 and a deviation of 0.58, so that the errors of mean and variance, each a bound times these, come
// to less than four bounds of a result of size 1 and more.
template <extent_t N> void rows() {
  CAPTURE(N);
  const auto x = filled<tensor<float, 3, N>>(1, 1);
  check("softmax", rows_bound(N) + eps, softmax_rows, x);
  if constexpr (N > 1) check("norms", 4 * rows_bound(N) + 4 * eps, norms, x, filled<tensor<float, N>>(1, 2));
}

}  // namespace

TEST_CASE("rows: extents that are known") { rows<1>(), rows<31>(), rows<36>(), rows<1024>(), rows<16384>(), rows<40000>(); }
TEST_CASE("rows: run-time extents") {
  for (const extent_t n : {1, 31, 33, 1000, 1024, 4096, 40000}) {
    CAPTURE(n);
    auto x = filled<tensor<float, dyn, dyn>>(1, 1, 5, n);
    check("softmax", rows_bound(n) + eps, softmax_rows, x);
    if (n > 1) check("norms", 4 * rows_bound(n) + 4 * eps, norms, x, filled<tensor<float, dyn>>(1, 2, n));
    fill(x, 4, 1, true);
    check("no rounding", 0, exact, x);
  }
  for (const extent_t m : {0, 1, 4, 7}) check("rows", rows_bound(50) + eps, softmax_rows, filled<tensor<float, dyn, dyn>>(1, 1, m, 50));
  check("no elements", 0, fn([](auto x) { return sum(x, axis<1>); }), tensor<float, dyn, dyn>(5, 0));
  check("no rows", 0, fn([](auto x) { return sum(x, axis<0>); }), tensor<float, dyn, dyn>(0, 5));
}
TEST_CASE("rows: types, several reductions, what surrounds them") {
  const auto positive = [](auto x) {
    for (auto& e : x) e = e < 0 ? -e : e;
    return x;
  };
  const auto x = positive(filled<tensor<float, 9, 1000>>(1, 1));
  check("several", rows_bound(1000), fn([](auto v) { return std::tuple(sum(v, axis<1>), sum(v * v, axis<1>), max(v, axis<1>)); }), x);
  // Of log(sum(exp(x))), about 8, the error is that of the sum.
  check("log_softmax", rows_bound(1000) + 2 * eps, fn([](auto v) { return log_softmax(v, axis<1>); }), x);
  check("var", 4 * rows_bound(1000), fn([](auto v) { return var(v, axis<1>); }), x);
  check("residual", 4 * rows_bound(1000) + 4 * eps, fn([](auto a, auto b) {
          const auto h = a + b;
          return std::tuple(rms_norm(h, axis<1>), h);
        }),
        x, x);
  check("integers", 0, fn([](auto v) { return std::tuple(sum(v, axis<1>), max(v, axis<1>), prod(v, axis<1>)); }),
        filled<tensor<std::int32_t, 9, 100>>(90, 1));
  check("i8", 0, fn([](auto v) { return sum(v, axis<1>); }), filled<tensor<std::int8_t, 9, 100>>(90, 1));
  check("bool", 0, fn([](auto v) { return std::tuple(any(v, axis<1>), all_of(v, axis<1>)); }), filled<tensor<bool, 9, 100>>(1, 1));
  check("f64", rows_bound(1000) / eps * 2.3e-16 + 4.6e-16, softmax_rows, filled<tensor<double, 9, 1000>>(1, 1));
  // f16 and bf16 sum in f32 and round once: the results are neighbours at most.
  check("f16", 0x1p-10, softmax_rows, filled<tensor<float16, 9, 1000>>(1, 1));
  check("bf16", 0x1p-7, softmax_rows, filled<tensor<bfloat16, 9, 104>>(1, 1));
  check("three axes", rows_bound(100), fn([](auto v) { return sum(v * v, axis<1, 2>); }), filled<tensor<float, 5, 10, 10>>(1, 1));
  check("of columns", rows_bound(1000) + eps, fn([](auto v) { return softmax(transpose(v), axis<1>); }),
        filled<tensor<float, 1000, 9>>(1, 1));
  check("user op and reduction", rows_bound(1000),
        fn([](auto v) { return std::tuple(reduce<ours::norm>(map<ours::softsign>(v), axis<1>), reduce<ours::largest_size>(v, axis<1>)); }),
        x);
  check("user row program", rows_bound(1000) + 2 * eps, fn([](auto v, auto b) { return map_rows<ours::shifted_softmax>(v, b); }), x,
        filled<tensor<float, 1000>>(1, 2));
  check("in f16", rows_bound(1000) + 0x1p-10, fn([](auto v) { return cast<float16>(softmax(v, axis<1>)); }), x);
}
TEST_CASE("columns") {
  constexpr auto sums = fn([](auto v) { return std::tuple(sum(v * v, axis<0>), mean(abs(v), axis<0>), max(v, axis<0>)); });
  constexpr auto bits =
      fn([](auto v) { return std::tuple(argmax(v, axis<0>), max(v, axis<0>), any(v > 3, axis<0>), all_of(v > 0, axis<0>)); });
  for (const extent_t m : {1, 7, 37, 1000, 5000})
    for (const extent_t n : {1, 36, 37}) {
      CAPTURE(m);
      CAPTURE(n);
      auto x = filled<tensor<float, dyn, dyn>>(1, 1, m, n);
      check("sums", columns_bound(m), sums, x);
      fill(x, 4, 1, true);
      check("no rounding", 0, bits, x);
    }
  check("tall", columns_bound(20000), sums, filled<tensor<float, 20000, 8>>(1, 1));
  check("softmax", columns_bound(37) + eps, fn([](auto v) { return softmax(v, axis<0>); }), filled<tensor<float, 37, 100>>(1, 1));
  check("batches", columns_bound(300), fn([](auto v) { return sum(v * v, axis<1>); }), filled<tensor<float, 3, 300, 20>>(1, 1));
  check("integers", 0, fn([](auto v) { return std::tuple(sum(v, axis<0>), prod(v, axis<0>)); }),
        filled<tensor<std::int64_t, 300, 20>>(90, 1));
  check("f16", 0x1p-10, fn([](auto v) { return sum(v * v, axis<0>); }), filled<tensor<float16, 300, 20>>(1, 1));
  // Deviations of 0.58 as above: four bounds.
  check("batch_norm", 4 * columns_bound(200) + 4 * eps, fn([](auto v, auto g, auto b) {
          const auto m = mean(v, axis<0>);
          return (v - m) / sqrt(var(v, axis<0>) + 1e-5f) * g + b;
        }),
        filled<tensor<float, 200, 12>>(1, 1), filled<tensor<float, 12>>(1, 2), filled<tensor<float, 12>>(1, 3));
}
namespace {
// Launches are counted: memory is not cleared by one, and copies are none.
struct counting_place : device::replay_place {
  static inline int launches = 0;
  template <class Program> static void launch(const typename Program::args& a, extent_t blocks) {
    ++launches;
    replay_place::launch<Program>(a, blocks);
  }
};
template <class F, class Y, class X> int launches_of(const F&, Y y, const X& x) {
  using plan = typename F::template device_program<X>;
  run::device_run<plan, counting_place, false> call;
  auto to = sinter::detail::leaves_of(y);
  call.template bind<false>(sinter::detail::make_int_list<plan::size.results>{}, sinter::detail::make_int_list<1>{}, to, x);
  const run::arena_part memory(call.bytes, nullptr);
  counting_place::launches = 0;
  call.run(memory.data());
  return counting_place::launches;
}
constexpr auto full = fn([](auto v) { return std::tuple(sum(v * v), mean(abs(v))); });
constexpr auto full_exact = fn([](auto v) { return std::tuple(max(v), argmax(v), argmin(v), any(v > 3), all_of(v > -9), min(v * 2)); });
constexpr auto full_integers = fn([](auto v) { return std::tuple(sum(v), prod(v), max(v), sum(v * v)); });

template <extent_t N> void full_reductions() {
  CAPTURE(N);
  auto x = filled<tensor<float, N>>(1, 1);
  check("sums", full_bound(N), full, x);
  CHECK(launches_of(full, full(x), x) == 1);
  fill(x, 4, 1, true);
  check("no rounding", 0, full_exact, x);
  check("NaN", full_bound(N), full, x);
  CHECK(launches_of(full_exact, full_exact(x), x) == 1);
  check("integers", 0, full_integers, filled<tensor<std::int32_t, N>>(90, 1));
}
}  // namespace
TEST_CASE("full reductions: extents that are known") {
  check("nothing", 0, fn([](auto v) { return sum(v); }), tensor<float, 0>());
  full_reductions<1>(), full_reductions<100>(), full_reductions<8192>(), full_reductions<8193>(), full_reductions<100000>();
  full_reductions<1 << 20>();
}
TEST_CASE("full reductions: run-time extents") {
  for (const extent_t n : {0, 1, 100, 8192, 8193, 100000, 1 << 20}) {
    CAPTURE(n);
    auto x = filled<tensor<float, dyn>>(1, 1, n);
    if (n > 0) {
      check("sums", full_bound(n), full, x);
      check("not aligned", full_bound(n), full, view<const float, dyn>(x.data() + 1, n - 1));
    }
    CHECK(launches_of(full, full(x), x) == 1);
    fill(x, 4, 1, true);
    if (n > 0) check("no rounding", 0, full_exact, x);
    check("sum", full_bound(n), fn([](auto v) { return sum(v); }), x);
  }
}
TEST_CASE("full reductions: types, shapes, what surrounds them") {
  const auto x = filled<tensor<float, 1 << 18>>(1, 1);
  check("f64", full_bound(1 << 18) * 0x1p-29, full, filled<tensor<double, 1 << 18>>(1, 1));
  check("f16", 0x1p-10, fn([](auto v) { return mean(v * v); }), filled<tensor<float16, 1 << 18>>(1, 1));
  check("bool", 0, fn([](auto v) { return std::tuple(any(v), all_of(v)); }), filled<tensor<bool, 100000>>(1, 1));
  check("i64", 0, full_integers, filled<tensor<std::int64_t, 100000>>(90, 1));
  check("user reduction", full_bound(1 << 18), fn([](auto v) { return std::tuple(reduce<ours::norm>(v), reduce<ours::largest_size>(v)); }),
        x);
  const auto square = filled<tensor<float, 1000, 1000>>(1, 1);
  check("both axes", full_bound(1000000), full, square);
  CHECK(launches_of(full, full(square), square) == 1);
  const view<const float, 1000, 1000> seen(square.data());
  check("both axes of a view", full_bound(1000000), full, seen);
  constexpr auto rows = fn([](auto v) { return std::tuple(sum(v * v, axis<1>), max(v, axis<1>), argmax(v, axis<1>)); });
  const auto few = filled<tensor<float, 3, 50000>>(1, 1);
  check("few rows", full_bound(50000), rows, few);
  CHECK(launches_of(rows, rows(few), few) == 1);
  check("few rows, odd", full_bound(50001), rows, filled<tensor<float, 3, 50001>>(1, 1));
  // With their elements, which are not needed again.
  constexpr auto with_elements = fn([](auto v) { return std::tuple(v * 2, sum(v * v), v + 1); });
  check("elements beside them", full_bound(1 << 18), with_elements, x);
  CHECK(launches_of(with_elements, with_elements(x), x) == 1);
  // Of these the elements are needed again: rows of 8192 first, 42 deep, then one of 32, 6 deep: less than in parts.
  check("norm", full_bound(1 << 18) + eps, fn([](auto v) { return v / sqrt(sum(v * v)); }), x);
  check("softmax", full_bound(1 << 18) + eps, fn([](auto v) { return softmax(v, axis<0>); }), x);
  check("var", 4 * full_bound(1 << 18), fn([](auto v) { return var(v); }), x);
  check("mean and var", 4 * full_bound(1 << 18), fn([](auto v) { return std::tuple(mean(abs(v)), var(v)); }), x);
}
