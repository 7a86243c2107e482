// SPDX-License-Identifier: Apache-2.0
// Times of work on a GPU by events, the limits of the machine measured beside them, and rows of both for report.cpp.
// Before each timed call other data goes through the second-level cache; the median of the calls counts.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <exception>
#include <string>
#include <vector>

#include <sinter/cuda.hpp>

namespace bench {

namespace device = sinter::device;
using sinter::extent_t;

__device__ inline float uniform(std::uint64_t i, std::uint32_t seed) {  // [-1, 1)
  std::uint64_t z = (i + seed) * 0x9e3779b97f4a7c15u;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u, z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return static_cast<float>((z ^ (z >> 31)) >> 40) * 0x1p-23f - 1;
}
template <class T> __global__ void fill(T* to, extent_t n, float scale, std::uint32_t seed) {
  for (extent_t i = blockIdx.x * extent_t{blockDim.x} + threadIdx.x; i < n; i += extent_t{gridDim.x} * blockDim.x)
    to[i] = T(scale * uniform(static_cast<std::uint64_t>(i), seed));
}
// Elements that are infinite, NaN or a negative place, as what was not written is.
__device__ inline bool is_finite(float x) { return isfinite(x); }
__device__ inline bool is_finite(sinter::bfloat16 x) { return (x.bits & 0x7f80) != 0x7f80; }
__device__ inline bool is_finite(std::int32_t x) { return x >= 0; }
__device__ inline bool is_finite(std::int64_t x) { return x >= 0; }
template <class T> __global__ void count_bad(const T* from, extent_t n, int* bad) {
  for (extent_t i = blockIdx.x * extent_t{blockDim.x} + threadIdx.x; i < n; i += extent_t{gridDim.x} * blockDim.x)
    if (!is_finite(from[i])) atomicAdd(bad, 1);
}
template <int> __global__ void nothing() {}
// Reads everything; writes only what never comes true.
template <int> __global__ void read_all(const float4* from, extent_t n, float* never) {
  float s = 0;
  const extent_t step = extent_t{gridDim.x} * blockDim.x;
  extent_t i = blockIdx.x * extent_t{blockDim.x} + threadIdx.x;
  for (; i + 3 * step < n; i += 4 * step) {
    const float4 a = from[i], b = from[i + step], c = from[i + 2 * step], d = from[i + 3 * step];
    s += (a.x + b.y) + (c.z + d.w);
  }
  for (; i < n; i += step) s += from[i].x;
  if (s == 12345.678f) *never = s;
}
inline constexpr int fma_rounds = 4096, fma_chains = 16;
template <int> __global__ void multiply_add(float* never, float x, float y) {
  float s[fma_chains];
#pragma unroll
  for (int i = 0; i < fma_chains; ++i) s[i] = static_cast<float>(threadIdx.x + i);
  for (int k = 0; k < fma_rounds; ++k)
#pragma unroll
    for (int i = 0; i < fma_chains; ++i) s[i] = fmaf(s[i], x, y);
  float sum = 0;
#pragma unroll
  for (int i = 0; i < fma_chains; ++i) sum += s[i];
  if (sum == 12345.678f) *never = sum;
}

template <class T, extent_t... E> device::tensor<T, E...> random(std::uint32_t seed, float scale = 1) {
  device::tensor<T, E...> x;
  fill<<<1024, 256>>>(x.data(), x.size(), scale, seed);
  device::check(cudaGetLastError(), "cudaLaunchKernel", "fill");
  return x;
}

struct sample {
  double seconds = 0, spread = 0;  // spread: half of the calls lie within so much of the median, as a part of it
  int calls = 0;
};
struct limits {
  double copy = 0, copy_map = 0, read = 0, fma = 0, launch = 0;  // bytes/s, bytes/s, bytes/s, flop/s, seconds
  double moves() const { return std::max(copy, copy_map); }
};

class meter {
 public:
  meter(const char* rows, std::string only) : rows_(rows && *rows ? std::fopen(rows, "w") : nullptr), only_(std::move(only)) {
    int on = 0;
    cudaDeviceProp p;
    device::check(cudaGetDevice(&on), "cudaGetDevice");
    device::check(cudaGetDeviceProperties(&p, on), "cudaGetDeviceProperties");
    processors_ = p.multiProcessorCount;
    text("machine\tGPU\t%s\n", p.name);
    text("machine\tmultiprocessors\t%d\n", p.multiProcessorCount);
    text("machine\tL2 MB\t%.0f\n", p.l2CacheSize * 1e-6);
  }
  meter(const meter&) = delete;
  ~meter() {
    if (rows_) std::fclose(rows_);
  }

  bool wants(const std::string& name) const { return only_.empty() || name.find(only_) != std::string::npos; }

