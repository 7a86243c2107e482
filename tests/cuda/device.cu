// SPDX-License-Identifier: Apache-2.0
// Every kernel shape on a GPU against the CPU; prints what differs and returns 0 where nothing does. Compiled everywhere, run where there
// is a GPU. Bounds as in replay_reductions.cpp: sums of n positive numbers along rows are n / 32 + 10 additions deep at most,
// those of all elements, or of few long rows, n / 2^18 + 100 on the average of both sides.
#include <cmath>
#include <cstdio>
#include <tuple>

#include <sinter/cuda.hpp>
#include <sinter/random.hpp>
#include <sinter/sinter.hpp>

using namespace sinter;

namespace {

int failures = 0;

template <class X> void fill(X& x, double scale, unsigned seed) {
  for (auto& e : x) {
    seed = seed * 1664525u + 1013904223u;
    e = static_cast<std::remove_reference_t<decltype(e)>>(static_cast<float>(scale * (seed * 0x1p-31 - 1)));
  }
}
template <class X> X filled(double scale, unsigned seed) {
  X x;
  fill(x, scale, seed);
  return x;
}
// The same, or both NaN, or apart by at most bound times the largest of `want`.
template <class X> void compare(const char* name, double bound, const X& y, const X& want) {
  double most = 0;
  long long wrong = 0;
  for (const auto& e : want)
    if (const double v = std::fabs(static_cast<double>(e)); v < HUGE_VAL && v > most) most = v;
  for (extent_t i = 0; i < want.size(); ++i) {
    const auto a = static_cast<double>(y.data()[i]), b = static_cast<double>(want.data()[i]);
    wrong += !(a == b || (a != a && b != b) || std::fabs(a - b) <= bound * most);
  }
  if (wrong != 0) std::printf("%s: %lld of %lld elements differ\n", name, wrong, static_cast<long long>(want.size())), ++failures;
}
template <class X> decltype(auto) on_device(const X& x) {
  if constexpr (std::is_arithmetic_v<X>) return X(x);
  else return device::to(x);
}
// By a call that makes its result, by one into memory, and by that once more: with the same addresses it may be a recorded graph.
template <class F, class... X> void check(const char* name, double bound, const F& f, const X&... x) {
  const auto want = f(x...);
  std::apply(
      [&](const auto&... d) {
        auto y = f(d...);
        compare(name, bound, y.to_host(), want);
        for (int k = 0; k < 3; ++k) f.into(y, d...);
        compare(name, bound, y.to_host(), want);
      },
      std::tuple<decltype(on_device(x))...>(on_device(x)...));
}
struct centred {
  SINTER_INLINE static void run(auto& row) {
    const auto mean = row.sum([](auto x) { return x; }) / static_cast<float>(row.size());
    row.map([&](auto x) { return x - mean; });
  }
};

constexpr double eps = 0x1p-23;
constexpr double rows_bound(double n) { return (n / 32 + 10) * eps; }

}  // namespace

