// SPDX-License-Identifier: Apache-2.0
// Derivatives of random programs in double: forward and reverse mode are adjoint, <u, J v> = <J^T u, v>. The two walks share no order of
// operations, so that an error in one rule of a program shows. No kernel is compiled: the evaluator computes both graphs.
#pragma once

#include <doctest/doctest.h>

#include "evaluator.hpp"
#include "generator.hpp"

namespace trust {

template <int Seed, int K, int... A> auto parameter_type(sinter::detail::int_list<A...>) {
  constexpr parameters p = parameters_of(Seed);
  return sinter::detail::param_type<double, false, (p.open[K][A] ? dyn : p.extents[K][A])...>{};
}
template <int Seed, int K> using parameter_type_t =
    decltype(parameter_type<Seed, K>(sinter::detail::make_int_list<parameters_of(Seed).extents[K].rank>{}));

// Multiples of 1/8 for parameters, as the generator expects; anything for directions.
inline array numbers(const extents& shape, random_numbers& r, bool exact) {
  array a{dtype::f64, shape, {}};
  for (std::size_t i = 0; i < count(shape); ++i) a.at.push_back({exact ? (r.below(33) - 16) / 8.0 : r.below(20001) / 1e4 - 1, 0, 0});
  return a;
}
inline double product(const array& a, const array& b) {
  REQUIRE(a.shape == b.shape);
  double sum = 0;
  for (std::size_t i = 0; i < a.at.size(); ++i) sum += a.at[i].real * b.at[i].real;
  return sum;
}

// Of a tuple of results the sum of all elements, each with a weight that the evaluator's cosine gives it.
template <int Seed> struct weighed_program {
  static constexpr value weigh(value y) {
    sinter::graph::builder& g = *y.graph();
    const value i = sinter::ops::iota::trace(g, dtype::f64, shape<>(g.size_of(y.shape())), axes(0));
    return sum(y * sinter::reshape(cos(i * 0.7 + 0.3), shape<>(y.shape())));
  }
  constexpr auto operator()(auto x, auto y, auto z) const {
    return std::apply([](auto... r) { return (weigh(r) + ...); }, random_program<Seed>{}(x, y, z));
  }
};

template <class F, class... P> std::vector<array> evaluate_function(F, sinter::detail::type_list<P...>, const std::vector<array>& x) {
  using source = sinter::run::function_source<F, P...>;
  static_assert(!sinter::run::trace_stage<source>::failed.happened());
  static_assert(sinter::graph::verify(sinter::run::simplify_stage<source>::value.view()) == nullptr);
  return evaluate(sinter::run::trace_stage<source>::value.view(), x);
}
template <int Seed> void check_adjoint() {
  CAPTURE(Seed);
  using X = parameter_type_t<Seed, 0>;
  using Y = parameter_type_t<Seed, 1>;
  using Z = parameter_type_t<Seed, 2>;
  random_numbers r(Seed * 3 + 1);
  constexpr parameters p = parameters_of(Seed);
  std::vector<array> x, v;
  for (int k = 0; k < 3; ++k) {
    const extents shape(p.extents[k].extent, p.extents[k].extent + p.extents[k].rank);
    x.push_back(numbers(shape, r, true)), v.push_back(numbers(shape, r, false));
  }
  std::vector<array> both = x;
  both.insert(both.end(), v.begin(), v.end());
  const double forward =
      evaluate_function(sinter::jvp(weighed_program<Seed>{}), sinter::detail::type_list<X, Y, Z, X, Y, Z>{}, both).at(1).at.at(0).real;
  const std::vector<array> gradient =
      evaluate_function(sinter::grad<0, 1, 2>(weighed_program<Seed>{}), sinter::detail::type_list<X, Y, Z>{}, x);
  double reverse = 0, size = 1;
  for (std::size_t k = 0; k < 3; ++k) {
    reverse += product(gradient.at(k), v[k]);
    for (std::size_t i = 0; i < v[k].at.size(); ++i) size += std::fabs(gradient[k].at[i].real * v[k].at[i].real);
  }
  CHECK(std::isfinite(forward));
  CHECK(std::fabs(forward - reverse) <= 1e-10 * size);
}
template <int First, int Count> void check_adjoints() {
  [&]<int... I>(std::integer_sequence<int, I...>) { (check_adjoint<First + I>(), ...); }
  (std::make_integer_sequence<int, Count>{});
}

}  // namespace trust
