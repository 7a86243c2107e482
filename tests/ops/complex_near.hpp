// SPDX-License-Identifier: Apache-2.0
// What the tests of complex elements share: numbers, bounds, comparisons with std::complex in double.
#pragma once

#include <cmath>
#include <complex>
#include <cstdint>
#include <limits>

#include <doctest/doctest.h>

#include <sinter/complex.hpp>

#include "near.hpp"

namespace near {

using sinter::all;
using sinter::axis;
using sinter::dyn;
using sinter::range;
using sinter::tensor;
using sinter::view;
using c64 = std::complex<float>;
using c128 = std::complex<double>;

template <class T> constexpr double unit = std::numeric_limits<typename T::value_type>::epsilon() / 2;
inline c128 wide(c64 x) { return {x.real(), x.imag()}; }
inline c128 wide(c128 x) { return x; }
inline double size_of_parts(c128 x) { return std::fabs(x.real()) + std::fabs(x.imag()); }

template <class T> void fill_complex(T& t, std::uint32_t seed = 0) {
  using R = typename T::value_type::value_type;
  for (sinter::extent_t i = 0; i < t.size(); ++i, seed += 2)
    t.data()[i] = {static_cast<R>(static_cast<float>(noise(seed))), static_cast<R>(static_cast<float>(noise(seed + 1)))};
}

template <class T> bool same_elements(const T& a, const T& b) {
  bool good = a.size() == b.size();
  for (sinter::extent_t i = 0; good && i < a.size(); ++i)
    good = same(a.data()[i].real(), b.data()[i].real()) && same(a.data()[i].imag(), b.data()[i].imag());
  return good;
}
// f(x[i]...) within `bound(x[i]...)` in each part.
template <class Y, class F, class G, class... X> bool close(const Y& y, F f, G bound, const X&... x) {
  int wrong = 0;
  for (sinter::extent_t i = 0; i < y.size(); ++i) {
    const c128 got = wide(y.data()[i]), exact = f(wide(x.data()[i])...);
    const double most = bound(wide(x.data()[i])...);
    if (std::fabs(got.real() - exact.real()) <= most && std::fabs(got.imag() - exact.imag()) <= most) continue;
    if (wrong++ > 2) break;
    CAPTURE(i);
    CHECK(got.real() == exact.real());
    CHECK(got.imag() == exact.imag());
  }
  return wrong == 0;
}
// y[i, j] = sum_k a[i, k] b[k, j] within 2 k unit (|a.re b.re| + |a.im b.im|).
template <class T, class A, class B, class Y> bool product_good(const A& a, const B& b, const Y& y, int m, int k, int n) {
  bool good = true;
  for (int i = 0; i < m; ++i)
    for (int j = 0; j < n; ++j) {
      c128 exact = 0;
      double sizes = 0;
      for (int p = 0; p < k; ++p)
        exact += wide(a(i, p)) * wide(b(p, j)), sizes += size_of_parts(wide(a(i, p))) * size_of_parts(wide(b(p, j)));
      const double most = 2 * (k + 1) * unit<T> * sizes;
      const c128 got = wide(y(i, j));
      if (std::fabs(got.real() - exact.real()) <= most && std::fabs(got.imag() - exact.imag()) <= most) continue;
      if (good) {
        CAPTURE(i);
        CAPTURE(j);
        CHECK(got.real() == exact.real());
        CHECK(got.imag() == exact.imag());
      }
      good = false;
    }
  return good;
}

}  // namespace near
