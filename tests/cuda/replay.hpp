// SPDX-License-Identifier: Apache-2.0
// The kernels of the GPU, replayed on the host, against those of the CPU.
#pragma once

#include <cmath>
#include <complex>
#include <cstring>
#include <limits>
#include <string>
#include <tuple>
#include <type_traits>

#include <doctest/doctest.h>

#include <sinter/complex.hpp>
#include <sinter/run/device_call.hpp>
#include <sinter/sinter.hpp>

#include "ops/near.hpp"

namespace replayed {

using namespace sinter;

template <class T> inline constexpr bool is_complex = false;
template <class T> inline constexpr bool is_complex<std::complex<T>> = true;
template <class T> inline constexpr bool is_small = std::is_same_v<T, float16> || std::is_same_v<T, bfloat16>;
template <class X> using element_of = std::remove_cvref_t<decltype(*std::declval<X&>().data())>;

/// Elements in [-scale, scale); of floating-point numbers with NaN, infinities and -0 among them where `special`.
template <class X> void fill(X& x, double scale = 1, std::uint32_t seed = 0, bool special = false) {
  using T = element_of<X>;
  const auto n = static_cast<extent_t>(x.size());
  for (extent_t i = 0; i < n; ++i) {
    const double v = scale * near::noise(seed + static_cast<std::uint32_t>(i));
    if constexpr (std::is_same_v<T, bool>) x.data()[i] = v > 0;
    else if constexpr (is_complex<T>) x.data()[i] = T(static_cast<float>(v), static_cast<float>(0.5 * v + 0.25));
    else if constexpr (std::is_unsigned_v<T>) x.data()[i] = static_cast<T>(std::fabs(v));
    else x.data()[i] = static_cast<T>(static_cast<float>(v));
    if constexpr (std::is_floating_point_v<T> || is_small<T>) {
      constexpr float strange[] = {std::numeric_limits<float>::quiet_NaN(),
                                   std::numeric_limits<float>::infinity(),
                                   -std::numeric_limits<float>::infinity(),
                                   -0.f,
                                   1e-40f,
                                   80.f};
      if (special && i % 11 == 3) x.data()[i] = static_cast<T>(strange[i / 11 % 6]);
    }
  }
}
/// A tensor with such elements.
template <class X, class... E> X filled(double scale, std::uint32_t seed, E... extents) {
  X x(extents...);
  fill(x, scale, seed);
  return x;
}

template <class T> bool is_nan(T x) {
  if constexpr (is_complex<T>) return is_nan(x.real()) || is_nan(x.imag());
  else if constexpr (is_small<T>) return is_nan(static_cast<float>(x));
  else return x != x;
}
template <class T> double size_of_number(T x) {
  if constexpr (is_complex<T>) return static_cast<double>(std::abs(x));
  else if constexpr (is_small<T>) return std::fabs(static_cast<double>(static_cast<float>(x)));
  else return std::fabs(static_cast<double>(x));
}
template <class T> double distance(T a, T b) {
  if constexpr (is_complex<T>) return static_cast<double>(std::abs(a - b));
  else if constexpr (is_small<T>) return std::fabs(static_cast<double>(static_cast<float>(a)) - static_cast<double>(static_cast<float>(b)));
  else return std::fabs(static_cast<double>(a) - static_cast<double>(b));
}
template <class T> bool same(T a, T b) {
  if constexpr (is_complex<T>) return near::same(a.real(), b.real()) && near::same(a.imag(), b.imag());
  else return std::memcmp(&a, &b, sizeof(T)) == 0 || (is_nan(a) && is_nan(b));
}

/// How many elements of y are not those of `want`: the same bits but for NaN's, or, where `bound` is not 0, apart by more than bound times
/// the largest finite element.
template <class X> extent_t different(const X& y, const X& want, double bound) {
  const auto n = static_cast<extent_t>(want.size());
  double most = 0;
  for (extent_t i = 0; i < n; ++i)
    if (const double v = size_of_number(want.data()[i]); v < HUGE_VAL && v > most) most = v;
  extent_t wrong = 0;
  for (extent_t i = 0; i < n; ++i) {
    const auto a = y.data()[i], b = want.data()[i];
    wrong += !(same(a, b) || (bound > 0 && distance(a, b) <= bound * most));
  }
  return wrong;
}
template <class X> void poison(X& x) {
  if (x.size() > 0) std::memset(static_cast<void*>(x.data()), 0x5a, static_cast<std::size_t>(x.size()) * sizeof(*x.data()));
}
template <class... D, class... W, std::size_t... I>
extent_t all_different(std::tuple<D&...> y, std::tuple<W&...> want, double bound, std::index_sequence<I...>) {
  return (different(std::get<I>(y), std::get<I>(want), bound) + ...);
}

/// Replays f and compares with the CPU. Every result is poison before, so that what is not written differs.
template <class F, class... X> void check(const std::string& name, double bound, const F& f, const X&... x) {
  auto want = f(x...);
  auto y = want;
  auto to = sinter::detail::leaves_of(y);
  std::apply([](auto&... d) { (poison(d), ...); }, to);
  device::replay(f, y, x...);
  const extent_t wrong =
      all_different(to, sinter::detail::leaves_of(want), bound, std::make_index_sequence<std::tuple_size_v<decltype(to)>>{});
  INFO(name);
  CHECK(wrong == 0);
}

inline constexpr double eps = std::numeric_limits<float>::epsilon();
/// How far two sums of n positive numbers along rows are apart: each is at most n / 32 + 10 additions deep (a lane's chain, then a tree),
/// each of which rounds by eps / 2 of what it makes.
inline double rows_bound(extent_t n) { return static_cast<double>(n / 32 + 10) * eps; }
/// Of all n elements, positive: the CPU adds 128 in a lane and 6 in a tree, then n / 8192 such sums in the same way, n / 2^19 + 141 deep in
/// all. On the GPU a block that has all of 32768 is 42 deep; parts are of 4608 elements at most, or n / 1024, so that a thread adds
/// n / 2^18 + 34, its block 8, the last block 4 in a thread and 8. Each rounds by eps / 2.
inline double full_bound(extent_t n) { return static_cast<double>(n / (1 << 18) + 100) * eps; }
/// Along columns: the CPU adds 1024 in sequence, a thread of the GPU at most as many.
inline double columns_bound(extent_t n) { return static_cast<double>((n < 1024 ? n : 1024) + 20) * eps; }

}  // namespace replayed
