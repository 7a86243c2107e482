// SPDX-License-Identifier: Apache-2.0
// Memory-bound programs beside Eigen and loops: softmax, layer_norm, gelu, a chain of maps. Math policy: accurate.
//   cmake --build build/release --target bench_rows && build/release/bench/bench_rows
#include <cstring>

#include <sinter/sinter.hpp>

#include "compare.hpp"
#include "peers/peers.hpp"

namespace {

constexpr auto softmax = sinter::fn([](auto x) { return sinter::softmax(x, sinter::axis<1>); });
constexpr auto gelu = sinter::fn([](auto x, auto w, auto b) { return sinter::gelu_tanh(x * w + b); });
constexpr auto norm = sinter::fn([](auto x, auto w, auto b) { return sinter::layer_norm(x, sinter::axis<1>) * w + b; });
constexpr auto chain = sinter::fn([](auto x, auto y) { return x * 2.f + y * 3.f + 1.f; });

template <class T> void fill(T& t) {
  unsigned seed = 1;
  for (float& x : t) seed = seed * 1664525u + 1013904223u, x = static_cast<float>(seed >> 8) * 0x1p-23f - 1;
}

template <int Rows, int Columns> void add_rows(const std::string& size) {
  static sinter::tensor<float, Rows, Columns> x, y;
  static sinter::tensor<float, Columns> w, b;
  fill(x), fill(w), fill(b);
  const double once = 2.0 * Rows * Columns * sizeof(float);
  const peers::matrix m{x.data(), y.data(), w.data(), b.data(), Rows, Columns};
  bench::add("softmax " + size, "sinter", once, [] { softmax.into(y, x); });
  bench::add("softmax " + size, "loops -ffast-math", once, [m] { peers::softmax_loops(m); });
  bench::add("gelu_tanh(x*w+b) " + size, "sinter", once, [] { gelu.into(y, x, w, b); });
  bench::add("gelu_tanh(x*w+b) " + size, "loops -ffast-math", once, [m] { peers::gelu_loops(m); });
  bench::add("layer_norm(x)*w+b " + size, "sinter", once, [] { norm.into(y, x, w, b); });
  bench::add("layer_norm(x)*w+b " + size, "loops -ffast-math", once, [m] { peers::layer_norm_loops(m); });
#if defined(SINTER_BENCH_EIGEN)
  bench::add("softmax " + size, "Eigen", once, [m] { peers::softmax_eigen(m); });
  bench::add("gelu_tanh(x*w+b) " + size, "Eigen", once, [m] { peers::gelu_eigen(m); });
  bench::add("layer_norm(x)*w+b " + size, "Eigen", once, [m] { peers::layer_norm_eigen(m); });
#endif
}

template <int N> void add_chain(const std::string& size) {
  static sinter::tensor<float, N> x, y, z;
  fill(x), fill(y);
  const double bytes = 3.0 * N * sizeof(float);
  bench::add("2*x+3*y+1 " + size, "sinter", bytes, [] { chain.into(z, x, y); });
  bench::add("2*x+3*y+1 " + size, "loops -ffast-math", bytes, [] { peers::chain_loops(x.data(), y.data(), z.data(), N); });
#if defined(SINTER_BENCH_EIGEN)
  bench::add("2*x+3*y+1 " + size, "Eigen", bytes, [] { peers::chain_eigen(x.data(), y.data(), z.data(), N); });
#endif
}

}  // namespace

int main(int argc, char** argv) {
  static sinter::tensor<float, 4096, 1024> from, to;
  bench::add("copy 16 MB", "memcpy", 2.0 * 4096 * 1024 * sizeof(float),
             [] { std::memcpy(to.data(), from.data(), 4096 * 1024 * sizeof(float)); });
  add_rows<4096, 1024>("4096x1024");
  add_rows<64, 128>("64x128");
  add_chain<1024>("1k");
  add_chain<65536>("64k");
  add_chain<1 << 24>("16M");
  return bench::run(argc, argv);
}
