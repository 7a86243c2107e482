// SPDX-License-Identifier: Apache-2.0
// Transformations of functions as users call them: values at kinks, plans, compositions of one another, rules of the user's, batches
// against loops.
#include <cmath>
#include <cstring>
#include <limits>

#include <doctest/doctest.h>

#include <sinter/complex.hpp>
#include <sinter/sinter.hpp>

#include "ops/near.hpp"

namespace {

using sinter::axis;
using sinter::dyn;
using sinter::fn;
using sinter::tensor;

// ---- plans: what fuses

constexpr auto entropy = sinter::grad<0>([](auto logits, auto labels) { return cross_entropy(logits, labels); });
static_assert(entropy.plan<tensor<float, 32, 10>, tensor<int, 32>>().kernels == 1);
static_assert(entropy.plan<tensor<float, 32, 10>, tensor<int, 32>>().temporaries == 0);
static_assert(entropy.plan<tensor<float, dyn, 10>, tensor<float, dyn, 10>>().kernels == 1);
constexpr auto softmax_back = sinter::vjp<0>([](auto x) { return softmax(x); });
static_assert(softmax_back.plan<tensor<float, 32, 10>, tensor<float, 32, 10>>().kernels == 1);
constexpr auto norm_back = sinter::vjp<0>([](auto x) { return layer_norm(x, axis<1>); });
static_assert(norm_back.plan<tensor<float, 32, 64>, tensor<float, 32, 64>>().kernels == 1);
// Scale and shift sum over rows, which is another loop.
constexpr auto scaled_norm_back = sinter::vjp<0, 1, 2>([](auto x, auto g, auto b) { return layer_norm(x, axis<1>) * g + b; });
static_assert(scaled_norm_back.plan<tensor<float, 32, 64>, tensor<float, 64>, tensor<float, 64>, tensor<float, 32, 64>>().kernels <= 4);
// One matrix for all batches: its gradient is one product.
constexpr auto shared_matrix = sinter::vjp<1>([](auto x, auto w) { return matmul(x, w); });
static_assert(shared_matrix.plan<tensor<float, 8, 16, 32>, tensor<float, 32, 64>, tensor<float, 8, 16, 64>>().kernels == 2);
// An unused value costs nothing: of x y only y is needed for the gradient with respect to x.
constexpr auto product_slope = sinter::grad<0>([](auto x, auto y) { return sum(x * y); });
static_assert(product_slope.plan<tensor<float, 100>, tensor<float, 100>>().bytes_read == 400);

// ---- values at kinks and ties, as in JAX

template <class F> double slope_at(F, double x) {
  constexpr auto g = sinter::grad(F{});
  return g(tensor<double>(x));
}
TEST_CASE("derivatives at kinks") {
  const double infinity = std::numeric_limits<double>::infinity();
  CHECK(slope_at([](auto x) { return abs(x); }, 0) == 0);
  CHECK(slope_at([](auto x) { return sqrt(x); }, 0) == infinity);
  CHECK(slope_at([](auto x) { return relu(x); }, 0) == 0);
  CHECK(slope_at([](auto x) { return maximum(x, 0); }, 0) == 0.5);
  CHECK(slope_at([](auto x) { return minimum(x, x * 1); }, 3) == 1);
  CHECK(slope_at([](auto x) { return clamp(x, 0, 1); }, 1) == 0.5);
  CHECK(slope_at([](auto x) { return pow(x, 2.5); }, 0) == 0);
  CHECK(slope_at([](auto x) { return pow(x, 0); }, 0) == 0);
  CHECK(slope_at([](auto x) { return pow(2, x); }, 0) == doctest::Approx(std::log(2.0)));
  CHECK(slope_at([](auto x) { return pow(x * 0, x); }, 2) == 0);
  CHECK(slope_at([](auto x) { return floor(x) + sign(x) * 3; }, 1.5) == 0);
  // A branch that is not taken gives zero; a NaN that its own derivative makes passes, as in JAX.
  CHECK(slope_at([](auto x) { return where(x > 1, x, log(x)); }, 2) == 1);
  CHECK(std::isnan(slope_at([](auto x) { return where(x > 0, sqrt(x), x); }, -1)));
  CHECK(std::isnan(slope_at([](auto x) { return where(x < 0, x, 1 / sqrt(x * 0)); }, -1)));

  constexpr auto largest = sinter::grad([](auto x) { return max(x); });
  const tensor<double, 4> shares = largest(tensor<double, 4>{2, 3, 3, 1});
  CHECK((shares(0) == 0 && shares(1) == 0.5 && shares(2) == 0.5 && shares(3) == 0));
  constexpr auto apart = sinter::grad([](auto x) { return sum(max(x, axis<0, 2>)); });
  tensor<double, 2, 1, 2> tie;
  tie.fill(1), tie(0, 0, 1) = 0;
  const tensor<double, 2, 1, 2> thirds = apart(tie);
  CHECK((thirds(0, 0, 0) == 1 / 3. && thirds(1, 0, 0) == 1 / 3. && thirds(1, 0, 1) == 1 / 3. && thirds(0, 0, 1) == 0));

  constexpr auto product = sinter::grad([](auto x) { return prod(x); });
  const tensor<double, 3> one_zero = product(tensor<double, 3>{2, 0, 3}), two_zeros = product(tensor<double, 3>{0, 0, 3});
  CHECK((one_zero(0) == 0 && one_zero(1) == 6 && one_zero(2) == 0));
  CHECK((two_zeros(0) == 0 && two_zeros(1) == 0 && two_zeros(2) == 0));
}

// ---- levels of derivatives do not mix

TEST_CASE("nested derivatives of the same numbers") {
  // d/dx (x d/dy (x + y)) = 1 at y = x, not 2.
  constexpr auto confused = sinter::grad([](auto x) { return x * sinter::grad<1>([](auto a, auto b) { return a + b; })(x, x); });
  CHECK(static_cast<double>(confused(tensor<double>(3.0))) == 1);
  // The arguments of the inner function depend on one another.
  constexpr auto inner = fn([](auto x) {
    const auto square = x * x;
    return sinter::grad<0, 1>([](auto a, auto b) { return a * b; })(x, square);
  });
  const auto [by_x, by_square] = inner(tensor<double>(3.0));
  CHECK((static_cast<double>(by_x) == 9 && static_cast<double>(by_square) == 3));
  constexpr auto third = sinter::grad(sinter::grad(sinter::grad([](auto x) { return x * x * x * x; })));
  CHECK(static_cast<double>(third(tensor<double>(2.0))) == 48);
  constexpr auto stopped = sinter::grad([](auto x) { return x * sinter::stop_gradient(x); });
  CHECK(static_cast<double>(stopped(tensor<double>(2.0))) == 2);
  constexpr auto constant = sinter::grad([](auto) { return 1.5; });
  CHECK(static_cast<double>(constant(tensor<double>(2.0))) == 0);
}

TEST_CASE("derivatives inside of loops") {
  // Newton's method for the root of x^3 = 2.
  constexpr auto root = fn([](auto x) {
    return sinter::fori_loop(
        0, 6,
        [](auto, auto v) {
          const auto f = [](auto u) { return u * u * u - 2; };
          const auto [y, slope] = sinter::value_and_grad(f)(v);
          return v - y / slope;
        },
        x);
  });
  CHECK(static_cast<double>(root(tensor<double>(1.0))) == doctest::Approx(std::cbrt(2.0)).epsilon(1e-14));
  // What does not pass through the loop.
  constexpr auto beside = sinter::grad([](auto x, auto y) {
    return sum(x * sinter::fori_loop(
                       0, 3, [](auto, auto v) { return v * 2; }, y));
  });
  CHECK(beside(tensor<double, 2>{1, 2}, tensor<double, 2>{3, 4})(1) == 32);
}

// ---- the forms of the results

TEST_CASE("values, gradients, tangents") {
  constexpr auto loss = fn([](auto w, auto b, auto x) { return sum(tanh(dot(x, w) + b)); });
  constexpr auto both = sinter::value_and_grad<0, 1>(loss);
  tensor<double, 3, 2> w;
  tensor<double, 2> b;
  tensor<double, 4, 3> x;
  near::fill(w), near::fill(b), near::fill(x);
  auto [value, gradients] = both(w, b, x);
  auto& [gw, gb] = gradients;
  static_assert(std::is_same_v<std::remove_cvref_t<decltype(gw)>, tensor<double, 3, 2>>);
  CHECK(static_cast<double>(value) == static_cast<double>(loss(w, b, x)));
  const auto gw_alone = sinter::grad(loss)(w, b, x);
  CHECK(std::memcmp(gw_alone.data(), gw.data(), sizeof(double) * 6) == 0);

  // Into memory that exists, through nested ties.
  tensor<double> value_again;
  tensor<double, 3, 2> gw_again;
  tensor<double, 2> gb_again;
  both.into(std::tie(value_again, gw_again, gb_again), w, b, x);
  CHECK(std::memcmp(gw_again.data(), gw.data(), sizeof(double) * 6) == 0);
  auto nested = std::tuple(value_again, std::tuple(gw_again, gb_again));
  both.into(nested, w, b, x);
  CHECK(std::get<1>(std::get<1>(nested))(1) == gb(1));

  const auto [y, dy] = sinter::jvp<0>(loss)(w, b, x, w);
  double along = 0;
  for (int i = 0; i < 6; ++i) along += gw.data()[i] * w.data()[i];
  CHECK(static_cast<double>(dy) == doctest::Approx(along).epsilon(1e-12));
  CHECK(static_cast<double>(y) == static_cast<double>(value));

  // Several results, one of them an integer.
  constexpr auto pair = [](auto a, auto c) { return std::tuple(a * c, argmax(a)); };
  const auto [r, dr] = sinter::jvp<0>(pair)(b, b, b);
  CHECK(std::get<0>(dr)(1) == b(1) * b(1));
  CHECK(static_cast<long>(std::get<1>(dr)) == 0);
  (void)r;
}
TEST_CASE("run-time extents, narrow types, integers") {
  constexpr auto g = sinter::grad<0>([](auto x, auto i) { return sum(where(i > 1, slice(x, sinter::range<1, -1>), 0) * 2); });
  tensor<float, dyn> x(5);
  const tensor<float, dyn> dx = g(x, tensor<int, 3>{1, 2, 3});
  CHECK((dx(0) == 0 && dx(1) == 0 && dx(2) == 2 && dx(3) == 2 && dx(4) == 0));
  constexpr auto every = sinter::grad([](auto v) { return sum(slice(v, sinter::range<1, -1, 2>) * 3); });
  const tensor<float, dyn> third = every(tensor<float, dyn>(6));
  CHECK((third(0) == 0 && third(1) == 3 && third(2) == 0 && third(3) == 3 && third(4) == 0 && third(5) == 0));
  constexpr auto mean_slope = sinter::grad([](auto v) { return mean(v * v); });
  tensor<sinter::bfloat16, dyn> h(4);
  h.fill(2);
  const tensor<sinter::bfloat16, dyn> dh = mean_slope(h);
  CHECK(static_cast<float>(dh(3)) == 1);
  constexpr auto of_casts = sinter::grad([](auto v) { return sum(sinter::cast<double>(v) * 0.1); });
  CHECK(of_casts(tensor<float, 2>{1, 2})(1) == 0.1f);
}
TEST_CASE("complex numbers on the way") {
  using c = std::complex<double>;
  // |x (1 + 2i)|^2 = 5 x^2
  constexpr auto g = sinter::grad([](auto x) {
    const auto z = sinter::complex(x, x * 2);
    return sum(sinter::real(z * sinter::conj(z)));
  });
  CHECK(g(tensor<double, 2>{1, 3})(1) == doctest::Approx(30));
  // Of a complex argument: df/dre - i df/dim, as in JAX.
  constexpr auto of_complex = sinter::grad([](auto z) { return sum(sinter::abs(z)); });
  const c slope = of_complex(tensor<c, 1>{c(3, 4)})(0);
  CHECK(slope.real() == doctest::Approx(0.6));
  CHECK(slope.imag() == doctest::Approx(-0.8));
}

// ---- rules of the user's

struct softsign {
  auto operator()(auto x) const { return x / (1 + abs(x)); }
  static constexpr auto derivative(auto x) { return 1 / ((1 + abs(x)) * (1 + abs(x))); }
};
struct scaled_product {
  auto operator()(auto x, auto y) const { return x * y * 3; }
  static constexpr auto derivative(auto x, auto y) { return std::tuple(y * 3, x * 3); }
};
constexpr auto rounded = sinter::custom_gradient([](auto x) { return round(x); }, [](auto ct, auto) { return ct; });
constexpr auto twice = sinter::custom_gradient([](auto a, auto b) { return std::tuple(a * b, a + b); },
                                               [](auto ct, auto a, auto b) {
                                                 const auto [p, s] = ct;
                                                 return std::tuple(10 * (p * b + s), 100 * (p * a + s));
                                               });
TEST_CASE("rules of the user's") {
  constexpr auto g = sinter::grad([](auto x) { return sum(sinter::map<softsign>(x)); });
  CHECK(g(tensor<double, 2>{1, -3})(1) == 1 / 16.);
  constexpr auto second = sinter::grad(sinter::grad([](auto x) { return sinter::map<softsign>(x); }));
  CHECK(static_cast<double>(second(tensor<double>(1.0))) == doctest::Approx(-0.25));
  constexpr auto two = sinter::grad<0, 1>([](auto x, auto y) { return sum(sinter::map<scaled_product>(x, y)); });
  const auto [dx, dy] = two(tensor<double, 1>{2}, tensor<double, 1>{5});
  CHECK((dx(0) == 15 && dy(0) == 6));

  constexpr auto through = sinter::grad([](auto x) { return sum(rounded(x) * x); });
  CHECK(through(tensor<double, 1>{2.25})(0) == 4.25);
  // The same mapped over a batch, under the gradient and above it.
  constexpr auto mapped = sinter::grad([](auto x) { return sum(sinter::vmap(rounded)(x) * x); });
  CHECK(mapped(tensor<double, 2>{2.25, 3.5})(1) == 7.5);
  constexpr auto above = sinter::vmap(sinter::grad([](auto x) { return rounded(x) * x; }));
  CHECK(above(tensor<double, 2>{2.25, 3.5})(1) == 7.5);

  // Two arguments, two results; an argument that the batch shares gets the sum.
  constexpr auto used = sinter::grad<0, 1>([](auto a, auto b) {
    const auto [p, s] = twice(a, b);
    return p * 2 + s * 3;
  });
  const auto [da, db] = used(tensor<double>(5.0), tensor<double>(7.0));
  CHECK((static_cast<double>(da) == 10 * (2 * 7 + 3) && static_cast<double>(db) == 100 * (2 * 5 + 3)));
  constexpr auto first_only = sinter::grad<0, 1>([](auto a, auto b) {
    const auto [p, s] = sinter::vmap<0>(twice)(a, b);
    return sum(p);
  });
  const auto [va, vb] = first_only(tensor<double, 2>{5, 6}, tensor<double>(7.0));
  CHECK((va(0) == 70 && va(1) == 70 && static_cast<double>(vb) == 1100));
}

constexpr auto block = [](auto x, auto w) { return tanh(dot(tanh(dot(x, w)), w)); };
TEST_CASE("checkpoint computes again") {
  constexpr auto kept = sinter::value_and_grad<0, 1>([](auto x, auto w) { return sum(block(block(x, w), w)); });
  constexpr auto again = sinter::value_and_grad<0, 1>([](auto x, auto w) {
    constexpr auto f = sinter::checkpoint(block);
    return sum(f(f(x, w), w));
  });
  using m = tensor<double, 16, 16>;
  static_assert(again.plan<m, m>().flops > kept.plan<m, m>().flops + 3 * 2 * 16 * 16 * 16);
  m x, w;
  near::fill(x), near::fill(w, 0.25, 77);
  const auto [y, g] = kept(x, w);
  const auto [z, h] = again(x, w);
  CHECK(static_cast<double>(y) == static_cast<double>(z));
  for (int i = 0; i < 256; ++i) {
    CHECK(std::get<0>(g).data()[i] == doctest::Approx(std::get<0>(h).data()[i]).epsilon(1e-12));
    CHECK(std::get<1>(g).data()[i] == doctest::Approx(std::get<1>(h).data()[i]).epsilon(1e-12));
  }
}

// ---- batches against loops, bit by bit

template <class T, sinter::extent_t... E> tensor<T, E...> element_of(const tensor<T, 3, E...>& all, int i) {
  tensor<T, E...> one;
  std::memcpy(one.data(), all.data() + i * one.size(), sizeof(T) * static_cast<std::size_t>(one.size()));
  return one;
}
template <class F, class A, class B> void check_loop(F, const A& a, const B& b) {
  const auto got = sinter::vmap(F{})(a, b);
  for (int i = 0; i < 3; ++i) {
    const auto want = sinter::fn(F{})(element_of(a, i), element_of(b, i));
    CHECK(std::memcmp(got.data() + i * want.size(), want.data(), sizeof(float) * static_cast<std::size_t>(want.size())) == 0);
  }
}
TEST_CASE("a mapped function gives the bits of a loop") {
  tensor<float, 3, 5, 70> a;
  tensor<float, 3, 70, 6> b;
  near::fill(a), near::fill(b, 1, 999);
  check_loop([](auto x, auto w) { return softmax(dot(x, w)); }, a, b);
  check_loop([](auto x, auto w) { return sum(layer_norm(x, axis<1>), axis<0>) + sum(w, axis<1>); }, a, b);
  check_loop([](auto x, auto w) { return prod(max(x, axis<0>) * min(w, axis<1>) + 1) + mean(x); }, a, b);
  check_loop(sinter::grad<1>([](auto x, auto w) { return sum(gelu(dot(x, w))); }), a, b);
  check_loop([](auto x, auto w) { return pad(transpose(x), sinter::edges<0, 0>, sinter::edges<1, 0>, sum(w)); }, a, b);
}
TEST_CASE("axes of a batch") {
  tensor<float, 4, 3> x;
  tensor<float, 4> v{1, 2, 3, 4};
  near::fill(x);
  const tensor<float, 3> y = sinter::vmap<sinter::in_axes<1, sinter::none>>([](auto a, auto b) { return dot(a, b); })(x, v);
  const tensor<float, 3> same = sinter::vmap<sinter::in_axes<-1, sinter::none>>([](auto a, auto b) { return dot(a, b); })(x, v);
  for (int i = 0; i < 3; ++i) {
    float want = 0;
    for (int k = 0; k < 4; ++k) want = std::fma(x(k, i), v(k), want);
    CHECK((y(i) == want && same(i) == want));
  }
  // One matrix for all is one product; a function of no batched argument repeats.
  constexpr auto shared = sinter::vmap<0>([](auto a, auto w) { return std::tuple(dot(a, w), sum(w)); });
  static_assert(shared.plan<tensor<float, 64, 32>, tensor<float, 32, 16>>().flops == 2 * 64 * 32 * 16 + 512);
  tensor<float, 4, 2> w;
  w.fill(1);
  const auto [p, s] = shared(tensor<float, 3, 4>(), w);
  CHECK((s(0) == 8 && s(2) == 8 && p(2, 1) == 0));
  // Gradients of each example.
  constexpr auto per_example = sinter::vmap<1>(sinter::grad<0>([](auto u, auto e) { return dot(u, e) * dot(u, e); }));
  const tensor<float, 2, 3> each = per_example(tensor<float, 3>{1, 1, 1}, tensor<float, 2, 3>{{1, 2, 3}, {0, 1, 0}});
  CHECK((each(0, 2) == 36 && each(1, 1) == 2 && each(1, 0) == 0));
}
TEST_CASE("jacobians and hessians") {
  constexpr auto f = [](auto x, auto w) { return tanh(dot(w, x)); };
  tensor<double, 3> x{0.1, -0.2, 0.3};
  tensor<double, 2, 3> w{{1, 2, 3}, {-1, 0.5, 2}};
  const tensor<double, 2, 3> a = sinter::jacfwd(f)(x, w), b = sinter::jacrev(f)(x, w), c = sinter::jacobian(f)(x, w);
  const tensor<double, 2> y = sinter::fn(f)(x, w);
  const tensor<double, 2, 2, 3> by_w = sinter::jacobian<1>(f)(x, w);
  for (int i = 0; i < 2; ++i)
    for (int k = 0; k < 3; ++k) {
      const double want = (1 - y(i) * y(i)) * w(i, k);
      CHECK(a(i, k) == doctest::Approx(want).epsilon(1e-14));
      CHECK(b(i, k) == doctest::Approx(want).epsilon(1e-14));
      CHECK(c(i, k) == doctest::Approx(want).epsilon(1e-14));
      CHECK(by_w(i, i, k) == doctest::Approx((1 - y(i) * y(i)) * x(k)).epsilon(1e-14));
      CHECK(by_w(i, 1 - i, k) == 0);
    }
  const tensor<double, 3, 3> h = sinter::hessian([](auto v) { return sum(v * v * v) + prod(v); })(tensor<double, 3>{2, 3, 5});
  const double want[3][3] = {{12, 5, 3}, {5, 18, 2}, {3, 2, 30}};
  for (int i = 0; i < 3; ++i)
    for (int k = 0; k < 3; ++k) CHECK(h(i, k) == doctest::Approx(want[i][k]).epsilon(1e-12));
}

}  // namespace
