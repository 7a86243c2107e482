// SPDX-License-Identifier: Apache-2.0
// Derivatives and batches through loops and branches, against the same steps written out.
#include "transform/derivatives.hpp"

namespace {

using derivatives::array;
using derivatives::evaluate;
using derivatives::f64;
using derivatives::list;
using sinter::axis;
using sinter::fn;
using sinter::tensor;
using sinter::value;

template <class T> void fill(T& x, std::size_t seed) {
  for (sinter::extent_t i = 0; i < x.size(); ++i) x.data()[i] = 2 * derivatives::noise(1000 * seed + static_cast<std::size_t>(i)) - 1;
}
template <class A, class B> double apart(const A& a, const B& b) {
  REQUIRE(a.size() == b.size());
  double most = 0, worst = 0;
  for (sinter::extent_t i = 0; i < a.size(); ++i) {
    most = std::fmax(most, std::fabs(b.data()[i]));
    const double d = std::fabs(a.data()[i] - b.data()[i]);
    if (!(d <= worst)) worst = d;
  }
  return most > 0 ? worst / most : worst;
}

int count(const std::string& text, const char* what) {
  int n = 0;
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++n;
  return n;
}

// A recurrent network of four steps.
struct rnn_step {
  constexpr auto operator()(auto h, auto x, auto w, auto u) const { return tanh(dot(h, w) + dot(x, u)); }
};
constexpr auto rnn = [](auto h0, auto xs, auto w, auto u) {
  const auto [last, ys] = sinter::scan(
      [=](auto h, auto x) {
        const auto next = rnn_step{}(h, x, w, u);
        return std::tuple(next, next * h);
      },
      h0, xs);
  return sum(last * last) + sum(sin(ys));
};
template <int I> constexpr auto row(auto xs) { return sum(sinter::slice(xs, sinter::range<I, I + 1>, sinter::all), axis<0>); }
constexpr auto rnn_unrolled = [](auto h, auto xs, auto w, auto u) {
  const auto a = rnn_step{}(h, row<0>(xs), w, u), b = rnn_step{}(a, row<1>(xs), w, u);
  const auto c = rnn_step{}(b, row<2>(xs), w, u), d = rnn_step{}(c, row<3>(xs), w, u);
  return sum(d * d) + sum(sin(a * h)) + sum(sin(b * a)) + sum(sin(c * b)) + sum(sin(d * c));
};
TEST_CASE("the gradient of a recurrent network") {
  tensor<double, 5> h;
  tensor<double, 4, 3> xs;
  tensor<double, 5, 5> w;
  tensor<double, 3, 5> u;
  fill(h, 1), fill(xs, 2), fill(w, 3), fill(u, 4);
  constexpr auto looped = sinter::value_and_grad<0, 1, 2, 3>(rnn);
  constexpr auto unrolled = sinter::value_and_grad<0, 1, 2, 3>(rnn_unrolled);
  const auto [y, g] = looped(h, xs, w, u);
  const auto [want, by] = unrolled(h, xs, w, u);
  CHECK(static_cast<double>(y) == doctest::Approx(static_cast<double>(want)).epsilon(1e-14));
  CHECK(apart(std::get<0>(g), std::get<0>(by)) < 1e-12);
  CHECK(apart(std::get<1>(g), std::get<1>(by)) < 1e-12);
  CHECK(apart(std::get<2>(g), std::get<2>(by)) < 1e-12);
  CHECK(apart(std::get<3>(g), std::get<3>(by)) < 1e-12);
  // The loop runs forward once, and backward once.
  const std::string plan(looped.explain(h, xs, w, u));
  CHECK(count(plan, "loop of 4 steps") == 2);
}

// One function of each kind, which derivatives::check compares with differences and with products of tangents.
struct steps {  // captured values, an integer counter, an index
  static constexpr auto step(auto c, auto w, auto i) { return sin(c) * w + c * cast<double>(i) * 0.25; }
  constexpr auto operator()(auto x, auto w) const {
    const auto all = sinter::fori_loop(
        1, 4, [=](auto i, auto c) { return std::tuple(step(std::get<0>(c), w, i) + cast<double>(std::get<1>(c)), std::get<1>(c) + 2); },
        std::tuple(x, 0));
    return std::get<0>(all);
  }
};
struct steps_unrolled {
  constexpr auto operator()(auto x, auto w) const {
    const auto a = steps::step(x, w, value(1).as(*x.graph(), sinter::dtype::i32));
    const auto b = steps::step(a, w, value(2).as(*x.graph(), sinter::dtype::i32)) + 2;
    return steps::step(b, w, value(3).as(*x.graph(), sinter::dtype::i32)) + 4;
  }
};
struct backward_scan {  // carries that change places, trees along and collected
  constexpr auto operator()(auto x, auto y, auto xs) const {
    const auto [last, all] = sinter::scan(
        [](auto c, auto e) {
          const auto [a, b] = c;
          return std::tuple(std::tuple(b * std::get<0>(e), a + sin(b)), std::tuple(a * b, std::get<1>(e) * a));
        },
        std::tuple(x, y), std::tuple(xs, exp(xs)), true);
    return std::get<0>(last) * std::get<1>(last) + sum(std::get<0>(all) * std::get<1>(all), axis<0>);
  }
};
struct nested_loops {
  constexpr auto operator()(auto x, auto w) const {
    return sinter::fori_loop(
        0, 2,
        [=](auto i, auto c) {
          const auto e = exp(w * 0.25);
          const auto in = sinter::fori_loop(
              0, 3, [=](auto j, auto d) { return sin(d * w) + e * cast<double>(i * j + 1) + c; }, c + e);
          return in * 0.5 + c * w;
        },
        x);
  }
};
struct branches {  // what both sides use, what one does, a loop in one of them
  constexpr auto operator()(auto x, auto w) const {
    const auto h = sin(x) * w;
    const auto side = [=](auto p) {
      return sinter::cond(
          p,
          [=] {
            return sinter::fori_loop(
                0, 2, [=](auto, auto c) { return c * w + h; }, x);
          },
          [=] { return exp(h) * 0.5; });
    };
    return side(sum(x) > sum(w)) * side(sum(x) <= sum(w));
  }
};
struct cond_in_loop {
  constexpr auto operator()(auto x, auto w) const {
    return sinter::fori_loop(
        0, 3,
        [=](auto i, auto c) {
          return sinter::cond(
              i == 1, [=] { return sin(c) * w; }, [=] { return c + w * c; });
        },
        x);
  }
};
struct constant_loops {  // no trips; carries that do not move; a result that is captured
  constexpr auto operator()(auto x, auto w) const {
    const auto none = sinter::fori_loop(
        0, 0, [=](auto, auto c) { return c * w; }, x * w);
    const auto kept = sinter::fori_loop(
        0, 2, [=](auto, auto c) { return std::tuple(std::get<0>(c), w, std::get<1>(c) * 2); }, std::tuple(x, w, x));
    return none + std::get<0>(kept) * std::get<1>(kept) + std::get<2>(kept) * w;
  }
};
TEST_CASE("gradients, tangents and batches") {
  using derivatives::check;
  check("steps", steps{}, list<f64<3>, f64<3>>{}, -1, 1);
  check("backward scan", backward_scan{}, list<f64<2>, f64<2>, f64<3, 2>>{}, -1, 1);
  check("nested", nested_loops{}, list<f64<2>, f64<2>>{}, -1, 1);
  check("branches", branches{}, list<f64<2>, f64<2>>{}, -1, 1);
  check("cond in a loop", cond_in_loop{}, list<f64<2>, f64<2>>{}, -1, 1);
  check("constant", constant_loops{}, list<f64<2>, f64<2>>{}, -1, 1);
}

TEST_CASE("second derivatives") {
  using derivatives::check_second;
  check_second("steps", steps{}, list<f64<3>, f64<3>>{}, -1, 1);
  check_second("backward scan", backward_scan{}, list<f64<2>, f64<2>, f64<3, 2>>{}, -1, 1);
  check_second("nested", nested_loops{}, list<f64<2>, f64<2>>{}, -1, 1);
  check_second("branches", branches{}, list<f64<2>, f64<2>>{}, -1, 1);
  check_second("cond in a loop", cond_in_loop{}, list<f64<2>, f64<2>>{}, -1, 1);
}

TEST_CASE("the second derivatives of a loop, as kernels") {
  tensor<double, 3> x, w;
  fill(x, 5), fill(w, 6);
  constexpr auto looped = sinter::hessian<1>([](auto a, auto b) { return sum(steps{}(a, b)); });
  constexpr auto unrolled = sinter::hessian<1>([](auto a, auto b) { return sum(steps_unrolled{}(a, b)); });
  CHECK(apart(looped(x, w), unrolled(x, w)) < 1e-13);
  constexpr auto reverse = sinter::jacrev<0>(sinter::grad<1>([](auto a, auto b) { return sum(steps{}(a, b)); }));
  constexpr auto forward = sinter::jacfwd<0>(sinter::grad<1>([](auto a, auto b) { return sum(steps_unrolled{}(a, b)); }));
  CHECK(apart(reverse(x, w), forward(x, w)) < 1e-13);
}

}  // namespace
