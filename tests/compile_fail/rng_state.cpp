// expect: sinter::rng_bit_generator: the state is a vector of 2 unsigned 64-bit integers (philox: 2 or 3); pass a tensor of these
// expect: shape<3>
// SPDX-License-Identifier: Apache-2.0
#include <sinter/ops/rng.hpp>
#include <sinter/random.hpp>

constexpr auto f = sinter::fn([](auto state) {
  sinter::value y[2];
  sinter::detail::rng_bit_generator(*state.graph(), state, sinter::detail::rng_algorithm::three_fry, sinter::shape<>(4), sinter::dtype::u32,
                                    y);
  return y[1];
});

int main() {
#ifdef SINTER_FIXED
  f(sinter::tensor<std::uint64_t, 2>());
#else
  f(sinter::tensor<std::uint64_t, 3>());
#endif
}
