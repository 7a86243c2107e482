// SPDX-License-Identifier: Apache-2.0
// A step of training in plain loops around OpenBLAS's products.
#include <dlfcn.h>

#include <cmath>
#include <vector>

#include "peers.hpp"

namespace peers {
namespace {

constexpr long batch = 128, inputs = 784, first = 512, second = 256, outputs = 10;
constexpr long count = inputs * first + first + first * second + second + second * outputs + outputs;

using cblas_sgemm = void (*)(int order, int transpose_a, int transpose_b, int m, int n, int k, float alpha, const float* a, int lda,
                             const float* b, int ldb, float beta, float* c, int ldc);
cblas_sgemm sgemm = nullptr;
// c[m, n] = a b, of which a or b is given transposed.
void product(bool ta, bool tb, long m, long n, long k, const float* a, const float* b, float* c) {
  constexpr int row_major = 101, plain = 111, transposed = 112;
  sgemm(row_major, ta ? transposed : plain, tb ? transposed : plain, static_cast<int>(m), static_cast<int>(n), static_cast<int>(k), 1, a,
        static_cast<int>(ta ? m : k), b, static_cast<int>(tb ? k : n), 0, c, static_cast<int>(n));
}

struct network {
  float *w1, *b1, *w2, *b2, *w3, *b3;
  explicit network(float* p)
      : w1(p), b1(w1 + inputs * first), w2(b1 + first), b2(w2 + first * second), w3(b2 + second), b3(w3 + second * outputs) {}
};
void add_bias(float* h, const float* b, long n, bool relu) {
  for (long i = 0; i < batch; ++i)
    for (long j = 0; j < n; ++j) {
      const float v = h[i * n + j] + b[j];
      h[i * n + j] = relu && v < 0 ? 0 : v;
    }
}
void sum_columns(const float* d, float* b, long n) {
  for (long j = 0; j < n; ++j) b[j] = 0;
  for (long i = 0; i < batch; ++i)
    for (long j = 0; j < n; ++j) b[j] += d[i * n + j];
}
void keep_positive(float* d, const float* h, long n) {
  for (long i = 0; i < batch * n; ++i) d[i] = h[i] > 0 ? d[i] : 0;
}

const float* gradients(const training& t) {
  static std::vector<float> all(count), h1(batch * first), h2(batch * second), p(batch * outputs), d1(batch * first), d2(batch * second);
  const network n(t.parameters), g(all.data());
  product(false, false, batch, first, inputs, t.x, n.w1, h1.data());
  add_bias(h1.data(), n.b1, first, true);
  product(false, false, batch, second, first, h1.data(), n.w2, h2.data());
  add_bias(h2.data(), n.b2, second, true);
  product(false, false, batch, outputs, second, h2.data(), n.w3, p.data());
  add_bias(p.data(), n.b3, outputs, false);
  for (long i = 0; i < batch; ++i) {
    float* const row = p.data() + i * outputs;
    float most = row[0], sum = 0;
    for (long j = 1; j < outputs; ++j) most = row[j] > most ? row[j] : most;
    for (long j = 0; j < outputs; ++j) sum += row[j] = std::exp(row[j] - most);
    for (long j = 0; j < outputs; ++j) row[j] = (row[j] / sum - static_cast<float>(t.labels[i] == j)) / static_cast<float>(batch);
  }
  product(true, false, second, outputs, batch, h2.data(), p.data(), g.w3);
  sum_columns(p.data(), g.b3, outputs);
  product(false, true, batch, second, outputs, p.data(), n.w3, d2.data());
  keep_positive(d2.data(), h2.data(), second);
  product(true, false, first, second, batch, h1.data(), d2.data(), g.w2);
  sum_columns(d2.data(), g.b2, second);
  product(false, true, batch, first, second, d2.data(), n.w2, d1.data());
  keep_positive(d1.data(), h1.data(), first);
  product(true, false, inputs, first, batch, t.x, d1.data(), g.w1);
  sum_columns(d1.data(), g.b1, first);
  return all.data();
}

}  // namespace

bool find_openblas_for_training() {
  void* const library = dlopen("libopenblas.so.0", RTLD_NOW | RTLD_LOCAL);
  sgemm = reinterpret_cast<cblas_sgemm>(library ? dlsym(library, "cblas_sgemm") : nullptr);
  return sgemm != nullptr;
}
void sgd_step_openblas(const training& t) {
  const float* const g = gradients(t);
  for (long i = 0; i < count; ++i) t.parameters[i] -= t.rate * g[i];
}
void adam_step_openblas(const training& t) {
  const float* const g = gradients(t);
  const float c1 = 1 / (1 - std::pow(.9f, static_cast<float>(t.step))), c2 = 1 / (1 - std::pow(.999f, static_cast<float>(t.step)));
  for (long i = 0; i < count; ++i) {
    t.mean[i] = .9f * t.mean[i] + .1f * g[i];
    t.square[i] = .999f * t.square[i] + .001f * g[i] * g[i];
    t.parameters[i] -= t.rate * (t.mean[i] * c1) / (std::sqrt(t.square[i] * c2) + 1e-8f);
  }
}

}  // namespace peers
