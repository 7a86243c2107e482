// SPDX-License-Identifier: Apache-2.0
// View ops alone, composed with each other, under maps and reductions, against plain loops.
#include <cstdint>
#include <tuple>

#include <doctest/doctest.h>

#include <sinter/sinter.hpp>

#include "plain.hpp"

namespace {

using plain::array;
using plain::count;
using plain::equal;
using sinter::all;
using sinter::axis;
using sinter::edges;
using sinter::keepdims;
using sinter::range;
using sinter::tensor;

double twice_plus_one(double x) { return 2 * x + 1; }

}  // namespace

TEST_CASE("each view op alone") {
  tensor<float, 4, 6> x;
  const array p = count(x);
  CHECK(equal(sinter::reshape<24>(x), plain::reshape(p, {24})));
  CHECK(equal(sinter::reshape<2, 2, 6>(x), plain::reshape(p, {2, 2, 6})));
  CHECK(equal(sinter::reshape<3, 8>(x), plain::reshape(p, {3, 8})));
  CHECK(equal(sinter::reshape<-1, 3>(x), plain::reshape(p, {8, 3})));
  CHECK(equal(sinter::reshape<1, 24, 1>(x), plain::reshape(p, {1, 24, 1})));
  CHECK(equal(sinter::transpose(x), plain::transpose(p, {1, 0})));
  CHECK(equal(sinter::transpose<0, 1>(x), p));
  CHECK(equal(sinter::transpose<-1, 0>(x), plain::transpose(p, {1, 0})));
  CHECK(equal(sinter::slice(x, range<1, 3>, all), plain::slice(p, {{1, 3}, {0, 6}})));
  CHECK(equal(sinter::slice(x, range<-3, -1>, range<1, 6, 2>), plain::slice(p, {{1, 3}, {1, 6, 2}})));
  CHECK(equal(sinter::slice(x, range<0, 4, 3>, range<5, 6>), plain::slice(p, {{0, 4, 3}, {5, 6}})));
  CHECK(equal(sinter::slice(x, range<2, 2>, all), plain::slice(p, {{2, 2}, {0, 6}})));
  CHECK(equal(sinter::reverse(x), plain::reverse(p, {0, 1})));
  CHECK(equal(sinter::reverse(x, axis<0>), plain::reverse(p, {0})));
  CHECK(equal(sinter::reverse(x, axis<-1>), plain::reverse(p, {1})));
  CHECK(equal(sinter::pad(x, edges<1, 2>, edges<0, 3>, -1), plain::pad(p, {{1, 2}, {0, 3}}, -1)));
  CHECK(equal(sinter::pad(x, edges<0, 0>, edges<0, 0>, -1), p));
  CHECK(equal(sinter::broadcast_to<3, 4, 6>(x), plain::broadcast(p, {3, 4, 6})));
  CHECK(equal(sinter::broadcast_to<4, 6>(x), p));
  CHECK(equal(sinter::concatenate(axis<0>, x, x + 100), plain::concatenate(0, p, plain::map(p, [](double v) { return v + 100; }))));
  CHECK(equal(sinter::concatenate(axis<-1>, x, x, x), plain::concatenate(1, plain::concatenate(1, p, p), p)));
  tensor<float, 4, 1> column;
  const array c = count(column);
  CHECK(equal(sinter::broadcast_to<4, 5>(column), plain::broadcast(c, {4, 5})));
  CHECK(equal(sinter::broadcast_to<2, 4, 5>(column), plain::broadcast(c, {2, 4, 5})));
  CHECK(equal(sinter::concatenate(axis<1>, column, x), plain::concatenate(1, c, p)));
}

