// SPDX-License-Identifier: Apache-2.0
// Linear and logistic regression: a loss is written down, a step of Adam is made of its gradient, and parameters are overwritten.
#include <iostream>
#include <sinter/optim.hpp>
#include <sinter/random.hpp>

template <template <class, sinter::extent_t...> class Tensor> struct line {
  Tensor<float, 2> slope;
  Tensor<float> offset;
};
constexpr auto score = [](auto p, auto x) { return dot(x, p.slope) + p.offset; };
constexpr auto linear = [](auto p, auto x, auto y) { return mean((score(p, x) - y) * (score(p, x) - y)); };
constexpr auto logistic = [](auto p, auto x, auto y) {  // y is 0 or 1; -log of the probability that the model gives it
  return mean(maximum(score(p, x), 0) - score(p, x) * y + log1p(exp(-abs(score(p, x)))));
};

template <class Loss> line<sinter::tensor> fit(Loss, const auto& x, const auto& y) {
  constexpr auto step = sinter::fn([](auto p, auto state, auto points, auto values) {
    return sinter::adam(p, sinter::grad<0>(Loss{})(p, points, values), state, 0.1f);
  });
  line<sinter::tensor> p{};
  auto state = sinter::adam_init(p);
  for (int i = 0; i < 200; ++i) step.into(std::tie(p, state), p, state, x, y);
  return p;
}

int main() {
  const auto key = sinter::random_key(1);
  const sinter::tensor<float, 500, 2> x = sinter::normal<float, 500, 2>(fold_in(key, 0));
  const sinter::tensor<float, 500> noise = sinter::normal<float, 500>(fold_in(key, 1));
  const sinter::tensor<float, 500> height = dot(x, sinter::tensor<float, 2>{2, -3}) + 1;
  const auto a = fit(linear, x, sinter::eval(height + noise * 0.1f));
  const auto b = fit(logistic, x, sinter::eval(sinter::cast<float>(height + noise > 0)));
  std::cout << "linear:   " << a.slope << " x + " << a.offset << "\nlogistic: " << b.slope << " x + " << b.offset << '\n';
}

// Output:
// linear:   [ 2.00768, -3.00065] x + 0.999661
// logistic: [ 3.12217, -4.69174] x + 1.56583
