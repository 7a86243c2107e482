// SPDX-License-Identifier: Apache-2.0
// Printing, as NumPy prints.
#include <cstdint>
#include <limits>
#include <sstream>
#include <string>

#include <doctest/doctest.h>

#include <sinter/sinter.hpp>

namespace {

using sinter::dyn;
using sinter::tensor;

template <class X> std::string printed(const X& x) {
  std::ostringstream out;
  out << x;
  return out.str();
}

}  // namespace

TEST_CASE("rank 0 to 3") {
  CHECK(printed(tensor<float>(2.5f)) == "2.5");
  CHECK(printed(tensor<int, 3>{1, 2, 3}) == "[1, 2, 3]");
  CHECK(printed(tensor<float, 2, 2>{{1, 2}, {3, 4}}) == "[[1, 2],\n [3, 4]]");
  CHECK(printed(tensor<int, 2, 2>{{1, 20}, {-300, 4}}) == "[[   1,   20],\n [-300,    4]]");
  CHECK(printed(tensor<int, 2, 2, 2>{{{1, 2}, {3, 4}}, {{5, 6}, {7, 8}}}) == "[[[1, 2],\n  [3, 4]],\n\n [[5, 6],\n  [7, 8]]]");
  CHECK(printed(tensor<int, 0>()) == "[]");
  CHECK(printed(tensor<int, dyn>(2)) == "[0, 0]");
}

TEST_CASE("element types") {
  CHECK(printed(tensor<bool, 2>{true, false}) == "[ true, false]");
  CHECK(printed(tensor<std::int8_t, 2>{65, -1}) == "[65, -1]");
  CHECK(printed(tensor<std::uint64_t, 1>{std::numeric_limits<std::uint64_t>::max()}) == "[18446744073709551615]");
  CHECK(printed(tensor<float, 2>{0.1f, 1e-10f}) == "[  0.1, 1e-10]");
  CHECK(printed(tensor<double, 1>{0.1}) == "[0.1]");
  CHECK(printed(tensor<sinter::float16, 2>{0.1f, 3.f}) == "[0.1,   3]");
  const float inf = std::numeric_limits<float>::infinity();
  CHECK(printed(tensor<float, 2>{inf, -inf}) == "[ inf, -inf]");
  CHECK(printed(tensor<float, 1>{std::numeric_limits<float>::quiet_NaN()}) == "[nan]");
}

TEST_CASE("views, and long axes") {
  tensor<int, 3, 4> x{{1, 2, 3, 4}, {5, 6, 7, 8}, {9, 10, 11, 12}};
  CHECK(printed(x.sub(sinter::range<0, 3, 2>, 3)) == "[ 4, 12]");
  const auto& constant = x;
  CHECK(printed(constant.sub(1, sinter::all)) == "[5, 6, 7, 8]");
  const tensor<int, 2000> line = sinter::iota<int, 2000>(sinter::axis<0>);
  CHECK(printed(line) == "[   0,    1,    2, ..., 1997, 1998, 1999]");
  std::ostringstream both;
  both << x.sub(0, sinter::all) << ' ' << x.sub(1, 1);
  CHECK(both.str() == "[1, 2, 3, 4] 6");
}