  template <class F> sample time(F&& f, int most = 60, double budget = 0.15) {
    for (int i = 0; i < 3; ++i) f();  // the third call of a function replays the graph that the second recorded
    device::event start, stop;
    start.record(), f(), stop.record();
    const double once = std::max(1e-6, device::elapsed_ms(start, stop) * 1e-3);
    const int n = std::clamp(static_cast<int>(budget / once), 5, most);
    std::vector<device::event> from(static_cast<std::size_t>(n)), to(static_cast<std::size_t>(n));
    for (std::size_t i = 0; i < from.size(); ++i) flush(), from[i].record(), f(), to[i].record();
    std::vector<double> s;
    for (std::size_t i = 0; i < from.size(); ++i) s.push_back(device::elapsed_ms(from[i], to[i]) * 1e-3);
    std::sort(s.begin(), s.end());
    const double median = s[s.size() / 2];
    return {median, (s[s.size() * 3 / 4] - s[s.size() / 4]) / 2 / median, n};
  }

  void measure_limits() {
    constexpr extent_t n = 1 << 26;
    auto x = random<float, n>(1);
    device::tensor<float, n> y;
    const auto stream = [] { return device::current_stream().handle(); };
    const double bytes = 4.0 * n;
    limit.copy =
        2 * bytes / time([&] {
                      device::check(cudaMemcpyAsync(y.data(), x.data(), y.bytes(), cudaMemcpyDeviceToDevice, stream()), "cudaMemcpyAsync");
                    }).seconds;
    constexpr auto add_one = sinter::fn([](auto v) { return v + 1; });
    limit.copy_map = 2 * bytes / time([&] { add_one.into(y, x); }).seconds;
    limit.read = bytes / time([&] {
                           read_all<0><<<static_cast<unsigned>(processors_ * 8), 256, 0, stream()>>>(
                               reinterpret_cast<const float4*>(x.data()), n / 4, y.data());
                         }).seconds;
    limit.fma =
        2.0 * fma_rounds * fma_chains * processors_ * 8 * 256 /
        time([&] { multiply_add<0><<<static_cast<unsigned>(processors_ * 8), 256, 0, stream()>>>(y.data(), 0.999f, 0.001f); }).seconds;
    device::graph_exec one;
    one.capture([&] { nothing<0><<<1, 32, 0, stream()>>>(); });
    limit.launch = time([&] { one.launch(); }, 200).seconds;
    device::check(cudaGetLastError(), "cudaLaunchKernel");
    text("machine\tcopy, cudaMemcpyAsync GB/s\t%.0f\n", limit.copy * 1e-9);
    text("machine\tcopy, map x + 1 GB/s\t%.0f\n", limit.copy_map * 1e-9);
    text("machine\tread GB/s\t%.0f\n", limit.read * 1e-9);
    text("machine\tfused multiply-adds f32 TFLOP/s\t%.1f\n", limit.fma * 1e-12);
    text("machine\tone graph launch us\t%.2f\n", limit.launch * 1e6);
  }

  /// Times f and writes a row. bytes, flops: what the work must move and do; least: the seconds of its floor, 0 for none; bound: which.
  /// reach: the share of the floor that is aimed at, 0 for none. to...: the results, all of whose elements must be written and finite.
  template <class F, class... Y>
  void work(const char* name, double bytes, double flops, double least, const char* bound, double reach, F&& f, Y&... to) {
    if (!wants(name)) return;
    try {
      (poison(to), ...);
      f();
      const int bad = (0 + ... + bad_elements(to));
      if (bad) return text("broken\t%s\t%d elements were not written or are not finite\n", name, bad);
      const sample s = time(f);
      text("work\t%s\tsinter\t%.9g\t%.3g\t%.9g\t%.9g\t%.9g\t%s\t%g\t%d\n", name, s.seconds, s.spread, bytes, flops, least, bound, reach,
           s.calls);
    } catch (const std::exception& e) {
      text("broken\t%s\t%s\n", name, e.what());
    }
  }

  limits limit;

 private:
  template <class... A> void text(const char* format, A... a) {
    std::printf(format, a...);
    std::fflush(stdout);
    if (!rows_) return;
    std::fprintf(rows_, format, a...);
    std::fflush(rows_);
  }
  void flush() {  // reads clean lines: what is written back would take part in the time
    read_all<1><<<static_cast<unsigned>(processors_ * 8), 256, 0, device::current_stream().handle()>>>(
        reinterpret_cast<const float4*>(other_.data()), other_.size() / 4, other_.data());
  }
  template <class Y> static void poison(Y& y) {
    device::check(cudaMemsetAsync(y.data(), 0xff, y.bytes(), device::current_stream().handle()), "cudaMemsetAsync");
  }
  template <class Y> int bad_elements(const Y& y) {
    auto bad = device::to(0);
    count_bad<<<1024, 256, 0, device::current_stream().handle()>>>(y.data(), y.size(), bad.data());
    device::check(cudaGetLastError(), "cudaLaunchKernel", "count_bad");
    return bad.to_host()();
  }

  std::FILE* rows_;
  std::string only_;
  int processors_ = 0;
  device::tensor<float, 96 << 20> other_ = random<float, 96 << 20>(99);  // 384 MiB: several times any such cache
};

}  // namespace bench
