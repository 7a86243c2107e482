// SPDX-License-Identifier: Apache-2.0
// The loop of maps and row programs: for each row, the loops of its phases along the innermost axis. A map is a row program
// without reductions. Reductions run over 64 virtual lanes in blocks, so their bits depend on the row's length only.
#pragma once

#include <sinter/simd/evaluate.hpp>
#include <sinter/simd/transpose.hpp>

namespace sinter {
inline namespace SINTER_ISA {
namespace simd {

template <class Key, class B> struct rows_kernel {
  static constexpr auto c = code_of(Key{});
  static constexpr int N = packet_lanes<B>(c, c.reductions > 0 ? fuse::lanes : c.packets);  // a reduction: all virtual lanes at once
  using ev = evaluator<Key, B, N>;
  using args = typename ev::args;
  using where = typename ev::where;
  using env = typename ev::env;
  static constexpr int slots = fuse::lanes / N;  // packets that make the virtual lanes

  // Runs the rows first <= r < last of the flattened outer loops.
  SINTER_HOST_INLINE static void run(const args& a, extent_t first, extent_t last) {
    if constexpr (c.tiled) return run_tiles(a, first, last);
    extent_t index[c.outer + 1] = {};
    to_index(index, a, first);
    extent_t r = first;
    if constexpr (c.pairs)
      for (; r + 2 <= last; r += 2) {
        where p, q;
        ev::go_to(p, a, index);
        advance(index, a);
        ev::go_to(q, a, index);
        advance(index, a);
        two_rows(p, q, a);
      }
    for (; r < last; ++r) {
      where p;
      ev::go_to(p, a, index);
      row(p, a);
      advance(index, a);
    }
    if constexpr (c.stream != fuse::streams::never) stream_fence<B>();
  }
  SINTER_NOINLINE static void call(const args& a, extent_t first, extent_t last) { run(a, first, last); }

 private:
  SINTER_HOST_INLINE static void to_index(extent_t* index, const args& a, extent_t r) {
    if constexpr (c.outer > 0)
      for (int d = c.outer - 1; d >= 0; --d) index[d] = a.outer[d] > 0 ? r % a.outer[d] : 0, r = a.outer[d] > 0 ? r / a.outer[d] : 0;
  }
  // Tiles: the inner axis outermost, so that the lines of a staged operand are read in order, the next ones while these are used.
  static constexpr int staged_bytes() {
    int bytes = 0;
    for (const fuse::code_access& k : c.accesses)
      if (k.staged) bytes = size_of(k.type) > bytes ? size_of(k.type) : bytes;
    return bytes;
  }
  static void run_tiles(const args& a, extent_t first, extent_t last) {
    constexpr int most = tile_bytes / (staged_bytes() > 0 ? staged_bytes() : 4);
    args part = a;
    for (extent_t j = a.begin; j < a.end; j += tile_length) {
      part.begin = j, part.end = j + tile_length < a.end ? j + tile_length : a.end;
      for (extent_t r = first; r < last;) {
        extent_t index[c.outer + 1] = {};
        to_index(index, a, r);
        const extent_t in_loop = a.outer[c.outer - 1] - index[c.outer - 1];
        const extent_t rows = last - r < in_loop ? last - r : in_loop;
        const int lines = static_cast<int>(rows < most ? rows : most);
        tile(part, index, lines, sinter::detail::make_int_list<ev::size.accesses>{});
        r += lines;
      }
    }
    if constexpr (c.stream != fuse::streams::never) stream_fence<B>();
  }
  template <int A, bool Staged = c.accesses[A].staged> struct stage {
    using S = storage_t<c.accesses[A].type>;
    alignas(64) S held[tile_lines<S>][tile_length];
  };
  template <int A> struct stage<A, false> {};
  template <class List> struct stages;
  template <int... A> struct stages<sinter::detail::int_list<A...>> : stage<A>... {};

  template <int... A> SINTER_NOINLINE static void tile(const args& a, extent_t* index, int lines, sinter::detail::int_list<A...> list) {
    stages<decltype(list)> s;
    where p;
    ev::go_to(p, a, index);
    (fill<A>(static_cast<stage<A>&>(s), p, a, lines), ...);
    for (int i = 0; i < lines; ++i) {
      if (i > 0) ev::go_to(p, a, index);
      (point<A>(static_cast<stage<A>&>(s), p, a, i), ...);
      row(p, a);
      ++index[c.outer - 1];
    }
  }
  template <int A> SINTER_HOST_INLINE static void fill(stage<A>& s, const where& p, const args& a, int lines) {
    if constexpr (c.accesses[A].staged) {
      using S = storage_t<c.accesses[A].type>;
      const std::ptrdiff_t stride = a.access[A].inner;
      const S* from = reinterpret_cast<const S*>(p.access[A]) + a.begin * stride;
      const int length = static_cast<int>(a.end - a.begin);
      transpose<B>(from, stride, s.held[0], tile_length, lines, length);
      if (lines == tile_lines<S>)
        for (int j = 0; j < length; ++j)
          for (int b = 0; b < tile_bytes; b += 64)
            __builtin_prefetch(moved(reinterpret_cast<const char*>(from + j * stride), tile_lines<S> * static_cast<int>(sizeof(S)) + b));
    }
  }
  template <int A> SINTER_HOST_INLINE static void point(const stage<A>& s, where& p, const args& a, int i) {
    if constexpr (c.accesses[A].staged)
      p.access[A] =
          moved(reinterpret_cast<const char*>(s.held[i]), -a.begin * static_cast<extent_t>(sizeof(storage_t<c.accesses[A].type>)));
  }
  SINTER_HOST_INLINE static void advance(extent_t* index, const args& a) {
    if constexpr (c.outer > 0)
      for (int d = c.outer - 1; d >= 0 && ++index[d] == a.outer[d]; --d) index[d] = 0;
  }
  SINTER_HOST_INLINE static void two_rows(where& p, where& q, const args& a) {
    env e, f;
    q.which = 1;
    p.j = q.j = 0, p.count = q.count = 1;
    ev::template row_steps<0, true>(e, p, a);
    ev::template row_steps<0, true>(f, q, a);
    two_loops(e, f, p, q, a, sinter::detail::make_int_list<c.loops>{});
    p.j = q.j = 0, p.count = q.count = 1;
    ev::template row_stores<true>(e, p, a);
    ev::template row_stores<true>(f, q, a);
  }
  template <int... L>
  SINTER_HOST_INLINE static void two_loops(env& e, env& f, where& p, where& q, const args& a, sinter::detail::int_list<L...>) {
    ((loop<L>(e, p, a), loop<L>(f, q, a)), ...);
  }
  SINTER_HOST_INLINE static void row(where& p, const args& a) {
    env e;
    p.j = 0, p.count = 1;
    ev::template row_steps<0, true>(e, p, a);
    loops(e, p, a, sinter::detail::make_int_list<c.loops>{});
    p.j = 0, p.count = 1;
    ev::template row_stores<true>(e, p, a);
  }
  template <int... L> SINTER_HOST_INLINE static void loops(env& e, where& p, const args& a, sinter::detail::int_list<L...>) {
    (loop<L>(e, p, a), ...);
  }

  template <int L> SINTER_HOST_DEVICE static constexpr int reductions_in() {
    int n = 0;
    for (int i = 0; i < ev::size.steps; ++i) n += c.steps[i].reduction >= 0 && (c.steps[i].loops >> L & 1);
    return n;
  }
  template <int L> SINTER_HOST_INLINE static void loop(env& e, where& p, const args& a) {
    if constexpr (reductions_in<L>() == 0) plain_loop<L>(e, p, a);
    else reducing_loop<L>(e, p, a, typename ev::step_list{});
    p.j = 0, p.count = 1;
    ev::template row_steps<L + 1, true>(e, p, a);
  }
  template <int L, bool Full, bool Stream = false> SINTER_HOST_INLINE static void packet(env& e, where& p, const args& a) {
    if constexpr (Full && L == 1 && fetches_ahead) fetch_ahead(p, a, typename ev::access_list{});
    if constexpr (Full && L == 0 && fetches_far) fetch_far(p, typename ev::access_list{});
    ev::template element_steps<L, Full>(e, p, a);
    ev::template element_stores<L, Full, Stream>(e, p, a);
  }
  // The second loop over a row asks for the next row: the first one over it would wait for memory while nothing is computed.
  static constexpr bool fetches_ahead = c.loops > 1 && c.outer > 0 && c.ahead&& N > 1;
  template <int... A> SINTER_HOST_INLINE static void fetch_ahead(const where& p, const args& a, sinter::detail::int_list<A...>) {
    (fetch_access<A>(p, a), ...);
  }
  template <int A> SINTER_HOST_INLINE static void fetch_access(const where& p, const args& a) {
    constexpr fuse::code_access k = c.accesses[A];
    if constexpr (k.kind == fuse::access::memory && !k.indexed && k.inner == reach::unit)
      fetch<A>(moved(p.access[A], ((c.pairs ? 2 : 1) * a.access[A].outer[c.outer - 1] + p.j) * size_of(k.type)));
  }
  // In a long row the first loop asks for what comes some pages later: the processor looks ahead within a page only, and the more is
  // computed, the fewer lines are waited for at once. Moments of 64 MB: 5.4 to 10 Gelem/s.
  static constexpr bool fetches_far = c.reductions > 1 && c.ahead && !c.pairs && N > 1;
  static constexpr std::ptrdiff_t far_bytes = 16384;
  template <int... A> SINTER_HOST_INLINE static void fetch_far(const where& p, sinter::detail::int_list<A...>) {
    (fetch_access_far<A>(p), ...);
  }
  template <int A> SINTER_HOST_INLINE static void fetch_access_far(const where& p) {
    constexpr fuse::code_access k = c.accesses[A];
    if constexpr (k.kind == fuse::access::memory && !k.indexed && k.inner == reach::unit)
      fetch<A>(moved(p.access[A], p.j * size_of(k.type) + far_bytes));
  }
  template <int A> SINTER_HOST_INLINE static void fetch(const char* next) {
    for (int line = 0; line < N * size_of(c.accesses[A].type); line += 64) __builtin_prefetch(moved(next, line));
  }
  template <int L> SINTER_HOST_DEVICE static constexpr bool stores_in() {
    for (int i = 0; i < ev::size.stores; ++i)
      if (c.stores[i].element && c.stores[i].loop == L) return true;
    return false;
  }
  template <int L> SINTER_HOST_INLINE static void plain_loop(env& e, where& p, const args& a) {
    if constexpr (c.stream == fuse::streams::never || !stores_in<L>() || (c.one_body && N > 1)) plain_loop<L, false>(e, p, a);
    else if constexpr (c.stream == fuse::streams::always) plain_loop<L, true>(e, p, a);
    else if (a.stream) plain_loop<L, true>(e, p, a);
    else plain_loop<L, false>(e, p, a);
  }
  template <int L, bool Stream> SINTER_HOST_INLINE static void plain_loop(env& e, where& p, const args& a) {
    constexpr bool cut = c.inner < 0 && c.reductions == 0;
    const extent_t n = c.inner >= 0 ? c.inner : cut ? a.end : a.inner;
    extent_t j = cut ? a.begin : 0;
    if constexpr (c.one_body && N > 1) {
      for (; j < n; j += N) {
        p.j = p.kept = j, p.count = n - j < N ? static_cast<int>(n - j) : N;
        packet<L, false>(e, p, a);
      }
      return;
    }
    p.count = N;
    for (; j + N <= n; j += N) {
      p.j = p.kept = j;
      packet<L, true, Stream>(e, p, a);
    }
    if constexpr (N > 1 && !c.whole)
      if (j < n) {
        p.j = p.kept = j, p.count = static_cast<int>(n - j);
        packet<L, false>(e, p, a);
      }
  }

  // The states of the reductions of one loop: as many packets as make 64 lanes, or only those that a short row fills.
  static constexpr int used_slots = c.inner >= 0 ? (c.inner + N - 1) / N > 1 ? static_cast<int>((c.inner + N - 1) / N) : 1 : slots;
  template <int I> struct lane_state { typename ev::template reducer<I>::template state<N> held[used_slots]; };
  template <class List> struct lane_states;
  template <int... I> struct lane_states<sinter::detail::int_list<I...>> : lane_state<I>... {};

  template <int I, int L> static constexpr bool reduces = c.steps[I].reduction >= 0 && (c.steps[I].loops >> L & 1) != 0;

  template <int L, int... I> static constexpr auto reducing_steps_of(sinter::detail::int_list<I...>) {
    // The steps that reduce in loop L, as a list.
    return join_lists(std::conditional_t<reduces<I, L>, sinter::detail::int_list<I>, sinter::detail::int_list<>>{}...);
  }
  static constexpr sinter::detail::int_list<> join_lists() { return {}; }
  template <int... A> static constexpr sinter::detail::int_list<A...> join_lists(sinter::detail::int_list<A...>) { return {}; }
  template <int... A, int... C, class... Rest>
  static constexpr auto join_lists(sinter::detail::int_list<A...>, sinter::detail::int_list<C...>, Rest... rest) {
    return join_lists(sinter::detail::int_list<A..., C...>{}, rest...);
  }

  template <int L, int... All>
  SINTER_HOST_INLINE static void reducing_loop(env& e, where& p, const args& a, sinter::detail::int_list<All...> all) {
    reduce_loop<L>(e, p, a, decltype(reducing_steps_of<L>(all)){});
  }
  template <int L, int... I>
  SINTER_HOST_INLINE static void reduce_loop(env& e, where& p, const args& a, sinter::detail::int_list<I...> which) {
    const extent_t n = c.inner >= 0 ? c.inner : a.inner;
    if constexpr (c.one_block) {
      lane_states<decltype(which)> s;
      block<L>(e, p, a, s, 0, n, which);
      (finish<I>(e, fold_slots<I>(s, 0)), ...);
    } else {
      block_trees<decltype(which)> t;
      extent_t begin = 0;
      do {
        const extent_t end = begin + fuse::reduction_block < n ? begin + fuse::reduction_block : n;
        lane_states<decltype(which)> s;
        block<L>(e, p, a, s, begin, end, which);
        (push<I>(t, fold_slots<I>(s, begin)), ...);
        begin = end;
      } while (begin < n);
      (finish<I>(e, static_cast<block_tree<I>&>(t).held.result()), ...);
    }
  }
  // After folding: arg reductions carry an index that counts from the start of the row.
  template <int I> struct folded {
    using reducer = typename ev::template reducer<I>;
    using state = typename reducer::template state<1>;
  };
  template <int I> struct block_tree { block_row<typename folded<I>::reducer> held; };
  template <class List> struct block_trees;
  template <int... I> struct block_trees<sinter::detail::int_list<I...>> : block_tree<I>... {};
  template <int I, class T, class S> SINTER_HOST_INLINE static void push(T& t, const S& s) { static_cast<block_tree<I>&>(t).held.push(s); }

  template <int L, class States, int... I> SINTER_HOST_INLINE static void block(env& e, where& p, const args& a, States& s, extent_t begin,
                                                                                extent_t end, sinter::detail::int_list<I...>) {
    (clear<I>(s), ...);
    p.count = N;
    extent_t j = begin;
    int slot = 0;
    for (; j + N <= end; j += N) {
      p.j = p.kept = j;
      packet<L, true>(e, p, a);
      (combine<I, true>(e, static_cast<lane_state<I>&>(s).held[used_slots == 1 ? 0 : slot], j, N), ...);
      if constexpr (used_slots > 1) slot = slot + 1 == slots ? 0 : slot + 1;
    }
    if constexpr (N > 1 && !c.whole)
      if (j < end) {
        p.j = p.kept = j, p.count = static_cast<int>(end - j);
        packet<L, false>(e, p, a);
        (combine<I, false>(e, static_cast<lane_state<I>&>(s).held[used_slots == 1 ? 0 : slot], j, p.count), ...);
      }
  }
  template <int I, class States> SINTER_HOST_INLINE static void clear(States& s) {
    for (int k = 0; k < used_slots; ++k) static_cast<lane_state<I>&>(s).held[k] = ev::template reducer<I>::template identity<N>();
  }
  template <int I, bool Full, class State> SINTER_HOST_INLINE static void combine(env& e, State& s, extent_t j, int count) {
    using R = typename ev::template reducer<I>;
    const auto next = R::template accumulate<N>(s, ev::template at<c.steps[I].operand[0]>(e), j);
    if constexpr (Full) s = next;
    else {
      constexpr int bytes = c.steps[I].from == dtype::boolean ? c.mask_bytes : static_cast<int>(sizeof(register_of<c.steps[I].from>));
      s = R::template keep<N>(first_lanes<B, bytes, N>(count), next, s);
    }
  }
  template <int I, class States> SINTER_HOST_INLINE static auto fold_slots(States& s, extent_t) {
    using R = typename ev::template reducer<I>;
    auto* held = static_cast<lane_state<I>&>(s).held;
    if constexpr (used_slots > 1)
      for (int half = slots / 2; half > 0; half /= 2)
        for (int k = 0; k < half; ++k)
          if (k + half < used_slots) held[k] = R::template combine<N>(held[k], held[k + half]);
    return fold_state<R, N>(held[0]);
  }
  template <int I, class State> SINTER_HOST_INLINE static void finish(env& e, const State& s) {
    using R = typename ev::template reducer<I>;
    const auto x = R::template finish<1>(s);
    if constexpr (c.steps[I].type == dtype::boolean) ev::template at<I>(e) = broadcast_mask<B, c.mask_bytes, N>(first(x));
    else ev::template at<I>(e) = round_to<storage_t<c.steps[I].type>>(broadcast<B, register_of<c.steps[I].type>, N>(first(x)));
  }
};

}  // namespace simd
}  // namespace SINTER_ISA
}  // namespace sinter
