// SPDX-License-Identifier: Apache-2.0
// Kernels of the GPU, replayed: products, control flow, derivatives, batches and what else is made of several kernels.
#include <sinter/optim.hpp>

#include "cuda/replay.hpp"

using namespace replayed;

namespace {

template <template <class, extent_t...> class Tensor> struct network {
  Tensor<float, 20, 32> w1;
  Tensor<float, 32> b1;
  Tensor<float, 32, 5> w2;
  Tensor<float, 5> b2;
};

}  // namespace

TEST_CASE("products have the CPU's bits") {
  constexpr auto f = fn([](auto a, auto b) { return dot(a, b); });
  for (const extent_t m : {1, 3, 64, 65})
    for (const extent_t k : {0, 1, 16, 37})
      for (const extent_t n : {1, 63, 70}) {
        CAPTURE(m);
        CAPTURE(k);
        CAPTURE(n);
        check("open", 0, f, filled<tensor<float, dyn, dyn>>(1, 1, m, k), filled<tensor<float, dyn, dyn>>(1, 2, k, n));
      }
  check("f32", 0, f, filled<tensor<float, 65, 100>>(1, 1), filled<tensor<float, 100, 70>>(1, 2));
  check("f64", 0, f, filled<tensor<double, 65, 30>>(1, 1), filled<tensor<double, 30, 70>>(1, 2));
  check("i32", 0, f, filled<tensor<std::int32_t, 5, 30>>(1e6, 1), filled<tensor<std::int32_t, 30, 70>>(1e6, 2));
  check("i8", 0, f, filled<tensor<std::int8_t, 5, 30>>(90, 1), filled<tensor<std::int8_t, 30, 7>>(90, 2));
  check("f16", 0, f, filled<tensor<float16, 65, 30>>(1, 1), filled<tensor<float16, 30, 70>>(1, 2));
  check("bf16", 0, f, filled<tensor<bfloat16, 65, 30>>(1, 1), filled<tensor<bfloat16, 30, 70>>(1, 2));
  check("complex", 0, f, filled<tensor<std::complex<float>, 9, 30>>(1, 1), filled<tensor<std::complex<float>, 30, 7>>(1, 2));
  check("vector", 0, f, filled<tensor<float, 65, 100>>(1, 1), filled<tensor<float, 100>>(1, 2));
  check("vectors", 0, f, filled<tensor<float, 100>>(1, 1), filled<tensor<float, 100>>(1, 2));
  check("transposed", 0, fn([](auto a, auto b) { return dot(transpose(a), transpose(b)); }), filled<tensor<float, 30, 65>>(1, 1),
        filled<tensor<float, 70, 30>>(1, 2));
  check("batches", 0, fn([](auto a, auto b) { return matmul(a, b); }), filled<tensor<float, 2, 3, 9, 33>>(1, 1),
        filled<tensor<float, 2, 3, 33, 5>>(1, 2));
  check("one for all batches", 0, fn([](auto a, auto b) { return matmul(a, b); }), filled<tensor<float, 4, 9, 33>>(1, 1),
        filled<tensor<float, 33, 5>>(1, 2));
  auto x = filled<tensor<float, 80, 90>>(1, 1);
  check("parts", 0, f, x.sub(range<0, 80, 2>, range<3, 40>), x.sub(range<0, 37>, range<1, 90, 2>));
  tensor<float, 80, 90> out;
  auto to = out.sub(range<0, 80, 2>, range<0, 90, 2>);
  out.fill(7);
  device::replay(f, to, x.sub(range<0, 80, 2>, range<3, 40>), x.sub(range<0, 37>, range<0, 90, 2>));
  const tensor<float, 40, 45> want = f(x.sub(range<0, 80, 2>, range<3, 40>), x.sub(range<0, 37>, range<0, 90, 2>));
  extent_t wrong = 0;
  for (int i = 0; i < 40; ++i)
    for (int j = 0; j < 45; ++j) wrong += to(i, j) != want(i, j) || out(2 * i + 1, 2 * j) != 7 || out(2 * i, 2 * j + 1) != 7;
  CHECK(wrong == 0);
}
TEST_CASE("products and what is around them") {
  const auto x = filled<tensor<float, 37, 100>>(1, 1);
  const auto w = filled<tensor<float, 100, 70>>(1, 2);
  const auto b = filled<tensor<float, 70>>(1, 3);
  check("bias, gelu", 0, fn([](auto v, auto m, auto c) { return gelu(dot(v, m) + c); }), x, w, b);
  check("another matrix", 0, fn([](auto v, auto m, auto r) { return dot(v, m) * 2 + r; }), x, w, filled<tensor<float, 37, 70>>(1, 4));
  check("two results", 0, fn([](auto v, auto m, auto c) {
          const auto h = dot(v, m) + c;
          return std::tuple(relu(h), h > 0);
        }),
        x, w, b);
  check("prologue", 0, fn([](auto v, auto m) { return dot(tanh(v), m); }), x, w);
  check("softmax", rows_bound(70) + eps, fn([](auto v, auto m) { return softmax(dot(v, m), axis<1>); }), x, w);
  check("f16, bias, relu", 0, fn([](auto v, auto m, auto c) { return relu(dot(v, m) + c); }), filled<tensor<float16, 33, 40>>(1, 1),
        filled<tensor<float16, 40, 66>>(1, 2), filled<tensor<float16, 66>>(1, 3));
  const auto q = filled<tensor<float, 4, 20, 16>>(1, 1), k = filled<tensor<float, 4, 20, 16>>(1, 2),
             v = filled<tensor<float, 4, 20, 16>>(1, 3);
  // Weights are off by rows_bound and add up to 1, values are at most 1.
  check("attention", 2 * rows_bound(20) + 20 * eps, fn([](auto a, auto c, auto d) { return attention(a, c, d); }), q, k, v);
  check("conv", 0, fn([](auto image, auto kernel, auto bias) {
          return relu(conv(image, kernel, window_strides<2, 2>, same_padding, dimension_numbers<"NHWC", "HWIO", "NHWC">) + bias);
        }),
        filled<tensor<float, 2, 9, 9, 3>>(1, 1), filled<tensor<float, 3, 3, 3, 5>>(1, 2), filled<tensor<float, 5>>(1, 3));
  check("pools", 0, fn([](auto a) { return max_pool<2, 2>(a, window_strides<2, 2>); }), filled<tensor<float, 2, 8, 8, 3>>(1, 1));
  check("cumsum", 0, fn([](auto a) { return std::tuple(cumsum(a, axis<1>), cummax(a, axis<0>)); }), x);
  check("literal arrays", 0, fn([](auto a) { return dot(a, iota<float, 100, 3>(axis<0>)) + iota<float, 3>(axis<0>); }), x);
}
TEST_CASE("control flow") {
  const auto x = filled<tensor<float, 9, 40>>(1, 1);
  const auto h = filled<tensor<float, 40>>(1, 2);
  check("scan", 0, fn([](auto v, auto c) { return scan([](auto s, auto e) { return std::tuple(s * 0.5f + e, s * 2); }, c, v); }), x, h);
  check("while", 0,
        fn([](auto c) { return while_loop([](auto a) { return max(abs(a)) < 100.f; }, [](auto a) { return a * 2.f + 0.25f; }, c); }), h);
  check("fori", 0, fn([](auto v, auto c) {
          return fori_loop(
              0, 9, [=](auto i, auto s) { return s + reshape<40>(dynamic_slice<1, 40>(v, i, 0)) * cast<float>(i); }, c);
        }),
        x, h);
  constexpr auto branch = fn([](auto c) {
    return cond(
        sum(c) > 0, [&] { return c * 2.f; }, [&] { return c - 1.f; });
  });
  check("cond", 0, branch, h);
  check("cond, the other side", 0, branch, tensor<float, 40>(-1 * abs(h)));
  check("nested", 0, fn([](auto v, auto c) {
          return scan(
              [](auto s, auto e) {
                const auto t = fori_loop(
                    0, 3, [=](auto, auto z) { return z * 0.5f + e; }, s);
                const auto u = cond(
                    max(t) > 0.5f, [=] { return t * 0.5f; }, [=] { return t + 0.125f; });
                return std::tuple(u, max(u));
              },
              c, v);
        }),
        x, h);
  check("cache", 0, fn([](auto c, auto v) {
          return fori_loop(
              0, 3, [=](auto i, auto s) { return dynamic_update_slice(s, dynamic_slice<1, 40>(v, i, 0), i + 1, 0); }, c);
        }),
        tensor<float, 9, 40>(x * 2), x);
}
TEST_CASE("derivatives and batches") {
  network<tensor> p;
  fill(p.w1, 0.3, 1), fill(p.b1, 0.1, 2), fill(p.w2, 0.3, 3), fill(p.b2, 0.1, 4);
  tensor<int, 24> labels;
  for (int i = 0; i < 24; ++i) labels(i) = i * 7 % 5;
  // The sums over a batch of 24 and of 5 classes are short; products are exact: some tens of roundings in all, each of eps / 2.
  check("grad", 64 * eps,
        value_and_grad([](auto n, auto x, auto l) { return cross_entropy(dot(relu(dot(x, n.w1) + n.b1), n.w2) + n.b2, l); }), p,
        filled<tensor<float, 24, 20>>(1, 5), labels);
  check("grad of a scan", 64 * eps,
        grad([](auto c, auto v) { return sum(std::get<0>(scan([](auto s, auto e) { return std::tuple(tanh(s * 0.5f + e), s); }, c, v))); }),
        filled<tensor<float, 8>>(1, 1), filled<tensor<float, 5, 8>>(1, 2));
  check("vmap", 0, vmap([](auto a, auto b) { return dot(a, b) + 1; }), filled<tensor<float, 4, 9, 33>>(1, 1),
        filled<tensor<float, 4, 33, 5>>(1, 2));
  check("tree", 0, fn([](auto n, auto s) {
          n.w1 = n.w1 * s, n.b1 = exp(n.b1), n.w2 = n.w2 + 1, n.b2 = n.b2 - s;
          return std::tuple(n, s * 2);
        }),
        p, 0.5f);
}

