// SPDX-License-Identifier: Apache-2.0
// Products under several schedules, interleaved: the share of the fused multiply-add peak of each, and the best of each size.
//   cmake --build build/release --target bench-tiles
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <string>
#include <vector>

#include <sinter/bench.hpp>

namespace {

using matrix = sinter::tensor<float, sinter::dyn, sinter::dyn>;
constexpr auto product = sinter::fn([](auto a, auto b) { return sinter::dot(a, b); });

struct candidate {
  const char* name;
  void (*run)(matrix& c, const matrix& a, const matrix& b);
  std::vector<double> seconds = {};
};
// Left out where the tile does not fit the registers.
template <class... Knobs> void add(std::vector<candidate>& all, const char* name) {
  using schedule = sinter::schedule<Knobs...>;
  if constexpr (sinter::run::tile_fits<sinter::run::default_backend>(schedule::value))
    all.push_back({name, [](matrix& c, const matrix& a, const matrix& b) { product.with<schedule>().into(c, a, b); }});
}
double seconds_of(const candidate& x, matrix& c, const matrix& a, const matrix& b, int times) {
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < times; ++i) x.run(c, a, b);
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count() / times;
}

}  // namespace

int main() {
  using namespace sinter;
  std::vector<candidate> all;
  add<>(all, "default");
  add<tiles<4, 4>>(all, "tiles<4, 4>");
  add<tiles<8, 2>>(all, "tiles<8, 2>");
  add<tiles<8, 3>>(all, "tiles<8, 3>");
  add<tiles<12, 2>>(all, "tiles<12, 2>");
  add<tiles<14, 1>>(all, "tiles<14, 1>");
  add<blocks<48, 1024>>(all, "blocks<48, 1024>");
  add<blocks<192, 512>>(all, "blocks<192, 512>");
  add<blocks<96, 384>>(all, "blocks<96, 384>");
  add<blocks<240, 256>>(all, "blocks<240, 256>");
  constexpr int rounds = 9;
  const double peak = machine_limits().flops_f32;
  for (const extent_t n : {64, 100, 128, 256, 512, 1000, 1024, 2048}) {
    matrix a(n, n), b(n, n), c(n, n);
    a.fill(0.5f), b.fill(0.25f);
    const double flops = 2. * static_cast<double>(n * n * n);
    const int times = std::max(1, static_cast<int>(2e8 / flops));
    for (candidate& x : all) x.seconds.clear();
    for (int i = 0; i < rounds; ++i)
      for (candidate& x : all) x.seconds.push_back(seconds_of(x, c, a, b, times));
    const candidate* best = nullptr;
    std::printf("%lld x %lld x %lld, share of %.0f GFLOP/s\n", static_cast<long long>(n), static_cast<long long>(n),
                static_cast<long long>(n), peak * 1e-9);
    for (candidate& x : all) {
      std::sort(x.seconds.begin(), x.seconds.end());
      std::printf("  %-20s %.3f\n", x.name, flops / x.seconds[rounds / 2] / peak);
      if (!best || x.seconds[rounds / 2] < best->seconds[rounds / 2]) best = &x;
    }
    std::printf("  best: %s\n", best->name);
  }
}
