// Constants in resources, as bytes, as lists, and some that were left out.
module @weights {
  func.func public @main(%arg0: tensor<2x4xf32>) -> (tensor<2x3xf32>, tensor<20xi32>, tensor<3xi1>, tensor<2xcomplex<f32>>, tensor<17xui4>) {
    %w = stablehlo.constant dense_resource<weights> : tensor<4x3xf32>
    %b = stablehlo.constant dense_resource<"the bias"> : tensor<3xf32>
    %0 = stablehlo.dot_general %arg0, %w, contracting_dims = [1] x [0] : (tensor<2x4xf32>, tensor<4x3xf32>) -> tensor<2x3xf32>
    %1 = stablehlo.broadcast_in_dim %b, dims = [1] : (tensor<3xf32>) -> tensor<2x3xf32>
    %2 = stablehlo.add %0, %1 : tensor<2x3xf32>
    %3 = stablehlo.constant dense<[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, -19]> : tensor<20xi32> // "quoted"
    %4 = stablehlo.constant dense_resource<truth> : tensor<3xi1>
    %5 = stablehlo.constant dense<"0x0000803F000000400000404000008040"> : tensor<2xcomplex<f32>>
    %6 = stablehlo.constant dense<[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 0, 15]> : tensor<17xui4>
    return %2, %3, %4, %5, %6 : tensor<2x3xf32>, tensor<20xi32>, tensor<3xi1>, tensor<2xcomplex<f32>>, tensor<17xui4>
  }
}

{-#
  dialect_resources: {
    builtin: {
      weights: "0x040000000000803F0000000000000000000000000000803F00000000000000000000000000000040000000400000000000000000",
      "the bias": "0x04000000000020410000A0410000F041",
      truth: "0x01000000010001"
    }
  }
#-}
