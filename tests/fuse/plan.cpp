// SPDX-License-Identifier: Apache-2.0
// What fuses and what must not: kernels and temporaries of small programs, all at compile time.
#include <doctest/doctest.h>

#include <sinter/sinter.hpp>

namespace {

using namespace sinter;

using matrix = tensor<float, 64, 256>;
using vector = tensor<float, 256>;
using square = tensor<float, 64, 64>;

template <class... X, class F> constexpr bool takes(F f, int kernels, int temporaries) {
  constexpr auto p = decltype(fn(f))::template plan<X...>();
  return p.kernels == kernels && p.temporaries == temporaries;
}

// Maps, and views inside them.
static_assert(takes<matrix, vector>([](auto x, auto b) { return exp(x + b) * 2; }, 1, 0));
static_assert(takes<square>([](auto x) { return x + transpose(x) * 2; }, 1, 0));
static_assert(takes<matrix>([](auto x) { return concatenate(axis<1>, slice(x, all, range<0, 10>), reverse(x, axis<0>)) + 1; }, 1, 0));
static_assert(takes<matrix>([](auto x) { return pad(reshape<128, 128>(x * 2), edges<1, 1>, edges<0, 0>, 0); }, 1, 0));
static_assert(takes<matrix>([](auto x) { return std::tuple{x + 1, x * 2, exp(x)}; }, 1, 0));  // one read

// Row programs: any chain of reductions along the rows and maps.
static_assert(takes<matrix>([](auto x) { return softmax(x, axis<1>); }, 1, 0));
static_assert(takes<matrix, vector, vector>([](auto x, auto g, auto b) { return layer_norm(x, axis<1>) * g + b; }, 1, 0));
static_assert(takes<matrix>(
    [](auto x) {
      return std::tuple{mean(x, axis<1>), var(x, axis<1>), max(x, axis<1>), argmax(x, axis<1>)};
    },
    1, 0));
static_assert(takes<matrix>([](auto x) { return std::tuple{mean(x, axis<1>), max(x, axis<1>), exp(x)}; }, 1, 0));
static_assert(takes<matrix, matrix>([](auto x, auto y) { return softmax(log_softmax(x, axis<1>) * y, axis<1>); }, 1, 0));

// Columns and everything.
static_assert(takes<matrix>([](auto x) { return std::tuple{mean(x, axis<0>), max(x, axis<0>)}; }, 1, 0));
static_assert(takes<matrix>([](auto x) { return softmax(x, axis<0>); }, 1, 0));
static_assert(takes<matrix>([](auto x) { return std::tuple{sum(x), max(x), min(x)}; }, 1, 0));

// Near misses: what one loop cannot do.
static_assert(takes<matrix>([](auto x) { return std::tuple{sum(x, axis<0>), sum(x, axis<1>)}; }, 2, 0));  // two directions
static_assert(takes<matrix, vector>([](auto x, auto b) { return x * exp(b); }, 2, 1));   // exp once a column, not once an element
static_assert(takes<matrix, vector>([](auto x, auto b) { return x * (b + 1); }, 1, 0));  // cheap: again for each row
static_assert(takes<matrix, vector>([](auto x, auto b) { return sum(x * b); }, 2, 1));   // rows of b do not run as one loop
static_assert(takes<matrix>([](auto x) { return sum(exp(sum(x, axis<1>))); }, 2, 1));
// Through two index maps: an exp is cheaper computed twice than written and read; a power is not, unless it would leave the cache.
static_assert(takes<square>([](auto x) { return exp(x) + transpose(exp(x)); }, 1, 0));
static_assert(takes<square>([](auto x) { return pow(x, x) + transpose(pow(x, x)); }, 2, 1));
static_assert(takes<tensor<float, 1024, 1024>>([](auto x) { return pow(x, x) + transpose(pow(x, x)); }, 1, 0));
static_assert(takes<tensor<float, 1024, 1024>>([](auto x) { return exp(pow(x, x)) + transpose(exp(pow(x, x))); }, 2, 1));
static_assert(takes<square>([](auto x) { return slice(pow(x, x), range<0, 32>, all) * slice(pow(x, x), range<32, 64>, all); }, 1,
                            0));  // halves
static_assert(takes<square, square>([](auto x, auto w) { return relu(dot(x, w) + x); }, 1, 0));
static_assert(takes<square, square>([](auto x, auto w) { return dot(transpose(x), slice(w, all, range<0, 8>)); }, 1,
                                    0));  // strides, no copy

// The arena: intermediates that do not live together share memory; a result needs none.
constexpr auto towers = fn([](auto x) {
  for (int i = 0; i < 6; ++i) x = dot(x, x);
  return x;
});
static_assert(towers.plan<square>().kernels == 6 && towers.plan<square>().temporaries == 5);
static_assert(towers.plan<square>().workspace_bytes == 2 * 64 * 64 * 4);

// In place: a map whose operand dies writes over it.
constexpr auto in_place = fn([](auto x, auto v) {
  auto z = exp(dot(transpose(x), v));
  return std::tuple(dot(transpose(x), z), dot(z, x));
});
using large = tensor<float, 2048, 2048>;
static_assert(in_place.plan<large, tensor<float, 2048>>().temporaries == 2);
static_assert(in_place.plan<large, tensor<float, 2048>>().workspace_bytes == 2048 * 4);
// A small product is consumed as a whole from a block beside, also that with a vector.
static_assert(in_place.plan<square, tensor<float, 64>>().temporaries == 1);
using tiny = tensor<float, 7, 7>;
static_assert(takes<tiny, tiny, tiny>([](auto x, auto w, auto d) { return dot(x, w) + d; }, 1, 0));

// What is around a contraction runs inside it: a map or row program on its result, a map on either operand, a row program on the rows of
// the first, a second contraction that the same program consumes.
using wide = tensor<float, 64, 256>;
static_assert(takes<square, wide, tensor<float, 256>>([](auto x, auto w, auto b) { return gelu(dot(x, w) + b); }, 1, 0));
static_assert(takes<square, wide, wide>([](auto x, auto w, auto r) { return dot(x, w) + r; }, 1, 0));
static_assert(takes<square, wide, wide>([](auto x, auto u, auto v) { return silu(dot(x, u)) * dot(x, v); }, 1, 0));
static_assert(takes<square, wide>([](auto x, auto w) { return argmax(dot(x, w), axis<1>); }, 1, 0));
static_assert(takes<square, wide>([](auto x, auto w) { return softmax(dot(x, w), axis<1>); }, 1, 0));
static_assert(takes<square, wide>(
    [](auto x, auto w) {
      auto y = dot(x, w);
      return std::tuple(y * 2, sum(y * y, axis<1>));
    },
    1, 0));
static_assert(takes<square, wide>([](auto x, auto w) { return dot(layer_norm(x, axis<1>), w * 2); }, 1, 0));
static_assert(takes<square, wide, wide>(
    [](auto x, auto u, auto v) {
      auto y = rms_norm(x, axis<1>);
      return silu(dot(y, u)) * dot(y, v);
    },
    1, 0));
static_assert(takes<square, wide, tensor<float, 256>>([](auto x, auto w, auto b) { return dot(relu(dot(x, w) + b), transpose(w)); }, 1,
                                                      0));  // chained
// A transposed product is the product of the transposed operands.
static_assert(takes<square, square>([](auto x, auto w) { return transpose(dot(x, w)) + x; }, 1, 0));
// These stay apart: a result that two kernels read, one that is itself wanted, a program along the columns, a map of the transposed product
// that a program by rows makes.
static_assert(takes<square, wide>(
    [](auto x, auto w) {
      auto y = dot(x, w);
      return std::tuple(y, exp(y));
    },
    2, 0));
static_assert(takes<square, wide>([](auto x, auto w) { return sum(dot(x, w), axis<0>); }, 2, 1));
static_assert(takes<square, square>([](auto x, auto w) { return transpose(dot(softmax(x, axis<1>), w)) + x; }, 2, 1));
static_assert(takes<square, square>(
    [](auto x, auto w) {
      auto y = exp(x);
      return dot(y, w) + y;
    },
    2, 1));

// Figures: bytes and flops of a layer norm.
constexpr auto p = fn([](auto x) { return exp(x) + 1; }).plan<matrix>();
static_assert(p.bytes_read == 64 * 256 * 4 && p.bytes_written == 64 * 256 * 4 && p.flops == 2 * 64 * 256);

// Equal groups of different functions are one kernel.
template <class F> using code = run::group_code<typename decltype(fn(F{}))::template program<matrix>, 0, fuse::schedule_value{}>;
using first = decltype([](auto x) { return exp(x) * 2 + 1; });
using second = decltype([](auto x) {
  auto e = exp(x);
  return e * 2 + 1;
});
using third = decltype([](auto x) { return exp(x) * 3 + 1; });
static_assert(code<first>::name.a == code<second>::name.a && code<first>::name.b == code<second>::name.b);
static_assert(code<first>::name.a != code<third>::name.a);

// Stores: cached where the results stay in the caches, past them where they cannot, asked at the call where extents are run-time.
template <class F, class X, class... Knobs> constexpr fuse::streams stores =
    run::group_code<typename decltype(fn(F{}))::template program<X>, 0, schedule<Knobs...>::value>::value.stream;
using large = tensor<float, 2048, 2048>;
using row_sums = decltype([](auto x) { return sum(x, axis<1>); });
using soft = decltype([](auto x) { return softmax(x, axis<1>); });
static_assert(stores<first, matrix> == fuse::streams::never && stores<soft, matrix> == fuse::streams::never);
static_assert(stores<first, large> == fuse::streams::when_asked && stores<soft, large> == fuse::streams::when_asked);
static_assert(stores<row_sums, large> == fuse::streams::never);
static_assert(stores<first, tensor<float, dyn>> == fuse::streams::when_asked);
static_assert(stores<first, large, cached> == fuse::streams::never && stores<first, matrix, streaming> == fuse::streams::always);

}  // namespace

