// SPDX-License-Identifier: Apache-2.0
// Mistakes that only run time shows: the exact text of each, and that nothing was written.
#include <sinter/dlpack.hpp>
#include <sinter/npy.hpp>
#include <sinter/ranges.hpp>

#include <array>
#include <cstddef>
#include <limits>
#include <tuple>
#include <vector>

#include <doctest/doctest.h>

#include <sinter/sinter.hpp>

#include "interop/scratch.hpp"

namespace {

using namespace sinter;
using matrix = tensor<float, dyn, dyn>;
using row = tensor<float, dyn>;

constexpr auto add = fn([](auto a, auto b) { return a + b; });
constexpr auto product = fn([](auto a, auto b) { return dot(a, b); });
constexpr auto two = fn([](auto x, auto w) { return softmax(dot(x, w), axis<1>); });
constexpr auto both = fn([](auto a, auto b) { return std::tuple(a + b, a - b); });
constexpr auto largest = fn([](auto x) { return max(x, axis<1>); });
constexpr auto middle = fn([](auto x) { return slice(x, range<2, 5>) * 2; });
constexpr auto join = fn([](auto a, auto b) { return concatenate(axis<1>, a, b); });
constexpr auto square = fn([](auto x) { return reshape<4, 4>(x) + 1; });

// Holds 7 everywhere; `kept` says that it still does.
template <class T> struct sentinel {
  T to;
  explicit sentinel(auto... extents) : to(extents...) { to.fill(7); }
  bool kept(extent_t size) const {
    bool same = to.size() == size;
    for (const auto x : to) same &= x == 7;
    return same;
  }
};

}  // namespace

TEST_CASE("misuse: run-time extents that must be equal") {
  sentinel<tensor<float, 3>> y;
  sentinel<row> open(5);
  const row a(3), b(4);
  CHECK_THROWS_WITH_AS(add.into(y.to, a, b),
                       "sinter: run-time extents that must be equal differ: axis 0 of argument 0 is 3, axis 0 of argument 1 is 4; pass "
                       "tensors of matching shapes",
                       shape_error);
  CHECK_THROWS_WITH_AS(add.into(open.to, a, b),
                       "sinter: run-time extents that must be equal differ: axis 0 of argument 0 is 3, axis 0 of argument 1 is 4; pass "
                       "tensors of matching shapes",
                       shape_error);
  CHECK_THROWS_WITH_AS(add(a, b),
                       "sinter: run-time extents that must be equal differ: axis 0 of argument 0 is 3, axis 0 of argument 1 is 4; pass "
                       "tensors of matching shapes",
                       shape_error);
  CHECK_THROWS_WITH_AS(y.to = a + b,
                       "sinter: run-time extents that must be equal differ: axis 0 of argument 0 is 3, axis 0 of argument 1 is 4; pass "
                       "tensors of matching shapes",
                       shape_error);
  CHECK_THROWS_WITH_AS(open.to = a * b,
                       "sinter: run-time extents that must be equal differ: axis 0 of argument 0 is 3, axis 0 of argument 1 is 4; pass "
                       "tensors of matching shapes",
                       shape_error);
  sentinel<tensor<float, 3>> z;
  CHECK_THROWS_WITH_AS(both.into(std::tie(y.to, z.to), a, b),
                       "sinter: run-time extents that must be equal differ: axis 0 of argument 0 is 3, axis 0 of argument 1 is 4; pass "
                       "tensors of matching shapes",
                       shape_error);
  const matrix p(2, 3), q(4, 2);
  sentinel<matrix> w(2, 2);
  CHECK_THROWS_WITH_AS(product.into(w.to, p, q),
                       "sinter: run-time extents that must be equal differ: axis 1 of argument 0 is 3, axis 0 of argument 1 is 4; pass "
                       "tensors of matching shapes",
                       shape_error);
  CHECK_THROWS_WITH_AS(w.to = dot(p, q),
                       "sinter: run-time extents that must be equal differ: axis 1 of argument 0 is 3, axis 0 of argument 1 is 4; pass "
                       "tensors of matching shapes",
                       shape_error);
  CHECK_THROWS_WITH_AS(join.into(w.to, p, q),
                       "sinter: run-time extents that must be equal differ: axis 0 of argument 0 is 2, axis 0 of argument 1 is 4; pass "
                       "tensors of matching shapes",
                       shape_error);
  CHECK_THROWS_WITH_AS(square.into(w.to, row(15)),
                       "sinter: run-time extents that must be equal differ: axis 0 of argument 0 is 15, the function needs 16; pass "
                       "tensors of matching shapes",
                       shape_error);
  CHECK_THROWS_WITH_AS(
      eval(reshape<-1, 4>(row(7))),
      "sinter: run-time extents that must be equal differ: computed extent 8, axis 0 of argument 0 is 7; pass tensors of matching shapes",
      shape_error);
  CHECK((y.kept(3) && z.kept(3) && open.kept(5) && w.kept(4)));
}

