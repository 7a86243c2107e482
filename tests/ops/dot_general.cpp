// SPDX-License-Identifier: Apache-2.0
// dot_general as StableHLO has it: operands and result of different types, any batch and summed axes, none, and no elements.
#include <doctest/doctest.h>

#include <complex>

#include <sinter/complex.hpp>
#include <sinter/sinter.hpp>

namespace {

using namespace sinter;

template <class T> T number(int i) {
  if constexpr (std::is_same_v<T, bool>) return i * 5 % 3 == 0;
  else if constexpr (is_complex(dtype_of<T>())) return T(static_cast<float>(i * 5 % 7) - 3, static_cast<float>(i * 3 % 5) - 2);
  else return static_cast<T>(i * 37 % 11);
}
template <class X> void fill(X& x, int seed = 0) {
  for (auto& e : x) e = number<std::remove_cvref_t<decltype(e)>>(seed++);
}
// [m, k] x [k, n].
template <class Y, class A, class B> bool multiplies() {
  constexpr auto f = fn([](auto a, auto b) { return detail::dot_general(*a.graph(), a, b, {}, {}, axes(1), axes(0), dtype_of<Y>()); });
  tensor<A, 4, 3> a;
  tensor<B, 3, 6> b;
  fill(a, 2), fill(b, 5);
  const tensor<Y, 4, 6> y = f(a, b);
  bool good = true;
  for (int i = 0; i < 4; ++i)
    for (int j = 0; j < 6; ++j) {
      if constexpr (std::is_same_v<Y, bool>) {
        bool any = false;
        for (int k = 0; k < 3; ++k) any |= a(i, k) && b(k, j);
        good &= y(i, j) == any;
      } else {
        using wide = std::conditional_t<is_complex(dtype_of<Y>()), std::complex<double>, double>;
        wide sum{};
        for (int k = 0; k < 3; ++k) {
          if constexpr (is_complex(dtype_of<Y>())) sum += wide(a(i, k)) * wide(b(k, j));
          else sum += static_cast<wide>(a(i, k)) * static_cast<wide>(b(k, j));
        }
        if constexpr (is_complex(dtype_of<Y>())) good &= y(i, j) == Y(sum);
        else if constexpr (is_integer(dtype_of<Y>())) good &= y(i, j) == static_cast<Y>(static_cast<std::int64_t>(sum));
        else good &= y(i, j) == static_cast<Y>(static_cast<float>(sum));
      }
    }
  return good;
}
TEST_CASE("dot_general of every type, and into wider and narrower ones") {
  CHECK(multiplies<bool, bool, bool>());
  CHECK(multiplies<std::int8_t, std::int8_t, std::int8_t>());
  CHECK(multiplies<std::int32_t, std::int8_t, std::int8_t>());
  CHECK(multiplies<std::int32_t, std::int8_t, std::uint8_t>());
  CHECK(multiplies<std::uint16_t, std::uint16_t, std::uint16_t>());
  CHECK(multiplies<std::uint64_t, std::uint64_t, std::uint64_t>());
  CHECK(multiplies<std::int64_t, std::int64_t, std::int64_t>());
  CHECK(multiplies<float16, float16, float16>());
  CHECK(multiplies<float, float16, float16>());
  CHECK(multiplies<float16, float, float>());
  CHECK(multiplies<bfloat16, bfloat16, bfloat16>());
  CHECK(multiplies<float, float16, bfloat16>());
  CHECK(multiplies<double, float, float>());
  CHECK(multiplies<float, std::int8_t, float>());
  CHECK(multiplies<std::complex<float>, std::complex<float>, std::complex<float>>());
  CHECK(multiplies<std::complex<double>, std::complex<double>, std::complex<double>>());
}

// y[b0, b1, i, j] = sum over p, q of a[p, b1, i, q, b0] b[b0, q, j, b1, p], from any place.
TEST_CASE("dot_general with batches and several sums in any place") {
  constexpr auto f =
      fn([](auto a, auto b) { return detail::dot_general(*a.graph(), a, b, axes(4, 1), axes(0, 3), axes(0, 3), axes(4, 1), dtype::i32); });
  tensor<std::int32_t, 2, 3, 4, 5, 2> a;
  tensor<std::int32_t, 2, 5, 3, 3, 2> b;
  fill(a), fill(b, 3);
  tensor<std::int32_t, 2, 3, 4, 3> want;
  for (int b0 = 0; b0 < 2; ++b0)
    for (int b1 = 0; b1 < 3; ++b1)
      for (int i = 0; i < 4; ++i)
        for (int j = 0; j < 3; ++j)
          for (int p = 0; p < 2; ++p)
            for (int q = 0; q < 5; ++q) want(b0, b1, i, j) += a(p, b1, i, q, b0) * b(b0, q, j, b1, p);
  const auto y = f(a, b);
  bool good = true;
  for (extent_t e = 0; e < want.size(); ++e) good &= y.data()[e] == want.data()[e];
  CHECK(good);
}

TEST_CASE("dot_general that sums nothing") {
  constexpr auto outer = fn([](auto a, auto b) { return detail::dot_general(*a.graph(), a, b, axes(0), axes(1), {}, {}, a.type()); });
  tensor<std::int64_t, 3> a{2, 3, 4};
  tensor<std::int64_t, 2, 3> b{{1, 2, 3}, {4, 5, 6}};
  const tensor<std::int64_t, 3, 2> y = outer(a, b);
  CHECK(y(1, 0) == 6);
  CHECK(y(2, 1) == 24);
  constexpr auto all = fn([](auto p, auto q) { return detail::dot_general(*p.graph(), p, q, {}, {}, {}, {}, p.type()); });
  const tensor<std::int64_t, 2, 3, 2, 3> z = all(b, b);
  CHECK(z(1, 2, 0, 1) == 12);
  constexpr auto rows = fn([](auto p, auto q) { return detail::dot_general(*p.graph(), p, q, {}, {}, axes(1), axes(1), p.type()); });
  const tensor<float, 2, 3> none = rows(tensor<float, 2, 0>{}, tensor<float, 3, 0>{});
  for (const float e : none) CHECK(e == 0);
  CHECK(rows(tensor<float, 0, 4>{}, tensor<float, 3, 4>{}).extent(1) == 3);
}

}  // namespace
