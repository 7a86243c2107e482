// SPDX-License-Identifier: Apache-2.0
// What each reduction keeps and how it combines: state over packets, a fixed halving tree, then the blocks of a long row as a row of their
// own (columns: a pairwise tree). A reducer has `state<N>`; identity, accumulate (one more element a lane), combine (two states), finish.
#pragma once

#include <sinter/core/lists.hpp>
#include <sinter/core/shape.hpp>
#include <sinter/graph/opcode.hpp>
#include <sinter/simd/elements.hpp>

namespace sinter {
inline namespace SINTER_ISA {
namespace simd {

template <class R, bool Largest> SINTER_HOST_DEVICE constexpr R extreme() {
  if constexpr (std::numeric_limits<R>::has_infinity) return static_cast<R>(Largest ? __builtin_inf() : -__builtin_inf());
  else return Largest ? std::numeric_limits<R>::max() : std::numeric_limits<R>::lowest();
}

// Reductions whose state is one packet of the elements' own type: F has identity<R>() and combine(a, b).
template <class B, class R, class F> struct plain_reducer {
  template <int N> using state = pack<B, R, N>;
  template <int N> SINTER_INLINE static state<N> identity() { return broadcast<B, R, N>(F::template identity<R>()); }
  template <int N> SINTER_INLINE static state<N> accumulate(state<N> s, pack<B, R, N> x, extent_t) { return F::combine(s, x); }
  template <int N> SINTER_INLINE static state<N> combine(state<N> a, state<N> b) { return F::combine(a, b); }
  template <int N> SINTER_INLINE static state<N> keep(mask<B, static_cast<int>(sizeof(R)), N> m, state<N> yes, state<N> no) {
    return select(m, yes, no);
  }
  template <int N> SINTER_INLINE static state<N / 2> lower(state<N> s) { return lower_half(s); }
  template <int N> SINTER_INLINE static state<N / 2> upper(state<N> s) { return upper_half(s); }
  template <int N> SINTER_INLINE static state<N> finish(state<N> s) { return s; }
};
struct sum_of {
  template <class R> SINTER_HOST_DEVICE static constexpr R identity() { return 0; }
  template <class P> SINTER_INLINE static P combine(P a, P b) { return a + b; }
};
struct product_of {
  template <class R> SINTER_HOST_DEVICE static constexpr R identity() { return 1; }
  template <class P> SINTER_INLINE static P combine(P a, P b) { return a * b; }
};
struct maximum_of {
  template <class R> SINTER_HOST_DEVICE static constexpr R identity() { return extreme<R, false>(); }
  template <class P> SINTER_INLINE static P combine(P a, P b) { return maximum(a, b); }
  template <class P> SINTER_INLINE static P combine_numbers(P a, P b) { return max_fast(a, b); }
};
struct minimum_of {
  template <class R> SINTER_HOST_DEVICE static constexpr R identity() { return extreme<R, true>(); }
  template <class P> SINTER_INLINE static P combine(P a, P b) { return minimum(a, b); }
  template <class P> SINTER_INLINE static P combine_numbers(P a, P b) { return min_fast(a, b); }
};

// max and min of floating point: the tree's latency is most of a short row's time, and NaN and the sign of zero make it three
// times longer. Neither is common, so both are looked for first, and the plain tree serves the rest with the same result.
template <class B, class R, class F, int N> SINTER_INLINE pack<B, R, 1> fold_extreme(pack<B, R, N> s) {
  if (any(is_nan(s))) return broadcast<B, R, 1>(static_cast<R>(__builtin_nan("")));
  const R fast = fold(s, [](auto a, auto b) { return F::combine_numbers(a, b); });
  if (fast != 0) return broadcast<B, R, 1>(fast);
  return broadcast<B, R, 1>(fold(s, [](auto a, auto b) { return F::combine(a, b); }));
}

template <class B, class R, class F> struct extreme_reducer : plain_reducer<B, R, F> {
  template <int N> SINTER_INLINE static pack<B, R, 1> fold(pack<B, R, N> s) { return fold_extreme<B, R, F, N>(s); }
};

// any and all: the state is a mask.
template <class B, int W, bool Any> struct logical_reducer {
  template <int N> using state = mask<B, W, N>;
  template <int N> SINTER_INLINE static state<N> identity() { return broadcast_mask<B, W, N>(!Any); }
  template <int N> SINTER_INLINE static state<N> accumulate(state<N> s, mask<B, W, N> x, extent_t) { return combine<N>(s, x); }
  template <int N> SINTER_INLINE static state<N> combine(state<N> a, state<N> b) {
    if constexpr (Any) return a | b;
    else return a & b;
  }
  template <int N> SINTER_INLINE static state<N> keep(mask<B, W, N> m, state<N> yes, state<N> no) { return select(m, yes, no); }
  template <int N> SINTER_INLINE static state<N / 2> lower(state<N> s) { return lower_half(s); }
  template <int N> SINTER_INLINE static state<N / 2> upper(state<N> s) { return upper_half(s); }
  template <int N> SINTER_INLINE static state<N> finish(state<N> s) { return s; }
};

// argmax and argmin: the best value and where it stands; the first of equals, the first NaN.
template <class B, class R, bool Largest> struct arg_reducer {
  using index = std::conditional_t<sizeof(R) == 4, std::int32_t, std::int64_t>;
  static constexpr index unset = std::numeric_limits<index>::max();
  template <int N> struct state {
    pack<B, R, N> value;
    pack<B, index, N> where;
  };
  template <int N> SINTER_INLINE static state<N> identity() {
    return {broadcast<B, R, N>(extreme<R, !Largest>()), broadcast<B, index, N>(unset)};
  }
  template <int N> SINTER_INLINE static auto better(pack<B, R, N> a, pack<B, R, N> than) {
    auto m = Largest ? a > than : a < than;
    if constexpr (std::floating_point<R>) m = m | (is_nan(a) & ~is_nan(than));
    return m;
  }
  // `start` is the index of lane 0.
  template <int N> SINTER_INLINE static state<N> accumulate(state<N> s, pack<B, R, N> x, extent_t start) {
    const auto i = iota<B, index, N>() + broadcast<B, index, N>(static_cast<index>(start));
    return accumulate_at<N>(s, x, i);
  }
  template <int N> SINTER_INLINE static state<N> accumulate_at(state<N> s, pack<B, R, N> x, pack<B, index, N> i) {
    const auto m = better<N>(x, s.value) | (s.where == broadcast<B, index, N>(unset));
    return {select(m, x, s.value), select(m, i, s.where)};
  }
  template <int N> SINTER_INLINE static state<N> combine(state<N> a, state<N> b) {
    auto same = a.value == b.value;
    if constexpr (std::floating_point<R>) same = same | (is_nan(a.value) & is_nan(b.value));
    const auto m = better<N>(b.value, a.value) | (same & (b.where < a.where));
    return {select(m, b.value, a.value), select(m, b.where, a.where)};
  }
  template <int N> SINTER_INLINE static state<N> keep(mask<B, static_cast<int>(sizeof(R)), N> m, state<N> yes, state<N> no) {
    return {select(m, yes.value, no.value), select(m, yes.where, no.where)};
  }
  template <int N> SINTER_INLINE static state<N / 2> lower(state<N> s) { return {lower_half(s.value), lower_half(s.where)}; }
  template <int N> SINTER_INLINE static state<N / 2> upper(state<N> s) { return {upper_half(s.value), upper_half(s.where)}; }
  template <int N> SINTER_INLINE static pack<B, std::int64_t, N> finish(state<N> s) { return convert<std::int64_t>(s.where); }
};

// A reduction of the user's (ops/user.hpp).
template <class B, class R, class F> struct user_reducer : plain_reducer<B, R, F> {
  template <int N> using state = pack<B, R, N>;
  template <int N> SINTER_INLINE static state<N> identity() { return broadcast<B, R, N>(static_cast<R>(F::identity)); }
  template <int N> SINTER_CALLS_USER static state<N> accumulate(state<N> s, pack<B, R, N> x, extent_t) { return F::accumulate(s, x); }
  template <int N> SINTER_CALLS_USER static state<N> combine(state<N> a, state<N> b) { return F::combine(a, b); }
  template <int N> SINTER_CALLS_USER static state<N> finish(state<N> s) {
    if constexpr (requires { F::finish(s); }) return F::finish(s);
    else return s;
  }
};

// The reducer of an opcode on elements of dtype D. External: the user's functor, for reduce_call.
template <opcode Op, dtype D, class B, int W, class External> constexpr auto reducer_for() {
  using sinter::detail::holder_of;
  if constexpr (Op == opcode::reduce_any) return holder_of<logical_reducer<B, W, true>>{};
  else if constexpr (Op == opcode::reduce_all) return holder_of<logical_reducer<B, W, false>>{};
  else if constexpr (Op == opcode::reduce_sum) return holder_of<plain_reducer<B, register_of<D>, sum_of>>{};
  else if constexpr (Op == opcode::reduce_prod) return holder_of<plain_reducer<B, register_of<D>, product_of>>{};
  else if constexpr (Op == opcode::reduce_max && is_float(D)) return holder_of<extreme_reducer<B, register_of<D>, maximum_of>>{};
  else if constexpr (Op == opcode::reduce_min && is_float(D)) return holder_of<extreme_reducer<B, register_of<D>, minimum_of>>{};
  else if constexpr (Op == opcode::reduce_max) return holder_of<plain_reducer<B, register_of<D>, maximum_of>>{};
  else if constexpr (Op == opcode::reduce_min) return holder_of<plain_reducer<B, register_of<D>, minimum_of>>{};
  else if constexpr (Op == opcode::reduce_argmax) return holder_of<arg_reducer<B, register_of<D>, true>>{};
  else if constexpr (Op == opcode::reduce_argmin) return holder_of<arg_reducer<B, register_of<D>, false>>{};
  else return holder_of<user_reducer<B, register_of<D>, External>>{};
}

// The halving tree: lane j with lane j + N/2, until one is left.
template <class Reducer, int N> SINTER_INLINE auto fold_state(typename Reducer::template state<N> s) {
  if constexpr (N == 1) return s;
  else if constexpr (requires { Reducer::fold(s); }) return Reducer::fold(s);
  else return fold_state<Reducer, N / 2>(Reducer::template combine<N / 2>(Reducer::template lower<N>(s), Reducer::template upper<N>(s)));
}

// Combines the blocks of a long row as if their results were a row themselves: 64 lanes, blocks of 8192, and so on.
template <class Reducer> struct block_row {
  using state = typename Reducer::template state<1>;
  static constexpr int lanes = 64, block = 8192, levels = 4;  // 2^13 blocks a level: more than memory holds
  struct level {
    state lane[lanes];
    int count = 0;
  };
  level at[levels];
  int used = 0;
  state last;

  // Once a block: not worth being inlined.
  SINTER_NOINLINE SINTER_HOST_DEVICE void push(state s) {
    last = s;
    push_to(0, s);
  }
  SINTER_NOINLINE SINTER_HOST_DEVICE state result() {
    if (used == 1 && at[0].count == 1) return last;
    state s = last;
    for (int l = 0; l < used; ++l) {
      if (at[l].count == 0) continue;
      s = fold(at[l]);
      at[l].count = 0;
      if (l + 1 < used) push_to(l + 1, s);
    }
    return s;
  }

 private:
  SINTER_INLINE void push_to(int l, state s) {
    for (; l < levels; ++l) {
      level& k = at[l];
      if (k.count == block) {
        const state full = fold(k);
        k.count = 0;
        add(l, s);
        s = full;
        continue;
      }
      return add(l, s);
    }
  }
  SINTER_INLINE void add(int l, state s) {
    level& k = at[l];
    if (k.count == 0)
      for (state& x : k.lane) x = Reducer::template identity<1>();
    state& to = k.lane[k.count++ % lanes];
    to = Reducer::template combine<1>(to, s);
    used = l + 1 > used ? l + 1 : used;
  }
  SINTER_INLINE static state fold(level& k) {
    for (int half = lanes / 2; half > 0; half /= 2)
      for (int j = 0; j < half; ++j) k.lane[j] = Reducer::template combine<1>(k.lane[j], k.lane[j + half]);
    return k.lane[0];
  }
};

// Combines blocks pairwise, in an order that depends on their number only.
template <class Reducer, int N, int Depth = 40> struct pairwise {  // of fewer than 2^Depth blocks
  using state = typename Reducer::template state<N>;
  state waiting[Depth];
  int depth = 0;
  std::uint64_t count = 0;
  SINTER_INLINE void push(state s) {
    for (std::uint64_t k = count++; k & 1; k >>= 1) s = Reducer::template combine<N>(waiting[--depth], s);
    waiting[depth++] = s;
  }
  SINTER_INLINE state result() {
    state s = waiting[--depth];
    while (depth > 0) s = Reducer::template combine<N>(waiting[--depth], s);
    return s;
  }
};

}  // namespace simd
}  // namespace SINTER_ISA
}  // namespace sinter