TEST_CASE("run-time extents: kernels are constants, the other figures polynomials") {
  constexpr auto f = fn([](auto x) { return softmax(x, axis<1>); });
  using rows = tensor<float, dyn, 100>;
  constexpr auto p = f.plan<rows>();
  static_assert(p.kernels == 1 && p.temporaries == 0 && !p.bytes_read.is_number());
  static_assert(p.bytes_read(shape{7, 100}) == 7 * 100 * 4 && p.flops(shape{7, 100}) == 7 * f.plan<tensor<float, 1, 100>>().flops);
  CHECK(p.bytes_read.text() == "400 n0_0");
  CHECK(f.plan(rows(7)).bytes_read == 7 * 100 * 4);
  CHECK(f.plan(rows(0)).bytes_written == 0);
  CHECK_THROWS_AS((void)static_cast<extent_t>(p.flops), sinter::exception);
  CHECK_THROWS_AS((void)p.flops(shape<>{}), sinter::shape_error);

  constexpr auto g = fn([](auto a, auto b) { return softmax(dot(a, b), axis<1>); });
  constexpr auto q = g.plan<tensor<float, dyn, dyn>, tensor<float, dyn, dyn>>();
  const tensor<float, dyn, dyn> a(33, 20), b(20, 70);
  const auto known = g.plan(a, b);
  CHECK(q.flops(shape{33, 20}, shape{20, 70}) == known.flops);
  CHECK(q.bytes_read(shape{33, 20}, shape{20, 70}) == known.bytes_read);
  CHECK(q.workspace_bytes(shape{33, 20}, shape{20, 70}) == known.workspace_bytes);
  CHECK(known.workspace_bytes >= 33 * 70 * 4);
  CHECK_THROWS_AS((void)q.flops(shape{33, 20}, shape{21, 70}), sinter::shape_error);
}
