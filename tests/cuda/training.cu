// SPDX-License-Identifier: Apache-2.0
// A step of training a network as in examples/fashion_mnist on device tensors, and a StableHLO module. Compiled everywhere; what they
// compute is compared in device.cu.
#include <cstdint>
#include <tuple>

#include <sinter/cuda.hpp>
#include <sinter/optim.hpp>
#include <sinter/sinter.hpp>
#include <sinter/stablehlo.hpp>

using namespace sinter;

namespace {

template <template <class, extent_t...> class Tensor> struct parameters {
  Tensor<float, 784, 128> w1;
  Tensor<float, 128> b1;
  Tensor<float, 128, 10> w2;
  Tensor<float, 10> b2;
};
using network = parameters<device::tensor>;

constexpr auto loss = fn([](auto p, auto pixels, auto labels) {
  const auto x = (cast<float>(pixels) / 255.f - .286f) / .353f;
  return cross_entropy(dot(relu(dot(x, p.w1) + p.b1), p.w2) + p.b2, labels);
});
constexpr auto step = fn([](auto p, auto pixels, auto labels, auto rate) {
  const auto [value, gradient] = value_and_grad<0>(loss)(p, pixels, labels);
  return std::tuple{value, sgd(p, gradient, rate)};
});

struct layer {
  static constexpr char value[] = R"(
module @layer {
  func.func public @main(%arg0: tensor<3x2xf32>, %arg1: tensor<4x3xf32>) -> tensor<4x2xf32> {
    %0 = stablehlo.dot_general %arg1, %arg0, contracting_dims = [1] x [0] : (tensor<4x3xf32>, tensor<3x2xf32>) -> tensor<4x2xf32>
    %1 = stablehlo.tanh %0 : tensor<4x2xf32>
    return %1 : tensor<4x2xf32>
  }
})";
};

// Plans of device tensors are those of the GPU, where a product does not consume rows.
constexpr auto dense = fn([](auto x, auto w) { return softmax(dot(x, w), axis<1>); });
static_assert(dense.plan<device::tensor<float, 64, 32>, device::tensor<float, 32, 48>>().kernels == 2);
static_assert(dense.plan<tensor<float, 64, 32>, tensor<float, 32, 48>>().kernels == 1);

constexpr auto noise = fn([](auto scale) { return iota<float, 64>(axis<0>) * scale; });

}  // namespace

// Nothing but the result lies on the device.
void make(device::tensor<float, 64>& y) { noise.into(y, 2.f); }

void train(device::tensor<float>& value, network& p, const device::tensor<std::uint8_t, 128, 784>& pixels,
           const device::tensor<std::int32_t, 128>& labels, float rate) {
  step.into(std::tie(value, p), p, pixels, labels, rate);
}
void module(device::tensor<float, 4, 2>& y, const device::tensor<float, 3, 2>& w, const device::tensor<float, 4, 3>& x) {
  stablehlo<layer>.into(y, w, x);
}
