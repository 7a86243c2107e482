// SPDX-License-Identifier: Apache-2.0
// Optimisers against plain loops in double, their plans, and schedules.
#include <sinter/optim.hpp>

#include <cmath>
#include <cstdint>
#include <random>
#include <tuple>
#include <vector>

#include <doctest/doctest.h>

namespace {

using namespace sinter;

template <template <class, extent_t...> class Tensor> struct layers {
  Tensor<float, 7, 5> w;
  Tensor<float, dyn> b;
  std::tuple<Tensor<double, 3>, Tensor<float>> rest;
};
layers<tensor> make(std::mt19937& random, float scale) {
  layers<tensor> p{{}, tensor<float, dyn>(11), {}};
  const auto draw = [&] { return static_cast<float>(static_cast<std::int32_t>(random())) * 0x1p-31f * scale; };
  for (auto& e : p.w) e = draw();
  for (auto& e : p.b) e = draw();
  for (auto& e : std::get<0>(p.rest)) e = static_cast<double>(draw());
  std::get<1>(p.rest) = draw();
  return p;
}
template <class P> std::vector<double> elements(const P& p) {
  std::vector<double> all;
  const auto add = [&](const auto& leaf) { all.insert(all.end(), leaf.begin(), leaf.end()); };
  std::apply([&](const auto&... leaf) { (add(leaf), ...); }, sinter::detail::leaves_of(p));
  return all;
}
// The largest difference, of f32, in parts of the numbers or of 1.
double apart(const std::vector<double>& a, const std::vector<double>& b) {
  double most = a.size() == b.size() ? 0 : 1;
  for (std::size_t i = 0; i < a.size() && i < b.size(); ++i) most = std::fmax(most, std::fabs(a[i] - b[i]) / (1 + std::fabs(b[i])));
  return most;
}

// Runs `ours(p, g)` and `plain(x, g)` element by element for some steps on the same gradients; they must agree.
template <class Ours, class Plain> void compare(Ours ours, Plain plain, double tolerance = 1e-6) {
  std::mt19937 random(3);
  auto p = make(random, 1);
  std::vector<double> x = elements(p);
  for (int step = 1; step <= 60; ++step) {
    const auto g = make(random, step % 7 == 0 ? 30.f : 0.5f);
    ours(p, g);
    const std::vector<double> slope = elements(g);
    for (std::size_t i = 0; i < x.size(); ++i) plain(x[i], slope[i], i, step);
    REQUIRE(apart(elements(p), x) < tolerance);
  }
}
struct moments {
  double m = 0, v = 0;
};
// One element of Adam as in the paper.
double adam_step(moments& s, double g, int n, double b1, double b2, double epsilon, double root) {
  s.m = b1 * s.m + (1 - b1) * g;
  s.v = b2 * s.v + (1 - b2) * g * g;
  return s.m / (1 - std::pow(b1, n)) / (std::sqrt(s.v / (1 - std::pow(b2, n)) + root) + epsilon);
}

struct two {
  tensor<float, 300, 200> w;
  tensor<float, 200> b;
};

}  // namespace

