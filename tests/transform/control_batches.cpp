// SPDX-License-Identifier: Apache-2.0
// Loops and branches whose length or side differs in a batch, against calls one by one; forward mode through loops of unknown length.
#include "transform/derivatives.hpp"

namespace {

using derivatives::array;
using derivatives::evaluate;
using derivatives::f64;
using derivatives::list;
using sinter::axis;
using sinter::fn;
using sinter::tensor;

// A root by Newton's steps, how many of which depends on x.
struct root {
  constexpr auto operator()(auto x, auto start) const {
    const auto last = sinter::while_loop(
        [=](auto c) { return abs(std::get<0>(c) * std::get<0>(c) - x) > 1e-10 * x; },
        [=](auto c) { return std::tuple((std::get<0>(c) + x / std::get<0>(c)) * 0.5, std::get<1>(c) + 1); }, std::tuple(start, 0));
    return std::tuple(std::get<0>(last), std::get<1>(last));
  }
};
constexpr auto roots = sinter::vmap<0>(fn(root{}));
constexpr auto roots_from = sinter::vmap(fn(root{}));

TEST_CASE("a loop that ends sooner for some of a batch") {
  tensor<double, 5> x{{4, 1, 1e6, 2, 0.01}}, start{{1, 1, 3, 2, 7}};
  const auto [y, n] = roots(x, tensor<double>(3));
  const auto [z, m] = roots_from(x, start);
  constexpr auto one = fn(root{});
  for (int i = 0; i < 5; ++i) {
    const auto [want, steps] = one(tensor<double>(x(i)), tensor<double>(3));
    const auto [want_from, steps_from] = one(tensor<double>(x(i)), tensor<double>(start(i)));
    CHECK(y(i) == static_cast<double>(want));
    CHECK(n(i) == static_cast<int>(steps));
    CHECK(z(i) == static_cast<double>(want_from));
    CHECK(m(i) == static_cast<int>(steps_from));
  }
  CHECK(n(2) > n(0));
  CHECK(m(1) == 0);
}
TEST_CASE("batches whose size is known at run time, and none") {
  constexpr auto steps = fn([](auto x) {
    const auto end = sinter::while_loop([](auto c) { return sum(std::get<0>(c)) < 100; },
                                        [](auto c) { return std::tuple(std::get<0>(c) * 2, std::get<1>(c) + 1, std::get<2>(c)); },
                                        std::tuple(x, 0, x + 1));
    return std::tuple(std::get<0>(end), std::get<1>(end), std::get<2>(end));
  });
  tensor<float, sinter::dyn, 2> x(3);
  for (int i = 0; i < 6; ++i) x.data()[i] = static_cast<float>((i + 1) * (i + 1));
  const auto [last, n, kept] = sinter::vmap(steps)(x);
  for (int i = 0; i < 3; ++i) {
    const auto [want, count, same] = steps(tensor<float, 2>{{x(i, 0), x(i, 1)}});
    for (int k = 0; k < 2; ++k) {
      CHECK(last(i, k) == want(k));
      CHECK(kept(i, k) == same(k));
    }
    CHECK(n(i) == static_cast<int>(count));
  }
  const auto [nothing, none, unchanged] = sinter::vmap(steps)(tensor<float, sinter::dyn, 2>(0));
  CHECK(nothing.extent(0) + none.extent(0) + unchanged.extent(0) == 0);
}

// Conditions of a branch, for all or for each.
struct chosen {
  constexpr auto operator()(auto p, auto x, auto w) const {
    return sinter::cond(
        sum(p) > 0, [=] { return std::tuple(sin(x) * w, sum(x)); }, [=] { return std::tuple(x + w, sum(w)); });
  }
};
// A loop of an unknown length inside a loop, a branch on the step, elements along and collected, some for all.
struct mixed {
  constexpr auto operator()(auto x, auto xs) const {
    const auto [last, all] = sinter::scan(
        [=](auto c, auto e) {
          const auto grown =
              sinter::while_loop([=](auto d) { return sum(d) < 3 + sum(e); }, [=](auto d) { return d * 2 + abs(x); }, abs(c));
          const auto next = sinter::cond(
              sum(grown) > 4, [=] { return grown * 0.25; }, [=] { return grown - e; });
          return std::tuple(next, std::tuple(sum(grown), e * 2));
        },
        x, xs);
    return std::tuple(last, std::get<0>(all), std::get<1>(all));
  }
};
// Some of the arguments mapped over a batch of three, against calls one by one: the same bits, for the evaluator's order is the same.
template <unsigned Mapped, class F, class... P, int... I> void check_mapped(F, list<P...> types, sinter::detail::int_list<I...>) {
  CAPTURE(Mapped);
  using batches = list<std::conditional_t<(Mapped >> I & 1) != 0, typename derivatives::batch_of<P, 3>::type, P>...>;
  constexpr auto all = sinter::vmap<sinter::in_axes<(Mapped >> I & 1 ? 0 : sinter::none)...>>(fn(F{}));
  std::size_t seed = 0;
  std::vector<std::vector<array>> one;
  for (int i = 0; i < 3; ++i) one.push_back({derivatives::random_array<P>(-1, 1, ++seed)...});
  std::vector<array> x{(Mapped >> I & 1 ? derivatives::stacked({one[0][I], one[1][I], one[2][I]}) : one[0][I])...};
  const std::vector<array> got = evaluate(all, batches{}, x);
  for (std::size_t i = 0; i < 3; ++i) {
    const std::vector<array> want = evaluate(fn(F{}), types, {one[Mapped >> I & 1 ? i : 0][I]...});
    REQUIRE(got.size() == want.size());
    for (std::size_t a = 0; a < want.size(); ++a) {
      const array mine = derivatives::part(got[a], i);
      REQUIRE(mine.shape == want[a].shape);
      for (std::size_t k = 0; k < mine.at.size(); ++k)
        CHECK((mine.at[k].real == want[a].at[k].real && mine.at[k].whole == want[a].at[k].whole));
    }
  }
}
TEST_CASE("conditions and carries, some of which are the same for all of a batch") {
  using three = sinter::detail::int_list<0, 1, 2>;
  using two = sinter::detail::int_list<0, 1>;
  check_mapped<0b001>(chosen{}, list<f64<2>, f64<3>, f64<3>>{}, three{});
  check_mapped<0b110>(chosen{}, list<f64<2>, f64<3>, f64<3>>{}, three{});
  check_mapped<0b010>(chosen{}, list<f64<2>, f64<3>, f64<3>>{}, three{});
  check_mapped<0b111>(chosen{}, list<f64<2>, f64<3>, f64<3>>{}, three{});
  check_mapped<0b01>(mixed{}, list<f64<2>, f64<4, 2>>{}, two{});
  check_mapped<0b10>(mixed{}, list<f64<2>, f64<4, 2>>{}, two{});
  check_mapped<0b11>(mixed{}, list<f64<2>, f64<4, 2>>{}, two{});
}

// What does not differ in a batch is computed once: a branch remains one, a counter has no batch.
TEST_CASE("a branch on one condition computes one side for all of a batch") {
  constexpr auto f = sinter::vmap<1, 2>(fn(chosen{}));
  constexpr auto g = sinter::vmap<0, 1, 2>(fn(chosen{}));
  const tensor<double, 2> p;
  const tensor<double, 8, 3> x;
  CHECK(f.explain(p, x, x).find("branch") != std::string_view::npos);
  CHECK(g.explain(tensor<double, 8, 2>{}, x, x).find("branch") == std::string_view::npos);
}

TEST_CASE("tangents through a loop of unknown length") {
  constexpr auto slope = sinter::jvp<0>(fn([](auto x, auto start) {
    return sinter::while_loop([=](auto c) { return abs(c * c - x) > 1e-13 * x; }, [=](auto c) { return (c + x / c) * 0.5; }, start);
  }));
  constexpr auto each = sinter::vmap<0, 2>(slope);
  const tensor<double, 3> x{{2, 9, 1e4}}, one{{1, 1, 2}};
  const auto [all, tangents] = each(x, tensor<double>(1), one);
  for (int i = 0; i < 3; ++i) {
    const auto [y, t] = slope(tensor<double>(x(i)), tensor<double>(1), tensor<double>(one(i)));
    CHECK(static_cast<double>(t) == doctest::Approx(one(i) / (2 * std::sqrt(x(i)))).epsilon(1e-12));
    CHECK(all(i) == static_cast<double>(y));
    CHECK(tangents(i) == static_cast<double>(t));
  }
}

}  // namespace
