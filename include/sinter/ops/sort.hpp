// SPDX-License-Identifier: Apache-2.0
// Order along an axis: sort, argsort, top_k, and sorts of several arrays by any comparison. Where elements are compared by one number each,
// rows are sorted by a library call, which has kernels on a GPU (cuda/sort.hpp); by any other comparison short rows are ranked by counting,
// long ones by a network whose steps are a loop. All sorts are stable.
#pragma once

#include <sinter/ops/fold.hpp>
#include <sinter/ops/ordered_bits.hpp>
#include <sinter/ops/scatter.hpp>

namespace sinter {

namespace detail {

inline namespace SINTER_ISA {

struct numbered {
  std::uint64_t key, place;
  friend bool operator<(const numbered& a, const numbered& b) { return a.key != b.key ? a.key < b.key : a.place < b.place; }
};

// Sorts runs of 16 by insertion and merges them, to and fro; returns which of the two holds the result.
template <class T> T* merge_sort(T* x, T* other, std::int64_t n) {
  constexpr std::int64_t run = 16;
  for (std::int64_t first = 0; first < n; first += run)
    for (std::int64_t i = first + 1; i < n && i < first + run; ++i) {
      const T v = x[i];
      std::int64_t at = i;
      for (; at > first && v < x[at - 1]; --at) x[at] = x[at - 1];
      x[at] = v;
    }
  for (std::int64_t length = run; length < n; length *= 2) {
    for (std::int64_t first = 0; first < n; first += 2 * length) {
      std::int64_t a = first, b = first + length < n ? first + length : n;
      const std::int64_t middle = b, last = b + length < n ? b + length : n;
      for (std::int64_t i = first; i < last; ++i) {
        const bool takes_b = a == middle || (b < last && x[b] < x[a]);
        other[i] = takes_b ? x[b] : x[a];
        b += takes_b, a += !takes_b;
      }
    }
    T* const sorted = other;
    other = x, x = sorted;
  }
  return x;
}
// By the upper halves of the words, eight bits after the other, of which `bytes` differ at all.
inline std::uint64_t* radix_sort(std::uint64_t* x, std::uint64_t* other, std::int64_t n, int bytes) {
  for (int byte = 4; byte < 4 + bytes; ++byte) {
    std::int64_t begin[257] = {};
    for (std::int64_t i = 0; i < n; ++i) ++begin[(x[i] >> (8 * byte) & 255) + 1];
    if (begin[(x[0] >> (8 * byte) & 255) + 1] == n) continue;
    for (int d = 0; d < 256; ++d) begin[d + 1] += begin[d];
    for (std::int64_t i = 0; i < n; ++i) other[begin[x[i] >> (8 * byte) & 255]++] = x[i];
    std::uint64_t* const sorted = other;
    other = x, x = sorted;
  }
  return x;
}
// Moves the k least of n to the front, in a heap.
template <class T> void keep_least(T* x, std::int64_t k, std::int64_t n) {
  const auto sift = [&](std::int64_t at) {
    const T v = x[at];
    for (std::int64_t child; (child = 2 * at + 1) < k; at = child) {
      child += child + 1 < k && x[child] < x[child + 1];
      if (!(v < x[child])) break;
      x[at] = x[child];
    }
    x[at] = v;
  };
  for (std::int64_t i = k / 2; i-- > 0;) sift(i);
  for (std::int64_t i = k; i < n; ++i)
    if (x[i] < x[0]) x[0] = x[i], sift(0);
}

// The places of the first k elements of a row in its order. The second result is room to work in.
template <bool Descending> struct row_order {
  static constexpr auto result_of(const call_operand& x, traced_extent k) {
    const bool is_wide = size_of(x.type()) == 8;  // keys and places do not fit one word
    return std::tuple(call_result{dtype::i32, shape{k}}, call_result{dtype::u64, shape{x.extent(0) * (is_wide ? 4 : 2)}});
  }
  template <class X, class Order, class Room> static void order(X x, Order to, Room room) {
    using T = std::remove_const_t<std::remove_pointer_t<decltype(x.data())>>;
    const std::int64_t n = x.extent(0), k = to.extent(0);
    const T* const from = x.data();
    std::int32_t* const place = to.data();
    if (k == 0) return;
    const auto key = [&](std::int64_t i) {
      const auto b = ordered_bits(from[i]);
      return static_cast<decltype(b)>(Descending ? ~b : b);
    };
    const bool few = k < n / 16;
    if constexpr (sizeof(T) == 8) {
      numbered* const words = reinterpret_cast<numbered*>(room.data());
      for (std::int64_t i = 0; i < n; ++i) words[i] = {key(i), static_cast<std::uint64_t>(i)};
      if (few) keep_least(words, k, n);
      const numbered* const sorted = merge_sort(words, words + n, few ? k : n);
      for (std::int64_t i = 0; i < k; ++i) place[i] = static_cast<std::int32_t>(sorted[i].place);
    } else {
      std::uint64_t* const words = room.data();
      for (std::int64_t i = 0; i < n; ++i) words[i] = static_cast<std::uint64_t>(key(i)) << 32 | static_cast<std::uint64_t>(i);
      if (few) keep_least(words, k, n);
      const std::int64_t count = few ? k : n;
      const bool by_digits = count >= 512;
      const std::uint64_t* const sorted =
          by_digits && !few ? radix_sort(words, words + n, n, static_cast<int>(sizeof(T))) : merge_sort(words, words + n, count);
      for (std::int64_t i = 0; i < k; ++i) place[i] = static_cast<std::int32_t>(sorted[i] & 0xffffffffu);
    }
  }
};
template <bool Descending> struct sort_rows : row_order<Descending> {
  static constexpr const char* name = "argsort";
  static constexpr int ranks[] = {1};
  static constexpr auto result(const call_operand& x) { return row_order<Descending>::result_of(x, x.extent(0)); }
  static void run(auto x, auto to, auto room) { row_order<Descending>::order(x, to, room); }
};
// As many as the second operand has elements.
struct top_of_rows : row_order<true> {
  static constexpr const char* name = "top_k";
  static constexpr int ranks[] = {1, 1};
  static constexpr auto result(const call_operand& x, const call_operand& k) { return result_of(x, k.extent(0)); }
  static void run(auto x, auto, auto to, auto room) { order(x, to, room); }
};

}  // namespace SINTER_ISA

// Places of type i32 along an axis, in the order of the elements.
constexpr value order_along(value x, int along, bool descending) {
  axes to_last, back;
  for (int d = 0; d < x.rank(); ++d)
    if (d != along) to_last.axis[to_last.count++] = d;
  to_last.axis[to_last.count++] = along;
  back.count = x.rank();
  for (int d = 0; d < x.rank(); ++d) back.axis[to_last.axis[d]] = d;
  const value rows = ops::transpose::trace(ops::stop_gradient::trace(x), to_last);
  const value order = descending ? ops::library_call<sort_rows<true>, 0>::trace(rows) : ops::library_call<sort_rows<false>, 0>::trace(rows);
  return x.graph()->failed.broken ? x : ops::transpose::trace(order, back);
}

// A comparison that is one of a number of each side: that number of all elements, and the direction.
struct sort_key {
  value of;
  bool found = false, descending = false;
};
template <class Compare> constexpr sort_key find_key(graph::builder& g, const value* x, int n, const Compare& compare) {
  list<value> a, b;
  const int first = g.nodes.size();
  for (int k = 0; k < 2 * n; ++k) (k < n ? a : b).add(ops::identity(value(0).as(g, x[k % n].type()), graph::stopped));
  const value probe = compare(a.data(), b.data()), whole = compare(x, x);
  sort_key key;
  if (g.failed.broken || probe.is_number() || whole.is_number()) return key;
  const graph::node p = node_of(probe), w = node_of(whole);
  if ((p.op != opcode::less && p.op != opcode::greater) || w.op != p.op || w.operand[0] != w.operand[1]) return key;
  // Which sides each node depends on: bit 0: a, bit 1: b.
  list<int> sides;
  for (int i = first; i < g.nodes.size(); ++i) {
    int s = 0;
    for (int k = 0; k < n; ++k) s |= i == a[k].id() ? 1 : i == b[k].id() ? 2 : 0;
    for (int k = 0; k < g.nodes[i].operands; ++k)
      if (const int o = g.nodes[i].operand[k] - first; o >= 0) s |= sides[o];
    sides.add(s);
  }
  const auto side = [&](int id) { return id < first ? 0 : sides[id - first]; };
  const bool forward = side(p.operand[0]) == 1 && side(p.operand[1]) == 2, back = side(p.operand[0]) == 2 && side(p.operand[1]) == 1;
  key.of = {g, w.operand[0]};
  key.found = (forward || back) && key.of.shape() == x[0].shape();
  key.descending = (p.op == opcode::greater) == forward;
  return key;
}
constexpr value where_before(value places_of_first, value places_of_second, value first_is_less, value second_is_less) {
  return first_is_less | ((!second_is_less) & (places_of_first < places_of_second));
}
// The order of x [before, n, after]: how many elements stand before each one says where it goes.
template <class Compare> constexpr value order_by_counting(graph::builder& g, const value* x, int n, const Compare& compare) {
  const shape<> s = x[0].shape(), pairs(s[0], s[1], s[1], s[2]);
  list<value> one, other;
  for (int k = 0; k < n; ++k) {
    one.add(broadcast_node(g, x[k], pairs, axes(0, 1, 3)));
    other.add(broadcast_node(g, x[k], pairs, axes(0, 2, 3)));
  }
  const value is_less = compare(one.data(), other.data()), is_more = compare(other.data(), one.data());
  if (g.failed.broken) return x[0];
  const value i = ops::iota::trace(g, dtype::i32, pairs, axes(1)), j = ops::iota::trace(g, dtype::i32, pairs, axes(2));
  const value before = broadcast_right(g, where(i < j, !is_more, (i > j) & is_less), pairs);
  const value rank =
      ops::reshape::trace(reduce_node(ops::cast::trace(before, dtype::i32), opcode::reduce_sum, axes(1), keep{true}, dtype::i32), s);
  const extent_t along[] = {g.product(s[1], s[2]), 0, 1};
  const value base = times(ops::cast::trace(rank, offset_type(s)), s[2]);
  const value zeros = full(g, dtype::i32, s, 0);
  return scatter_node(zeros, base, ops::iota::trace(g, dtype::i32, s, axes(1)), along, combiner::set);
}
// A bitonic network on a power of two of places, those beyond the row after all others. Source: Batcher, AFIPS 32 (1968).
template <class Compare> constexpr value order_by_network(graph::builder& g, const value* x, int n, const Compare& compare) {
  const shape<> s = x[0].shape();
  const dtype t = offset_type(s);
  int phases = 0;
  while (extent_t{1} << phases < s[1]) ++phases;
  const shape<> to(s[0], extent_t{1} << phases, s[2]);
  const dtype of_places = offset_type(to);
  const value at = {g, ops::iota::trace(g, dtype::i32, shape<>(to[1]), axes(0)).id()};
  const auto everywhere = [&](value v) { return broadcast_node(g, v, to, axes(1)); };
  const extent_t along[] = {g.product(to[1], s[2]), 0, 1}, into_rows[] = {g.product(s[1], s[2]), 0, 1};
  const auto keys = [&](value place, list<value>& key) {
    key.clear();
    const value base = times(ops::cast::trace(minimum(place, s[1] - 1), t), s[2]);
    for (int k = 0; k < n; ++k) key.add(gather_node(x[k], base, into_rows));
  };
  // Carried: the places, and which step of which phase this is.
  value carry[] = {everywhere(at), value(1).as(g, dtype::i32), value(0).as(g, dtype::i32)};
  repeat(g, extent_t{phases} * (phases + 1) / 2, carry, 3, [&](value, const value* c, value* next) {
    const value own = c[0], one = value(1).as(g, dtype::i32), distance = shift_left(one, c[2]);
    const value is_lower = (at & distance) == 0, ascends = (at & shift_left(one, c[1])) == 0;
    const value partner = gather_node(own, everywhere(times(ops::cast::trace(at ^ distance, of_places), s[2])), along);
    list<value> mine, theirs;
    keys(own, mine), keys(partner, theirs);
    const value is_less = compare(theirs.data(), mine.data()), is_more = compare(mine.data(), theirs.data());
    if (g.failed.broken) return;
    const value last = extent_as(g, s[1], dtype::i32);
    const value before = where((own >= last) | (partner >= last), partner < own, where_before(partner, own, is_less, is_more));
    next[0] = where(before == everywhere(is_lower == ascends), partner, own);
    next[1] = where(c[2] == 0, c[1] + 1, c[1]);
    next[2] = where(c[2] == 0, c[1], c[2] - 1);
  });
  return g.failed.broken ? x[0] : part_of_middle(carry[0], 0, s[1]);
}

// out[k]: x[k] along an axis in the order of a comparison: compare(a, b), n values of each side, arrays in the place of elements, gives
// whether a stands before b; a strict weak order. Always stable. Source: the StableHLO specification, sort.
template <class Compare> constexpr void sort(graph::builder& g, const value* x, int n, int along, const Compare& compare, value* out) {
  const shape<> s = x[0].shape();
  for (int k = 0; k < n; ++k) out[k] = x[k];
  const axes a = normal_axes(g, axes(along), s);
  if (g.failed.broken || is_empty(s) || s[a.axis[0]] == 1) return;
  along = a.axis[0];
  list<value> stopped, rows;
  for (int k = 0; k < n; ++k) stopped.add(ops::stop_gradient::trace(x[k]));
  const sort_key key = find_key(g, stopped.data(), n, compare);
  if (g.failed.broken) return;
  value order;
  if (key.found) {
    order = order_along(key.of, along, key.descending);
  } else {
    if (!check_static(g, s[along], s)) return;
    for (int k = 0; k < n; ++k) rows.add(as_three(written(stopped[k]), along, along + 1));
    order = s[along] <= 128 ? order_by_counting(g, rows.data(), n, compare) : order_by_network(g, rows.data(), n, compare);
    if (!g.failed.broken) order = ops::reshape::trace(order, s);
  }
  for (int k = 0; k < n && !g.failed.broken; ++k) out[k] = ops::take_along_axis::trace(x[k], order, axes(along));
}

}  // namespace detail

/// Largest first: `sort(x, axis<1>, descending)`.
struct direction {
  bool descends = false;
};
struct descending_t {
  constexpr operator direction() const { return {true}; }
};
inline constexpr descending_t descending{};
template <> inline constexpr bool is_attribute<descending_t> = true;
template <> inline constexpr bool is_traced_attribute<direction> = true;

namespace ops {

struct argsort {
  // -1: the rule is broken. Without an axis: the last one.
  static constexpr int axis_of(value x, const axes& along) {
    graph::builder& g = *x.graph();
    if (!detail::check_element(g, x)) return -1;
    if (is_complex(x.type()) || along.count > 1) {
      g.fail(is_complex(x.type()) ? not_for_complex : one_axis_needed);
      if (!g.failed.count) g.failed.show(x.type()), g.failed.show(x.shape());
      return -1;
    }
    const axes a = detail::normal_axes(g, along.count ? along : axes(-1), x.shape());
    return g.failed.broken ? -1 : a.axis[0];
  }
  static constexpr value trace(value x, axes along = {}, direction d = {}) {
    const int k = axis_of(x, along);
    return k < 0 ? x : cast::trace(detail::order_along(x, k, d.descends), dtype::i64);
  }
  static constexpr value trace(value x, direction d) { return trace(x, {}, d); }
};
struct sort {
  static constexpr value trace(value x, axes along = {}, direction d = {}) {
    const int k = argsort::axis_of(x, along);
    if (k < 0 || detail::is_empty(x.shape())) return x;
    return take_along_axis::trace(x, detail::order_along(x, k, d.descends), axes(k));
  }
  static constexpr value trace(value x, direction d) { return trace(x, {}, d); }
};
// Result 0: the elements, 1: their places.
template <int Result> struct top_k {
  static constexpr value trace(value x, shape<> count) {
    graph::builder& g = *x.graph();
    const int k = argsort::axis_of(x, {});
    if (k < 0) return x;
    const extent_t n = x.shape()[k];
    if (graph::is_symbol(n) || graph::is_symbol(count[0])) {
      if (n != count[0]) g.require({n, count[0], graph::constraint::at_least});
    } else if (count[0] < 0 || count[0] > n) {
      return detail::fail_showing(g, too_few_elements, x.shape(), count), x;
    }
    const value number = iota::trace(g, dtype::i32, count, axes(0));
    const value order = library_call<detail::top_of_rows, 0>::trace(stop_gradient::trace(x), number);
    if (Result == 1 || g.failed.broken || detail::is_empty(order.shape())) return Result == 1 ? order : cast::trace(order, x.type());
    return take_along_axis::trace(x, order, axes(k));
  }
};

}  // namespace ops

/// The elements along an axis (the last one) from the least to the largest; NaN after all others, -0 and 0 as they stand. `sort(x,
/// axis<0>, descending)`: from the largest, NaN first. Equal elements keep their order.
/// Shapes: x [..., n, ...] -> the same.  Types: real numbers, bool.
/// Cost:   one call on the calling thread, which sorts rows by digits (512 elements and more, up to 32 bits) or merges them, and a gather;
///         an axis that is not the last is transposed. On a GPU: tiles of 1024, then log2(n / 1024) merges, or CUB (`sinter/cub.hpp`).
///         Derivatives: those of the gather.
/// Source: jax.numpy.sort.
template <operand X, class... A> constexpr auto sort(const X& x, A... a) { return suspend<ops::sort>(x, a...); }
/// The places of the elements along an axis in their order; as sort. Gives i64.
template <operand X, class... A> constexpr auto argsort(const X& x, A... a) { return suspend<ops::argsort>(x, a...); }
/// The K largest elements along the last axis, the largest first, and their places; NaN is largest, of equals the first one.
/// Shapes: x [..., n] -> a std::tuple of [..., K] and [..., K] of i32.  Types: real numbers, bool.
/// Cost:   as sort; where K < n / 16, one pass with a heap of K. Source: jax.lax.top_k.
template <extent_t K, operand X> constexpr auto top_k(const X& x) {
  return std::tuple(suspend<ops::top_k<0>>(x, static_shape<K>{}), suspend<ops::top_k<1>>(x, static_shape<K>{}));
}
constexpr std::tuple<value, value> top_k(const value& x, extent_t k) {
  return {ops::top_k<0>::trace(x, shape<>(k)), ops::top_k<1>::trace(x, shape<>(k))};
}

}  // namespace sinter
