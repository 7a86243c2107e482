// SPDX-License-Identifier: Apache-2.0
// One call of a compiled program: checks shapes, looks for overlap of results and arguments, finds memory, runs, copies what could not be
// written in place. Shared by functions and eager expressions.
#pragma once

#include <tuple>

#include <sinter/run/backend.hpp>
#include <sinter/run/control.hpp>
#include <sinter/run/destinations.hpp>
#include <sinter/run/operands.hpp>

namespace sinter {
inline namespace SINTER_ISA {
namespace run {

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

template <class Plan, int R, class To> SINTER_HOST_INLINE void deliver(binding<Plan>& b, const bool* apart, To& to) {
  constexpr int copy = Plan::value.copy_of[R];
  if constexpr (copy >= 0) to.deliver(b.result[copy]);
  else to.deliver(apart[R] ? b.result[R] : nullptr);
}

// Bytes of arena; where all extents are static, a constant.
template <class Plan, class Options> inline constexpr extent_t static_arena =
    arena_bytes<Plan, typename Options::backend, Options::schedule>(binding<Plan>(), detail::make_int_list<Plan::size.groups>{});
template <class Plan, class Options> SINTER_HOST_INLINE extent_t arena_of([[maybe_unused]] const binding<Plan>& b) {
  if constexpr (Plan::size.graph.symbols == 0) return static_arena<Plan, Options>;
  else return arena_bytes<Plan, typename Options::backend, Options::schedule>(b, detail::make_int_list<Plan::size.groups>{});
}

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
