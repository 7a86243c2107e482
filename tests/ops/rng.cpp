// SPDX-License-Identifier: Apache-2.0
// StableHLO's random bits against the generators in plain C++, whose blocks are those that their authors published; states; rng.
#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <cstdint>
#include <vector>

#include <sinter/ops/rng.hpp>
#include <sinter/random.hpp>

namespace {

using namespace sinter;
using detail::rng_algorithm;
using u32 = std::uint32_t;
using u64 = std::uint64_t;

std::array<u32, 2> three_fry(std::array<u32, 2> k, std::array<u32, 2> x) {
  const u32 key[] = {k[0], k[1], k[0] ^ k[1] ^ 0x1bd11bdau};
  const int turns[] = {13, 15, 26, 6, 17, 29, 16, 24};
  x[0] += key[0], x[1] += key[1];
  for (int r = 0; r < 20; ++r) {
    x[0] += x[1], x[1] = (x[1] << turns[r % 8] | x[1] >> (32 - turns[r % 8])) ^ x[0];
    if (r % 4 == 3) x[0] += key[(r / 4 + 1) % 3], x[1] += key[(r / 4 + 2) % 3] + static_cast<u32>(r / 4 + 1);
  }
  return x;
}
std::array<u32, 4> philox(std::array<u32, 2> k, std::array<u32, 4> x) {
  for (int r = 0; r < 10; ++r, k[0] += 0x9e3779b9u, k[1] += 0xbb67ae85u) {
    const u64 a = u64{0xd2511f53u} * x[0], b = u64{0xcd9e8d57u} * x[2];
    x = {static_cast<u32>(b >> 32) ^ x[1] ^ k[0], static_cast<u32>(b), static_cast<u32>(a >> 32) ^ x[3] ^ k[1], static_cast<u32>(a)};
  }
  return x;
}
std::array<u32, 2> halves(u64 x) { return {static_cast<u32>(x), static_cast<u32>(x >> 32)}; }

template <class T, rng_algorithm How, extent_t... E> constexpr auto generate = fn([](auto state) {
  value y[2];
  detail::rng_bit_generator(*state.graph(), state, How, shape<>(shape<E...>{}), dtype_of<T>(), y);
  return std::tuple(y[0], y[1]);
});
constexpr u64 key = 0x0123456789abcdefu, start = 0xfffffffeu;  // the counter passes 2^32

TEST_CASE("the blocks are the published ones") {
  CHECK(three_fry({0, 0}, {0, 0}) == std::array<u32, 2>{0x6b200159u, 0x99ba4efeu});
  CHECK(philox({0, 0}, {0, 0, 0, 0}) == std::array<u32, 4>{0x6627e8d5u, 0xe169c58du, 0xbc57ac4cu, 0x9b00dbd8u});
}

TEST_CASE("three_fry: 32 bits along the halves of an axis") {
  const tensor<u64, 2> state{key, start};
  // [3, 4]: counters 3 x 2, whose words are neighbours.
  const auto [next, bits] = generate<u32, rng_algorithm::three_fry, 3, 4>(state);
  CHECK(next(0) == key);
  CHECK(next(1) == start + 6);
  bool good = true;
  for (u64 i = 0; i < 6; ++i) {
    const auto w = three_fry(halves(key), halves(start + i));
    good &= bits.data()[2 * i] == w[0] && bits.data()[2 * i + 1] == w[1];
  }
  CHECK(good);
  // [2, 3]: counters 1 x 3; the words of each are rows.
  const auto rows = std::get<1>(generate<std::int32_t, rng_algorithm::three_fry, 2, 3>(state));
  for (u64 i = 0; i < 3; ++i) {
    const auto w = three_fry(halves(key), halves(start + i));
    good &= static_cast<u32>(rows.data()[i]) == w[0] && static_cast<u32>(rows.data()[3 + i]) == w[1];
  }
  CHECK(good);
  // [3, 5]: the longer axis, of which the last word is left out; as 8 bits.
  const auto [odd_next, odd] = generate<std::uint8_t, rng_algorithm::three_fry, 3, 5>(state);
  for (u64 i = 0; i < 3; ++i)
    for (u64 j = 0; j < 5; ++j)
      good &= odd.data()[5 * i + j] == static_cast<std::uint8_t>(three_fry(halves(key), halves(start + 3 * i + j / 2))[j % 2]);
  CHECK(good);
  CHECK(odd_next(1) == start + 9);
  const auto [one_next, one] = generate<u32, rng_algorithm::three_fry>(state);
  CHECK(one() == three_fry(halves(key), halves(start))[0]);
  CHECK(one_next(1) == start + 1);
}
TEST_CASE("three_fry: 64 bits") {
  const auto [next, bits] = generate<u64, rng_algorithm::three_fry, 3, 2>(tensor<u64, 2>{key, start});
  bool good = next(1) == start + 6;
  for (u64 i = 0; i < 6; ++i) {
    const auto w = three_fry(halves(key), halves(start + i));
    good &= bits.data()[i] == (u64{w[1]} << 32 | w[0]);
  }
  CHECK(good);
  CHECK(std::get<1>(generate<u64, rng_algorithm::three_fry, 0, 2>(tensor<u64, 2>{key, start})).size() == 0);
}
TEST_CASE("philox") {
  constexpr u64 low = ~u64{0} - 1, high = 7;  // the lower half overflows
  const auto block = [&](u64 i) {
    const u64 l = low + i, h = l < low ? high + 1 : high;
    return philox(halves(key), {halves(l)[0], halves(l)[1], halves(h)[0], halves(h)[1]});
  };
  const tensor<u64, 3> state{key, low, high};
  const auto [next, bits] = generate<u32, rng_algorithm::philox, 2, 5>(state);
  bool good = true;
  for (u64 i = 0; i < 10; ++i) good &= bits.data()[i] == block(i / 4)[i % 4];
  CHECK(good);
  CHECK(next(0) == key);
  CHECK(next(1) == low + 3);
  CHECK(next(2) == high + 1);
  const auto [after, wide] = generate<u64, rng_algorithm::philox, 5>(state);
  for (u64 i = 0; i < 5; ++i) good &= wide.data()[i] == (u64{block(i / 2)[i % 2 * 2 + 1]} << 32 | block(i / 2)[i % 2 * 2]);
  CHECK(good);
  CHECK(after(1) == low + 3);
  CHECK(std::get<0>(generate<u32, rng_algorithm::philox, 4>(tensor<u64, 2>{key, start}))(1) == start + 1);
}

TEST_CASE("rng: uniform and normal numbers of a call") {
  constexpr auto f = fn([](auto low, auto high, auto i, auto j) {
    using detail::rng_distribution;
    graph::builder& g = *low.graph();
    return std::tuple(detail::rng(g, low, high, shape<>(1000), rng_distribution::uniform, 0),
                      detail::rng(g, low, high, shape<>(1000), rng_distribution::uniform, 1),
                      detail::rng(g, low, high, shape<>(1000), rng_distribution::normal, 2),
                      detail::rng(g, i, j, shape<>(1000), rng_distribution::uniform, 3));
  });
  const auto [a, b, c, d] = f(tensor<float>(-1), tensor<float>(3), tensor<int>(-5), tensor<int>(2));
  double sum = 0, squares = 0, normal = 0;
  bool good = true;
  int seen[7] = {}, equal = 0;
  for (int i = 0; i < 1000; ++i) {
    good &= a(i) >= -1 && a(i) < 3 && d(i) >= -5 && d(i) < 2;
    if (good) ++seen[d(i) + 5];
    equal += a(i) == b(i);
    sum += a(i), normal += c(i), squares += (c(i) + 1) * (c(i) + 1);
  }
  CHECK(good);
  CHECK(equal < 3);
  CHECK(std::fabs(sum / 1000 - 1) < 0.15);
  CHECK(std::fabs(normal / 1000 + 1) < 0.4);
  CHECK(std::fabs(std::sqrt(squares / 1000) - 3) < 0.3);
  for (int n : seen) CHECK(n > 90);
}

}  // namespace
