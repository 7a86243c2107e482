// SPDX-License-Identifier: Apache-2.0
// Maps beside Eigen, xtensor and loops: a chain at three sizes, a transpose.
//   cmake --build build/release --target bench_maps && build/release/bench/bench_maps
#include "compare.hpp"
#include "peers/peers.hpp"

namespace {

constexpr auto chain = sinter::fn([](auto x, auto y) { return x * 2.f + y * 3.f + 1.f; });
constexpr auto turn = sinter::fn([](auto x) { return sinter::transpose(x); });

template <int N> void add_chain(const std::string& size) {
  static sinter::tensor<float, N> x, y, z;
  bench::fill(x, y);
  const bench::piece p{"a*x+b*y+c " + size, sinter::work_of(chain, x, y)};
  bench::add(p, "sinter", [] { chain.into(z, x, y); });
  bench::add(p, "loops", [] { peers::chain_loops(x.data(), y.data(), z.data(), N); });
#if defined(SINTER_BENCH_EIGEN)
  bench::add(p, "Eigen", [] { peers::chain_eigen(x.data(), y.data(), z.data(), N); });
#endif
#if defined(SINTER_BENCH_XTENSOR)
  bench::add(p, "xtensor", [] { peers::chain_xtensor(x.data(), y.data(), z.data(), N); });
#endif
}

void add_transpose() {
  constexpr int n = 4096;
  static sinter::tensor<float, n, n> x, y;
  bench::fill(x);
  const peers::matrix m{x.data(), y.data(), nullptr, nullptr, n, n};
  const bench::piece p{"transpose 4096x4096", sinter::work_of(turn, x)};
  bench::add(p, "sinter", [] { turn.into(y, x); });
  bench::add(p, "loops", [m] { peers::transpose_loops(m); });
#if defined(SINTER_BENCH_EIGEN)
  bench::add(p, "Eigen", [m] { peers::transpose_eigen(m); });
#endif
#if defined(SINTER_BENCH_XTENSOR)
  bench::add(p, "xtensor", [m] { peers::transpose_xtensor(m); });
#endif
}

}  // namespace

int main(int argc, char** argv) {
  add_chain<1024>("1k");
  add_chain<65536>("64k");
  add_chain<1 << 24>("16M");
  add_transpose();
  return bench::run(argc, argv);
}
