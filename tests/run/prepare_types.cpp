// SPDX-License-Identifier: Apache-2.0
// Constant arguments of other types than f32, and products between batches and heads: the same bits as the function itself.
#include <doctest/doctest.h>

#include <cstdint>
#include <cstring>
#include <random>
#include <tuple>

#include <sinter/sinter.hpp>

namespace {

using namespace sinter;

template <class T> T random(T t, unsigned seed) {
  std::mt19937 engine(seed);
  for (auto& x : t)
    x = static_cast<std::remove_reference_t<decltype(x)>>(static_cast<float>(static_cast<int>(engine() % 2001) - 1000) / 1000);
  return t;
}
template <class A, class B> bool same(const A& a, const B& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), static_cast<std::size_t>(a.size()) * sizeof(*a.data())) == 0;
}

TEST_CASE("constants of other types, views, several results, run-time extents") {
  constexpr auto f = fn([](auto x, auto w, auto v) { return std::tuple(silu(dot(x, w)) * dot(x, v), w, sum(x * 2.f)); });
  const auto x = random(tensor<float, 9, 96>(), 1);
  const auto w = random(tensor<float, 96, 64>(), 2), v = random(tensor<float, 96, 64>(), 3);
  const auto ready = f.prepare(x, constant(w), constant(v));
  const auto [a, b, c] = ready(x);
  const auto [d, e, g] = f(x, w, v);
  CHECK((same(a, d) && same(b, e) && same(c, g)));

  const auto wide = random(tensor<float, 96, 128>(), 4);
  const view<const float, 96, 64> left = wide.sub(all, range<0, 64>);
  const auto viewed = f.prepare(x, constant(left), constant(v));
  CHECK(same(std::get<0>(viewed(x)), std::get<0>(f(x, left, v))));

  constexpr auto product = fn([](auto p, auto q) { return dot(p, q + q); });
  const auto p = random(tensor<float16, 11, 96>(), 5);
  const auto q = random(tensor<float16, 96, 100>(), 6);
  CHECK(same(product.prepare(p, constant(q))(p), product(p, q)));
  const auto pi = random(tensor<std::int32_t, 11, 96>(), 5);
  const auto qi = random(tensor<std::int32_t, 96, 100>(), 6);
  CHECK(same(product.prepare(pi, constant(qi))(pi), product(pi, qi)));
  CHECK(same(product.prepare(constant(pi), qi)(qi), product(pi, qi)));
  const auto po = random(tensor<double, dyn, dyn>(11, 96), 5), qo = random(tensor<double, dyn, dyn>(96, 100), 6);
  const auto open = product.prepare(po, constant(qo));
  CHECK(same(open(po), product(po, qo)));
  tensor<double, dyn, dyn> y(11, 100);
  y.fill(7.);
  const auto wrong = random(tensor<double, dyn, dyn>(11, 95), 5);
  CHECK_THROWS_AS(open.into(y, wrong), shape_error);
  CHECK(y(0, 0) == 7.);
}

TEST_CASE("constants between batches and heads") {
  constexpr auto project = fn([](auto x, auto w) { return einsum<"bsd,dhe->bhse">(x, w); });
  const auto x = random(tensor<float, 2, 7, 64>(), 1);
  const auto w = random(tensor<float, 64, 4, 32>(), 2);
  CHECK(same(project.prepare(x, constant(w))(x), project(x, w)));
  constexpr auto batched = fn([](auto a, auto b) { return matmul(a, b); });
  const auto a = random(tensor<float, 3, 5, 64>(), 3);
  const auto b = random(tensor<float, 3, 64, 70>(), 4);
  CHECK(same(batched.prepare(a, constant(b))(a), batched(a, b)));
  constexpr auto shared = fn([](auto s, auto t) { return dot(dot(s, t), transpose(t)); });
  const auto s = random(tensor<float, 9, 64>(), 5);
  const auto t = random(tensor<float, 64, 70>(), 6);
  CHECK(same(shared.prepare(s, constant(t))(s), shared(s, t)));
}

}  // namespace
