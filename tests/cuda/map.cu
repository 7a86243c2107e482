// SPDX-License-Identifier: Apache-2.0
// The front half under nvcc: function-local captureless lambdas become map kernels, next to the same functions on the host.
#include <cstdio>

#include <sinter/cuda.hpp>
#include <sinter/random.hpp>

int main() {
  constexpr auto f = sinter::fn([](auto x, auto w, auto b) { return sinter::gelu_tanh(x * w + b); });
  constexpr auto g = sinter::fn([](auto x) { return sinter::where(x > 0, sinter::exp(-x), sinter::transpose(sinter::transpose(x)) * 2); });
  constexpr auto h = sinter::fn([](auto x) { return sinter::softmax(x, sinter::axis<1>); });  // on the host only, so far
  static_assert(f.plan<sinter::tensor<float, 64, 256>, sinter::tensor<float, 256>, sinter::tensor<float, 256>>().kernels == 1);

  sinter::tensor<float, 64, 256> x, y;
  sinter::tensor<float, 256> w, b;
  for (int i = 0; i < 64 * 256; ++i) x.data()[i] = static_cast<float>(i % 17) / 8 - 1;
  w.fill(0.5f), b.fill(0.25f);

  auto dx = sinter::device::to(x);
  auto dw = sinter::device::to(w);
  auto db = sinter::device::to(b);
  sinter::device::tensor<float, 64, 256> dy;
  sinter::device::into(f, dy, nullptr, dx, dw, db);
  const auto on_device = dy.to_host();
  f.into(y, x, w, b);
  int different = 0;
  for (int i = 0; i < 64 * 256; ++i) different += on_device.data()[i] != y.data()[i];
  sinter::device::into(g, dy, nullptr, dx);
  const auto second = dy.to_host();
  g.into(y, x);
  for (int i = 0; i < 64 * 256; ++i) different += second.data()[i] != y.data()[i];
  constexpr auto k =
      sinter::fn([](auto v) { return sin(v * 1e9f) + log(v) * cbrt(v) + sinter::atan2(v, tan(v)) - sinter::pow(v, 3) + lgamma(v); });
  sinter::device::into(k, dy, nullptr, dx);
  const auto third = dy.to_host();
  k.into(y, x);
  for (int i = 0; i < 64 * 256; ++i)
    different += third.data()[i] != y.data()[i] && (third.data()[i] == third.data()[i] || y.data()[i] == y.data()[i]);
  constexpr auto t = sinter::fn([](auto v, auto i) { return sinter::exp(sinter::take(v, i, sinter::axis<0>)) + 1; });
  sinter::tensor<int, 64> rows;
  for (int i = 0; i < 64; ++i) rows(i) = i * 29 % 70 - 3;
  auto di = sinter::device::to(rows);
  sinter::device::into(t, dy, nullptr, dx, di);
  const auto fourth = dy.to_host();
  t.into(y, x, rows);
  for (int i = 0; i < 64 * 256; ++i) different += fourth.data()[i] != y.data()[i];
  constexpr auto r = sinter::fn([](auto key, auto v) { return sinter::dropout(key, 0.25f, v) + sinter::normal<float, 64, 256>(key); });
  const auto key = sinter::random_key(7);
  auto dk = sinter::device::to(key);
  sinter::device::into(r, dy, nullptr, dk, dx);
  const auto fifth = dy.to_host();
  r.into(y, key, x);
  for (int i = 0; i < 64 * 256; ++i) different += fifth.data()[i] != y.data()[i];
  h.into(y, x);
  std::printf("%d elements differ\n", different);
  return different != 0;
}
