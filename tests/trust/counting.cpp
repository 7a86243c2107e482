// SPDX-License-Identifier: Apache-2.0
// What a plan says against what its kernels do, counted by backend::counting on small functions, with every figure derived by hand.
//
// Counted loads and stores are those of the vocabulary, in elements (counting packets hold one lane). Then, for static shapes:
//  * bytes_written == store_bytes, unless a row buffer stands between two loops (those stores count, and are no memory traffic).
//  * bytes_read == load_bytes where each operand is read by one loop, all of it, once: maps, and reductions in one pass.
//  * a loop loads an operand again: for each row where it broadcasts along outer axes, for each pass over the row, for each index
//    map through which it is read, for each tile of a product. Each of these makes load_bytes the larger.
//  * an operand that is constant along the inner loop (a number, a column [n, 1], the left side of a product) is copied to all lanes
//    once a row and is no load: there load_bytes is the smaller by what the plan counts for that operand.
//  * flops == arithmetic + fma, where all ops are + - * / and fma (a plan counts two for an fma) and no reduction runs along the
//    innermost axis; such a reduction of n needs n - 1 more (n <= 64), or 63, to join its lanes. Comparisons, select and casts are
//    flops of the plan and not counted; index arithmetic of iota and argmax is counted and no flop of the plan.
#include <string>

#include <doctest/doctest.h>
#include <sinter/simd/counting.hpp>
#include <sinter/sinter.hpp>

