// SPDX-License-Identifier: Apache-2.0
// Library calls from outside the library: a functor on whole arrays, in functions and eagerly, with batches, several results, run-time
// extents, no elements, overlap of results and operands, exceptions and threads.
#include <stdexcept>
#include <string_view>
#include <thread>
#include <tuple>
#include <type_traits>

#include <doctest/doctest.h>

#include <sinter/sinter.hpp>

#include "near.hpp"

namespace ours {

inline constexpr sinter::rule needs_squares{};
int calls = 0;

// y[i] = sum_j a[i, j] x[j], from the last row up, so that writing over an operand would be seen.
struct product {
  static constexpr const char* name = "product";
  static constexpr int ranks[] = {2, 1};
  static constexpr sinter::call_result result(const sinter::call_operand& a, const sinter::call_operand& x) {
    a.require_equal(1, x, 0, sinter::inner_extents_differ);
    return {a.type(), sinter::shape{a.extent(0)}};
  }
  template <class A, class X, class Y> static void run(A a, X x, Y y) {
    ++calls;
    for (auto i = y.extent(0); i-- > 0;) {
      y(i) = 0;
      for (int j = 0; j < x.extent(0); ++j) y(i) += a(i, j) * x(j);
    }
  }
};
// The same elements: shows what arrives.
struct copied {
  static constexpr int ranks[] = {2};
  static constexpr sinter::call_result result(const sinter::call_operand& a) { return {a.type(), sinter::shape{a.extent(0), a.extent(1)}}; }
  template <class A, class Y> static void run(A a, Y y) {
    for (int i = 0; i < a.extent(0); ++i)
      for (int j = 0; j < a.extent(1); ++j) y(i, j) = a.data()[i * a.extent(1) + j];
  }
};
// The sum of each row, the sum of each column, and how many elements there are.
struct sums {
  static constexpr int ranks[] = {2};
  static constexpr auto result(const sinter::call_operand& a) {
    return std::tuple(sinter::call_result{a.type(), sinter::shape{a.extent(0)}}, sinter::call_result{a.type(), sinter::shape{a.extent(1)}},
                      sinter::call_result{sinter::dtype::i64, {}});
  }
  static void run(sinter::view<const float, sinter::dyn, sinter::dyn> a, sinter::view<float, sinter::dyn> rows,
                  sinter::view<float, sinter::dyn> columns, sinter::view<std::int64_t> count) {
    ++calls;
    rows.fill(0), columns.fill(0);
    for (int i = 0; i < a.extent(0); ++i)
      for (int j = 0; j < a.extent(1); ++j) rows(i) += a(i, j), columns(j) += a(i, j);
    count() = a.size();
  }
};
// All axes of both, and extents that are computed.
struct joined {
  static constexpr const char* name = "joined";
  static constexpr sinter::call_result result(const sinter::call_operand& a, const sinter::call_operand& b) {
    return {a.type(), sinter::shape{a.extent(0) + b.extent(0), minimum(a.extent(0), b.extent(-1)) * 2}};
  }
  template <class A, class B, class Y> static void run(A a, B b, Y y) {
    y.fill(0);
    for (int i = 0; i < a.extent(0) && i < y.extent(1); ++i) y(i, i) = a(i);
    if (b.extent(0) > 0 && y.extent(1) > 0) y(y.extent(0) - 1, y.extent(1) - 1) = b(b.extent(0) - 1);
  }
};
// Of the second result only extents and memory count: it is filled, whether somebody uses it or not.
sinter::shape<> filled;
struct filling {
  static constexpr int ranks[] = {1, 1};
  static constexpr auto result(const sinter::call_operand& a, const sinter::call_operand& b) {
    const auto m = a.extent(0), n = b.extent(0);
    return std::tuple(sinter::call_result{a.type(), sinter::shape{m}},
                      sinter::call_result{sinter::dtype::f64, sinter::shape{m + n, 2 * m * n - m, minimum(m, n)}});
  }
  template <class A, class B, class Y, class Z> static void run(A a, B b, Y y, Z z) {
    for (int i = 0; i < a.extent(0); ++i) y(i) = a(i) + b(0);
    z.fill(3);
    filled = sinter::shape{z.extent(0), z.extent(1), z.extent(2)};
  }
};
struct square {
  static constexpr int ranks[] = {2};
  static constexpr sinter::call_result result(const sinter::call_operand& a) {
    a.require_equal(0, a, 1, needs_squares);
    return {a.type(), sinter::shape{a.extent(0), a.extent(1)}};
  }
  template <class A, class Y> static void run(A a, Y y) {
    for (int i = 0; i < a.extent(0); ++i)
      for (int j = 0; j < a.extent(1); ++j) {
        y(i, j) = 0;
        for (int k = 0; k < a.extent(1); ++k) y(i, j) += a(i, k) * a(k, j);
      }
  }
};
struct shifted {
  static constexpr sinter::call_result result(const sinter::call_operand& a, const sinter::call_operand& by) {
    if (by.rank() != 0) by.refuse(sinter::rank_not_supported);
    return {a.type(), sinter::shape{a.extent(0)}};
  }
  template <class A, class B, class Y> static void run(A a, B by, Y y) {
    for (int i = 0; i < a.extent(0); ++i) y(i) = a(i) + by();
  }
};
struct refusal : std::runtime_error {
  using std::runtime_error::runtime_error;
};
struct positive {
  static constexpr int ranks[] = {1};
  static constexpr sinter::call_result result(const sinter::call_operand& a) { return {a.type(), sinter::shape{a.extent(0)}}; }
  template <class A, class Y> static void run(A a, Y y) {
    for (int i = 0; i < a.extent(0); ++i) {
      if (a(i) < 0) throw refusal("negative");
      y(i) = a(i);
    }
  }
};
std::thread::id ran_on;
struct where_it_runs {
  static constexpr sinter::call_result result(const sinter::call_operand& a) { return {a.type(), sinter::shape{a.extent(0)}}; }
  template <class A, class Y> static void run(A a, Y y) {
    ran_on = std::this_thread::get_id();
    for (int i = 0; i < a.extent(0); ++i) y(i) = a(i);
  }
};

}  // namespace ours

