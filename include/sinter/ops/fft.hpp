// SPDX-License-Identifier: Apache-2.0
// Discrete Fourier transforms as library calls: StableHLO's fft, and NumPy's fft, ifft, rfft, irfft.
#pragma once

#include <cmath>
#include <vector>

#include <sinter/ops/complex.hpp>
#include <sinter/ops/gather.hpp>
#include <sinter/ops/user.hpp>

namespace sinter {

// It generates code, so it stands in the namespace of the instruction set.
inline namespace SINTER_ISA {
namespace fourier {

// y[k] = sum_j x[j] e^(-2 pi i j k / n) for each row, in double: decimation in time by the prime factors of n.
// Source: Cooley and Tukey, Math. Comp. 19 (1965).
struct transform {
  static constexpr const char* name = "fft";
  static constexpr int ranks[] = {2, 2};
  static constexpr auto result(const call_operand& re, const call_operand&) {
    if (re.type() != dtype::f32 && re.type() != dtype::f64) re.refuse(needs_float_or_double);
    const call_result r{re.type(), shape{re.extent(0), re.extent(1)}};
    return std::tuple(r, r);
  }
  template <class T> using in = view<const T, dyn, dyn>;
  template <class T> static void run(in<T> re, in<T> im, view<T, dyn, dyn> to_re, view<T, dyn, dyn> to_im) {
    const extent_t n = re.extent(1);
    if (re.size() == 0) return;
    transform f(static_cast<std::size_t>(n));
    std::vector<number> x(static_cast<std::size_t>(n)), y(static_cast<std::size_t>(n));
    for (extent_t row = 0; row < re.extent(0); ++row) {
      for (extent_t j = 0; j < n; ++j) x[static_cast<std::size_t>(j)] = {static_cast<double>(re(row, j)), static_cast<double>(im(row, j))};
      f.part(x.data(), 1, y.data(), f.size_);
      for (extent_t k = 0; k < n; ++k) {
        const number v = y[static_cast<std::size_t>(k)];
        to_re(row, k) = static_cast<T>(v.re), to_im(row, k) = static_cast<T>(v.im);
      }
    }
  }

 private:
  struct number {
    double re, im;
    friend number operator+(number a, number b) { return {a.re + b.re, a.im + b.im}; }
    friend number operator*(number a, number b) { return {a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re}; }
  };
  std::size_t size_;
  std::vector<number> root_, term_;  // powers of e^(-2 pi i / n); the terms of one sum

  explicit transform(std::size_t n) : size_(n), root_(n), term_(n) {
    for (std::size_t j = 0; j < n; ++j) {
      const double angle = -6.283185307179586476925 * static_cast<double>(j) / static_cast<double>(n);
      root_[j] = {std::cos(angle), std::sin(angle)};
    }
  }
  static std::size_t factor_of(std::size_t n) {
    if (n % 4 == 0) return 4;
    for (std::size_t p = 2; p * p <= n; ++p)
      if (n % p == 0) return p;
    return n;
  }
  // y[0], ..., y[n - 1] of every stride-th element of x.
  void part(const number* x, std::size_t stride, number* y, std::size_t n) {
    if (n == 1) return void(y[0] = x[0]);
    const std::size_t p = factor_of(n), m = n / p;
    for (std::size_t r = 0; r < p; ++r) part(x + r * stride, stride * p, y + r * m, m);
    for (std::size_t k = 0; k < m; ++k) {
      for (std::size_t r = 0; r < p; ++r) term_[r] = y[r * m + k] * root_[r * k * stride % size_];
      if (p == 2) {
        y[k] = term_[0] + term_[1], y[m + k] = {term_[0].re - term_[1].re, term_[0].im - term_[1].im};
      } else if (p == 4) {
        const number a = term_[0] + term_[2], b = term_[1] + term_[3];
        const number c{term_[0].re - term_[2].re, term_[0].im - term_[2].im}, d{term_[1].re - term_[3].re, term_[1].im - term_[3].im};
        y[k] = a + b, y[2 * m + k] = {a.re - b.re, a.im - b.im};
        y[m + k] = {c.re + d.im, c.im - d.re}, y[3 * m + k] = {c.re - d.im, c.im + d.re};
      } else {
        for (std::size_t q = 0; q < p; ++q) {
          number sum = term_[0];
          for (std::size_t r = 1; r < p; ++r) sum = sum + term_[r] * root_[r * q % p * (size_ / p)];
          y[q * m + k] = sum;
        }
      }
    }
  }
};

}  // namespace fourier
}  // namespace SINTER_ISA

namespace detail {

enum class fft_kind { fft, ifft, rfft, irfft };

// x with two axes exchanged.
constexpr value axes_swapped(value x, int a, int b) {
  axes order;
  for (int i = 0; i < x.rank(); ++i) order.axis[order.count++] = i == a ? b : i == b ? a : i;
  return ops::transpose::trace(x, order);
}
// Along one axis of a complex array. The inverse is that of the array with its parts exchanged, over n.
constexpr value fft_along(graph::builder& g, value x, int axis, bool inverse) {
  const int last = x.rank() - 1;
  x = axes_swapped(x, axis, last);
  const shape<> s = x.shape();
  extent_t rows = 1;
  for (int i = 0; i < last; ++i) rows = g.product(rows, s[i]);
  const value re = ops::reshape::trace(ops::real::trace(x), shape<>(rows, s[last]));
  const value im = ops::reshape::trace(ops::imag::trace(x), shape<>(rows, s[last]));
  const value first = inverse ? im : re, second = inverse ? re : im;
  const value y = ops::library_call<fourier::transform, 0>::trace(first, second);
  if (g.failed.broken) return x;
  const value z = ops::library_call<fourier::transform, 1>::trace(first, second);
  if (!inverse) return axes_swapped(ops::reshape::trace(ops::complex::trace(y, z), s), axis, last);
  const value n = extent_as(g, s[last], y.type());
  return axes_swapped(ops::reshape::trace(ops::complex::trace(z / n, y / n), s), axis, last);
}
// A part of the last axis.
constexpr value some_columns(value x, extent_t first, extent_t end) {
  range_value r[max_rank];
  for (int i = 0; i < x.rank(); ++i) r[i] = all;
  r[x.rank() - 1] = {first, end};
  return ops::slice::trace_ranges(x, r, x.rank());
}
// Over the last `count` axes, of these lengths, which rfft and irfft must know while tracing: rfft keeps length / 2 + 1 elements of the
// last one, irfft takes as many.
constexpr value fft(graph::builder& g, value x, fft_kind kind, const extent_t* length, int count) {
  const int last = x.rank() - 1, first = x.rank() - count;
  const bool real = kind == fft_kind::rfft, whole = kind != fft_kind::irfft;
  bool good = count >= 1 && first >= 0 && is_complex(x.type()) != real;
  for (int i = 0; good && i < count; ++i) {
    const extent_t n = !whole && i == count - 1 ? length[i] / 2 + 1 : length[i];
    good = length[i] >= 0 || (graph::is_symbol(length[i]) && !real && whole);
    g.require_equal(x.shape()[first + i], n, good);
  }
  if (!good) {
    g.fail(fft_lengths_differ);
    if (!g.failed.count) g.failed.show(x.type()), g.failed.show(x.shape());
    return x;
  }
  const extent_t n = length[count - 1];
  if (is_empty(x.shape()) && whole && !real) return x;
  if (real) {
    x = ops::complex::trace(x, value(0));
    if (n == 0) return some_columns(x, 0, 0);
    x = some_columns(fft_along(g, x, last, false), 0, n / 2 + 1);
  }
  const bool inverse = kind == fft_kind::ifft || kind == fft_kind::irfft;
  for (int a = first; a <= last && !g.failed.broken; ++a)
    if (a < last || kind == fft_kind::fft || kind == fft_kind::ifft) x = fft_along(g, x, a, inverse);
  if (whole || g.failed.broken) return x;
  // The elements from n / 2 + 1 on are the conjugates of those before.
  value all_of = some_columns(x, 0, n / 2 + 1 < n ? n / 2 + 1 : n);
  if (n > 2) {
    const value mirrored = ops::reverse::trace(ops::conj::trace(some_columns(x, 1, (n + 1) / 2)), axes(last));
    all_of = ops::concatenate::trace(axes(last), all_of, mirrored);
  }
  return ops::real::trace(fft_along(g, all_of, last, true));
}

}  // namespace detail

namespace ops {

// Along one axis, the last unless named; Length: of the result of irfft, 0: 2 (n - 1).
template <detail::fft_kind Kind, extent_t Length = 0> struct fft {
  static constexpr value trace(value x, axes along = {}) {
    graph::builder& g = *x.graph();
    if (x.rank() == 0 || along.count > 1) {
      g.fail(x.rank() == 0 ? rank_not_supported : one_axis_needed);
      if (!g.failed.count) g.failed.show(x.shape());
      return x;
    }
    const int last = x.rank() - 1;
    const int axis = along.count ? detail::positive_axes(g, along, x.shape()).axis[0] : last;
    if (g.failed.broken) return x;
    constexpr bool real = Kind == detail::fft_kind::rfft, back = Kind == detail::fft_kind::irfft;
    if (!real && !is_complex(x.type()) && (x.type() == dtype::f32 || x.type() == dtype::f64)) x = complex::trace(x, value(0));
    x = detail::axes_swapped(x, axis, last);
    const extent_t n = x.shape()[last];
    if (back && Length / 2 + 1 < n && Length > 0) x = detail::some_columns(x, 0, Length / 2 + 1);
    const extent_t length = !back ? n : Length > 0 ? Length : g.product(2, g.difference(n, 1));
    return detail::axes_swapped(detail::fft(g, x, Kind, &length, 1), axis, last);
  }
};

}  // namespace ops

/// y[k] = sum over j of x[j] e^(-2 pi i j k / n) along the last axis, or the named one.
/// Shapes: [..., n, ...] -> [..., n, ...]. Types: complex; real numbers count as complex ones.
/// Error:  computed in f64 and rounded once; |y - exact| <= 2^-50 log2(n) of the largest in f64.
/// Cost:   about 8 n (sum of the prime factors of n) operations a row; a library call, on one thread. Source: numpy.fft.fft.
template <operand X, int... A> constexpr auto fft(const X& x, axis_t<A...> along = {}) {
  return suspend<ops::fft<detail::fft_kind::fft>>(x, along);
}
/// x with fft(x) = y. All else as fft. Source: numpy.fft.ifft.
template <operand X, int... A> constexpr auto ifft(const X& x, axis_t<A...> along = {}) {
  return suspend<ops::fft<detail::fft_kind::ifft>>(x, along);
}
/// The first n / 2 + 1 elements of fft(x), of which the others are conjugates. n is static. Types: f32 -> complex64, f64 -> complex128.
/// Source: numpy.fft.rfft.
template <operand X, int... A> constexpr auto rfft(const X& x, axis_t<A...> along = {}) {
  return suspend<ops::fft<detail::fft_kind::rfft>>(x, along);
}
/// The N real numbers whose rfft this is; without N 2 (n - 1) of them: `irfft<7>(y)`. Source: numpy.fft.irfft.
template <extent_t N = 0, operand X, int... A> constexpr auto irfft(const X& x, axis_t<A...> along = {}) {
  return suspend<ops::fft<detail::fft_kind::irfft, N>>(x, along);
}

}  // namespace sinter