TEST_CASE("misuse: extents that are too small") {
  sentinel<row> y(4);
  CHECK_THROWS_WITH_AS(largest.into(y.to, matrix(4, 0)),
                       "sinter: a run-time extent is too small: axis 1 of argument 0 is 0, at least 1 is needed", shape_error);
  CHECK_THROWS_WITH_AS(y.to = max(matrix(4, 0), axis<1>),
                       "sinter: a run-time extent is too small: axis 1 of argument 0 is 0, at least 1 is needed", shape_error);
  CHECK_THROWS_WITH_AS(y.to = min(matrix(4, 0), axis<1>),
                       "sinter: a run-time extent is too small: axis 1 of argument 0 is 0, at least 1 is needed", shape_error);
  CHECK_THROWS_WITH_AS(middle.into(y.to, row(4)), "sinter: a run-time extent is too small: axis 0 of argument 0 is 4, at least 5 is needed",
                       shape_error);
  CHECK_THROWS_WITH_AS(y.to = slice(row(1), range<0, -2>),
                       "sinter: a run-time extent is too small: computed extent -1, at least 0 is needed", shape_error);
  sentinel<tensor<std::int64_t, dyn>> at(4);
  CHECK_THROWS_WITH_AS(at.to = argmax(matrix(4, 0), axis<1>),
                       "sinter: a run-time extent is too small: axis 1 of argument 0 is 0, at least 1 is needed", shape_error);
  CHECK((y.kept(4) && at.kept(4)));
}

TEST_CASE("misuse: destinations of another shape") {
  sentinel<tensor<float, 3>> y;
  sentinel<tensor<float, dyn, 4>> half(2);
  sentinel<row> under(6);
  const row a(4);
  const matrix m(2, 3);
  CHECK_THROWS_WITH_AS(add.into(y.to, a, a), "sinter: the result has another shape than what it is assigned to: [4] against [3]",
                       shape_error);
  CHECK_THROWS_WITH_AS(y.to = a + 1, "sinter: the result has another shape than what it is assigned to: [4] against [3]", shape_error);
  CHECK_THROWS_WITH_AS(y.to = a, "sinter: the result has another shape than what it is assigned to: [4] against [3]", shape_error);
  CHECK_THROWS_WITH_AS(half.to = m * 2, "sinter: the result has another shape than what it is assigned to: [2, 3] against [2, 4]",
                       shape_error);
  view<float, dyn> part(under.to.data(), 6);
  CHECK_THROWS_WITH_AS(part = a + 1, "sinter: the result has another shape than what it is assigned to: [4] against [6]", shape_error);
  CHECK_THROWS_WITH_AS(part = a, "sinter: the result has another shape than what it is assigned to: [4] against [6]", shape_error);
  CHECK_THROWS_WITH_AS(add.into(part, a, a), "sinter: the result has another shape than what it is assigned to: [4] against [6]",
                       shape_error);
  const view<float, dyn> other(y.to.data(), 3);
  CHECK_THROWS_WITH_AS(part = other, "sinter: the result has another shape than what it is assigned to: [3] against [6]", shape_error);
  CHECK_THROWS_WITH_AS(part += a,
                       "sinter: run-time extents that must be equal differ: axis 0 of argument 0 is 6, axis 0 of argument 1 is 4; pass "
                       "tensors of matching shapes",
                       shape_error);
  CHECK((y.kept(3) && half.kept(8) && under.kept(6)));
}

