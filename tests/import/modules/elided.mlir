func.func @main(%x: tensor<1x64xf32>) -> (tensor<1x16xf32>, tensor<64x16xf32>, tensor<64xf16>, tensor<8xi64>) {
  %w = stablehlo.constant dense_resource<__elided__> : tensor<64x16xf32>
  %v = stablehlo.constant dense_resource<__elided__> : tensor<64xf16>
  %i = stablehlo.constant dense_resource<__elided__> : tensor<8xi64>
  %0 = stablehlo.dot %x, %w : (tensor<1x64xf32>, tensor<64x16xf32>) -> tensor<1x16xf32>
  return %0, %w, %v, %i : tensor<1x16xf32>, tensor<64x16xf32>, tensor<64xf16>, tensor<8xi64>
}