int main() {
  const auto x = filled<tensor<float, 64, 256>>(3, 1);
  const auto odd = filled<tensor<float, 37, 101>>(3, 2);
  const auto w = filled<tensor<float, 256>>(1, 3), b = filled<tensor<float, 256>>(1, 4);
  check("map", 0, fn([](auto v, auto s, auto t) { return gelu_tanh(v * s + t); }), x, w, b);
  check("map, odd", 0, fn([](auto v) { return where(v > 0, exp(-v), v * 2); }), odd);
  check("functions", 0, fn([](auto v) { return sin(v * 1e9f) + log(v) * cbrt(v) + atan2(v, tan(v)) - pow(v, 3) + lgamma(v); }), x);
  check("number", 0, fn([](auto v, auto s) { return v * s; }), x, 2.5f);
  check("f16", 0, fn([](auto v) { return exp(v) * 2; }), filled<tensor<float16, 64, 256>>(3, 5));
  check("f64", 0, fn([](auto v) { return exp(v) / 3; }), filled<tensor<double, 64, 256>>(3, 6));
  check("softmax", rows_bound(256), fn([](auto v) { return softmax(v, axis<1>); }), x);
  check("softmax, odd", rows_bound(101), fn([](auto v) { return softmax(v, axis<1>); }), odd);
  check("layer_norm", 4 * rows_bound(16384), fn([](auto v) { return layer_norm(v, axis<1>); }), filled<tensor<float, 9, 16384>>(1, 7));
  check("long rows", rows_bound(50000), fn([](auto v) { return softmax(v, axis<1>); }), filled<tensor<float, 3, 50000>>(1, 8));
  check("longer rows", rows_bound(50000), fn([](auto v) { return softmax(v, axis<1>); }), filled<tensor<float, 2, 262144>>(1, 19));
  check("longer rows, odd", 4 * rows_bound(50000), fn([](auto v) { return layer_norm(v, axis<1>); }),
        filled<tensor<float, 3, 100001>>(1, 20));
  check("argmax", 0, fn([](auto v) { return argmax(v, axis<1>); }), x);
  check("user rows", 4 * rows_bound(256), fn([](auto v) { return map_rows<centred>(v); }), x);
  check("columns", 84 * eps, fn([](auto v) { return sum(v * v, axis<0>); }), x);
  check("tall columns", 1044 * eps, fn([](auto v) { return mean(v * v, axis<0>); }), filled<tensor<float, 20000, 36>>(1, 9));
  const auto large = filled<tensor<float, 1 << 20>>(1, 10);
  check("all", 104 * eps, fn([](auto v) { return sum(v * v); }), large);
  check("all, no rounding", 0, fn([](auto v) { return argmin(v); }), large);
  check("few rows", 100 * eps, fn([](auto v) { return sum(v * v, axis<1>); }), filled<tensor<float, 3, 50001>>(1, 16));
  check("transpose", 0, fn([](auto v) { return transpose(v) + 1; }), odd);
  check("product", 0, fn([](auto v, auto m) { return gelu(dot(v, m)); }), odd, filled<tensor<float, 101, 70>>(1, 11));
  check("batches", 0, fn([](auto v, auto m) { return matmul(v, m); }), filled<tensor<float, 3, 9, 33>>(1, 12),
        filled<tensor<float, 3, 33, 5>>(1, 13));
  const auto q = filled<tensor<float, 4, 20, 16>>(1, 14);
  check("attention", 2 * rows_bound(20) + 20 * eps, fn([](auto v) { return attention(v, v * 2, v + 1); }), q);
  tensor<int, 64> i;
  for (int k = 0; k < 64; ++k) i(k) = k * 29 % 70 - 3;
  check("take", 0, fn([](auto v, auto k) { return exp(take(v, k, axis<0>)); }), x, i);
  check("scatter", 0, fn([](auto v, auto k) { return scatter_add(v, k, v * 2, axis<0>); }), x, i);
  check("sort", 0, fn([](auto v) { return sort(v, axis<0>); }), filled<tensor<float, 5000, 37>>(3, 16));
  check("argsort", 0, fn([](auto v) { return argsort(v, descending); }), filled<tensor<double, 30, 700>>(3, 17));
  check("top_k", 0, fn([](auto v) { return std::get<1>(top_k<20>(v)); }), filled<tensor<float16, 3, 100000>>(3, 18));
  check("scan", 0, fn([](auto v, auto c) { return std::get<0>(scan([](auto s, auto e) { return std::tuple(s * 0.5f + e, s); }, c, v)); }),
        x, w);
  check("while", 0, fn([](auto c) { return while_loop([](auto a) { return max(abs(a)) < 100; }, [](auto a) { return a * 2 + 1; }, c); }),
        w);
  check("cond", 0, fn([](auto c) {
          return cond(
              sum(c) > 0, [&] { return c * 2; }, [&] { return c - 1; });
        }),
        w);
  check("random", 0, fn([](auto key, auto v) { return dropout(key, 0.25f, v) + normal<float, 64, 256>(key); }), random_key(7), x);
  {
    auto y = device::to(filled<tensor<float, 64, 512>>(1, 15));
    const auto dx = device::to(x);
    constexpr auto f = fn([](auto v) { return v * 2; });
    auto left = device::view<float, 64, 512>(y).sub(sinter::all, range<0, 512, 2>);
    f.into(left, dx);
    const auto h = y.to_host(), before = filled<tensor<float, 64, 512>>(1, 15);
    tensor<float, 64, 256> got, gaps, kept, want = f(x);
    for (int r = 0; r < 64; ++r)
      for (int c = 0; c < 256; ++c) got(r, c) = h(r, 2 * c), gaps(r, c) = h(r, 2 * c + 1), kept(r, c) = before(r, 2 * c + 1);
    compare("a result with gaps", 0, got, want);
    compare("what lies between", 0, gaps, kept);
  }
  std::printf(failures == 0 ? "all results agree\n" : "%d checks failed\n", failures);
  return failures != 0;
}
