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
template <int Seed, int K> auto parameter() {
  return parameter<Seed, K>(sinter::detail::make_int_list<parameters_of(Seed).extents[K].rank>{});
}

template <class T> auto as_tuple(T x) { return std::tuple<T>(std::move(x)); }
template <class... T> auto as_tuple(std::tuple<T...> x) { return x; }

struct verdict {
  std::size_t elements = 0, unknown = 0;
  double widest = 0;  // the largest error that the evaluator allows
  std::string first;  // the first difference
};
template <class T> double as_double(T x) { return static_cast<double>(x); }
template <class X> void compare(const X& got, const array& want, int result, verdict& v) {
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
    const bool same = is_float(have.type)
                          ? std::fabs(a.real - b.real) <= b.error || a.real == b.real || (std::isnan(a.real) && std::isnan(b.real))
                          : a.whole == b.whole;
    if (!same && v.first.empty())
      v.first = "result " + std::to_string(result) + " element " + std::to_string(i) + ": " +
                std::to_string(is_float(have.type) ? a.real : as_double(a.whole)) + " instead of " +
                std::to_string(is_float(have.type) ? b.real : as_double(b.whole)) + " +- " + std::to_string(b.error);
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

// The kernels of f on these tensors against the evaluator, and on the scalar backend bit by bit. No error that the evaluator allows may
// reach `widest` (1 + |y|): else the comparison would say little.
template <class F, class O, class... X> void check_within(double widest, const sinter::function<F, O>& f, const X&... x) {
  using source = sinter::run::function_source<F, sinter::run::argument_t<X>...>;
  const auto want = evaluate(sinter::run::trace_stage<source>::value.view(), {array_of(x)...});
  const auto got = as_tuple(f(x...)), scalar = as_tuple(f.template on<sinter::backend::scalar>()(x...));
  verdict v;
  [&]<std::size_t... R>(std::index_sequence<R...>) {
    (compare(std::get<R>(got), want[R], static_cast<int>(R), v), ...);
    CHECK((same_bits(std::get<R>(got), std::get<R>(scalar)) && ...));
  }
  (std::make_index_sequence<std::tuple_size_v<decltype(got)>>{});
  CHECK(v.first == "");
  // The comparison says something: no element is left open.
  CHECK(v.unknown == 0);
  CHECK(v.widest < widest);
}
// The same, where none may be further away than a few roundings to bf16 (2^-8).
template <class F, class O, class... X> void check_function(const sinter::function<F, O>& f, const X&... x) {
  check_within(0x1p-5, f, x...);
}
// A copy whose first axis is the fastest and whose elements lie two apart.
template <class T, extent_t... E> class scattered {
 public:
  explicit scattered(const sinter::tensor<T, E...>& x)
      : memory_(2 * count(array_of(x).shape) + 1), seen_(look(x, sinter::detail::make_int_list<sizeof...(E)>{})) {
    std::size_t k = 0;
    each(array_of(x).shape, [&](const extents& index) {
      std::ptrdiff_t at = 0;
      for (int a = 0; a < x.rank; ++a) at += index[static_cast<std::size_t>(a)] * seen_.stride(a);
      seen_.data()[at] = x.data()[k++];
    });
  }
  sinter::view<T, E...>& view() { return seen_; }

 private:
  struct cell {  // std::vector<bool> has no elements
    T held;
  };
  std::vector<cell> memory_;
  sinter::view<T, E...> seen_;
  template <int... A> sinter::view<T, E...> look([[maybe_unused]] const sinter::tensor<T, E...>& x, sinter::detail::int_list<A...>) {
    std::ptrdiff_t run[sizeof...(E) + 1] = {2};
    for (int a = 0; a < x.rank; ++a) run[a + 1] = run[a] * x.extent(a);
    return {&memory_.data()->held, sinter::strides(run[A]...)};
  }
};

// Arguments and results in memory of another layout.
template <class F, class O, class... X> void check_views(const sinter::function<F, O>& f, const X&... x) {
  const auto want = as_tuple(f(x...));
  std::apply(
      [&](const auto&... w) {
        const auto call = [&](auto... seen) {
          std::tuple results{scattered(std::remove_cvref_t<decltype(w)>())...};
          std::apply([&](auto&... r) { f.into(std::tie(r.view()...), seen.view()...); }, results);
          verdict v;
          int k = 0;
          std::apply([&](auto&... r) { (compare(r.view(), array_of(w), k++, v), ...); }, results);
          CHECK(v.first == "");
        };
        call(scattered(x)...);
      },
      want);
}

template <int Seed> void check_program() {
  CAPTURE(Seed);
  constexpr auto f = sinter::fn(random_program<Seed>{});
  const auto x = parameter<Seed, 0>();
  const auto y = parameter<Seed, 1>();
  const auto z = parameter<Seed, 2>();
  check_function(f, x, y, z);
  if constexpr (Seed % 4 == 2) check_views(f, x, y, z);
}
template <int First, int Count> void check_programs() {
  [&]<int... I>(std::integer_sequence<int, I...>) { (check_program<First + I>(), ...); }
  (std::make_integer_sequence<int, Count>{});
}

}  // namespace trust
