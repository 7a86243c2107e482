// SPDX-License-Identifier: Apache-2.0
// Functions on backend::cudnn, run on the host with libraries that do what they are told: windows as descriptors, what is one call, what
// is left to cuBLASLt and to the kernels of sinter.
#include <sinter/run/cudnn.hpp>
#include <sinter/sinter.hpp>

#include <cmath>

#include <doctest/doctest.h>

#include "cuda/fake_cublaslt.hpp"
#include "cuda/fake_cudnn.hpp"

namespace {

using namespace sinter;
using convolutions = std::vector<fake::convolution>;
using axes_of = std::vector<int>;

constexpr auto nhwc = dimension_numbers<"NHWC", "HWIO", "NHWC">;
constexpr auto ohwi = dimension_numbers<"NHWC", "OHWI", "NHWC">;
constexpr auto plain = fn([](auto x, auto k) { return conv(x, k, nhwc); });
constexpr auto strided = fn([](auto x, auto k) { return conv(x, k, window_strides<2, 3>, ohwi); });
constexpr auto dilated = fn([](auto x, auto k) { return conv(x, k, rhs_dilation<2, 2>, ohwi); });
constexpr auto dilated_above = fn([](auto x, auto k) { return conv(x, k, rhs_dilation<2, 1>, window_strides<1, 2>, nhwc); });
constexpr auto usual = fn([](auto x, auto k) { return conv(x, k, same_padding); });
constexpr auto with_bias = fn([](auto x, auto k, auto b) { return conv(x, k, same_padding, ohwi) + b; });
constexpr auto layer = fn([](auto x, auto k, auto b) { return relu(conv(x, k, same_padding, ohwi) + b); });
constexpr auto with_gelu = fn([](auto x, auto k, auto b) { return gelu_tanh(conv(x, k, ohwi) + b); });
constexpr auto two = fn([](auto x, auto k, auto b, auto l) { return conv(relu(conv(x, k, nhwc) + b), l, nhwc); });
constexpr auto scaled = fn([](auto x, auto k, auto b) { return conv(x, k, ohwi) * b + 1; });

template <class X> X& number(X& x, int seed) {
  for (extent_t i = 0; i < x.size(); ++i)
    x.data()[i] = static_cast<typename X::value_type>(static_cast<float>((i * 37 + seed * 11) % 29 - 14) / 16);
  return x;
}
template <class T, extent_t... E> tensor<T, E...> numbers(int seed) {
  tensor<T, E...> x;
  return number(x, seed);
}
template <class Y> void check_close(const Y& got, const Y& want, double error) {
  bool same = true;
  for (extent_t i = 0; i < got.size(); ++i) {
    const double x = static_cast<double>(got.data()[i]), y = static_cast<double>(want.data()[i]);
    same = same && std::abs(x - y) <= error * (1 + std::abs(y));
  }
  CHECK(same);
}
// What the library was asked for, after the results were compared with the host's.
template <class F, class... X> convolutions asked(F f, double error, const X&... x) {
  const auto want = f(x...);
  auto got = want;
  got.fill(static_cast<typename decltype(got)::value_type>(77));
  fake::convolutions(), fake::products();
  device::replay(f.template on<backend::cudnn>(), got, x...);
  check_close(got, want, error);
  return fake::convolutions();
}

template <class F, class... X> using plan_of = typename F::template device_program<X...>;
using image = tensor<float, 2, 9, 8, 5>;
using kernel = tensor<float, 3, 2, 5, 7>;
static_assert(plan_of<decltype(plain), image, kernel>::value.total.kernels == 2);
using convolved = plan_of<decltype(plain.on<backend::cudnn>()), image, kernel>;
static_assert(convolved::value.total.kernels == 1 && convolved::value.total.workspace_bytes == 0);

TEST_CASE("windows go to the library as the array that they are of") {
  CHECK(asked(plain, 1e-6, numbers<float, 2, 9, 8, 5>(1), numbers<float, 3, 2, 5, 7>(2)) ==
        convolutions{{false, false, {2, 5, 9, 8}, {7, 5, 3, 2}, {1, 1}, {1, 1}, CUDNN_FMA_MATH}});
  CHECK(asked(strided, 1e-6, numbers<float, 2, 9, 11, 4>(1), numbers<float, 6, 3, 2, 4>(2)) ==
        convolutions{{false, false, {2, 4, 9, 11}, {6, 4, 3, 2}, {2, 3}, {1, 1}, CUDNN_FMA_MATH}});
  CHECK(asked(dilated, 1e-6, numbers<float, 2, 9, 8, 5>(1), numbers<float, 7, 3, 2, 5>(2)) ==
        convolutions{{false, false, {2, 5, 9, 8}, {7, 5, 3, 2}, {1, 1}, {2, 2}, CUDNN_FMA_MATH}});
  CHECK(asked(dilated_above, 1e-6, numbers<float, 2, 9, 8, 5>(1), numbers<float, 3, 2, 5, 7>(2)) ==
        convolutions{{false, false, {2, 5, 9, 8}, {7, 5, 3, 2}, {1, 2}, {2, 1}, CUDNN_FMA_MATH}});
  CHECK(asked(usual, 1e-6, numbers<float, 2, 5, 9, 8>(1), numbers<float, 7, 5, 3, 3>(2)) ==
        convolutions{{false, false, {2, 5, 11, 10}, {7, 5, 3, 3}, {1, 1}, {1, 1}, CUDNN_FMA_MATH}});
  // Patches that do not overlap, whose batches and rows are one loop; a window as wide as the image.
  constexpr auto patches = fn([](auto x, auto k) { return conv(x, k, window_strides<4, 4>, nhwc); });
  CHECK(asked(patches, 1e-6, numbers<float, 3, 8, 8, 3>(1), numbers<float, 4, 4, 3, 10>(2)).size() == 1);
  CHECK(asked(plain, 1e-6, numbers<float, 2, 9, 8, 5>(1), numbers<float, 3, 8, 5, 7>(2)).size() == 1);
  // More outputs than the own kernels make windows for.
  CHECK(asked(plain, 1e-6, numbers<float, 1, 4, 4, 3>(1), numbers<float, 3, 3, 3, 300>(2)).size() == 1);
}

TEST_CASE("one and three spatial axes") {
  constexpr auto of_rows = fn([](auto x, auto k) { return conv(x, k, window_strides<2>, dimension_numbers<"NWC", "WIO", "NWC">); });
  CHECK(asked(of_rows, 1e-6, numbers<float, 2, 9, 5>(1), numbers<float, 3, 5, 7>(2)) ==
        convolutions{{false, false, {2, 5, 1, 9}, {7, 5, 1, 3}, {1, 2}, {1, 1}, CUDNN_FMA_MATH}});
  constexpr auto of_volumes =
      fn([](auto x, auto k) { return conv(x, k, window_strides<1, 2, 1>, dimension_numbers<"NDHWC", "DHWIO", "NDHWC">); });
  CHECK(asked(of_volumes, 1e-6, numbers<float, 2, 4, 7, 5, 3>(1), numbers<float, 2, 3, 3, 3, 4>(2)) ==
        convolutions{{false, false, {2, 3, 4, 7, 5}, {4, 3, 2, 3, 3}, {1, 2, 1}, {1, 1, 1}, CUDNN_FMA_MATH}});
}

TEST_CASE("a bias, and relu behind it, are the same call") {
  const auto x = numbers<float, 2, 6, 5, 4>(1);
  const auto k = numbers<float, 8, 3, 3, 4>(2);
  const auto b = numbers<float, 8>(3);
  const convolutions biased = {{true, false, {2, 4, 8, 7}, {8, 4, 3, 3}, {1, 1}, {1, 1}, CUDNN_FMA_MATH}};
  CHECK(asked(with_bias, 1e-6, x, k, b) == biased);
  CHECK(asked(layer, 1e-6, x, k, b) == convolutions{{true, true, {2, 4, 8, 7}, {8, 4, 3, 3}, {1, 1}, {1, 1}, CUDNN_FMA_MATH}});
  tensor<float, dyn, 6, 5, 4> some(3);
  CHECK(asked(layer, 1e-6, number(some, 4), k, b).at(0).x == axes_of{3, 4, 8, 7});
  tensor<float, dyn, 6, 5, 4> none(0);
  CHECK(asked(layer, 1e-6, none, k, b).empty());
  fake::refuse_bias(true);
  const auto other = numbers<float, 5, 6, 5, 4>(1);
  for (int i = 0; i < 2; ++i)
    CHECK(asked(layer, 1e-6, other, k, b) == convolutions{{false, false, {5, 4, 8, 7}, {8, 4, 3, 3}, {1, 1}, {1, 1}, CUDNN_FMA_MATH}});
  fake::refuse_bias(false);
}

TEST_CASE("other maps are kernels after it") {
  const auto x = numbers<float, 2, 6, 5, 4>(1);
  const auto k = numbers<float, 8, 3, 3, 4>(2);
  const auto b = numbers<float, 8>(3);
  const convolutions alone = {{false, false, {2, 4, 6, 5}, {8, 4, 3, 3}, {1, 1}, {1, 1}, CUDNN_FMA_MATH}};
  CHECK(asked(with_gelu, 1e-6, x, k, b) == alone);
  CHECK(asked(scaled, 1e-6, x, k, b) == alone);
  CHECK(asked(two, 1e-5, x, numbers<float, 3, 3, 4, 6>(1), numbers<float, 6>(2), numbers<float, 2, 2, 6, 3>(3)).size() == 2);
}

TEST_CASE("bodies of loops convolve, too") {
  constexpr auto loop = fn([](auto x, auto k) {
    return fori_loop(
        0, 3, [=](auto, auto v) { return conv(v, k, same_padding, ohwi) * 0.5f; }, x);
  });
  const auto x = numbers<float, 2, 6, 5, 4>(1);
  const auto k = numbers<float, 4, 3, 3, 4>(2);
  const auto want = loop(x, k);
  auto got = want;
  fake::convolutions();
  device::replay(loop.on<backend::cudnn>(), got, x, k);
  check_close(got, want, 1e-5);
  CHECK(fake::convolutions().size() == 3);
}

TEST_CASE("types and their mathematics") {
  const auto math = [](const convolutions& c) { return c.empty() ? CUDNN_DEFAULT_MATH : c[0].math; };
  CHECK(math(asked(layer, 4e-3, numbers<float16, 2, 6, 5, 8>(1), numbers<float16, 8, 3, 3, 8>(2), numbers<float16, 8>(3))) ==
        CUDNN_TENSOR_OP_MATH);
  CHECK(math(asked(layer, 2e-2, numbers<bfloat16, 2, 6, 5, 8>(1), numbers<bfloat16, 8, 3, 3, 8>(2), numbers<bfloat16, 8>(3))) ==
        CUDNN_TENSOR_OP_MATH);
  CHECK(asked(layer, 1e-12, numbers<double, 2, 6, 5, 4>(1), numbers<double, 8, 3, 3, 4>(2), numbers<double, 8>(3)).size() == 1);
  CHECK(asked(plain, 0, numbers<int, 2, 6, 5, 4>(1), numbers<int, 3, 3, 4, 8>(2)).empty());
}

TEST_CASE("what is no convolution of windows goes elsewhere") {
  constexpr auto grouped = fn([](auto x, auto k) { return conv(x, k, feature_group_count<2>, ohwi); });
  CHECK(asked(grouped, 1e-6, numbers<float, 2, 6, 5, 6>(1), numbers<float, 8, 3, 3, 3>(2)).empty());
  CHECK(asked(plain, 1e-6, numbers<float, 2, 6, 5, 4>(1), numbers<float, 1, 1, 4, 8>(2)).empty());  // a product
  constexpr auto product = fn([](auto x, auto w, auto b) { return relu(dot(x, w) + b); });
  CHECK(asked(product, 1e-6, numbers<float, 6, 5>(1), numbers<float, 5, 8>(2), numbers<float, 8>(3)).empty());
  CHECK(fake::products().size() == 1);
  // Windows that are read twice.
  constexpr auto both = fn([](auto x, auto k, auto l) { return conv(x, k, nhwc) + conv(x, l, nhwc); });
  CHECK(asked(both, 1e-5, numbers<float, 2, 6, 5, 4>(1), numbers<float, 3, 3, 4, 8>(2), numbers<float, 3, 3, 4, 8>(3)).empty());
}

TEST_CASE("what the library refuses runs in kernels of sinter, errors name the call") {
  fake::refuse_convolutions(true);
  CHECK(asked(layer, 1e-6, numbers<float, 2, 7, 5, 4>(1), numbers<float, 8, 3, 3, 4>(2), numbers<float, 8>(3)).empty());
  CHECK(asked(usual, 1e-6, numbers<float, 2, 5, 7, 8>(1), numbers<float, 7, 5, 3, 3>(2)).empty());
  CHECK(asked(dilated, 1e-6, numbers<float, 2, 7, 8, 5>(1), numbers<float, 7, 3, 2, 5>(2)).empty());
  fake::refuse_convolutions(false);
  fake::fail_next_convolution(CUDNN_STATUS_NOT_SUPPORTED);
  const auto x = numbers<float, 1, 7, 8, 5>(1);
  const auto k = numbers<float, 3, 3, 5, 7>(2);
  CHECK(asked(plain, 1e-6, x, k).empty());
  CHECK(asked(plain, 1e-6, x, k).empty());

  const auto failing = [](auto f, const auto& a, const auto& b) {
    auto y = f(a, b);
    try {
      device::replay(f.template on<backend::cudnn>(), y, a, b);
    } catch (const device_error& e) {
      return std::string(e.what());
    }
    return std::string();
  };
  fake::fail_next_search(CUDNN_STATUS_INTERNAL_ERROR);
  CHECK(failing(plain, numbers<float, 2, 7, 8, 5>(1), k).find("cudnnGetConvolutionForwardAlgorithm_v7 failed: CUDNN_STATUS_FAKE") !=
        std::string::npos);
  fake::convolution_searches();
  fake::fail_next_convolution(CUDNN_STATUS_EXECUTION_FAILED);
  CHECK(failing(plain, numbers<float, 2, 7, 8, 5>(1), k).find("cudnnConvolutionForward failed: CUDNN_STATUS_FAKE") != std::string::npos);
  CHECK(asked(plain, 1e-6, numbers<float, 2, 7, 8, 5>(1), k).size() == 1);
  CHECK(fake::convolution_searches() == 1);
}

TEST_CASE("tensors of the host run as always") {
  const auto x = numbers<float, 2, 6, 5, 4>(1);
  const auto k = numbers<float, 8, 3, 3, 4>(2);
  const auto b = numbers<float, 8>(3);
  fake::convolutions();
  check_close(layer.on<backend::cudnn>()(x, k, b), layer(x, k, b), 0);
  CHECK(fake::convolutions().empty());
}

}  // namespace