namespace {

using sinter::axis;
using sinter::dyn;
using sinter::fn;
using sinter::library_call;
using sinter::tensor;
using sinter::transpose;
using sinter::view;

constexpr auto apply = fn([](auto a, auto x) { return library_call<ours::product>(a, x); });
constexpr auto between = fn([](auto a, auto x) { return sinter::exp(library_call<ours::product>(a * 2, x)) + 1; });
constexpr auto all_sums = fn([](auto a) { return library_call<ours::sums>(a); });
constexpr auto squared = fn([](auto a) { return library_call<ours::square>(a); });

// Kernels and temporaries: an operand in memory is read where it is, what is computed or strided is written first.
constexpr auto plain = apply.plan<tensor<float, 3, 4>, tensor<float, 4>>();
static_assert(plain.kernels == 1 && plain.temporaries == 0 && plain.workspace_bytes == 0 && plain.flops == 0);
static_assert(plain.bytes_read == 4 * 16 && plain.bytes_written == 4 * 3);
constexpr auto around = between.plan<tensor<float, 3, 4>, tensor<float, 4>>();
static_assert(around.kernels == 3 && around.temporaries == 2);
static_assert(apply.plan<view<float, 3, 4>, tensor<float, 4>>().kernels == 2);
static_assert(
    fn([](auto a, auto x) { return library_call<ours::product>(transpose(a), x); }).plan<tensor<float, 4, 3>, tensor<float, 4>>().kernels ==
    2);
// What is still row-major within a batch is read where it is.
constexpr auto batches_of =
    fn([](auto a, auto x) { return library_call<ours::product>(sinter::slice(a, sinter::range<1, 7, 2>, sinter::all, sinter::all), x); });
constexpr auto sliced = batches_of.plan<tensor<float, 8, 3, 4>, tensor<float, 4>>();
static_assert(sliced.kernels == 1 && sliced.bytes_read == 4 * (3 * 12 + 4) && sliced.bytes_written == 4 * 9);
static_assert(fn([](auto a, auto x) { return library_call<ours::product>(sinter::reshape<2, 3, 4>(a), x); })
                  .plan<tensor<float, 24>, tensor<float, 4>>()
                  .kernels == 1);
// One kernel for all results, equal calls are one, and a result that nobody uses takes scratch memory of one batch.
static_assert(all_sums.plan<tensor<float, 3, 40>>().kernels == 1 && all_sums.plan<tensor<float, 3, 40>>().workspace_bytes == 0);
constexpr auto only_count = fn([](auto a) { return std::get<2>(library_call<ours::sums>(a)); });
static_assert(only_count.plan<tensor<float, 5, 3, 40>>().kernels == 1 &&
              only_count.plan<tensor<float, 5, 3, 40>>().workspace_bytes == 64 + 192);
static_assert(fn([](auto a, auto x) { return library_call<ours::product>(a, x) + library_call<ours::product>(a, x); })
                  .plan<tensor<float, 3, 4>, tensor<float, 4>>()
                  .kernels == 2);
static_assert(std::is_same_v<decltype(apply(tensor<float, 5, 3, 4>(), tensor<float, 4>())), tensor<float, 5, 3>>);
static_assert(std::is_same_v<decltype(only_count(tensor<float, 3, 4>())), tensor<std::int64_t>>);

// What the functor is given is the operand, however it is spelled.
template <class X> bool arrives(const X& x) {
  const auto expected = sinter::eval(x);
  const auto y = sinter::eval(library_call<ours::copied>(x));
  bool good = y.size() == expected.size();
  for (int i = 0; i < expected.size(); ++i) good &= near::same(y.data()[i], expected.data()[i]);
  return good;
}
template <class A, class X, class Y> bool is_product(const A& a, const X& x, const Y& y) {
  bool good = y.extent(0) == a.extent(0);
  for (int i = 0; i < a.extent(0); ++i) {
    typename A::value_type s = 0;
    for (int j = 0; j < a.extent(1); ++j) s += a(i, j) * x(j);
    good &= s == y(i);
  }
  return good;
}

}  // namespace

