// SPDX-License-Identifier: Apache-2.0
// One step of training beside Eigen and OpenBLAS: forward, backward and the optimiser's step of a network 784-512-256-10 with ReLU and
// cross-entropy on a batch of 128.
//   cmake --build build/release --target bench_training && build/release/bench/bench_training
#include <unistd.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <tuple>

#include <sinter/optim.hpp>

#include "compare.hpp"
#include "peers/peers.hpp"

namespace {

using sinter::tensor;

constexpr int batch = 128;
struct network {
  tensor<float, 784, 512> w1;
  tensor<float, 512> b1;
  tensor<float, 512, 256> w2;
  tensor<float, 256> b2;
  tensor<float, 256, 10> w3;
  tensor<float, 10> b3;
};
constexpr double products = 784. * 512 + 512 * 256 + 256 * 10, parameters = products + 512 + 256 + 10;

constexpr auto loss = sinter::fn([](auto p, auto x, auto labels) {
  const auto& [w1, b1, w2, b2, w3, b3] = p;
  const auto h1 = relu(dot(x, w1) + b1), h2 = relu(dot(h1, w2) + b2);
  return cross_entropy(dot(h2, w3) + b3, labels);
});
constexpr auto sgd_step = sinter::fn([](auto p, auto x, auto labels, auto rate) {
  const auto [value, gradient] = sinter::value_and_grad<0>(loss)(p, x, labels);
  return std::tuple(value, sinter::sgd(p, gradient, rate));
});
constexpr auto adam_step = sinter::fn([](auto p, auto state, auto x, auto labels, auto rate) {
  const auto [value, gradient] = sinter::value_and_grad<0>(loss)(p, x, labels);
  const auto [next, after] = sinter::adam(p, gradient, state, rate);
  return std::tuple(value, next, after);
});

tensor<float, batch, 784> x;
tensor<int, batch> labels;
tensor<float> value;
network p;
auto state = sinter::adam_init(p);
constexpr float rate = 1e-3f;

// A peer's network: begun with the same parameters.
struct peer {
  std::vector<float> all, mean, square;
  int steps = 0;
  peer() : mean(static_cast<std::size_t>(parameters)), square(static_cast<std::size_t>(parameters)) {
    const auto add = [&](const auto& leaf) { all.insert(all.end(), leaf.begin(), leaf.end()); };
    add(p.w1), add(p.b1), add(p.w2), add(p.b2), add(p.w3), add(p.b3);
  }
  peers::training next() { return {x.data(), labels.data(), all.data(), mean.data(), square.data(), rate, ++steps}; }
};
void begin() {
  bench::fill(x, p.w1, p.w2, p.w3);
  for (float& w : p.w1) w *= 0.06f;
  for (float& w : p.w2) w *= 0.08f;
  for (float& w : p.w3) w *= 0.1f;
  p.b1.fill(0), p.b2.fill(0), p.b3.fill(0);
  for (int i = 0; i < batch; ++i) labels(i) = i * 7 % 10;
}
// Whether a peer takes the same step: the largest difference of a parameter, of steps of about 0.001.
template <class Ours, class Theirs> bool agree(const char* who, Ours ours, Theirs theirs) {
  begin();
  state = sinter::adam_init(p);
  peer other;
  for (int i = 0; i < 3; ++i) ours(), theirs(other.next());
  const peer own;
  double apart = 0;
  for (std::size_t i = 0; i < own.all.size(); ++i) apart = std::fmax(apart, std::fabs(double{own.all[i]} - double{other.all[i]}));
  if (!(apart < 1e-4)) std::fprintf(stderr, "bench_training: %s takes another step: %g\n", who, apart);
  return apart < 1e-4;
}
void sgd_ours() { sgd_step.into(std::tie(value, p), p, x, labels, rate); }
void adam_ours() { adam_step.into(std::tie(value, p, state), p, state, x, labels, rate); }

template <class Ours> bool add_peer(const bench::piece& piece, const char* who, Ours ours, void (*theirs)(const peers::training&)) {
  if (!agree((piece.name + " by " + who).c_str(), ours, theirs)) return false;
  const auto other = std::make_shared<peer>();
  bench::add(piece, who, [=] { theirs(other->next()); });
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  // OpenBLAS reads these when it is loaded.
  if (!std::getenv("SINTER_BENCH_LIBRARIES")) {
    setenv("OPENBLAS_NUM_THREADS", "1", 1), setenv("OPENBLAS_CORETYPE", "SkylakeX", 1), setenv("SINTER_BENCH_LIBRARIES", "set", 1);
    execv("/proc/self/exe", argv);
  }
  begin();
  bench::piece of_sgd{"step of training, SGD", {}}, of_adam{"step of training, Adam", {}};
  // Three products a layer, but for the gradient of the first layer's input.
  of_sgd.work.flops = of_adam.work.flops = 2. * batch * (3 * products - 784. * 512);
  of_sgd.work.bytes_read = of_sgd.work.bytes_written = 4 * parameters;
  of_adam.work.bytes_read = of_adam.work.bytes_written = 12 * parameters;
  bench::add(of_sgd, "sinter", sgd_ours);
  bench::add(of_adam, "sinter", adam_ours);
  bool good = true;
#if defined(SINTER_BENCH_EIGEN)
  good = add_peer(of_sgd, "Eigen", sgd_ours, peers::sgd_step_eigen) && good;
  good = add_peer(of_adam, "Eigen", adam_ours, peers::adam_step_eigen) && good;
#endif
  if (peers::find_openblas_for_training()) {
    good = add_peer(of_sgd, "OpenBLAS, loops", sgd_ours, peers::sgd_step_openblas) && good;
    good = add_peer(of_adam, "OpenBLAS, loops", adam_ours, peers::adam_step_openblas) && good;
  }
  if (!good) return 1;
  return bench::run(argc, argv, "0.004", "11");
}
