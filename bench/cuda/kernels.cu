// SPDX-License-Identifier: Apache-2.0
// Benchmarks of device functions against the limits of the GPU, measured in the same run. Names of works are those that a script of peers
// uses (see README.md). Linked with cub.cu.   kernels [--rows=FILE] [--only=TEXT]
#include <array>
#include <tuple>

#include "meter.hpp"

#include <sinter/cub.hpp>
#if SINTER_BENCH_CUBLASLT
#include <sinter/cublaslt.hpp>
#endif
#if SINTER_BENCH_CUDNN
#include <sinter/cudnn.hpp>
#endif

namespace {

using sinter::axis;
using sinter::bfloat16;
using sinter::extent_t;
using sinter::fn;
using sinter::device::tensor;

constexpr extent_t million64 = 1 << 26;
constexpr double mega64 = 4.0 * million64;  // bytes of as many f32

// --- what is timed ---
constexpr auto chain10 = fn([](auto x) {
  auto h = x * 1.1f + 0.1f;
  h = sinter::sigmoid(h) * h;
  h = sinter::relu(h - 0.2f);
  h = h * h + 0.5f;
  return sinter::tanh(h) * 0.7f;
});
constexpr auto gelu_xw_b = fn([](auto x, auto w, auto b) { return sinter::gelu_tanh(x * w + b); });
constexpr auto softmax = fn([](auto x) { return sinter::softmax(x, axis<1>); });
constexpr auto layer_norm = fn([](auto x, auto g, auto b) { return sinter::layer_norm(x, axis<1>) * g + b; });
constexpr auto residual_rms_norm = fn([](auto x, auto r, auto g) {
  const auto h = x + r;
  return std::tuple(h, sinter::rms_norm(h, axis<1>, 1e-6) * g);
});
constexpr auto sum = fn([](auto x) { return sinter::sum(x); });
constexpr auto mean = fn([](auto x) { return sinter::mean(x); });
constexpr auto var = fn([](auto x) { return sinter::var(x); });
constexpr auto moments = fn([](auto x) { return std::tuple(sinter::sum(x), sinter::mean(x), sinter::var(x)); });
constexpr auto rowsum = fn([](auto x) { return sinter::sum(x, axis<1>); });
constexpr auto colsum = fn([](auto x) { return sinter::sum(x, axis<0>); });
constexpr auto transpose = fn([](auto x) { return sinter::transpose(x); });
constexpr auto gemm = fn([](auto a, auto b) { return sinter::dot(a, b); });
constexpr auto gemm_bias_gelu = fn([](auto a, auto b, auto c) { return sinter::gelu_tanh(sinter::dot(a, b) + c); });

constexpr auto sort = fn([](auto x) { return sinter::sort(x); });
constexpr auto argsort = fn([](auto x) { return sinter::argsort(x); });
constexpr auto top_64 = fn([](auto x) { return sinter::top_k<64>(x); });

template <template <class, extent_t...> class Tensor> struct layers {
  std::array<Tensor<float, 256, 256>, 8> w;
  std::array<Tensor<float, 256>, 8> b;
};
constexpr auto network = fn([](auto p, auto x) {
  auto h = sinter::gelu_tanh(sinter::dot(x, p.w[0]) + p.b[0]);
  for (std::size_t i = 1; i < 8; ++i) h = sinter::gelu_tanh(sinter::dot(h, p.w[i]) + p.b[i]);
  return h;
});

// --- groups of works ---
void maps(bench::meter& m) {
  const double copy = m.limit.moves();
  tensor<float, million64> y;
  {
    const auto x = bench::random<float, million64>(2);
    m.work(
        "chain10_2^26_f32", 2 * mega64, 0, 2 * mega64 / copy, "copy", 0.92, [&] { chain10.into(y, x); }, y);
  }
  const auto x = bench::random<float, 65536, 1024>(3);
  const auto w = bench::random<float, 1024>(4), b = bench::random<float, 1024>(5);
  tensor<float, 65536, 1024> z;
  const double bytes = 2 * mega64 + 8192;
  m.work(
      "gelu_xw_b_65536x1024_f32", bytes, 0, bytes / copy, "copy", 0.92, [&] { gelu_xw_b.into(z, x, w, b); }, z);
}

template <extent_t Rows, extent_t Columns> void softmax_of(bench::meter& m, const char* name) {
  const auto x = bench::random<float, Rows, Columns>(6, 4);
  tensor<float, Rows, Columns> y;
  const double bytes = 8.0 * Rows * Columns;
  m.work(
      name, bytes, 0, bytes / m.limit.moves(), "copy", 0.88, [&] { softmax.into(y, x); }, y);
}
void rows(bench::meter& m) {
  softmax_of<32768, 1024>(m, "softmax_32768x1024_f32");
  softmax_of<4096, 16384>(m, "softmax_4096x16384_f32");
  {
    const auto x = bench::random<float, 32768, 1024>(7);
    const auto g = bench::random<float, 1024>(8), b = bench::random<float, 1024>(9);
    tensor<float, 32768, 1024> y;
    const double bytes = 8.0 * 32768 * 1024 + 8192;
    m.work(
        "layernorm_32768x1024_f32", bytes, 0, bytes / m.limit.moves(), "copy", 0.88, [&] { layer_norm.into(y, x, g, b); }, y);
  }
  const auto x = bench::random<bfloat16, 8192, 4096>(10), r = bench::random<bfloat16, 8192, 4096>(11);
  const auto g = bench::random<bfloat16, 4096>(12);
  tensor<bfloat16, 8192, 4096> h, y;
  const double bytes = 8.0 * 8192 * 4096 + 8192;
  m.work(
      "rmsnorm_res_8192x4096_bf16", bytes, 0, bytes / m.limit.moves(), "copy", 0.88,
      [&] { residual_rms_norm.into(std::tie(h, y), x, r, g); }, h, y);
}

void reductions(bench::meter& m) {
  const double least = mega64 / m.limit.read;
  {
    const auto x = bench::random<float, million64>(13);
    tensor<float> s, q, v;
    m.work(
        "sum_2^26_f32", mega64, 0, least, "read", 0.9, [&] { sum.into(s, x); }, s);
    m.work(
        "mean_2^26_f32", mega64, 0, least, "read", 0.9, [&] { mean.into(s, x); }, s);
    m.work(
        "var_2^26_f32", mega64, 0, least, "read", 0.9, [&] { var.into(s, x); }, s);
    m.work(
        "moments_2^26_f32", mega64, 0, least, "read", 0.9, [&] { moments.into(std::tie(s, q, v), x); }, s, q, v);
  }
  const auto x = bench::random<float, 32768, 2048>(14);
  tensor<float, 32768> rows;
  tensor<float, 2048> columns;
  m.work(
      "rowsum_32768x2048_f32", mega64, 0, least, "read", 0, [&] { rowsum.into(rows, x); }, rows);
  m.work(
      "colsum_32768x2048_f32", mega64, 0, least, "read", 0, [&] { colsum.into(columns, x); }, columns);
}

template <class T> void transpose_of(bench::meter& m, const char* name, double reach) {
  const auto x = bench::random<T, 8192, 8192>(15);
  tensor<T, 8192, 8192> y;
  const double bytes = 2.0 * sizeof(T) * 8192 * 8192;
  m.work(
      name, bytes, 0, bytes / m.limit.moves(), "copy", reach, [&] { transpose.into(y, x); }, y);
}

// Of rows, by the kernels of sinter; of all elements by these and by CUB. Bytes: the elements, and the result.
template <extent_t... E> void sorts_of(bench::meter& m, const char* sort_name, const char* argsort_name, const char* top_name) {
  if (!m.wants(sort_name) && !m.wants(argsort_name) && !m.wants(top_name)) return;
  constexpr double n = (1.0 * ... * E);
  const auto x = bench::random<float, E...>(60);
  const auto least = [&](double bytes) { return bytes / m.limit.moves(); };
  {
    tensor<float, E...> y;
    m.work(
        sort_name, 8 * n, 0, least(8 * n), "copy", 0, [&] { sort.into(y, x); }, y);
    if constexpr (sizeof...(E) == 1)
      m.work(
          "sort_2^24_f32_cub", 8 * n, 0, least(8 * n), "copy", 0, [&] { sort.on<sinter::backend::cub>().into(y, x); }, y);
  }
  {
    tensor<std::int64_t, E...> y;
    m.work(
        argsort_name, 12 * n, 0, least(12 * n), "copy", 0, [&] { argsort.into(y, x); }, y);
    if constexpr (sizeof...(E) == 1)
      m.work(
          "argsort_2^24_f32_cub", 12 * n, 0, least(12 * n), "copy", 0, [&] { argsort.on<sinter::backend::cub>().into(y, x); }, y);
  }
  auto y = top_64(x);
  m.work(
      top_name, 4 * n, 0, 4 * n / m.limit.read, "read", 0, [&] { top_64.into(y, x); }, std::get<0>(y), std::get<1>(y));
}
void sorts(bench::meter& m) {
  sorts_of<1 << 24>(m, "sort_2^24_f32", "argsort_2^24_f32", "top_64_2^24_f32");
  sorts_of<4096, 4096>(m, "sort_4096x4096_f32", "argsort_4096x4096_f32", "top_64_4096x4096_f32");
}

// The tiled kernel of sinter, without tensor cores: its floor is the peak of f32 fused multiply-adds, also for bf16.
template <class T, extent_t N> void own_product(bench::meter& m, const char* plain, const char* fused) {
  const auto a = bench::random<T, N, N>(16), b = bench::random<T, N, N>(17);
  const auto c = bench::random<T, N>(18);
  tensor<T, N, N> y;
  const double bytes = 3.0 * sizeof(T) * N * N, flops = 2.0 * N * N * N, least = flops / m.limit.fma;
  m.work(
      plain, bytes, flops, least, "fma", 0, [&] { gemm.into(y, a, b); }, y);
  m.work(
      fused, bytes, flops, least, "fma", 0, [&] { gemm_bias_gelu.into(y, a, b, c); }, y);
}

#if SINTER_BENCH_CUBLASLT
// The library's product alone is the floor of the one with bias and GELU; its own floor is not known here.
void library_products(bench::meter& m) {
  constexpr extent_t n = 8192;
  using blas = sinter::backend::cublaslt;
  if (!m.wants("gemm_8192_bf16") && !m.wants("gemm_bias_gelu_8192_bf16")) return;
  const auto a = bench::random<bfloat16, n, n>(50), b = bench::random<bfloat16, n, n>(51);
  const auto c = bench::random<bfloat16, n>(52);
  tensor<bfloat16, n, n> y;
  const double bytes = 6.0 * n * n, flops = 2.0 * n * n * n;
  const auto product = [&] { gemm.on<blas>().into(y, a, b); };
  const double least = m.time(product).seconds;
  m.work("gemm_8192_bf16", bytes, flops, 0, "", 0, product, y);
  m.work(
      "gemm_bias_gelu_8192_bf16", bytes, flops, least, "cuBLASLt", 0.97, [&] { gemm_bias_gelu.on<blas>().into(y, a, b, c); }, y);
  const auto x = bench::random<float, n, n>(53), w = bench::random<float, n, n>(54);
  tensor<float, n, n> z;
  m.work(
      "gemm_8192_f32", 2 * bytes, flops, flops / m.limit.fma, "fma", 0, [&] { gemm.on<blas>().into(z, x, w); }, z);
}
#else
void library_products(bench::meter&) {}
#endif

#if SINTER_BENCH_CUDNN
// Two convolutions of 128 features, each with a scale and a bias behind it, and a sum with what came in. Its floor is not known here.
constexpr auto residual_block = fn([](auto x, auto w1, auto s1, auto b1, auto w2, auto s2, auto b2) {
  constexpr auto nhwc = sinter::dimension_numbers<"NHWC", "OHWI", "NHWC">;
  const auto h = sinter::relu(sinter::conv(x, w1, sinter::same_padding, nhwc) * s1 + b1);
  return sinter::relu(sinter::conv(h, w2, sinter::same_padding, nhwc) * s2 + b2 + x);
});
void convolutions(bench::meter& m) {
  constexpr extent_t batch = 128, side = 28, c = 128;
  if (!m.wants("resblock_128x28x28x128_bf16")) return;
  const auto x = bench::random<bfloat16, batch, side, side, c>(70);
  const auto w1 = bench::random<bfloat16, c, 3, 3, c>(71, 0.03f), w2 = bench::random<bfloat16, c, 3, 3, c>(72, 0.03f);
  const auto s1 = bench::random<bfloat16, c>(73), b1 = bench::random<bfloat16, c>(74), s2 = bench::random<bfloat16, c>(75),
             b2 = bench::random<bfloat16, c>(76);
  tensor<bfloat16, batch, side, side, c> y;
  const double flops = 2.0 * 2 * batch * side * side * c * c * 9;
  m.work(
      "resblock_128x28x28x128_bf16", 0, flops, 0, "", 0,
      [&] { residual_block.on<sinter::backend::cudnn>().into(y, x, w1, s1, b1, w2, s2, b2); }, y);
}
#else
void convolutions(bench::meter&) {}
#endif

void launches(bench::meter& m) {
  layers<tensor> p;
  for (std::uint32_t i = 0; i < 8; ++i) {
    p.w[i] = bench::random<float, 256, 256>(20 + i, 0.1f);
    p.b[i] = bench::random<float, 256>(40 + i);
  }
  const auto x = bench::random<float, 64, 256>(19);
  tensor<float, 64, 256> y;
  const double flops = 8.0 * 2 * 64 * 256 * 256;
  m.work(
      "latency_mlp8_64x256_f32", 0, flops, m.limit.launch, "one graph launch", 0, [&] { network.into(y, p, x); }, y);
}

}  // namespace

int main(int argc, char** argv) {
  const char* file = "";
  std::string only;
  for (int i = 1; i < argc; ++i) {
    if (std::strncmp(argv[i], "--rows=", 7) == 0) file = argv[i] + 7;
    else if (std::strncmp(argv[i], "--only=", 7) == 0) only = argv[i] + 7;
    else return std::fprintf(stderr, "kernels [--rows=FILE] [--only=TEXT]\n"), 2;
  }
  try {
    bench::meter m(file, only);
    m.measure_limits();
    maps(m);
    rows(m);
    reductions(m);
    transpose_of<float>(m, "transpose_8192_f32", 0.82);
    transpose_of<bfloat16>(m, "transpose_8192_bf16", 0);
    sorts(m);
    launches(m);
    library_products(m);
    convolutions(m);
    own_product<float, 2048>(m, "gemm_2048_f32", "gemm_bias_gelu_2048_f32");
    own_product<bfloat16, 4096>(m, "gemm_4096_bf16", "gemm_bias_gelu_4096_bf16");
  } catch (const std::exception& e) {
    return std::fprintf(stderr, "kernels: %s\n", e.what()), 1;
  }
  return 0;
}
