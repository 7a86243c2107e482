// SPDX-License-Identifier: Apache-2.0
// A function on a GPU, with an element op and a reduction of your own: their functions are compiled for both sides. Where there is no GPU
// the same kernels run on the host, one thread after the other.   nvcc -std=c++20 -arch=native -I<sinter>/include 19_cuda.cu
#include <iostream>
#include <sinter/core/print.hpp>
#include <sinter/cuda.hpp>

struct softsign {  // x / (1 + |x|)
  static constexpr const char* name = "softsign";
  __host__ __device__ auto operator()(auto x) const { return x / (1 + abs(x)); }
};
struct length {  // the Euclidean norm; CUDA has a function ::norm
  static constexpr const char* name = "length";
  static constexpr double identity = 0;
  template <class P> __host__ __device__ static P accumulate(P sum, P x) { return fma(x, x, sum); }
  template <class P> __host__ __device__ static P combine(P a, P b) { return a + b; }
  template <class P> __host__ __device__ static P finish(P sum) { return sqrt(sum); }
};

constexpr auto f = sinter::fn([](auto x) {
  auto y = sinter::map<softsign>(x);
  return y / sinter::reduce<length>(y, sinter::axis<1>, sinter::keepdims);
});

int main() {
  const sinter::tensor<float, 2, 4> x{{-3, -1, 0, 1}, {2, 3, 4, 5}};
  sinter::tensor<float, 2, 4> y;
  int gpus = 0;
  if (cudaGetDeviceCount(&gpus) == cudaSuccess && gpus > 0) y = f(sinter::device::to(x)).to_host();
  else sinter::device::replay(f, y, x);
  std::cout << y << '\n';
}

// Output:
// [[-0.727607, -0.485071,         0,  0.485071],
//  [ 0.435684,  0.490145,  0.522821,  0.544605]]
