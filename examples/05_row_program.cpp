// SPDX-License-Identifier: Apache-2.0
// A row program of your own: code over the packets of one row at a time, with reductions in between.
#include <iostream>
#include <sinter/sinter.hpp>

struct sharpen {  // softmax(x * w) without its small change: what is below a tenth of the largest becomes 0
  static constexpr const char* name = "sharpen";
  template <class Row> static void run(Row& row) {
    auto most = row.max([](auto x, auto w) { return x * w; });
    auto kept = [&](auto x, auto w) {
      auto e = exp(x * w - most);
      return select(e < 0.1, e * 0, e);
    };
    auto sum = row.sum(kept);
    row.map([&](auto x, auto w) { return kept(x, w) / sum; });
  }
};

int main() {
  sinter::tensor<float, 2, 5> x{{1, 2, 3, 4, 5}, {0, 0, 1, 0, 0}};
  sinter::tensor<float, 5> w{1, 1, 1, 1, 1};
  std::cout << sinter::eval(sinter::map_rows<sharpen>(x, w)) << '\n';
}

// Output:
// [[        0,         0, 0.0900306,  0.244728,  0.665241],
//  [ 0.148848,  0.148848,   0.40461,  0.148848,  0.148848]]
