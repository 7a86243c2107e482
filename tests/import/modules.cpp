// SPDX-License-Identifier: Apache-2.0
// Small modules of ours, of which each has something that the grammar allows, by the values that they compute.
#include <cmath>
#include <cstdint>
#include <vector>

#include <doctest/doctest.h>

#include <sinter/complex.hpp>
#include <sinter/stablehlo.hpp>

namespace {

using sinter::tensor;

template <class T, class X> std::vector<T> list(const X& x) { return std::vector<T>(x.data(), x.data() + x.size()); }
template <class Text, class T> std::vector<T> result() { return list<T>(sinter::stablehlo<Text>()); }
using floats = std::vector<float>;
using ints = std::vector<std::int32_t>;

struct with_arguments {
  static constexpr char value[] = R"(
// A comment, and one that quotes: "func.func @no() {
module @jit_f attributes {mhlo.num_partitions = 1 : i32, mhlo.num_replicas = 1 : i32} {
  func.func public @main(%arg0: tensor<2x3xf32> {mhlo.layout_mode = "default"}, %arg1: tensor<3xf32>) -> (tensor<2x3xf32> {jax.result_info = "(a)[0]"}) {
    %0 = stablehlo.broadcast_in_dim %arg1, dims = [1] : (tensor<3xf32>) -> tensor<2x3xf32> // behind an op
    %1 = stablehlo.add %arg0,
                       %0 : tensor<2x3xf32>
    return %1 : tensor<2x3xf32>
  }
})";
};
struct generic_module {
  static constexpr char value[] = R"(
"builtin.module"() <{sym_name = "m"}> ({
  "func.func"() <{function_type = (tensor<2xi32>) -> tensor<2xi32>, sym_name = "main", sym_visibility = "public"}> ({
  ^bb0(%arg0: tensor<2xi32>):
    %0 = "stablehlo.constant"() <{value = dense<[3, 4]> : tensor<2xi32>}> : () -> tensor<2xi32>
    %1 = "stablehlo.multiply"(%arg0, %0) : (tensor<2xi32>, tensor<2xi32>) -> tensor<2xi32>
    "func.return"(%1) : (tensor<2xi32>) -> ()
  }) : () -> ()
}) : () -> ()
)";
};
struct multiple_results {
  static constexpr char value[] = R"(
func.func @main() -> (tensor<i32>, tensor<i32>, tensor<2xf32>) {
  %n = stablehlo.constant dense<5> : tensor<i32>
  %c = stablehlo.constant dense<1> : tensor<i32>
  %0:2 = stablehlo.while(%i = %n, %sum = %c) : tensor<i32>, tensor<i32> cond {
    %zero = stablehlo.constant dense<0> : tensor<i32>
    %t = stablehlo.compare  GT, %i, %zero,  SIGNED : (tensor<i32>, tensor<i32>) -> tensor<i1>
    stablehlo.return %t : tensor<i1>
  } do {
    %s = stablehlo.multiply %sum, %i : tensor<i32>
    %j = stablehlo.subtract %i, %c : tensor<i32>
    stablehlo.return %j, %s : tensor<i32>, tensor<i32>
  }
  %x = stablehlo.constant dense<[1.5, -2.0]> : tensor<2xf32>
  return %0#1, %0#0, %x : tensor<i32>, tensor<i32>, tensor<2xf32>
})";
};
struct calls_later_functions {
  static constexpr char value[] = R"(
module {
  func.func public @main() -> tensor<i32> {
    %0 = stablehlo.constant dense<3> : tensor<i32>
    %1 = call @twice(%0) : (tensor<i32>) -> tensor<i32>
    %2 = func.call @"a name.with$signs-1"(%1) : (tensor<i32>) -> tensor<i32>
    %3 = call @twice(%2) : (tensor<i32>) -> tensor<i32>
    return %3 : tensor<i32>
  }
  func.func private @"a name.with$signs-1"(%0: tensor<i32>) -> tensor<i32> {
    %1 = stablehlo.add %0, %0 : tensor<i32>
    %2 = stablehlo.add %1, %0 : tensor<i32>
    func.return %2 : tensor<i32>
  }
  func.func private @twice(%arg0: tensor<i32>) -> (tensor<i32> {mhlo.layout_mode = "default"}) {
    %0 = stablehlo.add %arg0, %arg0 : tensor<i32>
    return %0 : tensor<i32>
  }
})";
};
struct region_that_captures {
  static constexpr char value[] = R"(
func.func @main() -> tensor<2xi32> {
  %x = stablehlo.constant dense<[[1, 9, 2], [4, 3, 8]]> : tensor<2x3xi32>
  %low = stablehlo.constant dense<0> : tensor<i32>
  %most = stablehlo.constant dense<6> : tensor<i32>
  %0 = "stablehlo.reduce"(%x, %low) ({
  ^bb0(%a: tensor<i32>, %b: tensor<i32>):
    %1 = stablehlo.minimum %b, %most : tensor<i32>
    %2 = stablehlo.maximum %a, %1 : tensor<i32>
    stablehlo.return %2 : tensor<i32>
  }) {dimensions = array<i64: 1>} : (tensor<2x3xi32>, tensor<i32>) -> tensor<2xi32>
  return %0 : tensor<2xi32>
})";
};
struct reduce_forms {
  static constexpr char value[] = R"(
func.func @main() -> (tensor<2xf32>, tensor<2xf32>, tensor<2xi32>) {
  %x = stablehlo.constant dense<[[1.0, 7.0, 2.0], [5.0, 4.0, 6.0]]> : tensor<2x3xf32>
  %i = stablehlo.iota dim = 1 : tensor<2x3xi32>
  %z = stablehlo.constant dense<0.0> : tensor<f32>
  %n = stablehlo.constant dense<0> : tensor<i32>
  %0 = stablehlo.reduce(%x init: %z) applies stablehlo.add across dimensions = [1] : (tensor<2x3xf32>, tensor<f32>) -> tensor<2xf32>
  %1:2 = stablehlo.reduce(%x init: %z), (%i init: %n) across dimensions = [1] : (tensor<2x3xf32>, tensor<2x3xi32>, tensor<f32>, tensor<i32>) -> (tensor<2xf32>, tensor<2xi32>)
    reducer(%a: tensor<f32>, %b: tensor<f32>) (%c: tensor<i32>, %d: tensor<i32>)  {
    %2 = stablehlo.compare GE, %a, %b, FLOAT : (tensor<f32>, tensor<f32>) -> tensor<i1>
    %3 = stablehlo.select %2, %a, %b : tensor<i1>, tensor<f32>
    %4 = stablehlo.select %2, %c, %d : tensor<i1>, tensor<i32>
    stablehlo.return %3, %4 : tensor<f32>, tensor<i32>
  }
  return %0, %1#0, %1#1 : tensor<2xf32>, tensor<2xf32>, tensor<2xi32>
})";
};
struct branches {
  static constexpr char value[] = R"(
func.func @main(%which: tensor<i32>, %x: tensor<2xf32>) -> tensor<2xf32> {
  %0 = "stablehlo.case"(%which) ({
    %1 = stablehlo.negate %x : tensor<2xf32>
    stablehlo.return %1 : tensor<2xf32>
  }, {
    %zero = stablehlo.constant dense<0> : tensor<i32>
    %p = stablehlo.compare LT, %which, %zero : (tensor<i32>, tensor<i32>) -> tensor<i1>
    %2 = "stablehlo.if"(%p) ({
      stablehlo.return %x : tensor<2xf32>
    }, {
      %3 = stablehlo.add %x, %x : tensor<2xf32>
      stablehlo.return %3 : tensor<2xf32>
    }) : (tensor<i1>) -> tensor<2xf32>
    stablehlo.return %2 : tensor<2xf32>
  }, {
    stablehlo.return %x : tensor<2xf32>
  }) : (tensor<i32>) -> tensor<2xf32>
  return %0 : tensor<2xf32>
})";
};
struct splats {
  static constexpr char value[] = R"(
func.func @main() -> (tensor<2x2xf32>, tensor<3xi1>, tensor<2xi64>, tensor<0x3xf32>, tensor<2xui64>) {
  %0 = stablehlo.constant dense<2.5e+00> : tensor<2x2xf32>
  %1 = stablehlo.constant dense<true> : tensor<3xi1>
  %2 = stablehlo.constant dense<-9223372036854775808> : tensor<2xi64>
  %3 = stablehlo.constant dense<> : tensor<0x3xf32>
  %4 = stablehlo.constant dense<18446744073709551615> : tensor<2xui64>
  return %0, %1, %2, %3, %4 : tensor<2x2xf32>, tensor<3xi1>, tensor<2xi64>, tensor<0x3xf32>, tensor<2xui64>
})";
};
struct lists_of_numbers {
  static constexpr char value[] = R"(
func.func @main() -> (tensor<2x3xf32>, tensor<4xi1>, tensor<2xui8>, tensor<3xbf16>, tensor<2xf64>) {
  %0 = stablehlo.constant dense<[[1.0, -2.5E-1, 0x7F800000],  // a comment
                                 [0xFF800000,1e10, 0.1]]> : tensor<2x3xf32>
  %1 = stablehlo.constant dense<[true, false, false, true]> : tensor<4xi1>
  %2 = stablehlo.constant dense<[0x0F, 255]> : tensor<2xui8>
  %3 = stablehlo.constant dense<[1.0, 0x4049, -0.0]> : tensor<3xbf16>
  %4 = stablehlo.constant dense<[4.9406564584124654E-324, 0x3FF0000000000001]> : tensor<2xf64>
  return %0, %1, %2, %3, %4 : tensor<2x3xf32>, tensor<4xi1>, tensor<2xui8>, tensor<3xbf16>, tensor<2xf64>
})";
};
struct blobs {
  static constexpr char value[] = R"(
func.func @main() -> (tensor<2xf32>, tensor<3xi16>, tensor<2x2xi1>, tensor<2xcomplex<f32>>, tensor<4xui8>) {
  %0 = stablehlo.constant dense<"0x0000803F000000C0"> : tensor<2xf32>
  %1 = stablehlo.constant dense<"0x0100FFff3412"> : tensor<3xi16>
  %2 = stablehlo.constant dense<"0x01000001"> : tensor<2x2xi1>
  %3 = stablehlo.constant dense<"0x0000803F0000004000004040000080BF"> : tensor<2xcomplex<f32>>
  %4 = stablehlo.constant dense<"0x07"> : tensor<4xui8>
  return %0, %1, %2, %3, %4 : tensor<2xf32>, tensor<3xi16>, tensor<2x2xi1>, tensor<2xcomplex<f32>>, tensor<4xui8>
})";
};
struct complex_numbers {
  static constexpr char value[] = R"(
func.func @main() -> (tensor<2xcomplex<f32>>, tensor<2xf32>) {
  %0 = stablehlo.constant dense<[(1.0, 2.0), (0x3F800000, -1.5)]> : tensor<2xcomplex<f32>>
  %1 = stablehlo.constant dense<(0.0, 1.0)> : tensor<2xcomplex<f32>>
  %2 = stablehlo.multiply %0, %1 : tensor<2xcomplex<f32>>
  %3 = stablehlo.real %2 : (tensor<2xcomplex<f32>>) -> tensor<2xf32>
  return %2, %3 : tensor<2xcomplex<f32>>, tensor<2xf32>
})";
};
struct narrow_types {
  static constexpr char value[] = R"(
func.func @main() -> (tensor<3xi4>, tensor<3xui4>, tensor<2xi2>, tensor<3xf8E4M3FN>, tensor<3xf32>) {
  %0 = stablehlo.constant dense<[7, -8, 3]> : tensor<3xi4>
  %1 = stablehlo.add %0, %0 : tensor<3xi4>
  %2 = stablehlo.constant dense<[15, 8, 3]> : tensor<3xui4>
  %3 = stablehlo.add %2, %2 : tensor<3xui4>
  %4 = stablehlo.constant dense<[1, -2]> : tensor<2xi2>
  %5 = stablehlo.subtract %4, %4 : tensor<2xi2>
  %6 = stablehlo.constant dense<[1.0, 0x7E, 17.0]> : tensor<3xf8E4M3FN>
  %7 = stablehlo.convert %6 : (tensor<3xf8E4M3FN>) -> tensor<3xf32>
  return %1, %3, %5, %6, %7 : tensor<3xi4>, tensor<3xui4>, tensor<2xi2>, tensor<3xf8E4M3FN>, tensor<3xf32>
})";
};
struct aliases {
  static constexpr char value[] = R"(
#loc = loc(unknown)
#dims = array<i64: 1, 0>
!matrix = tensor<2x3xi32>
module @m {
  func.func @main(%arg0: !matrix loc("x"("f.py":3:4))) -> tensor<3x2xi32> {
    %0 = "stablehlo.transpose"(%arg0) <{permutation = #dims}> : (!matrix) -> tensor<3x2xi32> loc(#loc1)
    return %0 : tensor<3x2xi32> loc(#loc)
  } loc(#loc)
} loc(#loc)
#loc1 = loc(fused["a", "b.py":1:2])
)";
};
struct attributes_everywhere {
  static constexpr char value[] = R"(
func.func @main(%x: tensor<4x6xf32>) -> (tensor<2x2xf32>, tensor<1x2xf32>, tensor<6x9xf32>, tensor<4x6xf32>) {
  %0 = stablehlo.slice %x [1:3, 0:6:4] : (tensor<4x6xf32>) -> tensor<2x2xf32>
  %i = stablehlo.constant dense<9> : tensor<i32>
  %1 = "stablehlo.dynamic_slice"(%x, %i, %i) <{slice_sizes = array<i64: 1, 2>}> {note = "slice_sizes = [7, 7]", nested = {slice_sizes = 3 : i64}} : (tensor<4x6xf32>, tensor<i32>, tensor<i32>) -> tensor<1x2xf32>
  %z = stablehlo.constant {mhlo.name = "z"} dense<0.0> : tensor<f32>
  %2 = stablehlo.pad %x, %z, low = [1, 0], high = [1, -2], interior = [0, 1] : (tensor<4x6xf32>, tensor<f32>) -> tensor<6x9xf32>
  %3 = stablehlo.reverse %x, dims = [1, 0] : tensor<4x6xf32>
  return %0, %1, %2, %3 : tensor<2x2xf32>, tensor<1x2xf32>, tensor<6x9xf32>, tensor<4x6xf32>
})";
};
struct products {
  static constexpr char value[] = R"(
func.func @main(%a: tensor<2x2x3xf32>, %b: tensor<2x3x2xf32>) -> (tensor<2x2x2xf32>, tensor<2x2x2xf32>) {
  %0 = stablehlo.dot_general %a, %b, batching_dims = [0] x [0], contracting_dims = [2] x [1], precision = [DEFAULT, DEFAULT] : (tensor<2x2x3xf32>, tensor<2x3x2xf32>) -> tensor<2x2x2xf32>
  %1 = "stablehlo.dot_general"(%a, %b) {dot_dimension_numbers = #stablehlo.dot<
      lhs_batching_dimensions = [0],
      rhs_batching_dimensions = [0],
      lhs_contracting_dimensions = [2],
      rhs_contracting_dimensions = [1]
    >, precision_config = [#stablehlo<precision DEFAULT>, #stablehlo<precision DEFAULT>]} : (tensor<2x2x3xf32>, tensor<2x3x2xf32>) -> tensor<2x2x2xf32>
  return %0, %1 : tensor<2x2x2xf32>, tensor<2x2x2xf32>
})";
};
struct sorts_by_two {
  static constexpr char value[] = R"(
func.func @main() -> (tensor<4xi32>, tensor<4xi32>) {
  %k = stablehlo.constant dense<[2, 1, 2, 0]> : tensor<4xi32>
  %v = stablehlo.constant dense<[5, 6, 4, 7]> : tensor<4xi32>
  %0:2 = "stablehlo.sort"(%k, %v) ({
  ^bb0(%a: tensor<i32>, %b: tensor<i32>, %c: tensor<i32>, %d: tensor<i32>):
    %lt = stablehlo.compare LT, %a, %b, SIGNED : (tensor<i32>, tensor<i32>) -> tensor<i1>
    %eq = stablehlo.compare EQ, %a, %b, SIGNED : (tensor<i32>, tensor<i32>) -> tensor<i1>
    %then = stablehlo.compare LT, %c, %d, SIGNED : (tensor<i32>, tensor<i32>) -> tensor<i1>
    %both = stablehlo.and %eq, %then : tensor<i1>
    %r = stablehlo.or %lt, %both : tensor<i1>
    stablehlo.return %r : tensor<i1>
  }) {dimension = 0 : i64, is_stable = true} : (tensor<4xi32>, tensor<4xi32>) -> (tensor<4xi32>, tensor<4xi32>)
  return %0#0, %0#1 : tensor<4xi32>, tensor<4xi32>
})";
};
struct scatters {
  static constexpr char value[] = R"(
func.func @main() -> tensor<4xi32> {
  %x = stablehlo.constant dense<10> : tensor<4xi32>
  %i = stablehlo.constant dense<[[3], [0], [3]]> : tensor<3x1xi32>
  %u = stablehlo.constant dense<[1, 2, 4]> : tensor<3xi32>
  %0 = "stablehlo.scatter"(%x, %i, %u) <{indices_are_sorted = false, scatter_dimension_numbers = #stablehlo.scatter<inserted_window_dims = [0], scatter_dims_to_operand_dims = [0], index_vector_dim = 1>, unique_indices = false}> ({
  ^bb0(%a: tensor<i32>, %b: tensor<i32>):
    %s = stablehlo.add %a, %b : tensor<i32>
    stablehlo.return %s : tensor<i32>
  }) : (tensor<4xi32>, tensor<3x1xi32>, tensor<3xi32>) -> tensor<4xi32>
  return %0 : tensor<4xi32>
})";
};
struct no_main {
  static constexpr char value[] = R"(
func.func @first(%arg0: tensor<i32>) -> tensor<i32> attributes {a = "b"} {
  %0 = stablehlo.optimization_barrier %arg0 : tensor<i32>
  return %0 : tensor<i32>
}
func.func private @declared(tensor<i32>) -> tensor<i32>
func.func @second(%arg0: tensor<f32>) -> tensor<f32> { return %arg0 : tensor<f32> }
)";
};
struct shadowed_names {
  static constexpr char value[] = R"(
func.func @main(%0: tensor<i32>) -> tensor<i32> {
  %1 = "stablehlo.if"(%p) ({
    %1 = stablehlo.add %0, %0 : tensor<i32>
    stablehlo.return %1 : tensor<i32>
  }, {
    %1 = stablehlo.multiply %0, %0 : tensor<i32>
    stablehlo.return %1 : tensor<i32>
  }) : (tensor<i1>) -> tensor<i32>
  return %1 : tensor<i32>
})";
};
struct parts_of_branches {
  static constexpr char value[] = R"(
func.func @main(%0: tensor<i32>, %p: tensor<i1>) -> tensor<i32> {
  %1 = "stablehlo.if"(%p) ({
    %2 = stablehlo.add %0, %0 : tensor<i32>
    stablehlo.return %2 : tensor<i32>
  }, {
    %2 = stablehlo.multiply %0, %0 : tensor<i32>
    stablehlo.return %2 : tensor<i32>
  }) : (tensor<i1>) -> tensor<i32>
  %2 = stablehlo.negate %1 : tensor<i32>
  return %2 : tensor<i32>
})";
};
struct checks_only {
  static constexpr char value[] = R"(
func.func @main() {
  %0 = stablehlo.constant dense<[1.0, 2.0]> : tensor<2xf32>
  %1 = stablehlo.add %0, %0 : tensor<2xf32>
  check.expect_close %1, %0, max_ulp_difference = 5 : tensor<2xf32>, tensor<2xf32>
  check.expect_almost_eq_const %1, dense<[2.0, 4.0]> : tensor<2xf32> {tolerance = 0.5 : f64}
  stablehlo.custom_call @check.expect_eq(%1, %1) {has_side_effect = true} : (tensor<2xf32>, tensor<2xf32>) -> ()
  func.return
})";
};

}  // namespace

