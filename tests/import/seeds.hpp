// SPDX-License-Identifier: Apache-2.0
// Small modules that together use all of the grammar; each is sound.
#pragma once

inline constexpr const char* seeds[] = {
    // Element ops, constants of all kinds, aliases, locations, comments.
    R"(#loc = loc("a.py":1:2)
!t = tensor<4xf32>
module @m attributes {mhlo.num_partitions = 1 : i32} {
  func.func public @main(%arg0: !t {jax.arg_info = "x"}, %arg1: tensor<4xf32> loc("y")) -> (!t {jax.result_info = ""}) {
    // a comment
    %cst = stablehlo.constant dense<[1.0, -2.5e-1, 0x7FC00000, 1e3]> : tensor<4xf32> loc(#loc)
    %0 = stablehlo.add %arg0, %cst : !t
    %1 = "stablehlo.multiply"(%0, %arg1) : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
    %2 = stablehlo.constant dense<"0x000080BF0000003F0000404000008040"> : tensor<4xf32>
    %3 = stablehlo.compare  GT, %1, %2,  FLOAT : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xi1>
    %4 = stablehlo.select %3, %1, %2 : tensor<4xi1>, tensor<4xf32>
    %5 = chlo.erf %4 : tensor<4xf32> -> tensor<4xf32>
    return %5 : !t loc(#loc)
  } loc(#loc)
} loc(#loc)
)",
    // Calls, several results, private functions defined later.
    R"(func.func @main(%a: tensor<2x3xi32>) -> (tensor<2x3xi32>, tensor<3x2xi32>) {
  %0:2 = call @pair(%a) : (tensor<2x3xi32>) -> (tensor<2x3xi32>, tensor<3x2xi32>)
  %1 = func.call @"twice"(%0#0) : (tensor<2x3xi32>) -> tensor<2x3xi32>
  return %1, %0#1 : tensor<2x3xi32>, tensor<3x2xi32>
}
func.func private @pair(%a: tensor<2x3xi32>) -> (tensor<2x3xi32>, tensor<3x2xi32>) {
  %0 = stablehlo.transpose %a, dims = [1, 0] : (tensor<2x3xi32>) -> tensor<3x2xi32>
  return %a, %0 : tensor<2x3xi32>, tensor<3x2xi32>
}
func.func private @twice(%a: tensor<2x3xi32>) -> tensor<2x3xi32> {
  %0 = stablehlo.add %a, %a : tensor<2x3xi32>
  return %0 : tensor<2x3xi32>
}
)",
    // Loops.
    R"(func.func @main(%n: tensor<i32>, %x: tensor<3xf32>) -> tensor<3xf32> {
  %c = stablehlo.constant dense<0> : tensor<i32>
  %c_0 = stablehlo.constant dense<1> : tensor<i32>
  %0:2 = stablehlo.while(%i = %c, %y = %x) : tensor<i32>, tensor<3xf32> attributes {a = 1 : i64}
    cond {
      %1 = stablehlo.compare LT, %i, %n, SIGNED : (tensor<i32>, tensor<i32>) -> tensor<i1>
      stablehlo.return %1 : tensor<i1>
    } do {
      %1 = stablehlo.add %i, %c_0 : tensor<i32>
      %2 = stablehlo.sine %y : tensor<3xf32>
      stablehlo.return %1, %2 : tensor<i32>, tensor<3xf32>
    }
  return %0#1 : tensor<3xf32>
}
)",
    // Branches, the generic form.
    R"("builtin.module"() <{sym_name = "m"}> ({
  "func.func"() <{function_type = (tensor<i1>, tensor<i32>, tensor<2xf32>) -> tensor<2xf32>, sym_name = "main"}> ({
  ^bb0(%p: tensor<i1>, %k: tensor<i32>, %x: tensor<2xf32>):
    %0 = "stablehlo.if"(%p) ({
      %2 = "stablehlo.negate"(%x) : (tensor<2xf32>) -> tensor<2xf32>
      "stablehlo.return"(%2) : (tensor<2xf32>) -> ()
    }, {
      "stablehlo.return"(%x) : (tensor<2xf32>) -> ()
    }) : (tensor<i1>) -> tensor<2xf32>
    %1 = "stablehlo.case"(%k) ({
      "stablehlo.return"(%0) : (tensor<2xf32>) -> ()
    }, {
      %2 = "stablehlo.add"(%0, %x) : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
      "stablehlo.return"(%2) : (tensor<2xf32>) -> ()
    }, {
      "stablehlo.return"(%x) : (tensor<2xf32>) -> ()
    }) : (tensor<i32>) -> tensor<2xf32>
    "func.return"(%1) : (tensor<2xf32>) -> ()
  }) : () -> ()
}) : () -> ()
)",
    // Reductions in all forms, windows, sorts.
    R"(func.func @main(%x: tensor<4x6xf32>) -> (tensor<4xf32>, tensor<6xi32>, tensor<2x3xf32>, tensor<4x6xf32>) {
  %z = stablehlo.constant dense<0.0> : tensor<f32>
  %k = stablehlo.constant dense<0> : tensor<i32>
  %0 = stablehlo.reduce(%x init: %z) applies stablehlo.add across dimensions = [1] : (tensor<4x6xf32>, tensor<f32>) -> tensor<4xf32>
  %i = stablehlo.iota dim = 0 : tensor<4x6xi32>
  %1:2 = stablehlo.reduce(%x init: %z), (%i init: %k) across dimensions = [0] : (tensor<4x6xf32>, tensor<4x6xi32>, tensor<f32>, tensor<i32>) -> (tensor<6xf32>, tensor<6xi32>)
   reducer(%a: tensor<f32>, %b: tensor<f32>) (%c: tensor<i32>, %d: tensor<i32>) {
    %3 = stablehlo.compare GE, %a, %b, FLOAT : (tensor<f32>, tensor<f32>) -> tensor<i1>
    %4 = stablehlo.select %3, %a, %b : tensor<i1>, tensor<f32>
    %5 = stablehlo.select %3, %c, %d : tensor<i1>, tensor<i32>
    stablehlo.return %4, %5 : tensor<f32>, tensor<i32>
  }
  %2 = "stablehlo.reduce_window"(%x, %z) ({
    ^bb0(%a: tensor<f32>, %b: tensor<f32>):
      %3 = stablehlo.maximum %a, %b : tensor<f32>
      stablehlo.return %3 : tensor<f32>
  }) {window_dimensions = array<i64: 2, 2>, window_strides = array<i64: 2, 2>, padding = dense<0> : tensor<2x2xi64>} : (tensor<4x6xf32>, tensor<f32>) -> tensor<2x3xf32>
  %s = "stablehlo.sort"(%x) <{dimension = 1 : i64, is_stable = true}> ({
    ^bb0(%a: tensor<f32>, %b: tensor<f32>):
      %3 = stablehlo.compare LT, %a, %b, TOTALORDER : (tensor<f32>, tensor<f32>) -> tensor<i1>
      stablehlo.return %3 : tensor<i1>
  }) : (tensor<4x6xf32>) -> tensor<4x6xf32>
  return %0, %1#1, %2, %s : tensor<4xf32>, tensor<6xi32>, tensor<2x3xf32>, tensor<4x6xf32>
}
)",
    // Indexing.
    R"(func.func @main(%x: tensor<3x4x2xi32>, %at: tensor<2x2xi64>, %u: tensor<2x2x2xi32>) -> (tensor<2x2x2xi32>, tensor<3x4x2xi32>) {
  %0 = "stablehlo.gather"(%x, %at) {
    dimension_numbers = #stablehlo.gather<offset_dims = [1, 2], collapsed_slice_dims = [0], start_index_map = [1, 0], index_vector_dim = 1>,
    slice_sizes = array<i64: 1, 2, 2>, indices_are_sorted = false
  } : (tensor<3x4x2xi32>, tensor<2x2xi64>) -> tensor<2x2x2xi32>
  %1 = "stablehlo.scatter"(%x, %at, %u) <{
    scatter_dimension_numbers = #stablehlo.scatter<update_window_dims = [1, 2], inserted_window_dims = [0], scatter_dims_to_operand_dims = [0, 1], index_vector_dim = 1>,
    indices_are_sorted = false, unique_indices = false}> ({
    ^bb0(%a: tensor<i32>, %b: tensor<i32>):
      %2 = stablehlo.add %a, %b : tensor<i32>
      stablehlo.return %2 : tensor<i32>
  }) : (tensor<3x4x2xi32>, tensor<2x2xi64>, tensor<2x2x2xi32>) -> tensor<3x4x2xi32>
  return %0, %1 : tensor<2x2x2xi32>, tensor<3x4x2xi32>
}
)",
    // Views.
    R"(func.func @main(%x: tensor<3x4xf32>, %i: tensor<i32>) -> (tensor<2x2xf32>, tensor<3x4xf32>, tensor<7x4xf32>, tensor<5x9xf32>) {
  %0 = stablehlo.slice %x [0:2, 0:4:2] : (tensor<3x4xf32>) -> tensor<2x2xf32>
  %1 = stablehlo.reverse %x, dims = [1] : tensor<3x4xf32>
  %2 = stablehlo.dynamic_slice %x, %i, %i, sizes = [2, 2] : (tensor<3x4xf32>, tensor<i32>, tensor<i32>) -> tensor<2x2xf32>
  %3 = stablehlo.dynamic_update_slice %1, %2, %i, %i : (tensor<3x4xf32>, tensor<2x2xf32>, tensor<i32>, tensor<i32>) -> tensor<3x4xf32>
  %4 = stablehlo.broadcast_in_dim %i, dims = [] : (tensor<i32>) -> tensor<4x4xi32>
  %5 = stablehlo.convert %4 : (tensor<4x4xi32>) -> tensor<4x4xf32>
  %6 = stablehlo.concatenate %3, %5, dim = 0 : (tensor<3x4xf32>, tensor<4x4xf32>) -> tensor<7x4xf32>
  %z = stablehlo.constant dense<0.0> : tensor<f32>
  %7 = stablehlo.pad %x, %z, low = [1, -1], high = [1, 3], interior = [0, 1] : (tensor<3x4xf32>, tensor<f32>) -> tensor<5x9xf32>
  %8 = stablehlo.reshape %0 : (tensor<2x2xf32>) -> tensor<4xf32>
  %9 = stablehlo.reshape %8 : (tensor<4xf32>) -> tensor<2x2xf32>
  return %9, %3, %6, %7 : tensor<2x2xf32>, tensor<3x4xf32>, tensor<7x4xf32>, tensor<5x9xf32>
}
)",
    // Products and convolutions.
    R"(func.func @main(%a: tensor<2x3x4xf32>, %b: tensor<2x4x5xf32>, %x: tensor<1x8x8x3xf32>, %k: tensor<3x3x3x4xf32>) -> (tensor<2x3x5xf32>, tensor<1x4x4x4xf32>) {
  %0 = stablehlo.dot_general %a, %b, batching_dims = [0] x [0], contracting_dims = [2] x [1], precision = [DEFAULT, DEFAULT] : (tensor<2x3x4xf32>, tensor<2x4x5xf32>) -> tensor<2x3x5xf32>
  %1 = stablehlo.convolution(%x, %k) dim_numbers = [b, 0, 1, f]x[0, 1, i, o]->[b, 0, 1, f], window = {stride = [2, 2], pad = [[0, 1], [0, 1]], lhs_dilate = [1, 1], rhs_dilate = [1, 1], reverse = [false, false]} {batch_group_count = 1 : i64, feature_group_count = 1 : i64} : (tensor<1x8x8x3xf32>, tensor<3x3x3x4xf32>) -> tensor<1x4x4x4xf32>
  return %0, %1 : tensor<2x3x5xf32>, tensor<1x4x4x4xf32>
}
)",
    // Complex and narrow elements, bits.
    R"(func.func @main(%x: tensor<2xcomplex<f32>>) -> (tensor<2xf32>, tensor<3xi4>, tensor<2xi32>) {
  %0 = stablehlo.constant dense<[(1.0, -2.0), (0x7F800000, 3.0)]> : tensor<2xcomplex<f32>>
  %1 = stablehlo.multiply %x, %0 : tensor<2xcomplex<f32>>
  %2 = stablehlo.abs %1 : (tensor<2xcomplex<f32>>) -> tensor<2xf32>
  %3 = stablehlo.constant dense<[1, -8, 7]> : tensor<3xi4>
  %4 = stablehlo.add %3, %3 : tensor<3xi4>
  %5 = stablehlo.constant dense<1.5> : tensor<2xf8E5M2>
  %6 = stablehlo.convert %5 : (tensor<2xf8E5M2>) -> tensor<2xf32>
  %7 = stablehlo.reduce_precision %6, format = e5m10 : tensor<2xf32>
  %8 = stablehlo.bitcast_convert %7 : (tensor<2xf32>) -> tensor<2xi32>
  %9 = stablehlo.fft %1, type = FFT, length = [2] : (tensor<2xcomplex<f32>>) -> tensor<2xcomplex<f32>>
  %10 = stablehlo.real %9 : (tensor<2xcomplex<f32>>) -> tensor<2xf32>
  %11 = stablehlo.subtract %2, %10 : tensor<2xf32>
  return %11, %4, %8 : tensor<2xf32>, tensor<3xi4>, tensor<2xi32>
}
)",
    // Linear algebra, random numbers, normalisation, tuples.
    R"(func.func @main(%a: tensor<3x3xf32>, %s: tensor<2xui64>, %v: tensor<3xf32>) -> (tensor<3x3xf32>, tensor<4xui32>, tensor<3x3xf32>) {
  %0 = "stablehlo.cholesky"(%a) {lower = true} : (tensor<3x3xf32>) -> tensor<3x3xf32>
  %1 = "stablehlo.triangular_solve"(%0, %a) {left_side = true, lower = true, unit_diagonal = false, transpose_a = #stablehlo<transpose NO_TRANSPOSE>} : (tensor<3x3xf32>, tensor<3x3xf32>) -> tensor<3x3xf32>
  %2:2 = stablehlo.rng_bit_generator %s, algorithm = THREE_FRY : (tensor<2xui64>) -> (tensor<2xui64>, tensor<4xui32>)
  %3 = "stablehlo.batch_norm_inference"(%a, %v, %v, %v, %v) {epsilon = 1.0e-5 : f32, feature_index = 1 : i64} : (tensor<3x3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>) -> tensor<3x3xf32>
  %4 = stablehlo.tuple %1, %2#1 : tuple<tensor<3x3xf32>, tensor<4xui32>>
  %5 = stablehlo.get_tuple_element %4[0] : (tuple<tensor<3x3xf32>, tensor<4xui32>>) -> tensor<3x3xf32>
  return %5, %2#1, %3 : tensor<3x3xf32>, tensor<4xui32>, tensor<3x3xf32>
}
)",
    // Composites, custom calls, barriers, tokens, arrays that are put aside.
    R"(func.func @main(%x: tensor<2x2xf32>) -> tensor<2x2xf32> {
  %w = stablehlo.constant dense_resource<w> : tensor<2x2xf32>
  %0 = stablehlo.composite "a.b" %x {decomposition = @inner, version = 1 : i32} : (tensor<2x2xf32>) -> tensor<2x2xf32>
  %1:2 = stablehlo.optimization_barrier %0, %w : tensor<2x2xf32>, tensor<2x2xf32>
  %2 = stablehlo.create_token : !stablehlo.token
  %3 = stablehlo.custom_call @Sharding(%1#0) {mhlo.sharding = "{replicated}"} : (tensor<2x2xf32>) -> tensor<2x2xf32>
  %4 = stablehlo.custom_call @mhlo.erf(%3) {mhlo.version = 1 : i64} : (tensor<2x2xf32>) -> tensor<2x2xf32>
  %5 = stablehlo.dot %4, %1#1, precision = [HIGH, HIGH] : (tensor<2x2xf32>, tensor<2x2xf32>) -> tensor<2x2xf32>
  return %5 : tensor<2x2xf32>
}
func.func private @inner(%x: tensor<2x2xf32>) -> tensor<2x2xf32> {
  %0 = chlo.square %x : tensor<2x2xf32> -> tensor<2x2xf32>
  return %0 : tensor<2x2xf32>
}
{-#
  dialect_resources: { builtin: { w: "0x04000000" } }
#-}
)",
    // Checks, maps, select_and_scatter, top_k.
    R"(func.func @main() {
  %x = stablehlo.constant dense<[[1.0, 5.0], [3.0, 2.0]]> : tensor<2x2xf32>
  %z = stablehlo.constant dense<0.0> : tensor<f32>
  %o = stablehlo.constant dense<7.0> : tensor<1x1xf32>
  %0 = "stablehlo.map"(%x) ({
    ^bb0(%a: tensor<f32>):
      %5 = stablehlo.multiply %a, %a : tensor<f32>
      stablehlo.return %5 : tensor<f32>
  }) {dimensions = array<i64: 0, 1>} : (tensor<2x2xf32>) -> tensor<2x2xf32>
  check.expect_almost_eq_const %0, dense<[[1.0, 25.0], [9.0, 4.0]]> : tensor<2x2xf32>
  %1 = "stablehlo.select_and_scatter"(%x, %o, %z) ({
    ^bb0(%a: tensor<f32>, %b: tensor<f32>):
      %5 = stablehlo.compare GE, %a, %b : (tensor<f32>, tensor<f32>) -> tensor<i1>
      stablehlo.return %5 : tensor<i1>
  }, {
    ^bb0(%a: tensor<f32>, %b: tensor<f32>):
      %5 = stablehlo.add %a, %b : tensor<f32>
      stablehlo.return %5 : tensor<f32>
  }) {window_dimensions = array<i64: 2, 2>, window_strides = array<i64: 1, 1>} : (tensor<2x2xf32>, tensor<1x1xf32>, tensor<f32>) -> tensor<2x2xf32>
  check.expect_eq %1, %1 : tensor<2x2xf32>
  %v, %i = chlo.top_k(%x, k = 1) : tensor<2x2xf32> -> (tensor<2x1xf32>, tensor<2x1xi32>)
  check.expect_eq_const %i, dense<[[1], [0]]> : tensor<2x1xi32>
  func.return
}
)",
};
