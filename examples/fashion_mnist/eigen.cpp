// SPDX-License-Identifier: Apache-2.0
#include "eigen.hpp"

#include <Eigen/Core>
#include <chrono>
#include <cmath>

namespace fashion_mnist {
namespace {

// Adam for one array of parameters.
struct adam {
  Eigen::ArrayXf mean, square;
  explicit adam(Eigen::Index n) : mean(Eigen::ArrayXf::Zero(n)), square(Eigen::ArrayXf::Zero(n)) {}
  void apply(float* parameters, const float* gradient, float rate, int step) {
    const Eigen::Map<const Eigen::ArrayXf> g(gradient, mean.size());
    const float c1 = 1 / (1 - std::pow(.9f, static_cast<float>(step))), c2 = 1 / (1 - std::pow(.999f, static_cast<float>(step)));
    mean = .9f * mean + .1f * g;
    square = .999f * square + .001f * g.square();
    Eigen::Map<Eigen::ArrayXf>(parameters, mean.size()) -= rate * (mean * c1) / ((square * c2).sqrt() + 1e-8f);
  }
};

}  // namespace

double seconds_of_epoch_in_eigen(const std::uint8_t* pixels, const std::int32_t* labels, std::size_t images) {
  using matrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  using bytes = Eigen::Matrix<std::uint8_t, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  constexpr Eigen::Index inputs = 784, hidden = 128, outputs = 10, batch = 128;
  constexpr float rate = .001f;
  matrix w1 = matrix::Random(inputs, hidden) * .08f, w2 = matrix::Random(hidden, outputs) * .2f;
  Eigen::RowVectorXf b1 = Eigen::RowVectorXf::Zero(hidden), b2 = Eigen::RowVectorXf::Zero(outputs);
  matrix x(batch, inputs), h(batch, hidden), p(batch, outputs), d_h(batch, hidden);
  adam of_w1(w1.size()), of_w2(w2.size()), of_b1(b1.size()), of_b2(b2.size());
  matrix g1(inputs, hidden), g2(hidden, outputs);
  Eigen::RowVectorXf gb1(hidden), gb2(outputs);
  float loss = 0;
  int step = 0;

  const auto start = std::chrono::steady_clock::now();
  for (Eigen::Index at = 0; at + batch <= static_cast<Eigen::Index>(images); at += batch) {
    x = ((Eigen::Map<const bytes>(pixels + at * inputs, batch, inputs).cast<float>().array() / 255.f - .286f) / .353f).matrix();
    h.noalias() = x * w1;
    h = (h.rowwise() + b1).cwiseMax(0.f);
    p.noalias() = h * w2;
    p.rowwise() += b2;
    p.colwise() -= p.rowwise().maxCoeff().eval();
    p = p.array().exp().matrix();
    p.array().colwise() /= p.rowwise().sum().array().eval();
    for (Eigen::Index i = 0; i < batch; ++i) {
      const int label = labels[at + i];
      loss -= std::log(p(i, label));
      p(i, label) -= 1;
    }
    p /= static_cast<float>(batch);
    d_h.noalias() = p * w2.transpose();
    d_h = (h.array() > 0.f).select(d_h, 0.f);
    g2.noalias() = h.transpose() * p;
    gb2 = p.colwise().sum();
    g1.noalias() = x.transpose() * d_h;
    gb1 = d_h.colwise().sum();
    ++step;
    of_w1.apply(w1.data(), g1.data(), rate, step), of_b1.apply(b1.data(), gb1.data(), rate, step);
    of_w2.apply(w2.data(), g2.data(), rate, step), of_b2.apply(b2.data(), gb2.data(), rate, step);
  }
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return loss > 0 ? seconds : 0;
}

}  // namespace fashion_mnist
