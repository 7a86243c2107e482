// SPDX-License-Identifier: Apache-2.0
// Loops and branches around, inside and beside other transformations.
#include <algorithm>

#include "transform/derivatives.hpp"

namespace {

using derivatives::array;
using derivatives::check;
using derivatives::f64;
using derivatives::list;
using sinter::axis;
using sinter::fn;
using sinter::tensor;

constexpr auto kept = sinter::checkpoint(fn([](auto c, auto w) { return tanh(dot(c, w)) + c; }));
struct checkpoint_in_loop {
  constexpr auto operator()(auto x, auto w) const {
    return sinter::fori_loop(
        0, 3, [=](auto, auto c) { return decltype(kept){}(c, w); }, x);
  }
};
constexpr auto mixing = sinter::checkpoint(fn([](auto x, auto w) {
  return sinter::fori_loop(
      0, 3, [=](auto, auto c) { return softmax(dot(c, w), axis<0>) * c; }, x);
}));
struct loops_in_checkpoints {
  constexpr auto operator()(auto x, auto w) const { return decltype(mixing){}(x, w) * decltype(mixing){}(x * 2, w); }
};
constexpr auto straight = sinter::custom_gradient([](auto x, auto w) { return sin(x) * w; },
                                                  [](auto ct, auto x, auto w) { return std::tuple(ct * cos(x) * w, ct * sin(x)); });
struct custom_in_loop {
  constexpr auto operator()(auto x, auto w) const {
    return sinter::fori_loop(
        0, 3,
        [=](auto, auto c) {
          const auto inner = sinter::fori_loop(
              0, 2, [=](auto, auto d) { return decltype(straight){}(d, c); }, w);
          return decltype(straight){}(c, w) + inner;
        },
        x);
  }
};
struct three_levels {
  constexpr auto operator()(auto x, auto w) const {
    return sinter::fori_loop(
        0, 2,
        [=](auto i, auto c) {
          return sinter::fori_loop(
              0, 2,
              [=](auto j, auto d) {
                return sinter::fori_loop(
                    0, 2,
                    [=](auto k, auto e) {
                      return sinter::cond(
                          i + j == k, [=] { return sin(e * w) + c; }, [=] { return e * d; });
                    },
                    d);
              },
              c * w);
        },
        x);
  }
};
constexpr auto of_one = fn([](auto a, auto b) {
  return sinter::cond(
      a > 0, [=] { return sum(sin(b) * a); },
      [=] {
        return sinter::fori_loop(
            0, 2, [=](auto, auto c) { return c * a + sum(b); }, a);
      });
});
struct batch_of_branches {
  constexpr auto operator()(auto x, auto w) const { return sinter::vmap<0>(of_one)(x, w) * 2; }
};
constexpr auto slope = sinter::grad<0>(fn([](auto a, auto b) {
  return sum(sinter::fori_loop(
      0, 2, [=](auto, auto c) { return sin(c * b); }, a));
}));
struct descent {
  constexpr auto operator()(auto x, auto w) const {
    return sinter::fori_loop(
        0, 2, [=](auto, auto c) { return c - decltype(slope){}(c, w) * 0.5; }, x);
  }
};
constexpr auto doubled = sinter::vmap<0>(fn([](auto a, auto b) {
  return sinter::while_loop([=](auto c) { return sum(abs(c)) < 3 + b; }, [](auto c) { return c * 2; }, abs(a) + 0.5);
}));
struct constant_while {
  constexpr auto operator()(auto x, auto w) const { return x * stop_gradient(decltype(doubled){}(floor(x * 4), floor(sum(w)))) + w; }
};
TEST_CASE("derivatives and batches of loops in and around derivatives and batches") {
  check("a checkpoint in a loop", checkpoint_in_loop{}, list<f64<3>, f64<3, 3>>{}, -1, 1);
  check("loops in checkpoints", loops_in_checkpoints{}, list<f64<3>, f64<3, 3>>{}, -1, 1);
  check("three levels", three_levels{}, list<f64<2>, f64<2>>{}, -1, 1);
  check("a batch of branches", batch_of_branches{}, list<f64<2>, f64<3>>{}, -1, 1);
  check("steps along a gradient", descent{}, list<f64<2>, f64<2>>{}, -1, 1);
  check("a constant", constant_while{}, list<f64<2>, f64<2>>{}, -1, 1);
}
struct tokens {  // rows of a table that a loop captures, named by what it runs along
  constexpr auto operator()(auto table, auto y, auto h) const {
    const auto [last, all] = sinter::scan(
        [=](auto c, auto token) {
          const auto next = tanh(c + take(table, token, axis<0>)) * 0.5;
          return std::tuple(next, take(next, token, axis<0>));
        },
        h, sinter::cast<int>(floor(y * 2)) + 2);
    return last * sum(all);
  }
};
struct cache {  // written and read where the step says
  constexpr auto operator()(auto x, auto y) const {
    const auto at = sum(sinter::cast<int>(floor(y)));
    return sinter::fori_loop(
        0, 4,
        [=](auto i, auto c) {
          const auto row = sin(sinter::dynamic_slice<1, 2>(c, i, 0)) + sinter::dynamic_slice<1, 2>(c, at, 0) * sum(y);
          return scatter_add(dynamic_update_slice(c, row, i + 1, 0), i, sum(row, axis<0>), axis<0>);
        },
        x);
  }
};
TEST_CASE("access by index in loops") {
  check("rows of a table", tokens{}, list<f64<5, 3>, f64<4>, f64<3>>{}, -1, 1);
  check("a cache", cache{}, list<f64<4, 2>, f64<2>>{}, -1, 1);
  derivatives::check_second("rows of a table", tokens{}, list<f64<5, 3>, f64<4>, f64<3>>{}, -1, 1);
  derivatives::check_second("a cache", cache{}, list<f64<4, 2>, f64<2>>{}, -1, 1);
}
TEST_CASE("a derivative of the user's in a loop") {
  using types = list<f64<3>, f64<3>>;
  std::vector<array> x, other;
  for (std::size_t i = 1; i < 3; ++i) {
    x.push_back(derivatives::random_array<f64<3>>(-1, 1, i));
    other.push_back(derivatives::random_array<f64<3>>(-1, 1, i + 2));
  }
  constexpr auto gradient = sinter::grad<0, 1>(derivatives::weighted<custom_in_loop>{});
  CHECK(derivatives::distance(gradient, derivatives::weighted<custom_in_loop>{}, types{}, x) < 1e-8);
  CHECK(derivatives::maps_alike(gradient, types{}, x, other));
}
TEST_CASE("the gradient of a loop over extents that are known at run time") {
  constexpr auto loss = [](auto x, auto xs, auto w) {
    const auto [last, all] = sinter::scan([=](auto c, auto e) { return std::tuple(tanh(dot(c, w) + e), c * e); }, x, xs);
    return sum(last * last) + sum(all);
  };
  constexpr auto gradient = sinter::grad<0, 1, 2>(loss);
  constexpr auto mapped = sinter::grad<0, 1, 2>([](auto x, auto xs, auto w) {
    return sum(
        sinter::vmap<sinter::in_axes<0, 1, sinter::none>>([](auto a, auto as, auto b) { return decltype(loss){}(a, as, b); })(x, xs, w));
  });
  tensor<double, 2, 3> x;
  tensor<double, 4, 2, 3> xs;
  tensor<double, 3, 3> w;
  for (int i = 0; i < 24; ++i) {
    xs.data()[i] = derivatives::noise(static_cast<std::size_t>(i));
    if (i < 9) w.data()[i] = derivatives::noise(static_cast<std::size_t>(i) + 100) - 0.5;
    if (i < 6) x.data()[i] = derivatives::noise(static_cast<std::size_t>(i) + 200);
  }
  tensor<double, sinter::dyn, 3> dynamic_x(2);
  tensor<double, 4, sinter::dyn, 3> dynamic_xs(2);
  std::copy(x.begin(), x.end(), dynamic_x.begin()), std::copy(xs.begin(), xs.end(), dynamic_xs.begin());
  const auto want = gradient(x, xs, w), rows = mapped(x, xs, w);
  const auto got = gradient(dynamic_x, dynamic_xs, w), dynamic_rows = mapped(dynamic_x, dynamic_xs, w);
  const auto compare = [](const auto& a, const auto& b, double most) {
    REQUIRE(a.size() == b.size());
    for (sinter::extent_t i = 0; i < a.size(); ++i) CHECK(std::fabs(a.data()[i] - b.data()[i]) <= most);
  };
  compare(std::get<0>(got), std::get<0>(want), 0), compare(std::get<1>(got), std::get<1>(want), 0);
  compare(std::get<2>(got), std::get<2>(want), 1e-14);
  compare(std::get<0>(rows), std::get<0>(want), 1e-14), compare(std::get<1>(rows), std::get<1>(want), 1e-14);
  compare(std::get<2>(rows), std::get<2>(want), 1e-14);
  compare(std::get<0>(dynamic_rows), std::get<0>(rows), 0), compare(std::get<1>(dynamic_rows), std::get<1>(rows), 0);
  compare(std::get<2>(dynamic_rows), std::get<2>(rows), 1e-14);
}

}  // namespace