TEST_CASE("library calls: in functions and eagerly") {
  tensor<float, 3, 4> a;
  tensor<float, 4> x;
  near::fill(a, 5, 1), near::fill(x, 5, 2);
  CHECK(is_product(a, x, apply(a, x)));
  const tensor<float, 3> eager = library_call<ours::product>(a, x);
  CHECK(is_product(a, x, eager));
  const tensor<double, 3, 4> wide = sinter::cast<double>(a);
  CHECK(is_product(wide, tensor<double, 4>(sinter::cast<double>(x)), apply(wide, sinter::cast<double>(x))));

  const auto y = between(a, x);
  const tensor<float, 3, 4> doubled = a * 2;
  const auto p = apply(doubled, x);
  const tensor<float, 3> expected = sinter::exp(p) + 1, mixed = sinter::exp(library_call<ours::product>(a * 2, x)) + 1;
  for (int i = 0; i < 3; ++i) {
    CHECK(y(i) == expected(i));
    CHECK(mixed(i) == expected(i));
  }
  const std::string_view text = between.explain(a, x);
  CHECK(text.find("kernel 1: library call\n  computes product\n") != std::string_view::npos);
  CHECK(to_dot(between, a, x).find("library_call") != std::string_view::npos);

  // Strided operands and results.
  const tensor<float, 4, 3> t = transpose(a);
  const view<const float, 3, 4> across(t.data(), sinter::strides{1, 3});
  CHECK(is_product(a, x, apply(across, x)));
  const tensor<float, 3> eager_across = library_call<ours::product>(transpose(t), x);
  CHECK(is_product(a, x, eager_across));
  tensor<float, 3, 2> wider;
  wider.sub(sinter::all, 1) = library_call<ours::product>(a, x);
  CHECK(is_product(a, x, wider.sub(sinter::all, 1)));
  CHECK(wider(0, 0) == 0);
  // A number beside an operand has its type; one that is an argument too.
  const tensor<float, 4> plus = library_call<ours::shifted>(x, 3), plus_sum = library_call<ours::shifted>(x, sinter::sum(x));
  constexpr auto by = fn([](auto v, auto n) { return library_call<ours::shifted>(v, n); });
  CHECK(plus(2) == x(2) + 3);
  CHECK(by(x, 3.f)(2) == x(2) + 3);
  CHECK(plus_sum(1) == x(1) + static_cast<float>(sinter::sum(x)));
  const tensor<float, 4> plus_literal = fn([](auto v) { return library_call<ours::shifted>(v + 1, 2); })(x);
  CHECK(plus_literal(0) == x(0) + 1 + 2);
  // The same on another backend, and with what is constant computed in advance.
  CHECK(between.on<sinter::backend::scalar>()(a, x)(1) == y(1));
  const auto ready = between.prepare(sinter::constant(a), sinter::constant(x));
  CHECK(ready()(2) == y(2));
}

