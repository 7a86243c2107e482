// SPDX-License-Identifier: Apache-2.0
// Eager expressions: lifetimes, self-assignment, overlapping views, shapes at run time, equal subtrees.
#include <cmath>
#include <cstdint>
#include <utility>

#include <doctest/doctest.h>

#include <sinter/sinter.hpp>

namespace {

using sinter::all;
using sinter::axis;
using sinter::dyn;
using sinter::keepdims;
using sinter::range;
using sinter::tensor;
using sinter::view;

// One tensor inside its object, one on the heap, one with a run-time extent.
using small = tensor<float, 8>;
using large = tensor<float, 100>;
using running = tensor<float, dyn>;

template <class T> T counted(float first) {
  T t = [] {
    if constexpr (T::dynamic_rank > 0) return T(100);
    else return T();
  }();
  for (float& x : t) x = first++;
  return t;
}
template <class T> auto plus_one_of_a_local(float first) {
  const T local = counted<T>(first);
  return local + 1;
}

}  // namespace

TEST_CASE_TEMPLATE("expressions own or share what they read", T, small, large, running) {
  auto e = counted<T>(0) + counted<T>(10);
  const T y = e;
  const T again = e;
  CHECK(y(7) == 24);
  CHECK(again(7) == 24);
  const T z = plus_one_of_a_local<T>(5);
  CHECK(z(7) == 13);
  const auto nested = sinter::exp(plus_one_of_a_local<T>(0)) * 0 + counted<T>(1);
  const auto copy = nested;
  CHECK(sinter::eval(copy)(3) == 4);
}

TEST_CASE_TEMPLATE("a tensor is assigned from an expression that reads it", T, small, large, running) {
  T x = counted<T>(0);
  x = x * 2 + x;
  CHECK(x(7) == 21);
  x = sinter::reverse(x);
  CHECK(x(0) == 3.f * static_cast<float>(x.size() - 1));
  x += x;
  x -= 1;
  x *= 2;
  x /= 4;
  CHECK(x(x.size() - 1) == -0.5f);
  T other = counted<T>(1);
  x = other;
  CHECK(x(7) == 8);
  x = std::move(other);
  CHECK(x(7) == 8);
  other = x + 1;  // a tensor that was moved from takes values again
  CHECK(other(7) == 9);
  const T& self = x;
  x = self;
  CHECK(x(7) == 8);
}

TEST_CASE("transposing into itself") {
  tensor<float, 3, 3> a{{1, 2, 3}, {4, 5, 6}, {7, 8, 9}};
  a = sinter::transpose(a);
  CHECK(a(0, 1) == 4);
  CHECK(a(2, 0) == 3);
  tensor<float, 20, 20> b;
  for (int i = 0; i < 400; ++i) b.data()[i] = static_cast<float>(i);
  b = sinter::transpose(b) + b;
  for (int i = 0; i < 20; ++i)
    for (int j = 0; j < 20; ++j) CHECK(b(i, j) == static_cast<float>(21 * (i + j)));
  tensor<float, dyn, dyn> c(2, 30);
  c.fill(1);
  c(1, 29) = 5;
  c = sinter::transpose(c);
  CHECK(c.extent(0) == 30);
  CHECK(c.extent(1) == 2);
  CHECK(c(29, 1) == 5);
}

TEST_CASE("row programs and products into their own operand") {
  tensor<float, 16, 100> x;
  for (std::int64_t i = 0; i < x.size(); ++i) x.data()[i] = std::sin(static_cast<float>(i));
  const tensor<float, 16, 100> apart = sinter::softmax(x, axis<1>);
  const tensor<float, 16, 100> columns = sinter::softmax(x, axis<0>);
  tensor<float, 16, 100> y = x, z = x;
  y = sinter::softmax(y, axis<1>);
  z = sinter::softmax(z, axis<0>);
  for (std::int64_t i = 0; i < x.size(); ++i) {
    CHECK(y.data()[i] == apart.data()[i]);
    CHECK(z.data()[i] == columns.data()[i]);
  }
  tensor<double, 12, 12> m;
  for (int i = 0; i < 144; ++i) m.data()[i] = i % 7 - 3;
  const tensor<double, 12, 12> square = sinter::dot(m, m);
  m = sinter::dot(m, m);
  for (int i = 0; i < 144; ++i) CHECK(m.data()[i] == square.data()[i]);
  tensor<float, 5, 100> b;
  b.fill(1);
  b = b / sinter::sum(b, axis<0>, keepdims) + sinter::sum(b, axis<0>, keepdims);
  CHECK(b(4, 99) == doctest::Approx(5.2));
}

