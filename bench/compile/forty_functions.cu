// SPDX-License-Identifier: Apache-2.0
// Forty different functions on device tensors, each one kernel: what nvcc takes for them.
#include <sinter/cuda.hpp>

using tensor = sinter::device::tensor<float, 64, 256>;

template <class F> void call(F f, tensor& r, const tensor& x, const tensor& y) { f.into(r, x, y); }

void forty(tensor& r, const tensor& x, const tensor& y) {
  call(sinter::fn([](auto x, auto y) { return sinter::exp(x * 1.f) + y * 0.f; }), r, x, y);
  call(sinter::fn([](auto x, auto y) { return sinter::tanh(x) * 2.f + y * 1.f; }), r, x, y);
  call(sinter::fn([](auto x, auto y) { return sinter::gelu(x + 3.f) + y * 2.f; }), r, x, y);
  call(sinter::fn([](auto x, auto y) { return sinter::sqrt(sinter::abs(x) + 4.f) + y * 3.f; }), r, x, y);
  call(sinter::fn([](auto x, auto y) { return x * y + 5.f + y * 4.f; }), r, x, y);
  call(sinter::fn([](auto x, auto y) { return sinter::where(x > 6.f, y, x) + y * 5.f; }), r, x, y);
  call(sinter::fn([](auto x, auto y) { return sinter::sin(x * 7.f) + y * 6.f; }), r, x, y);
  call(sinter::fn([](auto x, auto y) { return sinter::log(x + 8.f) + y + y * 7.f; }), r, x, y);
  call(sinter::fn([](auto x, auto y) { return sinter::maximum(x, y) * 9.f + y * 8.f; }), r, x, y);
  call(sinter::fn([](auto x, auto y) { return sinter::sigmoid(x * 10.f) + y * 9.f; }), r, x, y);
  call(sinter::fn([](auto x, auto y) { return sinter::exp(x * 11.f) + y * 10.f; }), r, x, y);
  call(sinter::fn([](auto x, auto y) { return sinter::tanh(x) * 12.f + y * 11.f; }), r, x, y);
  call(sinter::fn([](auto x, auto y) { return sinter::gelu(x + 13.f) + y * 12.f; }), r, x, y);
  call(sinter::fn([](auto x, auto y) { return sinter::sqrt(sinter::abs(x) + 14.f) + y * 13.f; }), r, x, y);
  call(sinter::fn([](auto x, auto y) { return x * y + 15.f + y * 14.f; }), r, x, y);
  call(sinter::fn([](auto x, auto y) { return sinter::where(x > 16.f, y, x) + y * 15.f; }), r, x, y);
  call(sinter::fn([](auto x, auto y) { return sinter::sin(x * 17.f) + y * 16.f; }), r, x, y);
  call(sinter::fn([](auto x, auto y) { return sinter::log(x + 18.f) + y + y * 17.f; }), r, x, y);
  call(sinter::fn([](auto x, auto y) { return sinter::maximum(x, y) * 19.f + y * 18.f; }), r, x, y);
  call(sinter::fn([](auto x, auto y) { return sinter::sigmoid(x * 20.f) + y * 19.f; }), r, x, y);
  call(sinter::fn([](auto x, auto y) { return sinter::exp(x * 21.f) + y * 20.f; }), r, x, y);
  call(sinter::fn([](auto x, auto y) { return sinter::tanh(x) * 22.f + y * 21.f; }), r, x, y);
  call(sinter::fn([](auto x, auto y) { return sinter::gelu(x + 23.f) + y * 22.f; }), r, x, y);
  call(sinter::fn([](auto x, auto y) { return sinter::sqrt(sinter::abs(x) + 24.f) + y * 23.f; }), r, x, y);
  call(sinter::fn([](auto x, auto y) { return x * y + 25.f + y * 24.f; }), r, x, y);
  call(sinter::fn([](auto x, auto y) { return sinter::where(x > 26.f, y, x) + y * 25.f; }), r, x, y);
  call(sinter::fn([](auto x, auto y) { return sinter::sin(x * 27.f) + y * 26.f; }), r, x, y);
  call(sinter::fn([](auto x, auto y) { return sinter::log(x + 28.f) + y + y * 27.f; }), r, x, y);
  call(sinter::fn([](auto x, auto y) { return sinter::maximum(x, y) * 29.f + y * 28.f; }), r, x, y);
  call(sinter::fn([](auto x, auto y) { return sinter::sigmoid(x * 30.f) + y * 29.f; }), r, x, y);
  call(sinter::fn([](auto x, auto y) { return sinter::exp(x * 31.f) + y * 30.f; }), r, x, y);
  call(sinter::fn([](auto x, auto y) { return sinter::tanh(x) * 32.f + y * 31.f; }), r, x, y);
  call(sinter::fn([](auto x, auto y) { return sinter::gelu(x + 33.f) + y * 32.f; }), r, x, y);
  call(sinter::fn([](auto x, auto y) { return sinter::sqrt(sinter::abs(x) + 34.f) + y * 33.f; }), r, x, y);
  call(sinter::fn([](auto x, auto y) { return x * y + 35.f + y * 34.f; }), r, x, y);
  call(sinter::fn([](auto x, auto y) { return sinter::where(x > 36.f, y, x) + y * 35.f; }), r, x, y);
  call(sinter::fn([](auto x, auto y) { return sinter::sin(x * 37.f) + y * 36.f; }), r, x, y);
  call(sinter::fn([](auto x, auto y) { return sinter::log(x + 38.f) + y + y * 37.f; }), r, x, y);
  call(sinter::fn([](auto x, auto y) { return sinter::maximum(x, y) * 39.f + y * 38.f; }), r, x, y);
  call(sinter::fn([](auto x, auto y) { return sinter::sigmoid(x * 40.f) + y * 39.f; }), r, x, y);
}