TEST_CASE("library calls: run-time extents and no elements") {
  for (const int m : {0, 1, 5})
    for (const int n : {0, 1, 7}) {
      tensor<float, dyn, dyn> a(m, n);
      tensor<float, dyn> x(n);
      near::fill(a, 5, 1), near::fill(x, 5, 2);
      CHECK(is_product(a, x, apply(a, x)));
      CHECK(is_product(a, x, tensor<float, dyn>(library_call<ours::product>(a, x))));
      const auto [rows, columns, count] = all_sums(a);
      CHECK(rows.extent(0) == m);
      CHECK(columns.extent(0) == n);
      CHECK(count() == m * n);
      CHECK(only_count(a)() == m * n);
      CHECK(only_count.plan(a).workspace_bytes == (m + 15) / 16 * 64 + (n + 15) / 16 * 64);
      const auto j = fn([](auto u, auto v) { return library_call<ours::joined>(u, v); })(x, tensor<float, dyn>(m));
      CHECK(j.extent(0) == m + n);
      CHECK(j.extent(1) == 2 * (m < n ? m : n));
    }
  tensor<float, dyn, dyn> a(3, 4);
  tensor<float, dyn> five(5), y(3);
  y.fill(7);
  CHECK_THROWS_AS(apply.into(y, a, five), sinter::shape_error);
  CHECK(y(0) == 7);
  CHECK_THROWS_AS(squared(a), sinter::shape_error);
  CHECK(apply.plan<tensor<float, dyn, dyn>, tensor<float, dyn>>().bytes_read.text() == "4 n0_0 n0_1 + 4 n0_1");
  CHECK(fn([](auto u, auto v) { return library_call<ours::joined>(u, v); })
            .plan<tensor<float, dyn>, tensor<float, dyn>>()
            .bytes_written.text()
            .find("min(n0_0, n1_0)") != std::string::npos);
  CHECK(only_count.plan<tensor<float, dyn, dyn>>().workspace_bytes(sinter::shape{3, 40}) == 64 + 192);
}

TEST_CASE("library calls: operands of every kind") {
  using sinter::all, sinter::range;
  // [4, 6] and [6]: where strides may be constants, and where they are not.
  const auto strided_ones = [](const auto& a) {
    CHECK(arrives(transpose(a)));
    CHECK(arrives(sinter::slice(a, range<1, 3>, all)));
    CHECK(arrives(sinter::slice(transpose(a), range<1, 6, 2>, all)));
    CHECK(arrives(sinter::broadcast_to<3, 4, 6>(a)));
    CHECK(arrives(sinter::reshape<3, 8>(transpose(a))));
    CHECK(arrives(sinter::transpose<0, 2, 1>(sinter::reshape<2, 2, 6>(a))));
    CHECK(arrives(sinter::softmax(a, axis<1>)));
  };
  const auto others = [](const auto& a, const auto& v) {
    CHECK(arrives(sinter::reverse(a, axis<1>)));
    CHECK(arrives(sinter::slice(a, all, range<1, 3>)));
    CHECK(arrives(sinter::pad(a, sinter::edges<1, 0>, sinter::edges<0, 2>, 5)));
    CHECK(arrives(sinter::concatenate(axis<0>, a, a * 2)));
    CHECK(arrives(sinter::broadcast_to<4, 6>(v)));
    CHECK(arrives(sinter::broadcast_to<4, 6>(sinter::sum(a))));
    CHECK(arrives(sinter::reshape<6, 4>(a)));
    CHECK(arrives(sinter::reshape<6, 4>(transpose(a) + 0)));
    CHECK(arrives(sinter::reshape<2, 2, 6>(a)));
    CHECK(arrives(sinter::transpose<1, 0, 2>(sinter::reshape<2, 2, 6>(a))));
    CHECK(arrives(sinter::dot(a, transpose(a))));
    CHECK(arrives(a > 0));
    CHECK(arrives(library_call<ours::copied>(transpose(a))));
  };
  tensor<float, 4, 6> a;
  tensor<float, 6> v;
  near::fill(a, 5, 1), near::fill(v, 5, 2);
  const tensor<float, dyn, dyn> open(a);
  strided_ones(a), strided_ones(open);
  others(open, tensor<float, dyn>(v));
  const tensor<float, 6, 4> across = transpose(a);
  const view<const float, 4, 6> strided(across.data(), sinter::strides{1, 4});
  CHECK(arrives(strided + 0));
  CHECK(arrives(transpose(strided)));
  CHECK(arrives(sinter::reshape<6, 4>(strided)));
  CHECK(arrives(sinter::iota<int, 4, 6>(axis<1>) + 1));
}

