// SPDX-License-Identifier: Apache-2.0
// A reduction of your own: an identity, how an element is added, how two parts combine, and what is done at the end.
#include <iostream>
#include <sinter/sinter.hpp>

struct norm {  // the Euclidean length
  static constexpr const char* name = "norm";
  static constexpr double identity = 0;
  template <class P> static P accumulate(P sum, P x) { return fma(x, x, sum); }
  template <class P> static P combine(P a, P b) { return a + b; }
  template <class P> static P finish(P sum) { return sqrt(sum); }
};

constexpr auto unit = sinter::fn([](auto x) { return x / sinter::reduce<norm>(x, sinter::axis<1>, sinter::keepdims); });

int main() {
  sinter::tensor<double, 2, 3> x{{3, 0, 4}, {1, 2, 2}};
  std::cout << sinter::eval(sinter::reduce<norm>(x, sinter::axis<1>)) << '\n';
  std::cout << unit(x) << '\n' << unit.explain(x);
}

// Output:
// [5, 3]
// [[              0.6,                 0,               0.8],
//  [0.333333333333333, 0.666666666666667, 0.666666666666667]]
// 1 kernel, 0 temporaries, flops 12, bytes read 48, bytes written 48, arena bytes 0
// kernel 0: rows over [2, 3 reduced]
//   computes norm divide
//   reads    argument 0 f64[2, 3]
//   writes   result 0 f64[2, 3]
