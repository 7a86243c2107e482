// SPDX-License-Identifier: Apache-2.0
// Small models in the style of exported ones, against a plain evaluator of their graphs (trust/evaluator.hpp, which bounds the error of
// each element); what a decoder's loop copies.
#include "small_models.hpp"

#include <cstdint>

#include <sinter/simd/counting.hpp>
#include <sinter/stablehlo.hpp>

#include "trust/check.hpp"

namespace {

using sinter::float16;
using sinter::tensor;

// Small numbers of many digits, the same on every machine.
template <class X> X weights(int seed) {
  X x;
  trust::random_numbers r(seed);
  for (auto& e : x) e = static_cast<std::remove_cvref_t<decltype(e)>>(static_cast<float>(r.below(4001) - 2000) / 4096);
  return x;
}
template <int N, int M> using matrix = tensor<float, N, M>;

}  // namespace

TEST_CASE("an encoder layer") {
  constexpr auto f = sinter::stablehlo<small_models::bert>;
  const tensor<std::int32_t, 2, 4> ids{{1, 12, 3, 4}, {0, 7, 7, -2}};
  // f16 between all ops, and three norms: roundings grow.
  trust::check_within(0.25, f, ids, weights<matrix<13, 8>>(1), weights<matrix<8, 8>>(2), weights<matrix<8, 8>>(3), weights<matrix<8, 8>>(4),
                      weights<matrix<8, 8>>(5), weights<tensor<float, 8>>(6), weights<matrix<8, 32>>(7), weights<matrix<32, 8>>(8));
}

TEST_CASE("a decoder's loop") {
  constexpr auto f = sinter::stablehlo<small_models::gpt2>;
  const tensor<std::int32_t, 1, 2> ids{{3, 9}};
  trust::check_within(1e-4, f, ids, weights<matrix<11, 8>>(1), weights<matrix<6, 8>>(2), weights<matrix<8, 24>>(3),
                      weights<tensor<float, 24>>(4), weights<matrix<8, 8>>(5), weights<tensor<float, 8>>(6), weights<matrix<8, 16>>(7),
                      weights<matrix<16, 8>>(8));
  // Both caches begin with the same zeros, and the text is read after a step has written it.
  static_assert(f.plan<decltype(ids), matrix<11, 8>, matrix<6, 8>, matrix<8, 24>, tensor<float, 24>, matrix<8, 8>, tensor<float, 8>,
                       matrix<8, 16>, matrix<16, 8>>()
                    .copies == 3);
}

TEST_CASE("a decoder layer over a prompt") {
  constexpr auto f = sinter::stablehlo<small_models::llama>;
  const tensor<std::int32_t, 1, 4> ids{{3, 9, 0, 10}};
  trust::check_within(1e-4, f, ids, weights<matrix<11, 8>>(1), weights<matrix<4, 4>>(2), weights<matrix<8, 8>>(3), weights<matrix<8, 8>>(4),
                      weights<matrix<8, 8>>(5), weights<matrix<8, 8>>(6), weights<tensor<float, 8>>(7), weights<matrix<8, 12>>(8),
                      weights<matrix<8, 12>>(9), weights<matrix<12, 8>>(10));
}

TEST_CASE("convolutions with their norms") {
  constexpr auto f = sinter::stablehlo<small_models::resnet>;
  trust::check_function(f, weights<tensor<float16, 2, 3, 12, 12>>(1), weights<tensor<float, 3, 3, 3, 4>>(2),
                        weights<tensor<float, 1, 1, 4, 8>>(3), weights<tensor<float, 3, 3, 4, 8>>(4), weights<tensor<float, 4>>(5),
                        weights<tensor<float, 8>>(6), weights<matrix<8, 5>>(7), weights<tensor<float, 5>>(8));
}

// A loop as exported: it carries what it reads too, and its cache grows by dynamic_update_slice. What a call stores is the cache's zeros,
// a row in each of 4 steps, the counter before the steps and in each, and the condition: no copy of anything.
TEST_CASE("an exported loop copies nothing that it carries") {
  constexpr auto f = sinter::stablehlo<small_models::cache>;
  const auto rows = weights<matrix<4, 256>>(1);
  const auto w = weights<tensor<float, 256>>(2);
  tensor<float, 64, 256> y;
  sinter::backend::counting_state() = {};
  f.on<sinter::backend::counting>().into(y, rows, w);
  const std::uint64_t cache = 64 * 256 * 4, row = 256 * 4, counter = 4, condition = 1;
  CHECK(sinter::backend::counting_state().store_bytes == cache + 4 * row + 5 * counter + 5 * condition);
  constexpr auto p = f.plan<matrix<4, 256>, tensor<float, 256>>();
  static_assert(p.temporaries == 1 && p.workspace_bytes == 64);  // the counter
  static_assert(p.copies == 0);
  for (int i = 0; i < 64; ++i)
    for (int k = 0; k < 256; ++k) REQUIRE(y(i, k) == (i < 4 ? rows(i, k) * w(k) : 0));
}
