// SPDX-License-Identifier: Apache-2.0
// Cases that end in every way a case can; selfcheck.sh knows what the runner must say of each.
#include <csignal>
#include <stdexcept>

#include "judge.hpp"

namespace {

using conformance::entry;
using conformance::verdict;

struct passes {
  static constexpr char value[] = R"(func.func @main() {
  %0 = stablehlo.constant dense<[1.0, 0x7FC00000, -2.0]> : tensor<3xf32>
  %1 = stablehlo.constant dense<[1.0, 0x7FC00001, -2.0]> : tensor<3xf32>
  check.expect_eq %0, %1 : tensor<3xf32>
  %2 = stablehlo.constant dense<[1.0, 0x7F800000, 0.00005]> : tensor<3xf32>
  check.expect_almost_eq_const %2, dense<[1.00005, 0x7F800000, 0.0]> : tensor<3xf32>
  %3 = stablehlo.constant dense<[0x3F800003, 0x7F7FFFFF]> : tensor<2xf32>
  check.expect_close %3, %3, max_ulp_difference = 0 : tensor<2xf32>, tensor<2xf32>
  %4 = stablehlo.constant dense<[(0x3F800003, 0x80000000)]> : tensor<1xcomplex<f32>>
  %5 = stablehlo.constant dense<[(0x3F800000, 0x00000003)]> : tensor<1xcomplex<f32>>
  check.expect_close %4, %5 : tensor<1xcomplex<f32>>, tensor<1xcomplex<f32>>
  func.return
})";
};
struct zeros_differ {
  static constexpr char value[] = R"(func.func @main() {
  %0 = stablehlo.constant dense<[0.0, 0.0]> : tensor<2xf32>
  check.expect_eq_const %0, dense<[0.0, -0.0]> : tensor<2xf32>
  return
})";
};
struct four_units {
  static constexpr char value[] = R"(func.func @main() {
  %0 = stablehlo.constant dense<[0x3F800004, 0x3F800000]> : tensor<2xf32>
  %1 = stablehlo.constant dense<1.0> : tensor<2xf32>
  check.expect_close %0, %1 : tensor<2xf32>, tensor<2xf32>
  return
})";
};
struct infinity_beside_most {
  static constexpr char value[] = R"(func.func @main() {
  %0 = stablehlo.constant dense<[0x7F800000, 0x7F7FFFFF]> : tensor<2xf32>
  %1 = stablehlo.constant dense<0x7F7FFFFF> : tensor<2xf32>
  check.expect_close %0, %1 : tensor<2xf32>, tensor<2xf32>
  return
})";
};
struct narrow_units {
  static constexpr char value[] = R"(func.func @main() {
  %0 = stablehlo.constant dense<[0x38, 0xB8]> : tensor<2xf8E4M3FN>
  %1 = stablehlo.constant dense<[0x3B, 0xB4]> : tensor<2xf8E4M3FN>
  check.expect_close %0, %1 : tensor<2xf8E4M3FN>, tensor<2xf8E4M3FN>
  return
})";
};
struct too_far {
  static constexpr char value[] = R"(func.func @main() {
  %0 = stablehlo.constant dense<[1, 7]> : tensor<2xi64>
  check.expect_almost_eq_const %0, dense<[1, 6]> : tensor<2xi64>
  return
})";
};
struct unknown {
  static constexpr char value[] =
      "func.func @main() {\n  %0 = stablehlo.unheard_of : tensor<f32>\n  check.expect_eq %0, %0 : tensor<f32>\n  return\n}";
};
struct dynamic {
  static constexpr char value[] = R"(func.func @main(%arg0: tensor<?xf32>) {
  %0 = stablehlo.add %arg0, %arg0 : tensor<?xf32>
  check.expect_eq %0, %0 : tensor<?xf32>
  return
})";
};

const entry entries[] = {
    {"own/passes.mlir", &conformance::run<passes>},
    {"own/differs_zeros.mlir", &conformance::run<zeros_differ>},
    {"own/differs_int64.mlir", &conformance::run<too_far>},
    {"own/differs_float32.mlir", &conformance::run<four_units>},
    {"own/differs_infinity.mlir", &conformance::run<infinity_beside_most>},
    {"own/differs_narrow.mlir", &conformance::run<narrow_units>},
    {"own/unknown.mlir", &conformance::run<unknown>},
    {"own/dynamic.mlir", &conformance::run<dynamic>},
    {"own/crashes.mlir", [](verdict&) { std::raise(SIGSEGV); }},
    {"own/loops.mlir",
     [](verdict&) {
       volatile bool on = true;
       while (on) {
       }
     }},
    {"own/throws.mlir", [](verdict&) { throw std::runtime_error("something"); }},
    {"own/broken.mlir", nullptr, "why"},
};

}  // namespace
