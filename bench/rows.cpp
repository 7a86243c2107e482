// SPDX-License-Identifier: Apache-2.0
// Row programs beside Eigen, xtensor and loops: softmax, layer_norm, gelu.
//   cmake --build build/release --target bench_rows && build/release/bench/bench_rows
#include "compare.hpp"
#include "peers/peers.hpp"

namespace {

constexpr auto softmax = sinter::fn([](auto x) { return sinter::softmax(x, sinter::axis<1>); });
constexpr auto softmax_fast = softmax.with<sinter::schedule<sinter::math::fast>>();
constexpr auto gelu = sinter::fn([](auto x, auto w, auto b) { return sinter::gelu_tanh(x * w + b); });
constexpr auto gelu_fast = gelu.with<sinter::schedule<sinter::math::fast>>();
constexpr auto norm = sinter::fn([](auto x, auto g, auto b) { return sinter::layer_norm(x, sinter::axis<1>) * g + b; });

template <int Rows, int Columns> void add(const std::string& size) {
  static sinter::tensor<float, Rows, Columns> x, y;
  static sinter::tensor<float, Columns> w, b;
  bench::fill(x, w, b);
  const peers::matrix m{x.data(), y.data(), w.data(), b.data(), Rows, Columns};

  const bench::piece s{"softmax " + size, sinter::work_of(softmax, x)};
  bench::add(s, "sinter", [] { softmax.into(y, x); });
  bench::add(s, "sinter fast", [] { softmax_fast.into(y, x); });
  bench::add(s, "loops", [m] { peers::softmax_loops(m); });
  const bench::piece g{"gelu_tanh(x*w+b) " + size, sinter::work_of(gelu, x, w, b)};
  bench::add(g, "sinter", [] { gelu.into(y, x, w, b); });
  bench::add(g, "sinter fast", [] { gelu_fast.into(y, x, w, b); });
  bench::add(g, "loops", [m] { peers::gelu_loops(m); });
  const bench::piece n{"layer_norm(x)*g+b " + size, sinter::work_of(norm, x, w, b)};
  bench::add(n, "sinter", [] { norm.into(y, x, w, b); });
  bench::add(n, "loops", [m] { peers::layer_norm_loops(m); });
#if defined(SINTER_BENCH_EIGEN)
  bench::add(s, "Eigen", [m] { peers::softmax_eigen(m); });
  bench::add(g, "Eigen", [m] { peers::gelu_eigen(m); });
  bench::add(n, "Eigen", [m] { peers::layer_norm_eigen(m); });
#endif
#if defined(SINTER_BENCH_XTENSOR)
  bench::add(s, "xtensor", [m] { peers::softmax_xtensor(m); });
  bench::add(g, "xtensor", [m] { peers::gelu_xtensor(m); });
  bench::add(n, "xtensor", [m] { peers::layer_norm_xtensor(m); });
#endif
#if defined(SINTER_BENCH_LAB)
  bench::add(s, "lab", [m] { peers::softmax_lab(m); });
  bench::add(s, "lab streaming", [m] { peers::softmax_lab_streaming(m); });
#endif
}

}  // namespace

int main(int argc, char** argv) {
  add<4096, 1024>("4096x1024");
  add<64, 128>("64x128");
  return bench::run(argc, argv);
}
