// SPDX-License-Identifier: Apache-2.0
// Loops and branches in a compiled function: Newton's method until it has converged, and a running mean that ignores outliers, with its
// gradient.
#include <iostream>
#include <sinter/sinter.hpp>

constexpr auto cube_root = sinter::fn([](auto a) {
  return sinter::while_loop([=](auto x) { return any(abs(x * x * x - a) > a * 1e-5f); },  // of all elements
                            [=](auto x) { return x - (x * x * x - a) / (x * x * 3); }, a);
});

constexpr auto running_mean = sinter::fn([](auto samples) {
  auto step = [](auto mean, auto sample) {
    auto next = cond(
        abs(sample - mean) < 10, [=] { return mean + (sample - mean) * 0.5f; }, [=] { return mean; });
    return std::tuple(next, next);  // carried on, and collected
  };
  return std::get<1>(sinter::scan(step, 0.0f, samples));
});
// What each sample weighs in the last mean: one that was left out weighs nothing.
constexpr auto weights = sinter::grad([](auto samples) { return sum(sinter::slice(running_mean(samples), sinter::range<4, 5>)); });

int main() {
  std::cout << cube_root(sinter::tensor<float, 3>{8, 27, 1000}) << '\n';
  sinter::tensor<float, 5> samples{4, 6, 500, 4, 5};
  std::cout << running_mean(samples) << '\n' << weights(samples) << '\n' << running_mean.explain(samples);
}

// Output:
// [ 2,  3, 10]
// [  2,   4,   4,   4, 4.5]
// [0.0625,  0.125,      0,   0.25,    0.5]
// 2 kernels, 1 temporary, flops 25, bytes read 24, bytes written 24, arena bytes 64
// kernel 0: map over [1]
//   computes
//   reads
//   writes   temporary 1 f32[]
// kernel 1: loop of 5 steps
//   reads    temporary 1 f32[] argument 0 f32[5]
//   writes   result 0 f32[5]
//   body
//     kernel 0: map over [1]
//       computes subtract abs less
//       reads    argument 1 f32[] argument 0 f32[]
//       writes   temporary 2 f32[] temporary 5 bool[]
//     kernel 1: branch
//       reads    temporary 5 bool[] argument 0 f32[] temporary 2 f32[]
//       writes   result 0 f32[]
//       if true
//         kernel 0: map over [1]
//           computes fma
//           reads    argument 1 f32[] argument 0 f32[]
//           writes   result 0 f32[]
//       if false
//         kernel 0: map over [1]
//           computes
//           reads    argument 0 f32[]
//           writes   result 0 f32[]
