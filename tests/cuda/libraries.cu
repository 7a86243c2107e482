// SPDX-License-Identifier: Apache-2.0
// Functions on backends of NVIDIA's libraries against the kernels of sinter, on a GPU: prints what differs and returns 0 where nothing
// does. Those of cuDNN and cuBLASLt where they are found, which SINTER_TEST_CUDNN says. Run where there is a GPU; linked with a file that
// includes sinter/cub_implementation.hpp.
#include <cmath>
#include <cstdio>

#include <sinter/cub.hpp>

#if SINTER_TEST_CUDNN
#include <sinter/cudnn.hpp>
#endif

using namespace sinter;

namespace {

int failures = 0;

template <class X> X filled(unsigned seed) {
  typename X::host x;
  for (auto& e : x) {
    seed = seed * 1664525u + 1013904223u;
    e = static_cast<std::remove_reference_t<decltype(e)>>(static_cast<float>(seed * 0x1p-31 - 1));
  }
  return device::to(x);
}
// Three calls, of which the second is recorded and the third launches the graph.
template <class Backend, class F, class... X> void check(const char* name, double bound, F f, const X&... x) {
  const auto want = f(x...).to_host();
  auto y = f(x...);
  for (int call = 0; call < 3; ++call) {
    y.fill(static_cast<typename decltype(y)::value_type>(77));
    f.template on<Backend>().into(y, x...);
    const auto got = y.to_host();
    long long wrong = 0;
    for (extent_t i = 0; i < want.size(); ++i) {
      const auto a = static_cast<double>(got.data()[i]), b = static_cast<double>(want.data()[i]);
      wrong += !(std::fabs(a - b) <= bound * (1 + std::fabs(b)));
    }
    if (wrong != 0)
      std::printf("%s, call %d: %lld of %lld elements differ\n", name, call, wrong, static_cast<long long>(want.size())), ++failures;
  }
}

constexpr auto up = fn([](auto x) { return sort(x); });
constexpr auto down = fn([](auto x) { return argsort(x, descending); });

void check_sorts() {
  constexpr extent_t n = (1 << 20) + 37;
  using cub = backend::cub;
  check<cub>("sort", 0, up, filled<device::tensor<float, n>>(1));
  check<cub>("argsort", 0, down, filled<device::tensor<float16, 2, n>>(2));
  check<cub>("argsort f64", 0, down, filled<device::tensor<double, n>>(3));
}

#if SINTER_TEST_CUDNN
constexpr auto layer =
    fn([](auto x, auto k, auto b) { return relu(conv(x, k, same_padding, dimension_numbers<"NHWC", "OHWI", "NHWC">) + b); });
constexpr auto biased = fn([](auto x, auto k, auto b) { return conv(x, k, dimension_numbers<"NHWC", "HWIO", "NHWC">) + b; });
constexpr auto usual = fn([](auto x, auto k) { return conv(x, k, window_strides<2, 2>, rhs_dilation<1, 2>); });
constexpr auto volumes = fn([](auto x, auto k) { return conv(x, k, dimension_numbers<"NDHWC", "DHWIO", "NDHWC">); });
constexpr auto dense = fn([](auto x, auto w, auto b) { return gelu_tanh(dot(x, w) + b); });

template <class T> void check_layer(const char* type, double bound) {
  std::printf("%s\n", type);
  check<backend::cudnn>("layer", bound, layer, filled<device::tensor<T, 4, 14, 14, 32>>(1), filled<device::tensor<T, 64, 3, 3, 32>>(2),
                        filled<device::tensor<T, 64>>(3));
}

void check_products() {
  using cudnn = backend::cudnn;
  check_layer<float>("f32", 1e-4);
  check_layer<double>("f64", 1e-12);
  check_layer<float16>("f16", 2e-2);
  check_layer<bfloat16>("bf16", 1e-1);
  check<cudnn>("bias", 1e-4, biased, filled<device::tensor<float, 4, 14, 14, 32>>(1), filled<device::tensor<float, 3, 3, 32, 64>>(2),
               filled<device::tensor<float, 64>>(3));
  check<cudnn>("strides", 1e-4, usual, filled<device::tensor<float, 4, 16, 15, 17>>(4), filled<device::tensor<float, 24, 16, 3, 3>>(5));
  check<cudnn>("volumes", 1e-1, volumes, filled<device::tensor<bfloat16, 2, 6, 7, 8, 8>>(6),
               filled<device::tensor<bfloat16, 3, 3, 3, 8, 16>>(7));
  check<cudnn>("product", 1e-1, dense, filled<device::tensor<bfloat16, 64, 128>>(8), filled<device::tensor<bfloat16, 128, 96>>(9),
               filled<device::tensor<bfloat16, 96>>(10));
}
#else
void check_products() { std::printf("cuDNN or cuBLASLt was not found: their tests are skipped\n"); }
#endif

}  // namespace

int main() {
  check_sorts();
  check_products();
  std::printf("%d failures\n", failures);
  return failures != 0;
}
