// SPDX-License-Identifier: Apache-2.0
// The rows of a matrix that are the windows of a convolution (ops/conv.hpp), known from the strides of the gather that shows them: what a
// library needs to convolve without them.
#pragma once

#include <sinter/graph/graph.hpp>

namespace sinter::fuse {

// Of x [batch, input..., features], whose elements lie in row-major order: row (n, output...) of the matrix has x[n, output stride + window
// dilation, feature] for each place of the window, features innermost.
struct windows {
  int spatial = 0;  // axes; 0: it is no such matrix
  extent_t batch = 0, input[3] = {}, window[3] = {}, output[3] = {}, stride[3] = {}, dilation[3] = {}, features = 0;
};

// Of node id. All extents but that of the batch are static.
constexpr windows windows_of(const graph::graph_view& g, int id) {
  while (g[id].op == opcode::reshape) id = g[id].operand[0];
  const graph::node& n = g[id];
  if (n.op != opcode::gather) return {};
  int offset = n.operand[1];
  while (g[offset].op == opcode::broadcast || g[offset].op == opcode::reshape) offset = g[offset].operand[0];
  const shape<>&x = g.shape_of(n.operand[0]), &to = g.shape_of(id);
  const int spatial = x.rank - 2;
  if (g[offset].op != opcode::constant || g.attribute(offset, 0) != 0 || spatial < 1 || spatial > 3) return {};
  // The last axis of the window may be one with the features.
  const bool beside = to.rank == 2 * spatial + 1;
  if (!beside && to.rank != 2 * spatial + 2) return {};
  for (int a = 0; a < to.rank; ++a)
    if ((a > 0 && a < x.rank && (graph::is_symbol(x[a]) || x[a] < 1)) ||
        (a > 0 && (graph::is_symbol(to[a]) || to[a] < 1 || graph::is_symbol(g.attribute(id, a)))))
      return {};

  windows w;
  w.batch = x[0], w.features = x[spatial + 1];
  extent_t along = w.features, last = to[to.rank - 1];
  bool good = to[0] == x[0] && g.attribute(id, to.rank - 1) == 1 && last % w.features == 0 && (beside || last == w.features);
  for (int i = spatial - 1; good && i >= 0; along *= x[1 + i--]) {
    const bool merged = beside && i == spatial - 1;
    const extent_t step = g.attribute(id, 1 + i), apart = merged ? along : g.attribute(id, 1 + spatial + i);
    w.input[i] = x[1 + i], w.output[i] = to[1 + i], w.window[i] = merged ? last / w.features : to[1 + spatial + i];
    w.stride[i] = step / along, w.dilation[i] = apart / along;
    good = step % along == 0 && apart % along == 0 && w.stride[i] > 0 && w.dilation[i] > 0;
    const extent_t reach = (w.window[i] - 1) * w.dilation[i] + 1;
    good = good && w.input[i] >= reach && w.output[i] == (w.input[i] - reach) / w.stride[i] + 1;
  }
  if (!good || g.attribute(id, 0) != along) return {};
  w.spatial = spatial;
  return w;
}

}  // namespace sinter::fuse
