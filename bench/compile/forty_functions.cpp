// SPDX-License-Identifier: Apache-2.0
// 40 different small functions in one file: maps, reductions and row programs.
#include <sinter/sinter.hpp>

using matrix = sinter::tensor<float, 64, 64>;

auto f00(const matrix& x) {
  return sinter::fn([](auto a) { return a + 1.0f; })(x);
}
auto f01(const matrix& x) {
  return sinter::fn([](auto a) { return a * 2.0f - 3.0f; })(x);
}
auto f02(const matrix& x) {
  return sinter::fn([](auto a) { return sinter::exp(a); })(x);
}
auto f03(const matrix& x) {
  return sinter::fn([](auto a) { return sinter::exp(-a * a); })(x);
}
auto f04(const matrix& x) {
  return sinter::fn([](auto a) { return sinter::log(a + 2.0f); })(x);
}
auto f05(const matrix& x) {
  return sinter::fn([](auto a) { return sinter::tanh(a); })(x);
}
auto f06(const matrix& x) {
  return sinter::fn([](auto a) { return sinter::sigmoid(a); })(x);
}
auto f07(const matrix& x) {
  return sinter::fn([](auto a) { return sinter::relu(a) + a; })(x);
}
auto f08(const matrix& x) {
  return sinter::fn([](auto a) { return sinter::gelu(a); })(x);
}
auto f09(const matrix& x) {
  return sinter::fn([](auto a) { return sinter::silu(a); })(x);
}
auto f10(const matrix& x) {
  return sinter::fn([](auto a) { return sinter::sqrt(sinter::abs(a)); })(x);
}
auto f11(const matrix& x) {
  return sinter::fn([](auto a) { return sinter::rsqrt(a * a + 1.0f); })(x);
}
auto f12(const matrix& x) {
  return sinter::fn([](auto a) { return sinter::clamp(a, 0.0f, 6.0f); })(x);
}
auto f13(const matrix& x) {
  return sinter::fn([](auto a) { return sinter::maximum(a, a * 0.1f); })(x);
}
auto f14(const matrix& x) {
  return sinter::fn([](auto a) { return sinter::minimum(a, 1.0f); })(x);
}
auto f15(const matrix& x) {
  return sinter::fn([](auto a) { return sinter::where(a > 0.0f, a, a * 0.5f); })(x);
}
auto f16(const matrix& x) {
  return sinter::fn([](auto a) { return sinter::floor(a) + sinter::ceil(a); })(x);
}
auto f17(const matrix& x) {
  return sinter::fn([](auto a) { return a - sinter::round(a); })(x);
}
auto f18(const matrix& x) {
  return sinter::fn([](auto a) { return sinter::erf(a); })(x);
}
auto f19(const matrix& x) {
  return sinter::fn([](auto a) { return 1.0f / (1.0f + a * a); })(x);
}
auto f20(const matrix& x) {
  return sinter::fn([](auto a) { return sinter::sum(a); })(x);
}
auto f21(const matrix& x) {
  return sinter::fn([](auto a) { return sinter::sum(a, sinter::axis<1>); })(x);
}
auto f22(const matrix& x) {
  return sinter::fn([](auto a) { return sinter::sum(a, sinter::axis<0>); })(x);
}
auto f23(const matrix& x) {
  return sinter::fn([](auto a) { return sinter::mean(a, sinter::axis<1>); })(x);
}
auto f24(const matrix& x) {
  return sinter::fn([](auto a) { return sinter::mean(a * a); })(x);
}
auto f25(const matrix& x) {
  return sinter::fn([](auto a) { return sinter::max(a, sinter::axis<1>); })(x);
}
auto f26(const matrix& x) {
  return sinter::fn([](auto a) { return sinter::min(a); })(x);
}
auto f27(const matrix& x) {
  return sinter::fn([](auto a) { return sinter::var(a, sinter::axis<1>); })(x);
}
auto f28(const matrix& x) {
  return sinter::fn([](auto a) { return sinter::sum(sinter::exp(a), sinter::axis<1>); })(x);
}
auto f29(const matrix& x) {
  return sinter::fn([](auto a) { return sinter::max(sinter::abs(a), sinter::axis<0>); })(x);
}
auto f30(const matrix& x) {
  return sinter::fn([](auto a) { return a - sinter::mean(a, sinter::axis<1>, sinter::keepdims); })(x);
}
auto f31(const matrix& x) {
  return sinter::fn([](auto a) { return a / sinter::sum(a, sinter::axis<1>, sinter::keepdims); })(x);
}
auto f32(const matrix& x) {
  return sinter::fn([](auto a) { return sinter::softmax(a, sinter::axis<1>); })(x);
}
auto f33(const matrix& x) {
  return sinter::fn([](auto a) { return sinter::log_softmax(a, sinter::axis<1>); })(x);
}
auto f34(const matrix& x) {
  return sinter::fn([](auto a) { return sinter::layer_norm(a, sinter::axis<1>); })(x);
}
auto f35(const matrix& x) {
  return sinter::fn([](auto a) { return sinter::rms_norm(a, sinter::axis<1>); })(x);
}
auto f36(const matrix& x) {
  return sinter::fn([](auto a) { return sinter::softmax(a * 0.125f, sinter::axis<1>) * a; })(x);
}
auto f37(const matrix& x) {
  return sinter::fn([](auto a) { return sinter::argmax(a, sinter::axis<1>); })(x);
}
auto f38(const matrix& x) {
  return sinter::fn([](auto a) { return sinter::sum(sinter::relu(a) * a, sinter::axis<1>); })(x);
}
auto f39(const matrix& x) {
  return sinter::fn([](auto a) { return sinter::sqrt(sinter::sum(a * a, sinter::axis<1>)); })(x);
}