TEST_CASE("misuse: making and indexing tensors and views") {
  using list = tensor<float, 2, 2>;
  using list_3 = tensor<float, dyn, 2>;
  float memory[6] = {};
  CHECK_THROWS_WITH_AS(row(-3), "sinter::tensor: the run-time extent -3 is negative; give 0 or more", shape_error);
  CHECK_THROWS_WITH_AS(matrix(2, -1), "sinter::tensor: the run-time extent -1 is negative; give 0 or more", shape_error);
  CHECK_THROWS_WITH_AS((view<float, dyn>(memory, -2)), "sinter::view: the run-time extent -2 is negative; give 0 or more", shape_error);
  CHECK_THROWS_WITH_AS((view<float, 2, 3>(memory, strides{1})), "sinter::view: 1 strides for 2 axes; give one an axis", shape_error);
  CHECK_THROWS_WITH_AS((list{{1, 2, 3}, {4, 5, 6}}), "sinter::tensor: the list has another shape than the tensor: [2, 3] against [2, 2]",
                       shape_error);
  CHECK_THROWS_WITH_AS((list{{1, 2}, {3}}), "sinter::tensor: the rows of the list have different lengths; give each the same", shape_error);
  CHECK_THROWS_WITH_AS((list_3{{1, 2}, {3, 4, 5}}), "sinter::tensor: the rows of the list have different lengths; give each the same",
                       shape_error);
  matrix x(2, 3);
  CHECK_THROWS_WITH_AS(x.at(2, 0) = 1, "sinter::tensor: index 2 is outside axis 0, whose extent is 2", index_error);
  CHECK_THROWS_WITH_AS(x.at(0, -1) = 1, "sinter::tensor: index -1 is outside axis 1, whose extent is 3", index_error);
  CHECK_THROWS_WITH_AS((view<float, dyn, dyn>(x).at(0, 3)), "sinter::tensor: index 3 is outside axis 1, whose extent is 3", index_error);
  CHECK_THROWS_WITH_AS(x.sub(2, all), "sinter::tensor: index 2 is outside axis 0, whose extent is 2", index_error);
  CHECK_THROWS_WITH_AS(x.sub(all, range<1, 4>), "sinter::sub: range<1, 4> leaves axis 1, whose extent is 3", index_error);
  CHECK_THROWS_WITH_AS(x.sub(range<-3, -1>, 0), "sinter::sub: range<-3, -1> leaves axis 0, whose extent is 2", index_error);
  CHECK_THROWS_WITH_AS(x.sub(range<-5, 2>, 0), "sinter::sub: range<-5, 2> leaves axis 0, whose extent is 2", index_error);
  CHECK_THROWS_WITH_AS(x.sub(range<-1, 0>, 0), "sinter::sub: range<-1, 0> ends before it begins on axis 0, whose extent is 2", index_error);
  for (const float e : x) CHECK(e == 0);
}

TEST_CASE("misuse: one destination for two results") {
  constexpr auto three = fn([](auto a, auto b) { return std::tuple(a + b, a - b, sum(a)); });
  const tensor<float, 3> a{1, 2, 3}, b{4, 5, 6};
  sentinel<tensor<float, 3>> x, y;
  sentinel<tensor<float>> s;
  CHECK_THROWS_WITH_AS(three.into(std::tie(x.to, x.to, s.to), a, b),
                       "sinter::fn: destinations 0 and 1 of `into` are the same memory; pass a tensor or view of its own for each result",
                       exception);
  view<float, 3> seen(y.to);
  CHECK_THROWS_WITH_AS(both.into(std::tie(seen, y.to), a + 1, b),
                       "sinter::fn: destinations 0 and 1 of `into` are the same memory; pass a tensor or view of its own for each result",
                       exception);
  CHECK((x.kept(3) && y.kept(3) && s.kept(1)));
  row open;
  const row c(3);
  CHECK_THROWS_AS(both.into(std::tie(open, open), c, c), exception);
  tensor<float, 3, 2> columns;
  auto first = columns.sub(all, 0), second = columns.sub(all, 1);
  both.into(std::tie(first, second), a, b);
  CHECK((columns(2, 0) == 9 && columns(2, 1) == -3));
  both.into(std::tie(x.to, y.to), a, b);
  CHECK((x.to(2) == 9 && y.to(2) == -3));
}

