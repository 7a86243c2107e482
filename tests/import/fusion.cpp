// SPDX-License-Identifier: Apache-2.0
// What exporters write op by op fuses as the library's own functions do: the same kernels, temporaries and bytes, and the same numbers but
// for roundings.
#include <cmath>
#include <cstdint>
#include <tuple>

#include <doctest/doctest.h>

#include <sinter/stablehlo.hpp>

#include "trust/generator.hpp"

namespace {

using sinter::axis;
using sinter::tensor;

// As jax.nn.softmax: the largest of each row not below -inf, broadcasts by way of an extent of 1.
struct softmax {
  static constexpr char value[] = R"(
func.func @main(%x: tensor<8x64xf32>) -> tensor<8x64xf32> {
  %low = stablehlo.constant dense<0xFF800000> : tensor<f32>
  %zero = stablehlo.constant dense<0.0> : tensor<f32>
  %0 = stablehlo.reduce(%x init: %low) applies stablehlo.maximum across dimensions = [1] : (tensor<8x64xf32>, tensor<f32>) -> tensor<8xf32>
  %1 = stablehlo.broadcast_in_dim %low, dims = [] : (tensor<f32>) -> tensor<8xf32>
  %2 = stablehlo.maximum %1, %0 : tensor<8xf32>
  %3 = stablehlo.broadcast_in_dim %2, dims = [0] : (tensor<8xf32>) -> tensor<8x1xf32>
  %4 = stablehlo.broadcast_in_dim %3, dims = [0, 1] : (tensor<8x1xf32>) -> tensor<8x64xf32>
  %5 = stablehlo.subtract %x, %4 : tensor<8x64xf32>
  %6 = stablehlo.exponential %5 : tensor<8x64xf32>
  %7 = stablehlo.reduce(%6 init: %zero) applies stablehlo.add across dimensions = [1] : (tensor<8x64xf32>, tensor<f32>) -> tensor<8xf32>
  %8 = stablehlo.broadcast_in_dim %7, dims = [0] : (tensor<8xf32>) -> tensor<8x1xf32>
  %9 = stablehlo.broadcast_in_dim %8, dims = [0, 1] : (tensor<8x1xf32>) -> tensor<8x64xf32>
  %10 = stablehlo.divide %6, %9 : tensor<8x64xf32>
  return %10 : tensor<8x64xf32>
})";
  static constexpr auto native = sinter::fn([](auto x) { return sinter::softmax(x, axis<1>); });
};
// Along the first axis, which is no row.
struct softmax_of_columns {
  static constexpr char value[] = R"(
func.func @main(%x: tensor<8x64xf32>) -> tensor<8x64xf32> {
  %low = stablehlo.constant dense<0xFF800000> : tensor<f32>
  %zero = stablehlo.constant dense<0.0> : tensor<f32>
  %0 = stablehlo.reduce(%x init: %low) applies stablehlo.maximum across dimensions = [0] : (tensor<8x64xf32>, tensor<f32>) -> tensor<64xf32>
  %4 = stablehlo.broadcast_in_dim %0, dims = [1] : (tensor<64xf32>) -> tensor<8x64xf32>
  %5 = stablehlo.subtract %x, %4 : tensor<8x64xf32>
  %6 = stablehlo.exponential %5 : tensor<8x64xf32>
  %7 = stablehlo.reduce(%6 init: %zero) applies stablehlo.add across dimensions = [0] : (tensor<8x64xf32>, tensor<f32>) -> tensor<64xf32>
  %9 = stablehlo.broadcast_in_dim %7, dims = [1] : (tensor<64xf32>) -> tensor<8x64xf32>
  %10 = stablehlo.divide %6, %9 : tensor<8x64xf32>
  return %10 : tensor<8x64xf32>
})";
  static constexpr auto native = sinter::fn([](auto x) { return sinter::softmax(x, axis<0>); });
};
// As PyTorch decomposes it: the mean of squares of the centred rows.
struct layer_norm {
  static constexpr char value[] = R"(
func.func @main(%x: tensor<2x4x64xf32>, %g: tensor<64xf32>, %b: tensor<64xf32>) -> tensor<2x4x64xf32> {
  %zero = stablehlo.constant dense<0.0> : tensor<f32>
  %n = stablehlo.constant dense<64.0> : tensor<2x4x1xf32>
  %e = stablehlo.constant dense<1.000000e-05> : tensor<f32>
  %0 = stablehlo.reduce(%x init: %zero) applies stablehlo.add across dimensions = [2] : (tensor<2x4x64xf32>, tensor<f32>) -> tensor<2x4xf32>
  %1 = stablehlo.reshape %0 : (tensor<2x4xf32>) -> tensor<2x4x1xf32>
  %2 = stablehlo.divide %1, %n : tensor<2x4x1xf32>
  %3 = stablehlo.broadcast_in_dim %2, dims = [0, 1, 2] : (tensor<2x4x1xf32>) -> tensor<2x4x64xf32>
  %4 = stablehlo.subtract %x, %3 : tensor<2x4x64xf32>
  %5 = stablehlo.multiply %4, %4 : tensor<2x4x64xf32>
  %6 = stablehlo.reduce(%5 init: %zero) applies stablehlo.add across dimensions = [2] : (tensor<2x4x64xf32>, tensor<f32>) -> tensor<2x4xf32>
  %7 = stablehlo.broadcast_in_dim %6, dims = [0, 1] : (tensor<2x4xf32>) -> tensor<2x4x1xf32>
  %8 = stablehlo.divide %7, %n : tensor<2x4x1xf32>
  %9 = stablehlo.broadcast_in_dim %e, dims = [] : (tensor<f32>) -> tensor<2x4x1xf32>
  %10 = stablehlo.add %8, %9 : tensor<2x4x1xf32>
  %11 = stablehlo.rsqrt %10 : tensor<2x4x1xf32>
  %12 = stablehlo.broadcast_in_dim %11, dims = [0, 1, 2] : (tensor<2x4x1xf32>) -> tensor<2x4x64xf32>
  %13 = stablehlo.multiply %4, %12 : tensor<2x4x64xf32>
  %14 = stablehlo.reshape %g : (tensor<64xf32>) -> tensor<1x1x64xf32>
  %15 = stablehlo.broadcast_in_dim %14, dims = [0, 1, 2] : (tensor<1x1x64xf32>) -> tensor<2x4x64xf32>
  %16 = stablehlo.multiply %13, %15 : tensor<2x4x64xf32>
  %17 = stablehlo.broadcast_in_dim %b, dims = [2] : (tensor<64xf32>) -> tensor<2x4x64xf32>
  %18 = stablehlo.add %16, %17 : tensor<2x4x64xf32>
  return %18 : tensor<2x4x64xf32>
})";
  static constexpr auto native = sinter::fn([](auto x, auto g, auto b) { return sinter::layer_norm(x, axis<2>) * g + b; });
};
// As Flax: the variance from the mean of squares, not below 0.
struct fast_layer_norm {
  static constexpr char value[] = R"(
func.func @main(%x: tensor<8x64xf32>, %g: tensor<64xf32>, %b: tensor<64xf32>) -> tensor<8x64xf32> {
  %zero = stablehlo.constant dense<0.0> : tensor<f32>
  %c = stablehlo.constant dense<64.0> : tensor<f32>
  %e = stablehlo.constant dense<1.000000e-05> : tensor<f32>
  %sum = stablehlo.reduce(%x init: %zero) applies stablehlo.add across dimensions = [1] : (tensor<8x64xf32>, tensor<f32>) -> tensor<8xf32>
  %n = stablehlo.broadcast_in_dim %c, dims = [] : (tensor<f32>) -> tensor<8xf32>
  %mean = stablehlo.divide %sum, %n : tensor<8xf32>
  %xx = stablehlo.multiply %x, %x : tensor<8x64xf32>
  %ss = stablehlo.reduce(%xx init: %zero) applies stablehlo.add across dimensions = [1] : (tensor<8x64xf32>, tensor<f32>) -> tensor<8xf32>
  %s = stablehlo.divide %ss, %n : tensor<8xf32>
  %mm = stablehlo.multiply %mean, %mean : tensor<8xf32>
  %d = stablehlo.subtract %s, %mm : tensor<8xf32>
  %zeros = stablehlo.broadcast_in_dim %zero, dims = [] : (tensor<f32>) -> tensor<8xf32>
  %v = stablehlo.maximum %zeros, %d : tensor<8xf32>
  %m1 = stablehlo.broadcast_in_dim %mean, dims = [0] : (tensor<8xf32>) -> tensor<8x1xf32>
  %v1 = stablehlo.broadcast_in_dim %v, dims = [0] : (tensor<8xf32>) -> tensor<8x1xf32>
  %m = stablehlo.broadcast_in_dim %m1, dims = [0, 1] : (tensor<8x1xf32>) -> tensor<8x64xf32>
  %y = stablehlo.subtract %x, %m : tensor<8x64xf32>
  %e1 = stablehlo.broadcast_in_dim %e, dims = [] : (tensor<f32>) -> tensor<8x1xf32>
  %ve = stablehlo.add %v1, %e1 : tensor<8x1xf32>
  %r = stablehlo.rsqrt %ve : tensor<8x1xf32>
  %g1 = stablehlo.reshape %g : (tensor<64xf32>) -> tensor<1x64xf32>
  %rb = stablehlo.broadcast_in_dim %r, dims = [0, 1] : (tensor<8x1xf32>) -> tensor<8x64xf32>
  %gb = stablehlo.broadcast_in_dim %g1, dims = [0, 1] : (tensor<1x64xf32>) -> tensor<8x64xf32>
  %rg = stablehlo.multiply %rb, %gb : tensor<8x64xf32>
  %z = stablehlo.multiply %y, %rg : tensor<8x64xf32>
  %b1 = stablehlo.reshape %b : (tensor<64xf32>) -> tensor<1x64xf32>
  %bb = stablehlo.broadcast_in_dim %b1, dims = [0, 1] : (tensor<1x64xf32>) -> tensor<8x64xf32>
  %o = stablehlo.add %z, %bb : tensor<8x64xf32>
  return %o : tensor<8x64xf32>
})";
  static constexpr auto native = sinter::fn([](auto x, auto g, auto b) { return sinter::layer_norm(x, axis<1>) * g + b; });
};
struct rms_norm {
  static constexpr char value[] = R"(
func.func @main(%x: tensor<1x8x64xbf16>, %g: tensor<64xbf16>) -> tensor<1x8x64xbf16> {
  %zero = stablehlo.constant dense<0.0> : tensor<f32>
  %n = stablehlo.constant dense<64> : tensor<i64>
  %e = stablehlo.constant dense<1.000000e-05> : tensor<1x8x1xf32>
  %x1 = stablehlo.convert %x : (tensor<1x8x64xbf16>) -> tensor<1x8x64xf32>
  %two = stablehlo.constant dense<2.0> : tensor<1x8x64xf32>
  %0 = stablehlo.power %x1, %two : tensor<1x8x64xf32>
  %1 = stablehlo.reduce(%0 init: %zero) applies stablehlo.add across dimensions = [2] : (tensor<1x8x64xf32>, tensor<f32>) -> tensor<1x8xf32>
  %2 = stablehlo.reshape %1 : (tensor<1x8xf32>) -> tensor<1x8x1xf32>
  %3 = stablehlo.convert %n : (tensor<i64>) -> tensor<f32>
  %4 = stablehlo.broadcast_in_dim %3, dims = [] : (tensor<f32>) -> tensor<1x8x1xf32>
  %5 = stablehlo.divide %2, %4 : tensor<1x8x1xf32>
  %6 = stablehlo.add %5, %e : tensor<1x8x1xf32>
  %7 = stablehlo.rsqrt %6 : tensor<1x8x1xf32>
  %8 = stablehlo.reshape %7 : (tensor<1x8x1xf32>) -> tensor<1x8xf32>
  %9 = stablehlo.broadcast_in_dim %8, dims = [0, 1] : (tensor<1x8xf32>) -> tensor<1x8x64xf32>
  %10 = stablehlo.multiply %x1, %9 : tensor<1x8x64xf32>
  %11 = stablehlo.convert %10 : (tensor<1x8x64xf32>) -> tensor<1x8x64xbf16>
  %12 = stablehlo.broadcast_in_dim %g, dims = [2] : (tensor<64xbf16>) -> tensor<1x8x64xbf16>
  %13 = stablehlo.multiply %12, %11 : tensor<1x8x64xbf16>
  return %13 : tensor<1x8x64xbf16>
})";
  static constexpr auto native = sinter::fn([](auto x, auto g) { return g * sinter::rms_norm(x, axis<2>); });
};
// As PyTorch's gelu: x / sqrt 2 as a product with a number of 64 bits that is converted.
struct gelu {
  static constexpr char value[] = R"(
func.func @main(%x: tensor<4x100xf32>) -> tensor<4x100xf32> {
  %s = stablehlo.constant dense<0.70710678118654757> : tensor<f64>
  %half = stablehlo.constant dense<0.5> : tensor<f32>
  %one = stablehlo.constant dense<1> : tensor<i64>
  %0 = stablehlo.convert %s : (tensor<f64>) -> tensor<f32>
  %1 = stablehlo.broadcast_in_dim %0, dims = [] : (tensor<f32>) -> tensor<4x100xf32>
  %2 = stablehlo.multiply %x, %1 : tensor<4x100xf32>
  %3 = stablehlo.custom_call @mhlo.erf(%2) {mhlo.attributes = {}, mhlo.version = 1 : i64} : (tensor<4x100xf32>) -> tensor<4x100xf32>
  %4 = stablehlo.convert %one : (tensor<i64>) -> tensor<f32>
  %5 = stablehlo.broadcast_in_dim %4, dims = [] : (tensor<f32>) -> tensor<4x100xf32>
  %6 = stablehlo.add %3, %5 : tensor<4x100xf32>
  %7 = stablehlo.broadcast_in_dim %half, dims = [] : (tensor<f32>) -> tensor<4x100xf32>
  %8 = stablehlo.multiply %x, %7 : tensor<4x100xf32>
  %9 = stablehlo.multiply %8, %6 : tensor<4x100xf32>
  return %9 : tensor<4x100xf32>
})";
  static constexpr auto native = sinter::fn([](auto x) { return sinter::gelu(x); });
};
struct gelu_tanh {
  static constexpr char value[] = R"(
func.func @main(%x: tensor<4x100xf32>) -> tensor<4x100xf32> {
  %0 = stablehlo.multiply %x, %x : tensor<4x100xf32>
  %1 = stablehlo.multiply %0, %x : tensor<4x100xf32>
  %a = stablehlo.constant dense<4.471500e-02> : tensor<f32>
  %2 = stablehlo.broadcast_in_dim %a, dims = [] : (tensor<f32>) -> tensor<4x100xf32>
  %3 = stablehlo.multiply %2, %1 : tensor<4x100xf32>
  %4 = stablehlo.add %x, %3 : tensor<4x100xf32>
  %b = stablehlo.constant dense<0.797884583> : tensor<f32>
  %5 = stablehlo.broadcast_in_dim %b, dims = [] : (tensor<f32>) -> tensor<4x100xf32>
  %6 = stablehlo.multiply %5, %4 : tensor<4x100xf32>
  %7 = stablehlo.tanh %6 : tensor<4x100xf32>
  %c = stablehlo.constant dense<1.0> : tensor<f32>
  %8 = stablehlo.broadcast_in_dim %c, dims = [] : (tensor<f32>) -> tensor<4x100xf32>
  %9 = stablehlo.add %8, %7 : tensor<4x100xf32>
  %d = stablehlo.constant dense<0.5> : tensor<f32>
  %10 = stablehlo.broadcast_in_dim %d, dims = [] : (tensor<f32>) -> tensor<4x100xf32>
  %11 = stablehlo.multiply %10, %9 : tensor<4x100xf32>
  %12 = stablehlo.multiply %x, %11 : tensor<4x100xf32>
  return %12 : tensor<4x100xf32>
})";
  static constexpr auto native = sinter::fn([](auto x) { return sinter::gelu_tanh(x); });
};
// A layer with its bias, weights as PyTorch keeps them, by way of a flat batch.
struct linear {
  static constexpr char value[] = R"(
func.func @main(%x: tensor<2x8x32xf32>, %w: tensor<48x32xf32>, %b: tensor<48xf32>) -> tensor<2x8x48xf32> {
  %0 = stablehlo.transpose %w, dims = [1, 0] : (tensor<48x32xf32>) -> tensor<32x48xf32>
  %1 = stablehlo.reshape %x : (tensor<2x8x32xf32>) -> tensor<16x32xf32>
  %2 = stablehlo.dot_general %1, %0, contracting_dims = [1] x [0] : (tensor<16x32xf32>, tensor<32x48xf32>) -> tensor<16x48xf32>
  %3 = stablehlo.reshape %2 : (tensor<16x48xf32>) -> tensor<2x8x48xf32>
  %4 = stablehlo.reshape %b : (tensor<48xf32>) -> tensor<1x1x48xf32>
  %5 = stablehlo.broadcast_in_dim %4, dims = [0, 1, 2] : (tensor<1x1x48xf32>) -> tensor<2x8x48xf32>
  %6 = stablehlo.add %3, %5 : tensor<2x8x48xf32>
  %z = stablehlo.constant dense<0.0> : tensor<2x8x48xf32>
  %7 = stablehlo.maximum %6, %z : tensor<2x8x48xf32>
  return %7 : tensor<2x8x48xf32>
})";
  static constexpr auto native = sinter::fn([](auto x, auto w, auto b) { return sinter::relu(sinter::dot(x, sinter::transpose(w)) + b); });
};
// Attention as exported: heads by reshape and transpose, scores divided, a mask by select, products with batch axes, heads joined again.
struct attention {
  static constexpr char value[] = R"(
func.func @main(%q: tensor<2x16x32xf32>, %k: tensor<2x16x32xf32>, %v: tensor<2x16x32xf32>) -> tensor<2x16x32xf32> {
  %q1 = stablehlo.reshape %q : (tensor<2x16x32xf32>) -> tensor<2x16x4x8xf32>
  %q2 = stablehlo.transpose %q1, dims = [0, 2, 1, 3] : (tensor<2x16x4x8xf32>) -> tensor<2x4x16x8xf32>
  %k1 = stablehlo.reshape %k : (tensor<2x16x32xf32>) -> tensor<2x16x4x8xf32>
  %k2 = stablehlo.transpose %k1, dims = [0, 2, 1, 3] : (tensor<2x16x4x8xf32>) -> tensor<2x4x16x8xf32>
  %v1 = stablehlo.reshape %v : (tensor<2x16x32xf32>) -> tensor<2x16x4x8xf32>
  %v2 = stablehlo.transpose %v1, dims = [0, 2, 1, 3] : (tensor<2x16x4x8xf32>) -> tensor<2x4x16x8xf32>
  %k3 = stablehlo.transpose %k2, dims = [0, 1, 3, 2] : (tensor<2x4x16x8xf32>) -> tensor<2x4x8x16xf32>
  %k4 = stablehlo.reshape %k3 : (tensor<2x4x8x16xf32>) -> tensor<8x8x16xf32>
  %q3 = stablehlo.reshape %q2 : (tensor<2x4x16x8xf32>) -> tensor<8x16x8xf32>
  %s0 = stablehlo.dot_general %q3, %k4, batching_dims = [0] x [0], contracting_dims = [2] x [1] : (tensor<8x16x8xf32>, tensor<8x8x16xf32>) -> tensor<8x16x16xf32>
  %s1 = stablehlo.reshape %s0 : (tensor<8x16x16xf32>) -> tensor<2x4x16x16xf32>
  %c = stablehlo.constant dense<2.82842708> : tensor<f32>
  %c1 = stablehlo.broadcast_in_dim %c, dims = [] : (tensor<f32>) -> tensor<2x4x16x16xf32>
  %s2 = stablehlo.divide %s1, %c1 : tensor<2x4x16x16xf32>
  %low = stablehlo.constant dense<0xFF800000> : tensor<f32>
  %zero = stablehlo.constant dense<0.0> : tensor<f32>
  %m = stablehlo.reduce(%s2 init: %low) applies stablehlo.maximum across dimensions = [3] : (tensor<2x4x16x16xf32>, tensor<f32>) -> tensor<2x4x16xf32>
  %m1 = stablehlo.broadcast_in_dim %m, dims = [0, 1, 2] : (tensor<2x4x16xf32>) -> tensor<2x4x16x1xf32>
  %m2 = stablehlo.broadcast_in_dim %m1, dims = [0, 1, 2, 3] : (tensor<2x4x16x1xf32>) -> tensor<2x4x16x16xf32>
  %s3 = stablehlo.subtract %s2, %m2 : tensor<2x4x16x16xf32>
  %e = stablehlo.exponential %s3 : tensor<2x4x16x16xf32>
  %t = stablehlo.reduce(%e init: %zero) applies stablehlo.add across dimensions = [3] : (tensor<2x4x16x16xf32>, tensor<f32>) -> tensor<2x4x16xf32>
  %t1 = stablehlo.broadcast_in_dim %t, dims = [0, 1, 2] : (tensor<2x4x16xf32>) -> tensor<2x4x16x16xf32>
  %p = stablehlo.divide %e, %t1 : tensor<2x4x16x16xf32>
  %p1 = stablehlo.reshape %p : (tensor<2x4x16x16xf32>) -> tensor<8x16x16xf32>
  %v3 = stablehlo.reshape %v2 : (tensor<2x4x16x8xf32>) -> tensor<8x16x8xf32>
  %o = stablehlo.dot_general %p1, %v3, batching_dims = [0] x [0], contracting_dims = [2] x [1] : (tensor<8x16x16xf32>, tensor<8x16x8xf32>) -> tensor<8x16x8xf32>
  %o1 = stablehlo.reshape %o : (tensor<8x16x8xf32>) -> tensor<2x4x16x8xf32>
  %o2 = stablehlo.transpose %o1, dims = [0, 2, 1, 3] : (tensor<2x4x16x8xf32>) -> tensor<2x16x4x8xf32>
  %o3 = stablehlo.reshape %o2 : (tensor<2x16x4x8xf32>) -> tensor<2x16x32xf32>
  return %o3 : tensor<2x16x32xf32>
})";
  static constexpr auto native = sinter::fn([](auto q, auto k, auto v) {
    const auto heads = [](auto x) { return sinter::transpose(sinter::reshape<2, 16, 4, 8>(x), axis<0, 2, 1, 3>); };
    return sinter::reshape<2, 16, 32>(sinter::transpose(sinter::attention(heads(q), heads(k), heads(v)), axis<0, 2, 1, 3>));
  });
};
// jax.nn.dot_product_attention's products: heads stay where they are, the result is transposed.
struct attention_in_place {
  static constexpr char value[] = R"(
func.func @main(%q: tensor<2x16x4x8xf32>, %k: tensor<2x16x4x8xf32>, %v: tensor<2x16x4x8xf32>) -> tensor<2x16x4x8xf32> {
  %s1 = stablehlo.dot_general %q, %k, batching_dims = [0, 2] x [0, 2], contracting_dims = [3] x [3] : (tensor<2x16x4x8xf32>, tensor<2x16x4x8xf32>) -> tensor<2x4x16x16xf32>
  %c = stablehlo.constant dense<0.353553385> : tensor<f32>
  %c1 = stablehlo.broadcast_in_dim %c, dims = [] : (tensor<f32>) -> tensor<2x4x16x16xf32>
  %s2 = stablehlo.multiply %s1, %c1 : tensor<2x4x16x16xf32>
  %low = stablehlo.constant dense<0xFF800000> : tensor<f32>
  %zero = stablehlo.constant dense<0.0> : tensor<f32>
  %m = stablehlo.reduce(%s2 init: %low) applies stablehlo.maximum across dimensions = [3] : (tensor<2x4x16x16xf32>, tensor<f32>) -> tensor<2x4x16xf32>
  %m2 = stablehlo.broadcast_in_dim %m, dims = [0, 1, 2] : (tensor<2x4x16xf32>) -> tensor<2x4x16x16xf32>
  %s3 = stablehlo.subtract %s2, %m2 : tensor<2x4x16x16xf32>
  %e = stablehlo.exponential %s3 : tensor<2x4x16x16xf32>
  %t = stablehlo.reduce(%e init: %zero) applies stablehlo.add across dimensions = [3] : (tensor<2x4x16x16xf32>, tensor<f32>) -> tensor<2x4x16xf32>
  %t1 = stablehlo.broadcast_in_dim %t, dims = [0, 1, 2] : (tensor<2x4x16xf32>) -> tensor<2x4x16x16xf32>
  %p = stablehlo.divide %e, %t1 : tensor<2x4x16x16xf32>
  %o = stablehlo.dot_general %v, %p, batching_dims = [0, 2] x [0, 1], contracting_dims = [1] x [3] : (tensor<2x16x4x8xf32>, tensor<2x4x16x16xf32>) -> tensor<2x4x8x16xf32>
  %o1 = stablehlo.transpose %o, dims = [0, 3, 1, 2] : (tensor<2x4x8x16xf32>) -> tensor<2x16x4x8xf32>
  return %o1 : tensor<2x16x4x8xf32>
})";
  static constexpr auto native = sinter::fn([](auto q, auto k, auto v) {
    const auto heads = [](auto x) { return sinter::transpose(x, axis<0, 2, 1, 3>); };
    return heads(sinter::attention(heads(q), heads(k), heads(v)));
  });
};
// Heads of keys and values that several heads of queries share, repeated by a broadcast, as Llama is exported; a causal mask by numbers.
struct grouped_attention {
  static constexpr char value[] = R"(
func.func @main(%q: tensor<1x16x4x8xf32>, %k: tensor<1x16x2x8xf32>, %v: tensor<1x16x2x8xf32>) -> tensor<1x4x16x8xf32> {
  %q2 = stablehlo.transpose %q, dims = [0, 2, 1, 3] : (tensor<1x16x4x8xf32>) -> tensor<1x4x16x8xf32>
  %k1 = stablehlo.transpose %k, dims = [0, 2, 1, 3] : (tensor<1x16x2x8xf32>) -> tensor<1x2x16x8xf32>
  %k2 = stablehlo.broadcast_in_dim %k1, dims = [0, 1, 3, 4] : (tensor<1x2x16x8xf32>) -> tensor<1x2x2x16x8xf32>
  %k3 = stablehlo.reshape %k2 : (tensor<1x2x2x16x8xf32>) -> tensor<1x4x16x8xf32>
  %v1 = stablehlo.transpose %v, dims = [0, 2, 1, 3] : (tensor<1x16x2x8xf32>) -> tensor<1x2x16x8xf32>
  %v2 = stablehlo.broadcast_in_dim %v1, dims = [0, 1, 3, 4] : (tensor<1x2x16x8xf32>) -> tensor<1x2x2x16x8xf32>
  %v3 = stablehlo.reshape %v2 : (tensor<1x2x2x16x8xf32>) -> tensor<1x4x16x8xf32>
  %k4 = stablehlo.transpose %k3, dims = [0, 1, 3, 2] : (tensor<1x4x16x8xf32>) -> tensor<1x4x8x16xf32>
  %s1 = stablehlo.dot_general %q2, %k4, batching_dims = [0, 1] x [0, 1], contracting_dims = [3] x [2] : (tensor<1x4x16x8xf32>, tensor<1x4x8x16xf32>) -> tensor<1x4x16x16xf32>
  %c = stablehlo.constant dense<0.353553385> : tensor<1x4x16x16xf32>
  %s2 = stablehlo.multiply %s1, %c : tensor<1x4x16x16xf32>
  %low = stablehlo.constant dense<0xFF800000> : tensor<f32>
  %zero = stablehlo.constant dense<0.0> : tensor<f32>
  %lows = stablehlo.broadcast_in_dim %low, dims = [] : (tensor<f32>) -> tensor<16x16xf32>
  %zeros = stablehlo.broadcast_in_dim %zero, dims = [] : (tensor<f32>) -> tensor<16x16xf32>
  %i = stablehlo.iota dim = 0 : tensor<16x16xi32>
  %j = stablehlo.iota dim = 1 : tensor<16x16xi32>
  %seen = stablehlo.compare GE, %i, %j, SIGNED : (tensor<16x16xi32>, tensor<16x16xi32>) -> tensor<16x16xi1>
  %mask = stablehlo.select %seen, %zeros, %lows : tensor<16x16xi1>, tensor<16x16xf32>
  %mask1 = stablehlo.broadcast_in_dim %mask, dims = [2, 3] : (tensor<16x16xf32>) -> tensor<1x4x16x16xf32>
  %s3 = stablehlo.add %s2, %mask1 : tensor<1x4x16x16xf32>
  %m = stablehlo.reduce(%s3 init: %low) applies stablehlo.maximum across dimensions = [3] : (tensor<1x4x16x16xf32>, tensor<f32>) -> tensor<1x4x16xf32>
  %m2 = stablehlo.broadcast_in_dim %m, dims = [0, 1, 2] : (tensor<1x4x16xf32>) -> tensor<1x4x16x16xf32>
  %s4 = stablehlo.subtract %s3, %m2 : tensor<1x4x16x16xf32>
  %e = stablehlo.exponential %s4 : tensor<1x4x16x16xf32>
  %t = stablehlo.reduce(%e init: %zero) applies stablehlo.add across dimensions = [3] : (tensor<1x4x16x16xf32>, tensor<f32>) -> tensor<1x4x16xf32>
  %t1 = stablehlo.broadcast_in_dim %t, dims = [0, 1, 2] : (tensor<1x4x16xf32>) -> tensor<1x4x16x16xf32>
  %p = stablehlo.divide %e, %t1 : tensor<1x4x16x16xf32>
  %o = stablehlo.dot_general %p, %v3, batching_dims = [0, 1] x [0, 1], contracting_dims = [3] x [2] : (tensor<1x4x16x16xf32>, tensor<1x4x16x8xf32>) -> tensor<1x4x16x8xf32>
  return %o : tensor<1x4x16x8xf32>
})";
  static constexpr auto native = sinter::fn([](auto q, auto k, auto v) {
    const auto heads = [](auto x) { return sinter::transpose(x, axis<0, 2, 1, 3>); };
    return sinter::attention(heads(q), heads(k), heads(v), sinter::causal);
  });
};
// The same repeated before the heads are moved, products over the last axes of both.
struct repeated_heads {
  static constexpr char value[] = R"(
func.func @main(%q: tensor<2x16x4x8xf32>, %k: tensor<2x16x2x8xf32>) -> tensor<2x4x16x16xf32> {
  %k1 = stablehlo.reshape %k : (tensor<2x16x2x8xf32>) -> tensor<2x16x2x1x8xf32>
  %k2 = stablehlo.broadcast_in_dim %k1, dims = [0, 1, 2, 3, 4] : (tensor<2x16x2x1x8xf32>) -> tensor<2x16x2x2x8xf32>
  %k3 = stablehlo.reshape %k2 : (tensor<2x16x2x2x8xf32>) -> tensor<2x16x4x8xf32>
  %0 = stablehlo.dot_general %q, %k3, batching_dims = [0, 2] x [0, 2], contracting_dims = [3] x [3] : (tensor<2x16x4x8xf32>, tensor<2x16x4x8xf32>) -> tensor<2x4x16x16xf32>
  return %0 : tensor<2x4x16x16xf32>
})";
  static constexpr auto native = sinter::fn([](auto q, auto k) {
    const auto heads = sinter::transpose(sinter::reshape<2, 16, 2, 2, 8>(q), axis<0, 2, 3, 1, 4>);
    const auto of_group = sinter::reshape<2, 2, 1, 8, 16>(sinter::transpose(k, axis<0, 2, 3, 1>));
    return sinter::reshape<2, 4, 16, 16>(sinter::matmul(heads, of_group));
  });
};
// In half precision, as JAX exports BERT: numbers of 16 bits, sums of 32.
struct half_softmax {
  static constexpr char value[] = R"(
func.func @main(%x: tensor<2x4x16x16xf16>) -> tensor<2x4x16x16xf16> {
  %low = stablehlo.constant dense<0xFC00> : tensor<f16>
  %zero = stablehlo.constant dense<0.0> : tensor<f32>
  %0 = stablehlo.reduce(%x init: %low) applies stablehlo.maximum across dimensions = [3] : (tensor<2x4x16x16xf16>, tensor<f16>) -> tensor<2x4x16xf16>
  %1 = stablehlo.broadcast_in_dim %0, dims = [0, 1, 2] : (tensor<2x4x16xf16>) -> tensor<2x4x16x1xf16>
  %2 = stablehlo.broadcast_in_dim %1, dims = [0, 1, 2, 3] : (tensor<2x4x16x1xf16>) -> tensor<2x4x16x16xf16>
  %3 = stablehlo.subtract %x, %2 : tensor<2x4x16x16xf16>
  %4 = stablehlo.exponential %3 : tensor<2x4x16x16xf16>
  %5 = stablehlo.convert %4 : (tensor<2x4x16x16xf16>) -> tensor<2x4x16x16xf32>
  %6 = stablehlo.reduce(%5 init: %zero) applies stablehlo.add across dimensions = [3] : (tensor<2x4x16x16xf32>, tensor<f32>) -> tensor<2x4x16xf32>
  %7 = stablehlo.broadcast_in_dim %6, dims = [0, 1, 2] : (tensor<2x4x16xf32>) -> tensor<2x4x16x1xf32>
  %8 = stablehlo.convert %7 : (tensor<2x4x16x1xf32>) -> tensor<2x4x16x1xf16>
  %9 = stablehlo.broadcast_in_dim %8, dims = [0, 1, 2, 3] : (tensor<2x4x16x1xf16>) -> tensor<2x4x16x16xf16>
  %10 = stablehlo.divide %4, %9 : tensor<2x4x16x16xf16>
  return %10 : tensor<2x4x16x16xf16>
})";
  static constexpr auto native = sinter::fn([](auto x) { return sinter::softmax(x, axis<3>); });
};
// Means over the axes of a picture and the batch, beside the channels: the reduced axes are no neighbours.
struct channel_means {
  static constexpr char value[] = R"(
func.func @main(%x: tensor<4x3x6x8xf32>) -> tensor<3xf32> {
  %zero = stablehlo.constant dense<0.0> : tensor<f32>
  %0 = stablehlo.reduce(%x init: %zero) applies stablehlo.add across dimensions = [0, 2, 3] : (tensor<4x3x6x8xf32>, tensor<f32>) -> tensor<3xf32>
  %n = stablehlo.constant dense<192.0> : tensor<3xf32>
  %1 = stablehlo.divide %0, %n : tensor<3xf32>
  return %1 : tensor<3xf32>
})";
  static constexpr auto native = sinter::fn([](auto x) { return sinter::mean(x, axis<0, 2, 3>); });
};
// Rows of a table in another type: what is read is converted, not the table.
struct embedding {
  static constexpr char value[] = R"(
func.func @main(%t: tensor<1000x64xf32>, %i: tensor<8xi32>) -> tensor<8x64xbf16> {
  %0 = stablehlo.convert %t : (tensor<1000x64xf32>) -> tensor<1000x64xbf16>
  %1 = stablehlo.reshape %i : (tensor<8xi32>) -> tensor<8x1xi32>
  %2 = "stablehlo.gather"(%0, %1) {dimension_numbers = #stablehlo.gather<offset_dims = [1], collapsed_slice_dims = [0], start_index_map = [0], index_vector_dim = 1>, indices_are_sorted = false, slice_sizes = array<i64: 1, 64>} : (tensor<1000x64xbf16>, tensor<8x1xi32>) -> tensor<8x64xbf16>
  return %2 : tensor<8x64xbf16>
})";
  static constexpr auto native = sinter::fn([](auto t, auto i) { return sinter::cast<sinter::bfloat16>(sinter::take(t, i, axis<0>)); });
};
// What costs nothing: conversions there and back, reshapes, broadcasts of one element, sums with nothing around one product.
struct noise {
  static constexpr char value[] = R"(
func.func @main(%x: tensor<8x64xf32>, %y: tensor<1x64xf32>) -> tensor<8x64xf32> {
  %0 = stablehlo.convert %x : tensor<8x64xf32>
  %1 = stablehlo.reshape %0 : (tensor<8x64xf32>) -> tensor<2x4x8x8xf32>
  %2 = stablehlo.transpose %1, dims = [0, 1, 2, 3] : (tensor<2x4x8x8xf32>) -> tensor<2x4x8x8xf32>
  %3 = stablehlo.reshape %2 : (tensor<2x4x8x8xf32>) -> tensor<8x64xf32>
  %4 = stablehlo.broadcast_in_dim %y, dims = [0, 1] : (tensor<1x64xf32>) -> tensor<1x64xf32>
  %5 = stablehlo.reshape %4 : (tensor<1x64xf32>) -> tensor<64xf32>
  %6 = stablehlo.broadcast_in_dim %5, dims = [1] : (tensor<64xf32>) -> tensor<8x64xf32>
  %one = stablehlo.constant dense<1> : tensor<i32>
  %7 = stablehlo.convert %one : (tensor<i32>) -> tensor<f32>
  %8 = stablehlo.broadcast_in_dim %7, dims = [] : (tensor<f32>) -> tensor<8x64xf32>
  %9 = stablehlo.multiply %6, %8 : tensor<8x64xf32>
  %10 = stablehlo.multiply %3, %9 : tensor<8x64xf32>
  %11 = stablehlo.slice %10 [0:8, 0:64] : (tensor<8x64xf32>) -> tensor<8x64xf32>
  %12 = stablehlo.concatenate %11, dim = 0 : (tensor<8x64xf32>) -> tensor<8x64xf32>
  return %12 : tensor<8x64xf32>
})";
  static constexpr auto native = sinter::fn([](auto x, auto y) { return x * y; });
};

