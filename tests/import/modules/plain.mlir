func.func @main(%arg0: tensor<f32>) -> tensor<f32> {  // a trigraph ??/ and	a tab, é and "\0A"
  %0 = stablehlo.custom_call @Sharding(%arg0) {backend_config = "a \"quoted\" \\ word"} : (tensor<f32>) -> tensor<f32>
  %1 = stablehlo.add %0, %0 : tensor<f32>
  return %1 : tensor<f32>
}
