// SPDX-License-Identifier: Apache-2.0
// Structures of tensors, tuples and arrays as arguments, results and gradients.
#include <doctest/doctest.h>

#include <sinter/sinter.hpp>

#include "ops/near.hpp"

namespace {

using sinter::extent_t;
using sinter::fn;
using sinter::tensor;

template <template <class, extent_t...> class Tensor> struct layer {
  Tensor<float, 4, 4> w;
  Tensor<float, 4> b;
};
template <template <class, extent_t...> class Tensor> struct open { Tensor<float, sinter::dyn, 2> w; };
template <template <class, extent_t...> class Tensor> struct net {
  layer<Tensor> blocks[3];
  Tensor<float, 4, 2> w;
  Tensor<float, 2> b;
};
static_assert(sinter::detail::field_count<net<tensor>> == 3);
static_assert(sinter::detail::leaf_count<net<tensor>> == 8);
static_assert(sinter::detail::leaf_count<net<sinter::traced_tensor>> == 8);

// Without a template the fields come in order.
struct linear {
  tensor<float, 4> w;
  float b = 2;
};
struct many {
  tensor<float, 2> fields[3][2];
  std::array<tensor<float, 2>, 2> pair;
  std::tuple<tensor<float, 2>, linear> nested;
};
static_assert(sinter::detail::field_count<many> == 3);
static_assert(sinter::detail::leaf_count<many> == 6 + 2 + 1 + 2);

constexpr auto loss = fn([](auto p, auto x, auto labels) {
  for (const auto& block : p.blocks) x = relu(dot(x, block.w) + block.b);
  return cross_entropy(dot(x, p.w) + p.b, labels);
});

TEST_CASE("gradients of a structure are the structure") {
  net<tensor> p{};
  for (auto& block : p.blocks) near::fill(block.w, 1, 5), near::fill(block.b, 0.25, 9);
  near::fill(p.w, 1, 77);
  tensor<float, 8, 4> x;
  near::fill(x, 1, 300);
  const tensor<int, 8> labels{0, 1, 0, 1, 1, 0, 0, 1};

  constexpr auto both = sinter::value_and_grad(loss);
  auto [value, g] = both(p, x, labels);
  static_assert(std::is_same_v<decltype(g), net<tensor>>);
  // The same with the leaves as arguments.
  constexpr auto flat =
      sinter::grad<0, 1, 2, 3, 4, 5, 6, 7>([](auto w0, auto b0, auto w1, auto b1, auto w2, auto b2, auto w, auto b, auto in, auto l) {
        const auto h = relu(dot(relu(dot(relu(dot(in, w0) + b0), w1) + b1), w2) + b2);
        return cross_entropy(dot(h, w) + b, l);
      });
  const auto want = flat(p.blocks[0].w, p.blocks[0].b, p.blocks[1].w, p.blocks[1].b, p.blocks[2].w, p.blocks[2].b, p.w, p.b, x, labels);
  for (int i = 0; i < 16; ++i) CHECK(g.blocks[0].w.data()[i] == std::get<0>(want).data()[i]);
  for (int i = 0; i < 16; ++i) CHECK(g.blocks[2].w.data()[i] == std::get<4>(want).data()[i]);
  for (int i = 0; i < 4; ++i) CHECK(g.blocks[1].b.data()[i] == std::get<3>(want).data()[i]);
  for (int i = 0; i < 2; ++i) CHECK(g.b.data()[i] == std::get<7>(want).data()[i]);
  constexpr int kernels = both.plan<net<tensor>, tensor<float, 8, 4>, tensor<int, 8>>().kernels;
  CHECK(both.plan(p, x, labels).kernels == kernels);

  // A step of training, in place: structures in and out.
  constexpr auto step = fn([](auto q, auto in, auto l) {
    const auto [v, d] = sinter::value_and_grad(loss)(q, in, l);
    for (int i = 0; i < 3; ++i) q.blocks[i].w = q.blocks[i].w - 0.5 * d.blocks[i].w;
    q.w = q.w - 0.5 * d.w;
    return std::tuple(v, q);
  });
  tensor<float> before, after;
  step.into(std::tie(before, p), p, x, labels);
  for (int i = 0; i < 20; ++i) step.into(std::tie(after, p), p, x, labels);
  CHECK(static_cast<float>(before) == static_cast<float>(value));
  CHECK(static_cast<float>(after) < static_cast<float>(before));
  CHECK(step.explain(p, x, labels).size() > 100);
}
TEST_CASE("plain structures, tuples and arrays") {
  constexpr auto squares = sinter::grad([](auto p, auto x) {
    const auto& [w, b] = p;
    const auto y = dot(x, w) + b;
    return sum(y * y);
  });
  linear p;
  p.w.fill(1), p.b = 3;
  const linear d = squares(p, tensor<float, 1, 4>{{1, 2, 3, 4}});
  CHECK(d.b == 26);
  CHECK(d.w(3) == 104);

  many m{};
  m.fields[2][1].fill(2), m.pair[1].fill(3), std::get<0>(m.nested).fill(5);
  const many dm = sinter::grad([](auto q) {
    const auto& [fields, pair, nested] = q;
    return sum(fields[2][1] * pair[1] * std::get<0>(nested));
  })(m);
  CHECK(dm.fields[2][1](0) == 15);
  CHECK(dm.pair[1](1) == 10);
  CHECK(std::get<0>(dm.nested)(0) == 6);
  CHECK(dm.fields[0][0](0) == 0);

  open<tensor> o{tensor<float, sinter::dyn, 2>(3)};
  o.w.fill(4);
  const open<tensor> dw = sinter::grad([](auto q) { return sum(q.w * q.w); })(o);
  CHECK((dw.w.extent(0) == 3 && dw.w(2, 1) == 8));

  const auto [first, second] = sinter::grad([](auto pair) { return sum(std::get<0>(pair) * std::get<1>(pair)); })(
      std::tuple(tensor<float, 2>{1, 2}, tensor<float, 2>{3, 4}));
  CHECK((first(1) == 4 && second(0) == 1));
  const auto array = fn([](auto x) { return std::array{x, x * 2}; })(tensor<float, 2>{1, 2});
  static_assert(std::is_same_v<decltype(array), const std::array<tensor<float, 2>, 2>>);
  CHECK(array[1](1) == 4);
}
TEST_CASE("tangents, batches and rules of structures") {
  using pair = std::tuple<tensor<float, 2>, tensor<float, 2>>;
  const pair p{{1, 2}, {3, 4}}, dp{{1, 0}, {0, 1}};
  constexpr auto product = [](auto q) { return std::get<0>(q) * std::get<1>(q); };
  const auto [y, dy] = sinter::jvp(product)(p, dp);
  CHECK((y(1) == 8 && dy(0) == 3 && dy(1) == 2));
  const tensor<float, 2> each = sinter::vmap([](auto q, auto r) { return std::get<0>(q) * std::get<1>(q) + r; })(p, std::get<0>(dp));
  CHECK((each(0) == 4 && each(1) == 8));
  constexpr auto shared = sinter::vmap<1>([](auto q, auto r) { return sum(std::get<0>(q) * r); });
  CHECK(shared(p, tensor<float, 3, 2>{{1, 1}, {2, 2}, {0, 1}})(2) == 2);
  constexpr auto ruled =
      sinter::custom_gradient(product, [](auto ct, auto q) { return std::tuple(std::tuple(ct * 10, std::get<0>(q) * ct)); });
  const auto [da, db] = sinter::grad([](auto q) { return sum(decltype(ruled){}(q)); })(p);
  CHECK((da(0) == 10 && db(1) == 2));
}

}  // namespace
