// SPDX-License-Identifier: Apache-2.0
// Trains the model on fortunes: one function computes the loss, its gradient, and a step of AdamW.
//   transformer_train <folder of fortunes> <output directory> [steps]
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <fstream>

#include <sinter/optim.hpp>
#include <sinter/safetensors.hpp>

#include "curve.hpp"
#include "text.hpp"

namespace {

using namespace transformer;
constexpr sinter::extent_t texts = 12;
using batch = sinter::tensor<std::int32_t, texts, context>;

/// The mean of -log of the probability of each next character, in nats.
constexpr auto loss = sinter::fn([](auto p, auto characters, auto following) {
  return cross_entropy(logits<texts, context>(p, characters), sinter::reshape<texts * context>(following));
});
constexpr auto step = sinter::fn([](auto p, auto state, auto characters, auto following, auto rate) {
  const auto [value, gradient] = sinter::value_and_grad<0>(loss)(p, characters, following);
  const auto [next, after] = sinter::adamw(p, sinter::clip_by_global_norm(gradient, 1.f), state, rate, sinter::adamw_options{.b2 = 0.98f});
  return std::tuple(value, next, after);
});

model initial(const auto& key) {
  model p{};
  int n = 0;
  const auto draw = [&](auto& w, float deviation) {
    using tensor = std::remove_reference_t<decltype(w)>;
    [&]<sinter::extent_t... E>(const sinter::tensor<float, E...>*) {
      w = sinter::normal<float, E...>(sinter::eval(fold_in(key, ++n))) * deviation;
    }
    (static_cast<tensor*>(nullptr));
  };
  const auto before = [](sinter::extent_t inputs) { return 1 / std::sqrt(static_cast<float>(inputs)); };
  draw(p.embedding, 1);
  p.norm.fill(1);
  draw(p.head, before(width));
  const float shared = 1 / std::sqrt(2.f * static_cast<float>(layers));  // what the layers add together
  for (auto& w : p.blocks) {
    w.norm1.fill(1), w.norm2.fill(1);
    draw(w.qkv, before(width)), draw(w.out, before(width) * shared);
    draw(w.up, before(width)), draw(w.down, before(hidden) * shared);
  }
  return p;
}

/// Pieces of a text from places that a key chooses, and what follows each character.
void choose(batch& characters, batch& following, const std::vector<std::uint8_t>& text, const auto& key) {
  const sinter::tensor<std::uint32_t, texts> places = sinter::random_bits<std::uint32_t, texts>(key);
  for (sinter::extent_t i = 0; i < texts; ++i) {
    const std::uint8_t* from = text.data() + places(i) % (text.size() - context);
    std::copy_n(from, context, characters.data() + i * context);
    std::copy_n(from + 1, context, following.data() + i * context);
  }
}

void train(const std::filesystem::path& folder, const std::filesystem::path& output, int steps) {
  const corpus text = read_fortunes(folder);
  std::filesystem::create_directories(output);
  std::ofstream svg(output / "loss.svg");  // opened before the work, so that a directory that refuses it costs no training
  if (!svg) throw std::runtime_error((output / "loss.svg").string() + ": cannot be written; name an output directory that can");
  std::printf("%zu characters for training, %zu held out\n", text.training.size(), text.held_out.size());

  const auto key = sinter::random_key(7);
  model p = initial(sinter::eval(fold_in(key, 0)));
  auto state = sinter::adam_init(p);
  sinter::tensor<float> value;
  batch characters, following;
  const sinter::warmup_cosine_decay rate{.peak = 2e-3, .warmup_steps = 100, .decay_steps = static_cast<double>(steps), .final = 1e-4};
  const auto plan = step.plan(p, state, characters, following, 0.f);
  const double flops = static_cast<double>(sinter::extent_t{plan.flops});
  std::printf("a step: %d kernels, %.2f GFLOP\n", plan.kernels, flops * 1e-9);

  curve c;
  double sum = 0, seconds = 0;
  constexpr int shown = 50;
  for (int n = 0; n < steps; ++n) {
    choose(characters, following, text.training, sinter::eval(fold_in(sinter::eval(fold_in(key, 1)), n)));
    const auto start = std::chrono::steady_clock::now();
    step.into(std::tie(value, p, state), p, state, characters, following, static_cast<float>(rate(static_cast<double>(n))));
    seconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    sum += static_cast<float>(value);
    if ((n + 1) % shown != 0) continue;
    double held = 0;
    for (int i = 0; i < 10; ++i) {  // the same pieces each time
      choose(characters, following, text.held_out, sinter::eval(fold_in(sinter::eval(fold_in(key, 2)), i)));
      held += static_cast<float>(loss(p, characters, following)) / 10;
    }
    c.training.emplace_back(n + 1 - shown / 2, sum / shown);
    c.held_out.emplace_back(n + 1, held);
    std::printf("step %5d  loss %.3f  held out %.3f  %5.1f ms, %6.0f characters/s, %5.1f GFLOP/s\n", n + 1, sum / shown, held,
                seconds * 1e3 / shown, shown * texts * context / seconds, flops * shown / seconds * 1e-9);
    std::fflush(stdout);
    sum = seconds = 0;
  }
  sinter::save_safetensors((output / "weights.safetensors").string(), p);
  char title[128];
  std::snprintf(title, sizeof title, "Loss in nats a character: training and, dark, held out, at last %.3f",
                c.held_out.empty() ? 0. : c.held_out.back().second);
  svg << to_svg(c, title);
  if (!svg.flush()) throw std::runtime_error("loss.svg: writing stopped; is the disk full?");
}

}  // namespace

int main(int count, char** arguments) try {
  const int steps = count == 4 ? std::atoi(arguments[3]) : 4000;
  if (count < 3 || count > 4 || steps < 1) {
    std::fprintf(stderr, "usage: transformer_train <folder of fortunes> <output directory> [steps]\n");
    return 2;
  }
  train(arguments[1], arguments[2], steps);
} catch (const std::exception& error) {
  std::fprintf(stderr, "transformer_train: %s\n", error.what());
  return 1;
}
