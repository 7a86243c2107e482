// SPDX-License-Identifier: Apache-2.0
// Batches of random programs: vmap(f) has the bits of a loop that calls f for each of the batch.
#pragma once

#include "check.hpp"

namespace trust {

inline constexpr extent_t batch = 3;

// All extents are static: the generator finds run-time ones by the axes of the parameters, which a batch moves.
template <int Seed, int K, int... A> auto batched_parameter(sinter::detail::int_list<A...>) {
  [[maybe_unused]] static constexpr parameters p = parameters_of(Seed);
  using type = sinter::tensor<float, batch, p.extents[K][A]...>;
  type x = [&] {
    extent_t e[sinter::max_rank + 1] = {batch, p.extents[K][A]...};
    return type(sinter::detail::uninitialised{}, e);
  }();
  random_numbers r(Seed * 3 + K + 7);
  for (std::size_t i = 0; i < count(extents{batch, p.extents[K][A]...}); ++i) x.data()[i] = static_cast<float>(r.below(33) - 16) / 8;
  return x;
}
template <int Seed, int K> auto batched_parameter() {
  return batched_parameter<Seed, K>(sinter::detail::make_int_list<parameters_of(Seed).extents[K].rank>{});
}
// One of a batch, as a tensor of its own.
template <class T, extent_t B, extent_t... E> sinter::tensor<T, E...> one_of(const sinter::tensor<T, B, E...>& x, extent_t i) {
  extent_t e[sinter::max_rank + 1] = {};
  for (int a = 1; a < x.rank; ++a) e[a - 1] = x.extent(a);
  sinter::tensor<T, E...> one(sinter::detail::uninitialised{}, e);
  const extent_t n = one.size();
  for (extent_t k = 0; k < n; ++k) one.data()[k] = x.data()[i * n + k];
  return one;
}

template <int Seed> void check_batch() {
  CAPTURE(Seed);
  constexpr auto f = sinter::fn(random_program<Seed>{});
  const auto x = batched_parameter<Seed, 0>();
  const auto y = batched_parameter<Seed, 1>();
  const auto z = batched_parameter<Seed, 2>();
  const auto together = as_tuple(sinter::vmap(random_program<Seed>{})(x, y, z));
  for (extent_t i = 0; i < batch; ++i) {
    const auto alone = as_tuple(f(one_of(x, i), one_of(y, i), one_of(z, i)));
    [&]<std::size_t... R>(std::index_sequence<R...>) { CHECK((same_bits(one_of(std::get<R>(together), i), std::get<R>(alone)) && ...)); }
    (std::make_index_sequence<std::tuple_size_v<decltype(as_tuple(f(one_of(x, 0), one_of(y, 0), one_of(z, 0))))>>{});
  }
}
template <int First, int Count> void check_batches() {
  [&]<int... I>(std::integer_sequence<int, I...>) { (check_batch<First + I>(), ...); }
  (std::make_integer_sequence<int, Count>{});
}

}  // namespace trust
