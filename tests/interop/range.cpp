// SPDX-License-Identifier: Apache-2.0
// Contiguous ranges as views: which types and extents, whose memory, what is refused.
#include <sinter/ranges.hpp>

#include <string>
#include <type_traits>
#include <vector>

#include <doctest/doctest.h>

namespace {

using namespace sinter;

template <class R> using seen = decltype(as_view(std::declval<R>()));
static_assert(std::is_same_v<seen<std::vector<float>&>, view<float, dyn>>);
static_assert(std::is_same_v<seen<const std::vector<float>&>, view<const float, dyn>>);
static_assert(std::is_same_v<seen<std::span<double>>, view<double, dyn>>);
static_assert(std::is_same_v<seen<std::span<const double, 4>>, view<const double, 4>>);
static_assert(std::is_same_v<seen<std::array<int, 3>&>, view<int, 3>>);
static_assert(std::is_same_v<seen<const std::array<int, 3>&>, view<const int, 3>>);
static_assert(std::is_same_v<seen<float (&)[5]>, view<float, 5>>);
static_assert(std::is_same_v<decltype(as_view<dyn, 4>(std::declval<std::vector<float>&>())), view<float, dyn, 4>>);
static_assert(std::is_same_v<decltype(as_view<2, 2>(std::declval<std::array<int, 4>&>())), view<int, 2, 2>>);

// The other way nothing is needed: a tensor is a contiguous range, and so a span.
static_assert(std::ranges::contiguous_range<tensor<float, 3, 4>> && std::ranges::sized_range<tensor<float, 3, 4>>);
static_assert(std::is_constructible_v<std::span<float>, tensor<float, dyn>&>);
static_assert(std::is_constructible_v<std::span<const float>, const tensor<float, dyn>&>);

}  // namespace

TEST_CASE("ranges: views of them") {
  std::vector<float> v = {1, 2, 3, 4, 5, 6};
  CHECK(as_view(v).data() == v.data());
  CHECK(as_view(v).extent(0) == 6);
  auto m = as_view<dyn, 3>(v);
  CHECK(m.extent(0) == 2);
  CHECK(m(1, 0) == 4);
  m = m * 2;  // writes through
  CHECK(v[5] == 12);
  as_view<2, 3>(v) = as_view<2, 3>(v) + 1;
  CHECK(v[0] == 3);
  CHECK(float(eval(sum(as_view(std::span(v).subspan(4))))) == 24);
  std::array<int, 4> a = {1, 2, 3, 4};
  CHECK(as_view<2, 2>(a)(1, 1) == 4);
  tensor<float, 2, 3> t;
  CHECK(as_view<6>(t).data() == t.data());
  CHECK(std::span<float>(t).size() == 6);
}

TEST_CASE("ranges: sizes that do not fit") {
  std::vector<float> v(7), none;
  CHECK_THROWS_AS((as_view<dyn, 3>(v)), shape_error);
  CHECK_THROWS_AS((as_view<2, 3>(v)), shape_error);
  CHECK_THROWS_AS((as_view<0, dyn>(v)), shape_error);
  CHECK((as_view<dyn, 3>(none)).extent(0) == 0);
  CHECK((as_view<0, dyn>(none)).extent(1) == 0);
  CHECK(as_view(none).size() == 0);
  try {
    as_view<2, 3>(v);
  } catch (const shape_error& e) {
    CHECK(std::string(e.what()).find("[7] against [2, 3]") != std::string::npos);
  }
}
