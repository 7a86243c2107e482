// SPDX-License-Identifier: Apache-2.0
// tensor and view as containers: construction, lists, copies and moves, access, sub-views, extents of 0, every rank.
#include <cstdint>
#include <limits>
#include <memory>
#include <sstream>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include <sinter/sinter.hpp>

namespace {

using sinter::all;
using sinter::dyn;
using sinter::range;
using sinter::strides;
using sinter::tensor;
using sinter::view;

static_assert(sizeof(tensor<float, 64>) == 256 && sizeof(tensor<float, 65>) == sizeof(void*), "up to 256 bytes stand in the object");
static_assert(sizeof(tensor<float, dyn, 768>) == sizeof(void*) + 8 && sizeof(tensor<float>) == 4);
static_assert(tensor<float, 2, 3>::rank == 2 && tensor<float, dyn, 3>::dynamic_rank == 1 && tensor<float>::rank == 0);
static_assert(std::is_nothrow_move_constructible_v<tensor<float, 1000>> && std::is_nothrow_move_assignable_v<tensor<float, dyn>>);
static_assert(!std::is_constructible_v<tensor<float, dyn>, int, int> && !std::is_convertible_v<int, tensor<float, dyn>>);
static_assert(std::is_same_v<decltype(std::declval<tensor<float, 4, 6>&>().sub(range<1, 3>, 2)), view<float, 2>>);

// Arithmetic on extents says where it overflows, in constants and at run time alike.
constexpr bool overflows_right() {
  constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max(), least = std::numeric_limits<std::int64_t>::min();
  constexpr std::int64_t numbers[] = {
      least,    least + 1, -(std::int64_t{1} << 32), -3, -1, 0, 1, 2, 3, std::int64_t{1} << 31, std::int64_t{1} << 32, most / 2,
      most - 1, most};
  bool good = true;
  for (const std::int64_t a : numbers)
    for (const std::int64_t b : numbers) {
      std::int64_t r = 0;
      const auto right = [&](bool over, __int128 exact) { good &= over == (exact < least || exact > most) && (over || r == exact); };
      right(sinter::detail::sum_overflows(a, b, r), static_cast<__int128>(a) + b);
      right(sinter::detail::difference_overflows(a, b, r), static_cast<__int128>(a) - b);
      right(sinter::detail::product_overflows(a, b, r), static_cast<__int128>(a) * b);
    }
  return good;
}
static_assert(overflows_right());
static_assert(sinter::detail::saturating_product(-5, std::numeric_limits<std::int64_t>::max()) == std::numeric_limits<std::int64_t>::min());
static_assert(sinter::detail::static_size<sinter::dyn, 4294967296, 4294967296, 0>() == 0);
static_assert(std::is_same_v<decltype(std::declval<const tensor<float, 4, 6>&>().sub(all, range<0, 6, 4>)), view<const float, 4, 2>>);
static_assert(std::is_same_v<decltype(std::declval<tensor<float, dyn, 6>&>().sub(all, range<-2, 6>)), view<float, dyn, 2>>);
static_assert(std::is_same_v<decltype(std::declval<tensor<float, dyn, 6>&>().sub(0, 0)), view<float>>);
static_assert(std::is_convertible_v<tensor<float, 4>&, view<float, 4>> &&
              std::is_convertible_v<const tensor<float, 4>&, view<const float, 4>> &&
              std::is_convertible_v<tensor<float, 4>&, view<const float, dyn>> &&
              std::is_convertible_v<view<float, 4>, view<const float, 4>>);
static_assert(!std::is_convertible_v<const tensor<float, 4>&, view<float, 4>> &&
              !std::is_convertible_v<tensor<float, 4>&, view<float, 5>> && !std::is_convertible_v<view<const float, 4>, view<float, 4>> &&
              !std::is_convertible_v<tensor<double, 4>&, view<float, 4>>);

template <class T> void check_zero(const T& t, std::int64_t n) {
  CHECK(t.size() == n);
  for (const auto& x : t) CHECK(static_cast<double>(x) == 0);
}

}  // namespace

TEST_CASE("arithmetic on extents says where it overflows") { CHECK(overflows_right()); }

