// SPDX-License-Identifier: Apache-2.0
// Bits as elements of another size, complex numbers and bools among them, against the bytes in memory; StableHLO's conversion.
#include <complex>
#include <cstdint>
#include <cstring>

#include <doctest/doctest.h>

#include <sinter/complex.hpp>
#include <sinter/sinter.hpp>

#include "near.hpp"

namespace {

using namespace sinter;

// There and back, with the bytes in their order.
template <class To, class From> void check() {
  tensor<From, 3, 2> x;
  for (int i = 0; i < 6 * static_cast<int>(sizeof(From)); ++i)  // of NaN there are several
    reinterpret_cast<unsigned char*>(x.data())[i] = static_cast<unsigned char>(near::bits(static_cast<std::uint32_t>(i)) & 0x3f);
  const auto y = eval(bitcast_convert<To>(x));
  REQUIRE(y.size() * static_cast<extent_t>(sizeof(To)) == 6 * static_cast<extent_t>(sizeof(From)));
  CHECK(std::memcmp(y.data(), x.data(), sizeof(From) * 6) == 0);
  const auto back = eval(bitcast_convert<From>(y));
  static_assert(std::is_same_v<decltype(back), const tensor<From, 3, 2>>);
  CHECK(std::memcmp(back.data(), x.data(), sizeof(From) * 6) == 0);
}

}  // namespace

TEST_CASE("bitcast_convert: elements of another size") {
  check<std::uint8_t, float>();
  check<std::int16_t, std::uint64_t>();
  check<float16, float>();
  check<float, double>();
  check<std::int8_t, bfloat16>();
  check<std::uint32_t, std::int32_t>();
}

TEST_CASE("bitcast_convert: complex numbers are two") {
  using c64 = std::complex<float>;
  using c128 = std::complex<double>;
  check<double, c64>();
  check<c64, c128>();
  check<std::uint8_t, c64>();
  check<std::uint64_t, c128>();
}

TEST_CASE("bitcast_convert: a bool is a bit") {
  const tensor<std::uint64_t, 2> x{0x0123456789abcdef, ~std::uint64_t{0} << 63};
  const tensor<bool, 2, 64> bits = bitcast_convert<bool>(x);
  for (int i = 0; i < 2; ++i)
    for (int j = 0; j < 64; ++j) CHECK(bits(i, j) == (x(i) >> j & 1));
  const tensor<std::uint64_t, 2> back = bitcast_convert<std::uint64_t>(bits);
  CHECK(back(0) == x(0));
  CHECK(back(1) == x(1));
}

TEST_CASE("bitcast_convert: integers of few bits in wider ones") {
  const tensor<std::int8_t, 2> x{0x3a, -1};
  const auto nibbles = fn([](auto v) { return sinter::detail::bitcast_convert(v, 8, dtype::i8, 4); })(x);
  const int expected[2][2] = {{-6, 3}, {-1, -1}};
  for (int i = 0; i < 2; ++i)
    for (int j = 0; j < 2; ++j) CHECK(nibbles(i, j) == expected[i][j]);
  const auto back = fn([](auto v) { return sinter::detail::bitcast_convert(v, 4, dtype::u8, 8); })(nibbles);
  CHECK(back(0) == 0x3a);
  CHECK(back(1) == 0xff);
}

TEST_CASE("convert drops imaginary parts") {
  const tensor<std::complex<double>, 3> z{{-1.7, 0}, {0, 1}, {1, 2}};
  const auto truth = fn([](auto v) { return sinter::detail::convert(v, dtype::boolean); })(z);
  const auto whole = fn([](auto v) { return sinter::detail::convert(v, dtype::i64); })(z);
  const auto wider = fn([](auto v) { return sinter::detail::convert(v, dtype::complex128); })(whole);
  for (int i = 0; i < 3; ++i) {
    CHECK(truth(i) == (i != 1));
    CHECK(whole(i) == static_cast<std::int64_t>(z(i).real()));
    CHECK(wider(i) == std::complex<double>(static_cast<double>(whole(i))));
  }
}
