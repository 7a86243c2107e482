// SPDX-License-Identifier: Apache-2.0
// Reductions over axes long enough for blocks and trees, with NaN and infinity in them, and products of every alignment.
#include <limits>

#include "check.hpp"

namespace {

using namespace sinter;

template <class T, extent_t... E> tensor<T, E...> filled(int seed) {
  tensor<T, E...> x;
  trust::random_numbers r(seed);
  for (extent_t i = 0; i < (E * ... * 1); ++i)
    x.data()[i] = static_cast<T>(static_cast<float>(r.below(33) - (std::is_unsigned_v<T> ? 0 : 16)) / (std::is_integral_v<T> ? 1 : 8));
  return x;
}
template <class T, extent_t... E> tensor<T, E...> with_special(int seed) {
  tensor<T, E...> x = filled<T, E...>(seed);
  trust::random_numbers r(seed + 1);
  for (int i = 0; i < 3; ++i) {
    x.data()[r.below((E * ... * 1))] = std::numeric_limits<T>::quiet_NaN();
    x.data()[r.below((E * ... * 1))] = std::numeric_limits<T>::infinity();
  }
  return x;
}

constexpr auto last_axis =
    fn([](auto x) { return std::tuple(sum(x, axis<-1>), max(x, axis<-1>), argmin(x, axis<-1>), all_of(x < 2, axis<-1>)); });
constexpr auto first_axis =
    fn([](auto x) { return std::tuple(sum(x, axis<0>), max(x, axis<0>), argmin(x, axis<0>), all_of(x < 2, axis<0>)); });

TEST_CASE("rows longer than a block") {
  trust::check_function(last_axis, filled<float, 2, 20000>(1));
  trust::check_function(last_axis, filled<double, 1, 8193>(2));
  trust::check_function(last_axis, filled<std::int8_t, 1, 9000>(3));
  trust::check_function(last_axis, filled<std::uint64_t, 3, 100>(4));
}
TEST_CASE("columns longer than a block") {
  trust::check_function(first_axis, filled<float, 2500, 5>(5));
  trust::check_function(first_axis, filled<std::int16_t, 1025, 19>(6));
  trust::check_function(first_axis, filled<float16, 1025, 3>(7));
}
TEST_CASE("NaN and infinity") {
  trust::check_function(last_axis, with_special<float, 4, 70>(8));
  trust::check_function(first_axis, with_special<float, 40, 9>(9));
  trust::check_function(fn([](auto x, auto y) {
                          return std::tuple(maximum(x, y), minimum(x, y), x + y, x * y, x / y, sign(x), abs(x), x == y, x != y, x < y);
                        }),
                        with_special<float, 4, 33>(10), with_special<float, 4, 33>(11));
}
TEST_CASE("products") {
  trust::check_function(fn([](auto x, auto y) { return dot(x, y); }), filled<float, 13, 300>(12), filled<float, 300, 37>(13));
  trust::check_function(fn([](auto x, auto y) { return dot(x, transpose(y)); }), filled<float, 13, 300>(14), filled<float, 37, 300>(15));
  trust::check_function(fn([](auto x, auto y) { return matmul(transpose(x, axis<0, 2, 1>), y); }), filled<float, 3, 5, 7>(16),
                        filled<float, 3, 5, 9>(17));
  trust::check_function(fn([](auto x, auto y) { return std::tuple(dot(x, y), dot(y, x)); }), filled<float16, 17, 17>(18),
                        filled<float16, 17, 17>(19));
  trust::check_function(fn([](auto x, auto y) { return dot(x, y); }), filled<std::int32_t, 7, 5>(20), filled<std::int32_t, 5, 3>(21));
}

}  // namespace