TEST_CASE("a new tensor is zero") {
  check_zero(tensor<float>(), 1);
  check_zero(tensor<float, 7>(), 7);
  check_zero(tensor<double, 30, 20>(), 600);
  check_zero(tensor<std::int8_t, dyn, 3>(5), 15);
  check_zero(tensor<bool, dyn>(5), 5);
  check_zero(tensor<sinter::float16, 2, dyn, dyn>(3, 4), 24);
  check_zero(tensor<float, dyn>(), 0);
  check_zero(tensor<float, 1, 1, 1, 1, 1, 1, 1, 1>(), 1);
  check_zero(tensor<float, 3, 0, 5>(), 0);
  check_zero(tensor<float, dyn, 4>(0), 0);
  const tensor<float, dyn, 3, dyn> t(2, 4);
  CHECK(t.extent(0) == 2);
  CHECK(t.extent(1) == 3);
  CHECK(t.extent(2) == 4);
  CHECK_THROWS_AS((tensor<float, dyn>(-1)), sinter::shape_error);
  CHECK_THROWS_AS((tensor<float, dyn, dyn>(std::int64_t{1} << 40, std::int64_t{1} << 40)), sinter::shape_error);
  CHECK_THROWS_AS((tensor<char, dyn>((std::int64_t{1} << 48) + 1)), sinter::shape_error);
  const std::int64_t huge = std::int64_t{1} << 40;  // its square wraps, beside an extent of 0
  check_zero(tensor<float, dyn, dyn, dyn>(huge, huge, 0), 0);
  tensor<float, dyn, dyn, dyn> none(0, huge, huge);
  check_zero(none, 0);
  CHECK(view<float, dyn, dyn, dyn>(none.data(), 0, huge, huge).size() == 0);
  CHECK_THROWS_AS(none = none * 2 + 1, sinter::shape_error);  // a program multiplies its extents as they come
}

TEST_CASE("lists") {
  const tensor<float, 2, 3> a{{1, 2, 3}, {4, 5, 6}};
  CHECK(a(1, 2) == 6);
  CHECK(a.data()[3] == 4);
  const tensor<float, 3> b{1, 2, 3};
  CHECK(b(2) == 3);
  const tensor<float, 1> one{5};
  CHECK(one(0) == 5);
  const tensor<int, 2, 1, 2> c{{{1, 2}}, {{3, 4}}};
  CHECK(c(1, 0, 1) == 4);
  const tensor<double, dyn, dyn> d{{1, 2}, {3, 4}, {5, 6}};
  CHECK(d.extent(0) == 3);
  CHECK(d.extent(1) == 2);
  CHECK(d(2, 1) == 6);
  const tensor<float, dyn> e{7, 8};
  CHECK(e.size() == 2);
  const tensor<bool, 3> f{true, false, true};
  CHECK(f(2));
  const tensor<sinter::float16, 2> h{1.5f, 2.f};
  CHECK(static_cast<float>(h(0)) == 1.5f);
  const tensor<float> zero(4.f);
  CHECK(zero() == 4);
  CHECK(zero == 4.f);
  CHECK_THROWS_AS((tensor<float, 2, 3>{{1, 2}, {3, 4}}), sinter::shape_error);
  CHECK_THROWS_AS((tensor<float, 2, 2>{{1, 2}, {3}}), sinter::shape_error);
  CHECK_THROWS_AS((tensor<float, dyn, dyn>{{1, 2}, {3, 4, 5}}), sinter::shape_error);
  CHECK_THROWS_AS((tensor<float, 3>{1, 2}), sinter::shape_error);
}

