// SPDX-License-Identifier: Apache-2.0
// Functions on backend::cublaslt, run on the host with a library that multiplies by what it is told: layouts, batches, epilogues, and what
// is left to the kernels of sinter.
#include <sinter/run/cublaslt.hpp>
#include <sinter/sinter.hpp>

#include <cmath>

#include <doctest/doctest.h>

#include "cuda/fake_cublaslt.hpp"

namespace {

using namespace sinter;
using products = std::vector<fake::product>;

constexpr auto product = fn([](auto a, auto b) { return dot(a, b); });
constexpr auto of_transposed = fn([](auto a, auto b) { return dot(transpose(a), transpose(b)); });
constexpr auto batched = fn([](auto a, auto b) { return matmul(a, b); });
constexpr auto with_row = fn([](auto a, auto b, auto c) { return dot(a, b) + c; });
constexpr auto row_with = fn([](auto a, auto b, auto c) { return c + dot(a, b); });
constexpr auto with_gelu = fn([](auto a, auto b, auto c) { return gelu_tanh(dot(a, b) + c); });
constexpr auto row_first = fn([](auto c, auto a, auto b) { return gelu_tanh(c + dot(a, b)); });
constexpr auto with_relu = fn([](auto a, auto b, auto c) { return relu(dot(a, b) + c); });
constexpr auto with_erf = fn([](auto a, auto b, auto c) { return gelu(dot(a, b) + c); });
constexpr auto with_matrix = fn([](auto a, auto b, auto c) { return gelu_tanh(dot(a, b) + c); });
constexpr auto doubled = fn([](auto a, auto b, auto c) { return gelu_tanh(dot(a, b) + c) * 2; });

template <class T, extent_t... E> tensor<T, E...> numbers(int seed) {
  tensor<T, E...> x;
  for (extent_t i = 0; i < x.size(); ++i) x.data()[i] = static_cast<T>(static_cast<float>((i * 37 + seed * 11) % 29 - 14) / 16);
  return x;
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
template <class F, class... X> products asked(F f, double error, const X&... x) {
  const auto want = f(x...);
  auto got = want;
  got.fill(static_cast<typename decltype(got)::value_type>(77));
  fake::products();
  device::replay(f.template on<backend::cublaslt>(), got, x...);
  check_close(got, want, error);
  return fake::products();
}

TEST_CASE("products go to the library by the strides that they have") {
  const auto a = numbers<float, 5, 7>(1);
  const auto b = numbers<float, 7, 9>(2);
  CHECK(asked(product, 1e-6, a, b) == products{{CUBLASLT_EPILOGUE_DEFAULT, 1, false, false}});
  CHECK(asked(of_transposed, 1e-6, numbers<float, 7, 5>(3), numbers<float, 9, 7>(4)) ==
        products{{CUBLASLT_EPILOGUE_DEFAULT, 1, true, true}});
  CHECK(asked(product, 1e-12, numbers<double, 3, 4>(1), numbers<double, 4, 6>(2)).size() == 1);
  CHECK(asked(product, 4e-3, numbers<bfloat16, 8, 16>(1), numbers<bfloat16, 16, 24>(2)).size() == 1);
  CHECK(asked(product, 1e-3, numbers<float16, 8, 16>(1), numbers<float16, 16, 24>(2)).size() == 1);
  CHECK(asked(product, 1e-6, numbers<float, 1, 7>(1), b).size() == 1);
  CHECK(asked(product, 1e-6, a, numbers<float, 7, 1>(1)).size() == 1);
}

TEST_CASE("batches that lie evenly are one call, others follow each other") {
  CHECK(asked(batched, 1e-6, numbers<float, 2, 3, 4, 5>(1), numbers<float, 2, 3, 5, 6>(2)) ==
        products{{CUBLASLT_EPILOGUE_DEFAULT, 6, false, false}});
  const products several = asked(batched, 1e-6, numbers<float, 2, 3, 4, 5>(1), numbers<float, 2, 1, 5, 6>(2));
  CHECK(several == products(2, {CUBLASLT_EPILOGUE_DEFAULT, 3, false, false}));
}

TEST_CASE("bias, relu and gelu_tanh are epilogues") {
  const auto a = numbers<float, 6, 8>(1);
  const auto b = numbers<float, 8, 10>(2);
  const auto c = numbers<float, 10>(3);
  CHECK(asked(with_row, 1e-6, a, b, c) == products{{CUBLASLT_EPILOGUE_BIAS, 1, false, false}});
  CHECK(asked(row_with, 1e-6, a, b, c) == products{{CUBLASLT_EPILOGUE_BIAS, 1, false, false}});
  CHECK(asked(with_relu, 1e-6, a, b, c) == products{{CUBLASLT_EPILOGUE_RELU_BIAS, 1, false, false}});
  CHECK(asked(with_gelu, 1e-6, a, b, c) == products{{CUBLASLT_EPILOGUE_GELU_BIAS, 1, false, false}});
  CHECK(asked(row_first, 1e-6, c, a, b) == products{{CUBLASLT_EPILOGUE_GELU_BIAS, 1, false, false}});
  CHECK(asked(with_gelu, 1e-2, numbers<bfloat16, 6, 8>(1), numbers<bfloat16, 8, 16>(2), numbers<bfloat16, 16>(3)) ==
        products{{CUBLASLT_EPILOGUE_GELU_BIAS, 1, false, false}});
  const tensor<float, dyn, 8> some = [] {
    tensor<float, dyn, 8> x(3);
    x.fill(0.25f);
    return x;
  }();
  CHECK(asked(with_gelu, 1e-6, some, b, c) == products{{CUBLASLT_EPILOGUE_GELU_BIAS, 1, false, false}});
}

TEST_CASE("other maps behind a product are kernels after it") {
  const auto a = numbers<float, 6, 8>(1);
  const auto b = numbers<float, 8, 10>(2);
  const auto c = numbers<float, 10>(3);
  const products plain = {{CUBLASLT_EPILOGUE_DEFAULT, 1, false, false}};
  CHECK(asked(with_erf, 1e-6, a, b, c) == plain);
  CHECK(asked(doubled, 1e-6, a, b, c) == plain);
  CHECK(asked(with_matrix, 1e-6, a, b, numbers<float, 6, 10>(3)) == plain);
  CHECK(asked(with_gelu, 1e-6, a, b, numbers<float, 6, 1>(3)) == plain);
  CHECK(asked(with_row, 1e-12, numbers<double, 6, 8>(1), numbers<double, 8, 10>(2), numbers<double, 10>(3)) == plain);
}

TEST_CASE("what the library does not take runs in kernels of sinter") {
  CHECK(asked(product, 0, numbers<int, 5, 7>(1), numbers<int, 7, 9>(2)).empty());
  CHECK(asked(product, 0, numbers<float, 5, 0>(1), numbers<float, 0, 9>(2)).empty());
  CHECK(asked(product, 0, numbers<float, 0, 4>(1), numbers<float, 4, 9>(2)).empty());
  fake::refuse(true);
  CHECK(asked(product, 1e-6, numbers<float, 11, 7>(1), numbers<float, 7, 9>(2)).empty());
  CHECK(asked(with_gelu, 1e-6, numbers<float, 11, 7>(1), numbers<float, 7, 9>(2), numbers<float, 9>(3)).empty());
  fake::refuse(false);
}

TEST_CASE("tensors of the host run as always") {
  const auto a = numbers<float, 4, 8>(1);
  const auto b = numbers<float, 8, 8>(2);
  const auto c = numbers<float, 8>(3);
  fake::products();
  check_close(with_gelu.on<backend::cublaslt>()(a, b, c), with_gelu(a, b, c), 0);
  CHECK(fake::products().empty());
}

TEST_CASE("an algorithm is looked for once, and errors name the call") {
  const auto a = numbers<float, 13, 7>(1);
  const auto b = numbers<float, 7, 9>(2);
  fake::searches();
  // The same alignment of all addresses, so that it is the same product.
  tensor<float, 13, 9> y;
  for (int i = 0; i < 3; ++i) device::replay(product.on<backend::cublaslt>(), y, a, b);
  CHECK(fake::searches() == 1);
  fake::fail_next(CUBLAS_STATUS_INTERNAL_ERROR);
  std::string text;
  try {
    device::replay(product.on<backend::cublaslt>(), y, numbers<float, 13, 6>(1), numbers<float, 6, 9>(1));
  } catch (const device_error& e) {
    text = e.what();
  }
  CHECK(text.find("cublasLtMatmulAlgoGetHeuristic failed: CUBLAS_STATUS_FAKE") != std::string::npos);
  CHECK(asked(product, 1e-6, numbers<float, 13, 6>(1), numbers<float, 6, 9>(1)).size() == 1);
}

}  // namespace
