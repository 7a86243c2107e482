// SPDX-License-Identifier: Apache-2.0
// Arrays without elements, which may have no address: parts of them, and results that have elements although an operand has none. What
// the sanitizers look for here are offsets that are added to no address.
#include <doctest/doctest.h>

#include <sinter/complex.hpp>
#include <sinter/sinter.hpp>

namespace {

using sinter::all;
using sinter::axis;
using sinter::dyn;
using sinter::edges;
using sinter::range;
using sinter::tensor;
using sinter::view;

using matrix = tensor<float, dyn, dyn>;
using rows = tensor<float, dyn, 3>;

struct copied {
  static constexpr int ranks[] = {1};
  static constexpr sinter::call_result result(const sinter::call_operand& a) { return {a.type(), sinter::shape{a.extent(0)}}; }
  template <class A, class Y> static void run(A a, Y y) {
    for (int i = 0; i < a.extent(0); ++i) y(i) = a(i);
  }
};

constexpr auto part = sinter::fn([](auto x) { return sinter::slice(x, all, range<1, 2>) * 2; });
constexpr auto part_copied = sinter::fn([](auto x) { return sinter::library_call<copied>(sinter::slice(x, all, range<1, 3>)); });
constexpr auto sum_of_part = sinter::fn([](auto x) { return sinter::sum(sinter::slice(x, all, range<1, 2>), axis<0>); });
constexpr auto part_times = sinter::fn([](auto x, auto y) { return sinter::dot(sinter::slice(x, all, range<1, 2>), y); });
constexpr auto reversed = sinter::fn([](auto x) { return sinter::reverse(x, axis<0>) + 1; });
constexpr auto transposed = sinter::fn([](auto x) { return sinter::transpose(x) * 2; });
constexpr auto sums_of_transposed = sinter::fn([](auto x) { return sinter::sum(sinter::transpose(x), axis<1>); });
constexpr auto together = sinter::fn([](auto x, auto y) { return sinter::concatenate(axis<0>, x, y) * 3; });
constexpr auto padded = sinter::fn([](auto x) { return sinter::pad(x, edges<1, 1>, edges<0, 2>, 7); });
constexpr auto softmax = sinter::fn([](auto x) { return sinter::softmax(x, axis<1>); });
constexpr auto product = sinter::fn([](auto x, auto y) { return x * y; });

bool is(const auto& x, sinter::extent_t m, sinter::extent_t n) { return x.extent(0) == m && x.extent(1) == n; }
bool filled_with(const auto& x, float value) {
  bool good = true;
  for (sinter::extent_t i = 0; i < x.size(); ++i) good &= x.data()[i] == value;
  return good;
}
template <class X> void check_no_rows(const X& x) {
  CHECK(is(part(x), 0, 1));
  CHECK(is(part_copied(x), 0, 2));
  CHECK(is(reversed(x), 0, 3));
  CHECK(is(transposed(x), 3, 0));
  CHECK(is(softmax(x), 0, 3));
  CHECK(is(together(x, x), 0, 3));
  CHECK(is(part_times(x, matrix(1, 4)), 0, 4));
  CHECK(filled_with(sum_of_part(x), 0));
  const tensor<float, 3> sums = sums_of_transposed(x);
  CHECK(filled_with(sums, 0));
  const auto edge = padded(x);
  CHECK(is(edge, 2, 5));
  CHECK(filled_with(edge, 7));
}

}  // namespace

TEST_CASE("arrays without rows") {
  check_no_rows(rows(0));
  check_no_rows(view<float, dyn, 3>(nullptr, 0));
  rows ones(1);
  ones.fill(1);
  const auto first = together(rows(0), ones), last = together(ones, rows(0));
  CHECK(is(first, 1, 3));
  CHECK(is(last, 1, 3));
  CHECK(filled_with(first, 3));
  CHECK(filled_with(last, 3));
}

TEST_CASE("arrays without columns") {
  const matrix x(3, 0);
  CHECK(is(reversed(x), 3, 0));
  CHECK(is(transposed(x), 0, 3));
  CHECK(is(softmax(x), 3, 0));
  CHECK(is(padded(x), 5, 2));
  CHECK(filled_with(padded(x), 7));
  const matrix zeros = sinter::dot(x, matrix(0, 4));
  CHECK(is(zeros, 3, 4));
  CHECK(filled_with(zeros, 0));
}

TEST_CASE("no complex elements") {
  const tensor<std::complex<float>, dyn> none(0);
  CHECK(product(none, none).size() == 0);
  const tensor<std::complex<float>, dyn> reverse_of_none = sinter::reverse(none, axis<0>) * none;
  CHECK(reverse_of_none.size() == 0);
}
