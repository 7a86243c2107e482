// SPDX-License-Identifier: Apache-2.0
// The derivative of attention in blocks against that of its composition: shared heads, caches, every kind of mask, rows that fill no block.
#include <doctest/doctest.h>

#include <cmath>

#include <sinter/sinter.hpp>

namespace {

using namespace sinter;

template <class Tensor> Tensor filled(int seed) {
  Tensor t;
  for (extent_t i = 0; i < t.size(); ++i) t.data()[i] = static_cast<typename Tensor::value_type>((i * 37 + seed * 11) % 101 - 50) / 40;
  return t;
}
template <class T> void check_close(const T& a, const T& b) {
  double worst = 0, largest = 0;
  for (extent_t i = 0; i < a.size(); ++i) {
    worst = std::max(worst, std::abs(static_cast<double>(a.data()[i]) - static_cast<double>(b.data()[i])));
    largest = std::max(largest, std::abs(static_cast<double>(b.data()[i])));
  }
  CHECK(largest > 0);
  CHECK(worst <= 1e-12 * largest);
}
// The composition itself: more than one head of queries for one of keys where `Groups` says so, the mask as it comes.
template <int Groups> constexpr value composed(value q, value k, value v, value mask, bool is_causal) {
  const shape<> of = q.shape();
  const extent_t heads = k.shape()[0];
  q = ops::reshape::trace(q, shape<>(heads, Groups, of[1], of[2]));
  value s = matmul(q, reshape(transpose<0, 2, 1>(k), shape{heads, 1, of[2], k.shape()[1]})) * (1 / std::sqrt(8.0));
  if (!mask.is_number()) {
    if (mask.rank() == 3) mask = ops::reshape::trace(mask, shape<>(heads, Groups, mask.shape()[1], mask.shape()[2]));
    s = mask.type() == dtype::boolean ? where(mask, s, -std::numeric_limits<double>::infinity()) : s + mask;
  }
  if (is_causal) {
    graph::builder& g = *q.graph();
    const value row = ops::iota::trace(g, dtype::i32, s.shape(), axes(2)), column = ops::iota::trace(g, dtype::i32, s.shape(), axes(3));
    s = where(column <= row + static_cast<int>(k.shape()[1] - of[1]), s, -std::numeric_limits<double>::infinity());
  }
  const value y = matmul(softmax(s, axis<-1>), reshape(v, shape{heads, 1, v.shape()[1], v.shape()[2]}));
  return ops::reshape::trace(y, of);
}

using queries = tensor<double, 4, 300, 8>;
using all_keys = tensor<double, 4, 500, 8>;
using few_keys = tensor<double, 2, 500, 8>;
const auto q = filled<queries>(1), ct = filled<queries>(4);

// Derivatives of f, in blocks, and of h, composed, with respect to the first N arguments.
template <int N, class F, class H, class... X> void check(F f, H h, const X&... x) {
  const auto numbers = [&]<int... I>(sinter::detail::int_list<I...>) {
    const auto a = std::get<1>(vjp<I...>(fn(f))(x..., ct)), b = std::get<1>(vjp<I...>(fn(h))(x..., ct));
    (check_close(std::get<I>(a), std::get<I>(b)), ...);
    // One kernel for the call; its derivatives take less memory than two matrices of all scores, a mask and its gradient included.
    static_assert(fn(F()).template plan<X...>().kernels == 1);
    static_assert(vjp<I...>(fn(F())).template plan<X..., queries>().workspace_bytes < 2 * 4 * 300 * 500 * 8);
  };
  numbers(sinter::detail::make_int_list<N>{});
}

TEST_CASE("causal, with a cache and shared heads") {
  check<3>([](auto a, auto b, auto c) { return attention(a, b, c, causal); },
           [](auto a, auto b, auto c) { return composed<2>(a, b, c, value(), true); }, q, filled<few_keys>(2), filled<few_keys>(3));
}
TEST_CASE("masks of numbers, with gradients of their own") {
  const auto f = [](auto a, auto b, auto c, auto m) { return attention(a, b, c, m); };
  const auto h = [](auto a, auto b, auto c, auto m) { return composed<1>(a, b, c, m, false); };
  const auto k = filled<all_keys>(2), v = filled<all_keys>(3);
  check<4>(f, h, q, k, v, filled<tensor<double, 300, 500>>(5));
}
TEST_CASE("masks of bool for shared heads, causal too") {
  tensor<bool, 4, 1, 500> some;
  for (extent_t i = 0; i < some.size(); ++i) some.data()[i] = i % 500 < 7 || i % 3 != 0;
  check<3>([](auto a, auto b, auto c, auto m) { return attention(a, b, c, m, causal); },
           [](auto a, auto b, auto c, auto m) { return composed<2>(a, b, c, m, true); }, q, filled<few_keys>(2), filled<few_keys>(3), some);
}
TEST_CASE("mapped over a batch") {
  const auto one = [](auto a, auto b, auto c) { return sum(sin(attention(a, b, c, causal))); };
  using keys = tensor<double, 2, 4, 500, 8>;
  const auto many = filled<tensor<double, 2, 4, 300, 8>>(1);
  const auto k = filled<keys>(2), v = filled<keys>(3);
  const tensor<double, 2, 4, 500, 8> batch = vmap(grad<1>(fn(one)))(many, k, v);
  for (int b = 0; b < 2; ++b) {
    const tensor<double, 4, 500, 8> each =
        grad<1>(fn(one))(queries(many.sub(b, all, all, all)), all_keys(k.sub(b, all, all, all)), all_keys(v.sub(b, all, all, all)));
    check_close(all_keys(batch.sub(b, all, all, all)), each);
  }
}

}  // namespace
