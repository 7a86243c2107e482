// SPDX-License-Identifier: Apache-2.0
// Trains a 784-128-10 network on Fashion-MNIST by Adam: the loss is written down, its gradient and a whole step of training are made of it
// and are one sinter function.
//   fashion_mnist <data directory> <output directory>
#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <limits>
#include <numeric>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include <sinter/optim.hpp>
#include <sinter/random.hpp>
#include <sinter/safetensors.hpp>

#if defined(FASHION_MNIST_EIGEN)
#include "eigen.hpp"
#endif
#include "idx.hpp"
#include "model.hpp"
#include "svg.hpp"

namespace {

using namespace fashion_mnist;

constexpr int epochs = 10;
constexpr std::size_t shown = 40, loss_pieces = 12;

constexpr std::array<std::string_view, classes> class_names = {"T-shirt/top", "Trouser", "Pullover", "Dress", "Coat",
                                                               "Sandal",      "Shirt",   "Sneaker",  "Bag",   "Ankle boot"};

/// Returns the means of the loss over loss_pieces pieces of each epoch, and the seconds of the fastest one.
std::vector<double> train(network& net, double& fastest_epoch, const dataset& data, const auto& key) {
  sinter::tensor<std::uint8_t, batch, inputs> pixels;
  sinter::tensor<std::int32_t, batch> labels;
  sinter::tensor<float> value;
  auto state = sinter::adam_init(net);
  std::printf("%s\n", std::string(step.explain(net, state, pixels, labels, 0.f)).c_str());

  const sinter::view<const std::int32_t, sinter::dyn> all_labels(data.labels.data(), data.size());
  const std::size_t batches = data.size() / batch;  // the rest of a shuffled epoch is left out
  // Rises during a quarter of an epoch, then falls along half a cosine. The peak was chosen on a held-out part of the training images.
  const auto steps = static_cast<double>(batches) * epochs;
  const sinter::warmup_cosine_decay rate{.peak = 4e-3, .warmup_steps = steps / epochs / 4, .decay_steps = steps};
  std::vector<double> curve;
  for (int epoch = 0; epoch < epochs; ++epoch) {
    const auto start = std::chrono::steady_clock::now();
    const auto order = shuffled(fold_in(key, epoch), all_labels);
    std::array<double, loss_pieces> sums{}, counts{};
    for (std::size_t b = 0; b < batches; ++b) {
      for (std::size_t i = 0; i < batch; ++i) {
        const auto chosen = static_cast<std::size_t>(order.data()[b * batch + i]);
        std::copy_n(data.image(chosen), inputs, pixels.data() + i * inputs);
        labels.data()[i] = data.labels[chosen];
      }
      const double now = rate(static_cast<double>(static_cast<std::size_t>(epoch) * batches + b));
      step.into(std::tie(value, net, state), net, state, pixels, labels, static_cast<float>(now));
      sums[b * loss_pieces / batches] += static_cast<float>(value);
      counts[b * loss_pieces / batches] += 1;
    }
    for (std::size_t i = 0; i < loss_pieces; ++i)
      if (counts[i] > 0) curve.push_back(sums[i] / counts[i]);
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    fastest_epoch = epoch == 0 ? seconds : std::min(fastest_epoch, seconds);
    const double mean = std::accumulate(sums.begin(), sums.end(), 0.) / static_cast<double>(batches);
    std::printf("epoch %2d/%d  loss %.4f  %5.2f s  %7.0f images/s\n", epoch + 1, epochs, mean, seconds,
                static_cast<double>(batches * batch) / seconds);
    std::fflush(stdout);
  }
  return curve;
}

std::vector<std::int64_t> classify(const network& net, const dataset& data) {
  const sinter::view<const std::uint8_t, sinter::dyn, inputs> pixels(data.pixels.data(), data.size());
  const auto predicted = predict(net, pixels);
  return {predicted.begin(), predicted.end()};
}

double accuracy(const std::vector<std::int64_t>& predicted, const dataset& data) {
  std::size_t right = 0;
  for (std::size_t i = 0; i < data.size(); ++i) right += predicted[i] == data.labels[i];
  return 100. * static_cast<double>(right) / static_cast<double>(data.size());
}

picture draw(const dataset& data, const std::vector<std::int64_t>& predicted, std::vector<double> curve, const std::string& title) {
  picture p{title, {}, std::move(curve), loss_pieces};
  for (std::size_t i = 0; i < std::min(shown, data.size()); ++i)
    p.tiles.push_back(
        {data.image(i), class_names[static_cast<std::size_t>(predicted[i])], class_names[static_cast<std::size_t>(data.labels[i])]});
  return p;
}

void run(const std::filesystem::path& data_directory, const std::filesystem::path& output_directory) {
  const dataset training = read_dataset(data_directory, "train");
  const dataset test = read_dataset(data_directory, "t10k");
  if (training.size() < loss_pieces * batch)
    throw io_error(data_directory.string() + ": " + std::to_string(training.size()) + " training images; expected at least " +
                   std::to_string(loss_pieces * batch));
  std::filesystem::create_directories(output_directory);
  const auto svg_file = output_directory / "fashion_mnist.svg";
  std::ofstream svg(svg_file, std::ios::binary);  // opened before the work, so that a directory that refuses it costs no training
  if (!svg) throw io_error(svg_file.string() + ": cannot be written; name an output directory that can");
  std::printf("%zu training images, %zu test images from %s\n\n", training.size(), test.size(), data_directory.c_str());

  const auto key = sinter::random_key(1);
  network net = initial(sinter::eval(fold_in(key, 0)));
  double seconds = 0;
  auto curve = train(net, seconds, training, sinter::eval(fold_in(key, 1)));
#if defined(FASHION_MNIST_EIGEN)
  double eigen = std::numeric_limits<double>::infinity();
  for (int i = 0; i < 3; ++i)
    eigen = std::min(eigen, seconds_of_epoch_in_eigen(training.pixels.data(), training.labels.data(), training.size()));
  std::printf("\nthe fastest epoch took %.3f s; the same steps in Eigen: %.3f s, %.1f times as long\n", seconds, eigen, eigen / seconds);
#endif
  const auto weights_file = output_directory / "fashion_mnist.safetensors";
  sinter::save_safetensors(weights_file, net);
  const auto predicted = classify(net, test);

  char result[64];
  std::snprintf(result, sizeof result, "test accuracy: %.2f %%", accuracy(predicted, test));
  svg << to_svg(draw(test, predicted, std::move(curve), std::string("Fashion-MNIST, ") + result));
  if (!svg.flush()) throw io_error(svg_file.string() + ": writing stopped; is the disk full?");
  std::printf("%s\n%s\n%s\n", weights_file.c_str(), svg_file.c_str(), result);
}

}  // namespace

int main(int count, char** arguments) try {
  if (count != 3) {
    std::fprintf(stderr, "usage: fashion_mnist <data directory> <output directory>\n");
    return 2;
  }
  run(arguments[1], arguments[2]);
} catch (const std::exception& error) {
  std::fprintf(stderr, "fashion_mnist: %s\n", error.what());
  return 1;
}
