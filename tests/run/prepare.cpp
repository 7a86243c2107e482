// SPDX-License-Identifier: Apache-2.0
// Functions with constant arguments: the same bits as the function itself, nothing computed twice, nothing owned by others. Other types
// and ranks are in prepare_types.cpp, which sanitizers leave out.
#include <doctest/doctest.h>

#include <cstdint>
#include <cstring>
#include <random>
#include <span>
#include <vector>

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

constexpr auto dense = fn([](auto x, auto w, auto b) { return gelu(dot(x, w) + b); });
constexpr auto network =
    fn([](auto x, auto w, auto b, auto v, auto c) { return log_softmax(dot(relu(dot(x, w) + b), transpose(v)) + c, axis<1>); });

TEST_CASE("a dense layer with constant weights") {
  const auto w = random(tensor<float, 70, 150>(), 1);
  const auto b = random(tensor<float, 150>(), 2);
  for (const extent_t m : {0, 1, 2, 7, 100}) {
    CAPTURE(m);
    const auto x = random(tensor<float, dyn, 70>(m), 3);
    const auto ready = dense.prepare(x, constant(w), constant(b));
    CHECK(same(ready(x), dense(x, w, b)));
    static_assert(decltype(ready)::plan().kernels == 1);
  }
  const auto x = random(tensor<float, 1, 70>(), 3);
  CHECK(same(dense.prepare(x, constant(w), constant(b))(x), dense(x, w, b)));
  CHECK(same(dense.on<backend::scalar>().prepare(x, constant(w), constant(b))(x), dense(x, w, b)));
}

TEST_CASE("a constant that is a tree") {
  constexpr auto layer = fn([](auto p, auto x) { return dot(x, std::get<0>(p)) + std::get<1>(p); });
  const std::tuple p(random(tensor<float, 70, 150>(), 1), random(tensor<float, 150>(), 2));
  const auto x = random(tensor<float, 3, 70>(), 3);
  CHECK(same(layer.prepare(constant(p), x)(x), layer(p, x)));
}

TEST_CASE("two layers, the second by its transpose") {
  const auto w = random(tensor<float, 100, 80>(), 1);
  const auto b = random(tensor<float, 80>(), 2);
  const auto v = random(tensor<float, 65, 80>(), 4);
  const auto c = random(tensor<float, 65>(), 5);
  const auto x = random(tensor<float, dyn, 100>(33), 3);
  const auto ready = network.prepare(x, constant(w), constant(b), constant(v), constant(c));
  const auto expected = network(x, w, b, v, c);
  CHECK(same(ready(x), expected));
  tensor<float, dyn, 65> y(33);
  ready.into(y, x);
  CHECK(same(y, expected));
  const auto bytes = static_cast<std::size_t>(extent_t{ready.plan(x).workspace_bytes});
  std::vector<std::byte> memory(bytes + 64);
  const std::size_t past = reinterpret_cast<std::uintptr_t>(memory.data()) % 64;
  const std::span<std::byte> aligned(memory.data() + (past ? 64 - past : 0), bytes);
  y.fill(0.f);
  ready.into(workspace(aligned), y, x);
  CHECK(same(y, expected));
  tensor<float, 33, 130> wide;
  auto columns = wide.sub(all, range<0, 130, 2>);
  ready.into(columns, x);
  CHECK(same(eval(columns + 0.f), expected));
  set_num_threads(2);
  CHECK(same(ready(x), expected));
  set_num_threads(1);
}

TEST_CASE("what depends on constants alone is computed once") {
  constexpr auto folded = fn([](auto x, auto w, auto scale, auto shift) { return dot(x, w * exp(scale)) + sum(shift, axis<0>); });
  const auto x = random(tensor<float, 5, 90>(), 1);
  auto w = random(tensor<float, 90, 64>(), 2);
  const auto scale = random(tensor<float, 64>(), 3);
  const auto shift = random(tensor<float, 40, 64>(), 4);
  const auto expected = folded(x, w, scale, shift);
  const auto ready = folded.prepare(x, constant(w), constant(scale), constant(shift));
  static_assert(decltype(ready)::plan().kernels == 1);
  CHECK(decltype(ready)::explain().find("exp") == std::string_view::npos);
  CHECK(same(ready(x), expected));
  w.fill(0.f);  // it owns what it needs
  CHECK(same(ready(x), expected));
  const auto copy = ready;
  CHECK(same(copy(x), expected));
}

TEST_CASE("a product of constants that feeds a sum keeps its one rounding") {
  constexpr auto f = fn([](auto x, auto a, auto b) { return a * b + x; });
  const auto x = random(tensor<float, 100>(), 1), a = random(tensor<float, 100>(), 2), b = random(tensor<float, 100>(), 3);
  CHECK(same(f.prepare(x, constant(a), constant(b))(x), f(x, a, b)));
  CHECK(same(f.prepare(constant(x), constant(a), b)(b), f(x, a, b)));
  CHECK(same(f.prepare(constant(x), constant(a), constant(b))(), f(x, a, b)));
  CHECK(same(f.prepare(x, a, b)(x, a, b), f(x, a, b)));
  CHECK(same(f.prepare(x, constant(2.f), b)(x, b), f(x, 2.f, b)));
}

}  // namespace