TEST_CASE("misuse: extents whose product overflows") {
  float memory[4] = {7, 7, 7, 7};
  constexpr extent_t large = extent_t{1} << 32;
  CHECK_THROWS_WITH_AS((view<float, dyn, dyn>(memory, large, large)),
                       "sinter::view: the product of the extents [4294967296, 4294967296] is above 2^48 elements; give the extents of "
                       "memory that exists",
                       shape_error);
  CHECK_THROWS_WITH_AS((view<float, 4, dyn, dyn>(memory, strides{1, 0, 0}, large, large)),
                       "sinter::view: the product of the extents [4, 4294967296, 4294967296] is above 2^48 elements; give the extents of "
                       "memory that exists",
                       shape_error);
  CHECK_THROWS_WITH_AS((tensor<float, dyn, dyn>(large, large)),
                       "sinter::tensor: the product of the extents [4294967296, 4294967296] is above 2^48 elements; give the extents of "
                       "memory that exists",
                       shape_error);
  constexpr auto outer = fn([](auto x, auto y) { return sum(reshape(x, shape{x.extent(0), 1}) * y); });
  const view<float, dyn> x(memory, strides{0}, extent_t{1} << 40);
  sentinel<tensor<float>> y;
  CHECK_THROWS_WITH_AS(outer.into(y.to, x, x), "sinter: the product of extents overflows; pass tensors with fewer elements", shape_error);
  const auto plan = outer.plan<view<float, dyn>, view<float, dyn>>();
  CHECK_THROWS_WITH_AS(static_cast<void>(plan.flops(shape{1ll << 40}, shape{1ll << 40})),
                       "sinter: the product of extents overflows; pass tensors with fewer elements", shape_error);
  CHECK(y.kept(1));
  // The stride of an axis of extent 1 means nothing and may be anything.
  const view<float, dyn, dyn> row_of_two(memory, strides{std::numeric_limits<std::ptrdiff_t>::max(), 1}, 1, 2);
  CHECK(tensor<float, dyn, dyn>(transpose(row_of_two) * 2)(1, 0) == 14);
}

TEST_CASE("misuse: workspaces") {
  alignas(64) std::byte memory[16384 + 64];
  sentinel<tensor<float, 8, 8>> y;
  const tensor<float, 8, 4> x;
  const tensor<float, 4, 8> w;
  const extent_t needed = two.plan(x, w).workspace_bytes;
  REQUIRE((256 <= needed && needed <= 16384));
  const std::string rest = " bytes, " + std::to_string(needed) + " are needed, aligned to 64 bytes; see plan.workspace_bytes";
  CHECK_THROWS_WITH_AS(two.into(workspace(), y.to, x, w), ("sinter: the workspace has 0" + rest).c_str(), exception);
  CHECK_THROWS_WITH_AS(two.into(workspace(memory, 255), y.to, x, w), ("sinter: the workspace has 255" + rest).c_str(), exception);
  CHECK_THROWS_WITH_AS(two.into(workspace(memory + 8, 16384), y.to, x, w),
                       "sinter: the workspace begins at an address that is no multiple of 64; align it: alignas(64)", exception);
  CHECK(y.kept(64));
  two.into(workspace(memory, static_cast<std::size_t>(needed)), y.to, x, w);
  CHECK(y.to(0, 0) == 0.125f);
}

TEST_CASE("misuse: tensors that were moved from, operands that change, figures, threads") {
  sentinel<tensor<float, 100>> y;
  tensor<float, 100> x;
  const auto taken = static_cast<tensor<float, 100>&&>(x);
  CHECK_THROWS_WITH_AS(y.to = x + 1, "sinter: a tensor that was moved from is read; assign it first", exception);
  CHECK_THROWS_WITH_AS((view<float, 100>(x)), "sinter::view: a tensor that was moved from has no elements; assign it first", exception);
  tensor<float, 100> z;
  const auto pending = z + 1;
  z.fill(3);
#if SINTER_CHECKED
  CHECK_THROWS_WITH_AS(y.to = pending,
                       "sinter: an operand of a pending expression was overwritten before the expression was evaluated; evaluate first "
                       "(sinter::eval) or copy the operand",
                       exception);
#endif
  CHECK(y.kept(100));
  const auto plan = add.plan<row, row>();
  CHECK_THROWS_WITH_AS(
      static_cast<void>(static_cast<extent_t>(plan.flops)),
      "sinter: this figure depends on run-time extents; give the shapes of the arguments, figure(shape{...}, ...), or ask plan(x, ...)",
      exception);
  CHECK_THROWS_WITH_AS(static_cast<void>(plan.flops(shape{3})), "sinter: a figure needs the shape of every argument, with all its axes",
                       shape_error);
  CHECK_THROWS_WITH_AS(static_cast<void>(plan.flops(shape{3}, shape{4})),
                       "sinter: run-time extents that must be equal differ: axis 0 of argument 0 is 3, axis 0 of argument 1 is 4; pass "
                       "tensors of matching shapes",
                       shape_error);
  const int before = num_threads();
  CHECK_THROWS_WITH_AS(set_num_threads(0), "sinter::set_num_threads: 0 threads were asked for; ask for at least 1", exception);
  CHECK_THROWS_WITH_AS(set_num_threads(-1), "sinter::set_num_threads: -1 threads were asked for; ask for at least 1", exception);
  CHECK(num_threads() == before);
}

