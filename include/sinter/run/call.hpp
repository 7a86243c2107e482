// SPDX-License-Identifier: Apache-2.0
// One call of a compiled program: checks shapes, looks for overlap of results and arguments, finds memory, runs, copies what could not be
// written in place. Shared by functions and eager expressions.
#pragma once

#include <tuple>

#include <sinter/run/backend.hpp>
#include <sinter/run/control.hpp>

namespace sinter {
inline namespace SINTER_ISA {
namespace run {

// How a program is compiled beside its source: backend, schedule.
template <class Backend, fuse::schedule_value Schedule> struct options {
  using backend = Backend;
  static constexpr fuse::schedule_value schedule = Schedule;
};
using default_options = options<default_backend, fuse::schedule_value{}>;

// The type of result R of a plan.
template <class Plan, int R> struct result_type {
  static constexpr graph::node n = Plan::value.graph.nodes[Plan::value.graph.results[R]];
  static constexpr shape<> s = Plan::value.graph.shapes[n.shape];
  template <int... A> static auto make(detail::int_list<A...>) -> tensor<storage_t<n.type>, (graph::is_symbol(s[A]) ? dyn : s[A])...>;
  using type = decltype(make(detail::make_int_list<s.rank>{}));
};
template <class Plan, int R> using result_t = typename result_type<Plan, R>::type;

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

template <class D> inline constexpr bool is_strided = detail::is_view<std::remove_cvref_t<D>>;

// Copies a dense array of the result's shape to a destination of any layout.
template <class Element, class D> void copy_out(const void* from, D& to, const extent_t* extents, int rank) {
  const Element* p = static_cast<const Element*>(from);
  extent_t n = 1;
  for (int a = 0; a < rank; ++a) n = detail::wrapping_product(n, extents[a]);
  if constexpr (is_strided<D>) {
    extent_t index[max_rank] = {};
    for (extent_t k = 0; k < n; ++k) {
      std::ptrdiff_t o = 0;
      for (int a = 0; a < rank; ++a) o += index[a] * to.stride(a);
      to.data()[o] = p[k];
      for (int a = rank - 1; a >= 0 && ++index[a] == extents[a]; --a) index[a] = 0;
    }
  } else {
    __builtin_memcpy(static_cast<void*>(to.data()), from, static_cast<std::size_t>(n) * sizeof(Element));
  }
}

// Compares a destination's type with the result's; `report` is the message when they do not fit.
template <class Result, class D> struct check_destination;
template <class T, extent_t... E, class D> struct check_destination<tensor<T, E...>, D> {
  template <class U, extent_t... F> static constexpr auto compare() {
    if constexpr (std::is_const_v<U>) return detail::holder_of<error<&destination_is_constant, shape<F...>>>{};
    else return compare_elements<U, F...>();
  }
  template <class U, extent_t... F> static constexpr auto compare_elements() {
    constexpr bool integers = std::is_integral_v<T> && std::is_integral_v<U> && !std::is_same_v<T, bool> && !std::is_same_v<U, bool>;
    if constexpr (!std::is_same_v<T, U> && !(integers && sizeof(T) == sizeof(U) && std::is_signed_v<T> == std::is_signed_v<U>))
      return detail::holder_of<error<&result_types_differ, T, U>>{};
    else if constexpr (sizeof...(E) != sizeof...(F)) return detail::holder_of<error<&shapes_differ, shape<E...>, shape<F...>>>{};
    else if constexpr (!((E == F || E == dyn || F == dyn) && ...))
      return detail::holder_of<error<&shapes_differ, shape<E...>, shape<F...>>>{};
    else return detail::holder_of<void>{};
  }
  template <class U, extent_t... F> static auto fits(const tensor<U, F...>*) -> decltype(compare<U, F...>());
  template <class U, extent_t... F> static auto fits(const view<U, F...>*) -> decltype(compare<U, F...>());
  using report = typename decltype(fits(static_cast<const D*>(nullptr)))::type;
  static constexpr bool good = std::is_void_v<report>;
};

// A destination of a call: where a result goes. A tensor with run-time extents takes the result's extents, in new memory when its
// size changes; everything else must have them already.
template <class D, class Result> struct destination {
  static constexpr bool resizes = detail::is_tensor<std::remove_cvref_t<D>> && std::remove_cvref_t<D>::dynamic_rank > 0;
  D& to;
  extent_t extents[max_rank] = {};
  [[no_unique_address]] std::conditional_t<resizes, std::tuple<bool, std::remove_cvref_t<D>>, detail::type_list<>> fresh{};

  template <int R, class Binding> SINTER_HOST_INLINE void prepare(const Binding& b) {
    constexpr int rank = Result::rank;
    if constexpr (detail::is_tensor<std::remove_cvref_t<D>> && !resizes)
      if (!to.data()) to = std::remove_cvref_t<D>();  // moved from
    if constexpr (Result::dynamic_rank > 0 || std::remove_cvref_t<D>::dynamic_rank > 0) {
      bool same = true;
      bind_extents<R>(b, detail::make_int_list<rank>{});
      for (int a = 0; a < rank; ++a) same &= extents[a] == to.extent(a);
      if (same) {
        if constexpr (resizes)
          if (!to.data()) renew();
        return;
      }
      if constexpr (resizes) renew();
      else throw_shapes();
    } else {
      for (int a = 0; a < rank; ++a) extents[a] = to.extent(a);
    }
  }
  template <int R, class Binding, int... A> SINTER_HOST_INLINE void bind_extents(const Binding& b, detail::int_list<A...>) {
    ((extents[A] = b.template result_extent<R, A>()), ...);
  }
  SINTER_NOINLINE void renew() {
    if constexpr (resizes) {
      if (!std::remove_cvref_t<D>::takes(extents)) throw_shapes();
      std::get<0>(fresh) = true;
      std::get<1>(fresh) = std::remove_cvref_t<D>(detail::uninitialised{}, extents);
    }
  }
  [[noreturn]] SINTER_NOINLINE void throw_shapes() const {
    extent_t have[max_rank] = {};
    for (int a = 0; a < Result::rank; ++a) have[a] = to.extent(a);
    detail::throw_shape_error("sinter: the result has another shape than what it is assigned to:", extents, Result::rank, have,
                              Result::rank);
  }
  bool renewed() const {
    if constexpr (resizes) return std::get<0>(fresh);
    else return false;
  }
  void* address() {
    if constexpr (resizes)
      if (std::get<0>(fresh)) return std::get<1>(fresh).data();
    return static_cast<void*>(to.data());
  }
  SINTER_HOST_INLINE void deliver(const void* copy_from) {
    if (copy_from) {
      if constexpr (resizes)
        if (std::get<0>(fresh)) copy_out<typename Result::value_type>(copy_from, std::get<1>(fresh), extents, Result::rank);
        else copy_out<typename Result::value_type>(copy_from, to, extents, Result::rank);
      else copy_out<typename Result::value_type>(copy_from, to, extents, Result::rank);
    }
    if constexpr (resizes)
      if (std::get<0>(fresh)) to = static_cast<std::remove_cvref_t<D>&&>(std::get<1>(fresh));
    if constexpr (requires { to.touch(); }) to.touch();
  }
};

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
template <class Plan, int R, class To> SINTER_HOST_INLINE void deliver(binding<Plan>& b, const bool* apart, To& to) {
  constexpr int copy = Plan::value.copy_of[R];
  if constexpr (copy >= 0) to.deliver(b.result[copy]);
  else to.deliver(apart[R] ? b.result[R] : nullptr);
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

// Bytes of arena; where all extents are static, a constant.
template <class Plan, class Options> inline constexpr extent_t static_arena =
    arena_bytes<Plan, typename Options::backend, Options::schedule>(binding<Plan>(), detail::make_int_list<Plan::size.groups>{});
template <class Plan, class Options> SINTER_HOST_INLINE extent_t arena_of([[maybe_unused]] const binding<Plan>& b) {
  if constexpr (Plan::size.graph.symbols == 0) return static_arena<Plan, Options>;
  else return arena_bytes<Plan, typename Options::backend, Options::schedule>(b, detail::make_int_list<Plan::size.groups>{});
}
constexpr std::size_t padded(extent_t bytes) { return (static_cast<std::size_t>(bytes) + 63) / 64 * 64; }

// Where result R is written: its destination, or the next part of the arena when it must stand apart.
template <class Plan, int R, class To> SINTER_HOST_INLINE void bind_result(binding<Plan>& b, bool apart, To& to, std::byte*& next) {
  if (apart) b.result[R] = next, next += padded(result_bytes<Plan, R>(b));
  else b.result[R] = to.address();
}

// The code of a call, of which call_into takes one:
//
//   name            for                                                  stands
//   call_on_stack   static extents, tensors as destinations, an arena    in call_here
//                   of at most stack_bytes
//   call_in_arena   everything: run-time extents, views, a workspace of  in call_here; behind call_on_stack in a function of its own,
//                   the caller's, results that must stand apart          for when that declines
//   call_here       chooses between the two                              in the caller where all groups are small, so that the call
//                                                                        vanishes; else in a function of its own, for a caller with
//                                                                        many calls would become too long for its compiler
template <class Plan, class Options, class... D, class... X, int... R, int... P>
SINTER_HOST_INLINE void call_in_arena(const workspace* space, detail::int_list<R...>, detail::int_list<P...> params, std::tuple<D&...> d,
                                      const X&... x) {
  if constexpr ((check_destination<result_t<Plan, R>, std::remove_cv_t<D>>::good && ...)) {
    binding<Plan> b;
    constexpr auto nodes = detail::make_int_list<Plan::size.graph.nodes>{};
    (bind_param<Plan, P>(b, x, nodes), ...);
    // Results that must not be written in place: they overlap what is still read, or the plan cannot write their layout.
    bool apart[sizeof...(R) + 1] = {};
    ((apart[R] = Plan::value.copy_of[R] < 0 && is_strided<D> && !Plan::value.direct[R]), ...);
    if constexpr (sizeof...(R) * sizeof...(P) > most_pairs) find_unsafe<Plan>(apart, detail::int_list<R...>{}, d, x...);
    else ((apart[R] = apart[R] || (Plan::value.copy_of[R] < 0 && any_unsafe<Plan, R>(std::get<R>(d), params, x...))), ...);
    if constexpr (Plan::size.graph.symbols > 0) {
      b.bind_symbols(shapes_of_call<std::tuple<D&...>, std::tuple<const X&...>>{d, {x...}, apart});
      b.check_constraints();
      bind_extents<Plan>(b, nodes);
    }
    std::tuple<destination<D, result_t<Plan, R>>...> to{destination<D, result_t<Plan, R>>{std::get<R>(d)}...};
    (std::get<R>(to).template prepare<R>(b), ...);

    ((apart[R] = apart[R] && !std::get<R>(to).renewed()), ...);
    const std::size_t own = padded(arena_of<Plan, Options>(b));
    std::size_t bytes = own;
    ((bytes += apart[R] ? padded(result_bytes<Plan, R>(b)) : 0), ...);
    arena_part part(bytes, space);
    b.arena = part.data();
    std::byte* next = b.arena + own;
    (bind_result<Plan, R>(b, apart[R], std::get<R>(to), next), ...);
    run_groups<Plan, typename Options::backend, Options::schedule>(b, detail::make_int_list<Plan::value.total.kernels>{});
    (deliver<Plan, R>(b, apart, std::get<R>(to)), ...);
  }
}

inline constexpr extent_t stack_bytes = 2048;
template <class Plan, class Options> constexpr bool fits_stack() {
  if constexpr (Plan::size.graph.symbols > 0) return false;
  else return static_arena<Plan, Options> <= stack_bytes;
}
template <class... D> inline constexpr bool are_plain = ((!is_strided<D> && std::remove_cvref_t<D>::dynamic_rank == 0) && ...);
// Declines, and writes nothing, where a result overlaps an argument that is read after it is written.
template <class Plan, class Options, class... D, class... X, int... R, int... P>
SINTER_HOST_INLINE bool call_on_stack(detail::int_list<R...>, [[maybe_unused]] detail::int_list<P...> params,
                                      [[maybe_unused]] std::tuple<D&...> d, const X&... x) {
  constexpr extent_t bytes = static_arena<Plan, Options>;
  binding<Plan> b;
  (bind_param<Plan, P>(b, x, detail::make_int_list<Plan::size.graph.nodes>{}), ...);
  if (((Plan::value.copy_of[R] < 0 && any_unsafe<Plan, R>(std::get<R>(d), params, x...)) || ...)) return false;
  std::tuple<destination<D, result_t<Plan, R>>...> to{destination<D, result_t<Plan, R>>{std::get<R>(d)}...};
  (std::get<R>(to).template prepare<R>(b), ...);
  [[maybe_unused]] alignas(bytes > 0 ? 64 : 1) std::byte memory[bytes > 0 ? bytes : 1];
  b.arena = memory;
  ((b.result[R] = std::get<R>(to).address()), ...);
  run_groups<Plan, typename Options::backend, Options::schedule>(b, detail::make_int_list<Plan::value.total.kernels>{});
  [[maybe_unused]] constexpr bool apart[sizeof...(R) + 1] = {};
  (deliver<Plan, R>(b, apart, std::get<R>(to)), ...);
  return true;
}

template <class Plan, class Options, class Results, class Params, class To, class... X>
SINTER_NOINLINE void call_in_arena_apart(const workspace* space, To d, const X&... x) {
  call_in_arena<Plan, Options>(space, Results{}, Params{}, d, x...);
}
template <class Plan, class Options, class Results, class Params, class... D, class... X>
SINTER_HOST_INLINE void call_here(const workspace* space, std::tuple<D&...> d, const X&... x) {
  if constexpr (are_plain<D...> && fits_stack<Plan, Options>()) {
    if (space || !call_on_stack<Plan, Options>(Results{}, Params{}, d, x...))
      call_in_arena_apart<Plan, Options, Results, Params, std::tuple<D&...>>(space, d, x...);
  } else {
    call_in_arena<Plan, Options>(space, Results{}, Params{}, d, x...);
  }
}
template <class Plan, class Options, class Results, class Params, class To, class... X>
SINTER_NOINLINE void call_apart(const workspace* space, To d, const X&... x) {
  call_here<Plan, Options, Results, Params>(space, d, x...);
}

template <class Plan, int... G> constexpr bool vanishes(detail::int_list<G...>) { return (is_small<Plan, G>() && ...); }
// A call with arguments x... (tensors, views, numbers, leaves) into destinations d....
template <class Plan, class Options, class Results, class Params, class To, class... X>
SINTER_HOST_INLINE void call_into(const workspace* space, Results, Params, To d, const X&... x) {
  if constexpr (vanishes<Plan>(detail::make_int_list<Plan::size.groups>{})) call_here<Plan, Options, Results, Params>(space, d, x...);
  else call_apart<Plan, Options, Results, Params>(space, d, x...);
}

}  // namespace run
}  // namespace SINTER_ISA
}  // namespace sinter
