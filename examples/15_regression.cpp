// SPDX-License-Identifier: Apache-2.0
// Linear and logistic regression: a loss is written down, its gradient and one step of Adam are made of it, parameters are overwritten.
#include <iostream>
#include <sinter/optim.hpp>
#include <sinter/random.hpp>

template <template <class, sinter::extent_t...> class Tensor> struct line {
  Tensor<float, 2> slope;
  Tensor<float> offset;
};
constexpr auto at = [](auto p, auto x) { return dot(x, p.slope) + p.offset; };

constexpr auto squared = sinter::fn([](auto p, auto x, auto y) {
  const auto error = at(p, x) - y;
  return mean(error * error);
});
constexpr auto logistic = sinter::fn([](auto p, auto x, auto y) {  // y is 0 or 1; -log of the probability that the model gives it
  const auto z = at(p, x);
  return mean(maximum(z, 0) - z * y + log1p(exp(-abs(z))));
});
constexpr sinter::warmup_cosine_decay rate{.peak = 0.2, .warmup_steps = 10, .decay_steps = 200};

template <class Loss, class Y> void fit(const char* name, Loss, const auto& x, const Y& y) {
  constexpr auto step = sinter::fn([](auto p, auto state, auto points, auto values) {
    const auto [loss, gradient] = sinter::value_and_grad<0>(Loss{})(p, points, values);
    const auto [next, after] = sinter::adam(p, gradient, state, rate);
    return std::tuple(loss, next, after);
  });
  line<sinter::tensor> p{};
  auto state = sinter::adam_init(p);
  sinter::tensor<float> loss;
  for (int i = 0; i < 200; ++i) step.into(std::tie(loss, p, state), p, state, x, y);
  std::cout << name << ": " << p.slope << " x + " << p.offset << ", loss " << loss << ", " << step.plan(p, state, x, y).kernels
            << " kernels a step\n";
}

int main() {
  const auto key = sinter::random_key(1);
  const sinter::tensor<float, 500, 2> x = sinter::normal<float, 500, 2>(fold_in(key, 0));
  const sinter::tensor<float, 500> noise = sinter::normal<float, 500>(fold_in(key, 1));
  const sinter::tensor<float, 500> height = dot(x, sinter::tensor<float, 2>{2, -3}) + 1;
  fit("linear  ", squared, x, sinter::eval(height + noise * 0.1f));
  fit("logistic", logistic, x, sinter::eval(sinter::cast<float>(height + noise > 0)));
}

// Output:
// linear  : [ 2.00776, -2.99995] x + 0.999774, loss 0.0102581, 4 kernels a step
// logistic: [ 3.10427, -4.66708] x + 1.55711, loss 0.201592, 4 kernels a step