TEST_CASE("shifted sub-views of one buffer") {
  const auto shifted = [](auto& x, bool up) {
    for (int i = 0; i < 10; ++i) x(i) = static_cast<float>(i);
    if (up) x.sub(range<1, 10>) = x.sub(range<0, 9>) + 0;
    else x.sub(range<0, 9>) = x.sub(range<1, 10>) + 0;
    for (int i = 0; i < 10; ++i) CHECK(x(i) == static_cast<float>(up ? (i > 0 ? i - 1 : 0) : (i < 9 ? i + 1 : 9)));
  };
  tensor<float, 10> fixed;
  tensor<float, dyn> running_one(10);
  for (const bool up : {false, true}) shifted(fixed, up), shifted(running_one, up);

  tensor<float, 300> x;
  for (int i = 0; i < 300; ++i) x(i) = static_cast<float>(i);
  x.sub(range<1, 300>) = x.sub(range<0, 299>);  // a view assigned to a view
  for (int i = 0; i < 300; ++i) CHECK(x(i) == static_cast<float>(i > 0 ? i - 1 : 0));
  x.sub(range<0, 300, 3>) = x.sub(range<0, 100>) * 2;  // other strides
  CHECK(x(297) == 2 * 98);
  CHECK(x(3) == 0);
  CHECK(x(6) == 2);
  CHECK(x(4) == 3);
  x.sub(range<0, 100>) += x.sub(range<100, 200>);
  x.sub(all) = sinter::reverse(x.sub(all));
  CHECK(x(2) == 2 * 98);

  tensor<float, 6, 50> m;
  for (int i = 0; i < 300; ++i) m.data()[i] = static_cast<float>(i);
  m.sub(all, 3) = m.sub(all, 4) + m.sub(all, 3);
  CHECK(m(2, 3) == 103 + 104);
  CHECK(m(2, 4) == 104);
  m.sub(0, all) = sinter::sum(m, axis<0>);
  CHECK(m(0, 0) == 0 + 50 + 100 + 150 + 200 + 250);
  CHECK(m(1, 0) == 50);
}

TEST_CASE("views write what they see and nothing else") {
  tensor<float, 6, 8> x;
  x.fill(-1);
  auto part = x.sub(range<1, 4>, range<0, 8, 3>);
  part = part * 0 + 5;
  int written = 0;
  for (int i = 0; i < 6; ++i)
    for (int j = 0; j < 8; ++j) {
      CHECK(x(i, j) == (i >= 1 && i < 4 && j % 3 == 0 ? 5 : -1));
      written += x(i, j) == 5;
    }
  CHECK(written == 9);
  tensor<float, 3, 3> y{{1, 2, 3}, {4, 5, 6}, {7, 8, 9}};
  part = y;
  CHECK(x(3, 6) == 9);
  part = sinter::softmax(y, axis<1>);
  CHECK(x(1, 0) + x(1, 3) + x(1, 6) == doctest::Approx(1));
  CHECK(x(1, 1) == -1);
  part = sinter::dot(y, y);
  CHECK(x(1, 0) == 30);
  CHECK(x(1, 1) == -1);
  view<float, dyn, dyn> rows(x.data(), 6, 8);
  rows = rows + 1;
  CHECK(x(1, 0) == 31);
  CHECK(x(5, 7) == 0);
}