TEST_CASE("a tensor of static extents that was moved from") {
  tensor<float, 100> q, kept;
  q.fill(3), kept.fill(4);
  const tensor<float, 100> taken = std::move(q);
  CHECK(q.begin() == q.end());
  CHECK(std::as_const(q).begin() == std::as_const(q).end());
  CHECK(q.size() == 100);
  CHECK_THROWS_WITH_AS(q.at(3) = 1, "sinter::tensor: a tensor that was moved from has no elements; assign it first", sinter::exception);
  CHECK_THROWS_AS(std::ostringstream() << q, sinter::exception);
  tensor<float, 100> copy = q;
  CHECK(copy.begin() == copy.end());
  copy = taken;
  CHECK(copy(99) == 3);
  copy = q;
  CHECK(copy.begin() == copy.end());
  kept = std::move(copy);
  CHECK(kept.begin() == kept.end());
  kept = q;
  CHECK(kept.begin() == kept.end());
#if SINTER_CHECKED
  CHECK_THROWS_AS(q(3) = 1, sinter::exception);
#endif
  q.fill(2);
  for (const float e : q) CHECK(e == 2);
  kept = q;
  CHECK(kept(99) == 2);
  copy = q + taken;
  CHECK(copy(99) == 5);
}

TEST_CASE_TEMPLATE("copying copies, moving moves", T, tensor<float, 4>, tensor<float, 400>, tensor<float, dyn>) {
  T a = [] {
    if constexpr (T::dynamic_rank > 0) return T(4);
    else return T();
  }();
  a(0) = 1, a(3) = 4;
  T b = a;
  b(0) = 9;
  CHECK(a(0) == 1);
  CHECK(b(3) == 4);
  T c = std::move(b);
  CHECK(c(0) == 9);
  b = a;  // values again
  CHECK(b(3) == 4);
  b = std::move(c);
  CHECK(b(0) == 9);
  c = b;
  std::swap(a, b);
  CHECK(a(0) == 9);
  CHECK(b(0) == 1);
  T& self = a;
  a = self;
  CHECK(a(0) == 9);
  a = static_cast<T&&>(self);
  CHECK(a(0) == 9);
  T moved = std::move(a);
  const T copy = a;  // of a tensor that was moved from
  CHECK((T::dynamic_rank == 0 || copy.size() == 0));
  std::vector<T> many(3, moved);
  many.push_back(moved);
  CHECK(many.back()(3) == 4);
}

TEST_CASE("extents that differ in kind") {
  tensor<float, 2, 3> fixed{{1, 2, 3}, {4, 5, 6}};
  tensor<float, dyn, dyn> open = fixed;
  CHECK(open.extent(1) == 3);
  CHECK(open(1, 2) == 6);
  open(0, 0) = 7;
  fixed = open;
  CHECK(fixed(0, 0) == 7);
  open = tensor<float, dyn, dyn>(5, 5);
  CHECK_THROWS_AS(fixed = open, sinter::shape_error);
  CHECK(fixed(1, 2) == 6);
  const tensor<float, 2> column = fixed.sub(all, 1);
  CHECK(column(1) == 5);
  tensor<float, dyn> from_view = fixed.sub(1, range<0, 3, 2>);
  CHECK(from_view.size() == 2);
  CHECK(from_view(1) == 6);
  from_view = fixed.sub(0, all);
  CHECK(from_view.size() == 3);
}

TEST_CASE("access") {
  tensor<float, 3, 4> x;
  for (int i = 0; i < 12; ++i) x.data()[i] = static_cast<float>(i);
  CHECK(x.at(2, 3) == 11);
  x.at(1, 1) = 50;
  CHECK(x(1, 1) == 50);
  CHECK_THROWS_AS(x.at(3, 0), sinter::index_error);
  CHECK_THROWS_AS(x.at(0, 4), sinter::index_error);
  CHECK_THROWS_AS(x.at(0, -1), sinter::index_error);
  CHECK_THROWS_AS(x.at(-1, 0), sinter::exception);
  try {
    x.at(1, 7);
  } catch (const sinter::index_error& e) {
    const std::string what = e.what();
    for (const char* part : {"7", "axis 1", "4"}) CHECK_MESSAGE(what.find(part) != std::string::npos, what);
  }
#if SINTER_CHECKED
  CHECK_THROWS_AS(x(3, 0), sinter::index_error);
  CHECK_THROWS_AS(x.sub(all, all)(0, 4), sinter::index_error);
#endif
  const auto& constant = x;
  CHECK(constant.at(2, 3) == 11);
  CHECK(constant(0, 3) == 3);
  CHECK(x.end() - x.begin() == 12);
  float total = 0;
  for (const float v : constant) total += v;
  CHECK(total == 66 - 5 + 50);
  x.fill(2);
  CHECK(x(2, 2) == 2);
  const tensor<float, 4, 0> none;
  CHECK(none.begin() == none.end());
  CHECK_THROWS_AS(none.at(0, 0), sinter::index_error);
}

