// SPDX-License-Identifier: Apache-2.0
#include <Eigen/Core>
#include <cmath>

#include "peers.hpp"

namespace peers {
namespace {

using matrix_type = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using weights = Eigen::Map<matrix_type>;
using bias = Eigen::Map<Eigen::RowVectorXf>;
constexpr long batch = 128, inputs = 784, first = 512, second = 256, outputs = 10;

struct network {
  weights w1, w2, w3;
  bias b1, b2, b3;
  explicit network(float* p)
      : w1(p, inputs, first),
        w2(p + inputs * first + first, first, second),
        w3(p + inputs * first + first + first * second + second, second, outputs),
        b1(p + inputs * first, first),
        b2(p + inputs * first + first + first * second, second),
        b3(p + inputs * first + first + first * second + second + second * outputs, outputs) {}
};
constexpr long count = inputs * first + first + first * second + second + second * outputs + outputs;

// The gradients in one array, as the parameters lie.
Eigen::VectorXf& gradients(const training& t) {
  static Eigen::VectorXf all(count);
  static matrix_type h1(batch, first), h2(batch, second), p(batch, outputs), d1(batch, first), d2(batch, second);
  const network n(t.parameters);
  network g(all.data());
  const Eigen::Map<const matrix_type> x(t.x, batch, inputs);
  h1.noalias() = x * n.w1;
  h1 = (h1.rowwise() + n.b1).cwiseMax(0.f);
  h2.noalias() = h1 * n.w2;
  h2 = (h2.rowwise() + n.b2).cwiseMax(0.f);
  p.noalias() = h2 * n.w3;
  p.rowwise() += n.b3;
  p.colwise() -= p.rowwise().maxCoeff().eval();
  p = p.array().exp().matrix();
  p.array().colwise() /= p.rowwise().sum().array().eval();
  for (long i = 0; i < batch; ++i) p(i, t.labels[i]) -= 1;
  p /= static_cast<float>(batch);
  g.w3.noalias() = h2.transpose() * p;
  g.b3 = p.colwise().sum();
  d2.noalias() = p * n.w3.transpose();
  d2 = (h2.array() > 0.f).select(d2, 0.f);
  g.w2.noalias() = h1.transpose() * d2;
  g.b2 = d2.colwise().sum();
  d1.noalias() = d2 * n.w2.transpose();
  d1 = (h1.array() > 0.f).select(d1, 0.f);
  g.w1.noalias() = x.transpose() * d1;
  g.b1 = d1.colwise().sum();
  return all;
}

}  // namespace

void sgd_step_eigen(const training& t) { Eigen::Map<Eigen::VectorXf>(t.parameters, count) -= t.rate * gradients(t); }

void adam_step_eigen(const training& t) {
  Eigen::Map<Eigen::ArrayXf> p(t.parameters, count), m(t.mean, count), v(t.square, count);
  const auto g = gradients(t).array();
  const float c1 = 1 - std::pow(.9f, static_cast<float>(t.step)), c2 = 1 - std::pow(.999f, static_cast<float>(t.step));
  m = .9f * m + .1f * g;
  v = .999f * v + .001f * g.square();
  p -= t.rate * (m / c1) / ((v / c2).sqrt() + 1e-8f);
}

}  // namespace peers