TEST_CASE("a run-time extent takes the size of what is assigned, a view never does") {
  running x(3);
  x = running(50) + 1;
  CHECK(x.size() == 50);
  CHECK(x(49) == 1);
  x = sinter::concatenate(axis<0>, x, x);
  CHECK(x.size() == 100);
  x = counted<tensor<float, 8>>(0) + 0;
  CHECK(x.size() == 8);
  x = running(5);
  CHECK(x.size() == 5);

  tensor<float, dyn, 4> rows(2);
  tensor<float, 3, 4> three;
  three.fill(2);
  rows = three * 2;
  CHECK(rows.extent(0) == 3);
  CHECK(rows(2, 3) == 4);
  running wrong(3);
  tensor<float, dyn, dyn> any(2, 5);
  CHECK_THROWS_AS(rows = any + 1, sinter::shape_error);
  CHECK(rows(2, 3) == 4);

  tensor<float, 12> memory;
  memory.fill(-3);
  view<float, dyn> v(memory.data(), 12);
  CHECK_THROWS_AS(v = x + 1, sinter::shape_error);
  CHECK_THROWS_AS(v = x, sinter::shape_error);
  CHECK_THROWS_AS((v = running(11) + running(12)), sinter::shape_error);
  tensor<float, 12> same;
  running eleven(11);
  CHECK_THROWS_AS(same = eleven + 1, sinter::shape_error);
  for (const float f : memory) CHECK(f == -3);
  for (const float f : same) CHECK(f == 0);
  try {
    v = x + 1;
  } catch (const sinter::exception& e) {
    const std::string what = e.what();
    CHECK(what.find("[5]") != std::string::npos);
    CHECK(what.find("[12]") != std::string::npos);
  }
}

TEST_CASE("rank-0 results are numbers") {
  large x = counted<large>(1);
  const float total = sinter::sum(x);
  CHECK(total == 5050);
  const tensor<float> held = sinter::max(x);
  CHECK(held == 100);
  CHECK(static_cast<float>(held + 1) == 101);
  CHECK(sinter::sum(x) == 5050.f);
  const large y = x / sinter::sum(x);
  CHECK(y(99) == 100.f / 5050.f);
  const tensor<float> two(2.f);
  const large z = x * two;
  CHECK(z(0) == 2);
  float number = 3;
  const auto pending = x + number;
  number = 4;
  CHECK(sinter::eval(pending)(0) == 4);
  const bool all_positive = sinter::all_of(x > 0);
  CHECK(all_positive);
}

TEST_CASE("numbers take the element type of the tensor beside them") {
  const tensor<double, 4> d{1, 2, 3, 4};
  CHECK(sinter::eval(d + 0.1)(0) == 1.1);
  CHECK(sinter::eval(d + 0.1f)(0) == 1 + static_cast<double>(0.1f));
  const tensor<float, 4> f{1, 2, 3, 4};
  CHECK(sinter::eval(f * 0.1)(2) == 3.f * 0.1f);
  const tensor<std::int8_t, 4> i{1, 2, 3, 4};
  CHECK(sinter::eval(i * 100)(3) == static_cast<std::int8_t>(400));
  const tensor<sinter::float16, 4> h{1.f, 2.f, 3.f, 4.f};
  CHECK(static_cast<float>(sinter::eval(h + 0.5)(3)) == 4.5f);
  static_assert(std::is_same_v<decltype(sinter::eval(h + 1)), tensor<sinter::float16, 4>>);
  static_assert(std::is_same_v<decltype(sinter::eval(sinter::where(f > 2, 1.0, 0.0))), tensor<float, 4>>);
  static_assert(std::is_same_v<decltype(sinter::eval(f > 2)), tensor<bool, 4>>);
}

TEST_CASE("eval copies tensors and views") {
  tensor<float, 4> x{1, -0.f, 3, 4};
  const view<const float, 4> v(x);
  tensor<float, 4> y = sinter::eval(v), z = sinter::eval(x);
  x(0) = 9;
  CHECK(y(0) == 1);
  CHECK(z(0) == 1);
  CHECK(std::signbit(y(1)));
  tensor<bool, 3> b{true, false, true};
  CHECK(sinter::eval(b.sub(range<1, 3>))(1));
  tensor<float, 2> two = sinter::eval(x.sub(range<0, 4, 2>));
  CHECK(two(1) == 3);
}

