// SPDX-License-Identifier: Apache-2.0
// One random program: the kernels against the evaluator, and the two CPU backends against each other, bit by bit.
#pragma once

#include <cstring>
#include <string>
#include <utility>

#include <doctest/doctest.h>

#include "evaluator.hpp"
#include "generator.hpp"

namespace trust {

// Parameter K of a seed: multiples of 1/8 from -2 to 2.
template <int Seed, int K, int... A> auto parameter(sinter::detail::int_list<A...>) {
  static constexpr parameters p = parameters_of(Seed);
  using type = sinter::tensor<float, (p.open[K][A] ? dyn : p.extents[K][A])...>;
  type x = [&] {
    extent_t e[sinter::max_rank] = {p.extents[K][A]...};
    return type(sinter::detail::uninitialised{}, e);
  }();
  random_numbers r(Seed * 3 + K);
  for (std::size_t i = 0; i < count(extents{p.extents[K][A]...}); ++i) x.data()[i] = static_cast<float>(r.below(33) - 16) / 8;
  return x;
}
template <int Seed, int K> auto parameter() { return parameter<Seed, K>(sinter::detail::make_int_list<parameters_of(Seed).extents[K].rank>{}); }

struct verdict {
  std::size_t elements = 0, unknown = 0;
  double widest = 0;   // the largest error that the evaluator allows
  std::string first;   // the first difference
};
template <class T> double as_double(T x) { return static_cast<double>(x); }
template <class T, extent_t... E> void compare(const sinter::tensor<T, E...>& got, const array& want, int result, verdict& v) {
  const array have = array_of(got);
  REQUIRE(have.shape == want.shape);
  REQUIRE(have.type == want.type);
  for (std::size_t i = 0; i < have.at.size(); ++i) {
    const number &a = have.at[i], &b = want.at[i];
    ++v.elements;
    if (!b.certain()) {
      ++v.unknown;
      continue;
    }
    v.widest = std::fmax(v.widest, b.error / (1 + std::fabs(b.real)));
    const bool same = is_float(have.type) ? std::fabs(a.real - b.real) <= b.error || a.real == b.real || (std::isnan(a.real) && std::isnan(b.real)) : a.whole == b.whole;
    if (!same && v.first.empty())
      v.first = "result " + std::to_string(result) + " element " + std::to_string(i) + ": " + std::to_string(is_float(have.type) ? a.real : as_double(a.whole)) +
                " instead of " + std::to_string(is_float(have.type) ? b.real : as_double(b.whole)) + " +- " + std::to_string(b.error);
  }
}
template <class T, extent_t... E> bool same_bits(const sinter::tensor<T, E...>& a, const sinter::tensor<T, E...>& b) {
  const std::size_t n = array_of(a).at.size();
  for (std::size_t i = 0; i < n; ++i) {
    if constexpr (std::is_floating_point_v<T>)
      if (std::isnan(a.data()[i]) && std::isnan(b.data()[i])) continue;  // the sign and payload of NaN are free
    if (std::memcmp(a.data() + i, b.data() + i, sizeof(T)) != 0) return false;
  }
  return true;
}

template <int Seed> void check_program() {
  CAPTURE(Seed);
  constexpr auto f = sinter::fn(random_program<Seed>{});
  const auto x = parameter<Seed, 0>();
  const auto y = parameter<Seed, 1>();
  const auto z = parameter<Seed, 2>();
  using source = sinter::run::function_source<random_program<Seed>, sinter::run::argument_t<decltype(x)>, sinter::run::argument_t<decltype(y)>, sinter::run::argument_t<decltype(z)>>;
  const auto want = evaluate(sinter::run::trace_stage<source>::value.view(), {array_of(x), array_of(y), array_of(z)});
  const auto got = f(x, y, z);
  verdict v;
  [&]<std::size_t... R>(std::index_sequence<R...>) { (compare(std::get<R>(got), want[R], static_cast<int>(R), v), ...); }(std::make_index_sequence<std::tuple_size_v<decltype(got)>>{});
  CHECK(v.first == "");
  // The comparison says something: no element is left open, none may be further away than a few roundings to bf16 (2^-8).
  CHECK(v.unknown == 0);
  CHECK(v.widest < 0x1p-5);
  const auto scalar = f.template on<sinter::backend::scalar>()(x, y, z);
  [&]<std::size_t... R>(std::index_sequence<R...>) { CHECK((same_bits(std::get<R>(got), std::get<R>(scalar)) && ...)); }(std::make_index_sequence<std::tuple_size_v<decltype(got)>>{});
}
template <int First, int Count> void check_programs() {
  [&]<int... I>(std::integer_sequence<int, I...>) { (check_program<First + I>(), ...); }(std::make_integer_sequence<int, Count>{});
}

}  // namespace trust
