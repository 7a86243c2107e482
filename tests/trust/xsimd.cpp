// SPDX-License-Identifier: Apache-2.0
// Fused functions of every kind of loop on the xsimd backend: the bits of the scalar one, whole rows and tails.
#include <sinter/xsimd.hpp>

#include <cstring>
#include <tuple>

#include <doctest/doctest.h>

namespace {

using namespace sinter;

template <class T, extent_t... E> bool same_bits(const tensor<T, E...>& a, const tensor<T, E...>& b) {
  for (int axis = 0; axis < a.rank; ++axis)
    if (a.extent(axis) != b.extent(axis)) return false;
  for (extent_t i = 0; i < a.size(); ++i) {
    if constexpr (std::is_floating_point_v<T>)
      if (a.data()[i] != a.data()[i] && b.data()[i] != b.data()[i]) continue;  // the sign and payload of NaN are free
    if (std::memcmp(a.data() + i, b.data() + i, sizeof(T)) != 0) return false;
  }
  return true;
}

// Rows of every length around the widths, of values that are not symmetric and repeat.
template <class T> tensor<T, dyn, dyn> rows(int n, int columns) {
  tensor<T, dyn, dyn> x(n, columns);
  for (int i = 0; i < n * columns; ++i) x.data()[i] = static_cast<T>(static_cast<float>((i * 37 + columns) % 101 - 50) * 0.37f);
  return x;
}
// The reference takes one packet at a time, so that it compiles fast.
template <class F> constexpr auto reference(F f) { return f.template with<schedule<packets<1>, cached>>().template on<backend::scalar>(); }
template <class T, class F> void compare(F f) {
  for (const int columns : {1, 2, 3, 7, 8, 15, 16, 17, 33, 64, 100, 1031}) {
    CAPTURE(columns);
    const auto x = rows<T>(5, columns);
    CHECK(same_bits(f.template on<backend::xsimd>()(x), reference(f)(x)));
  }
}

}  // namespace

TEST_CASE("xsimd: rows") {
  compare<float>(fn([](auto x) { return softmax(x, axis<1>); }));
  compare<float>(fn([](auto x) { return layer_norm(x, axis<1>); }));
  compare<double>(fn([](auto x) { return log_softmax(x, axis<1>); }));
  compare<float16>(fn([](auto x) { return rms_norm(x, axis<1>); }));
  compare<bfloat16>(fn([](auto x) { return sum(x * x, axis<1>); }));
  compare<float>(fn([](auto x) { return sum(x, axis<1>); }));
}
TEST_CASE("xsimd: columns and everything") {
  compare<float>(fn([](auto x) { return sum(x, axis<0>); }));
  compare<double>(fn([](auto x) { return mean(x * x, axis<0, 1>); }));
  compare<std::int8_t>(fn([](auto x) { return sum(x); }));
}
TEST_CASE("xsimd: maps") {
  compare<float>(fn([](auto x) { return gelu(x); }));
  compare<double>(fn([](auto x) { return tanh(x) * sigmoid(x) + log(abs(x)); }));
  compare<float>(fn([](auto x) { return pow(abs(x) + 1, 1.7f) + sin(x) * cbrt(x) - atan(x); }));
  compare<float16>(fn([](auto x) { return silu(x); }));
  compare<float>(fn([](auto x) { return where(x > 1, floor(x), -ceil(x)); }));
  compare<float>(fn([](auto x) { return transpose(x) * 2 + 1; }));
}
TEST_CASE("xsimd: integers and casts") {
  compare<std::int32_t>(fn([](auto x) { return x * x / (x - 7) % 11 + (x & 12); }));
  compare<std::int64_t>(fn([](auto x) { return maximum(x * 1000003, -x) ^ x; }));
  compare<std::uint8_t>(fn([](auto x) { return cast<float>(x) + cast<float>(cast<std::int16_t>(x) * 300); }));
  compare<float>(fn([](auto x) { return cast<std::int64_t>(x * 1e17f); }));
  compare<double>(fn([](auto x) { return cast<std::uint32_t>(x * 1e8); }));
  compare<std::uint64_t>(fn([](auto x) { return cast<float>(x - 40); }));
  compare<float>(fn([](auto x) { return cast<std::int8_t>(x) == cast<std::int8_t>(round(x)); }));
}
TEST_CASE("xsimd: the first of the largest") {
  const auto check = [](auto x) {
    constexpr auto f = fn([](auto a) { return argmax(a, axis<1>); });
    CHECK(same_bits(f.template on<backend::xsimd>()(x), reference(f)(x)));
  };
  check(rows<float>(4, 1031));
  check(rows<double>(3, 9));
  check(rows<std::int32_t>(3, 37));
}
TEST_CASE("xsimd: products") {
  constexpr auto f = fn([](auto a, auto b) { return dot(a, b) + 1; });
  const auto a = rows<float>(5, 19), b = rows<float>(19, 37);
  CHECK(same_bits(f.on<backend::xsimd>()(a, b), f.on<backend::scalar>()(a, b)));
}