TEST_CASE("training") {
  network<tensor> p, g;
  fill(p.w1, 0.3, 1), fill(p.b1, 0.1, 2), fill(p.w2, 0.3, 3), fill(p.b2, 0.1, 4);
  fill(g.w1, 0.3, 5), fill(g.b1, 0.1, 6), fill(g.w2, 0.3, 7), fill(g.b2, 0.1, 8);
  auto state = adam_init(p);
  state.count.fill(3), state.mean = g;
  check("adam", 0, adam, p, g, adam_init(p), 0.01f);
  check("adam, later", 0,
        fn([](auto x, auto y, auto s) { return adam(x, y, std::tuple(std::get<0>(s), std::get<1>(s), std::get<2>(s)), 0.01f); }), p, g,
        std::tuple(state.count, state.mean, network<tensor>{exp(p.w1), exp(p.b1), exp(p.w2), exp(p.b2)}));

  // The CPU and the kernels train a copy each: the losses fall, and stay together.
  tensor<int, 24> labels;
  for (int i = 0; i < 24; ++i) labels(i) = i * 7 % 5;
  const auto x = filled<tensor<float, 24, 20>>(1, 5);
  constexpr auto step = fn([](auto n, auto s, auto v, auto l) {
    const auto [loss, slope] =
        value_and_grad<0>([](auto q, auto u, auto k) { return cross_entropy(dot(relu(dot(u, q.w1) + q.b1), q.w2) + q.b2, k); })(n, v, l);
    const auto [next, after] = adam(n, slope, s, 0.02f);
    return std::tuple(loss, next, after);
  });
  network<tensor> a = p, b = p;
  auto sa = adam_init(p), sb = adam_init(p);
  tensor<float> first, la, lb;
  for (int i = 0; i < 12; ++i) {
    step.into(std::tie(la, a, sa), a, sa, x, labels);
    auto to = std::tie(lb, b, sb);
    device::replay(step, to, b, sb, x, labels);
    if (i == 0) first = la;
    CHECK(std::fabs(float(la) - float(lb)) <= 1e-4f * float(la));
  }
  CHECK(float(lb) < 0.8f * float(first));
  CHECK(sb.count() == 12);
}
