// SPDX-License-Identifier: Apache-2.0
#include "eigen.hpp"

#include <Eigen/Core>
#include <chrono>
#include <cmath>

namespace fashion_mnist {

double seconds_of_epoch_in_eigen(const std::uint8_t* pixels, const std::int32_t* labels, std::size_t images) {
  using matrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  using bytes = Eigen::Matrix<std::uint8_t, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  constexpr Eigen::Index inputs = 784, hidden = 128, outputs = 10, batch = 128;
  constexpr float rate = .1f;
  matrix w1 = matrix::Random(inputs, hidden) * .08f, w2 = matrix::Random(hidden, outputs) * .2f;
  Eigen::RowVectorXf b1 = Eigen::RowVectorXf::Zero(hidden), b2 = Eigen::RowVectorXf::Zero(outputs);
  matrix x(batch, inputs), h(batch, hidden), p(batch, outputs), d_h(batch, hidden);
  float loss = 0;

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
    w2.noalias() -= rate * (h.transpose() * p);
    b2 -= rate * p.colwise().sum();
    w1.noalias() -= rate * (x.transpose() * d_h);
    b1 -= rate * d_h.colwise().sum();
  }
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return loss > 0 ? seconds : 0;
}

}  // namespace fashion_mnist
