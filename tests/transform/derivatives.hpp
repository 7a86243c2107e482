// SPDX-License-Identifier: Apache-2.0
// Derivatives against differences. Both are graphs that the evaluator of tests/trust computes in double, so that a rule costs no kernel.
#pragma once

#include <cmath>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <sinter/sinter.hpp>

#include "trust/evaluator.hpp"

namespace derivatives {

using sinter::extent_t;
using sinter::value;
using trust::array;
namespace run = sinter::run;

template <extent_t... E> using f64 = sinter::detail::param_type<double, false, E...>;
template <class... P> using list = sinter::detail::type_list<P...>;

// Reproducible numbers, none of them twice.
inline double noise(std::size_t i) {
  const double x = std::sin(static_cast<double>(i) * 12.9898 + 4.1) * 43758.5453;
  return x - std::floor(x);
}
template <class P> array random_array(double low, double high, std::size_t seed) {
  array a{sinter::dtype_of<typename P::element_type>(), {}, {}};
  for (int k = 0; k < P::rank; ++k) a.shape.push_back(P::extent[k]);
  for (std::size_t i = 0; i < trust::count(a.shape); ++i) {
    const double x = low + (high - low) * noise(1000 * seed + i);
    a.at.push_back({x, static_cast<std::int64_t>(x), 0});
  }
  return a;
}

template <class F, class... P> std::vector<array> evaluate(F, list<P...>, const std::vector<array>& x) {
  using source = run::function_source<F, P...>;
  static_assert(!run::trace_stage<source>::failed.happened());
  return trust::evaluate(run::trace_stage<source>::value.view(), x);
}
inline double scalar(const std::vector<array>& r) { return r.at(0).at.at(0).real; }

// The sum of a function's results, each element with a weight of its own.
template <class F> struct weighted {
  static constexpr value weigh(value y) {
    sinter::graph::builder& g = *y.graph();
    const extent_t n = g.size_of(y.shape());
    const value i = sinter::ops::iota::trace(g, sinter::dtype::f64, sinter::shape<>(n), sinter::axes(0));
    return sum(y * sinter::reshape(cos(i * 0.7 + 0.3), sinter::shape<>(y.shape())));
  }
  constexpr auto operator()(auto... x) const { return weigh(F{}(x...)); }
};

// The largest distance between a gradient and central differences, relative to the largest of both; P... are the types of the arguments.
template <class G, class F, class... P> double distance(G, F, list<P...> types, const std::vector<array>& x) {
  const std::vector<array> got = evaluate(G{}, types, x);
  REQUIRE(got.size() == x.size());
  double worst = 0;
  for (std::size_t a = 0; a < x.size(); ++a) {
    REQUIRE(got[a].shape == x[a].shape);
    for (std::size_t i = 0; i < x[a].at.size(); ++i) {
      const auto at = [&](double step) {
        std::vector<array> moved = x;
        moved[a].at[i].real += step;
        return scalar(evaluate(F{}, types, moved));
      };
      const double h = 1e-3;  // the error of this formula is h^4
      const double want = (8 * (at(h) - at(-h)) - (at(2 * h) - at(-2 * h))) / (12 * h);
      const double error = std::fabs(got[a].at[i].real - want) / std::fmax(1, std::fmax(std::fabs(want), std::fabs(got[a].at[i].real)));
      if (!(error <= worst)) worst = error;
    }
  }
  return worst;
}
template <class F, class Types, int... I> double error_of(F, Types types, const std::vector<array>& x, sinter::detail::int_list<I...>) {
  return distance(sinter::grad<I...>(weighted<F>{}), weighted<F>{}, types, x);
}
// Checks the gradients of f with respect to all its arguments, which are drawn from low to high.
template <class F, class... P> void check(const std::string& name, F f, list<P...> types, double low = -2, double high = 2) {
  CAPTURE(name);
  std::size_t seed = 0;
  const std::vector<array> x{random_array<P>(low, high, ++seed)...};
  CHECK(error_of(f, types, x, sinter::detail::make_int_list<sizeof...(P)>{}) < 1e-8);
}

}  // namespace derivatives
