// SPDX-License-Identifier: Apache-2.0
// Products of complex elements of every spelling and layout, results in the place of operands, constant arguments.
#include <tuple>

#include "complex_near.hpp"

namespace {

using namespace near;

constexpr auto multiply = sinter::fn([](auto x, auto y) { return x * y; });
constexpr auto divide = sinter::fn([](auto x, auto y) { return x / y; });
constexpr auto conjugate = sinter::fn([](auto x) { return sinter::conj(x); });
constexpr auto dot = sinter::fn([](auto a, auto b) { return sinter::dot(a, b); });
constexpr auto scalar_dot = dot.on<sinter::backend::scalar>();
constexpr auto matmul = sinter::fn([](auto a, auto b) { return sinter::matmul(a, b); });
constexpr auto adjoint_dot = sinter::fn([](auto a, auto b) { return sinter::dot(sinter::conj(a), b); });

using matrix = tensor<c64, 64, 64>;
using open = tensor<c64, dyn, dyn>;
// A product is one kernel after that which brings the parts of its second operand below each other.
static_assert(dot.plan<matrix, matrix>().kernels == 2 && dot.plan<matrix, matrix>().flops == 8 * 64 * 64 * 64 + 64 * 64);
static_assert(adjoint_dot.plan<matrix, matrix>().kernels == 2 && dot.plan<open, open>().kernels == 2);
static_assert(
    sinter::fn([](auto a, auto b, auto c) { return sinter::conj(sinter::dot(a, b) * 2 + c); }).plan<matrix, matrix, matrix>().kernels == 2);

}  // namespace

TEST_CASE_TEMPLATE("products", T, c64, c128) {
  constexpr int sizes[] = {0, 1, 3, 17, 70};
  for (const int m : sizes)
    for (const int k : sizes)
      for (const int n : sizes) {
        CAPTURE(m);
        CAPTURE(k);
        CAPTURE(n);
        tensor<T, dyn, dyn> a(m, k), b(k, n);
        fill_complex(a), fill_complex(b, 99);
        const auto y = dot(a, b);
        CHECK(product_good<T>(a, b, y, m, k, n));
        if constexpr (std::is_same_v<T, c64>) CHECK(same_elements(y, scalar_dot(a, b)));
        // The layout of the operands changes no bit.
        tensor<T, dyn, dyn> at = sinter::transpose(a), bt = sinter::transpose(b);
        CHECK(same_elements(y, sinter::eval(sinter::dot(sinter::transpose(at), sinter::transpose(bt)))));
      }
}

TEST_CASE("products of all kinds") {
  tensor<c64, 5, 7> a;
  tensor<c64, 7, 4> b;
  tensor<c64, 7> v;
  tensor<c64, 5> w;
  fill_complex(a), fill_complex(b, 50), fill_complex(v, 7), fill_complex(w, 8);
  const auto conjugates = sinter::eval(sinter::conj(a));
  CHECK(same_elements(adjoint_dot(a, b), dot(conjugates, b)));
  CHECK(same_elements(sinter::eval(sinter::dot(a, sinter::conj(b))), dot(a, sinter::eval(sinter::conj(b)))));
  CHECK(product_good<c64>(conjugates, b, adjoint_dot(a, b), 5, 7, 4));
  // Strided operands give the bits of dense ones.
  tensor<c64, 10, 21> wide_a;
  auto part = wide_a.sub(range<0, 10, 2>, range<2, 21, 3>);
  part = a;
  CHECK(same_elements(dot(part, b), dot(a, b)));
  tensor<c64, 14, 8> wide_b;
  auto part_b = wide_b.sub(range<1, 14, 2>, range<0, 8, 2>);
  part_b = b;
  CHECK(same_elements(dot(a, part_b), dot(a, b)));
  // Vectors.
  const auto av = sinter::eval(sinter::dot(a, v));
  const auto wa = sinter::eval(sinter::dot(w, a));
  for (int i = 0; i < 5; ++i) {
    c128 exact = 0;
    for (int k = 0; k < 7; ++k) exact += wide(a(i, k)) * wide(v(k));
    CHECK(std::abs(wide(av(i)) - exact) <= 1e-5);
  }
  for (int j = 0; j < 7; ++j) {
    c128 exact = 0;
    for (int k = 0; k < 5; ++k) exact += wide(w(k)) * wide(a(k, j));
    CHECK(std::abs(wide(wa(j)) - exact) <= 1e-5);
  }
  const c64 inner = sinter::dot(sinter::conj(v), v), squares = sinter::sum(v * sinter::conj(v));
  CHECK(std::fabs(inner.real() - squares.real()) <= 1e-5f);
  CHECK(std::fabs(inner.imag()) <= 1e-6f);
  // Real operands beside complex ones.
  tensor<float, 5, 7> real_a = sinter::real(a);
  CHECK(product_good<c64>(sinter::eval(sinter::cast<c64>(real_a)), b, sinter::eval(sinter::dot(sinter::cast<c64>(real_a), b)), 5, 7, 4));
  tensor<float, 7, 4> real_b = sinter::real(b);
  CHECK(product_good<c64>(a, sinter::eval(sinter::cast<c64>(real_b)), sinter::eval(sinter::dot(a, sinter::cast<c64>(real_b))), 5, 7, 4));
  // What is computed before and after.
  const auto around = sinter::eval(sinter::dot(a * 2, b + 1) - 1);
  tensor<c64, 5, 7> a2 = a * 2;
  tensor<c64, 7, 4> b1 = b + 1;
  CHECK(same_elements(around, sinter::eval(dot(a2, b1) - 1)));
  // Batches, one matrix for all of them, other axes.
  tensor<c64, 3, 5, 7> many;
  tensor<c64, 3, 7, 4> others;
  fill_complex(many, 3), fill_complex(others, 5);
  const auto batch = matmul(many, others), shared = matmul(many, b), spread = matmul(a, others);
  const auto letters = sinter::eval(sinter::einsum<"bik,bkj->jbi">(many, others));
  const auto general = sinter::eval(sinter::dot_general(many, others, axis<2>, axis<1>, axis<0>, axis<0>));
  CHECK(same_elements(general, batch));
  const auto matrix_of = []<sinter::extent_t M, sinter::extent_t N>(const tensor<c64, 3, M, N>& from, int k) {
    tensor<c64, M, N> y;
    for (int i = 0; i < M; ++i)
      for (int j = 0; j < N; ++j) y(i, j) = from(k, i, j);
    return y;
  };
  for (int k = 0; k < 3; ++k) {
    const tensor<c64, 5, 7> x = matrix_of(many, k);
    const tensor<c64, 7, 4> y = matrix_of(others, k);
    const auto product = dot(x, y);
    CHECK(same_elements(matrix_of(batch, k), product));
    CHECK(same_elements(matrix_of(shared, k), dot(x, b)));
    CHECK(same_elements(matrix_of(spread, k), dot(a, y)));
    bool turned = true;
    for (int i = 0; i < 5; ++i)
      for (int j = 0; j < 4; ++j) turned = turned && c64(letters(j, k, i)) == c64(product(i, j));
    CHECK(turned);
  }
  tensor<c64, 4, 4> square;
  fill_complex(square);
  const c64 trace = sinter::einsum<"ii->">(square);
  CHECK(std::abs(trace - square(0, 0) - square(1, 1) - square(2, 2) - square(3, 3)) <= 1e-5f);
  CHECK(same_elements(sinter::eval(sinter::einsum<"ik,k->ik">(a, v)), sinter::eval(a * v)));
}