TEST_CASE("iota and one_hot") {
  CHECK(equal(sinter::iota<float, 5>(axis<0>), plain::make({5}, [](const auto& i) { return i[0]; })));
  CHECK(equal(sinter::iota<int, 3, 4>(axis<0>), plain::make({3, 4}, [](const auto& i) { return i[0]; })));
  CHECK(equal(sinter::iota<std::int64_t, 3, 70>(axis<1>) * 3, plain::make({3, 70}, [](const auto& i) { return 3 * i[1]; })));
  CHECK(equal(sinter::iota<std::uint8_t, 300>(axis<0>), plain::make({300}, [](const auto& i) { return i[0] % 256; })));
  CHECK(equal(sinter::iota<double, 2, 3, 4>(axis<-2>), plain::make({2, 3, 4}, [](const auto& i) { return i[1]; })));
  CHECK(equal(sinter::iota<sinter::float16, 9>(axis<0>), plain::make({9}, [](const auto& i) { return i[0]; })));
  CHECK(equal(sinter::reverse(sinter::iota<float, 5>(axis<0>)), plain::make({5}, [](const auto& i) { return 4 - i[0]; })));
  CHECK(equal(sinter::slice(sinter::iota<float, 50>(axis<0>), range<3, 40, 5>),
              plain::make({8}, [](const auto& i) { return 3 + 5 * i[0]; })));
  CHECK(equal(sinter::reshape<3, 4>(sinter::iota<float, 12>(axis<0>)), plain::make({3, 4}, [](const auto& i) { return 4 * i[0] + i[1]; })));
  CHECK(equal(sinter::transpose(sinter::iota<float, 3, 4>(axis<1>)), plain::make({4, 3}, [](const auto& i) { return i[0]; })));
  CHECK(equal(sinter::sum(sinter::iota<int, 100, 7>(axis<0>), axis<0>), plain::make({7}, [](const auto&) { return 4950; })));
  CHECK(equal(sinter::sum(sinter::iota<int, 100, 7>(axis<1>), axis<1>), plain::make({100}, [](const auto&) { return 21; })));
  const tensor<int, 5> labels{3, 0, -1, 9, 2};
  const auto hot = plain::make({5, 4}, [&](const auto& i) { return labels(i[0]) == i[1] ? 1 : 0; });
  CHECK(equal(sinter::one_hot<4>(labels), hot));
  CHECK(equal(sinter::one_hot<4, std::int8_t>(labels), hot));
  const tensor<std::uint8_t, 2, 2> grid{{0, 1}, {2, 3}};
  CHECK(equal(sinter::one_hot<4, double>(grid), plain::make({2, 2, 4}, [&](const auto& i) { return grid(i[0], i[1]) == i[2] ? 1 : 0; })));
  tensor<std::uint8_t, 3> narrow{7, 255, 0};
  CHECK(equal(sinter::one_hot<300>(narrow), plain::make({3, 300}, [&](const auto& i) { return narrow(i[0]) == i[1] ? 1 : 0; })));
  tensor<std::int64_t, sinter::dyn> some(6);
  for (int i = 0; i < 6; ++i) some(i) = i % 3;
  CHECK(equal(sinter::one_hot<3>(some), plain::make({6, 3}, [&](const auto& i) { return i[0] % 3 == i[1] ? 1 : 0; })));
}