namespace {

using namespace sinter;

struct figures {
  int kernels, temporaries;
  extent_t flops, bytes_read, bytes_written;
  std::uint64_t loads, load_bytes, stores, store_bytes, arithmetic, functions = 0;
};

template <class F, class... X> backend::counts counted(const F& f, const X&... x) {
  backend::counting_state() = {};
  (void)f.template on<backend::counting>()(x...);
  return backend::counting_state();
}
template <class F, class... X> void check(std::string name, const figures& want, const F& f, const X&... x) {
  CAPTURE(name);
  constexpr run::plan_summary plan = F::template plan<X...>();
  CHECK(plan.kernels == want.kernels);
  CHECK(plan.temporaries == want.temporaries);
  CHECK(plan.flops == want.flops);
  CHECK(plan.bytes_read == want.bytes_read);
  CHECK(plan.bytes_written == want.bytes_written);
  const backend::counts c = counted(f, x...);
  CHECK(c.loads == want.loads);
  CHECK(c.load_bytes == want.load_bytes);
  CHECK(c.stores == want.stores);
  CHECK(c.store_bytes == want.store_bytes);
  CHECK(c.arithmetic == want.arithmetic);
  CHECK(c.transcendental == want.functions);
}

// 128 elements, 512 bytes in f32.
const tensor<float, 8, 16> x, y;
const tensor<float, 16> row;
const tensor<float, 8, 1> column;
const tensor<float, 16, 4> narrow;

TEST_CASE("maps load each operand once and store each element once") {
  //                        kernels, temporaries, flops, read, written | loads, bytes, stores, bytes, arithmetic, functions
  check("x + y", {1, 0, 128, 1024, 512, 256, 1024, 128, 512, 128}, fn([](auto a, auto b) { return a + b; }), x, y);
  check("-x", {1, 0, 128, 512, 512, 128, 512, 128, 512, 128}, fn([](auto a) { return -a; }), x);
  check("x * y + x is an fma", {1, 0, 256, 1024, 512, 256, 1024, 128, 512, 128}, fn([](auto a, auto b) { return a * b + a; }), x, y);
  check("x * 2 + 1", {1, 0, 256, 512, 512, 128, 512, 128, 512, 128}, fn([](auto a) { return a * 2 + 1; }), x);
  check("y - x * y: fma(-x, y, y)", {1, 0, 384, 1024, 512, 256, 1024, 128, 512, 256}, fn([](auto a, auto b) { return b - a * b; }), x, y);
  check("(x + y) / y", {1, 0, 256, 1024, 512, 256, 1024, 128, 512, 256}, fn([](auto a, auto b) { return (a + b) / b; }), x, y);
  check("two results", {1, 0, 256, 1024, 1024, 256, 1024, 256, 1024, 256}, fn([](auto a, auto b) { return std::tuple(a + b, a - b); }), x,
        y);
  check("exp(x)", {1, 0, 128, 512, 512, 128, 512, 128, 512, 0, 128}, fn([](auto a) { return exp(a); }), x);
  check("transpose(x) + 1", {1, 0, 128, 512, 512, 128, 512, 128, 512, 128}, fn([](auto a) { return transpose(a) + 1; }), x);
  check("reshape", {1, 0, 128, 512, 512, 128, 512, 128, 512, 128}, fn([](auto a) { return reshape<4, 32>(a) + 1; }), x);
  check("concatenate", {1, 0, 256, 1024, 1024, 256, 1024, 256, 1024, 256},
        fn([](auto a, auto b) { return concatenate(axis<0>, a, b) * 2; }), x, y);
  check("pad", {1, 0, 160, 512, 640, 128, 512, 160, 640, 160}, fn([](auto a) { return pad(a, edges<1, 1>, edges<0, 0>, 0) + 1; }), x);
  check("where(x > 0, x, y): no arithmetic", {1, 0, 256, 1024, 512, 256, 1024, 128, 512, 0},
        fn([](auto a, auto b) { return where(a > 0, a, b); }), x, y);
  check("x > y: bytes", {1, 0, 128, 1024, 128, 256, 1024, 128, 128, 0}, fn([](auto a, auto b) { return a > b; }), x, y);
  check("cast to i32, + 1", {1, 0, 256, 512, 512, 128, 512, 128, 512, 128}, fn([](auto a) { return cast<int>(a) + 1; }), x);
  check("f64", {1, 0, 128, 1024, 1024, 128, 1024, 128, 1024, 128}, fn([](auto a) { return a * a; }), tensor<double, 8, 16>());
  check("f16", {1, 0, 128, 256, 256, 128, 256, 128, 256, 128}, fn([](auto a) { return a * a; }), tensor<float16, 8, 16>());
  check("u8", {1, 0, 128, 128, 128, 128, 128, 128, 128, 128}, fn([](auto a) { return a + 1; }), tensor<std::uint8_t, 8, 16>());
}

TEST_CASE("an operand that broadcasts is loaded once a row, or copied to all lanes") {
  check("x + row: the row 8 times", {1, 0, 128, 512 + 64, 512, 256, 1024, 128, 512, 128}, fn([](auto a, auto b) { return a + b; }), x, row);
  check("x + column: no load", {1, 0, 128, 512 + 32, 512, 128, 512, 128, 512, 128}, fn([](auto a, auto b) { return a + b; }), x, column);
  check("x * number: no load", {1, 0, 128, 512 + 4, 512, 128, 512, 128, 512, 128}, fn([](auto a, auto b) { return a * b; }), x, 2.5f);
  check("x + iota: two integer operations an index", {1, 0, 128, 512, 512, 128, 512, 128, 512, 3 * 128},
        fn([](auto a) { return a + iota<float, 8, 16>(axis<1>); }), x);
}

TEST_CASE("an operand that is seen through two index maps is loaded through each") {
  check("x * reverse(x)", {1, 0, 128, 512, 512, 256, 1024, 128, 512, 128}, fn([](auto a) { return a * reverse(a, axis<1>); }), x);
}

TEST_CASE("a slice reads its part") {
  check("half the columns", {1, 0, 64, 256, 256, 64, 256, 64, 256, 64}, fn([](auto a) { return slice(a, all, range<4, 12>) + 1; }), x);
}

TEST_CASE("reductions in one pass load each operand once") {
  check("sum of all: 63 to join 64 lanes", {1, 0, 128, 512, 4, 128, 512, 1, 4, 128 + 63}, fn([](auto a) { return sum(a); }), x);
  check("sum of rows: 15 a row", {1, 0, 128, 512, 32, 128, 512, 8, 32, 128 + 8 * 15}, fn([](auto a) { return sum(a, axis<1>); }), x);
  check("sum of columns", {1, 0, 128, 512, 64, 128, 512, 16, 64, 128}, fn([](auto a) { return sum(a, axis<0>); }), x);
  check("sum of products", {1, 0, 256, 1024, 4, 256, 1024, 1, 4, 256 + 63}, fn([](auto a, auto b) { return sum(a * b); }), x, y);
  check("max of rows: 15 a row", {1, 0, 128, 512, 32, 128, 512, 8, 32, 128 + 8 * 15}, fn([](auto a) { return max(a, axis<1>); }), x);
  check("sum and max of rows", {1, 0, 256, 512, 64, 128, 512, 16, 64, 2 * (128 + 8 * 15)},
        fn([](auto a) { return std::tuple(sum(a, axis<1>), max(a, axis<1>)); }), x);
  check("mean of rows: 8 products", {1, 0, 128 + 8, 512, 32, 128, 512, 8, 32, 128 + 8 * 15 + 8},
        fn([](auto a) { return mean(a, axis<1>); }), x);
  check("any of rows: bytes", {1, 0, 256, 512, 8, 128, 512, 8, 8, 0}, fn([](auto a) { return any(a > 0, axis<1>); }), x);
  check("argmax of rows: i64; one integer addition an element", {1, 0, 128, 512, 64, 128, 512, 8, 64, 128},
        fn([](auto a) { return argmax(a, axis<1>); }), x);
}

TEST_CASE("rows in several passes load them again; what is costly waits in a row buffer") {
  check("x - mean: two passes", {1, 0, 128 + 8 + 128, 512, 512, 256, 1024, 128, 512, 128 + 8 * 15 + 8 + 128},
        fn([](auto a) { return a - mean(a, axis<1>, keepdims); }), x);
  // x for max, x for exp; exp is stored and loaded once more. One reciprocal a row.
  check("softmax of rows", {1, 0, 5 * 128 + 8, 512, 512, 3 * 128, 3 * 512, 2 * 128, 2 * 512, 4 * 128 + 2 * 8 * 15 + 8, 128},
        fn([](auto a) { return softmax(a, axis<1>); }), x);
  check("softmax of columns", {1, 0, 5 * 128 + 16, 512, 512, 3 * 128, 3 * 512, 2 * 128, 2 * 512, 4 * 128 + 16, 128},
        fn([](auto a) { return softmax(a, axis<0>); }), x);
}

TEST_CASE("products load the right side once a tile of four rows") {
  check("dot", {1, 0, 2 * 512, 512 + 256, 128, 2 * 64, 2 * 256, 32, 128, 512}, fn([](auto a, auto b) { return dot(a, b); }), x, narrow);
  // The sum is written, then read by the product.
  check("dot of a sum: the sum is written and read in the cache",
        {1, 0, 128 + 2 * 512, 1024 + 256, 128, 256 + 2 * 64, 1024 + 2 * 256, 128 + 32, 512 + 128, 128 + 512},
        fn([](auto a, auto b, auto c) { return dot(a + b, c); }), x, y, narrow);
}

// ---- softmax evaluates one exp an element, in one kernel, without temporaries, in every spelling

std::uint64_t lanes_of_exp = 0;
struct counted_exp {
  static constexpr const char* name = "counted exp";
  template <class P> auto operator()(P p) const {
    lanes_of_exp += P::size;
    return exp(p);
  }
};

TEST_CASE("softmax of 64 x 64 evaluates exp 4096 times") {
  const tensor<float, 64, 64> z;
  const auto once = [&](auto f) {
    CHECK(counted(f, z).exp == 4096);
    CHECK(f.template plan<decltype(z)>().kernels == 1);
    CHECK(f.template plan<decltype(z)>().temporaries == 0);
  };
  once(fn([](auto a) { return softmax(a); }));
  once(fn([](auto a) {
    auto e = exp(a - max(a, axis<1>, keepdims));
    return e / sum(e, axis<1>, keepdims);
  }));
  // Eager: the expression holds `e` twice, and evaluates it once. On the default backend, so the op counts for itself.
  lanes_of_exp = 0;
  auto e = map<counted_exp>(z - max(z, axis<1>, keepdims));
  const tensor<float, 64, 64> s = e / sum(e, axis<1>, keepdims);
  CHECK(lanes_of_exp == 4096);
  CHECK(s(0, 0) == 1.f / 64);
}

}  // namespace
