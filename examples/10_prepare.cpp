// SPDX-License-Identifier: Apache-2.0
// Constant arguments: a layer whose weights stay the same between calls. Their scaling is computed once, the matrix is packed once.
#include <cstdio>

#include <sinter/sinter.hpp>

constexpr auto layer = sinter::fn([](auto x, auto w, auto scale, auto b) { return sinter::silu(sinter::dot(x, w * scale) + b); });

int main() {
  sinter::tensor<float, 100, 64> w;
  sinter::tensor<float, 64> scale, b;
  for (int i = 0; i < 100; ++i)
    for (int j = 0; j < 64; ++j) w(i, j) = static_cast<float>(i - j) / 100;
  scale.fill(0.5f), b.fill(0.1f);

  sinter::tensor<float, sinter::dyn, 100> x(3);  // of x, prepare wants the type alone
  const auto ready = layer.prepare(x, sinter::constant(w), sinter::constant(scale), sinter::constant(b));
  for (int row = 0; row < 3; ++row)
    for (int i = 0; i < 100; ++i) x(row, i) = static_cast<float>((row + 1) * i % 7) / 7;

  const auto y = ready(x), expected = layer(x, w, scale, b);
  bool same = true;
  for (int row = 0; row < 3; ++row)
    for (int j = 0; j < 64; ++j) same &= y(row, j) == expected(row, j);
  std::printf("the same bits: %s\n", same ? "yes" : "no");
  std::printf("in every call: %d kernel\n", ready.plan().kernels);
  std::printf("y(0, 0) = %.4f\n", static_cast<double>(y(0, 0)));
}

// Output:
// the same bits: yes
// in every call: 1 kernel
// y(0, 0) = 10.6355
