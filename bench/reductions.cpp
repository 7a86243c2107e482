// SPDX-License-Identifier: Apache-2.0
// Reductions beside Eigen, xtensor and loops: three results of 16M elements in one pass, a fused sum, sums over each axis of a matrix.
//   cmake --build build/release --target bench_reductions && build/release/bench/bench_reductions
#include "compare.hpp"
#include "peers/peers.hpp"

namespace {

constexpr int N = 1 << 24, side = 4096;
constexpr auto moments = sinter::fn([](auto x) { return std::tuple(sinter::mean(x), sinter::var(x), sinter::max(x)); });
constexpr auto weighted = sinter::fn([](auto a, auto b, auto c) { return sinter::sum(sinter::exp(a - b) * c); });
constexpr auto columns = sinter::fn([](auto x) { return sinter::sum(x, sinter::axis<0>); });
constexpr auto rows = sinter::fn([](auto x) { return sinter::sum(x, sinter::axis<1>); });

}  // namespace

int main(int argc, char** argv) {
  static sinter::tensor<float, N> a, b, c;
  static sinter::tensor<float, side, side> x;
  static sinter::tensor<float, side> y;
  static sinter::tensor<float> mean, var, max, total;
  static float out[3];
  bench::fill(a, b, c, x);
  const peers::matrix m{x.data(), y.data(), nullptr, nullptr, side, side};

  const bench::piece three{"mean, var, max 16M", sinter::work_of(moments, a)};
  bench::add(three, "sinter", [] { moments.into(std::tie(mean, var, max), a); });
  bench::add(three, "loops", [] { peers::moments_loops(a.data(), N, out); });
  const bench::piece fused{"sum(exp(a-b)*c) 16M", sinter::work_of(weighted, a, b, c)};
  bench::add(fused, "sinter", [] { weighted.into(total, a, b, c); });
  bench::add(fused, "loops", [] { out[0] = peers::weighted_loops(a.data(), b.data(), c.data(), N); });
  const bench::piece down{"sum over axis 0 4096x4096", sinter::work_of(columns, x)};
  bench::add(down, "sinter", [] { columns.into(y, x); });
  bench::add(down, "loops", [m] { peers::columns_loops(m); });
  const bench::piece across{"sum over axis 1 4096x4096", sinter::work_of(rows, x)};
  bench::add(across, "sinter", [] { rows.into(y, x); });
  bench::add(across, "loops", [m] { peers::rows_loops(m); });
#if defined(SINTER_BENCH_EIGEN)
  bench::add(three, "Eigen", [] { peers::moments_eigen(a.data(), N, out); });
  bench::add(fused, "Eigen", [] { out[0] = peers::weighted_eigen(a.data(), b.data(), c.data(), N); });
  bench::add(down, "Eigen", [m] { peers::columns_eigen(m); });
  bench::add(across, "Eigen", [m] { peers::rows_eigen(m); });
#endif
#if defined(SINTER_BENCH_XTENSOR)
  bench::add(three, "xtensor", [] { peers::moments_xtensor(a.data(), N, out); });
  bench::add(fused, "xtensor", [] { out[0] = peers::weighted_xtensor(a.data(), b.data(), c.data(), N); });
  bench::add(down, "xtensor", [m] { peers::columns_xtensor(m); });
  bench::add(across, "xtensor", [m] { peers::rows_xtensor(m); });
#endif
  return bench::run(argc, argv);
}