TEST_CASE("misuse: ranges and DLPack") {
  std::vector<float> v(7, 7.f);
  CHECK_THROWS_WITH_AS((as_view<2, 3>(v)),
                       "sinter::as_view: the range does not fill the shape; give it as many elements as the shape has: [7] against [2, 3]",
                       shape_error);
  CHECK_THROWS_WITH_AS(
      (as_view<dyn, 3>(v)),
      "sinter::as_view: the range does not fill the shape; give it as many elements as the shape has: [7] against [dyn, 3]", shape_error);
  tensor<float, 2, 3> x;
  const auto owner = to_dlpack(x);
  DLTensor t = owner->dl_tensor;
  CHECK_THROWS_WITH_AS((from_dlpack<view<double, 2, 3>>(t)),
                       "sinter::from_dlpack: the tensor holds float32, the view float64; name the view after the tensor", exception);
  CHECK_THROWS_WITH_AS((from_dlpack<view<float, dyn>>(t)),
                       "sinter::from_dlpack: the tensor has another shape than the view; name one that fits: [2, 3] against [dyn]",
                       shape_error);
  CHECK_THROWS_WITH_AS((from_dlpack<view<float, 2, 4>>(t)),
                       "sinter::from_dlpack: the tensor has another shape than the view; name one that fits: [2, 3] against [2, 4]",
                       shape_error);
  t.byte_offset = 1;
  CHECK_THROWS_WITH_AS((from_dlpack<view<float, 2, 3>>(t)),
                       "sinter::from_dlpack: the elements lie at no address for their type (null or not aligned); copy the tensor first",
                       exception);
  t.device.device_type = static_cast<decltype(t.device.device_type)>(2);
  CHECK_THROWS_WITH_AS((from_dlpack<view<float, 2, 3>>(t)),
                       "sinter::from_dlpack: the tensor lies on a device of type 2; copy it to the CPU (type 1) first", device_error);
}

TEST_CASE("misuse: .npy files") {
  const scratch::folder in;
  const std::string path = in / "x.npy";
  save_npy(path, tensor<float, 2, 3>{{1, 2, 3}, {4, 5, 6}});
  sentinel<row> y(6);
  const auto refused = [&](auto load, const std::string& text) {
    CHECK_THROWS_WITH_AS(y.to = load(), (path + ": " + text).c_str(), io_error);
  };
  refused([&] { return cast<float>(load_npy<tensor<double, 6>>(path)); },
          "holds elements of type f4; expected f8: load that type and cast it");
  refused([&] { return load_npy<tensor<float, 6>>(path) + 0; }, "holds an array of shape [2, 3]; expected [6]");
  refused([&] { return reshape<6>(load_npy<tensor<float, 3, 2>>(path)); }, "holds an array of shape [2, 3]; expected [3, 2]");
  const std::string bytes = scratch::content(path);
  scratch::write(path, bytes.substr(0, bytes.size() - 1));
  refused([&] { return reshape<6>(load_npy<tensor<float, 2, 3>>(path)); },
          "has 23 bytes of elements; expected as many as shape [2, 3] has, 24");
  scratch::write(path, bytes.substr(0, 5));
  refused([&] { return reshape<6>(load_npy<tensor<float, 2, 3>>(path)); }, "has 5 bytes; expected a .npy array");
  CHECK(y.kept(6));
}
