// SPDX-License-Identifier: Apache-2.0
// Trains the network of model.hpp on a GPU: the images lie there, each step takes its batch from them, and all steps are launches of one
// CUDA graph, for nothing that the host passes changes.
//   nvcc -std=c++20 -O2 -arch=native -I<sinter>/include cuda.cu -lz -o fashion_mnist_cuda
//   fashion_mnist_cuda <data directory>
#include <chrono>
#include <cstdio>
#include <exception>
#include <stdexcept>
#include <string>
#include <tuple>

#include <sinter/cuda.hpp>
#include <sinter/sinter.hpp>

#include "model.hpp"

namespace {

using namespace fashion_mnist;
using sinter::dyn;
using device_network = parameters<sinter::device::tensor>;

constexpr sinter::extent_t images = 60000, batches = images / batch, epochs = 10;
constexpr sinter::warmup_cosine_decay rate{.peak = 4e-3, .warmup_steps = batches / 4., .decay_steps = batches * epochs};

/// One step of model.hpp on the batch that is next in `order`, with the sum of the losses so far.
constexpr auto next_step = sinter::fn([](auto p, auto state, auto sum, auto pixels, auto labels, auto order) {
  const auto& [count, mean, square] = state;
  const auto chosen = sinter::dynamic_slice<batch>(order, count % batches * static_cast<int>(batch));
  const auto [value, next, after] =
      step(p, state, take(pixels, chosen, sinter::axis<0>), take(labels, chosen, sinter::axis<0>), rate(count));
  return std::tuple{next, after, sum + value};
});

void run(const std::string& directory) {
  const dataset training = read_dataset(directory, "train"), test = read_dataset(directory, "t10k");
  if (training.size() != images)
    throw std::runtime_error(directory + ": " + std::to_string(training.size()) + " training images; expected " + std::to_string(images));
  const auto on_device = [](const auto* p, std::size_t n) { return sinter::view<const std::uint8_t, dyn, inputs>(p, n); };
  const auto pixels = sinter::device::to(on_device(training.pixels.data(), training.size()));
  const sinter::view<const std::int32_t, dyn> host_labels(training.labels.data(), training.size());
  const auto labels = sinter::device::to(host_labels);

  const auto key = sinter::random_key(1);
  const network start = initial(sinter::eval(fold_in(key, 0)));
  device_network net{sinter::device::to(start.w1), sinter::device::to(start.b1), sinter::device::to(start.w2),
                     sinter::device::to(start.b2)};
  auto state = sinter::adam_init(net);
  sinter::device::tensor<float> sum;
  sinter::device::tensor<std::int64_t, dyn> order(images);
  for (int epoch = 0; epoch < epochs; ++epoch) {
    order.copy_from(shuffled(sinter::eval(fold_in(sinter::eval(fold_in(key, 1)), epoch)), host_labels));
    sum.fill(0);
    const auto begin = std::chrono::steady_clock::now();
    for (sinter::extent_t b = 0; b < batches; ++b) next_step.into(std::tie(net, state, sum), net, state, sum, pixels, labels, order);
    const double loss = static_cast<double>(static_cast<float>(sum.to_host())) / batches;  // waits
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    std::printf("epoch %2d/%d  loss %.4f  %5.3f s  %8.0f images/s\n", epoch + 1, static_cast<int>(epochs), loss, seconds,
                static_cast<double>(batches * batch) / seconds);
  }
  const auto predicted = predict(net, sinter::device::to(on_device(test.pixels.data(), test.size()))).to_host();
  std::size_t right = 0;
  for (std::size_t i = 0; i < test.size(); ++i) right += predicted.data()[i] == test.labels[i];
  std::printf("test accuracy: %.2f %%\n", 100. * static_cast<double>(right) / static_cast<double>(test.size()));
}

}  // namespace

int main(int count, char** arguments) try {
  if (count != 2) {
    std::fprintf(stderr, "usage: fashion_mnist_cuda <data directory>\n");
    return 2;
  }
  run(arguments[1]);
} catch (const std::exception& error) {
  std::fprintf(stderr, "fashion_mnist_cuda: %s\n", error.what());
  return 1;
}
