// SPDX-License-Identifier: Apache-2.0
// Measures all functions of one type and prints a table; one translation unit a type.
#pragma once

#include <cstdint>
#include <cstdio>
#include <string>

#include "measure.hpp"
#include "peers.hpp"

namespace measure {

struct options {
  std::string function;  // empty: all
  std::uint64_t stride = 1, samples = 100000000;
  int threads = 2;
  bool errors = true, where = false;
};

template <class R, class F, class Peer> void print_peer() {
  if constexpr (requires(R * p) { Peer::template run<F, R>(p, p, p, 1); })
    std::printf(" %.2g |", speed<F, R>([](const R* x, const R* y, R* out, int n) { Peer::template run<F, R>(x, y, out, n); }));
  else std::printf(" - |");
}

// All numbers of f32, one by one; else every third any pattern of bits, or in the range of F, or between -2 and 2.
template <class F, class R> std::array<worst, 2> errors_of(const options& o) {
  if constexpr (sizeof(R) == 4 && !binary<F>) {
    return errors<F, R>((std::uint64_t{1} << 32) / o.stride, o.threads,
                        [&](std::uint64_t i, R& x, R& y) { x = std::bit_cast<R>(static_cast<std::uint32_t>(i * o.stride)), y = 0; });
  } else {
    return errors<F, R>(o.samples, o.threads, [](std::uint64_t i, R& x, R& y) {
      const auto number = [&](std::uint64_t bits) {
        const double unit = static_cast<double>(bits >> 11) * 0x1p-53;
        if (i % 3 == 0) return std::bit_cast<R>(static_cast<bits_of<R>>(bits >> (64 - 8 * sizeof(R))));
        return static_cast<R>(i % 3 == 1 ? F::low + (F::high - F::low) * unit : 4 * unit - 2);
      };
      x = number(mixed(2 * i + 1)), y = number(mixed(2 * i + 2));
    });
  }
}

template <class R, class F> void row(const options& o) {
  if (!o.function.empty() && o.function != F::name) return;
  std::array<worst, 2> w;
  if (o.errors) w = errors_of<F, R>(o);
  std::printf("| %s | %s |", F::name, sizeof(R) == 4 ? "f32" : "f64");
  const double speeds[] = {speed<F, R>(apply<F, sinter::math::accurate, R>), speed<F, R>(apply<F, sinter::math::fast, R>)};
  for (std::size_t p = 0; p < 2; ++p) std::printf(" %.2f | %.2g |", w[p].ulp, speeds[p]);
  print_peer<R, F, libm>();
  print_peer<R, F, sleef<sleef_u10>>();
  print_peer<R, F, sleef<sleef_u35>>();
  print_peer<R, F, xsimd_all>();
  if (o.where) std::printf(" worst at %a %a, fast %a %a", w[0].at[0], w[0].at[1], w[1].at[0], w[1].at[1]);
  std::printf("\n");
  std::fflush(stdout);
}
template <class R, class... F> void rows(const options& o, list<F...>) { (row<R, F>(o), ...); }

void rows_f32(const options& o);
void rows_f64(const options& o);

}  // namespace measure
