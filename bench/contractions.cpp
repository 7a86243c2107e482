// SPDX-License-Identifier: Apache-2.0
// Products of matrices and what is fused around them, beside Eigen, OpenBLAS, BLIS, libxsmm and oneDNN; one thread.
//   cmake --build build/release --target bench_contractions && build/release/bench/bench_contractions
#include <unistd.h>

#include <cstdlib>
#include <memory>

#include "compare.hpp"
#include "peers/peers.hpp"

namespace {

using sinter::constant;
using sinter::dyn;
using sinter::tensor;

constexpr auto product = sinter::fn([](auto a, auto b) { return sinter::dot(a, b); });
constexpr auto chain = sinter::fn([](auto a, auto b, auto c, auto d) { return sinter::dot(sinter::dot(a, b), c) + d; });
constexpr auto dense = sinter::fn([](auto x, auto w, auto b) { return sinter::gelu(sinter::dot(x, w) + b); });
constexpr auto dense_fast = dense.with<sinter::schedule<sinter::math::fast>>();
constexpr auto linear = sinter::fn([](auto x, auto w, auto b) { return sinter::dot(x, w) + b; });
constexpr auto network = sinter::fn([](auto x, auto w1, auto b1, auto w2, auto b2, auto w3, auto b3) {
  return sinter::dot(sinter::relu(sinter::dot(sinter::relu(sinter::dot(x, w1) + b1), w2) + b2), w3) + b3;
});
constexpr auto attention = sinter::fn([](auto q, auto k, auto v) { return sinter::attention(q, k, v); });
constexpr auto causal = sinter::fn([](auto q, auto k, auto v) { return sinter::attention(q, k, v, sinter::causal); });

sinter::work flops(double n, double bytes = 0) {
  sinter::work w;
  w.flops = n, w.bytes_read = bytes;
  return w;
}
template <class T> void add_blas(const bench::piece& p, const peers::products<T>& x) {
#if defined(SINTER_BENCH_EIGEN)
  bench::add(p, "Eigen", [x] { peers::products_eigen(x); });
#endif
  const auto add = [&](const char* who, auto* f) {
    if (f) bench::add(p, who, [x, f] { f(x); });
  };
  if constexpr (sizeof(T) == 4) add("OpenBLAS", peers::sgemm_openblas()), add("BLIS", peers::sgemm_blis());
  else add("OpenBLAS", peers::dgemm_openblas()), add("BLIS", peers::dgemm_blis());
}
[[maybe_unused]] void add_prepared(const bench::piece& p, const char* who, const peers::prepared& x) {
  if (x.run) bench::add(p, who, [x] { x.run(x.state); });
}

// As many squares as stay in the first level.
template <int N> void add_squares() {
  constexpr std::size_t count = std::max(1, (24 << 10) / (3 * 4 * N * N));
  struct three {
    tensor<float, N, N> a, b, c;
  };
  static std::vector<three> own(count);
  static tensor<float, static_cast<long>(count), N, N> a, b, c;
  bench::fill(a, b);
  for (three& t : own) bench::fill(t.a, t.b);
  const bench::piece p{"square " + std::to_string(N), flops(2. * N * N * N * static_cast<double>(count))};
  bench::add(p, "sinter", [] {
    for (three& t : own) product.into(t.c, t.a, t.b);
  });
  const peers::products<float> x{a.data(), b.data(), c.data(), N, N, N, static_cast<long>(count)};
#if defined(SINTER_BENCH_EIGEN)
  if (N <= 32) bench::add(p, "Eigen static", [x] { peers::squares_eigen(x); });
#endif
  add_blas(p, x);
#if defined(SINTER_BENCH_LIBXSMM)
  add_prepared(p, "libxsmm", peers::squares_libxsmm(x));
#endif
}
template <class T> void add_product(long m, long n, long k) {
  const auto a = std::make_shared<tensor<T, dyn, dyn>>(m, k), b = std::make_shared<tensor<T, dyn, dyn>>(k, n),
             c = std::make_shared<tensor<T, dyn, dyn>>(m, n);
  a->fill(T(0.5)), b->fill(T(0.25));
  // The limit is that of f32: a product of f64 does half as much at its best.
  const bench::piece p{(sizeof(T) == 8 ? "dgemm " : "sgemm ") + std::to_string(m) + "x" + std::to_string(k) + "x" + std::to_string(n),
                       flops(2. * static_cast<double>(m * n * k) * (sizeof(T) == 8 ? 2 : 1))};
  bench::add(p, "sinter", [a, b, c] { product.into(*c, *a, *b); });
  add_blas(p, peers::products<T>{a->data(), b->data(), c->data(), m, n, k, 1});
}
template <int N> void add_chain() {
  struct five {
    tensor<float, N, N> a, b, c, d, e;
  };
  static std::vector<five> own(256);
  static tensor<float, 256, N, N> a, b, c, d;
  bench::fill(a, b, c, d);
  for (five& t : own) bench::fill(t.a, t.b, t.c, t.d);
  const bench::piece p{"a b c + d, 256 squares " + std::to_string(N), flops((4. * N + 1) * N * N * 256)};
  bench::add(p, "sinter", [] {
    for (five& t : own) chain.into(t.e, t.a, t.b, t.c, t.d);
  });
#if defined(SINTER_BENCH_EIGEN)
  const peers::products<float> x{a.data(), b.data(), c.data(), N, N, N, 256};
  bench::add(p, "Eigen", [x] { peers::chains_eigen(x, d.data()); });
#endif
}
template <int M, int K, int N> void add_dense() {
  static tensor<float, M, K> x;
  static tensor<float, K, N> w;
  static tensor<float, N> b;
  static tensor<float, M, N> y;
  bench::fill(x, w, b);
  static const auto ready = dense.prepare(x, constant(w), constant(b));
  static const auto fast = dense_fast.prepare(x, constant(w), constant(b));
  static const auto ready_linear = linear.prepare(x, constant(w), constant(b));
  const std::string size = std::to_string(M) + "x" + std::to_string(K) + "x" + std::to_string(N);
  const double bytes = M == 1 ? 4. * K * N : 0;
  const bench::piece p{"gelu(x w + b) " + size, flops(2. * M * N * K, bytes)}, q{"x w + b " + size, flops(2. * M * N * K, bytes)};
  bench::add(p, "sinter", [] { ready.into(y, x); });
  bench::add(p, "sinter fast", [] { fast.into(y, x); });
  bench::add(p, "sinter unprepared", [] { dense.into(y, x, w, b); });
  bench::add(q, "sinter", [] { ready_linear.into(y, x); });
#if defined(SINTER_BENCH_EIGEN)
  bench::add(p, "Eigen", [] { peers::dense_eigen(x.data(), w.data(), b.data(), y.data(), M, K, N); });
#endif
#if defined(SINTER_BENCH_ONEDNN)
  add_prepared(p, "oneDNN", peers::dense_onednn(x.data(), w.data(), b.data(), y.data(), M, K, N, true));
  add_prepared(q, "oneDNN", peers::dense_onednn(x.data(), w.data(), b.data(), y.data(), M, K, N, false));
#endif
}
template <int M> void add_network() {
  static tensor<float, M, 784> x;
  static tensor<float, M, 10> y;
  static tensor<float, 784, 512> w1;
  static tensor<float, 512, 256> w2;
  static tensor<float, 256, 10> w3;
  static tensor<float, 512> b1;
  static tensor<float, 256> b2;
  static tensor<float, 10> b3;
  bench::fill(x, w1, w2, w3, b1, b2, b3);
  static const auto ready = network.prepare(x, constant(w1), constant(b1), constant(w2), constant(b2), constant(w3), constant(b3));
  const double weights = 784. * 512 + 512 * 256 + 256 * 10;
  const bench::piece p{"network 784-512-256-10, batch " + std::to_string(M), flops(2. * M * weights, M == 1 ? 4 * weights : 0)};
  bench::add(p, "sinter", [] { ready.into(y, x); });
  bench::add(p, "sinter unprepared", [] { network.into(y, x, w1, b1, w2, b2, w3, b3); });
#if defined(SINTER_BENCH_EIGEN)
  bench::add(p, "Eigen", [] { peers::network_eigen(x.data(), y.data(), M); });
#endif
}
template <int S> void add_attention() {
  static tensor<float, 12, S, 64> q, k, v, y;
  bench::fill(q, k, v);
  const bench::piece p{"attention 12x" + std::to_string(S) + "x64", flops(4. * 12 * S * S * 64)},
      c{"causal attention 12x" + std::to_string(S) + "x64", flops(2. * 12 * S * (S + 1.) * 64)};
  bench::add(p, "sinter", [] { attention.into(y, q, k, v); });
  bench::add(c, "sinter", [] { causal.into(y, q, k, v); });
#if defined(SINTER_BENCH_EIGEN)
  bench::add(p, "Eigen", [] { peers::attention_eigen(q.data(), k.data(), v.data(), y.data(), 12, S, 64); });
#endif
}
// Two threads beside one; times by the clock.
void add_threads(long n) {
  const auto a = std::make_shared<tensor<float, dyn, dyn>>(n, n), b = std::make_shared<tensor<float, dyn, dyn>>(n, n),
             c = std::make_shared<tensor<float, dyn, dyn>>(n, n);
  a->fill(0.5f), b->fill(0.25f);
  const double x = static_cast<double>(n);
  const bench::piece p{"sgemm " + std::to_string(n) + ", 2 threads", flops(2 * x * x * x), true};
  bench::add(p, "sinter", [=] {
    sinter::set_num_threads(2);
    product.into(*c, *a, *b);
    sinter::set_num_threads(1);
  });
  bench::add(p, "one thread", [=] { product.into(*c, *a, *b); });
}

}  // namespace

