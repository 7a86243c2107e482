// SPDX-License-Identifier: Apache-2.0
// Derivatives: linear regression by Newton's method, logistic regression by gradient descent with parameters in a structure.
#include <iostream>
#include <sinter/sinter.hpp>

// The squared error of a line; its second derivatives are constant, so that one step of Newton's method ends at the best.
constexpr auto squared_error = sinter::fn([](auto line, auto x, auto y) {
  const auto error = slice(line, sinter::range<0, 1>) + slice(line, sinter::range<1, 2>) * x - y;
  return mean(error * error);
});
constexpr auto slope = sinter::grad<0>(squared_error);
constexpr auto curvature = sinter::hessian<0>(squared_error);

// Parameters by name: while a function is traced, Tensor gives traced values.
template <template <class, sinter::extent_t...> class Tensor> struct classifier {
  Tensor<float, 2, 2> weights;
  Tensor<float, 2> bias;
};
constexpr auto loss = sinter::fn([](auto p, auto x, auto label) { return cross_entropy(dot(x, p.weights) + p.bias, label); });
constexpr auto train = sinter::fn([](auto p, auto x, auto label) {
  const auto [value, gradient] = sinter::value_and_grad<0>(loss)(p, x, label);
  p.weights = p.weights - gradient.weights;
  p.bias = p.bias - gradient.bias;
  return std::tuple(value, p);
});

int main() {
  const sinter::tensor<double, 5> x{0, 1, 2, 3, 4}, y{1, 3, 5, 7, 9};
  sinter::tensor<double, 2> line;
  const auto g = slope(line, x, y);
  const auto h = curvature(line, x, y);
  const double determinant = h(0, 0) * h(1, 1) - h(0, 1) * h(1, 0);
  line(0) -= (h(1, 1) * g(0) - h(0, 1) * g(1)) / determinant;
  line(1) -= (h(0, 0) * g(1) - h(1, 0) * g(0)) / determinant;
  std::cout << "y = " << line(0) << " + " << line(1) << " x, error " << squared_error(line, x, y) << '\n';

  const sinter::tensor<float, 6, 2> points{{0, 0}, {1, 0}, {0, 1}, {3, 3}, {4, 3}, {3, 4}};
  const sinter::tensor<int, 6> labels{0, 0, 0, 1, 1, 1};
  classifier<sinter::tensor> p{};
  sinter::tensor<float> error;
  for (int step = 0; step <= 200; ++step) {
    train.into(std::tie(error, p), p, points, labels);  // in place: nothing is allocated
    if (step % 100 == 0) std::cout << "step " << step << ": loss " << error << '\n';
  }
  const auto plan = train.plan(p, points, labels);
  std::cout << "a step of training: " << plan.kernels << " kernels\n";
}

// Output:
// y = 1 + 2 x, error 0
// step 0: loss 0.693147
// step 100: loss 0.0102372
// step 200: loss 0.00521233
// a step of training: 4 kernels
