// SPDX-License-Identifier: Apache-2.0
// View ops alone, composed with each other, under maps and reductions, of static and run-time extents, against plain loops.
#include <cstdint>
#include <tuple>

#include <doctest/doctest.h>

#include <sinter/sinter.hpp>

#include "plain.hpp"

namespace {

using sinter::all;
using sinter::axis;
using sinter::dyn;
using sinter::edges;
using sinter::keepdims;
using sinter::range;
using sinter::strides;
using sinter::tensor;
using sinter::view;
using plain::array;
using plain::count;
using plain::equal;

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
  CHECK(equal(sinter::slice(sinter::iota<float, 50>(axis<0>), range<3, 40, 5>), plain::make({8}, [](const auto& i) { return 3 + 5 * i[0]; })));
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
  tensor<std::int64_t, dyn> some(6);
  for (int i = 0; i < 6; ++i) some(i) = i % 3;
  CHECK(equal(sinter::one_hot<3>(some), plain::make({6, 3}, [&](const auto& i) { return i[0] % 3 == i[1] ? 1 : 0; })));
}

TEST_CASE("views of views under a map") {
  tensor<float, 4, 6, 10> x;
  const array p = count(x);
  const auto f = [](const array& a) { return plain::map(a, twice_plus_one); };
  CHECK(equal(sinter::transpose(sinter::slice(x, range<1, 4>, all, range<0, 10, 3>)) * 2 + 1, f(plain::transpose(plain::slice(p, {{1, 4}, {0, 6}, {0, 10, 3}}), {2, 1, 0}))));
  CHECK(equal(sinter::slice(sinter::reverse(x, axis<2>), all, range<2, 5>, range<1, 9, 2>) * 2 + 1, f(plain::slice(plain::reverse(p, {2}), {{0, 4}, {2, 5}, {1, 9, 2}}))));
  CHECK(equal(sinter::reverse(sinter::slice(x, all, range<2, 5>, range<1, 9, 2>)) * 2 + 1, f(plain::reverse(plain::slice(p, {{0, 4}, {2, 5}, {1, 9, 2}}), {0, 1, 2}))));
  CHECK(equal(sinter::reshape<24, 10>(sinter::transpose<1, 0, 2>(x)) * 2 + 1, f(plain::reshape(plain::transpose(p, {1, 0, 2}), {24, 10}))));
  CHECK(equal(sinter::reshape<10, 24>(sinter::transpose(x)) * 2 + 1, f(plain::reshape(plain::transpose(p, {2, 1, 0}), {10, 24}))));
  CHECK(equal(sinter::reshape<5, 48>(x * 2 + 1), f(plain::reshape(p, {5, 48}))));
  CHECK(equal(sinter::transpose(sinter::reshape<16, 15>(x)) * 2 + 1, f(plain::transpose(plain::reshape(p, {16, 15}), {1, 0}))));
  CHECK(equal(sinter::reshape<7, 5>(sinter::slice(sinter::reshape<240>(x), range<100, 135>)) * 2 + 1, f(plain::reshape(plain::slice(plain::reshape(p, {240}), {{100, 135}}), {7, 5}))));
  CHECK(equal(sinter::slice(sinter::pad(x, edges<1, 1>, edges<2, 0>, edges<0, 5>, 7), range<0, 6, 2>, range<1, 8>, range<8, 13>) * 2 + 1,
              f(plain::slice(plain::pad(p, {{1, 1}, {2, 0}, {0, 5}}, 7), {{0, 6, 2}, {1, 8}, {8, 13}}))));
  CHECK(equal(sinter::pad(sinter::transpose(x), edges<1, 0>, edges<0, 1>, edges<2, 2>, 0) * 2 + 1, f(plain::pad(plain::transpose(p, {2, 1, 0}), {{1, 0}, {0, 1}, {2, 2}}, 0))));
  CHECK(equal(sinter::reverse(sinter::pad(x, edges<0, 0>, edges<0, 0>, edges<3, 1>, 9), axis<-1>) * 2 + 1, f(plain::reverse(plain::pad(p, {{0, 0}, {0, 0}, {3, 1}}, 9), {2}))));
  CHECK(equal(sinter::pad(sinter::pad(x, edges<0, 0>, edges<0, 0>, edges<3, 1>, 9), edges<0, 0>, edges<1, 1>, edges<1, 1>, 8) * 2 + 1,
              f(plain::pad(plain::pad(p, {{0, 0}, {0, 0}, {3, 1}}, 9), {{0, 0}, {1, 1}, {1, 1}}, 8))));
  CHECK(equal(sinter::concatenate(axis<1>, sinter::reverse(x, axis<1>), sinter::slice(x, all, range<0, 2>, all) * 3) * 2 + 1,
              f(plain::concatenate(1, plain::reverse(p, {1}), plain::map(plain::slice(p, {{0, 4}, {0, 2}, {0, 10}}), [](double v) { return 3 * v; })))));
  CHECK(equal(sinter::slice(sinter::concatenate(axis<2>, x, x), all, all, range<5, 15, 4>) * 2 + 1, f(plain::slice(plain::concatenate(2, p, p), {{0, 4}, {0, 6}, {5, 15, 4}}))));
  CHECK(equal(sinter::reshape<48, 10>(sinter::concatenate(axis<0>, x, x)) * 2 + 1, f(plain::reshape(plain::concatenate(0, p, p), {48, 10}))));
  CHECK(equal(sinter::reshape<4, 120>(sinter::concatenate(axis<1>, x, x)) * 2 + 1, f(plain::reshape(plain::concatenate(1, p, p), {4, 120}))));
  CHECK(equal(sinter::reshape<2880>(sinter::broadcast_to<12, 4, 6, 10>(x)) * 2 + 1, f(plain::reshape(plain::broadcast(p, {12, 4, 6, 10}), {2880}))));
  CHECK(equal(sinter::transpose(sinter::broadcast_to<3, 4, 6, 10>(x)) * 2 + 1, f(plain::transpose(plain::broadcast(p, {3, 4, 6, 10}), {3, 2, 1, 0}))));
  CHECK(equal(sinter::slice(sinter::broadcast_to<12, 4, 6, 10>(x), range<3, 9, 2>, range<1, 2>, all, range<0, 10, 9>) * 2 + 1, f(plain::slice(plain::broadcast(p, {12, 4, 6, 10}), {{3, 9, 2}, {1, 2}, {0, 6}, {0, 10, 9}}))));
}

