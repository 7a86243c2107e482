// SPDX-License-Identifier: Apache-2.0
// The loop of column programs: packets run along the innermost, kept axis, each lane a column of its own; the reduced axis is a
// loop. Elements of a column combine in sequence inside blocks, blocks pairwise.
#pragma once

#include <sinter/simd/evaluate.hpp>

namespace sinter {
inline namespace SINTER_ISA {
namespace simd {

template <class Key, class B> struct columns_kernel {
  static constexpr auto c = code_of(Key{});
  static constexpr int N = packet_lanes<B>(c, 4);
  using ev = evaluator<Key, B, N>;
  using args = typename ev::args;
  using where = typename ev::where;
  using env = typename ev::env;

  SINTER_HOST_INLINE static void run(const args& a, extent_t first, extent_t last) {
    extent_t index[c.outer + 2] = {};
    if constexpr (c.outer > 0) {
      extent_t r = first;
      for (int d = c.outer - 1; d >= 0; --d) index[d] = a.outer[d] > 0 ? r % a.outer[d] : 0, r = a.outer[d] > 0 ? r / a.outer[d] : 0;
    }
    const extent_t n = c.inner >= 0 ? c.inner : a.end;
    for (extent_t r = first; r < last; ++r) {
      extent_t j = c.inner >= 0 ? 0 : a.begin;
      if constexpr (has_panels())
        while (j + 2 * N <= n && a.loop < panel_rows) {
          const int strips = (n - j) / N < panel_strips ? static_cast<int>((n - j) / N) : panel_strips;
          panel(a, index, j, strips);
          j += strips * N;
        }
      for (; j + N <= n; j += N) strip<true>(a, index, j, N);
      if constexpr (N > 1)
        if (j < n) strip<false>(a, index, j, static_cast<int>(n - j));
      if constexpr (c.outer > 0)
        for (int d = c.outer - 1; d >= 0 && ++index[d] == a.outer[d]; --d) index[d] = 0;
    }
    if constexpr (c.stream != fuse::streams::never) stream_fence<B>();
  }
  SINTER_NOINLINE static void call(const args& a, extent_t first, extent_t last) { run(a, first, last); }

 private:
  // Strips side by side, a row of all of them at a time, so that memory is read in order; their states wait in the first cache. For
  // programs of one loop in which nothing but constants is computed once a strip.
  static constexpr int panel_strips = 64, panel_depth = 8;
  static constexpr extent_t panel_rows = fuse::column_block << panel_depth;  // longer columns: strip by strip, their trees are too deep
  static constexpr bool has_panels() {
    bool good = N > 1 && c.loops == 1 && c.buffers == 0 && c.inner < 0;
    for (const fuse::code_step& s : c.steps)
      if (!s.element && s.reduction < 0 && s.depth == 0 && (s.op == opcode::param || s.op == opcode::iota || s.op == opcode::gather) &&
          s.access >= 0 && c.accesses[s.access].kind != fuse::access::scalar)
        good = false;
    return good;
  }
  SINTER_NOINLINE static void panel(const args& a, extent_t* index, extent_t j, int strips) {
    panel_of(a, index, j, strips, typename ev::step_list{});
  }
  template <int... I>
  SINTER_HOST_INLINE static void panel_of(const args& a, extent_t* index, extent_t j, int strips, sinter::detail::int_list<I...> all) {
    column_states<0, decltype(all)> states[panel_strips];
    column_trees<0, decltype(all), panel_depth> trees[panel_strips];
    env e;
    where p;
    row_position(p, a, index, j, N);
    ev::template row_steps<0, true>(e, p, a);
    extent_t begin = 0;
    do {
      const extent_t end = !c.one_block && begin + fuse::column_block < a.loop ? begin + fuse::column_block : a.loop;
      for (auto& s : states) (static_cast<column_state<I, reduces<I, 0>>&>(s).clear(), ...);
      for (extent_t r = begin; r < end; ++r) {
        index[c.outer] = r;
        ev::go_to(p, a, index);
        for (int k = 0; k < strips; ++k) {
          p.j = j + k * N;
          ev::template element_steps<0, true>(e, p, a);
          ev::template element_stores<0, true, c.stream == fuse::streams::always>(e, p, a);
          (combine<I, 0>(e, states[k], r), ...);
        }
      }
      if constexpr (!c.one_block)
        for (int k = 0; k < strips; ++k) (push<I, 0>(trees[k], states[k]), ...);
      begin = end;
    } while (begin < a.loop);
    for (int k = 0; k < strips; ++k) {
      (finish<I, 0>(e, states[k], trees[k]), ...);
      row_position(p, a, index, j + k * N, N);
      ev::template row_steps<1, true>(e, p, a);
      ev::template row_stores<true>(e, p, a);
    }
  }
  template <bool Full> SINTER_HOST_INLINE static void strip(const args& a, extent_t* index, extent_t j, int count) {
    env e;
    where p;
    row_position(p, a, index, j, count);
    ev::template row_steps<0, Full>(e, p, a);
    loops<Full>(e, p, a, index, sinter::detail::make_int_list<c.loops>{});
    row_position(p, a, index, j, count);
    ev::template row_stores<Full>(e, p, a);
  }
  SINTER_HOST_INLINE static void row_position(where& p, const args& a, extent_t* index, extent_t j, int count) {
    index[c.outer] = 0;
    ev::go_to(p, a, index);
    p.j = j, p.kept = 0, p.count = count;
  }
  template <bool Full, int... L>
  SINTER_HOST_INLINE static void loops(env& e, where& p, const args& a, extent_t* index, sinter::detail::int_list<L...>) {
    (loop<L, Full>(e, p, a, index, typename ev::step_list{}), ...);
  }

  template <int I, int L> static constexpr bool reduces = c.steps[I].reduction >= 0 && (c.steps[I].loops >> L & 1) != 0;
  template <int I, bool On> struct column_state {
    SINTER_HOST_INLINE void clear() {}
  };
  template <int I> struct column_state<I, true> {
    using reducer = typename ev::template reducer<I>;
    typename reducer::template state<N> held;
    SINTER_HOST_INLINE void clear() { held = reducer::template identity<N>(); }
  };
  template <int I, bool On, int Depth> struct column_tree {};
  template <int I, int Depth> struct column_tree<I, true, Depth> { pairwise<typename ev::template reducer<I>, N, Depth> held; };
  template <int L, class List> struct column_states;
  template <int L, int... I> struct column_states<L, sinter::detail::int_list<I...>> : column_state<I, reduces<I, L>>... {};
  template <int L, class List, int Depth = 40> struct column_trees;
  template <int L, int... I, int Depth> struct column_trees<L, sinter::detail::int_list<I...>, Depth>
      : column_tree<I, (reduces<I, L> && !c.one_block), Depth>... {};

  template <int L, bool Full, int... I>
  SINTER_HOST_INLINE static void loop(env& e, where& p, const args& a, extent_t* index, sinter::detail::int_list<I...> all) {
    column_states<L, decltype(all)> s;
    column_trees<L, decltype(all)> t;
    const extent_t j = p.j, n = a.loop;
    const int count = p.count;
    extent_t begin = 0;
    do {
      const extent_t end = !c.one_block && begin + fuse::column_block < n ? begin + fuse::column_block : n;
      (static_cast<column_state<I, reduces<I, L>>&>(s).clear(), ...);
      for (extent_t r = begin; r < end; ++r) {
        index[c.outer] = r;
        ev::go_to(p, a, index);
        prefetch(p, a, typename ev::access_list{});
        p.kept = r * N;
        ev::template element_steps<L, Full>(e, p, a);
        ev::template element_stores<L, Full, c.stream == fuse::streams::always>(e, p, a);
        (combine<I, L>(e, s, r), ...);
      }
      if constexpr (!c.one_block) (push<I, L>(t, s), ...);
      begin = end;
    } while (begin < n);
    (finish<I, L>(e, s, t), ...);
    row_position(p, a, index, j, count);
    ev::template row_steps<L + 1, Full>(e, p, a);
  }
  // Each row is on a page of its own, where the processor does not look ahead: half of the time of a sum over rows of 16 KB.
  static constexpr extent_t rows_ahead = 24;
  template <int... A> SINTER_HOST_INLINE static void prefetch(const where& p, const args& a, sinter::detail::int_list<A...>) {
    (prefetch_access<A>(p, a), ...);
  }
  template <int A> SINTER_HOST_INLINE static void prefetch_access(const where& p, const args& a) {
    constexpr fuse::code_access k = c.accesses[A];
    if constexpr (k.kind == fuse::access::memory && k.varies && !k.indexed && k.inner == reach::unit && N > 1) {
      constexpr int bytes = size_of(k.type);
      const char* const next = moved(p.access[A], (rows_ahead * a.access[A].loop + p.j) * bytes);
      for (int line = 0; line < N * bytes; line += 64) __builtin_prefetch(moved(next, line));
    }
  }
  template <int I, int L, class States> SINTER_HOST_INLINE static void combine(env& e, States& s, extent_t r) {
    if constexpr (reduces<I, L>) {
      using R = typename ev::template reducer<I>;
      auto& held = static_cast<column_state<I, true>&>(s).held;
      const auto& x = ev::template at<c.steps[I].operand[0]>(e);
      if constexpr (requires { R::unset; })
        held = R::template accumulate_at<N>(held, x, broadcast<B, typename R::index, N>(static_cast<typename R::index>(r)));
      else held = R::template accumulate<N>(held, x, r);
    }
  }
  template <int I, int Depth> SINTER_HOST_INLINE static auto& tree_of(column_tree<I, true, Depth>& t) { return t.held; }
  template <int I, int L, class Trees, class States> SINTER_HOST_INLINE static void push(Trees& t, States& s) {
    if constexpr (reduces<I, L>) tree_of<I>(t).push(static_cast<column_state<I, true>&>(s).held);
  }
  template <int I, int L, class States, class Trees> SINTER_HOST_INLINE static void finish(env& e, States& s, Trees& t) {
    if constexpr (reduces<I, L>) {
      using R = typename ev::template reducer<I>;
      auto state = [&] {
        if constexpr (c.one_block) return static_cast<column_state<I, true>&>(s).held;
        else return tree_of<I>(t).result();
      }();
      const auto x = R::template finish<N>(state);
      if constexpr (c.steps[I].type == dtype::boolean) ev::template at<I>(e) = x;
      else ev::template at<I>(e) = round_to<storage_t<c.steps[I].type>>(x);
    }
  }
};

}  // namespace simd
}  // namespace SINTER_ISA
}  // namespace sinter
