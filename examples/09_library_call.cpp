// SPDX-License-Identifier: Apache-2.0
// A library call of your own: code on whole arrays between fused kernels. Its rule is checked while the compiler runs.
#include <algorithm>
#include <iostream>
#include <sinter/sinter.hpp>

struct sort_rows {  // the last axis in ascending order; axes before it are batches, sorted one after the other
  static constexpr const char* name = "sort";
  static constexpr int ranks[] = {1};
  static constexpr sinter::call_result result(const sinter::call_operand& x) { return {x.type(), sinter::shape{x.extent(0)}}; }
  static void run(auto x, auto y) {
    std::copy_n(x.data(), x.size(), y.data());
    std::sort(y.data(), y.data() + y.size());
  }
};

constexpr auto gaps = sinter::fn([](auto x) {  // between the sizes of neighbours
  auto sorted = sinter::library_call<sort_rows>(abs(x));
  return sinter::slice(sorted, sinter::all, sinter::range<1, 4>) - sinter::slice(sorted, sinter::all, sinter::range<0, 3>);
});

int main() {
  sinter::tensor<float, 2, 4> x{{4, -1, 2, 8}, {-3, 3, -5, 0}};
  std::cout << gaps(x) << '\n' << gaps.explain(x);
}

// Output:
// [[1, 2, 4],
//  [3, 0, 2]]
// 3 kernels, 2 temporaries, flops 14, bytes read 96, bytes written 88, arena bytes 128
// kernel 0: map over [8]
//   computes abs
//   reads    argument 0 f32[2, 4]
//   writes   temporary 1 f32[2, 4]
// kernel 1: library call over [2]
//   computes sort
//   reads    temporary 1 f32[2, 4]
//   writes   temporary 2 f32[2, 4]
// kernel 2: map over [2, 3]
//   computes subtract
//   reads    temporary 2 f32[2, 4]
//   writes   result 0 f32[2, 3]