TEST_CASE("aliasing") {
  for (const int n : {1, 4, 17, 200}) {
    CAPTURE(n);
    tensor<c64, dyn> x(n), y(n);
    fill_complex(x), fill_complex(y, 31);
    const tensor<c64, dyn> before = x;
    x = sinter::conj(x);
    CHECK(same_elements(x, conjugate(before)));
    x = before, x *= y;
    CHECK(same_elements(x, multiply(before, y)));
    x = before, x = x * x;
    CHECK(same_elements(x, multiply(before, before)));
    x = before, x = y / x;
    CHECK(same_elements(x, divide(y, before)));
    x = before, x = sinter::reverse(x);
    for (int i = 0; i < n; ++i) CHECK(x(i) == before(n - 1 - i));
    x = before, x = sinter::complex(sinter::imag(x), sinter::real(x));
    for (int i = 0; i < n; ++i) CHECK(x(i) == c64(before(i).imag(), before(i).real()));
    x = before, x = x - sinter::sum(x);
    CHECK(same_elements(x, sinter::eval(before - sinter::eval(sinter::sum(before)))));
    if (n > 3) {
      tensor<c64, dyn> shifted = before;
      auto rest = shifted.sub(range<0, -2>), next = shifted.sub(range<1, -1>);
      rest = next * 2;
      for (int i = 0; i + 2 < n; ++i) CHECK(shifted(i) == before(i + 1) * 2.f);
    }
  }
  for (const int n : {1, 4, 40}) {
    tensor<c64, dyn, dyn> x(n, n), y(n, n);
    fill_complex(x), fill_complex(y, 77);
    const tensor<c64, dyn, dyn> before = x;
    x = sinter::dot(x, y);
    CHECK(same_elements(x, dot(before, y)));
    x = before, x = sinter::dot(y, x);
    CHECK(same_elements(x, dot(y, before)));
    x = before, x = sinter::dot(x, x);
    CHECK(same_elements(x, dot(before, before)));
    x = before, x = sinter::transpose(x);
    CHECK(x(0, n - 1) == before(n - 1, 0));
    x = before, x += sinter::dot(x, y);
    CHECK(same_elements(x, sinter::eval(before + sinter::dot(before, y))));
  }
  // Several results, one of them in place.
  constexpr auto both = sinter::fn([](auto x, auto y) { return std::tuple(x + y, x * y, sinter::abs(x)); });
  tensor<c64, 100> x, y, p;
  tensor<float, 100> m;
  fill_complex(x), fill_complex(y, 3);
  const auto [s, q, a] = both(x, y);
  both.into(std::tie(x, p, m), x, y);
  CHECK(same_elements(x, s));
  CHECK(same_elements(p, q));
  CHECK(m(7) == a(7));
}

TEST_CASE("constant arguments") {
  tensor<c64, 40, 48> a;
  tensor<c64, 48, 32> b;
  tensor<c64, 32> bias;
  fill_complex(a), fill_complex(b, 5), fill_complex(bias, 6);
  constexpr auto dense = sinter::fn([](auto x, auto w, auto c) { return sinter::dot(x, w) + c; });
  const auto ready = dense.prepare(a, sinter::constant(b), sinter::constant(bias));
  CHECK(ready.plan().kernels == 1);
  CHECK(same_elements(ready(a), dense(a, b, bias)));
  constexpr auto scaled = sinter::fn([](auto x, auto w) { return std::tuple(x * sinter::conj(w), w * 2); });
  const auto known = scaled.prepare(bias, sinter::constant(bias));
  const auto [u, v] = known(bias);
  CHECK(same_elements(u, sinter::eval(bias * sinter::conj(bias))));
  CHECK(same_elements(v, sinter::eval(bias * 2)));
}