TEST_CASE("optimisers: plain loops in double") {
  compare([](auto& p, const auto& g) { sgd.into(p, p, g, 0.1f); },
          [](double& x, double g, std::size_t, int) { x -= static_cast<double>(0.1f) * g; });
  {
    std::mt19937 random(3);
    auto state = momentum_init(make(random, 1));
    std::vector<double> v(100);
    compare([&](auto& p, const auto& g) { momentum.into(std::tie(p, state), p, g, state, 0.125f); },
            [&](double& x, double g, std::size_t i, int) {
              v[i] = g + static_cast<double>(0.9f) * v[i];
              x -= 0.125 * v[i];
            },
            1e-5);
    CHECK(static_cast<int>(state.count) == 60);
  }
  {
    std::mt19937 random(3);
    auto state = momentum_init(make(random, 1));
    std::vector<double> v(100);
    compare([&](auto& p, const auto& g) { nesterov.into(std::tie(p, state), p, g, state, 0.125f, 0.75f); },
            [&](double& x, double g, std::size_t i, int) {
              v[i] = g + 0.75 * v[i];
              x -= 0.125 * (g + 0.75 * v[i]);
            },
            1e-5);
  }
  {
    std::mt19937 random(3);
    auto state = adam_init(make(random, 1));
    std::vector<moments> s(100);
    compare([&](auto& p, const auto& g) { adam.into(std::tie(p, state), p, g, state, 0.125f); },
            [&](double& x, double g, std::size_t i, int n) {
              x -= 0.125 * adam_step(s[i], g, n, static_cast<double>(0.9f), static_cast<double>(0.999f), 1e-8, 0);
            },
            4e-6);
    CHECK(static_cast<int>(state.count) == 60);
  }
  {
    std::mt19937 random(3);
    auto state = adam_init(make(random, 1));
    std::vector<moments> s(100);
    const adam_options options{.b1 = 0.5f, .b2 = 0.75f, .epsilon = 0.25f, .epsilon_root = 0.125f};
    compare([&](auto& p, const auto& g) { std::tie(p, state) = adam(p, g, state, 0.125f, options); },
            [&](double& x, double g, std::size_t i, int n) { x -= 0.125 * adam_step(s[i], g, n, 0.5, 0.75, 0.25, 0.125); });
  }
  {
    std::mt19937 random(3);
    auto state = adam_init(make(random, 1));
    std::vector<moments> s(100);
    const adamw_options options{.b1 = 0.5f, .b2 = 0.75f, .epsilon = 1e-8f, .epsilon_root = 0, .weight_decay = 0.25f};
    compare([&](auto& p, const auto& g) { adamw.into(std::tie(p, state), p, g, state, 0.125f, options); },
            [&](double& x, double g, std::size_t i, int n) {
              x -= 0.125 * (adam_step(s[i], g, n, 0.5, 0.75, static_cast<double>(1e-8f), 0) + 0.25 * x);
            },
            4e-6);
  }
  {
    // b1 of 0 and 1 - b2 that f32 would lose; the first step is the sign of the gradient.
    tensor<float, 3> p, g{0.5f, -2, 0};
    auto state = adam_init(p);
    adam.into(std::tie(p, state), p, g, state, 1, adam_options{.b1 = 0, .b2 = 0.9999999f});
    CHECK(std::fabs(p(0) + 1) < 1e-6f);
    CHECK(std::fabs(p(1) - 1) < 1e-6f);
    CHECK(p(2) == 0);
  }
}

TEST_CASE("optimisers: 16 bits are rounded once, a state may be wider") {
  tensor<bfloat16, 4> p{1, 2, 3, 4}, g{0.5f, -1, 2, 0};
  tensor<bfloat16, 4> stepped = sgd(p, g, 0.375f);
  for (int i = 0; i < 4; ++i) CHECK(float(stepped(i)) == float(bfloat16(float(p(i)) - 0.375f * float(g(i)))));
  adam_state<tensor<float, 4>> wide{};
  moments s[4];
  std::vector<double> x{1, 2, 3, 4};
  for (int n = 1; n <= 20; ++n) {
    adam.into(std::tie(p, wide), p, g, wide, 0.01f);
    for (std::size_t i = 0; i < 4; ++i) {
      adam_step(s[i], static_cast<double>(float(g(static_cast<int>(i)))), n, static_cast<double>(0.9f), static_cast<double>(0.999f), 1e-8,
                0);
      CHECK(std::fabs(static_cast<double>(wide.square(static_cast<int>(i))) - s[i].v) <= 1e-6 * s[i].v);
    }
  }
  CHECK(float(p(0)) < 1);
  CHECK(float(p(3)) == 4);
}

TEST_CASE("optimisers: gradients are clipped by their common norm") {
  two g;
  g.w.fill(0), g.b.fill(0);
  g.w(3, 4) = 3, g.b(7) = -4;
  CHECK(static_cast<float>(global_norm(g)) == 5);
  const two same = clip_by_global_norm(g, 5.5f);
  CHECK((same.w(3, 4) == 3 && same.b(7) == -4));
  const two half = clip_by_global_norm(g, 2.5f);
  CHECK((half.w(3, 4) == 1.5f && half.b(7) == -2 && half.w(0, 0) == 0));
  const two zero = clip_by_global_norm(zeros_like(g), 1.f);
  CHECK((zero.w(3, 4) == 0 && zero.b(7) == 0));
  const tensor<float16, 2> large = clip_by_global_norm(tensor<float16, 2>{30000.f, 40000.f}, 5.f);  // whose squares f16 has not
  CHECK((float(large(0)) == 3 && float(large(1)) == 4));
  tensor<float, 2> broken{NAN, 1};
  CHECK(std::isnan(clip_by_global_norm(broken, 5.f)(1)));
}

