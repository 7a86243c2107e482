// expect: sinter: the dimension numbers of this gather or scatter do not fit its operands; see the StableHLO specification of it
// expect: shape<4, 3>
// SPDX-License-Identifier: Apache-2.0
#include <sinter/sinter.hpp>

constexpr auto f = sinter::fn([](auto x, auto i) {
  sinter::gather_dimensions d;
  d.offset_dims = sinter::axes(1), d.collapsed_slice_dims = sinter::axes(0), d.start_index_map = sinter::axes(0);
#ifdef SINTER_FIXED
  d.index_vector_dim = 1, d.slice_sizes = sinter::shape{1, 3};
#else
  d.index_vector_dim = 1, d.slice_sizes = sinter::shape{2, 3};
#endif
  return gather(x, i, d);
});
int main() { auto y = f(sinter::tensor<float, 4, 3>(), sinter::tensor<int, 5, 1>()); }