TEST_CASE("reductions of views, views of reductions") {
  tensor<double, 4, 6, 10> x;
  const array p = count(x);
  CHECK(equal(sinter::sum(sinter::transpose(x), axis<0>), plain::sum(plain::transpose(p, {2, 1, 0}), 0)));
  CHECK(equal(sinter::sum(sinter::transpose(x), axis<1>), plain::sum(plain::transpose(p, {2, 1, 0}), 1)));
  CHECK(equal(sinter::sum(sinter::reshape<15, 16>(x), axis<1>), plain::sum(plain::reshape(p, {15, 16}), 1)));
  CHECK(equal(sinter::sum(sinter::reshape<15, 16>(x), axis<0>), plain::sum(plain::reshape(p, {15, 16}), 0)));
  CHECK(equal(sinter::sum(sinter::slice(x, range<1, 3>, range<0, 6, 5>, range<2, 9>), axis<2>), plain::sum(plain::slice(p, {{1, 3}, {0, 6, 5}, {2, 9}}), 2)));
  CHECK(equal(sinter::sum(sinter::pad(x, edges<1, 0>, edges<0, 2>, edges<3, 3>, 5), axis<2>), plain::sum(plain::pad(p, {{1, 0}, {0, 2}, {3, 3}}, 5), 2)));
  CHECK(equal(sinter::sum(sinter::pad(x, edges<1, 0>, edges<0, 2>, edges<3, 3>, 5), axis<1>), plain::sum(plain::pad(p, {{1, 0}, {0, 2}, {3, 3}}, 5), 1)));
  CHECK(equal(sinter::sum(sinter::concatenate(axis<1>, x, x * 2), axis<1>), plain::sum(plain::concatenate(1, p, plain::map(p, [](double v) { return 2 * v; })), 1)));
  CHECK(equal(sinter::sum(sinter::concatenate(axis<2>, x, x * 2), axis<1, 2>), plain::sum(plain::sum(plain::concatenate(2, p, plain::map(p, [](double v) { return 2 * v; })), 2), 1)));
  CHECK(equal(sinter::sum(sinter::broadcast_to<5, 4, 6, 10>(x), axis<0>), plain::map(p, [](double v) { return 5 * v; })));
  CHECK(equal(sinter::sum(sinter::reverse(x), axis<0, 1, 2>), plain::make({}, [](const auto&) { return 240 * 241 / 2; })));
  CHECK(equal(sinter::reverse(sinter::sum(x, axis<1>)), plain::reverse(plain::sum(p, 1), {0, 1})));
  CHECK(equal(sinter::transpose(sinter::sum(x, axis<2>)) + 1, plain::map(plain::transpose(plain::sum(p, 2), {1, 0}), [](double v) { return v + 1; })));
  CHECK(equal(sinter::reshape<24>(sinter::sum(x, axis<2>)), plain::reshape(plain::sum(p, 2), {24})));
  CHECK(equal(sinter::slice(sinter::sum(x, axis<0>), range<1, 5, 2>, range<3, 4>), plain::slice(plain::sum(p, 0), {{1, 5, 2}, {3, 4}})));
  CHECK(equal(sinter::pad(sinter::sum(x, axis<1>), edges<1, 1>, edges<0, 2>, -4), plain::pad(plain::sum(p, 1), {{1, 1}, {0, 2}}, -4)));
  CHECK(equal(sinter::concatenate(axis<0>, sinter::sum(x, axis<1>), sinter::max(x, axis<1>)),
              plain::concatenate(0, plain::sum(p, 1), plain::make({4, 10}, [&](const auto& i) { return p({i[0], 5, i[1]}); }))));
  CHECK(equal(x - sinter::broadcast_to<4, 6, 10>(sinter::sum(x, axis<2>, keepdims)), plain::make({4, 6, 10}, [&](const auto& i) { return p(i) - plain::sum(p, 2)({i[0], i[1]}); })));
  CHECK(equal(sinter::sum(sinter::sum(x, axis<2>), axis<0>), plain::sum(plain::sum(p, 2), 0)));
}