TEST_CASE("optimisers: schedules") {
  constexpr warmup_cosine_decay rate{.peak = 0.5, .warmup_steps = 10, .decay_steps = 110, .initial = 0.125, .final = 0.0625};
  constexpr auto traced = fn([](auto step) { return warmup_cosine_decay{0.5, 10, 110, 0.125, 0.0625}(step); });
  for (int n = 0; n < 200; ++n) {
    const double along = n < 110 ? (n - 10) / 100. : 1;
    const double expected = n < 10 ? 0.125 + 0.0375 * n : 0.0625 + 0.4375 * (0.5 + 0.5 * std::cos(3.14159265358979323846 * along));
    CHECK(std::fabs(rate(n) - expected) < 1e-12);
    CHECK(std::fabs(static_cast<double>(static_cast<float>(traced(n))) - expected) < 1e-6);
  }
  constexpr warmup_cosine_decay cosine{.peak = 2, .decay_steps = 8};
  CHECK((cosine(0) == 2 && std::fabs(cosine(4) - 1) < 1e-15 && std::fabs(cosine(8)) < 1e-15 && std::fabs(cosine(9)) < 1e-15));

  // As a rate: of the number of steps taken before.
  constexpr auto step = fn([](auto p, auto state) { return momentum(p, p * 0 + 1, state, warmup_cosine_decay{2, 0, 8}, 0); });
  tensor<float, 2> p{8, 8};
  auto state = momentum_init(p);
  double x = 8;
  for (int n = 0; n < 10; ++n) {
    step.into(std::tie(p, state), p, state);
    x -= cosine(n);
    CHECK(std::fabs(static_cast<double>(p(1)) - x) < 1e-5);
  }
}

TEST_CASE("optimisers: one kernel a parameter, which reads and writes it once") {
  constexpr int w = 300 * 200, b = 200, all = 4 * (w + b);
  using state = adam_state<two>;
  constexpr auto one = sgd.plan<two, two, float>();
  static_assert(one.kernels == 2 && one.temporaries == 0);
  static_assert(one.bytes_read == 2 * all + 2 * 4 && one.bytes_written == all);
  // Adam's third kernel counts the steps and computes what their number divides by: 8 bytes, and the rate.
  constexpr auto of_adam = adam.plan<two, two, state, float>();
  static_assert(of_adam.kernels == 3 && of_adam.temporaries == 2);
  static_assert(of_adam.bytes_read == 4 * all + 4 + 2 * 3 * 4 && of_adam.bytes_written == 3 * all + 4 + 8);
  constexpr auto of_momentum = momentum.plan<two, two, momentum_state<two>, float>();
  static_assert(of_momentum.kernels == 3 && of_momentum.temporaries == 0);
  static_assert(of_momentum.bytes_read == 3 * all + 4 + 2 * 4 && of_momentum.bytes_written == 2 * all + 4);
  CHECK(of_adam.workspace_bytes <= 128);
}

TEST_CASE("optimisers: the end of a step of training, in place") {
  constexpr auto loss = [](auto p, auto x, auto label) {
    const auto& [weights, bias] = p;
    return cross_entropy(dot(x, weights) + bias, label);
  };
  struct classifier {
    tensor<float, 2, 3> w;
    tensor<float, 3> b;
  };
  constexpr auto step = fn([](auto p, auto state, auto x, auto label) {
    const auto [value, gradient] = sinter::value_and_grad(decltype(loss){})(p, x, label);
    const auto [next, after] = adam(p, clip_by_global_norm(gradient, 1.f), state, warmup_cosine_decay{0.5, 5, 50});
    return std::tuple(value, next, after);
  });
  const tensor<float, 6, 2> x{{0, 0}, {1, 0}, {0, 1}, {3, 3}, {4, 3}, {9, -3}};
  const tensor<int, 6> labels{0, 0, 0, 1, 1, 2};
  classifier p{}, q{};
  auto state = adam_init(p), other = state;
  tensor<float> value, first;
  step.into(std::tie(first, p, state), p, state, x, labels);
  for (int i = 1; i < 50; ++i) step.into(std::tie(value, p, state), p, state, x, labels);
  CHECK(std::fabs(static_cast<float>(first) - 1.0986123f) < 1e-6f);
  CHECK(static_cast<float>(value) < 0.1f);
  // The same bits where nothing is in place.
  for (int i = 0; i < 50; ++i) {
    const auto [v, next, after] = step(q, other, x, labels);
    q = next, other = after;
  }
  CHECK(elements(q) == elements(p));
  CHECK(elements(other.square) == elements(state.square));
  CHECK(static_cast<int>(other.count) == 50);

  // The same steps as one loop inside of a function.
  constexpr auto train = fn([](auto start, auto start_state, auto points, auto label) {
    return fori_loop(
        0, 50,
        [=](auto, auto carry) {
          const auto& [params, s] = carry;
          const auto [v, gradient] = sinter::value_and_grad(decltype(loss){})(params, points, label);
          return adam(params, clip_by_global_norm(gradient, 1.f), s, warmup_cosine_decay{0.5, 5, 50});
        },
        std::tuple(start, start_state));
  });
  const auto [r, end] = train(classifier{}, adam_init(classifier{}), x, labels);
  CHECK(elements(r) == elements(p));
  CHECK(static_cast<int>(end.count) == 50);
}
