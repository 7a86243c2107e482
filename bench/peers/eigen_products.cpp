// SPDX-License-Identifier: Apache-2.0
#include <Eigen/Core>
#include <unsupported/Eigen/SpecialFunctions>

#include "peers.hpp"

namespace peers {
namespace {

template <class T> using matrix_of = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
template <class T> void multiply(const products<T>& p) {
  for (long i = 0; i < p.count; ++i)
    Eigen::Map<matrix_of<T>>(p.c + i * p.m * p.n, p.m, p.n).noalias() =
        Eigen::Map<const matrix_of<T>>(p.a + i * p.m * p.k, p.m, p.k) * Eigen::Map<const matrix_of<T>>(p.b + i * p.k * p.n, p.k, p.n);
}
template <int N> using square = Eigen::Matrix<float, N, N, Eigen::RowMajor>;
template <int N> void squares(const products<float>& p) {
  for (long i = 0; i < p.count; ++i)
    Eigen::Map<square<N>>(p.c + i * N * N).noalias() =
        Eigen::Map<const square<N>>(p.a + i * N * N) * Eigen::Map<const square<N>>(p.b + i * N * N);
}
template <int N> void chains(const products<float>& p, float* d) {
  for (long i = 0; i < p.count; ++i) {
    const square<N> t = Eigen::Map<const square<N>>(p.a + i * N * N) * Eigen::Map<const square<N>>(p.b + i * N * N);
    const square<N> u = t * Eigen::Map<const square<N>>(p.c + i * N * N);
    Eigen::Map<square<N>>(d + i * N * N) += u;
  }
}
using mapped = Eigen::Map<const matrix_of<float>>;
using row = Eigen::Map<const Eigen::RowVectorXf>;

}  // namespace

void products_eigen(const products<float>& p) { multiply(p); }
void products_eigen(const products<double>& p) { multiply(p); }
void squares_eigen(const products<float>& p) {
  switch (p.n) {
    case 4: return squares<4>(p);
    case 8: return squares<8>(p);
    case 16: return squares<16>(p);
    case 32: return squares<32>(p);
    default: return multiply(p);
  }
}
void chains_eigen(const products<float>& p, float* d) {
  switch (p.n) {
    case 3: return chains<3>(p, d);
    case 4: return chains<4>(p, d);
    case 5: return chains<5>(p, d);
    case 6: return chains<6>(p, d);
    case 7: return chains<7>(p, d);
    default: return chains<8>(p, d);
  }
}
void dense_eigen(const float* x, const float* w, const float* b, float* y, long m, long k, long n) {
  Eigen::Map<matrix_of<float>> out(y, m, n);
  out.noalias() = mapped(x, m, k) * mapped(w, k, n);
  const row bias(b, n);
  for (long i = 0; i < m; ++i) {
    const auto v = (out.row(i) + bias).array();
    out.row(i) = (0.5f * v * (1 + (v * 0.70710678f).erf())).matrix();
  }
}
void network_eigen(const float* x, float* y, long m) {
  static const matrix_of<float> w1 = matrix_of<float>::Random(784, 512), w2 = matrix_of<float>::Random(512, 256),
                                w3 = matrix_of<float>::Random(256, 10);
  static const Eigen::RowVectorXf b1 = Eigen::RowVectorXf::Random(512), b2 = Eigen::RowVectorXf::Random(256),
                                  b3 = Eigen::RowVectorXf::Random(10);
  static matrix_of<float> h1, h2;
  h1.resize(m, 512), h2.resize(m, 256);
  h1.noalias() = mapped(x, m, 784) * w1;
  h1 = (h1.rowwise() + b1).cwiseMax(0.f);
  h2.noalias() = h1 * w2;
  h2 = (h2.rowwise() + b2).cwiseMax(0.f);
  Eigen::Map<matrix_of<float>> out(y, m, 10);
  out.noalias() = h2 * w3;
  out.rowwise() += b3;
}
void attention_eigen(const float* q, const float* k, const float* v, float* y, long heads, long s, long d) {
  static matrix_of<float> scores;
  scores.resize(s, s);
  const float scale = 1 / std::sqrt(static_cast<float>(d));
  for (long h = 0; h < heads; ++h) {
    scores.noalias() = mapped(q + h * s * d, s, d) * mapped(k + h * s * d, s, d).transpose();
    for (long i = 0; i < s; ++i) {
      auto r = scores.row(i).array();
      r = ((r - r.maxCoeff()) * scale).exp();
      r *= 1 / r.sum();
    }
    Eigen::Map<matrix_of<float>>(y + h * s * d, s, d).noalias() = scores * mapped(v + h * s * d, s, d);
  }
}

}  // namespace peers
