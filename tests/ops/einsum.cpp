// SPDX-License-Identifier: Apache-2.0
// dot_general and einsum against loops over all letters, and the order that einsum finds.
#include <doctest/doctest.h>

#include <map>
#include <string>
#include <vector>

#include <sinter/sinter.hpp>

namespace {

using namespace sinter;

template <extent_t... E> tensor<double, E...> numbers(int seed) {
  tensor<double, E...> t;
  for (extent_t i = 0; i < t.size(); ++i) t.data()[i] = static_cast<double>((i * 7 + seed * 3) % 11 - 5);
  return t;
}

struct operand_of_loop {
  std::vector<double> v;
  std::vector<extent_t> extent;
};
template <class T, extent_t... E> operand_of_loop plain(const tensor<T, E...>& t) { return {{t.data(), t.data() + t.size()}, {E...}}; }
// The sum over every letter, one index after another.
std::vector<double> loops(const std::vector<std::string>& labels, const std::string& result, const std::vector<operand_of_loop>& x) {
  std::map<char, extent_t> extent, at;
  for (std::size_t k = 0; k < x.size(); ++k)
    for (std::size_t i = 0; i < labels[k].size(); ++i) extent[labels[k][i]] = x[k].extent[i];
  const auto offset = [&](const std::string& s) {
    extent_t o = 0;
    for (char c : s) o = o * extent[c] + at[c];
    return static_cast<std::size_t>(o);
  };
  extent_t size = 1;
  for (char c : result) size *= extent[c];
  std::vector<double> y(static_cast<std::size_t>(size));
  for (;;) {
    double term = 1;
    for (std::size_t k = 0; k < x.size(); ++k) term *= x[k].v[offset(labels[k])];
    y[offset(result)] += term;
    auto it = extent.begin();
    for (; it != extent.end() && ++at[it->first] == it->second; ++it) at[it->first] = 0;
    if (it == extent.end()) return y;
  }
}
template <class Y> void check(const Y& y, const std::vector<double>& want) {
  REQUIRE(static_cast<std::size_t>(y.size()) == want.size());
  for (std::size_t i = 0; i < want.size(); ++i) CHECK(y.data()[i] == want[i]);
}

const auto a = numbers<3, 4>(1);
const auto b = numbers<4, 5>(2);
const auto c = numbers<5, 2>(3);
const auto square = numbers<4, 4>(4);
const auto q = numbers<2, 3, 6, 4>(5);
const auto k = numbers<2, 3, 5, 4>(6);
const auto cube = numbers<4, 3, 5>(7);

TEST_CASE("einsum is the sum over all letters") {
  check(eval(einsum<"ij,jk->ik">(a, b)), loops({"ij", "jk"}, "ik", {plain(a), plain(b)}));
  check(eval(einsum<"ij,jk->ki">(a, b)), loops({"ij", "jk"}, "ki", {plain(a), plain(b)}));
  check(eval(einsum<"ij,jk">(a, b)), loops({"ij", "jk"}, "ik", {plain(a), plain(b)}));
  check(eval(einsum<"ij,jk,kl->il">(a, b, c)), loops({"ij", "jk", "kl"}, "il", {plain(a), plain(b), plain(c)}));
  check(eval(einsum<"bhqd,bhkd->bhqk">(q, k)), loops({"bhqd", "bhkd"}, "bhqk", {plain(q), plain(k)}));
  check(eval(einsum<"bhqd,bhkd->qbkh">(q, k)), loops({"bhqd", "bhkd"}, "qbkh", {plain(q), plain(k)}));
  check(eval(einsum<"ij->ji">(a)), loops({"ij"}, "ji", {plain(a)}));
  check(eval(einsum<"ij->i">(a)), loops({"ij"}, "i", {plain(a)}));
  check(eval(einsum<"ii->i">(square)), loops({"ii"}, "i", {plain(square)}));
  check(eval(einsum<"ij,ij->ij">(square, square)), loops({"ij", "ij"}, "ij", {plain(square), plain(square)}));
  check(eval(einsum<"ij,ik->jk">(a, a)), loops({"ij", "ik"}, "jk", {plain(a), plain(a)}));
  check(eval(einsum<"jab,ij->aib">(cube, a)), loops({"jab", "ij"}, "aib", {plain(cube), plain(a)}));
  check(eval(einsum<"jab,jck->abck">(cube, cube)), loops({"jab", "jck"}, "abck", {plain(cube), plain(cube)}));
  check(eval(einsum<"jab,jab->">(cube, cube)), loops({"jab", "jab"}, "", {plain(cube), plain(cube)}));
  check(eval(einsum<"i,j->ij">(numbers<3>(1), numbers<4>(2))), loops({"i", "j"}, "ij", {plain(numbers<3>(1)), plain(numbers<4>(2))}));
  check(eval(einsum<"ij,kl->">(a, c)), loops({"ij", "kl"}, "", {plain(a), plain(c)}));
  CHECK(static_cast<double>(eval(einsum<"ii">(square))) == square(0, 0) + square(1, 1) + square(2, 2) + square(3, 3));
}

TEST_CASE("dot_general pairs axes") {
  check(eval(dot_general(a, b, axis<1>, axis<0>)), loops({"ij", "jk"}, "ik", {plain(a), plain(b)}));
  check(eval(dot_general(q, k, axis<3>, axis<-1>, axis<0, 1>, axis<0, 1>)), loops({"bhqd", "bhkd"}, "bhqk", {plain(q), plain(k)}));
  check(eval(dot_general(cube, q, axis<1>, axis<1>)), loops({"jab", "xayz"}, "jbxyz", {plain(cube), plain(q)}));
  check(eval(dot_general(cube, cube, axis<0, 1>, axis<0, 1>)), loops({"jab", "jac"}, "bc", {plain(cube), plain(cube)}));
  check(eval(dot_general(cube, cube, axis<0, 2>, axis<0, 2>)), loops({"jab", "jcb"}, "ac", {plain(cube), plain(cube)}));
}

// Letters in any order in either operand, of equal and of different extents.
TEST_CASE("letters in another order") {
  const auto turned = numbers<4, 3>(8);       // as a, transposed
  const auto mixed = numbers<5, 3, 2, 4>(9);  // k, h, b, d
  const auto even = numbers<3, 2, 6, 4>(10);  // h, b, q, d
  const auto equal = numbers<4, 4, 4>(11);    // extents that hide a wrong order from checks of shapes
  const auto other = numbers<4, 4, 4>(12);
  check(eval(einsum<"ij,ji->">(a, turned)), loops({"ij", "ji"}, "", {plain(a), plain(turned)}));
  check(eval(einsum<"ij,ji->">(square, square)), loops({"ij", "ji"}, "", {plain(square), plain(square)}));
  check(eval(einsum<"ij,jk,ki->">(square, square, square)), loops({"ij", "jk", "ki"}, "", {plain(square), plain(square), plain(square)}));
  check(eval(einsum<"bhqd,khbd->bhqk">(q, mixed)), loops({"bhqd", "khbd"}, "bhqk", {plain(q), plain(mixed)}));
  check(eval(einsum<"hbqd,bhkd->qhkb">(even, k)), loops({"hbqd", "bhkd"}, "qhkb", {plain(even), plain(k)}));
  check(eval(einsum<"abc,bac->c">(equal, other)), loops({"abc", "bac"}, "c", {plain(equal), plain(other)}));
  check(eval(einsum<"abc,cab->">(equal, other)), loops({"abc", "cab"}, "", {plain(equal), plain(other)}));
  check(eval(einsum<"abc,cda->bd">(equal, other)), loops({"abc", "cda"}, "bd", {plain(equal), plain(other)}));
  check(eval(einsum<"abc,cbd->bcd">(equal, other)), loops({"abc", "cbd"}, "bcd", {plain(equal), plain(other)}));
  check(eval(dot_general(square, square, axis<0, 1>, axis<1, 0>)), loops({"ij", "ji"}, "", {plain(square), plain(square)}));
  check(eval(dot_general(square, square, axis<1, 0>, axis<0, -1>)), loops({"ij", "ji"}, "", {plain(square), plain(square)}));
  check(eval(dot_general(equal, other, axis<0, 2>, axis<2, 1>)), loops({"abc", "dca"}, "bd", {plain(equal), plain(other)}));
  check(eval(dot_general(equal, other, axis<2>, axis<2>, axis<1, 0>, axis<0, 1>)),
        loops({"abc", "bac"}, "ba", {plain(equal), plain(other)}));
  check(eval(dot_general(q, k, axis<3>, axis<3>, axis<1, 0>, axis<1, 0>)), loops({"bhqd", "bhkd"}, "hbqk", {plain(q), plain(k)}));
}

TEST_CASE("einsum inside fn, with run-time extents") {
  constexpr auto scores = fn([](auto x, auto y) { return einsum<"qd,kd->qk">(x, y) * 2; });
  tensor<double, dyn, dyn> x(3, 4), y(5, 4);
  x.fill(2), y.fill(3);
  const tensor<double, dyn, dyn> s = scores(x, y);
  CHECK((s.extent(0) == 3 && s.extent(1) == 5 && s(2, 4) == 48));
  CHECK_THROWS_AS((void)scores(x, tensor<double, dyn, dyn>(5, 3)), shape_error);
}

// (1000 x 2)(2 x 1000)(1000 x 1): from the right 4,000 multiplications, from the left 2,000,000 + 1,000,000.
using tall = tensor<float, 1000, 2>;
using flat = tensor<float, 2, 1000>;
using column = tensor<float, 1000, 1>;
static_assert(fn([](auto x, auto y, auto z) { return einsum<"ij,jk,kl->il">(x, y, z); }).plan<tall, flat, column>().flops ==
              2 * (2000 + 2000));
static_assert(fn([](auto x, auto y, auto z) { return einsum<"kl,ij,jk->il">(z, x, y); }).plan<tall, flat, column>().flops ==
              2 * (2000 + 2000));
// No operand is copied for a transpose.
static_assert(fn([](auto x, auto y) { return einsum<"bqhd,bkhd->bhqk">(x, y); })
                  .plan<tensor<float, 2, 6, 3, 4>, tensor<float, 2, 5, 3, 4>>()
                  .kernels == 1);

}  // namespace