template <class X> X numbers(trust::random_numbers& r) {
  X x;
  for (auto& e : x) e = static_cast<std::remove_cvref_t<decltype(e)>>(static_cast<float>(r.below(4001) - 2000) / 500);
  return x;
}
// Equal plans, numbers that differ by roundings.
template <class Text, class... X> void check(double tolerance = 2e-6) {
  constexpr auto f = sinter::stablehlo<Text>;
  constexpr auto exported = f.template plan<X...>(), native = Text::native.template plan<X...>();
  static_assert(exported.kernels == native.kernels);
  static_assert(exported.temporaries == native.temporaries);
  static_assert(exported.bytes_read.value == native.bytes_read.value);
  static_assert(exported.bytes_written.value == native.bytes_written.value);
  trust::random_numbers r(1);
  const std::tuple<X...> x{numbers<X>(r)...};
  const auto a = std::apply([&](const X&... each) { return f(each...); }, x);
  const auto b = std::apply([&](const X&... each) { return Text::native(each...); }, x);
  REQUIRE(a.size() == b.size());
  for (sinter::extent_t i = 0; i < a.size(); ++i) {
    const auto u = static_cast<double>(a.data()[i]), v = static_cast<double>(b.data()[i]);
    REQUIRE(std::abs(u - v) <= tolerance * (1 + std::abs(v)));
  }
}

}  // namespace

