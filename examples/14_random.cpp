// SPDX-License-Identifier: Apache-2.0
// Random numbers: functions of a key and of where an element stands. Equal keys give equal numbers, on every machine and in any loop, so a
// program says which numbers it means: a key for each purpose, and one of it for each step.
#include <iostream>
#include <sinter/random.hpp>

// Half of the inputs are left out, and what stays is scaled: the numbers are drawn in the loop that uses them.
constexpr auto layer = sinter::fn([](auto key, auto step, auto x, auto w) {
  return sinter::sum(sinter::dropout(sinter::fold_in(key, step), 0.5f, x) * w, sinter::axis<1>);
});
// A walk of one particle for each key.
constexpr auto walk = sinter::vmap([](auto key) { return sinter::sum(sinter::normal<float, 10000>(key)) / 100; });

int main() {
  const auto keys = sinter::eval(sinter::split<2>(sinter::random_key(2024)));
  const sinter::tensor<std::uint32_t, 2> draw = keys.sub(0, sinter::all), drop = keys.sub(1, sinter::all);
  std::cout << "uniform:   " << sinter::eval(sinter::uniform<float, 4>(draw)) << '\n';
  std::cout << "normal:    " << sinter::eval(sinter::normal<float, 4>(draw)) << '\n';
  std::cout << "die:       " << sinter::eval(1 + sinter::random_bits<std::uint32_t, 8>(draw) % 6) << '\n';
  std::cout << "order:     " << sinter::eval(sinter::permutation<8>(draw)) << '\n';
  std::cout << "two of 3:  " << sinter::eval(sinter::categorical(draw, sinter::tensor<float, 2, 3>{{0, 0, 9}, {9, 0, 0}})) << '\n';
  std::cout << "walks:     " << walk(sinter::eval(sinter::split<4>(draw))) << '\n';

  sinter::tensor<float, 2, 4> x, w;
  x.fill(1), w.fill(1);
  for (int step = 0; step < 3; ++step) std::cout << "step " << step << ":    " << layer(drop, step, x, w) << '\n';
  std::cout << layer.explain(drop, 0, x, w);
}

// Output:
// uniform:   [0.660289, 0.859765, 0.918912, 0.883334]
// normal:    [0.413253,  1.07926,  1.39779,  1.19182]
// die:       [6, 4, 1, 3, 4, 1, 3, 2]
// order:     [6, 5, 7, 0, 1, 2, 3, 4]
// two of 3:  [2, 0]
// walks:     [  1.45767,   1.09771, -0.497573, -0.774016]
// step 0:    [6, 2]
// step 1:    [4, 4]
// step 2:    [6, 2]
// 1 kernel, 0 temporaries, flops 86, bytes read 76, bytes written 8, arena bytes 0
// kernel 0: rows over [2, 4 reduced]
//   computes cast threefry2x32 threefry2x32 iota threefry2x32 ...
//   reads    argument 0 u32[2] argument 1 i32[] argument 2 f32[2, 4] argument 3 f32[2, 4]
//   writes   result 0 f32[2, 1]
