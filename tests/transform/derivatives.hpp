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
inline double inner_product(const array& a, const array& b) {
  REQUIRE(a.shape == b.shape);
  double sum = 0;
  for (std::size_t i = 0; i < a.at.size(); ++i) sum += a.at[i].real * b.at[i].real;
  return sum;
}
// The arrays one after the other along a new leading axis, and one of them.
inline array stacked(const std::vector<array>& parts) {
  array all = parts[0];
  all.shape.insert(all.shape.begin(), static_cast<extent_t>(parts.size()));
  for (std::size_t i = 1; i < parts.size(); ++i) all.at.insert(all.at.end(), parts[i].at.begin(), parts[i].at.end());
  return all;
}
inline array part(const array& all, std::size_t i) {
  array one{all.type, {all.shape.begin() + 1, all.shape.end()}, {}};
  const auto n = static_cast<std::ptrdiff_t>(trust::count(one.shape));
  one.at.assign(all.at.begin() + static_cast<std::ptrdiff_t>(i) * n, all.at.begin() + static_cast<std::ptrdiff_t>(i + 1) * n);
  return one;
}
template <class P, extent_t N = 2> struct batch_of;
template <class T, bool Strided, extent_t... E, extent_t N> struct batch_of<sinter::detail::param_type<T, Strided, E...>, N> {
  using type = sinter::detail::param_type<T, Strided, N, E...>;
};

// A function, mapped over two arguments at once, against one call for each: the same bits, for the evaluator's order is the same.
template <class G, class... P> bool maps_alike(G, list<P...> types, const std::vector<array>& x, const std::vector<array>& other) {
  std::vector<array> both;
  for (std::size_t a = 0; a < x.size(); ++a) both.push_back(stacked({x[a], other[a]}));
  const std::vector<array> got = evaluate(sinter::vmap(G{}), list<typename batch_of<P>::type...>{}, both);
  for (std::size_t i = 0; i < 2; ++i) {
    const std::vector<array> want = evaluate(G{}, types, i == 0 ? x : other);
    for (std::size_t a = 0; a < want.size(); ++a) {
      const array one = part(got.at(a), i);
      if (one.shape != want[a].shape) return false;
      for (std::size_t k = 0; k < one.at.size(); ++k)
        if (!(one.at[k].real == want[a].at[k].real)) return false;
    }
  }
  return true;
}

// Checks the derivatives of f with respect to all its arguments, which are drawn from low to high: the gradient against differences; the
// tangent of the result along a direction against the gradient's product with it; both for a batch of two.
template <class F, class... P> void check(const std::string& name, F, list<P...> types, double low = -2, double high = 2) {
  CAPTURE(name);
  std::size_t seed = 0;
  const std::vector<array> x{random_array<P>(low, high, ++seed)...}, other{random_array<P>(low, high, ++seed)...};
  const std::vector<array> direction{random_array<P>(-1, 1, ++seed)...};
  [&]<int... I>(sinter::detail::int_list<I...>) {
    constexpr auto gradient = sinter::grad<I...>(weighted<F>{});
    CHECK(distance(gradient, weighted<F>{}, types, x) < 1e-8);
    std::vector<array> both = x;
    both.insert(both.end(), direction.begin(), direction.end());
    const double along = evaluate(sinter::jvp(weighted<F>{}), list<P..., P...>{}, both).at(1).at.at(0).real;
    const std::vector<array> slope = evaluate(gradient, types, x);
    double want = 0;
    for (std::size_t a = 0; a < x.size(); ++a) want += inner_product(slope[a], direction[a]);
    CHECK(std::fabs(along - want) < 1e-12 * std::fmax(1, std::fabs(want)));
    CHECK(maps_alike(weighted<F>{}, types, x, other));
    CHECK(maps_alike(gradient, types, x, other));
  }
  (sinter::detail::make_int_list<sizeof...(P)>{});
}
// The same for the gradient of the sum of squares of a gradient.
template <class F> struct squared_slope {
  static constexpr value square(value g) { return sum(g * g); }
  static constexpr value square(const auto& gradients) {
    return std::apply([](const auto&... g) { return (square(g) + ...); }, gradients);
  }
  template <int... I> static constexpr value of(sinter::detail::int_list<I...>, auto... x) {
    return square(sinter::grad<I...>(weighted<F>{})(x...));
  }
  constexpr auto operator()(auto... x) const { return of(sinter::detail::make_int_list<sizeof...(x)>{}, x...); }
};
template <class F, class... P> void check_second(const std::string& name, F, list<P...> types, double low = -2, double high = 2) {
  CAPTURE(name);
  std::size_t seed = 0;
  const std::vector<array> x{random_array<P>(low, high, ++seed)...};
  [&]<int... I>(sinter::detail::int_list<I...>) {
    CHECK(distance(sinter::grad<I...>(squared_slope<F>{}), squared_slope<F>{}, types, x) < 1e-7);
  }
  (sinter::detail::make_int_list<sizeof...(P)>{});
}

}  // namespace derivatives
