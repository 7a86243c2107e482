// SPDX-License-Identifier: Apache-2.0
// Bugs that random programs found, as small as they get.
#include "check.hpp"

namespace {

using namespace sinter;

TEST_CASE("abs(-x) is not abs(x) of unsigned integers") {
  trust::check_function(fn([](auto x) { return abs(-x); }), tensor<std::uint8_t, 3>{1, 2, 200});
}
TEST_CASE("a constant is an element of its type") {
  trust::check_function(fn([](auto x) { return std::tuple(x == -1, x < 300, maximum(x, 300)); }), tensor<std::uint8_t, 4>{1, 43, 200, 255});
}
TEST_CASE("a strided result of a reduction over two axes") {
  const tensor<float, 4, 3> x{{1, 2, 3}, {4, 5, 6}, {7, 8, 9}, {10, 11, 12}};
  trust::check_views(fn([](auto a) { return a - mean(a, keepdims); }), x);
  trust::check_views(fn([](auto a) { return std::tuple(a - mean(a, axis<0>, keepdims), sum(a)); }), x);
}
TEST_CASE("intermediates of run-time extents are aligned") {  // under UBSan: two of them, the first of an odd number of bytes
  tensor<std::uint8_t, dyn> x(5);
  trust::check_function(fn([](auto a) {
                          const auto s = concatenate(axis<0>, a, a);
                          const auto t = cast<float>(concatenate(axis<0>, a, reverse(a))) * 0.5;
                          return std::tuple(dot(s, s), dot(t, t));
                        }),
                        x);
}
TEST_CASE("iota needs no tensor among its operands") {
  trust::check_function(fn([](auto x) { return x + iota<float, 2, 3>(axis<1>) * 2; }), tensor<float, 2, 3>{{1, 2, 3}, {4, 5, 6}});
}

}  // namespace
