// SPDX-License-Identifier: Apache-2.0
// One thread beside two, on work that stays in the caches: softmax, layer_norm, gelu. Times are the shortest by the clock.
//   cmake --build build/release --target bench_threads && build/release/bench/bench_threads
#include "compare.hpp"

namespace {

constexpr auto softmax = sinter::fn([](auto x) { return sinter::softmax(x, sinter::axis<1>); });
constexpr auto gelu = sinter::fn([](auto x, auto w, auto b) { return sinter::gelu_tanh(x * w + b); });
constexpr auto norm = sinter::fn([](auto x, auto g, auto b) { return sinter::layer_norm(x, sinter::axis<1>) * g + b; });

// `sinter` is two threads, so that the last column is what one thread takes over that.
template <class F> void add(const std::string& name, const sinter::work& w, F run) {
  const bench::piece p{name + " 256x1024, 2 threads", w, true};
  bench::add(p, "sinter", [run] {
    sinter::set_num_threads(2);
    run();
    sinter::set_num_threads(1);
  });
  bench::add(p, "one thread", run);
}

}  // namespace

int main(int argc, char** argv) {
  static sinter::tensor<float, 256, 1024> x, y;
  static sinter::tensor<float, 1024> w, b;
  bench::fill(x, w, b);
  add("softmax", sinter::work_of(softmax, x), [] { softmax.into(y, x); });
  add("gelu_tanh(x*w+b)", sinter::work_of(gelu, x, w, b), [] { gelu.into(y, x, w, b); });
  add("layer_norm(x)*g+b", sinter::work_of(norm, x, w, b), [] { norm.into(y, x, w, b); });
  return bench::run(argc, argv, "0.0003", "151");
}
