// SPDX-License-Identifier: Apache-2.0
// Small models in the style of JAX's export: one layer, few channels, the ops and the noise (broadcasts, reshapes, conversions, calls of
// one-line functions) of the large ones. The weights are arguments, so that a test can choose them.
#pragma once

namespace small_models {

// An encoder layer in f16 with norms in f32: embeddings by calls, attention as products with batch axes, GELU by erf.
struct bert {
  static constexpr char value[] = R"(
module @bert attributes {mhlo.num_partitions = 1 : i32, mhlo.num_replicas = 1 : i32} {
  func.func public @main(%arg0: tensor<2x4xi32>, %arg1: tensor<13x8xf32>, %arg2: tensor<8x8xf32>, %arg3: tensor<8x8xf32>, %arg4: tensor<8x8xf32>, %arg5: tensor<8x8xf32>, %arg6: tensor<8xf32>, %arg7: tensor<8x32xf32>, %arg8: tensor<32x8xf32>) -> (tensor<2x4x8xf16> {jax.result_info = ""}, tensor<2x8xf16>) {
    %0 = stablehlo.convert %arg1 : (tensor<13x8xf32>) -> tensor<13x8xf16>
    %1 = call @_take(%0, %arg0) : (tensor<13x8xf16>, tensor<2x4xi32>) -> tensor<2x4x8xf16>
    %2 = call @norm(%1, %arg6) : (tensor<2x4x8xf16>, tensor<8xf32>) -> tensor<2x4x8xf16>
    %3 = stablehlo.convert %arg2 : (tensor<8x8xf32>) -> tensor<8x8xf16>
    %4 = stablehlo.dot_general %2, %3, contracting_dims = [2] x [0], precision = [DEFAULT, DEFAULT] : (tensor<2x4x8xf16>, tensor<8x8xf16>) -> tensor<2x4x8xf16>
    %5 = stablehlo.convert %arg6 : (tensor<8xf32>) -> tensor<8xf16>
    %6 = stablehlo.reshape %5 : (tensor<8xf16>) -> tensor<1x1x8xf16>
    %7 = stablehlo.broadcast_in_dim %6, dims = [0, 1, 2] : (tensor<1x1x8xf16>) -> tensor<2x4x8xf16>
    %8 = stablehlo.add %4, %7 : tensor<2x4x8xf16>
    %9 = stablehlo.reshape %8 : (tensor<2x4x8xf16>) -> tensor<2x4x2x4xf16>
    %10 = stablehlo.convert %arg3 : (tensor<8x8xf32>) -> tensor<8x8xf16>
    %11 = stablehlo.dot_general %2, %10, contracting_dims = [2] x [0] : (tensor<2x4x8xf16>, tensor<8x8xf16>) -> tensor<2x4x8xf16>
    %12 = stablehlo.reshape %11 : (tensor<2x4x8xf16>) -> tensor<2x4x2x4xf16>
    %13 = stablehlo.convert %arg4 : (tensor<8x8xf32>) -> tensor<8x8xf16>
    %14 = stablehlo.dot_general %2, %13, contracting_dims = [2] x [0] : (tensor<2x4x8xf16>, tensor<8x8xf16>) -> tensor<2x4x8xf16>
    %15 = stablehlo.reshape %14 : (tensor<2x4x8xf16>) -> tensor<2x4x2x4xf16>
    %16 = stablehlo.constant dense<4.000000e+00> : tensor<f32>
    %17 = stablehlo.sqrt %16 : tensor<f32>
    %18 = stablehlo.convert %17 : (tensor<f32>) -> tensor<f16>
    %19 = stablehlo.broadcast_in_dim %18, dims = [] : (tensor<f16>) -> tensor<2x4x2x4xf16>
    %20 = stablehlo.divide %9, %19 : tensor<2x4x2x4xf16>
    %21 = stablehlo.dot_general %20, %12, batching_dims = [0, 2] x [0, 2], contracting_dims = [3] x [3] : (tensor<2x4x2x4xf16>, tensor<2x4x2x4xf16>) -> tensor<2x2x4x4xf16>
    %22 = stablehlo.constant dense<0xFC00> : tensor<f16>
    %23 = stablehlo.reduce(%21 init: %22) applies stablehlo.maximum across dimensions = [3] : (tensor<2x2x4x4xf16>, tensor<f16>) -> tensor<2x2x4xf16>
    %24 = stablehlo.broadcast_in_dim %22, dims = [] : (tensor<f16>) -> tensor<2x2x4xf16>
    %25 = stablehlo.maximum %24, %23 : tensor<2x2x4xf16>
    %26 = stablehlo.broadcast_in_dim %25, dims = [0, 1, 2] : (tensor<2x2x4xf16>) -> tensor<2x2x4x1xf16>
    %27 = stablehlo.broadcast_in_dim %26, dims = [0, 1, 2, 3] : (tensor<2x2x4x1xf16>) -> tensor<2x2x4x4xf16>
    %28 = stablehlo.subtract %21, %27 : tensor<2x2x4x4xf16>
    %29 = stablehlo.exponential %28 : tensor<2x2x4x4xf16>
    %30 = stablehlo.convert %29 : (tensor<2x2x4x4xf16>) -> tensor<2x2x4x4xf32>
    %31 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %32 = stablehlo.reduce(%30 init: %31) applies stablehlo.add across dimensions = [3] : (tensor<2x2x4x4xf32>, tensor<f32>) -> tensor<2x2x4xf32>
    %33 = stablehlo.broadcast_in_dim %32, dims = [0, 1, 2] : (tensor<2x2x4xf32>) -> tensor<2x2x4x1xf32>
    %34 = stablehlo.convert %33 : (tensor<2x2x4x1xf32>) -> tensor<2x2x4x1xf16>
    %35 = stablehlo.broadcast_in_dim %34, dims = [0, 1, 2, 3] : (tensor<2x2x4x1xf16>) -> tensor<2x2x4x4xf16>
    %36 = stablehlo.divide %29, %35 : tensor<2x2x4x4xf16>
    %37 = stablehlo.dot_general %15, %36, batching_dims = [0, 2] x [0, 1], contracting_dims = [1] x [3] : (tensor<2x4x2x4xf16>, tensor<2x2x4x4xf16>) -> tensor<2x2x4x4xf16>
    %38 = stablehlo.transpose %37, dims = [0, 3, 1, 2] : (tensor<2x2x4x4xf16>) -> tensor<2x4x2x4xf16>
    %39 = stablehlo.reshape %38 : (tensor<2x4x2x4xf16>) -> tensor<2x4x8xf16>
    %40 = stablehlo.convert %arg5 : (tensor<8x8xf32>) -> tensor<8x8xf16>
    %41 = stablehlo.dot_general %39, %40, contracting_dims = [2] x [0] : (tensor<2x4x8xf16>, tensor<8x8xf16>) -> tensor<2x4x8xf16>
    %42 = stablehlo.add %41, %2 : tensor<2x4x8xf16>
    %43 = call @norm(%42, %arg6) : (tensor<2x4x8xf16>, tensor<8xf32>) -> tensor<2x4x8xf16>
    %44 = stablehlo.convert %arg7 : (tensor<8x32xf32>) -> tensor<8x32xf16>
    %45 = stablehlo.dot_general %43, %44, contracting_dims = [2] x [0] : (tensor<2x4x8xf16>, tensor<8x32xf16>) -> tensor<2x4x32xf16>
    %46 = stablehlo.constant dense<2.000000e+00> : tensor<f16>
    %47 = stablehlo.sqrt %46 : tensor<f16>
    %48 = stablehlo.broadcast_in_dim %47, dims = [] : (tensor<f16>) -> tensor<2x4x32xf16>
    %49 = stablehlo.divide %45, %48 : tensor<2x4x32xf16>
    %50 = stablehlo.custom_call @mhlo.erf(%49) {mhlo.attributes = {}, mhlo.version = 1 : i64} : (tensor<2x4x32xf16>) -> tensor<2x4x32xf16>
    %51 = stablehlo.constant dense<1.000000e+00> : tensor<f16>
    %52 = stablehlo.broadcast_in_dim %51, dims = [] : (tensor<f16>) -> tensor<2x4x32xf16>
    %53 = stablehlo.add %50, %52 : tensor<2x4x32xf16>
    %54 = stablehlo.multiply %45, %53 : tensor<2x4x32xf16>
    %55 = stablehlo.broadcast_in_dim %46, dims = [] : (tensor<f16>) -> tensor<2x4x32xf16>
    %56 = stablehlo.divide %54, %55 : tensor<2x4x32xf16>
    %57 = stablehlo.convert %arg8 : (tensor<32x8xf32>) -> tensor<32x8xf16>
    %58 = stablehlo.dot_general %56, %57, contracting_dims = [2] x [0] : (tensor<2x4x32xf16>, tensor<32x8xf16>) -> tensor<2x4x8xf16>
    %59 = stablehlo.add %58, %43 : tensor<2x4x8xf16>
    %60 = call @norm(%59, %arg6) : (tensor<2x4x8xf16>, tensor<8xf32>) -> tensor<2x4x8xf16>
    %61 = stablehlo.slice %60 [0:2, 0:1, 0:8] : (tensor<2x4x8xf16>) -> tensor<2x1x8xf16>
    %62 = stablehlo.reshape %61 : (tensor<2x1x8xf16>) -> tensor<2x8xf16>
    %63 = stablehlo.tanh %62 : tensor<2x8xf16>
    return %60, %63 : tensor<2x4x8xf16>, tensor<2x8xf16>
  }
  func.func private @norm(%arg0: tensor<2x4x8xf16>, %arg1: tensor<8xf32>) -> tensor<2x4x8xf16> {
    %0 = stablehlo.convert %arg0 : (tensor<2x4x8xf16>) -> tensor<2x4x8xf32>
    %1 = stablehlo.multiply %0, %0 : tensor<2x4x8xf32>
    %2 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %3 = stablehlo.reduce(%0 init: %2) applies stablehlo.add across dimensions = [2] : (tensor<2x4x8xf32>, tensor<f32>) -> tensor<2x4xf32>
    %4 = stablehlo.constant dense<8.000000e+00> : tensor<f32>
    %5 = stablehlo.broadcast_in_dim %4, dims = [] : (tensor<f32>) -> tensor<2x4xf32>
    %6 = stablehlo.divide %3, %5 : tensor<2x4xf32>
    %7 = stablehlo.reduce(%1 init: %2) applies stablehlo.add across dimensions = [2] : (tensor<2x4x8xf32>, tensor<f32>) -> tensor<2x4xf32>
    %8 = stablehlo.divide %7, %5 : tensor<2x4xf32>
    %9 = stablehlo.multiply %6, %6 : tensor<2x4xf32>
    %10 = stablehlo.subtract %8, %9 : tensor<2x4xf32>
    %11 = stablehlo.broadcast_in_dim %2, dims = [] : (tensor<f32>) -> tensor<2x4xf32>
    %12 = stablehlo.maximum %11, %10 : tensor<2x4xf32>
    %13 = stablehlo.broadcast_in_dim %6, dims = [0, 1] : (tensor<2x4xf32>) -> tensor<2x4x1xf32>
    %14 = stablehlo.broadcast_in_dim %12, dims = [0, 1] : (tensor<2x4xf32>) -> tensor<2x4x1xf32>
    %15 = stablehlo.broadcast_in_dim %13, dims = [0, 1, 2] : (tensor<2x4x1xf32>) -> tensor<2x4x8xf32>
    %16 = stablehlo.subtract %0, %15 : tensor<2x4x8xf32>
    %17 = stablehlo.constant dense<0.0625> : tensor<f32>
    %18 = stablehlo.broadcast_in_dim %17, dims = [] : (tensor<f32>) -> tensor<2x4x1xf32>
    %19 = stablehlo.add %14, %18 : tensor<2x4x1xf32>
    %20 = stablehlo.rsqrt %19 : tensor<2x4x1xf32>
    %21 = stablehlo.reshape %arg1 : (tensor<8xf32>) -> tensor<1x1x8xf32>
    %22 = stablehlo.broadcast_in_dim %20, dims = [0, 1, 2] : (tensor<2x4x1xf32>) -> tensor<2x4x8xf32>
    %23 = stablehlo.broadcast_in_dim %21, dims = [0, 1, 2] : (tensor<1x1x8xf32>) -> tensor<2x4x8xf32>
    %24 = stablehlo.multiply %22, %23 : tensor<2x4x8xf32>
    %25 = stablehlo.multiply %16, %24 : tensor<2x4x8xf32>
    %26 = stablehlo.convert %25 : (tensor<2x4x8xf32>) -> tensor<2x4x8xf16>
    return %26 : tensor<2x4x8xf16>
  }
  func.func private @_take(%arg0: tensor<13x8xf16>, %arg1: tensor<2x4xi32>) -> tensor<2x4x8xf16> {
    %0 = stablehlo.constant dense<0> : tensor<i32>
    %1 = stablehlo.broadcast_in_dim %0, dims = [] : (tensor<i32>) -> tensor<2x4xi32>
    %2 = stablehlo.compare  LT, %arg1, %1,  SIGNED : (tensor<2x4xi32>, tensor<2x4xi32>) -> tensor<2x4xi1>
    %3 = stablehlo.constant dense<13> : tensor<i32>
    %4 = stablehlo.broadcast_in_dim %3, dims = [] : (tensor<i32>) -> tensor<2x4xi32>
    %5 = stablehlo.add %arg1, %4 : tensor<2x4xi32>
    %6 = call @_where(%2, %5, %arg1) : (tensor<2x4xi1>, tensor<2x4xi32>, tensor<2x4xi32>) -> tensor<2x4xi32>
    %7 = stablehlo.broadcast_in_dim %6, dims = [0, 1] : (tensor<2x4xi32>) -> tensor<2x4x1xi32>
    %8 = stablehlo.constant dense<12> : tensor<1xi32>
    %9 = stablehlo.broadcast_in_dim %0, dims = [] : (tensor<i32>) -> tensor<2x4x1xi32>
    %10 = stablehlo.compare  GE, %7, %9,  SIGNED : (tensor<2x4x1xi32>, tensor<2x4x1xi32>) -> tensor<2x4x1xi1>
    %11 = stablehlo.broadcast_in_dim %8, dims = [2] : (tensor<1xi32>) -> tensor<1x1x1xi32>
    %12 = stablehlo.broadcast_in_dim %11, dims = [0, 1, 2] : (tensor<1x1x1xi32>) -> tensor<2x4x1xi32>
    %13 = stablehlo.compare  LE, %7, %12,  SIGNED : (tensor<2x4x1xi32>, tensor<2x4x1xi32>) -> tensor<2x4x1xi1>
    %14 = stablehlo.and %10, %13 : tensor<2x4x1xi1>
    %15 = stablehlo.constant dense<true> : tensor<i1>
    %16 = stablehlo.reduce(%14 init: %15) applies stablehlo.and across dimensions = [2] : (tensor<2x4x1xi1>, tensor<i1>) -> tensor<2x4xi1>
    %17 = "stablehlo.gather"(%arg0, %7) {dimension_numbers = #stablehlo.gather<offset_dims = [2], collapsed_slice_dims = [0], start_index_map = [0], index_vector_dim = 2>, indices_are_sorted = false, slice_sizes = array<i64: 1, 8>} : (tensor<13x8xf16>, tensor<2x4x1xi32>) -> tensor<2x4x8xf16>
    %18 = stablehlo.broadcast_in_dim %16, dims = [0, 1] : (tensor<2x4xi1>) -> tensor<2x4x8xi1>
    %19 = stablehlo.constant dense<0x7E00> : tensor<f16>
    %20 = stablehlo.broadcast_in_dim %19, dims = [] : (tensor<f16>) -> tensor<2x4x8xf16>
    %21 = stablehlo.select %18, %17, %20 : tensor<2x4x8xi1>, tensor<2x4x8xf16>
    return %21 : tensor<2x4x8xf16>
  }
  func.func private @_where(%arg0: tensor<2x4xi1>, %arg1: tensor<2x4xi32>, %arg2: tensor<2x4xi32>) -> tensor<2x4xi32> {
    %0 = stablehlo.select %arg0, %arg1, %arg2 : tensor<2x4xi1>, tensor<2x4xi32>
    return %0 : tensor<2x4xi32>
  }
}
)";
};

// Greedy decoding: a loop that carries the tokens, the caches of keys and values, and all weights. Norms with their variance from means,
// a mask by comparison, GELU by tanh, the logits by the transposed embedding, the largest by a reduction of pairs.
struct gpt2 {
  static constexpr char value[] = R"(
module @jit_generate attributes {mhlo.num_partitions = 1 : i32} {
  func.func public @main(%arg0: tensor<1x2xi32>, %arg1: tensor<11x8xf32>, %arg2: tensor<6x8xf32>, %arg3: tensor<8x24xf32>, %arg4: tensor<24xf32>, %arg5: tensor<8x8xf32>, %arg6: tensor<8xf32>, %arg7: tensor<8x16xf32>, %arg8: tensor<16x8xf32>) -> (tensor<1x6xi32>, tensor<1x6x2x4xf32>) {
    %0 = stablehlo.constant dense<0> : tensor<i32>
    %1 = stablehlo.broadcast_in_dim %0, dims = [] : (tensor<i32>) -> tensor<1x6xi32>
    %2 = stablehlo.dynamic_update_slice %1, %arg0, %0, %0 : (tensor<1x6xi32>, tensor<1x2xi32>, tensor<i32>, tensor<i32>) -> tensor<1x6xi32>
    %3 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %4 = stablehlo.broadcast_in_dim %3, dims = [] : (tensor<f32>) -> tensor<1x6x2x4xf32>
    %5:12 = stablehlo.while(%iterArg = %0, %iterArg_0 = %2, %iterArg_1 = %4, %iterArg_2 = %4, %iterArg_3 = %arg1, %iterArg_4 = %arg2, %iterArg_5 = %arg3, %iterArg_6 = %arg4, %iterArg_7 = %arg5, %iterArg_8 = %arg6, %iterArg_9 = %arg7, %iterArg_10 = %arg8) : tensor<i32>, tensor<1x6xi32>, tensor<1x6x2x4xf32>, tensor<1x6x2x4xf32>, tensor<11x8xf32>, tensor<6x8xf32>, tensor<8x24xf32>, tensor<24xf32>, tensor<8x8xf32>, tensor<8xf32>, tensor<8x16xf32>, tensor<16x8xf32>
     cond {
      %6 = stablehlo.constant dense<5> : tensor<i32>
      %7 = stablehlo.compare  LT, %iterArg, %6,  SIGNED : (tensor<i32>, tensor<i32>) -> tensor<i1>
      stablehlo.return %7 : tensor<i1>
    } do {
      %6 = stablehlo.constant dense<0> : tensor<i32>
      %7 = stablehlo.dynamic_slice %iterArg_0, %6, %iterArg, sizes = [1, 1] : (tensor<1x6xi32>, tensor<i32>, tensor<i32>) -> tensor<1x1xi32>
      %8 = stablehlo.broadcast_in_dim %7, dims = [0, 1] : (tensor<1x1xi32>) -> tensor<1x1x1xi32>
      %9 = "stablehlo.gather"(%iterArg_3, %8) {dimension_numbers = #stablehlo.gather<offset_dims = [2], collapsed_slice_dims = [0], start_index_map = [0], index_vector_dim = 2>, indices_are_sorted = false, slice_sizes = array<i64: 1, 8>} : (tensor<11x8xf32>, tensor<1x1x1xi32>) -> tensor<1x1x8xf32>
      %10 = stablehlo.dynamic_slice %iterArg_4, %iterArg, %6, sizes = [1, 8] : (tensor<6x8xf32>, tensor<i32>, tensor<i32>) -> tensor<1x8xf32>
      %11 = stablehlo.reshape %10 : (tensor<1x8xf32>) -> tensor<1x1x8xf32>
      %12 = stablehlo.add %9, %11 : tensor<1x1x8xf32>
      %13 = func.call @norm(%12, %iterArg_8) : (tensor<1x1x8xf32>, tensor<8xf32>) -> tensor<1x1x8xf32>
      %14 = stablehlo.dot_general %13, %iterArg_5, contracting_dims = [2] x [0], precision = [DEFAULT, DEFAULT] : (tensor<1x1x8xf32>, tensor<8x24xf32>) -> tensor<1x1x24xf32>
      %15 = stablehlo.broadcast_in_dim %iterArg_6, dims = [2] : (tensor<24xf32>) -> tensor<1x1x24xf32>
      %16 = stablehlo.add %14, %15 : tensor<1x1x24xf32>
      %17 = stablehlo.slice %16 [0:1, 0:1, 0:8] : (tensor<1x1x24xf32>) -> tensor<1x1x8xf32>
      %18 = stablehlo.slice %16 [0:1, 0:1, 8:16] : (tensor<1x1x24xf32>) -> tensor<1x1x8xf32>
      %19 = stablehlo.slice %16 [0:1, 0:1, 16:24] : (tensor<1x1x24xf32>) -> tensor<1x1x8xf32>
      %20 = stablehlo.reshape %17 : (tensor<1x1x8xf32>) -> tensor<1x1x2x4xf32>
      %21 = stablehlo.reshape %18 : (tensor<1x1x8xf32>) -> tensor<1x1x2x4xf32>
      %22 = stablehlo.reshape %19 : (tensor<1x1x8xf32>) -> tensor<1x1x2x4xf32>
      %23 = stablehlo.dynamic_update_slice %iterArg_1, %21, %6, %iterArg, %6, %6 : (tensor<1x6x2x4xf32>, tensor<1x1x2x4xf32>, tensor<i32>, tensor<i32>, tensor<i32>, tensor<i32>) -> tensor<1x6x2x4xf32>
      %24 = stablehlo.dynamic_update_slice %iterArg_2, %22, %6, %iterArg, %6, %6 : (tensor<1x6x2x4xf32>, tensor<1x1x2x4xf32>, tensor<i32>, tensor<i32>, tensor<i32>, tensor<i32>) -> tensor<1x6x2x4xf32>
      %25 = stablehlo.constant dense<2.000000e+00> : tensor<f32>
      %26 = stablehlo.broadcast_in_dim %25, dims = [] : (tensor<f32>) -> tensor<1x1x2x4xf32>
      %27 = stablehlo.divide %20, %26 : tensor<1x1x2x4xf32>
      %28 = stablehlo.dot_general %27, %23, batching_dims = [0, 2] x [0, 2], contracting_dims = [3] x [3], precision = [DEFAULT, DEFAULT] : (tensor<1x1x2x4xf32>, tensor<1x6x2x4xf32>) -> tensor<1x2x1x6xf32>
      %29 = stablehlo.iota dim = 0 : tensor<6xi32>
      %30 = stablehlo.broadcast_in_dim %iterArg, dims = [] : (tensor<i32>) -> tensor<6xi32>
      %31 = stablehlo.compare  LE, %29, %30,  SIGNED : (tensor<6xi32>, tensor<6xi32>) -> tensor<6xi1>
      %32 = stablehlo.broadcast_in_dim %31, dims = [3] : (tensor<6xi1>) -> tensor<1x1x1x6xi1>
      %33 = stablehlo.constant dense<-1.000000e+04> : tensor<f32>
      %34 = stablehlo.broadcast_in_dim %33, dims = [] : (tensor<f32>) -> tensor<1x1x1x6xf32>
      %35 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
      %36 = stablehlo.broadcast_in_dim %35, dims = [] : (tensor<f32>) -> tensor<1x1x1x6xf32>
      %37 = stablehlo.select %32, %36, %34 : tensor<1x1x1x6xi1>, tensor<1x1x1x6xf32>
      %38 = stablehlo.broadcast_in_dim %37, dims = [0, 1, 2, 3] : (tensor<1x1x1x6xf32>) -> tensor<1x2x1x6xf32>
      %39 = stablehlo.add %28, %38 : tensor<1x2x1x6xf32>
      %40 = stablehlo.constant dense<0xFF800000> : tensor<f32>
      %41 = stablehlo.reduce(%39 init: %40) applies stablehlo.maximum across dimensions = [3] : (tensor<1x2x1x6xf32>, tensor<f32>) -> tensor<1x2x1xf32>
      %42 = stablehlo.broadcast_in_dim %41, dims = [0, 1, 2] : (tensor<1x2x1xf32>) -> tensor<1x2x1x1xf32>
      %43 = stablehlo.broadcast_in_dim %42, dims = [0, 1, 2, 3] : (tensor<1x2x1x1xf32>) -> tensor<1x2x1x6xf32>
      %44 = stablehlo.subtract %39, %43 : tensor<1x2x1x6xf32>
      %45 = stablehlo.exponential %44 : tensor<1x2x1x6xf32>
      %46 = stablehlo.reduce(%45 init: %35) applies stablehlo.add across dimensions = [3] : (tensor<1x2x1x6xf32>, tensor<f32>) -> tensor<1x2x1xf32>
      %47 = stablehlo.broadcast_in_dim %46, dims = [0, 1, 2] : (tensor<1x2x1xf32>) -> tensor<1x2x1x1xf32>
      %48 = stablehlo.broadcast_in_dim %47, dims = [0, 1, 2, 3] : (tensor<1x2x1x1xf32>) -> tensor<1x2x1x6xf32>
      %49 = stablehlo.divide %45, %48 : tensor<1x2x1x6xf32>
      %50 = stablehlo.dot_general %24, %49, batching_dims = [0, 2] x [0, 1], contracting_dims = [1] x [3], precision = [DEFAULT, DEFAULT] : (tensor<1x6x2x4xf32>, tensor<1x2x1x6xf32>) -> tensor<1x2x4x1xf32>
      %51 = stablehlo.transpose %50, dims = [0, 3, 1, 2] : (tensor<1x2x4x1xf32>) -> tensor<1x1x2x4xf32>
      %52 = stablehlo.reshape %51 : (tensor<1x1x2x4xf32>) -> tensor<1x1x8xf32>
      %53 = stablehlo.dot_general %52, %iterArg_7, contracting_dims = [2] x [0], precision = [DEFAULT, DEFAULT] : (tensor<1x1x8xf32>, tensor<8x8xf32>) -> tensor<1x1x8xf32>
      %54 = stablehlo.add %53, %12 : tensor<1x1x8xf32>
      %55 = func.call @norm(%54, %iterArg_8) : (tensor<1x1x8xf32>, tensor<8xf32>) -> tensor<1x1x8xf32>
      %56 = stablehlo.dot_general %55, %iterArg_9, contracting_dims = [2] x [0], precision = [DEFAULT, DEFAULT] : (tensor<1x1x8xf32>, tensor<8x16xf32>) -> tensor<1x1x16xf32>
      %57 = stablehlo.multiply %56, %56 : tensor<1x1x16xf32>
      %58 = stablehlo.multiply %57, %56 : tensor<1x1x16xf32>
      %59 = stablehlo.constant dense<4.471500e-02> : tensor<f32>
      %60 = stablehlo.broadcast_in_dim %59, dims = [] : (tensor<f32>) -> tensor<1x1x16xf32>
      %61 = stablehlo.multiply %60, %58 : tensor<1x1x16xf32>
      %62 = stablehlo.add %56, %61 : tensor<1x1x16xf32>
      %63 = stablehlo.constant dense<0.797884583> : tensor<f32>
      %64 = stablehlo.broadcast_in_dim %63, dims = [] : (tensor<f32>) -> tensor<1x1x16xf32>
      %65 = stablehlo.multiply %64, %62 : tensor<1x1x16xf32>
      %66 = stablehlo.tanh %65 : tensor<1x1x16xf32>
      %67 = stablehlo.constant dense<1.000000e+00> : tensor<f32>
      %68 = stablehlo.broadcast_in_dim %67, dims = [] : (tensor<f32>) -> tensor<1x1x16xf32>
      %69 = stablehlo.add %68, %66 : tensor<1x1x16xf32>
      %70 = stablehlo.constant dense<5.000000e-01> : tensor<f32>
      %71 = stablehlo.broadcast_in_dim %70, dims = [] : (tensor<f32>) -> tensor<1x1x16xf32>
      %72 = stablehlo.multiply %71, %69 : tensor<1x1x16xf32>
      %73 = stablehlo.multiply %56, %72 : tensor<1x1x16xf32>
      %74 = stablehlo.dot_general %73, %iterArg_10, contracting_dims = [2] x [0], precision = [DEFAULT, DEFAULT] : (tensor<1x1x16xf32>, tensor<16x8xf32>) -> tensor<1x1x8xf32>
      %75 = stablehlo.add %54, %74 : tensor<1x1x8xf32>
      %76 = stablehlo.transpose %iterArg_3, dims = [1, 0] : (tensor<11x8xf32>) -> tensor<8x11xf32>
      %77 = stablehlo.dot_general %75, %76, contracting_dims = [2] x [0], precision = [DEFAULT, DEFAULT] : (tensor<1x1x8xf32>, tensor<8x11xf32>) -> tensor<1x1x11xf32>
      %78 = stablehlo.reshape %77 : (tensor<1x1x11xf32>) -> tensor<1x11xf32>
      %79 = func.call @argmax(%78) : (tensor<1x11xf32>) -> tensor<1xi32>
      %80 = stablehlo.constant dense<1> : tensor<i32>
      %81 = stablehlo.add %iterArg, %80 : tensor<i32>
      %82 = stablehlo.dynamic_slice %iterArg_0, %6, %81, sizes = [1, 1] : (tensor<1x6xi32>, tensor<i32>, tensor<i32>) -> tensor<1x1xi32>
      %83 = stablehlo.constant dense<2> : tensor<i32>
      %84 = stablehlo.compare  LT, %81, %83,  SIGNED : (tensor<i32>, tensor<i32>) -> tensor<i1>
      %85 = stablehlo.broadcast_in_dim %79, dims = [0] : (tensor<1xi32>) -> tensor<1x1xi32>
      %86 = stablehlo.broadcast_in_dim %84, dims = [] : (tensor<i1>) -> tensor<1x1xi1>
      %87 = stablehlo.select %86, %82, %85 : tensor<1x1xi1>, tensor<1x1xi32>
      %88 = stablehlo.dynamic_update_slice %iterArg_0, %87, %6, %81 : (tensor<1x6xi32>, tensor<1x1xi32>, tensor<i32>, tensor<i32>) -> tensor<1x6xi32>
      stablehlo.return %81, %88, %23, %24, %iterArg_3, %iterArg_4, %iterArg_5, %iterArg_6, %iterArg_7, %iterArg_8, %iterArg_9, %iterArg_10 : tensor<i32>, tensor<1x6xi32>, tensor<1x6x2x4xf32>, tensor<1x6x2x4xf32>, tensor<11x8xf32>, tensor<6x8xf32>, tensor<8x24xf32>, tensor<24xf32>, tensor<8x8xf32>, tensor<8xf32>, tensor<8x16xf32>, tensor<16x8xf32>
    }
    return %5#1, %5#2 : tensor<1x6xi32>, tensor<1x6x2x4xf32>
  }
  func.func private @norm(%arg0: tensor<1x1x8xf32>, %arg1: tensor<8xf32>) -> tensor<1x1x8xf32> {
    %0 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %1 = stablehlo.reduce(%arg0 init: %0) applies stablehlo.add across dimensions = [2] : (tensor<1x1x8xf32>, tensor<f32>) -> tensor<1x1xf32>
    %2 = stablehlo.constant dense<8.000000e+00> : tensor<f32>
    %3 = stablehlo.broadcast_in_dim %2, dims = [] : (tensor<f32>) -> tensor<1x1xf32>
    %4 = stablehlo.divide %1, %3 : tensor<1x1xf32>
    %5 = stablehlo.broadcast_in_dim %4, dims = [0, 1] : (tensor<1x1xf32>) -> tensor<1x1x1xf32>
    %6 = stablehlo.broadcast_in_dim %5, dims = [0, 1, 2] : (tensor<1x1x1xf32>) -> tensor<1x1x8xf32>
    %7 = stablehlo.subtract %arg0, %6 : tensor<1x1x8xf32>
    %8 = stablehlo.multiply %7, %7 : tensor<1x1x8xf32>
    %9 = stablehlo.reduce(%8 init: %0) applies stablehlo.add across dimensions = [2] : (tensor<1x1x8xf32>, tensor<f32>) -> tensor<1x1xf32>
    %10 = stablehlo.divide %9, %3 : tensor<1x1xf32>
    %11 = stablehlo.broadcast_in_dim %10, dims = [0, 1] : (tensor<1x1xf32>) -> tensor<1x1x1xf32>
    %12 = stablehlo.constant dense<6.250000e-02> : tensor<f32>
    %13 = stablehlo.broadcast_in_dim %12, dims = [] : (tensor<f32>) -> tensor<1x1x1xf32>
    %14 = stablehlo.add %11, %13 : tensor<1x1x1xf32>
    %15 = stablehlo.rsqrt %14 : tensor<1x1x1xf32>
    %16 = stablehlo.broadcast_in_dim %15, dims = [0, 1, 2] : (tensor<1x1x1xf32>) -> tensor<1x1x8xf32>
    %17 = stablehlo.multiply %7, %16 : tensor<1x1x8xf32>
    %18 = stablehlo.broadcast_in_dim %arg1, dims = [2] : (tensor<8xf32>) -> tensor<1x1x8xf32>
    %19 = stablehlo.multiply %17, %18 : tensor<1x1x8xf32>
    return %19 : tensor<1x1x8xf32>
  }
  func.func private @argmax(%arg0: tensor<1x11xf32>) -> tensor<1xi32> {
    %0 = stablehlo.iota dim = 1 : tensor<1x11xi32>
    %1 = stablehlo.constant dense<0xFF800000> : tensor<f32>
    %2 = stablehlo.constant dense<0> : tensor<i32>
    %3:2 = stablehlo.reduce(%arg0 init: %1), (%0 init: %2) across dimensions = [1] : (tensor<1x11xf32>, tensor<1x11xi32>, tensor<f32>, tensor<i32>) -> (tensor<1xf32>, tensor<1xi32>)
     reducer(%arg1: tensor<f32>, %arg3: tensor<f32>) (%arg2: tensor<i32>, %arg4: tensor<i32>)  {
      %4 = stablehlo.compare  GT, %arg1, %arg3,  FLOAT : (tensor<f32>, tensor<f32>) -> tensor<i1>
      %5 = stablehlo.compare  NE, %arg1, %arg1,  FLOAT : (tensor<f32>, tensor<f32>) -> tensor<i1>
      %6 = stablehlo.or %4, %5 : tensor<i1>
      %7 = stablehlo.compare  EQ, %arg1, %arg3,  FLOAT : (tensor<f32>, tensor<f32>) -> tensor<i1>
      %8 = stablehlo.compare  LT, %arg2, %arg4,  SIGNED : (tensor<i32>, tensor<i32>) -> tensor<i1>
      %9 = stablehlo.and %7, %8 : tensor<i1>
      %10 = stablehlo.or %6, %9 : tensor<i1>
      %11 = stablehlo.select %6, %arg1, %arg3 : tensor<i1>, tensor<f32>
      %12 = stablehlo.select %10, %arg2, %arg4 : tensor<i1>, tensor<i32>
      stablehlo.return %11, %12 : tensor<f32>, tensor<i32>
    }
    return %3#1 : tensor<1xi32>
  }
}
)";
};

// A decoder layer over a prompt: norms by the root of the mean of squares, rotated queries and keys, a causal mask, a gated MLP.
struct llama {
  static constexpr char value[] = R"(
module @llama {
  func.func @main(%arg0: tensor<1x4xi32>, %arg1: tensor<11x8xf32>, %arg2: tensor<4x4xf32>, %arg3: tensor<8x8xf32>, %arg4: tensor<8x8xf32>, %arg5: tensor<8x8xf32>, %arg6: tensor<8x8xf32>, %arg7: tensor<8xf32>, %arg8: tensor<8x12xf32>, %arg9: tensor<8x12xf32>, %arg10: tensor<12x8xf32>) -> tensor<1x4x11xf32> {
    %0 = stablehlo.broadcast_in_dim %arg0, dims = [0, 1] : (tensor<1x4xi32>) -> tensor<1x4x1xi32>
    %1 = "stablehlo.gather"(%arg1, %0) {dimension_numbers = #stablehlo.gather<offset_dims = [2], collapsed_slice_dims = [0], start_index_map = [0], index_vector_dim = 2>, indices_are_sorted = false, slice_sizes = array<i64: 1, 8>} : (tensor<11x8xf32>, tensor<1x4x1xi32>) -> tensor<1x4x8xf32>
    %2 = call @norm(%1, %arg7) : (tensor<1x4x8xf32>, tensor<8xf32>) -> tensor<1x4x8xf32>
    %3 = stablehlo.dot_general %2, %arg3, contracting_dims = [2] x [0] : (tensor<1x4x8xf32>, tensor<8x8xf32>) -> tensor<1x4x8xf32>
    %4 = stablehlo.reshape %3 : (tensor<1x4x8xf32>) -> tensor<1x4x2x4xf32>
    %5 = call @rotate(%4, %arg2) : (tensor<1x4x2x4xf32>, tensor<4x4xf32>) -> tensor<1x4x2x4xf32>
    %6 = stablehlo.dot_general %2, %arg4, contracting_dims = [2] x [0] : (tensor<1x4x8xf32>, tensor<8x8xf32>) -> tensor<1x4x8xf32>
    %7 = stablehlo.reshape %6 : (tensor<1x4x8xf32>) -> tensor<1x4x2x4xf32>
    %8 = call @rotate(%7, %arg2) : (tensor<1x4x2x4xf32>, tensor<4x4xf32>) -> tensor<1x4x2x4xf32>
    %9 = stablehlo.dot_general %2, %arg5, contracting_dims = [2] x [0] : (tensor<1x4x8xf32>, tensor<8x8xf32>) -> tensor<1x4x8xf32>
    %10 = stablehlo.reshape %9 : (tensor<1x4x8xf32>) -> tensor<1x4x2x4xf32>
    %11 = stablehlo.dot_general %5, %8, batching_dims = [0, 2] x [0, 2], contracting_dims = [3] x [3] : (tensor<1x4x2x4xf32>, tensor<1x4x2x4xf32>) -> tensor<1x2x4x4xf32>
    %12 = stablehlo.iota dim = 0 : tensor<4xi32>
    %13 = stablehlo.broadcast_in_dim %12, dims = [1] : (tensor<4xi32>) -> tensor<1x4xi32>
    %14 = stablehlo.broadcast_in_dim %13, dims = [0, 1] : (tensor<1x4xi32>) -> tensor<1x4x1xi32>
    %15 = stablehlo.reshape %14 : (tensor<1x4x1xi32>) -> tensor<1x4xi32>
    %16 = stablehlo.broadcast_in_dim %15, dims = [0, 1] : (tensor<1x4xi32>) -> tensor<1x4x4xi32>
    %17 = stablehlo.broadcast_in_dim %13, dims = [0, 2] : (tensor<1x4xi32>) -> tensor<1x4x4xi32>
    %18 = stablehlo.compare  GE, %16, %17 : (tensor<1x4x4xi32>, tensor<1x4x4xi32>) -> tensor<1x4x4xi1>
    %19 = stablehlo.broadcast_in_dim %18, dims = [0, 2, 3] : (tensor<1x4x4xi1>) -> tensor<1x1x4x4xi1>
    %20 = stablehlo.constant dense<0.000000e+00> : tensor<1x1x4x4xf32>
    %21 = stablehlo.constant dense<-1.000000e+10> : tensor<1x1x4x4xf32>
    %22 = stablehlo.select %19, %20, %21 : tensor<1x1x4x4xi1>, tensor<1x1x4x4xf32>
    %23 = stablehlo.reshape %22 : (tensor<1x1x4x4xf32>) -> tensor<1x4x4xf32>
    %24 = stablehlo.broadcast_in_dim %23, dims = [0, 2, 3] : (tensor<1x4x4xf32>) -> tensor<1x2x4x4xf32>
    %25 = stablehlo.add %11, %24 : tensor<1x2x4x4xf32>
    %26 = stablehlo.constant dense<0xFF800000> : tensor<f32>
    %27 = stablehlo.reduce(%25 init: %26) applies stablehlo.maximum across dimensions = [3] : (tensor<1x2x4x4xf32>, tensor<f32>) -> tensor<1x2x4xf32>
    %28 = stablehlo.broadcast_in_dim %27, dims = [0, 1, 2] : (tensor<1x2x4xf32>) -> tensor<1x2x4x1xf32>
    %29 = stablehlo.reshape %28 : (tensor<1x2x4x1xf32>) -> tensor<1x2x4xf32>
    %30 = stablehlo.broadcast_in_dim %29, dims = [0, 1, 2] : (tensor<1x2x4xf32>) -> tensor<1x2x4x4xf32>
    %31 = stablehlo.subtract %25, %30 : tensor<1x2x4x4xf32>
    %32 = stablehlo.exponential %31 : tensor<1x2x4x4xf32>
    %33 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %34 = stablehlo.reduce(%32 init: %33) applies stablehlo.add across dimensions = [3] : (tensor<1x2x4x4xf32>, tensor<f32>) -> tensor<1x2x4xf32>
    %35 = stablehlo.broadcast_in_dim %34, dims = [0, 1, 2] : (tensor<1x2x4xf32>) -> tensor<1x2x4x1xf32>
    %36 = stablehlo.reshape %35 : (tensor<1x2x4x1xf32>) -> tensor<1x2x4xf32>
    %37 = stablehlo.broadcast_in_dim %36, dims = [0, 1, 2] : (tensor<1x2x4xf32>) -> tensor<1x2x4x4xf32>
    %38 = stablehlo.divide %32, %37 : tensor<1x2x4x4xf32>
    %39 = stablehlo.dot_general %10, %38, batching_dims = [0, 2] x [0, 1], contracting_dims = [1] x [3] : (tensor<1x4x2x4xf32>, tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32>
    %40 = stablehlo.transpose %39, dims = [0, 3, 1, 2] {result_layout = dense<[1, 3, 2, 0]> : tensor<4xindex>, xla_shape = "f32[1,4,2,4]{1,3,2,0}"} : (tensor<1x2x4x4xf32>) -> tensor<1x4x2x4xf32>
    %41 = stablehlo.reshape %40 : (tensor<1x4x2x4xf32>) -> tensor<1x4x8xf32>
    %42 = stablehlo.dot_general %41, %arg6, contracting_dims = [2] x [0] : (tensor<1x4x8xf32>, tensor<8x8xf32>) -> tensor<1x4x8xf32>
    %43 = stablehlo.add %1, %42 : tensor<1x4x8xf32>
    %44 = call @norm(%43, %arg7) : (tensor<1x4x8xf32>, tensor<8xf32>) -> tensor<1x4x8xf32>
    %45 = stablehlo.dot_general %44, %arg8, contracting_dims = [2] x [0] : (tensor<1x4x8xf32>, tensor<8x12xf32>) -> tensor<1x4x12xf32>
    %46 = stablehlo.dot_general %44, %arg9, contracting_dims = [2] x [0] : (tensor<1x4x8xf32>, tensor<8x12xf32>) -> tensor<1x4x12xf32>
    %47 = stablehlo.negate %46 : tensor<1x4x12xf32>
    %48 = stablehlo.exponential %47 : tensor<1x4x12xf32>
    %49 = stablehlo.constant dense<1.000000e+00> : tensor<1x4x12xf32>
    %50 = stablehlo.add %48, %49 : tensor<1x4x12xf32>
    %51 = stablehlo.divide %49, %50 : tensor<1x4x12xf32>
    %52 = stablehlo.multiply %46, %51 : tensor<1x4x12xf32>
    %53 = stablehlo.multiply %45, %52 : tensor<1x4x12xf32>
    %54 = stablehlo.dot_general %53, %arg10, contracting_dims = [2] x [0] : (tensor<1x4x12xf32>, tensor<12x8xf32>) -> tensor<1x4x8xf32>
    %55 = stablehlo.add %43, %54 : tensor<1x4x8xf32>
    %56 = stablehlo.dot_general %55, %arg1, contracting_dims = [2] x [1] : (tensor<1x4x8xf32>, tensor<11x8xf32>) -> tensor<1x4x11xf32>
    return %56 : tensor<1x4x11xf32>
  }
  func.func private @norm(%arg0: tensor<1x4x8xf32>, %arg1: tensor<8xf32>) -> tensor<1x4x8xf32> {
    %0 = stablehlo.multiply %arg0, %arg0 : tensor<1x4x8xf32>
    %1 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %2 = stablehlo.reduce(%0 init: %1) applies stablehlo.add across dimensions = [2] : (tensor<1x4x8xf32>, tensor<f32>) -> tensor<1x4xf32>
    %3 = stablehlo.broadcast_in_dim %2, dims = [0, 1] : (tensor<1x4xf32>) -> tensor<1x4x1xf32>
    %4 = stablehlo.constant dense<8.000000e+00> : tensor<1x4x1xf32>
    %5 = stablehlo.divide %3, %4 : tensor<1x4x1xf32>
    %6 = stablehlo.constant dense<6.250000e-02> : tensor<1x4x1xf32>
    %7 = stablehlo.add %5, %6 : tensor<1x4x1xf32>
    %8 = stablehlo.sqrt %7 : tensor<1x4x1xf32>
    %9 = stablehlo.reshape %8 : (tensor<1x4x1xf32>) -> tensor<1x4xf32>
    %10 = stablehlo.broadcast_in_dim %9, dims = [0, 1] : (tensor<1x4xf32>) -> tensor<1x4x8xf32>
    %11 = stablehlo.divide %arg0, %10 : tensor<1x4x8xf32>
    %12 = stablehlo.broadcast_in_dim %arg1, dims = [2] : (tensor<8xf32>) -> tensor<1x4x8xf32>
    %13 = stablehlo.multiply %12, %11 : tensor<1x4x8xf32>
    return %13 : tensor<1x4x8xf32>
  }
  func.func private @rotate(%arg0: tensor<1x4x2x4xf32>, %arg1: tensor<4x4xf32>) -> tensor<1x4x2x4xf32> {
    %0 = stablehlo.reshape %arg1 : (tensor<4x4xf32>) -> tensor<1x4x1x4xf32>
    %1 = stablehlo.slice %0 [0:1, 0:4, 0:1, 2:4] : (tensor<1x4x1x4xf32>) -> tensor<1x4x1x2xf32>
    %2 = stablehlo.concatenate %1, %1, dim = 3 : (tensor<1x4x1x2xf32>, tensor<1x4x1x2xf32>) -> tensor<1x4x1x4xf32>
    %3 = stablehlo.reshape %2 : (tensor<1x4x1x4xf32>) -> tensor<1x4x4xf32>
    %4 = stablehlo.broadcast_in_dim %3, dims = [0, 1, 3] : (tensor<1x4x4xf32>) -> tensor<1x4x2x4xf32>
    %5 = stablehlo.multiply %arg0, %4 : tensor<1x4x2x4xf32>
    %6 = stablehlo.slice %arg0 [0:1, 0:4, 0:2, 2:4] : (tensor<1x4x2x4xf32>) -> tensor<1x4x2x2xf32>
    %7 = stablehlo.negate %6 : tensor<1x4x2x2xf32>
    %8 = stablehlo.slice %arg0 [0:1, 0:4, 0:2, 0:2] : (tensor<1x4x2x4xf32>) -> tensor<1x4x2x2xf32>
    %9 = stablehlo.concatenate %7, %8, dim = 3 : (tensor<1x4x2x2xf32>, tensor<1x4x2x2xf32>) -> tensor<1x4x2x4xf32>
    %10 = stablehlo.slice %0 [0:1, 0:4, 0:1, 0:2] : (tensor<1x4x1x4xf32>) -> tensor<1x4x1x2xf32>
    %11 = stablehlo.concatenate %10, %10, dim = 3 : (tensor<1x4x1x2xf32>, tensor<1x4x1x2xf32>) -> tensor<1x4x1x4xf32>
    %12 = stablehlo.reshape %11 : (tensor<1x4x1x4xf32>) -> tensor<1x4x4xf32>
    %13 = stablehlo.broadcast_in_dim %12, dims = [0, 1, 3] : (tensor<1x4x4xf32>) -> tensor<1x4x2x4xf32>
    %14 = stablehlo.multiply %9, %13 : tensor<1x4x2x4xf32>
    %15 = stablehlo.add %5, %14 : tensor<1x4x2x4xf32>
    return %15 : tensor<1x4x2x4xf32>
  }
}
)";
};

// Convolutions in f16 with batch norm in f32: the stem with its pooling, a block with a projection around it, the head.
struct resnet {
  static constexpr char value[] = R"(
module @resnet attributes {jax.uses_shape_polymorphism = false, mhlo.num_partitions = 1 : i32} {
  func.func public @main(%arg0: tensor<2x3x12x12xf16> {mhlo.layout_mode = "default"}, %arg1: tensor<3x3x3x4xf32>, %arg2: tensor<1x1x4x8xf32>, %arg3: tensor<3x3x4x8xf32>, %arg4: tensor<4xf32>, %arg5: tensor<8xf32>, %arg6: tensor<8x5xf32>, %arg7: tensor<5xf32>) -> (tensor<2x5xf16> {mhlo.layout_mode = "default"}) {
    %0 = stablehlo.transpose %arg0, dims = [0, 2, 3, 1] : (tensor<2x3x12x12xf16>) -> tensor<2x12x12x3xf16>
    %1 = stablehlo.convert %0 : (tensor<2x12x12x3xf16>) -> tensor<2x12x12x3xf32>
    %2 = stablehlo.convert %1 : (tensor<2x12x12x3xf32>) -> tensor<2x12x12x3xf16>
    %3 = stablehlo.convert %arg1 : (tensor<3x3x3x4xf32>) -> tensor<3x3x3x4xf16>
    %4 = stablehlo.convolution(%2, %3) dim_numbers = [b, 0, 1, f]x[0, 1, i, o]->[b, 0, 1, f], window = {stride = [2, 2], pad = [[1, 1], [1, 1]]} {batch_group_count = 1 : i64, feature_group_count = 1 : i64} : (tensor<2x12x12x3xf16>, tensor<3x3x3x4xf16>) -> tensor<2x6x6x4xf16>
    %5 = stablehlo.broadcast_in_dim %arg4, dims = [3] : (tensor<4xf32>) -> tensor<1x1x1x4xf32>
    %6 = stablehlo.convert %4 : (tensor<2x6x6x4xf16>) -> tensor<2x6x6x4xf32>
    %7 = stablehlo.broadcast_in_dim %5, dims = [0, 1, 2, 3] : (tensor<1x1x1x4xf32>) -> tensor<2x6x6x4xf32>
    %8 = stablehlo.subtract %6, %7 : tensor<2x6x6x4xf32>
    %9 = stablehlo.multiply %5, %5 : tensor<1x1x1x4xf32>
    %10 = stablehlo.constant dense<5.000000e-01> : tensor<f32>
    %11 = stablehlo.broadcast_in_dim %10, dims = [] : (tensor<f32>) -> tensor<1x1x1x4xf32>
    %12 = stablehlo.add %9, %11 : tensor<1x1x1x4xf32>
    %13 = stablehlo.rsqrt %12 : tensor<1x1x1x4xf32>
    %14 = stablehlo.reshape %arg4 : (tensor<4xf32>) -> tensor<1x1x1x4xf32>
    %15 = stablehlo.multiply %13, %14 : tensor<1x1x1x4xf32>
    %16 = stablehlo.broadcast_in_dim %15, dims = [0, 1, 2, 3] : (tensor<1x1x1x4xf32>) -> tensor<2x6x6x4xf32>
    %17 = stablehlo.multiply %8, %16 : tensor<2x6x6x4xf32>
    %18 = stablehlo.broadcast_in_dim %14, dims = [0, 1, 2, 3] : (tensor<1x1x1x4xf32>) -> tensor<2x6x6x4xf32>
    %19 = stablehlo.add %17, %18 : tensor<2x6x6x4xf32>
    %20 = stablehlo.convert %19 : (tensor<2x6x6x4xf32>) -> tensor<2x6x6x4xf16>
    %21 = call @relu(%20) : (tensor<2x6x6x4xf16>) -> tensor<2x6x6x4xf16>
    %22 = stablehlo.constant dense<0xFC00> : tensor<f16>
    %23 = stablehlo.broadcast_in_dim %22, dims = [] : (tensor<f16>) -> tensor<f16>
    %24 = "stablehlo.reduce_window"(%21, %23) ({
    ^bb0(%arg8: tensor<f16>, %arg9: tensor<f16>):
      %60 = stablehlo.maximum %arg8, %arg9 : tensor<f16>
      stablehlo.return %60 : tensor<f16>
    }) {padding = dense<[[0, 0], [1, 1], [1, 1], [0, 0]]> : tensor<4x2xi64>, window_dimensions = array<i64: 1, 3, 3, 1>, window_strides = array<i64: 1, 2, 2, 1>} : (tensor<2x6x6x4xf16>, tensor<f16>) -> tensor<2x3x3x4xf16>
    %25 = stablehlo.convert %arg2 : (tensor<1x1x4x8xf32>) -> tensor<1x1x4x8xf16>
    %26 = stablehlo.convolution(%24, %25) dim_numbers = [b, 0, 1, f]x[0, 1, i, o]->[b, 0, 1, f], window = {} {batch_group_count = 1 : i64, feature_group_count = 1 : i64} : (tensor<2x3x3x4xf16>, tensor<1x1x4x8xf16>) -> tensor<2x3x3x8xf16>
    %27 = call @norm(%26, %arg5) : (tensor<2x3x3x8xf16>, tensor<8xf32>) -> tensor<2x3x3x8xf16>
    %28 = stablehlo.convert %arg3 : (tensor<3x3x4x8xf32>) -> tensor<3x3x4x8xf16>
    %29 = stablehlo.convolution(%24, %28) dim_numbers = [b, 0, 1, f]x[0, 1, i, o]->[b, 0, 1, f], window = {pad = [[1, 1], [1, 1]]} {batch_group_count = 1 : i64, feature_group_count = 1 : i64} : (tensor<2x3x3x4xf16>, tensor<3x3x4x8xf16>) -> tensor<2x3x3x8xf16>
    %30 = call @norm(%29, %arg5) : (tensor<2x3x3x8xf16>, tensor<8xf32>) -> tensor<2x3x3x8xf16>
    %31 = stablehlo.add %30, %27 : tensor<2x3x3x8xf16>
    %32 = call @relu_0(%31) : (tensor<2x3x3x8xf16>) -> tensor<2x3x3x8xf16>
    %33 = stablehlo.convert %32 : (tensor<2x3x3x8xf16>) -> tensor<2x3x3x8xf32>
    %34 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %35 = stablehlo.reduce(%33 init: %34) applies stablehlo.add across dimensions = [1, 2] : (tensor<2x3x3x8xf32>, tensor<f32>) -> tensor<2x8xf32>
    %36 = stablehlo.constant dense<9.000000e+00> : tensor<f32>
    %37 = stablehlo.broadcast_in_dim %36, dims = [] : (tensor<f32>) -> tensor<2x8xf32>
    %38 = stablehlo.divide %35, %37 : tensor<2x8xf32>
    %39 = stablehlo.convert %38 : (tensor<2x8xf32>) -> tensor<2x8xf16>
    %40 = stablehlo.convert %arg6 : (tensor<8x5xf32>) -> tensor<8x5xf16>
    %41 = stablehlo.dot_general %39, %40, contracting_dims = [1] x [0] : (tensor<2x8xf16>, tensor<8x5xf16>) -> tensor<2x5xf16>
    %42 = stablehlo.convert %arg7 : (tensor<5xf32>) -> tensor<5xf16>
    %43 = stablehlo.reshape %42 : (tensor<5xf16>) -> tensor<1x5xf16>
    %44 = stablehlo.broadcast_in_dim %43, dims = [0, 1] : (tensor<1x5xf16>) -> tensor<2x5xf16>
    %45 = stablehlo.add %41, %44 : tensor<2x5xf16>
    return %45 : tensor<2x5xf16>
  }
  func.func private @norm(%arg0: tensor<2x3x3x8xf16>, %arg1: tensor<8xf32>) -> tensor<2x3x3x8xf16> {
    %0 = stablehlo.broadcast_in_dim %arg1, dims = [3] : (tensor<8xf32>) -> tensor<1x1x1x8xf32>
    %1 = stablehlo.convert %arg0 : (tensor<2x3x3x8xf16>) -> tensor<2x3x3x8xf32>
    %2 = stablehlo.broadcast_in_dim %0, dims = [0, 1, 2, 3] : (tensor<1x1x1x8xf32>) -> tensor<2x3x3x8xf32>
    %3 = stablehlo.subtract %1, %2 : tensor<2x3x3x8xf32>
    %4 = stablehlo.multiply %0, %0 : tensor<1x1x1x8xf32>
    %5 = stablehlo.constant dense<1.000000e+00> : tensor<f32>
    %6 = stablehlo.broadcast_in_dim %5, dims = [] : (tensor<f32>) -> tensor<1x1x1x8xf32>
    %7 = stablehlo.add %4, %6 : tensor<1x1x1x8xf32>
    %8 = stablehlo.rsqrt %7 : tensor<1x1x1x8xf32>
    %9 = stablehlo.broadcast_in_dim %8, dims = [0, 1, 2, 3] : (tensor<1x1x1x8xf32>) -> tensor<2x3x3x8xf32>
    %10 = stablehlo.multiply %3, %9 : tensor<2x3x3x8xf32>
    %11 = stablehlo.add %10, %2 : tensor<2x3x3x8xf32>
    %12 = stablehlo.convert %11 : (tensor<2x3x3x8xf32>) -> tensor<2x3x3x8xf16>
    return %12 : tensor<2x3x3x8xf16>
  }
  func.func private @relu(%arg0: tensor<2x6x6x4xf16>) -> tensor<2x6x6x4xf16> {
    %0 = stablehlo.constant dense<0.000000e+00> : tensor<f16>
    %1 = stablehlo.broadcast_in_dim %0, dims = [] : (tensor<f16>) -> tensor<2x6x6x4xf16>
    %2 = stablehlo.maximum %arg0, %1 : tensor<2x6x6x4xf16>
    return %2 : tensor<2x6x6x4xf16>
  }
  func.func private @relu_0(%arg0: tensor<2x3x3x8xf16>) -> tensor<2x3x3x8xf16> {
    %0 = stablehlo.constant dense<0.000000e+00> : tensor<f16>
    %1 = stablehlo.broadcast_in_dim %0, dims = [] : (tensor<f16>) -> tensor<2x3x3x8xf16>
    %2 = stablehlo.maximum %arg0, %1 : tensor<2x3x3x8xf16>
    return %2 : tensor<2x3x3x8xf16>
  }
}
)";
};

// Nothing but a loop that writes rows into a cache, and carries what it reads.
struct cache {
  static constexpr char value[] = R"(
module @jit_fill {
  func.func public @main(%arg0: tensor<4x256xf32>, %arg1: tensor<256xf32>) -> tensor<64x256xf32> {
    %0 = stablehlo.constant dense<0> : tensor<i32>
    %1 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %2 = stablehlo.broadcast_in_dim %1, dims = [] : (tensor<f32>) -> tensor<64x256xf32>
    %3:4 = stablehlo.while(%iterArg = %0, %iterArg_0 = %2, %iterArg_1 = %arg0, %iterArg_2 = %arg1) : tensor<i32>, tensor<64x256xf32>, tensor<4x256xf32>, tensor<256xf32>
     cond {
      %4 = stablehlo.constant dense<4> : tensor<i32>
      %5 = stablehlo.compare  LT, %iterArg, %4,  SIGNED : (tensor<i32>, tensor<i32>) -> tensor<i1>
      stablehlo.return %5 : tensor<i1>
    } do {
      %4 = stablehlo.constant dense<0> : tensor<i32>
      %5 = stablehlo.dynamic_slice %iterArg_1, %iterArg, %4, sizes = [1, 256] : (tensor<4x256xf32>, tensor<i32>, tensor<i32>) -> tensor<1x256xf32>
      %6 = stablehlo.broadcast_in_dim %iterArg_2, dims = [1] : (tensor<256xf32>) -> tensor<1x256xf32>
      %7 = stablehlo.multiply %5, %6 : tensor<1x256xf32>
      %8 = stablehlo.dynamic_update_slice %iterArg_0, %7, %iterArg, %4 : (tensor<64x256xf32>, tensor<1x256xf32>, tensor<i32>, tensor<i32>) -> tensor<64x256xf32>
      %9 = stablehlo.constant dense<1> : tensor<i32>
      %10 = stablehlo.add %iterArg, %9 : tensor<i32>
      stablehlo.return %10, %8, %iterArg_1, %iterArg_2 : tensor<i32>, tensor<64x256xf32>, tensor<4x256xf32>, tensor<256xf32>
    }
    return %3#1 : tensor<64x256xf32>
  }
}
)";
};

}  // namespace small_models
