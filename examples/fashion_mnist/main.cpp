// SPDX-License-Identifier: Apache-2.0
// Trains a 784-128-10 network on Fashion-MNIST by stochastic gradient descent, forward and backward as one sinter function.
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
#include <random>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include <sinter/sinter.hpp>

#if defined(FASHION_MNIST_EIGEN)
#include "eigen.hpp"
#endif
#include "idx.hpp"
#include "svg.hpp"

namespace {

using namespace fashion_mnist;

constexpr std::size_t inputs = image_pixels, hidden = 128, batch = 128;
constexpr int epochs = 10;
constexpr float first_rate = .2f, last_rate = .001f;  // chosen on a held-out part of the training images
constexpr std::size_t shown = 40, loss_pieces = 12;

constexpr std::array<std::string_view, classes> class_names = {"T-shirt/top", "Trouser", "Pullover", "Dress", "Coat",
                                                               "Sandal",      "Shirt",   "Sneaker",  "Bag",   "Ankle boot"};

/// Pixels [n, 784] of 0 to 255 with mean 0 and standard deviation 1 over the training images.
constexpr auto normalised(auto pixels) { return (sinter::cast<float>(pixels) / 255.f - .286f) / .353f; }

/// One step of gradient descent: the mean loss of the batch and the new weights. The gradient is written by hand.
/// Shapes: pixels [batch, 784], labels [batch], w1 [784, hidden], b1 [hidden], w2 [hidden, 10], b2 [10], rate [].
constexpr auto step = sinter::fn([](auto pixels, auto labels, auto w1, auto b1, auto w2, auto b2, auto rate) {
  using namespace sinter;
  auto x = normalised(pixels);
  auto h = relu(dot(x, w1) + b1);
  auto log_p = log_softmax(dot(h, w2) + b2, axis<1>);
  auto target = one_hot<classes>(labels);
  auto loss = -sum(target * log_p) / float(batch);

  auto d_logits = (exp(log_p) - target) / float(batch);
  auto d_h = where(h > 0.f, dot(d_logits, transpose(w2)), 0.f);
  return std::tuple{loss, w1 - rate * dot(transpose(x), d_h), b1 - rate * sum(d_h, axis<0>), w2 - rate * dot(transpose(h), d_logits),
                    b2 - rate * sum(d_logits, axis<0>)};
});

/// The most probable class of each image, [n]; softmax does not change the order, so it is left out.
constexpr auto predict = sinter::fn([](auto pixels, auto w1, auto b1, auto w2, auto b2) {
  using namespace sinter;
  auto h = relu(dot(normalised(pixels), w1) + b1);
  return argmax(dot(h, w2) + b2, axis<1>);
});

struct network {
  sinter::tensor<float, inputs, hidden> w1;
  sinter::tensor<float, hidden> b1;
  sinter::tensor<float, hidden, classes> w2;
  sinter::tensor<float, classes> b2;
};

// The standard fixes the sequence of mt19937 but not that of its distributions and of std::shuffle; these two are the same everywhere.

/// He's uniform initialisation: [-limit, limit) with limit = sqrt(6 / fan_in).
void initialise(auto& weights, std::size_t fan_in, std::mt19937& random) {
  const float limit = std::sqrt(6.f / static_cast<float>(fan_in));
  for (float& w : weights) w = limit * (static_cast<float>(random() >> 8) / 8388608.f - 1.f);
}

void shuffle(std::vector<std::size_t>& order, std::mt19937& random) {
  for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[random() % i]);
}

/// The learning rate falls along half a cosine; progress is 0 to 1.
float rate_at(double progress) {
  return last_rate + (first_rate - last_rate) * static_cast<float>(.5 + .5 * std::cos(3.14159265358979 * progress));
}

/// Returns the means of the loss over loss_pieces pieces of each epoch, and the seconds of the fastest one.
std::vector<double> train(network& net, double& fastest_epoch, const dataset& data, std::mt19937& random) {
  sinter::tensor<std::uint8_t, batch, inputs> pixels;
  sinter::tensor<std::int32_t, batch> labels;
  sinter::tensor<float> loss;
  auto& [w1, b1, w2, b2] = net;
  std::printf("%s\n", std::string(step.explain(pixels, labels, w1, b1, w2, b2, first_rate)).c_str());

  std::vector<std::size_t> order(data.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const std::size_t batches = data.size() / batch;  // the rest of a shuffled epoch is left out
  std::vector<double> curve;
  for (int epoch = 0; epoch < epochs; ++epoch) {
    const auto start = std::chrono::steady_clock::now();
    shuffle(order, random);
    std::array<double, loss_pieces> sums{}, counts{};
    for (std::size_t b = 0; b < batches; ++b) {
      for (std::size_t i = 0; i < batch; ++i) {
        const std::size_t chosen = order[b * batch + i];
        std::copy_n(data.image(chosen), inputs, pixels.data() + i * inputs);
        labels.data()[i] = data.labels[chosen];
      }
      const float rate = rate_at((epoch + static_cast<double>(b) / static_cast<double>(batches)) / epochs);
      step.into(std::tie(loss, w1, b1, w2, b2), pixels, labels, w1, b1, w2, b2, rate);
      sums[b * loss_pieces / batches] += static_cast<float>(loss);
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
  const auto predicted = predict(pixels, net.w1, net.b1, net.w2, net.b2);
  return {predicted.begin(), predicted.end()};
}

double accuracy(const std::vector<std::int64_t>& predicted, const dataset& data) {
  std::size_t right = 0;
  for (std::size_t i = 0; i < data.size(); ++i) right += predicted[i] == data.labels[i];
  return 100. * static_cast<double>(right) / static_cast<double>(data.size());
}

picture draw(const dataset& data, const std::vector<std::int64_t>& predicted, std::vector<double> loss, const std::string& title) {
  picture p{title, {}, std::move(loss), loss_pieces};
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

  std::mt19937 random(1);
  network net;
  initialise(net.w1, inputs, random);
  initialise(net.w2, hidden, random);
  double seconds = 0;
  auto loss = train(net, seconds, training, random);
#if defined(FASHION_MNIST_EIGEN)
  double eigen = std::numeric_limits<double>::infinity();
  for (int i = 0; i < 3; ++i)
    eigen = std::min(eigen, seconds_of_epoch_in_eigen(training.pixels.data(), training.labels.data(), training.size()));
  std::printf("\nthe fastest epoch took %.3f s; the same steps in Eigen: %.3f s, %.1f times as long\n", seconds, eigen, eigen / seconds);
#endif
  const auto predicted = classify(net, test);

  char result[64];
  std::snprintf(result, sizeof result, "test accuracy: %.2f %%", accuracy(predicted, test));
  svg << to_svg(draw(test, predicted, std::move(loss), std::string("Fashion-MNIST, ") + result));
  if (!svg.flush()) throw io_error(svg_file.string() + ": writing stopped; is the disk full?");
  std::printf("%s\n%s\n", svg_file.c_str(), result);
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