TEST_CASE("views of views under a map") {
  tensor<float, 4, 6, 10> x;
  const array p = count(x);
  const auto f = [](const array& a) { return plain::map(a, twice_plus_one); };
  CHECK(equal(sinter::transpose(sinter::slice(x, range<1, 4>, all, range<0, 10, 3>)) * 2 + 1,
              f(plain::transpose(plain::slice(p, {{1, 4}, {0, 6}, {0, 10, 3}}), {2, 1, 0}))));
  CHECK(equal(sinter::slice(sinter::reverse(x, axis<2>), all, range<2, 5>, range<1, 9, 2>) * 2 + 1,
              f(plain::slice(plain::reverse(p, {2}), {{0, 4}, {2, 5}, {1, 9, 2}}))));
  CHECK(equal(sinter::reverse(sinter::slice(x, all, range<2, 5>, range<1, 9, 2>)) * 2 + 1,
              f(plain::reverse(plain::slice(p, {{0, 4}, {2, 5}, {1, 9, 2}}), {0, 1, 2}))));
  CHECK(equal(sinter::reshape<24, 10>(sinter::transpose<1, 0, 2>(x)) * 2 + 1, f(plain::reshape(plain::transpose(p, {1, 0, 2}), {24, 10}))));
  CHECK(equal(sinter::reshape<10, 24>(sinter::transpose(x)) * 2 + 1, f(plain::reshape(plain::transpose(p, {2, 1, 0}), {10, 24}))));
  CHECK(equal(sinter::reshape<5, 48>(x * 2 + 1), f(plain::reshape(p, {5, 48}))));
  CHECK(equal(sinter::transpose(sinter::reshape<16, 15>(x)) * 2 + 1, f(plain::transpose(plain::reshape(p, {16, 15}), {1, 0}))));
  CHECK(equal(sinter::reshape<7, 5>(sinter::slice(sinter::reshape<240>(x), range<100, 135>)) * 2 + 1,
              f(plain::reshape(plain::slice(plain::reshape(p, {240}), {{100, 135}}), {7, 5}))));
  CHECK(equal(sinter::slice(sinter::pad(x, edges<1, 1>, edges<2, 0>, edges<0, 5>, 7), range<0, 6, 2>, range<1, 8>, range<8, 13>) * 2 + 1,
              f(plain::slice(plain::pad(p, {{1, 1}, {2, 0}, {0, 5}}, 7), {{0, 6, 2}, {1, 8}, {8, 13}}))));
  CHECK(equal(sinter::pad(sinter::transpose(x), edges<1, 0>, edges<0, 1>, edges<2, 2>, 0) * 2 + 1,
              f(plain::pad(plain::transpose(p, {2, 1, 0}), {{1, 0}, {0, 1}, {2, 2}}, 0))));
  CHECK(equal(sinter::reverse(sinter::pad(x, edges<0, 0>, edges<0, 0>, edges<3, 1>, 9), axis<-1>) * 2 + 1,
              f(plain::reverse(plain::pad(p, {{0, 0}, {0, 0}, {3, 1}}, 9), {2}))));
  CHECK(equal(sinter::pad(sinter::pad(x, edges<0, 0>, edges<0, 0>, edges<3, 1>, 9), edges<0, 0>, edges<1, 1>, edges<1, 1>, 8) * 2 + 1,
              f(plain::pad(plain::pad(p, {{0, 0}, {0, 0}, {3, 1}}, 9), {{0, 0}, {1, 1}, {1, 1}}, 8))));
  CHECK(equal(sinter::concatenate(axis<1>, sinter::reverse(x, axis<1>), sinter::slice(x, all, range<0, 2>, all) * 3) * 2 + 1,
              f(plain::concatenate(1, plain::reverse(p, {1}),
                                   plain::map(plain::slice(p, {{0, 4}, {0, 2}, {0, 10}}), [](double v) { return 3 * v; })))));
  CHECK(equal(sinter::slice(sinter::concatenate(axis<2>, x, x), all, all, range<5, 15, 4>) * 2 + 1,
              f(plain::slice(plain::concatenate(2, p, p), {{0, 4}, {0, 6}, {5, 15, 4}}))));
  CHECK(
      equal(sinter::reshape<48, 10>(sinter::concatenate(axis<0>, x, x)) * 2 + 1, f(plain::reshape(plain::concatenate(0, p, p), {48, 10}))));
  CHECK(
      equal(sinter::reshape<4, 120>(sinter::concatenate(axis<1>, x, x)) * 2 + 1, f(plain::reshape(plain::concatenate(1, p, p), {4, 120}))));
  CHECK(equal(sinter::reshape<2880>(sinter::broadcast_to<12, 4, 6, 10>(x)) * 2 + 1,
              f(plain::reshape(plain::broadcast(p, {12, 4, 6, 10}), {2880}))));
  CHECK(equal(sinter::transpose(sinter::broadcast_to<3, 4, 6, 10>(x)) * 2 + 1,
              f(plain::transpose(plain::broadcast(p, {3, 4, 6, 10}), {3, 2, 1, 0}))));
  CHECK(equal(sinter::slice(sinter::broadcast_to<12, 4, 6, 10>(x), range<3, 9, 2>, range<1, 2>, all, range<0, 10, 9>) * 2 + 1,
              f(plain::slice(plain::broadcast(p, {12, 4, 6, 10}), {{3, 9, 2}, {1, 2}, {0, 6}, {0, 10, 9}}))));
}

