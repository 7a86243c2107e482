// SPDX-License-Identifier: Apache-2.0
// Loops and branches: against the same steps written out, one function call each.
#include <doctest/doctest.h>

#include <cmath>

#include <sinter/sinter.hpp>

namespace {

using namespace sinter;

template <class A, class B> bool same(const A& a, const B& b) {
  bool equal = a.size() == b.size();
  for (extent_t i = 0; equal && i < a.size(); ++i) equal = a.data()[i] == b.data()[i];
  return equal;
}
template <class T> void fill(T& x) {
  for (extent_t i = 0; i < x.size(); ++i) x.data()[i] = static_cast<float>((i * 7) % 13 - 6) * 0.25f;
}

TEST_CASE("fori_loop: steps, captured values, an index") {
  constexpr auto step = fn([](auto i, auto c, auto w) { return tanh(c * w) + cast<float>(i); });
  constexpr auto loop = fn([](auto x, auto w) {
    return fori_loop(
        2, 7, [=](auto i, auto c) { return tanh(c * w) + cast<float>(i); }, x);
  });
  tensor<float, 300> x, w;
  fill(x), fill(w);
  tensor<float, 300> expected = x;
  for (int i = 2; i < 7; ++i) expected = step(i, tensor<float, 300>(expected), w);
  CHECK(same(loop(x, w), expected));
  // The carry is overwritten where it stands: no second place.
  constexpr auto p = loop.plan<tensor<float, 300>, tensor<float, 300>>();
  static_assert(p.kernels == 1 && p.temporaries == 0 && p.workspace_bytes == 0 && p.flops == 5 * (300 * 3 + 2));
  loop.into(x, x, w);  // over its argument
  CHECK(same(x, expected));
  // No step: the carry as it came.
  constexpr auto none = fn([](auto c) {
    return fori_loop(
        3, 3, [](auto, auto d) { return d + 1; }, c);
  });
  CHECK(same(none(w), w));
}

TEST_CASE("a carry that cannot be computed in place has two places") {
  constexpr auto loop = fn([](auto x, auto w) {
    return fori_loop(
        0, 4, [=](auto, auto c) { return dot(c, w) * 0.125f; }, x);
  });
  constexpr auto three = fn([](auto x, auto w) {
    return fori_loop(
        0, 3, [=](auto, auto c) { return dot(c, w) * 0.125f; }, x);
  });
  constexpr auto step = fn([](auto x, auto w) { return dot(x, w) * 0.125f; });
  tensor<float, 9, 20> x;
  tensor<float, 20, 20> w;
  fill(x), fill(w);
  const tensor<float, 9, 20> after = step(eval(step(eval(step(x, w)), w)), w);
  CHECK(same(three(x, w), after));
  CHECK(same(loop(x, w), step(after, w)));
  static_assert(loop.plan<decltype(x), decltype(w)>().temporaries == 0);
}

TEST_CASE("several carries, which change places") {
  constexpr auto fibonacci = fn([](auto a, auto b) {
    return fori_loop(
        0, 9, [](auto, auto c) { return std::tuple(std::get<1>(c), std::get<0>(c) + std::get<1>(c)); }, std::tuple(a, b));
  });
  const auto [a, b] = fibonacci(tensor<std::int32_t, 2>{0, 1}, tensor<std::int32_t, 2>{1, 1});
  CHECK(a(0) == 34);
  CHECK(b(0) == 55);
  CHECK(b(1) == 89);
  constexpr auto turn = fn([](auto x, auto y, auto z) {
    return fori_loop(
        0, 4,
        [](auto, auto c) {
          return std::array{c[1], c[2], c[0]};
        },
        std::array{x, y, z});
  });
  constexpr auto first = fn([](auto x, auto y, auto z) {
    return fori_loop(
        0, 4,
        [](auto, auto c) {
          return std::array{c[1], c[2], c[0]};
        },
        std::array{x, y, z})[0];
  });
  (void)turn;
  CHECK(first(tensor<float, 3>{1, 1, 1}, tensor<float, 3>{2, 2, 2}, tensor<float, 3>{3, 3, 3})(1) == 2);
  constexpr auto repeated = fn([](auto x) {
    return fori_loop(
        0, 2,
        [](auto, auto c) {
          const auto y = std::get<0>(c) * 2;
          return std::tuple(y, y);
        },
        std::tuple(x, x));
  });
  const auto [p, q] = repeated(tensor<float, 5>{1, 2, 3, 4, 5});
  CHECK(p(4) == 20);
  CHECK(same(p, q));
}

// What a loop begins with may be read before it: the cache is changed where it is.
TEST_CASE("a carry that is read before the loop is not copied") {
  constexpr auto f = fn([](auto x, auto row) {
    const auto cache = tanh(x);
    const auto [i, all, total] = while_loop([](auto c) { return std::get<0>(c) < 3; },
                                            [=](auto c) {
                                              const auto grown = dynamic_update_slice(std::get<1>(c), row, std::get<0>(c), 0);
                                              return std::tuple(std::get<0>(c) + 1, grown, std::get<2>(c) + sum(grown));
                                            },
                                            std::tuple(cast<std::int32_t>(sum(row) * 0), cache, sum(cache)));
    return total;
  });
  constexpr auto tanh_of = fn([](auto x) { return tanh(x); });
  constexpr auto sum_of = fn([](auto x) { return sum(x); });
  tensor<float, 8, 64> x;
  tensor<float, 1, 64> row;
  fill(x), fill(row);
  tensor<float, 8, 64> cache = tanh_of(x);
  float total = sum_of(cache);
  for (int i = 0; i < 3; ++i) {
    for (int k = 0; k < 64; ++k) cache(i, k) = row(0, k);
    total += static_cast<float>(sum_of(cache));
  }
  CHECK(f(x, row) == total);
  static_assert(f.plan<decltype(x), decltype(row)>().copies ==
                1);  // the total: it has two places, and the last step may leave it in the other
  // What is read after the loop as well is another array than the one that it changes.
  constexpr auto both = fn([](auto y, auto r) {
    const auto first = tanh(y);
    const auto last =
        while_loop([](auto c) { return std::get<0>(c) < 3; },
                   [=](auto c) { return std::tuple(std::get<0>(c) + 1, dynamic_update_slice(std::get<1>(c), r, std::get<0>(c), 0)); },
                   std::tuple(cast<std::int32_t>(sum(r) * 0), first));
    return std::get<1>(last) - first;
  });
  static_assert(both.plan<decltype(x), decltype(row)>().copies == 1);
  const tensor<float, 8, 64> before = tanh_of(x), difference = both(x, row);
  bool good = true;
  for (int i = 0; i < 8; ++i)
    for (int k = 0; k < 64; ++k) good &= difference(i, k) == cache(i, k) - before(i, k);
  CHECK(good);
}

TEST_CASE("while_loop") {
  constexpr auto collatz = fn([](auto n) {
    return while_loop(
        [](auto c) { return std::get<0>(c) != 1; },
        [](auto c) { return std::tuple(where(std::get<0>(c) % 2 == 0, std::get<0>(c) / 2, std::get<0>(c) * 3 + 1), std::get<1>(c) + 1); },
        std::tuple(n, 0));
  });
  CHECK(std::get<1>(collatz(tensor<std::int32_t>(27))) == 111);
  CHECK(std::get<1>(collatz(tensor<std::int32_t>(1))) == 0);  // no step
  constexpr auto grow =
      fn([](auto x, auto w) { return while_loop([](auto c) { return sum(abs(c)) < 1000; }, [=](auto c) { return dot(c, w); }, x); });
  for (int scale = 1; scale < 6; ++scale) {  // an odd and an even number of steps
    tensor<float, 3, 3> x, w;
    fill(x), w.fill(static_cast<float>(scale));
    tensor<float, 3, 3> expected = x;
    while (float(eval(sum(abs(expected)))) < 1000) expected = eval(dot(expected, w));
    CHECK(same(grow(x, w), expected));
  }
  constexpr auto counted = fn([](auto n, auto x) {
    return fori_loop(
        0, n, [](auto i, auto c) { return c * 2 + cast<float>(i); }, x);
  });
  CHECK(counted(tensor<std::int32_t>(4), tensor<float, 2>{1, 2})(0) == 16 + 0 + 4 + 4 + 3);
  CHECK(counted(tensor<std::int32_t>(-1), tensor<float, 2>{1, 2})(1) == 2);
}

TEST_CASE("scan, forward and in reverse") {
  constexpr auto cumulative =
      fn([](auto x0, auto xs) { return scan([](auto c, auto x) { return std::tuple(c + x, (c + x) * 2); }, x0, xs); });
  constexpr auto backward = fn([](auto x0, auto along) {
    const auto made = scan([](auto c, auto x) { return std::tuple(c + x, std::tuple(c, x)); }, x0, along, true);
    return std::tuple(std::get<0>(made), std::get<0>(std::get<1>(made)), std::get<1>(std::get<1>(made)));
  });
  tensor<float, 5, 2, 3> xs;
  tensor<float, 2, 3> zero;
  fill(xs);
  const auto [last, ys] = cumulative(zero, xs);
  const auto [first, carries, elements] = backward(zero, xs);
  static_assert(std::is_same_v<decltype(ys), const tensor<float, 5, 2, 3>>);
  for (int a = 0; a < 2; ++a)
    for (int b = 0; b < 3; ++b) {
      float c = 0;
      for (int i = 0; i < 5; ++i) {
        c += xs(i, a, b);
        CHECK(ys(i, a, b) == 2 * c);
      }
      CHECK(last(a, b) == c);
      c = 0;
      for (int i = 5; i-- > 0;) {
        CHECK(carries(i, a, b) == c);
        CHECK(elements(i, a, b) == xs(i, a, b));
        c += xs(i, a, b);
      }
      CHECK(first(a, b) == c);
    }
  // Along a computed array and a transposed one; scalars as elements.
  constexpr auto mixed = fn([](auto x) {
    return std::get<0>(scan([](auto c, auto v) { return std::tuple(c * 0.5f + std::get<0>(v) * sum(std::get<1>(v)), std::tuple<>()); },
                            1.0f, std::tuple(sum(x, axis<0>), transpose<1, 0>(x))));
  });
  const tensor<float, 2, 4> x{{1, 2, 3, 4}, {5, 6, 7, 8}};
  float sums = 1;
  for (int i = 0; i < 4; ++i) sums = std::fma(sums, 0.5f, (x(0, i) + x(1, i)) * (x(0, i) + x(1, i)));
  CHECK(mixed(x) == doctest::Approx(sums));
}

int calls = 0;
struct counting_call {
  static constexpr const char* name = "counted";
  static constexpr call_result result(const call_operand& a) { return {a.type(), sinter::shape{a.extent(0)}}; }
  static void run(view<const float, dyn> a, view<float, dyn> y) {
    ++calls;
    for (extent_t i = 0; i < a.extent(0); ++i) y(i) = a(i) + 1;
  }
};
TEST_CASE("cond computes one side only") {
  constexpr auto f = fn([](auto x, auto p) {
    return cond(
        p, [](auto y) { return library_call<counting_call>(y); }, [](auto y) { return y * 3; }, x);
  });
  const tensor<float, 4> x{1, 2, 3, 4};
  calls = 0;
  CHECK(f(x, tensor<bool>(false))(3) == 12);
  CHECK(calls == 0);
  CHECK(f(x, tensor<bool>(true))(3) == 5);
  CHECK(calls == 1);
  // What both sides and the outside use is computed once, outside.
  constexpr auto shared = fn([](auto y, auto p) {
    const auto z = exp(y);
    const auto both = cond(
        sum(p) > 0, [=] { return std::tuple(z * 2, y); }, [=] { return std::tuple(z, y + 1); });
    return std::tuple(z, std::get<0>(both), std::get<1>(both));
  });
  const auto [e, twice, as_it_was] = shared(x, x);
  CHECK(twice(2) == 2 * e(2));
  CHECK(same(as_it_was, x));
}

constexpr auto nested = fn([](auto x, auto w) {
  return fori_loop(
      0, 3,
      [=](auto i, auto c) {
        const auto in = fori_loop(
            0, 4, [=](auto j, auto d) { return d * w + cast<float>(i * j); }, c + exp(w));
        return cond(
            sum(in) > 50, [=] { return in * 0.5f; }, [=] { return in + c; });
      },
      x);
});
TEST_CASE("nested, on every backend, with run-time extents, prepared") {
  tensor<float, 37> x, w;
  fill(x), fill(w);
  tensor<float, 37> c = x;
  const tensor<float, 37> e = exp(w);
  for (int i = 0; i < 3; ++i) {
    tensor<float, 37> in = c + e;
    for (int j = 0; j < 4; ++j) in = in * w + static_cast<float>(i * j);
    if (float(eval(sum(in))) > 50) c = eval(in * 0.5f);
    else c = eval(in + c);
  }
  CHECK(same(nested(x, w), c));
  CHECK(same(nested.on<backend::scalar>()(x, w), c));
  CHECK(same(nested.prepare(x, constant(w))(x), c));
  tensor<float, dyn> xs(37), ws(37);
  xs = x, ws = w;
  CHECK(same(nested(xs, ws), c));
  CHECK_THROWS_AS(nested(xs, tensor<float, dyn>(36)), shape_error);
  constexpr auto rows = fn([](auto y, auto by) {
    return fori_loop(
        0, 2, [=](auto, auto each) { return relu(dot(each, by)); }, y);
  });
  tensor<float, dyn, dyn> h(3, 5), m(5, 5), wrong(5, 4);
  h.fill(1), m.fill(0.5f);
  CHECK(rows(h, m)(2, 4) == 6.25f);
  CHECK_THROWS_AS(rows(h, wrong), shape_error);
  CHECK(rows.plan<decltype(h), decltype(m)>().flops(shape{3, 5}, shape{5, 5}) == 2 * (2 * 75 + 15));
  // What does not change in the loop stands before it.
  CHECK(nested.explain(x, w).find("computes exp") < nested.explain(x, w).find("loop of 3 steps"));
}

}  // namespace