TEST_CASE("equal subtrees are evaluated once, and only when their leaves are the same") {
  tensor<float, 8, 100> x, other;
  for (std::int64_t i = 0; i < x.size(); ++i) x.data()[i] = std::cos(static_cast<float>(i)), other.data()[i] = 1;
  const auto e = sinter::exp(x);
  const tensor<float, 8, 100> y = e / sinter::sum(e, axis<1>, keepdims);
  const tensor<float, 8, 100> different = sinter::exp(x) / sinter::sum(sinter::exp(other), axis<1>, keepdims);
  for (int i = 0; i < 8; ++i) {
    double total = 0;
    for (int j = 0; j < 100; ++j) total += std::exp(static_cast<double>(x(i, j)));
    for (int j = 0; j < 100; ++j) {
      CHECK(y(i, j) == doctest::Approx(std::exp(static_cast<double>(x(i, j))) / total));
      CHECK(different(i, j) == doctest::Approx(std::exp(static_cast<double>(x(i, j))) / (100 * std::exp(1.0))));
    }
  }
  // Equal values in different memory are different leaves, inline tensors and numbers compare by value.
  const tensor<float, 4> a{1, 2, 3, 4}, b{1, 2, 3, 4}, c{4, 3, 2, 1};
  CHECK(sinter::eval(sinter::exp(a) - sinter::exp(b))(3) == 0);
  CHECK(sinter::eval((a + 1) * (b + 1))(3) == 25);
  CHECK(sinter::eval((a + 1) * (b + 2))(3) == 30);
  CHECK(sinter::eval((a + 1) * (c + 1))(3) == 10);
  const view<const float, 3> first = a.sub(range<0, 3>), second = a.sub(range<1, 4>);
  CHECK(sinter::eval((first + 1) * (second + 1))(0) == 6);
  CHECK(sinter::eval((first + 1) * (first + 1))(0) == 4);
  const running d = counted<running>(0), f = counted<running>(1);
  CHECK(sinter::eval((d + 1) * (f + 1) - (d + 1) * (d + 1))(2) == 3);
  CHECK(sinter::eval((d + 1) * (f + 1) - (d + 1) * (f + 1))(2) == 0);
}

#if SINTER_CHECKED
TEST_CASE("an operand that is overwritten before its expression is evaluated") {
  large x = counted<large>(0);
  const auto pending = x + 1;
  x = x * 2;
  CHECK_THROWS_AS(sinter::eval(pending), sinter::exception);
  const auto filled = x + 1;
  x.fill(3);
  CHECK_THROWS_AS(sinter::eval(filled), sinter::exception);
  const auto moved = x + 1;
  x = counted<large>(5);  // moves: the expression keeps the old elements
  CHECK(sinter::eval(moved)(0) == 4);
  small s = counted<small>(0);
  const auto copied = s + 1;
  s.fill(7);
  CHECK(sinter::eval(copied)(0) == 1);
}
#endif

TEST_CASE("tensors without elements") {
  const tensor<float, 0> none;
  CHECK(sinter::eval(none + 1).size() == 0);
  CHECK(static_cast<float>(sinter::sum(none)) == 0);
  CHECK(static_cast<float>(sinter::prod(none)) == 1);
  const running empty(0);
  CHECK(sinter::eval(sinter::exp(empty)).size() == 0);
  CHECK(static_cast<float>(sinter::sum(empty)) == 0);
  CHECK_THROWS_AS(static_cast<void>(static_cast<float>(sinter::max(empty))), sinter::shape_error);
  tensor<float, dyn, 5> rows(0);
  CHECK(sinter::eval(sinter::softmax(rows, axis<1>)).size() == 0);
  CHECK(sinter::eval(sinter::sum(rows, axis<0>))(4) == 0);
  tensor<float, 5, dyn> columns(0);
  CHECK(sinter::eval(sinter::sum(columns, axis<1>))(4) == 0);
  CHECK(sinter::eval(sinter::dot(columns, rows))(4, 4) == 0);
}
