// SPDX-License-Identifier: Apache-2.0
// How views change the index map with which their operand is read: reordering, slices, reshapes, and the conditions under which padding
// and concatenation read one operand or the other.
#pragma once

#include <sinter/fuse/domain.hpp>

namespace sinter::fuse {

// Of a broadcast, transpose, slice or reverse, itself read with map m.
constexpr index_map through_view(builder& g, int id, const domain& loops, const index_map& m) {
  const node n = g.nodes[id];
  const shape<> s = g.shape_of(id);
  index_map to = m;
  switch (n.op) {
    case opcode::broadcast: {
      const shape<> from = g.shape_of(n.operand[0]);
      to = {};
      to.guards = m.guards;
      for (int i = 0; i < m.guards; ++i) to.bound[i] = m.bound[i];
      for (int k = 0; k < from.rank; ++k) {
        const int axis = static_cast<int>(g.attribute(id, k));
        if (is_one(from[k]) && !is_one(s[axis])) continue;
        to.offset[k] = m.offset[axis];
        for (int d = 0; d < loops.dims; ++d)
          if (m.axis[d] == axis) to.axis[d] = static_cast<std::int8_t>(k), to.step[d] = m.step[d];
      }
      break;
    }
    case opcode::transpose:
      for (int k = 0; k < s.rank; ++k) {
        const int axis = static_cast<int>(g.attribute(id, k));
        to.offset[axis] = m.offset[k];
        for (int d = 0; d < loops.dims; ++d)
          if (m.axis[d] == k) to.axis[d] = static_cast<std::int8_t>(axis);
      }
      break;
    case opcode::slice:
      for (int k = 0; k < s.rank; ++k) to.offset[k] = g.sum(g.attribute(id, 2 * k), g.product(m.offset[k], g.attribute(id, 2 * k + 1)));
      for (int d = 0; d < loops.dims; ++d)
        if (m.axis[d] >= 0) to.step[d] = g.product(m.step[d], g.attribute(id, 2 * m.axis[d] + 1));
      break;
    default:  // reverse
      for (int k = 0; k < s.rank; ++k) {
        if (!(g.attribute(id, 0) >> k & 1)) continue;
        to.offset[k] = g.difference(g.difference(s[k], 1), m.offset[k]);
        for (int d = 0; d < loops.dims; ++d)
          if (m.axis[d] == k) to.step[d] = g.difference(0, m.step[d]);
      }
  }
  return to;
}

// Of a reshape from shape u to shape v, block of axes by block; false where the operand's indices are no such map.
constexpr bool through_reshape(builder& g, const shape<>& v, const shape<>& u, const domain& loops, const index_map& m, index_map& to) {
  to = {};
  to.guards = m.guards;
  for (int i = 0; i < m.guards; ++i) to.bound[i] = m.bound[i];
  int i = 0, j = 0;
  while (true) {
    while (i < v.rank && is_one(v[i])) ++i;
    while (j < u.rank && is_one(u[j])) ++j;
    if (i == v.rank || j == u.rank) return i == v.rank && j == u.rank;
    const int i0 = i, j0 = j;
    extent_t pv = v[i++], pu = u[j++];
    while (pv != pu) {
      if (graph::is_symbol(pv) || graph::is_symbol(pu)) return false;
      if (pv < pu) {
        if (i == v.rank || graph::is_symbol(v[i])) return false;
        pv *= v[i++];
      } else {
        if (j == u.rank || graph::is_symbol(u[j])) return false;
        pu *= u[j++];
      }
    }
    extent_t offset = 0, run = 1;
    extent_t flat[max_dims] = {};
    for (int k = i - 1; k >= i0; --k) {
      offset = g.sum(offset, g.product(m.offset[k], run));
      for (int d = 0; d < loops.dims; ++d)
        if (m.axis[d] == k) flat[d] = g.product(m.step[d], run);
      if (k > i0) run = g.product(run, v[k]);
    }
    if (j - j0 == 1) {
      to.offset[j0] = offset;
      for (int d = 0; d < loops.dims; ++d)
        if (m.axis[d] >= i0 && m.axis[d] < i) to.axis[d] = static_cast<std::int8_t>(j0), to.step[d] = flat[d];
      continue;
    }
    if (graph::is_symbol(offset) || offset < 0) return false;
    extent_t reach[max_rank] = {}, stride = 1;
    for (int k = j - 1; k >= j0; --k) {
      to.offset[k] = offset / stride % u[k];
      reach[k] = to.offset[k];
      for (int d = 0; d < loops.dims; ++d) {
        if (m.axis[d] < i0 || m.axis[d] >= i) continue;
        const extent_t f = flat[d];
        if (graph::is_symbol(f) || graph::is_symbol(loops.extent[d]) || f <= 0) return false;
        if (f % stride == 0 && f < stride * u[k])
          to.axis[d] = static_cast<std::int8_t>(k), to.step[d] = f / stride, reach[k] += (loops.extent[d] - 1) * (f / stride);
        else if (f % stride != 0 && f > stride) return false;
      }
      if (reach[k] >= u[k]) return false;
      stride *= u[k];
    }
    for (int d = 0; d < loops.dims; ++d)
      if (m.axis[d] >= i0 && m.axis[d] < i && to.axis[d] < 0) return false;
  }
}

// Of a broadcast that is read as if it had shape v, itself read with map m: where axes are merged or split, the operand must be the same
// along all of them; false where it is not. Reshaping a bias that runs over all pixels is no reason to write it once for each.
constexpr bool through_broadcast_as(const builder& g, int id, const shape<>& v, const domain& loops, const index_map& m, index_map& to) {
  const shape<>&u = g.shape_of(id), &from = g.shape_of(g.nodes[id].operand[0]);
  int source[max_rank];  // the axis of the operand that runs along an axis of u
  for (int& k : source) k = -1;
  for (int k = 0; k < from.rank; ++k)
    if (const int axis = static_cast<int>(g.attribute(id, k)); !is_one(from[k]) || is_one(u[axis])) source[axis] = k;
  to = {};
  to.guards = m.guards;
  for (int i = 0; i < m.guards; ++i) to.bound[i] = m.bound[i];
  int i = 0, j = 0;
  while (true) {
    while (i < v.rank && is_one(v[i])) ++i;
    while (j < u.rank && is_one(u[j])) ++j;
    if (i == v.rank || j == u.rank) return i == v.rank && j == u.rank;
    const int i0 = i, j0 = j;
    extent_t pv = v[i++], pu = u[j++];
    while (pv != pu) {
      if (graph::is_symbol(pv) || graph::is_symbol(pu)) return false;
      if (pv < pu ? i == v.rank || graph::is_symbol(v[i]) : j == u.rank || graph::is_symbol(u[j])) return false;
      if (pv < pu) pv *= v[i++];
      else pu *= u[j++];
    }
    bool varies = false;
    for (int k = j0; k < j; ++k) varies |= source[k] >= 0 && !is_one(u[k]);
    if (!varies) continue;
    if (i - i0 != 1 || j - j0 != 1) return false;
    const int k = source[j0];
    to.offset[k] = m.offset[i0];
    for (int d = 0; d < loops.dims; ++d)
      if (m.axis[d] == i0) to.axis[d] = static_cast<std::int8_t>(k), to.step[d] = m.step[d];
  }
}

// Adds to `to` the condition 0 <= index of `axis` < size. 1: added or always true; 0: never true; -1: cannot be said.
constexpr int add_guard(builder& g, const domain& loops, index_map& to, int axis, extent_t size) {
  const int dim = loops.along(to, axis);
  if (dim < -1) return -1;
  const extent_t o = to.offset[axis];
  if (dim < 0) {
    if (graph::is_symbol(o) || graph::is_symbol(size)) return -1;
    return o >= 0 && o < size;
  }
  const extent_t s = to.step[dim];
  guard b{dim, 0, 0};
  if (s == 1) b.first = g.difference(0, o), b.last = g.difference(size, o);
  else if (s == -1) b.first = g.sum(g.difference(o, size), 1), b.last = g.sum(o, 1);
  else if (graph::is_symbol(s) || graph::is_symbol(o) || graph::is_symbol(size) || s == 0) return -1;
  else {
    const auto up = [](extent_t a, extent_t q) { return a >= 0 ? (a + q - 1) / q : -(-a / q); };
    if (s > 0) b.first = up(-o, s), b.last = up(size - o, s);
    else b.first = up(o - size + 1, -s), b.last = o < 0 ? 0 : o / -s + 1;
  }
  if (!graph::is_symbol(b.first) && b.first < 0) b.first = 0;
  if (!graph::is_symbol(b.first) && b.first == 0 && b.last == loops.extent[dim]) return 1;
  if (!graph::is_symbol(b.last) && !graph::is_symbol(loops.extent[dim]) && b.last > loops.extent[dim]) b.last = loops.extent[dim];
  if (b.first == 0 && b.last == loops.extent[dim]) return 1;
  if (to.guards == max_guards) return -1;
  to.bound[to.guards++] = b;
  return 1;
}

}  // namespace sinter::fuse
