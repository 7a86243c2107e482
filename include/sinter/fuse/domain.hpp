// SPDX-License-Identifier: Apache-2.0
// The loops of a group while it is lowered, and the map from their indices to those of a node. Says how a root and a reduction fit the
// loops; how views change a map is in views.hpp.
#pragma once

#include <sinter/graph/graph.hpp>

namespace sinter::fuse {

using graph::builder;
using graph::node;
using sinter::detail::list;

inline constexpr int max_dims = max_rank;

constexpr bool is_one(extent_t e) { return e == 1; }

// first <= index along a domain dimension < last
struct guard {
  int dim = 0;
  extent_t first = 0, last = 0;
  constexpr bool operator==(const guard&) const = default;
};
inline constexpr int max_guards = 6;

// From the indices of the group's domain to those of a node: index[axis[d]] += step[d] * domain index d, plus offset[axis].
struct index_map {
  std::int8_t axis[max_dims] = {-1, -1, -1, -1, -1, -1, -1, -1};
  extent_t step[max_dims] = {};
  extent_t offset[max_rank] = {};
  int guards = 0;
  guard bound[max_guards] = {};
  // Spelled out: constant evaluation takes ten times as long to compare arrays.
  constexpr bool equals(const index_map& o, int dims) const {
    if (guards != o.guards) return false;
    for (int d = 0; d < dims; ++d)
      if (axis[d] != o.axis[d] || step[d] != o.step[d]) return false;
    for (int a = 0; a < max_rank; ++a)
      if (offset[a] != o.offset[a]) return false;
    for (int i = 0; i < guards; ++i)
      if (!(bound[i] == o.bound[i])) return false;
    return true;
  }
};

struct domain {
  int dims = 0;
  extent_t extent[max_dims] = {};
  int order[max_dims] = {};  // the dimensions from outermost to innermost
  unsigned reduced = 0;      // a bit a dimension

  constexpr int position(int dim) const {
    for (int i = 0; i < dims; ++i)
      if (order[i] == dim) return i;
    return -1;
  }
  // The dimension that runs along an axis of a node; -1: none, -2: several.
  constexpr int along(const index_map& m, int axis) const {
    int found = -1;
    for (int d = 0; d < dims; ++d)
      if (m.axis[d] == axis) found = found == -1 ? d : -2;
    return found;
  }
  // That dimension where it runs over the axis from end to end, else -1.
  constexpr int all_along(const index_map& m, const shape<>& s, int axis) const {
    const int dim = along(m, axis);
    return dim >= 0 && m.step[dim] == 1 && m.offset[axis] == 0 && extent[dim] == s[axis] ? dim : -1;
  }
  // Each axis of the node runs with one dimension of the domain, in order: the map that the node has as a root.
  constexpr bool is_plain(const index_map& m, const shape<>& s) const {
    if (m.guards) return false;
    int before = -1;
    for (int a = 0; a < s.rank; ++a) {
      if (is_one(s[a])) continue;
      const int dim = all_along(m, s, a);
      if (dim < 0 || position(dim) <= before) return false;
      before = position(dim);
    }
    return true;
  }

  // The map of a root of shape s. The first root sets the domain; a later one must fit it, or what of it is not reduced.
  constexpr bool fit_root(const shape<>& s, bool first, index_map& m) {
    int axes[max_rank] = {}, n = 0;
    for (int a = 0; a < s.rank; ++a)
      if (!is_one(s[a])) axes[n++] = a;
    if (!first) return fit(s, axes, n, m, false) || (reduced && fit(s, axes, n, m, true));
    for (int k = 0; k < n; ++k)
      extent[dims] = s[axes[k]], order[dims] = dims, m.axis[dims] = static_cast<std::int8_t>(axes[k]), m.step[dims] = 1, ++dims;
    return true;
  }
  // A reduction of axes first to last - 1 of a node of shape p, itself read with map m: `to` is the map of its operand. It joins where
  // the operand runs over the whole domain; the first one may extend the domain.
  constexpr bool fit_reduction(const shape<>& p, int first, int last, const index_map& m, index_map& to) {
    if (m.guards) return false;
    int axes[max_rank] = {};  // the reduced axes that count
    int count = 0;
    for (int a = first; a < last; ++a)
      if (!is_one(p[a])) axes[count++] = a;
    if (count == 0) axes[count++] = last - 1;
    unsigned used = 0;
    int before = -1;  // the last kept dimension in front of the reduced axes
    int sequence[max_rank] = {}, length = 0, reduced_at = -1;
    for (int a = 0; a < p.rank; ++a) {
      if (a == first) {
        reduced_at = length;
        for (int k = 0; k < count; ++k) sequence[length++] = -1;
      }
      if ((a >= first && a < last) || is_one(p[a])) continue;
      const int dim = all_along(m, p, a);
      if (dim < 0 || (reduced >> dim & 1)) return false;
      used |= 1u << dim;
      sequence[length++] = dim;
      if (a < first) before = dim;
    }
    unsigned unused = 0;
    for (int d = 0; d < dims; ++d)
      if (!(used >> d & 1)) unused |= 1u << d;
    if (!reduced && unused == 0) {
      if (dims + count > max_dims) return false;
      const int at = before >= 0 ? position(before) + 1 : 0;
      for (int i = dims - 1; i >= at; --i) order[i + count] = order[i];
      for (int k = 0; k < count; ++k) {
        order[at + k] = dims;
        extent[dims] = p[axes[k]];
        reduced |= 1u << dims;
        sequence[reduced_at + k] = dims++;
      }
    } else {
      const unsigned over = reduced ? reduced : unused;
      if (unused != over) return false;
      int k = 0;
      for (int i = 0; i < dims; ++i) {
        const int d = order[i];
        if (!(over >> d & 1)) continue;
        if (k == count || extent[d] != p[axes[k]]) return false;
        sequence[reduced_at + k++] = d;
      }
      if (k != count) return false;
      reduced = over;
    }
    for (int i = 0; i + 1 < length; ++i)
      if (position(sequence[i]) > position(sequence[i + 1])) return false;
    to = m;
    for (int a = first; a < last; ++a) to.offset[a] = 0;
    for (int k = 0; k < count; ++k) {
      const int d = sequence[reduced_at + k];
      to.axis[d] = static_cast<std::int8_t>(axes[k]), to.step[d] = 1;
    }
    return true;
  }

 private:
  constexpr bool fit(const shape<>& s, const int* axes, int n, index_map& m, bool kept_only) const {
    m = {};
    int k = 0;
    for (int i = 0; i < dims; ++i) {
      const int d = order[i];
      if (kept_only && (reduced >> d & 1)) continue;
      if (k == n || s[axes[k]] != extent[d]) return false;
      m.axis[d] = static_cast<std::int8_t>(axes[k++]), m.step[d] = 1;
    }
    return k == n;
  }
};

}  // namespace sinter::fuse
