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

}  // namespace