TEST_CASE("reductions of views, views of reductions") {
  tensor<double, 4, 6, 10> x;
  const array p = count(x);
  CHECK(equal(sinter::sum(sinter::transpose(x), axis<0>), plain::sum(plain::transpose(p, {2, 1, 0}), 0)));
  CHECK(equal(sinter::sum(sinter::transpose(x), axis<1>), plain::sum(plain::transpose(p, {2, 1, 0}), 1)));
  CHECK(equal(sinter::sum(sinter::reshape<15, 16>(x), axis<1>), plain::sum(plain::reshape(p, {15, 16}), 1)));
  CHECK(equal(sinter::sum(sinter::reshape<15, 16>(x), axis<0>), plain::sum(plain::reshape(p, {15, 16}), 0)));
  CHECK(equal(sinter::sum(sinter::slice(x, range<1, 3>, range<0, 6, 5>, range<2, 9>), axis<2>),
              plain::sum(plain::slice(p, {{1, 3}, {0, 6, 5}, {2, 9}}), 2)));
  CHECK(equal(sinter::sum(sinter::pad(x, edges<1, 0>, edges<0, 2>, edges<3, 3>, 5), axis<2>),
              plain::sum(plain::pad(p, {{1, 0}, {0, 2}, {3, 3}}, 5), 2)));
  CHECK(equal(sinter::sum(sinter::pad(x, edges<1, 0>, edges<0, 2>, edges<3, 3>, 5), axis<1>),
              plain::sum(plain::pad(p, {{1, 0}, {0, 2}, {3, 3}}, 5), 1)));
  CHECK(equal(sinter::sum(sinter::concatenate(axis<1>, x, x * 2), axis<1>),
              plain::sum(plain::concatenate(1, p, plain::map(p, [](double v) { return 2 * v; })), 1)));
  CHECK(equal(sinter::sum(sinter::concatenate(axis<2>, x, x * 2), axis<1, 2>),
              plain::sum(plain::sum(plain::concatenate(2, p, plain::map(p, [](double v) { return 2 * v; })), 2), 1)));
  CHECK(equal(sinter::sum(sinter::broadcast_to<5, 4, 6, 10>(x), axis<0>), plain::map(p, [](double v) { return 5 * v; })));
  CHECK(equal(sinter::sum(sinter::reverse(x), axis<0, 1, 2>), plain::make({}, [](const auto&) { return 240 * 241 / 2; })));
  CHECK(equal(sinter::reverse(sinter::sum(x, axis<1>)), plain::reverse(plain::sum(p, 1), {0, 1})));
  CHECK(equal(sinter::transpose(sinter::sum(x, axis<2>)) + 1,
              plain::map(plain::transpose(plain::sum(p, 2), {1, 0}), [](double v) { return v + 1; })));
  CHECK(equal(sinter::reshape<24>(sinter::sum(x, axis<2>)), plain::reshape(plain::sum(p, 2), {24})));
  CHECK(equal(sinter::slice(sinter::sum(x, axis<0>), range<1, 5, 2>, range<3, 4>), plain::slice(plain::sum(p, 0), {{1, 5, 2}, {3, 4}})));
  CHECK(equal(sinter::pad(sinter::sum(x, axis<1>), edges<1, 1>, edges<0, 2>, -4), plain::pad(plain::sum(p, 1), {{1, 1}, {0, 2}}, -4)));
  CHECK(equal(sinter::concatenate(axis<0>, sinter::sum(x, axis<1>), sinter::max(x, axis<1>)),
              plain::concatenate(0, plain::sum(p, 1), plain::make({4, 10}, [&](const auto& i) {
                                   return p({i[0], 5, i[1]});
                                 }))));
  CHECK(equal(x - sinter::broadcast_to<4, 6, 10>(sinter::sum(x, axis<2>, keepdims)), plain::make({4, 6, 10}, [&](const auto& i) {
                return p(i) - plain::sum(p, 2)({i[0], i[1]});
              })));
  CHECK(equal(sinter::sum(sinter::sum(x, axis<2>), axis<0>), plain::sum(plain::sum(p, 2), 0)));
}

TEST_CASE("several results with views of one value") {
  tensor<float, 6, 8> x;
  const array p = count(x);
  constexpr auto f = sinter::fn([](auto v) {
    const auto y = v * 2 + 1;
    return std::tuple(y, sinter::transpose(y), sinter::reshape<48>(y), sinter::slice(y, range<0, 6, 2>, range<4, 8>),
                      sinter::sum(y, axis<0>), sinter::reverse(v), sinter::transpose(v));
  });
  const auto [y, t, r, s, total, back, tv] = f(x);
  const array q = plain::map(p, twice_plus_one);
  CHECK(equal(y, q));
  CHECK(equal(t, plain::transpose(q, {1, 0})));
  CHECK(equal(r, plain::reshape(q, {48})));
  CHECK(equal(s, plain::slice(q, {{0, 6, 2}, {4, 8}})));
  CHECK(equal(total, plain::sum(q, 0)));
  CHECK(equal(back, plain::reverse(p, {0, 1})));
  CHECK(equal(tv, plain::transpose(p, {1, 0})));
}
