// SPDX-License-Identifier: Apache-2.0
// Elements by index: the rows of an embedding that tokens name, normalised in the loop that fetches them; a histogram, which adds 1 at an
// index for each token; and a cache that a loop fills in place.
#include <iostream>
#include <sinter/sinter.hpp>

constexpr auto embed =
    sinter::fn([](auto table, auto tokens) { return sinter::softmax(take(table, tokens, sinter::axis<0>), sinter::axis<1>); });
constexpr auto count = sinter::fn([](auto counts, auto tokens) { return sinter::scatter_add(counts, tokens, 1); });
constexpr auto fill = sinter::fn([](auto cache, auto rows) {
  return sinter::fori_loop(
      0, 3, [=](auto i, auto c) { return dynamic_update_slice(c, sinter::dynamic_slice<1, 2>(rows, i, 0), i + 1, 0); }, cache);
});

int main() {
  sinter::tensor<float, 4, 2> table{{0, 0}, {1, 0}, {0, 2}, {-1, 1}};
  sinter::tensor<int, 5> tokens{2, 0, 2, 3, 9};  // 9 is too large: take clamps it to 3, scatter_add drops it
  std::cout << embed(table, tokens) << '\n' << embed.explain(table, tokens);
  sinter::tensor<int, 4> counts;
  count.into(counts, counts, tokens);  // where it stands: nothing is copied
  std::cout << counts << '\n';
  std::cout << fill(table, sinter::tensor<float, 3, 2>{{5, 6}, {7, 8}, {9, 10}}) << '\n';
}

// Output:
// [[0.119203, 0.880797],
//  [     0.5,      0.5],
//  [0.119203, 0.880797],
//  [0.119203, 0.880797],
//  [0.119203, 0.880797]]
// 1 kernel, 0 temporaries, flops 70, bytes read 52, bytes written 40, arena bytes 0
// kernel 0: rows over [5, 2 reduced]
//   computes maximum minimum multiply gather max subtract exp sum divide multiply
//   reads    argument 1 i32[5] argument 0 f32[4, 2]
//   writes   result 0 f32[5, 2]
// [1, 0, 2, 1]
// [[ 0,  0],
//  [ 5,  6],
//  [ 7,  8],
//  [ 9, 10]]