TEST_CASE("heap elements are aligned to 64 bytes") {
  const tensor<float, 100> a;
  const tensor<std::int8_t, dyn> b(1);
  const tensor<float, 100> c = a;
  CHECK(reinterpret_cast<std::uintptr_t>(a.data()) % 64 == 0);
  CHECK(reinterpret_cast<std::uintptr_t>(b.data()) % 64 == 0);
  CHECK(reinterpret_cast<std::uintptr_t>(c.data()) % 64 == 0);
}

TEST_CASE("views") {
  float memory[24];
  for (int i = 0; i < 24; ++i) memory[i] = static_cast<float>(i);
  view<float, 4, 6> v(memory);
  CHECK(v(2, 3) == 15);
  CHECK(v.stride(0) == 6);
  CHECK(v.size() == 24);
  const view<const float, dyn, 6> open(memory, 4);
  CHECK(open.extent(0) == 4);
  CHECK(open.at(3, 5) == 23);
  CHECK_THROWS_AS(open.at(4, 0), sinter::index_error);
  CHECK_THROWS_AS((view<float, dyn>(memory, -2)), sinter::shape_error);
  const view<float, 3, 4> spread(memory, strides{8, 2});
  CHECK(spread(2, 3) == 22);
  CHECK_THROWS_AS((view<float, 3, 4>(memory, strides{8})), sinter::shape_error);
  const view<float> number(memory + 5);
  CHECK(number == 5.f);
  v.fill(1);
  CHECK(memory[23] == 1);
  spread.fill(2);
  CHECK(memory[2] == 2);
  CHECK(memory[3] == 1);
  CHECK(memory[7] == 1);
  view<float, 24> line(memory);
  line = line * 2;
  CHECK(memory[3] == 2);
  const view<float, 24> copy = line;  // sees the same memory
  copy(0) = 77;
  CHECK(memory[0] == 77);
}

TEST_CASE("sub-views") {
  tensor<float, 5, 8> x;
  for (int i = 0; i < 40; ++i) x.data()[i] = static_cast<float>(i);
  CHECK(x.sub(1, 2) == 10.f);
  CHECK(x.sub(-1, -1) == 39.f);
  const auto column = x.sub(all, -2);
  CHECK(column.stride(0) == 8);
  CHECK(column(4) == 38);
  const auto part = x.sub(range<1, -1>, range<1, 8, 3>);
  CHECK(part.extent(0) == 3);
  CHECK(part.extent(1) == 3);
  CHECK(part(2, 2) == 31);
  const auto deeper = part.sub(range<0, 3, 2>, 1);
  CHECK(deeper(1) == 28);
  CHECK(x.sub(range<2, 2>, all).size() == 0);
  CHECK_THROWS_AS(x.sub(5, 0), sinter::index_error);
  CHECK_THROWS_AS(x.sub(-6, 0), sinter::index_error);
  tensor<float, dyn> open(4);
  CHECK_THROWS_AS(open.sub(range<0, 5>), sinter::index_error);
  CHECK_THROWS_AS(open.sub(range<-5, 4>), sinter::index_error);
  CHECK(open.sub(range<-3, -1>).size() == 2);
  for (int row = 0; row < 5; ++row) x.sub(row, all) = sinter::iota<float, 8>(sinter::axis<0>) + row;
  CHECK(x(3, 7) == 10);
  x.sub(0, all).fill(-1);
  CHECK(x(0, 7) == -1);
  CHECK(x(1, 0) == 1);
  x.sub(range<1, 3>, all) = x.sub(range<3, 5>, all);
  CHECK(x(1, 0) == 3);
  x.sub(2, 2) = x.sub(0, 0) * 5;
  CHECK(x(2, 2) == -5);
  const auto& constant = x;
  CHECK(constant.sub(all, range<0, 1>)(1, 0) == 3);
}