int main(int argc, char** argv) {
  // The libraries read these when they are loaded.
  if (!std::getenv("SINTER_BENCH_LIBRARIES")) {
    for (const char* name : {"OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "BLIS_NUM_THREADS"}) setenv(name, "1", 1);
    setenv("OPENBLAS_CORETYPE", "SkylakeX", 1), setenv("BLIS_ARCH_TYPE", "0", 1),
        setenv("SINTER_BENCH_LIBRARIES", "set", 1);  // 0: SkylakeX
    execv("/proc/self/exe", argv);
  }
  add_squares<4>(), add_squares<8>(), add_squares<16>(), add_squares<17>(), add_squares<32>(), add_squares<33>(), add_squares<64>(),
      add_squares<100>(), add_squares<128>(), add_squares<256>(), add_squares<512>();
  add_product<float>(1000, 1000, 1000), add_product<float>(1024, 1024, 1024), add_product<float>(2048, 2048, 2048);
  add_product<double>(1024, 1024, 1024);
  add_chain<3>(), add_chain<4>(), add_chain<5>(), add_chain<6>(), add_chain<7>(), add_chain<8>();
  add_dense<64, 768, 3072>(), add_dense<1, 768, 3072>();
  add_network<1>(), add_network<128>();
  add_attention<128>(), add_attention<512>(), add_attention<2048>();
  add_threads(512), add_threads(1024), add_threads(2048);
  return bench::run(argc, argv, "0.004", "11");
}
