// SPDX-License-Identifier: Apache-2.0
// Measures a function on packs: the largest error over many arguments, and elements a second from the first-level cache.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <limits>
#include <thread>
#include <vector>

#include <sinter/simd/highway.hpp>
#include <sinter/simd/math.hpp>

namespace measure {

namespace simd = sinter::simd;
using backend = sinter::backend::highway;
template <class R> using bits_of = simd::word<sizeof(R)>;

/// |got - exact| in units of the last place at `exact`, or at `least` if that is larger; 0 for equal infinities, zeros and NaN, infinite
/// for others. What is rounded right counts as 0.5.
template <class R, class Exact> double distance(R got, Exact exact, double least) {
  using L = std::numeric_limits<R>;
  const R rounded = static_cast<R>(exact);
  if (std::bit_cast<bits_of<R>>(got) == std::bit_cast<bits_of<R>>(rounded)) return 0.5;
  if (std::isnan(exact) || std::isnan(got)) return std::isnan(exact) && std::isnan(got) ? 0 : HUGE_VAL;
  if (exact == 0) return HUGE_VAL;
  if (std::isinf(got))  // beyond the largest number by less than a unit is one unit
    return std::fabs(exact) > static_cast<Exact>(L::max()) && std::signbit(got) == std::signbit(exact) ? 1 : HUGE_VAL;
  if (std::isinf(exact)) return HUGE_VAL;
  const int e = std::max(std::ilogb(std::max(std::fabs(exact), static_cast<Exact>(least))), L::min_exponent - 1);
  return static_cast<double>(std::ldexp(std::fabs(static_cast<Exact>(got) - exact), L::digits - 1 - e));
}

struct worst {
  double ulp = 0;
  double at[2] = {};
  void take(const worst& other) {
    if (other.ulp > ulp) *this = other;
  }
};

template <class F> inline constexpr bool binary = requires(double x) { F::exact(x, x); };
template <class F, class T> T call(T x, T y) {
  if constexpr (binary<F>) return F::exact(x, y);
  else return F::exact(x);
}
template <class F, class T> double least(T x) {
  if constexpr (requires { F::least(x); }) return F::least(x);
  else return 0;
}

// F on n numbers, a packet of four vectors a step.
template <class F, class P, class R> SINTER_NOINLINE void apply(const R* x, const R* y, R* out, int n) {
  constexpr int lanes = 4 * simd::native_lanes<backend, R>;
  for (int i = 0; i < n; i += lanes) {
    if constexpr (binary<F>) simd::store(out + i, F::template on<P>(simd::load<backend, lanes>(x + i), simd::load<backend, lanes>(y + i)));
    else simd::store(out + i, F::template on<P>(simd::load<backend, lanes>(x + i)));
  }
}

/// 10^9 elements a second from the first-level cache: the best of several runs.
template <class F, class R, class Kernel> double speed(Kernel kernel) {
  constexpr int n = 1024;
  alignas(64) static R x[n], y[n], out[n];
  for (int i = 0; i < n; ++i) {
    const double u = (i * 7919 % n + 0.5) / n, v = (i * 6151 % n + 0.5) / n;
    x[i] = static_cast<R>(F::low + (F::high - F::low) * u), y[i] = static_cast<R>(F::low + (F::high - F::low) * v);
  }
  double best = 0;
  for (int run = 0; run < 40; ++run) {
    using clock = std::chrono::steady_clock;
    int rounds = 0;
    const auto start = clock::now();
    double seconds = 0;
    do {
      for (int k = 0; k < 50; ++k) kernel(static_cast<const R*>(x), static_cast<const R*>(y), static_cast<R*>(out), n);
      rounds += 50;
      seconds = std::chrono::duration<double>(clock::now() - start).count();
    } while (seconds < 1e-3);
    best = std::max(best, rounds * double(n) / seconds * 1e-9);
  }
  return best;
}

inline std::uint64_t mixed(std::uint64_t i) {
  i = (i ^ (i >> 30)) * 0xbf58476d1ce4e5b9u;
  i = (i ^ (i >> 27)) * 0x94d049bb133111ebu;
  return i ^ (i >> 31);
}

/// The largest errors of F under both policies over the arguments that `argument(i)` gives for 0 <= i < count.
template <class F, class R, class Argument> std::array<worst, 2> errors(std::uint64_t count, int threads, Argument argument) {
  using exact_type = std::conditional_t<sizeof(R) == 4, double, long double>;  // wrong by a few of its own units, 2^-11 ulp of f64
  std::vector<std::array<worst, 2>> found(static_cast<std::size_t>(threads));
  const auto work = [&](std::size_t t) {
    constexpr int n = 1024;
    alignas(64) R x[n], y[n], out[2][n];
    for (std::uint64_t block = t; block * n < count; block += static_cast<std::uint64_t>(threads)) {
      for (int i = 0; i < n; ++i) argument(block * n + static_cast<std::uint64_t>(i), x[i], y[i]);
      apply<F, sinter::math::accurate>(x, y, out[0], n);
      apply<F, sinter::math::fast>(x, y, out[1], n);
      for (int i = 0; i < n; ++i) {
        const auto exact = call<F>(exact_type(x[i]), exact_type(y[i]));
        for (std::size_t p = 0; p < 2; ++p) found[t][p].take({distance(out[p][i], exact, least<F>(x[i])), {x[i], y[i]}});
      }
    }
  };
  std::vector<std::thread> pool;
  for (std::size_t t = 1; t < found.size(); ++t) pool.emplace_back(work, t);
  work(0);
  for (auto& p : pool) p.join();
  for (const auto& f : found)
    for (std::size_t p = 0; p < 2; ++p) found[0][p].take(f[p]);
  return found[0];
}

}  // namespace measure
