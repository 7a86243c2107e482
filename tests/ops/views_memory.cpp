// SPDX-License-Identifier: Apache-2.0
// View ops of run-time extents, of every rank, of no elements, and on strided memory as operand and destination, against plain loops.
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
using sinter::dyn;
using sinter::edges;
using sinter::keepdims;
using sinter::range;
using sinter::strides;
using sinter::tensor;
using sinter::view;

double twice_plus_one(double x) { return 2 * x + 1; }

}  // namespace

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
      CHECK(equal(sinter::pad(x, edges<1, 2>, edges<0, 3>, -1) + 1,
                  plain::map(plain::pad(p, {{1, 2}, {0, 3}}, -1), [](double v) { return v + 1; })));
      CHECK(equal(sinter::concatenate(axis<0>, x, x * 3), plain::concatenate(0, p, plain::map(p, [](double v) { return 3 * v; }))));
      CHECK(equal(sinter::concatenate(axis<1>, x, sinter::reverse(x)), plain::concatenate(1, p, plain::reverse(p, {0, 1}))));
      CHECK(equal(sinter::sum(sinter::concatenate(axis<1>, x, x), axis<1>), plain::sum(plain::concatenate(1, p, p), 1)));
      CHECK(equal(sinter::sum(sinter::pad(sinter::transpose(x), edges<1, 1>, edges<1, 1>, 2), axis<0>),
                  plain::sum(plain::pad(t, {{1, 1}, {1, 1}}, 2), 0)));
      CHECK(equal(sinter::broadcast_to<3, -1, -1>(x), plain::broadcast(p, {3, n, m})));
      CHECK(equal(sinter::sum(sinter::reverse(x, axis<0>), axis<0>), plain::sum(p, 0)));
      constexpr auto f = sinter::fn([](auto v) {
        return sinter::reshape(sinter::transpose(v), sinter::shape{v.extent(1), v.extent(0), 1}) + sinter::sum(v);
      });
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
  CHECK(equal(sinter::slice(eight, all, range<1, 3>, all, range<0, 3, 2>, range<1, 2>, all, all, range<2, 3>),
              plain::slice(p, {{0, 2}, {1, 3}, {0, 2}, {0, 3, 2}, {1, 2}, {0, 1}, {0, 2}, {2, 3}})));
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
  CHECK(equal(sinter::sum(repeated, axis<0>),
              plain::map(plain::reshape(plain::slice(p, {{0, 1}, {0, 10}}), {10}), [](double v) { return 5 * v; })));
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
        const bool inside =
            a >= 0 && b >= 0 && a % step == 0 && b % step == 0 && a / step < expected.shape[0] && b / step < expected.shape[1];
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
  y.sub(range<0, 12, 3>, range<0, 12, 3>) =
      x.sub(range<0, 4>, range<0, 4>) - sinter::sum(x.sub(range<0, 4>, range<0, 4>), axis<1>, keepdims);
  const array corner = plain::slice(p, {{0, 4}, {0, 4}});
  CHECK(written(plain::make({4, 4}, [&](const auto& i) { return corner(i) - plain::sum(corner, 1)({i[0]}); }), 0, 3));
  y.sub(range<0, 12, 3>, range<0, 12, 3>) =
      x.sub(range<0, 4>, range<0, 4>) - sinter::sum(x.sub(range<0, 4>, range<0, 4>), axis<0>, keepdims);
  CHECK(written(plain::make({4, 4}, [&](const auto& i) { return corner(i) - plain::sum(corner, 0)({i[1]}); }), 0, 3));
  y.sub(range<0, 12, 3>, range<0, 12, 3>) = sinter::reshape<4, 4>(sinter::reshape<16>(x.sub(range<0, 4>, range<0, 4>)));
  CHECK(written(corner, 0, 3));
  y.sub(range<2, 6>, range<2, 6>) = sinter::dot(x.sub(range<0, 4>, range<0, 4>), x.sub(range<0, 4>, range<0, 4>));
  CHECK(written(plain::make({4, 4},
                            [&](const auto& i) {
                              double t = 0;
                              for (int k = 0; k < 4; ++k) t += corner({i[0], k}) * corner({k, i[1]});
                              return t;
                            }),
                2, 1));
  view<float, 12, 12> mirrored(y.data() + 143, strides{-12, -1});
  mirrored = sinter::iota<float, 12, 12>(axis<0>) * 12 + sinter::iota<float, 12, 12>(axis<1>);
  for (int i = 0; i < 144; ++i) CHECK(y.data()[i] == static_cast<float>(143 - i));
}