using matrix = tensor<float, 8, 64>;
using vector = tensor<float, 64>;

TEST_CASE("softmax as exported") {
  check<softmax, matrix>();
  check<softmax_of_columns, matrix>();
  check<half_softmax, tensor<sinter::float16, 2, 4, 16, 16>>(2e-3);
}

TEST_CASE("norms as exported") {
  check<layer_norm, tensor<float, 2, 4, 64>, vector, vector>();
  check<fast_layer_norm, matrix, vector, vector>(1e-5);
  check<rms_norm, tensor<sinter::bfloat16, 1, 8, 64>, tensor<sinter::bfloat16, 64>>(1e-2);
  check<channel_means, tensor<float, 4, 3, 6, 8>>();
}

TEST_CASE("activations as exported") {
  check<gelu, tensor<float, 4, 100>>();
  check<gelu_tanh, tensor<float, 4, 100>>();
}

TEST_CASE("products as exported") {
  check<linear, tensor<float, 2, 8, 32>, tensor<float, 48, 32>, tensor<float, 48>>(1e-5);
  check<repeated_heads, tensor<float, 2, 16, 4, 8>, tensor<float, 2, 16, 2, 8>>(1e-5);
}

TEST_CASE("attention as exported") {
  using flat = tensor<float, 2, 16, 32>;
  check<attention, flat, flat, flat>(1e-5);
  using heads = tensor<float, 2, 16, 4, 8>;
  check<attention_in_place, heads, heads, heads>(1e-5);
  check<grouped_attention, tensor<float, 1, 16, 4, 8>, tensor<float, 1, 16, 2, 8>, tensor<float, 1, 16, 2, 8>>(1e-5);
}

TEST_CASE("indexing and views as exported") {
  check<embedding, tensor<float, 1000, 64>, tensor<std::int32_t, 8>>();
  check<noise, matrix, tensor<float, 1, 64>>();
}
