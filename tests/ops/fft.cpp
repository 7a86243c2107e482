// SPDX-License-Identifier: Apache-2.0
// Fourier transforms against the sums that define them, of lengths with several kinds of factors, over one to three axes.
#include <doctest/doctest.h>

#include <complex>

#include <sinter/complex.hpp>
#include <sinter/fft.hpp>

#include "ops/near.hpp"

namespace {

using namespace sinter;
using c128 = std::complex<double>;
using c64 = std::complex<float>;

constexpr auto forward = fn([](auto x) { return fft(x); });
constexpr auto backward = fn([](auto x) { return ifft(x); });
constexpr auto half = fn([](auto x) { return rfft(x); });

c128 noise(extent_t i) { return {near::noise(static_cast<std::uint32_t>(2 * i)), near::noise(static_cast<std::uint32_t>(2 * i + 1))}; }
c128 root(extent_t j, extent_t n) { return std::polar(1.0, -6.283185307179586 * static_cast<double>(j % n) / static_cast<double>(n)); }
template <class X> double largest(const X& a, const X& b) {
  double most = 0;
  for (extent_t i = 0; i < a.size(); ++i) most = std::max(most, static_cast<double>(std::abs(a.data()[i] - b.data()[i])));
  return most;
}

TEST_CASE("fft: one axis, each kind of length") {
  for (const extent_t n : {0, 1, 2, 3, 4, 5, 8, 12, 30, 49, 64, 97, 100}) {
    tensor<c128, dyn, dyn> x(3, n), want(3, n);
    for (extent_t i = 0; i < x.size(); ++i) x.data()[i] = noise(i);
    for (extent_t r = 0; r < 3; ++r)
      for (extent_t k = 0; k < n; ++k) {
        c128 sum = 0;
        for (extent_t j = 0; j < n; ++j) sum += c128(x(r, j)) * root(j * k, n);
        want(r, k) = sum;
      }
    const tensor<c128, dyn, dyn> y = forward(x), z = backward(y);
    CHECK(largest(y, want) < 1e-13);
    CHECK(largest(z, x) < 1e-14);
  }
}

template <extent_t N> void check_half() {
  tensor<double, 3, N> x;
  near::fill(x);
  const tensor<c128, 3, N / 2 + 1> y = half(x);
  const tensor<c128, 3, N> whole = forward(x);
  double most = 0;
  for (extent_t r = 0; r < 3; ++r)
    for (extent_t k = 0; k < N / 2 + 1; ++k) most = std::max(most, std::abs(c128(y(r, k)) - c128(whole(r, k))));
  CHECK(most < 1e-14);
  CHECK(largest(x, tensor<double, 3, N>(irfft<N>(y))) < 1e-14);
}
TEST_CASE("fft: real ones are the halves of complex ones") {
  check_half<1>();
  check_half<2>();
  check_half<3>();
  check_half<8>();
  check_half<15>();
}

TEST_CASE("fft: real transforms there and back, axes, f32") {
  tensor<float, 2, 7> x;
  near::fill(x);
  const tensor<c64, 2, 4> y = rfft(x);
  const tensor<float, 2, 7> z = irfft<7>(y);
  CHECK(largest(x, z) < 1e-6);
  tensor<double, 6, 2> columns;
  near::fill(columns);
  const tensor<c128, 4, 2> u = rfft(columns, axis<0>);
  const tensor<double, 6, 2> v = irfft(u, axis<0>);
  CHECK(largest(columns, v) < 1e-15);
}

TEST_CASE("fft: StableHLO's, over several axes") {
  using detail::fft_kind;
  constexpr auto f = fn([](auto x) {
    constexpr extent_t n[] = {2, 2};
    return detail::fft(*x.graph(), x, fft_kind::fft, n, 2);
  });
  const tensor<c128, 2, 2> x{{{1, 2}, {3, -4}}, {{-5, 6}, {-7, -8}}}, want{{{-8, -4}, {0, 20}}, {{16, 0}, {-4, -8}}};
  CHECK(largest(tensor<c128, 2, 2>(f(x)), want) < 1e-14);
  constexpr auto three = fn([](auto a) {
    constexpr extent_t n[] = {2, 3, 4};
    const value y = detail::fft(*a.graph(), a, fft_kind::rfft, n, 3);
    return std::tuple(y, detail::fft(*a.graph(), y, fft_kind::irfft, n, 3));
  });
  tensor<double, 2, 3, 4> a;
  near::fill(a);
  const auto [y, back] = three(a);
  CHECK(largest(a, tensor<double, 2, 3, 4>(back)) < 1e-15);
  double most = 0;
  for (extent_t i = 0; i < 2; ++i)
    for (extent_t j = 0; j < 3; ++j)
      for (extent_t k = 0; k < 3; ++k) {
        c128 sum = 0;
        for (extent_t p = 0; p < 2; ++p)
          for (extent_t q = 0; q < 3; ++q)
            for (extent_t r = 0; r < 4; ++r) sum += a(p, q, r) * root(i * p, 2) * root(j * q, 3) * root(k * r, 4);
        most = std::max(most, std::abs(sum - c128(y(i, j, k))));
      }
  CHECK(most < 1e-14);
}

}  // namespace
