// SPDX-License-Identifier: Apache-2.0
// What a call is given, on the host or on a GPU: extents, strides and addresses for the binding of its plan, and which results overlap
// which arguments.
#pragma once

#include <tuple>

#include <sinter/run/destinations.hpp>

namespace sinter {
inline namespace SINTER_ISA {
namespace run {

// Extents and strides of what a call is given: tensors, views, numbers and the leaves of expressions.
template <class X> inline constexpr int rank_of_operand = X::rank;
template <class X>
requires detail::is_leaf<X>
inline constexpr int rank_of_operand<X> = X::type::rank;
template <class X> SINTER_HOST_INLINE extent_t extent_of(const X& x, int axis) {
  if constexpr (requires { x.extent(axis); }) return x.extent(axis);
  else return 1;
}
// Whether it holds complex elements, of which the plan knows the parts: strides double, and there is one axis more.
template <class X> inline constexpr bool holds_pairs = false;
template <class X>
requires requires(const X& x) { x.data(); }
inline constexpr bool holds_pairs<X> = detail::is_complex_element<std::remove_cvref_t<decltype(*std::declval<const X&>().data())>>;
template <class X> SINTER_HOST_INLINE extent_t stride_of(const X& x, int axis) {
  if constexpr (!requires { x.stride(axis); }) return 0;
  else if constexpr (holds_pairs<X>) return 2 * x.stride(axis);
  else return x.stride(axis);
}

// The bytes that an operand or destination spans.
struct byte_range {
  const char* first = nullptr;
  const char* last = nullptr;  // one past
  bool overlaps(const byte_range& o) const { return first < o.last && o.first < last; }
};
template <class X> byte_range range_of(const X& x, const void* address, int rank, std::size_t element) {
  if constexpr (requires { x.stride(0); }) {
    std::ptrdiff_t low = 0, high = 0;
    for (int a = 0; a < rank; ++a) {
      if (x.extent(a) == 0) return {};
      const std::ptrdiff_t span = (x.extent(a) - 1) * x.stride(a);
      (span < 0 ? low : high) += span;
    }
    const auto size = static_cast<std::ptrdiff_t>(element);
    return {static_cast<const char*>(address) + low * size, static_cast<const char*>(address) + (high + 1) * size};
  } else {
    extent_t n = 1;
    for (int a = 0; a < rank; ++a) n = detail::wrapping_product(n, extent_of(x, a));
    return {static_cast<const char*>(address), static_cast<const char*>(address) + static_cast<std::size_t>(n) * element};
  }
}

// A number, or an extent, as an element of the type that the graph gave it.
template <dtype T, class N> SINTER_HOST_INLINE void store_scalar(std::byte* to, N n) {
  using S = storage_t<T>;
  const S x = static_cast<S>(n);
  __builtin_memcpy(to, &x, sizeof(S));
}
template <class X> decltype(auto) number_in(const X& x) {
  if constexpr (detail::number_like<X>) return x;
  else return (x.held);
}
template <class X> inline constexpr bool is_number = detail::number_like<X>;
template <class T> inline constexpr bool is_number<detail::number_leaf<T>> = true;

template <class Plan, int Node, int P, class X> SINTER_HOST_INLINE void bind_scalar(binding<Plan>& b, const X& x) {
  constexpr auto n = Plan::value.graph.nodes[Node];
  if constexpr (n.op == opcode::param && is_number<X>)
    if constexpr (Plan::value.graph.pool[n.attribute] == P) {
      store_scalar<n.type>(b.scalar[Node], number_in(x));
      b.param[P] = b.scalar[Node];
    }
}
// A tensor of static extents that was moved from has no memory.
template <class X> SINTER_NOINLINE void require_elements(const X& x) {
  for (int a = 0; a < rank_of_operand<X>; ++a)
    if (x.extent(a) == 0) return;
  throw exception("sinter: a tensor that was moved from is read; assign it first");
}
template <class Plan, int P, class X, int... Node>
SINTER_HOST_INLINE void bind_param(binding<Plan>& b, const X& x, detail::int_list<Node...>) {
  if constexpr (P >= Plan::size.params) return;
  else if constexpr (is_number<X>) (bind_scalar<Plan, Node, P>(b, x), ...);
  else {
    b.param[P] = x.data();
    if constexpr (!requires { x.stride(0); })
      if (!b.param[P]) require_elements(x);
  }
}
template <class Plan, int Node> SINTER_HOST_INLINE void bind_extent(binding<Plan>& b) {
  constexpr auto n = Plan::value.graph.nodes[Node];
  if constexpr (n.op == opcode::extent) {
    constexpr extent_t e = Plan::value.graph.pool[n.attribute];
    store_scalar<n.type>(b.scalar[Node], b.at(e));
  }
}
template <class Plan, int... Node> SINTER_HOST_INLINE void bind_extents(binding<Plan>& b, detail::int_list<Node...>) {
  (bind_extent<Plan, Node>(b), ...);
}

template <class Plan, int R> SINTER_HOST_INLINE extent_t result_bytes(const binding<Plan>& b) {
  constexpr graph::node result = Plan::value.graph.nodes[Plan::value.graph.results[R]];
  return static_cast<extent_t>(size_of(result.type)) *
         b.template result_size<R>(detail::make_int_list<Plan::value.graph.shapes[result.shape].rank>{});
}
template <class Plan, int R, int P, class D, class X> SINTER_HOST_INLINE bool unsafe(const D& d, const X& x) {
  constexpr bool exact = P < Plan::size.params && Plan::value.overwrites[R * Plan::size.params + (P < Plan::size.params ? P : 0)];
  if constexpr (is_number<X> || P >= Plan::size.params || !Plan::value.reads[P < Plan::size.params ? P : 0]) return false;
  else if constexpr (exact && !is_strided<D> && !requires { x.stride(0); }) return false;  // tensors are the same or apart
  else {
    constexpr int rank = rank_of_operand<X>;
    return range_of(d, d.data(), std::remove_cvref_t<D>::rank, sizeof(typename std::remove_cvref_t<D>::value_type))
        .overlaps(range_of(x, x.data(), rank, sizeof(*x.data())));
  }
}

template <class Plan, int R, class D, int... P, class... X>
SINTER_HOST_INLINE bool any_unsafe(const D& d, detail::int_list<P...>, const X&... x) {
  return (unsafe<Plan, R, P>(d, x) || ...);
}

// The same for many results and arguments, more than so many pairs: ranges are found once each, and the pairs that matter are looked up.
inline constexpr int most_pairs = 64;
template <class D> SINTER_HOST_INLINE byte_range range_of_result(const D& d) {
  return range_of(d, d.data(), std::remove_cvref_t<D>::rank, sizeof(typename std::remove_cvref_t<D>::value_type));
}
template <class X> SINTER_HOST_INLINE byte_range range_of_argument(const X& x) {
  if constexpr (is_number<X>) return {};
  else return range_of(x, x.data(), rank_of_operand<X>, sizeof(*x.data()));
}
template <class X> constexpr bool may_be_strided() {
  return requires(const X& x) { x.stride(0); };
}
template <class Plan> struct unsafe_pairs {  // that matter if they overlap: result r, argument p
  bool at[Plan::size.results * Plan::size.params + 1] = {};
  constexpr unsafe_pairs(const bool* strided_result, const bool* strided) {
    for (int r = 0; r < Plan::size.results; ++r)
      for (int p = 0; p < Plan::size.params && Plan::value.copy_of[r] < 0; ++p) {
        const int i = r * Plan::size.params + p;
        at[i] = Plan::value.reads[p] && (!Plan::value.overwrites[i] || strided_result[r] || strided[p]);
      }
  }
};
template <class Plan, class... D, int... R, class... X>
SINTER_NOINLINE void find_unsafe(bool* apart, detail::int_list<R...>, std::tuple<D&...> d, const X&... x) {
  static constexpr bool strided_result[] = {is_strided<D>..., false}, strided[] = {may_be_strided<X>()..., false};
  static constexpr unsafe_pairs<Plan> pairs(strided_result, strided);
  const byte_range to[] = {range_of_result(std::get<R>(d))..., {}}, from[] = {range_of_argument(x)..., {}};
  for (int r = 0; r < Plan::size.results; ++r)
    for (int p = 0; p < Plan::size.params && !apart[r]; ++p) apart[r] = pairs.at[r * Plan::size.params + p] && to[r].overlaps(from[p]);
}

template <class X> extent_t row_major_stride(const X& x, int axis) {
  extent_t s = holds_pairs<X> ? 2 : 1;
  for (int a = rank_of_operand<X> - 1; a > axis; --a) s = detail::wrapping_product(s, x.extent(a));
  return s;
}
// The operands and destinations of a call, for the symbols of its plan. Functions, not lambdas: nvcc 13.0 crashes on packs in lambdas.
template <class To, class From> struct shapes_of_call;
template <class... D, class... X> struct shapes_of_call<std::tuple<D&...>, std::tuple<const X&...>> {
  std::tuple<D&...> to;
  std::tuple<const X&...> from;
  const bool* apart;  // results that are written to the arena first, row-major
  SINTER_HOST_INLINE extent_t extent(int p, int axis) const { return extent(p, axis, detail::make_int_list<sizeof...(X)>{}); }
  SINTER_HOST_INLINE extent_t stride(int p, int axis) const {
    return p >= 0 ? stride_from(p, axis, detail::make_int_list<sizeof...(X)>{})
                  : stride_to(-1 - p, axis, detail::make_int_list<sizeof...(D)>{});
  }

 private:
  template <int... P> SINTER_HOST_INLINE extent_t extent([[maybe_unused]] int p, [[maybe_unused]] int axis, detail::int_list<P...>) const {
    extent_t e = 0;
    ((p == P ? void(e = extent_of(std::get<P>(from), axis)) : void()), ...);
    return e;
  }
  template <int... P>
  SINTER_HOST_INLINE extent_t stride_from([[maybe_unused]] int p, [[maybe_unused]] int axis, detail::int_list<P...>) const {
    extent_t s = 0;
    ((p == P ? void(s = stride_of(std::get<P>(from), axis)) : void()), ...);
    return s;
  }
  template <int... R>
  SINTER_HOST_INLINE extent_t stride_to([[maybe_unused]] int r, [[maybe_unused]] int axis, detail::int_list<R...>) const {
    extent_t s = 0;
    ((r == R ? void(s = apart[R] ? row_major_stride(std::get<R>(to), axis) : stride_of(std::get<R>(to), axis)) : void()), ...);
    return s;
  }
};

constexpr std::size_t padded(extent_t bytes) { return (static_cast<std::size_t>(bytes) + 63) / 64 * 64; }

}  // namespace run
}  // namespace SINTER_ISA
}  // namespace sinter
