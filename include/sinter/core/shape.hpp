// SPDX-License-Identifier: Apache-2.0
// Extents, shapes and the other attributes that shape a computation. Each has a compile-time spelling, an empty type
// (axis<1>, range<0, 10>), that converts to the plain value (axes, range_value) on which all rules are written.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>

#include <sinter/core/dtype.hpp>

namespace sinter {

using extent_t = std::int64_t;

/// In the type of a tensor or view: this extent is known at run time.
inline constexpr extent_t dyn = -1;

/// Tensors have at most this many axes.
inline constexpr int max_rank = 8;

/// Tensors have at most this many elements, so that sizes and figures of several together fit extent_t.
inline constexpr extent_t max_elements = extent_t{1} << 48;

namespace detail {
template <int Rank> inline constexpr bool few_enough_axes = Rank <= max_rank;

// a + b, a - b or a * b, modulo 2^64, in r; true where it overflows. Spelled out: nvcc 13 evaluates no builtin for it in constants.
constexpr bool sum_overflows(extent_t a, extent_t b, extent_t& r) {
  r = static_cast<extent_t>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
  return ((a ^ r) & (b ^ r)) < 0;
}
constexpr bool difference_overflows(extent_t a, extent_t b, extent_t& r) {
  r = static_cast<extent_t>(static_cast<std::uint64_t>(a) - static_cast<std::uint64_t>(b));
  return ((a ^ b) & (a ^ r)) < 0;
}
constexpr bool product_overflows(extent_t a, extent_t b, extent_t& r) {
  if (!__builtin_is_constant_evaluated()) return __builtin_mul_overflow(a, b, &r);
  const auto x = static_cast<std::uint64_t>(a), y = static_cast<std::uint64_t>(b), most = ~std::uint64_t{0} >> 1;
  r = static_cast<extent_t>(x * y);
  return b != 0 && (a < 0 ? 0 - x : x) > (most + ((a < 0) != (b < 0))) / (b < 0 ? 0 - y : y);
}
// a * b, or the end of the range that it leaves.
constexpr extent_t saturating_product(extent_t a, extent_t b) {
  if (((a | b) >> 31) == 0) return a * b;  // what constant evaluation meets most
  extent_t r = 0;
  if (!product_overflows(a, b, r)) return r;
  return (a < 0) == (b < 0) ? std::numeric_limits<extent_t>::max() : std::numeric_limits<extent_t>::min();
}
// a * b modulo 2^64. Elements and strides are such products: only beside an extent of 0, where no element is, do they wrap.
constexpr extent_t wrapping_product(extent_t a, extent_t b) {
  return static_cast<extent_t>(static_cast<std::uint64_t>(a) * static_cast<std::uint64_t>(b));
}
// The elements of static extents, beside which run-time ones count as 1.
template <extent_t... E> constexpr extent_t static_size() {
  extent_t n = 1;
  ((n = saturating_product(n, E < 0 ? 1 : E)), ...);
  return n;
}
template <extent_t... E> inline constexpr bool few_enough_elements = static_size<E...>() <= max_elements;
}  // namespace detail

/// The shape of a tensor. `shape<2, 3>` is a compile-time spelling; `shape{2, 3}` a value.
template <extent_t... E> struct shape {
  static constexpr int rank = sizeof...(E);
  static_assert(detail::few_enough_axes<rank>, "sinter::shape: a tensor has at most 8 axes; reshape it to fewer");
  constexpr operator shape<>() const;
};

template <> struct shape<> {
  int rank = 0;
  extent_t extent[max_rank] = {};

  constexpr shape() = default;
  template <class... I>
  requires(sizeof...(I) > 0 && sizeof...(I) <= max_rank && (std::convertible_to<I, extent_t> && ...)) constexpr explicit shape(I... e)
      : rank(sizeof...(I)), extent{static_cast<extent_t>(e)...} {}

  constexpr extent_t& operator[](int axis) { return extent[axis]; }
  constexpr extent_t operator[](int axis) const { return extent[axis]; }
  constexpr void append(extent_t e) { extent[rank++] = e; }
  constexpr bool operator==(const shape& o) const {
    if (rank != o.rank) return false;
    for (int i = 0; i < rank; ++i)
      if (extent[i] != o.extent[i]) return false;
    return true;
  }
};

template <class... I> shape(I...) -> shape<>;

template <extent_t... E> constexpr shape<E...>::operator shape<>() const {
  shape<> s;
  (s.append(E), ...);
  return s;
}

/// A list of axes as a value; negative ones count from the end.
struct axes {
  int count = 0;
  int axis[max_rank] = {};
  constexpr axes() = default;
  template <class... I>
  requires(sizeof...(I) > 0 && sizeof...(I) <= max_rank && (std::convertible_to<I, int> && ...)) constexpr explicit axes(I... i)
      : count(sizeof...(I)), axis{static_cast<int>(i)...} {}
};

template <int... A> struct axis_t {
  constexpr operator axes() const {
    axes r;
    ((r.axis[r.count++] = A), ...);
    return r;
  }
};
/// One or several axes: `sum(x, axis<1>)`, `mean(x, axis<0, -1>)`.
template <int... A> inline constexpr axis_t<A...> axis{};

/// Whether a reduction keeps the reduced axes with extent 1.
struct keep {
  bool value = false;
};
struct keepdims_t {
  constexpr operator keep() const { return {true}; }
};
/// `sum(x, axis<1>, keepdims)`: the reduced axes stay, with extent 1.
inline constexpr keepdims_t keepdims{};

/// Elements first, first + step, ... below last of one axis; a negative first or last counts from the end.
struct range_value {
  extent_t first = 0, last = 0, step = 1;
  enum kind_t : std::uint8_t { part, whole, index } kind = part;
};
template <extent_t First, extent_t Last, extent_t Step = 1> struct range_t {
  constexpr operator range_value() const { return {First, Last, Step, range_value::part}; }
};
/// `range<0, 10>` or `range<0, 100, 2>`.
template <extent_t First, extent_t Last, extent_t Step = 1> inline constexpr range_t<First, Last, Step> range{};
struct all_t {
  constexpr operator range_value() const { return {0, 0, 1, range_value::whole}; }
};
/// The whole of an axis in `slice` and `sub`.
inline constexpr all_t all{};

/// How many elements `pad` puts before and after one axis.
struct edge_value {
  extent_t low = 0, high = 0;
};
template <extent_t Low, extent_t High> struct edges_t {
  constexpr operator edge_value() const { return {Low, High}; }
};
template <extent_t Low, extent_t High> inline constexpr edges_t<Low, High> edges{};

/// Distances between neighbours along each axis, in elements: `view<float, 3, 4>(p, strides{8, 1})`.
struct strides {
  int rank = 0;
  std::ptrdiff_t stride[max_rank] = {};
  template <class... I>
  requires(sizeof...(I) <= max_rank) constexpr explicit strides(I... s) : rank(sizeof...(I)), stride{static_cast<std::ptrdiff_t>(s)...} {}
};

/// A shape known at compile time, as functions such as reshape<2, 3>(x) hand it on.
template <extent_t... E> struct static_shape {
  constexpr operator shape<>() const {
    shape<> s;
    (s.append(E), ...);
    return s;
  }
};

/// True for the compile-time spellings above: types without state that say how, not what, to compute.
template <class T> inline constexpr bool is_attribute = false;
template <extent_t... E> inline constexpr bool is_attribute<static_shape<E...>> = true;
template <extent_t First, extent_t... E> inline constexpr bool is_attribute<shape<First, E...>> = true;
template <int... A> inline constexpr bool is_attribute<axis_t<A...>> = true;
template <> inline constexpr bool is_attribute<keepdims_t> = true;
template <extent_t F, extent_t L, extent_t S> inline constexpr bool is_attribute<range_t<F, L, S>> = true;
template <> inline constexpr bool is_attribute<all_t> = true;
template <extent_t L, extent_t H> inline constexpr bool is_attribute<edges_t<L, H>> = true;

template <class T> inline constexpr bool is_attribute<type_t<T>> = true;

/// Attributes as values: for functions that are being traced.
template <class T> inline constexpr bool is_traced_attribute = false;
template <> inline constexpr bool is_traced_attribute<shape<>> = true;
template <> inline constexpr bool is_traced_attribute<axes> = true;
template <> inline constexpr bool is_traced_attribute<keep> = true;
template <> inline constexpr bool is_traced_attribute<range_value> = true;
template <> inline constexpr bool is_traced_attribute<edge_value> = true;

}  // namespace sinter