TEST_CASE("library calls: batches") {
  tensor<float, 2, 5, 3, 4> a;
  tensor<float, 5, 4> x;
  near::fill(a, 5, 1), near::fill(x, 5, 2);
  ours::calls = 0;
  const auto y = apply(a, x);  // the batches of x broadcast
  CHECK(ours::calls == 10);
  for (int i = 0; i < 2; ++i)
    for (int j = 0; j < 5; ++j) CHECK(is_product(a.sub(i, j, sinter::all, sinter::all), x.sub(j, sinter::all), y.sub(i, j, sinter::all)));
  const auto eight = batches_of(tensor<float, 8, 3, 4>(sinter::iota<float, 8, 3, 4>(axis<0>)), tensor<float, 4>{1, 1, 1, 1});
  CHECK(eight(0, 0) == 4);
  CHECK(eight(2, 2) == 20);
  // Batches of run-time extents must be equal.
  tensor<float, dyn, 3, 4> open(5);
  near::fill(open, 5, 3);
  const auto open_y = apply(open, tensor<float, dyn, 4>(x));
  CHECK(is_product(open.sub(3, sinter::all, sinter::all), x.sub(3, sinter::all), open_y.sub(3, sinter::all)));
  CHECK_THROWS_AS(apply(open, tensor<float, dyn, 4>(4)), sinter::shape_error);
  tensor<float, dyn, 3, 4> none(0);
  CHECK(apply(none, tensor<float, 4>()).extent(0) == 0);
  const auto one_for_all = apply(tensor<float, 3, 4>(a.sub(0, 0, sinter::all, sinter::all)), x);
  CHECK(one_for_all.extent(0) == 5);
  CHECK(is_product(a.sub(0, 0, sinter::all, sinter::all), x.sub(4, sinter::all), one_for_all.sub(4, sinter::all)));
  CHECK(apply.explain(a, x).find("library call over [2, 5]\n") != std::string_view::npos);
}