TEST_CASE("several results with views of one value") {
  tensor<float, 6, 8> x;
  const array p = count(x);
  constexpr auto f = sinter::fn([](auto v) {
    const auto y = v * 2 + 1;
    return std::tuple(y, sinter::transpose(y), sinter::reshape<48>(y), sinter::slice(y, range<0, 6, 2>, range<4, 8>), sinter::sum(y, axis<0>), sinter::reverse(v), sinter::transpose(v));
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

TEST_CASE("run-time extents") {
  for (const int n : {1, 2, 7, 16, 33})
    for (const int m : {1, 5, 64}) {
      CAPTURE(n);
      CAPTURE(m);
      tensor<float, dyn, dyn> x(n, m);
      const array p = count(x);
      const array t = plain::transpose(p, {1, 0});
      CHECK(equal(sinter::transpose(x) * 2, plain::map(t, [](double v) { return 2 * v; })));
      CHECK(equal(sinter::reshape<-1>(x), plain::reshape(p, {n * m})));
      CHECK(equal(sinter::reshape<-1>(sinter::transpose(x)), plain::reshape(t, {n * m})));
      CHECK(equal(sinter::reshape<1, -1, 1>(x + 0), plain::reshape(p, {1, n * m, 1})));
      CHECK(equal(sinter::reverse(x, axis<1>), plain::reverse(p, {1})));
      CHECK(equal(sinter::reverse(x), plain::reverse(p, {0, 1})));
      CHECK(equal(sinter::slice(x, range<-1, -1>, all), array({0, m})));
      CHECK(equal(sinter::slice(x, range<0, 1>, all), plain::slice(p, {{0, 1}, {0, m}})));
      CHECK(equal(sinter::pad(x, edges<1, 2>, edges<0, 3>, -1) + 1, plain::map(plain::pad(p, {{1, 2}, {0, 3}}, -1), [](double v) { return v + 1; })));
      CHECK(equal(sinter::concatenate(axis<0>, x, x * 3), plain::concatenate(0, p, plain::map(p, [](double v) { return 3 * v; }))));
      CHECK(equal(sinter::concatenate(axis<1>, x, sinter::reverse(x)), plain::concatenate(1, p, plain::reverse(p, {0, 1}))));
      CHECK(equal(sinter::sum(sinter::concatenate(axis<1>, x, x), axis<1>), plain::sum(plain::concatenate(1, p, p), 1)));
      CHECK(equal(sinter::sum(sinter::pad(sinter::transpose(x), edges<1, 1>, edges<1, 1>, 2), axis<0>), plain::sum(plain::pad(t, {{1, 1}, {1, 1}}, 2), 0)));
      CHECK(equal(sinter::broadcast_to<3, -1, -1>(x), plain::broadcast(p, {3, n, m})));
      CHECK(equal(sinter::sum(sinter::reverse(x, axis<0>), axis<0>), plain::sum(p, 0)));
      constexpr auto f = sinter::fn([](auto v) { return sinter::reshape(sinter::transpose(v), sinter::shape{v.extent(1), v.extent(0), 1}) + sinter::sum(v); });
      double total = 0;
      for (const double v : p.v) total += v;
      CHECK(equal(f(x), plain::map(plain::reshape(t, {m, n, 1}), [&](double v) { return v + total; })));
    }
  tensor<float, dyn, 12> x(4);
  const array p = count(x);
  CHECK(equal(sinter::reshape<-1, 3, 4>(x) * 2 + 1, plain::map(plain::reshape(p, {4, 3, 4}), twice_plus_one)));
  CHECK(equal(sinter::transpose<1, 0, 2>(sinter::reshape<-1, 3, 4>(x)), plain::transpose(plain::reshape(p, {4, 3, 4}), {1, 0, 2})));
  CHECK(equal(sinter::reshape<3, -1>(x), plain::reshape(p, {3, 16})));
  CHECK(equal(sinter::slice(x, range<1, -1>, range<0, 12, 5>), plain::slice(p, {{1, 3}, {0, 12, 5}})));
}

TEST_CASE("rank 0 to 8") {
  const tensor<float> zero(3.f);
  CHECK(equal(sinter::reshape<1, 1>(zero), array({1, 1}, 3)));
  CHECK(equal(sinter::transpose(zero), array({}, 3)));
  CHECK(equal(sinter::broadcast_to<2, 3>(zero), array({2, 3}, 3)));
  CHECK(equal(sinter::broadcast_to<2, 3>(zero * 2) + 1, array({2, 3}, 7)));
  CHECK(equal(sinter::slice(zero), array({}, 3)));
  const tensor<float, 1> one{5};
  CHECK(equal(sinter::reshape<>(one), array({}, 5)));
  tensor<float, 2, 3, 2, 3, 2, 1, 2, 3> eight;
  const array p = count(eight);
  CHECK(equal(sinter::transpose(eight) + 0, plain::transpose(p, {7, 6, 5, 4, 3, 2, 1, 0})));
  CHECK(equal(sinter::transpose<3, 1, 0, 2, 7, 5, 6, 4>(eight), plain::transpose(p, {3, 1, 0, 2, 7, 5, 6, 4})));
  CHECK(equal(sinter::sum(eight, axis<7>), plain::sum(p, 7)));
  CHECK(equal(sinter::sum(eight, axis<0>), plain::sum(p, 0)));
  CHECK(equal(sinter::sum(eight, axis<3>), plain::sum(p, 3)));
  CHECK(equal(sinter::sum(eight, axis<1, 3, 7>), plain::sum(plain::sum(plain::sum(p, 7), 3), 1)));
  CHECK(equal(sinter::reverse(eight, axis<0, 2, 4, 6>), plain::reverse(p, {0, 2, 4, 6})));
  CHECK(equal(sinter::slice(eight, all, range<1, 3>, all, range<0, 3, 2>, range<1, 2>, all, all, range<2, 3>), plain::slice(p, {{0, 2}, {1, 3}, {0, 2}, {0, 3, 2}, {1, 2}, {0, 1}, {0, 2}, {2, 3}})));
  CHECK(equal(sinter::reshape<6, 6, 2, 6>(eight), plain::reshape(p, {6, 6, 2, 6})));
  CHECK(equal(sinter::softmax(eight * 0, axis<0>), array({2, 3, 2, 3, 2, 1, 2, 3}, 0.5)));
}

TEST_CASE("no elements") {
  tensor<float, 3, 0> none;
  tensor<float, 3, 2> some;
  const array p = count(some);
  CHECK(equal(sinter::transpose(none), array({0, 3})));
  CHECK(equal(sinter::reshape<0, 7>(none), array({0, 7})));
  CHECK(equal(sinter::concatenate(axis<1>, none, some), p));
  CHECK(equal(sinter::concatenate(axis<1>, some, none, some), plain::concatenate(1, p, p)));
  CHECK(equal(sinter::pad(none, edges<0, 0>, edges<1, 2>, 4), array({3, 3}, 4)));
  CHECK(equal(sinter::slice(some, all, range<1, 1>), array({3, 0})));
  CHECK(equal(sinter::broadcast_to<2, 3, 0>(none), array({2, 3, 0})));
  CHECK(equal(sinter::sum(none, axis<1>), array({3})));
  CHECK(equal(sinter::reverse(none), array({3, 0})));
  tensor<float, dyn, dyn> d(3, 0), e(3, 2);
  const array q = count(e);
  CHECK(equal(sinter::concatenate(axis<1>, d, e), q));
  CHECK(equal(sinter::concatenate(axis<1>, e, d), q));
  CHECK(equal(sinter::pad(d, edges<0, 0>, edges<1, 2>, 4), array({3, 3}, 4)));
  CHECK(equal(sinter::transpose(d) + 1, array({0, 3})));
  CHECK(equal(sinter::reverse(d), array({3, 0})));
}

TEST_CASE("strided views in and out") {
  tensor<float, 8, 10> x;
  const array p = count(x);
  const auto part = x.sub(range<1, 8, 2>, range<2, 9>);
  const array q = plain::slice(p, {{1, 8, 2}, {2, 9}});
  CHECK(equal(part, q));
  CHECK(equal(part * 2 + 1, plain::map(q, twice_plus_one)));
  CHECK(equal(sinter::transpose(part), plain::transpose(q, {1, 0})));
  CHECK(equal(sinter::reshape<28>(part), plain::reshape(q, {28})));
  CHECK(equal(sinter::reshape<28>(part * 2 + 1), plain::reshape(plain::map(q, twice_plus_one), {28})));
  CHECK(equal(sinter::reshape<2, 2, 7>(part), plain::reshape(q, {2, 2, 7})));
  CHECK(equal(sinter::reshape<4, 7, 1>(part) + 0, plain::reshape(q, {4, 7, 1})));
  CHECK(equal(sinter::sum(part, axis<0>), plain::sum(q, 0)));
  CHECK(equal(sinter::sum(part, axis<1>), plain::sum(q, 1)));
  CHECK(equal(sinter::sum(part, axis<0, 1>), plain::sum(plain::sum(q, 1), 0)));
  CHECK(equal(sinter::sum(sinter::reshape<7, 4>(part), axis<1>), plain::sum(plain::reshape(q, {7, 4}), 1)));
  CHECK(equal(sinter::pad(part, edges<1, 1>, edges<0, 2>, 3), plain::pad(q, {{1, 1}, {0, 2}}, 3)));
  CHECK(equal(sinter::concatenate(axis<0>, part, part), plain::concatenate(0, q, q)));
  const auto column = x.sub(all, 3);
  const auto line = x.sub(-1, all);
  CHECK(equal(column, plain::reshape(plain::slice(p, {{0, 8}, {3, 4}}), {8})));
  CHECK(equal(line, plain::reshape(plain::slice(p, {{7, 8}, {0, 10}}), {10})));
  const view<float, 10, 8> turned(x.data(), strides{1, 10});
  CHECK(equal(turned, plain::transpose(p, {1, 0})));
  CHECK(equal(sinter::sum(turned, axis<0>), plain::sum(p, 1)));
  CHECK(equal(sinter::sum(turned, axis<1>), plain::sum(p, 0)));
  const view<float, 8, 10> backwards(x.data() + 79, strides{-10, -1});
  CHECK(equal(backwards, plain::reverse(p, {0, 1})));
  CHECK(equal(sinter::sum(backwards * 2, axis<1>), plain::map(plain::reverse(plain::sum(p, 1), {0}), [](double v) { return 2 * v; })));
  const view<float, 5, 10> repeated(x.data(), strides{0, 1});
  CHECK(equal(repeated, plain::broadcast(plain::slice(p, {{0, 1}, {0, 10}}), {5, 10})));
  CHECK(equal(sinter::sum(repeated, axis<0>), plain::map(plain::reshape(plain::slice(p, {{0, 1}, {0, 10}}), {10}), [](double v) { return 5 * v; })));
  const view<const float, dyn, dyn> open(x.data(), strides{20, 2}, 4, 5);
  CHECK(equal(open, plain::slice(p, {{0, 8, 2}, {0, 10, 2}})));
  CHECK(equal(sinter::reshape<-1>(open), plain::reshape(plain::slice(p, {{0, 8, 2}, {0, 10, 2}}), {20})));

  // As destinations, of every kind of kernel.
  tensor<float, 12, 12> y;
  const auto written = [&](const array& expected, int first, int step) {
    int wrong = 0;
    for (int i = 0; i < 12; ++i)
      for (int j = 0; j < 12; ++j) {
        const int a = (i - first), b = (j - first);
        const bool inside = a >= 0 && b >= 0 && a % step == 0 && b % step == 0 && a / step < expected.shape[0] && b / step < expected.shape[1];
        wrong += static_cast<double>(y(i, j)) != (inside ? expected({a / step, b / step}) : -1);
      }
    y.fill(-1);
    return wrong == 0;
  };
  y.fill(-1);
  y.sub(range<1, 9, 2>, range<1, 12, 2>) = x.sub(range<0, 4>, range<0, 6>) + 1;
  CHECK(written(plain::map(plain::slice(p, {{0, 4}, {0, 6}}), [](double v) { return v + 1; }), 1, 2));
  y.sub(range<1, 11>, range<1, 9>) = sinter::transpose(x);
  CHECK(written(plain::transpose(p, {1, 0}), 1, 1));
  y.sub(range<0, 12, 3>, range<0, 12, 3>) = x.sub(range<0, 4>, range<0, 4>) - sinter::sum(x.sub(range<0, 4>, range<0, 4>), axis<1>, keepdims);
  const array corner = plain::slice(p, {{0, 4}, {0, 4}});
  CHECK(written(plain::make({4, 4}, [&](const auto& i) { return corner(i) - plain::sum(corner, 1)({i[0]}); }), 0, 3));
  y.sub(range<0, 12, 3>, range<0, 12, 3>) = x.sub(range<0, 4>, range<0, 4>) - sinter::sum(x.sub(range<0, 4>, range<0, 4>), axis<0>, keepdims);
  CHECK(written(plain::make({4, 4}, [&](const auto& i) { return corner(i) - plain::sum(corner, 0)({i[1]}); }), 0, 3));
  y.sub(range<0, 12, 3>, range<0, 12, 3>) = sinter::reshape<4, 4>(sinter::reshape<16>(x.sub(range<0, 4>, range<0, 4>)));
  CHECK(written(corner, 0, 3));
  y.sub(range<2, 6>, range<2, 6>) = sinter::dot(x.sub(range<0, 4>, range<0, 4>), x.sub(range<0, 4>, range<0, 4>));
  CHECK(written(plain::make({4, 4}, [&](const auto& i) {
                  double t = 0;
                  for (int k = 0; k < 4; ++k) t += corner({i[0], k}) * corner({k, i[1]});
                  return t;
                }), 2, 1));
  view<float, 12, 12> mirrored(y.data() + 143, strides{-12, -1});
  mirrored = sinter::iota<float, 12, 12>(axis<0>) * 12 + sinter::iota<float, 12, 12>(axis<1>);
  for (int i = 0; i < 144; ++i) CHECK(y.data()[i] == static_cast<float>(143 - i));
}