TEST_CASE("modules with arguments") {
  const tensor<float, 2, 3> x{{1, 2, 3}, {4, 5, 6}};
  const tensor<float, 3> y{10, 20, 30};
  CHECK(list<float>(sinter::stablehlo<with_arguments>(x, y)) == floats{11, 22, 33, 14, 25, 36});
  const tensor<std::int32_t, 2> i{5, 6};
  CHECK(list<std::int32_t>(sinter::stablehlo<generic_module>(i)) == ints{15, 24});
  const tensor<std::int32_t, 2, 3> a{{1, 2, 3}, {4, 5, 6}};
  CHECK(list<std::int32_t>(sinter::stablehlo<aliases>(a)) == ints{1, 4, 2, 5, 3, 6});
}
TEST_CASE("modules are used within other functions") {
  constexpr auto f = sinter::fn([](auto x, auto y) { return sinter::sum(sinter::stablehlo<with_arguments>(x * 2.f, y)); });
  CHECK(static_cast<float>(f(tensor<float, 2, 3>{{1, 2, 3}, {4, 5, 6}}, tensor<float, 3>{1, 1, 1})) == 48);
}
TEST_CASE("several results, loops and calls") {
  const auto [product, i, x] = sinter::stablehlo<multiple_results>();
  CHECK(list<std::int32_t>(product) == ints{120});
  CHECK(list<std::int32_t>(i) == ints{0});
  CHECK(list<float>(x) == floats{1.5f, -2});
  CHECK(result<calls_later_functions, std::int32_t>() == ints{36});
}
TEST_CASE("the first function is called where none is main") {
  CHECK(static_cast<int>(sinter::stablehlo<no_main>(tensor<std::int32_t>(7))) == 7);
}
TEST_CASE("regions") {
  CHECK(result<region_that_captures, std::int32_t>() == ints{6, 6});
  const auto [sum, most, where] = sinter::stablehlo<reduce_forms>();
  CHECK(list<float>(sum) == floats{10, 15});
  CHECK(list<float>(most) == floats{7, 6});
  CHECK(list<std::int32_t>(where) == ints{1, 2});
  const auto [k, v] = sinter::stablehlo<sorts_by_two>();
  CHECK(list<std::int32_t>(k) == ints{0, 1, 2, 2});
  CHECK(list<std::int32_t>(v) == ints{7, 6, 4, 5});
  CHECK(result<scatters, std::int32_t>() == ints{12, 10, 10, 15});
}
TEST_CASE("branches") {
  const tensor<float, 2> x{1, -2};
  const auto chosen = [&](int which) { return list<float>(sinter::stablehlo<branches>(tensor<std::int32_t>(which), x)); };
  CHECK(chosen(0) == floats{-1, 2});
  CHECK(chosen(1) == floats{2, -4});
  CHECK(chosen(2) == floats{1, -2});
  CHECK(chosen(-1) == floats{1, -2});  // what is no branch takes the last
  CHECK(chosen(3) == floats{1, -2});
  const auto side = [](bool p) { return static_cast<int>(sinter::stablehlo<parts_of_branches>(tensor<std::int32_t>(5), tensor<bool>(p))); };
  CHECK(side(true) == -10);
  CHECK(side(false) == -25);
}
TEST_CASE("splat constants") {
  const auto [f, p, i, none, u] = sinter::stablehlo<splats>();
  CHECK(list<float>(f) == floats(4, 2.5f));
  CHECK(list<bool>(p) == std::vector<bool>(3, true));
  CHECK(list<std::int64_t>(i) == std::vector<std::int64_t>(2, INT64_MIN));
  CHECK(none.size() == 0);
  CHECK(list<std::uint64_t>(u) == std::vector<std::uint64_t>(2, UINT64_MAX));
}
TEST_CASE("constants of lists and hexadecimal bits") {
  const auto [f, p, u, h, d] = sinter::stablehlo<lists_of_numbers>();
  CHECK(list<float>(f) == floats{1, -.25f, HUGE_VALF, -HUGE_VALF, 1e10f, .1f});
  CHECK(list<bool>(p) == std::vector<bool>{true, false, false, true});
  CHECK(list<std::uint8_t>(u) == std::vector<std::uint8_t>{15, 255});
  CHECK(h.data()[0].bits == 0x3f80);
  CHECK(h.data()[1].bits == 0x4049);
  CHECK(h.data()[2].bits == 0x8000);
  CHECK(list<double>(d) == std::vector<double>{4.9406564584124654e-324, 1.0000000000000002});
}
TEST_CASE("constants of bytes") {
  const auto [f, i, p, c, u] = sinter::stablehlo<blobs>();
  CHECK(list<float>(f) == floats{1, -2});
  CHECK(list<std::int16_t>(i) == std::vector<std::int16_t>{1, -1, 0x1234});
  CHECK(list<bool>(p) == std::vector<bool>{true, false, false, true});
  CHECK(list<std::complex<float>>(c) == std::vector<std::complex<float>>{{1, 2}, {3, -1}});
  CHECK(list<std::uint8_t>(u) == std::vector<std::uint8_t>(4, 7));
}
TEST_CASE("complex constants") {
  const auto [c, re] = sinter::stablehlo<complex_numbers>();
  CHECK(list<std::complex<float>>(c) == std::vector<std::complex<float>>{{-2, 1}, {1.5f, 1}});
  CHECK(list<float>(re) == floats{-2, 1.5f});
}
TEST_CASE("narrow types are kept in wider ones") {
  const auto [i, u, small, f, wide] = sinter::stablehlo<narrow_types>();
  CHECK(list<std::int8_t>(i) == std::vector<std::int8_t>{-2, 0, 6});
  CHECK(list<std::uint8_t>(u) == std::vector<std::uint8_t>{14, 0, 6});
  CHECK(list<std::int8_t>(small) == std::vector<std::int8_t>{0, 0});
  CHECK(list<float>(f) == floats{1, 448, 16});
  CHECK(list<float>(wide) == floats{1, 448, 16});
}
TEST_CASE("attributes") {
  tensor<float, 4, 6> x;
  for (int i = 0; i < 24; ++i) x.data()[i] = static_cast<float>(i);
  const auto [slice, window, padded, reversed] = sinter::stablehlo<attributes_everywhere>(x);
  CHECK(list<float>(slice) == floats{6, 10, 12, 16});
  CHECK(list<float>(window) == floats{22, 23});
  const floats p = list<float>(padded);
  CHECK(floats(p.begin(), p.begin() + 9) == floats(9, 0));
  CHECK(floats(p.begin() + 9, p.begin() + 18) == floats{0, 0, 1, 0, 2, 0, 3, 0, 4});
  CHECK(reversed.data()[0] == 23);
  CHECK(reversed.data()[23] == 0);
}
TEST_CASE("products in both forms") {
  const tensor<float, 2, 2, 3> a{{{1, 2, 3}, {4, 5, 6}}, {{1, 0, 0}, {0, 1, 0}}};
  const tensor<float, 2, 3, 2> b{{{1, 0}, {0, 1}, {1, 1}}, {{1, 2}, {3, 4}, {5, 6}}};
  const auto [x, y] = sinter::stablehlo<products>(a, b);
  CHECK(list<float>(x) == floats{4, 5, 10, 11, 1, 2, 3, 4});
  CHECK(list<float>(y) == list<float>(x));
}
TEST_CASE("checks become pairs of results") {
  using stage = sinter::mlir::lower_stage<checks_only>;
  REQUIRE(stage::result.size.checks == 3);
  const auto& c = stage::result.checks;
  CHECK(c[0].kind == sinter::mlir::check_op::ulp);
  CHECK(c[0].tolerance == 5);
  CHECK(c[1].kind == sinter::mlir::check_op::absolute);
  CHECK(c[1].tolerance == .5);
  CHECK(c[2].kind == sinter::mlir::check_op::exact);
  const auto r = sinter::stablehlo<checks_only>();
  CHECK(list<float>(std::get<0>(r)) == floats{2, 4});
  CHECK(list<float>(std::get<1>(r)) == floats{1, 2});
  CHECK(list<float>(std::get<3>(r)) == floats{2, 4});
}
TEST_CASE("a name of a region is not seen outside it") {
  constexpr auto failed = sinter::mlir::lower_stage<shadowed_names>::result.failed;
  CHECK(failed.what == sinter::mlir::expected::defined_value);
}