TEST_CASE("library calls: several results") {
  tensor<float, 3, 4> a;
  near::fill(a, 5, 1);
  ours::calls = 0;
  const auto [rows, columns, count] = all_sums(a);
  CHECK(ours::calls == 1);
  const auto [eager_rows, eager_columns, eager_count] = library_call<ours::sums>(a);
  CHECK(ours::calls == 2);
  for (int i = 0; i < 3; ++i) CHECK(rows(i) == eager_rows(i));
  for (int j = 0; j < 4; ++j) CHECK(columns(j) == eager_columns(j));
  CHECK(count() == 12);
  CHECK(eager_count() == 12);
  // Some of them, in another order, consumed in one kernel and twice.
  constexpr auto some = fn([](auto x) {
    const auto [r, c, n] = library_call<ours::sums>(x + 1);
    return std::tuple(sinter::cast<float>(n) + c * 2, sinter::sum(c), c);
  });
  ours::calls = 0;
  const auto [doubled, total, again] = some(a);
  CHECK(ours::calls == 1);
  for (int j = 0; j < 4; ++j) CHECK(doubled(j) == 12 + again(j) * 2);
  CHECK(total() == doctest::Approx(static_cast<double>(again(0) + again(1) + again(2) + again(3))));
  // Batches of which one result is not used.
  const tensor<float, 6, 3, 4> many = sinter::broadcast_to<6, 3, 4>(a);
  const tensor<float, 6, 4> of_many = fn([](auto x) { return std::get<1>(library_call<ours::sums>(x)); })(many);
  CHECK(of_many(5, 3) == columns(3));
  // The extents of what nobody uses are computed from run-time extents, too.
  constexpr auto first = fn([](auto x, auto y) { return std::get<0>(library_call<ours::filling>(x, y)) * 2; });
  constexpr auto both = fn([](auto x, auto y) { return library_call<ours::filling>(x, y); });
  tensor<float, dyn, dyn> u(2, 5);
  tensor<float, dyn> v(3);
  near::fill(u, 5, 1), near::fill(v, 5, 2);
  const auto sum = first(u, v);
  CHECK(sum(1, 4) == (u(1, 4) + v(0)) * 2);
  CHECK(ours::filled == sinter::shape{8, 25, 3});
  CHECK(first.plan(u, v).workspace_bytes == 64 + (8 * 25 * 3) * 8);
  const auto all = both(u, v);
  CHECK(std::get<1>(all)(1, 7, 24, 2) == 3);
  const tensor<float, 2, 5> fixed(u);
  CHECK(first(fixed, tensor<float, 3>(v))(1, 4) == sum(1, 4));
  CHECK(ours::filled == sinter::shape{8, 25, 3});

  const auto from_expression = library_call<ours::sums>(a + 1);
  CHECK(std::get<1>(from_expression)(2) == again(2));
}

TEST_CASE("library calls: results over operands, exceptions, threads") {
  tensor<float, 4, 4> a;
  near::fill(a, 5, 1);
  const auto y = squared(a);
  tensor<float, 4, 4> b = a, c = a;
  squared.into(b, b);
  c = library_call<ours::square>(c);
  for (int i = 0; i < 16; ++i) {
    CHECK(b.data()[i] == y.data()[i]);
    CHECK(c.data()[i] == y.data()[i]);
  }
  // Several results, one of them over the operand, and a result that is the operand itself.
  tensor<float, 3, 3> r;
  near::fill(r, 5, 4);
  tensor<float, 3> columns, other = r.sub(0, sinter::all);
  constexpr auto sums_of_rows = fn([](auto x) {
    const auto [rows, of_columns, n] = library_call<ours::sums>(sinter::reshape<3, 1>(x) + sinter::reshape<1, 3>(x));
    return std::tuple(rows, of_columns, x);
  });
  const auto [row_sums, column_sums, same] = sums_of_rows(other);
  tensor<float, 3> z3;
  sums_of_rows.into(std::tie(columns, other, z3), other);
  for (int i = 0; i < 3; ++i) {
    CHECK(columns(i) == row_sums(i));
    CHECK(other(i) == column_sums(i));
    CHECK(z3(i) == same(i));
  }
  constexpr auto margins = fn([](auto x) {
    const auto [rows, of_columns, n] = library_call<ours::sums>(sinter::reshape<3, 1>(x));
    return std::tuple(rows, n);
  });
  tensor<std::int64_t> count;
  z3 = other;
  margins.into(std::tie(other, count), other);
  for (int i = 0; i < 3; ++i) CHECK(other(i) == z3(i));
  CHECK(count() == 3);
  // A temporary does not lie over the operand either.
  constexpr auto twice = fn([](auto x) { return library_call<ours::square>(library_call<ours::square>(x)); });
  const auto fourth = twice(a), expected = squared(y);
  for (int i = 0; i < 16; ++i) CHECK(fourth.data()[i] == expected.data()[i]);

  tensor<float, dyn> x(3), z(2);
  x.fill(1), x(1) = -1, z.fill(7);
  CHECK_THROWS_AS(z = library_call<ours::positive>(x), ours::refusal);
  CHECK(z.extent(0) == 2);
  x(1) = 1;
  z = library_call<ours::positive>(x);
  CHECK(z(1) == 1);

  sinter::set_num_threads(3);
  tensor<float, dyn> large(1 << 20), out;
  large.fill(2);
  out = library_call<ours::where_it_runs>(large * 2);
  sinter::set_num_threads(1);
  CHECK(ours::ran_on == std::this_thread::get_id());
  CHECK(out(77) == 4);
}
