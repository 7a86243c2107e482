// SPDX-License-Identifier: Apache-2.0
// Large graphs: planned within what a compiler allows a constant without being asked, in steps that decide the same as one would, and
// with one product for all equal layers.
#include <doctest/doctest.h>

#include <array>
#include <type_traits>

#include <sinter/sinter.hpp>

using namespace sinter;

namespace {

constexpr extent_t B = 2, T = 32, D = 48, H = 3, V = 16, layers = 4;

template <template <class, extent_t...> class Tensor> struct block {
  Tensor<float, D> norm1, norm2;
  Tensor<float, D, 3 * D> qkv;
  Tensor<float, D, D> out;
  Tensor<float, D, 4 * D> up;
  Tensor<float, 4 * D, D> down;
};
template <template <class, extent_t...> class Tensor> struct transformer {
  Tensor<float, V, D> token;
  Tensor<float, T, D> position;
  std::array<block<Tensor>, layers> blocks;
  Tensor<float, D> norm;
  Tensor<float, D, V> head;
};

constexpr auto loss = fn([](auto p, auto ids, auto next) {
  auto h = reshape<B * T, D>(take(p.token, ids, axis<0>) + p.position);
  const auto heads = [](auto x) { return transpose<0, 2, 1, 3>(reshape<B, T, H, D / H>(x)); };
  for (const auto& b : p.blocks) {
    auto qkv = reshape<B, T, 3, D>(dot(layer_norm(h, axis<1>) * b.norm1, b.qkv));
    auto a = attention(heads(slice(qkv, all, all, range<0, 1>, all)), heads(slice(qkv, all, all, range<1, 2>, all)),
                       heads(slice(qkv, all, all, range<2, 3>, all)), causal);
    h = h + dot(reshape<B * T, D>(transpose<0, 2, 1, 3>(a)), b.out);
    h = h + dot(gelu(dot(layer_norm(h, axis<1>) * b.norm2, b.up)), b.down);
  }
  return cross_entropy(dot(layer_norm(h, axis<1>) * p.norm, p.head), reshape<B * T>(next));
});
constexpr auto training = value_and_grad<0>(loss);
constexpr auto plan = training.plan<transformer<tensor>, tensor<int, B, T>, tensor<int, B, T>>();
static_assert(plan.kernels <= 136);

// Layers of one width: two products run as one kernel, and all such pairs are one type.
constexpr auto perceptron = [](auto x, auto w) {
  for (int i = 0; i < 6; ++i) x = gelu(dot(x, w));
  return x;
};
using source = run::function_source<decltype(perceptron), run::argument_t<tensor<float, 96, 64>>, run::argument_t<tensor<float, 64, 64>>>;
using deep = run::plan_stage<source, 0>;
constexpr bool is_product(int g) { return deep::value.groups[g].kind == fuse::group_kind::dot; }
constexpr int nth_product(int n) {
  for (int g = 0; g < deep::size.groups; ++g)
    if (is_product(g) && n-- == 0) return g;
  return -1;
}
template <int N> using product_of =
    typename run::contraction<deep, nth_product(N), run::default_options::backend, run::default_options::schedule>::type;
static_assert(nth_product(5) >= 0 && nth_product(6) < 0);
static_assert(std::is_same_v<product_of<0>, product_of<2>> && std::is_same_v<product_of<0>, product_of<4>>);
static_assert(std::is_same_v<product_of<1>, product_of<3>>);

}  // namespace

TEST_CASE("a partition in steps decides what one in one piece does") {
  const graph::graph_view g = run::simplify_stage<source>::value.view();
  const fuse::partitioned whole = fuse::partition(run::finished(g), 0);
  constexpr fuse::progress_size room{512, 512, 4096, 2048, 2048};
  for (const int work : {1, 30, 200}) {
    fuse::frozen_progress<room> p;
    int steps = 0;
    for (; !p.at.done && steps < 1000; ++steps) {
      p = fuse::partition_on<room>(run::finished(g), 0, p.view(), work);
      REQUIRE(p.size.fits(room));
    }
    CHECK(steps > (work == 1 ? 10 : 1));
    const fuse::partitioned parts = fuse::partition_end(run::finished(g), 0, p.view());
    REQUIRE(parts.groups.size() == whole.groups.size());
    REQUIRE(parts.steps.size() == whole.steps.size());
    for (int i = 0; i < whole.groups.size(); ++i) {
      CHECK(parts.groups[i].kind == whole.groups[i].kind);
      CHECK(parts.groups[i].steps.count == whole.groups[i].steps.count);
      CHECK(parts.stores[parts.groups[i].roots.first].node == whole.stores[whole.groups[i].roots.first].node);
    }
    for (int i = 0; i < whole.steps.size(); ++i)
      CHECK((parts.steps[i].op == whole.steps[i].op && parts.steps[i].node == whole.steps[i].node));
  }
}
