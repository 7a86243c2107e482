// SPDX-License-Identifier: Apache-2.0
// Column programs: reductions over an axis that is not the innermost one. Eight warps of a block share a strip of columns, one packet a
// lane, and take turns along the reduced axis; tall columns are cut into parts, each a block of its own, the last of which to finish
// combines what all of them left in memory.
#pragma once

#include <sinter/cuda/arch/arrival.hpp>
#include <sinter/cuda/block.hpp>
#include <sinter/cuda/place.hpp>

namespace sinter {
inline namespace SINTER_ISA {
namespace cuda_kernels {

template <class Key, int V> struct columns_program : placed<Key, V> {
  using base = placed<Key, V>;
  using base::c, typename base::ev, typename base::where, typename base::env;
  static constexpr const char* name = "columns";
  static constexpr int across = warp_threads, strands = 8, threads = strands * warp_threads;
  // Loop by loop; then, of tall columns, the parts that other blocks left.
  static constexpr int phases = base::parts::loops + 2;

  template <int I> using reducer = typename ev::template reducer<I>;
  template <int I> struct state_of { typename reducer<I>::template state<1> lane[V]; };
  template <int> using reductions = int_list<>;
  template <int> static constexpr bool shares = true;
  template <int... S> static constexpr bool stores_elements(int_list<S...>) { return (base::parts::template store_at<S>.element || ...); }
  // Whether a column may be cut: nothing is done to its elements after it is reduced.
  static constexpr bool may_be_cut = base::parts::loops == 1 && !stores_elements(sinter::detail::make_int_list<ev::size.stores>{});

  template <int I> struct part_of { state_of<I> of[strands][warp_threads]; };
  template <int I> struct left_of { state_of<I> held; };
  template <class List> struct parts;
  template <int... I> struct parts<int_list<I...>> : part_of<I>... {};
  template <class List> struct leaves;
  template <int... I> struct leaves<int_list<I...>> : left_of<I>... {};
  using all = typename base::all_reductions;
  using left = leaves<all>;  // what a thread leaves of a part of a column

  using args = cut_arguments<ev::size.accesses, ev::size.stores, ev::size.guards, base::outer>;
  struct thread {
    env e[V];
    where p;
    left sum;
    extent_t index[base::outer + 2], j, strip, cut;
    bool exists;
  };
  struct shared {
    parts<all> part;
    bool last;
  };

  SINTER_HOST_DEVICE static constexpr extent_t strips_in_row(const typename base::args& a) {
    return (a.inner / V + warp_threads - 1) / warp_threads;
  }
  SINTER_HOST_DEVICE static constexpr extent_t blocks(const args& a, extent_t rows) { return rows * strips_in_row(a) * a.cuts; }
  // Parts of a column: so many blocks that a large GPU is busy, of at least 16 rows a strand.
  static constexpr extent_t cuts_of(const typename base::args& a, extent_t rows) {
    const extent_t strips = rows * strips_in_row(a), busy = 1024, least = 16 * strands;
    if (!may_be_cut || strips >= busy || strips == 0) return 1;
    const extent_t wanted = busy / strips, possible = a.loop / least;
    return wanted < possible ? wanted : possible > 0 ? possible : 1;
  }
  static constexpr extent_t scratch_bytes(extent_t strips, extent_t cuts) {
    return cuts == 1 ? 0 : strips * cuts * warp_threads * static_cast<extent_t>(sizeof(left));
  }

  template <int P> SINTER_INLINE static void phase(const args& a, extent_t block, int t, thread& me, shared& with) {
    const int lane = t % warp_threads, strand = t / warp_threads;
    if constexpr (P == 0) begin(a, block, lane, me);
    if constexpr (P > 0 && P <= base::parts::loops) {
      if (me.exists) combine_strands<P>(a, lane, me, with, typename base::template reductions<P - 1>{});
    }
    if constexpr (P < base::parts::loops) {
      to_top(a, me);
      if (me.exists) row_steps<P>(a, me);
      if (me.exists) loop<P>(a, strand, lane, me, with, typename base::template reductions<P>{});
    } else if constexpr (P == base::parts::loops) {
      if (a.cuts == 1) return finish(a, strand, me);
      if (strand != 0) return;
      if (me.exists) static_cast<left*>(a.partial)[(me.strip * a.cuts + me.cut) * warp_threads + lane] = me.sum;
      arch::publish();
      arch::synchronize_warp();
      if (lane != 0) return;
      with.last = arch::arrive(a.arrived + me.strip) == a.cuts - 1;
      arch::acquire();  // by the thread that counted; the others meet it at the barrier
    } else {
      if (a.cuts == 1 || strand != 0 || !with.last) return;
      if (lane == 0) a.arrived[me.strip] = 0;
      if (!me.exists) return;
      const left* from = static_cast<const left*>(a.partial) + me.strip * a.cuts * warp_threads + lane;
      me.sum = from[0];
      for (extent_t k = 1; k < a.cuts; ++k) add(me, from[k * warp_threads], all{});
      results(a, me, all{});
      finish(a, strand, me);
    }
  }

 private:
  SINTER_INLINE static void begin(const args& a, extent_t block, int lane, thread& me) {
    const extent_t strips = strips_in_row(a);
    me.strip = a.cuts == 1 ? block : block / a.cuts;
    me.cut = a.cuts == 1 ? 0 : block - me.strip * a.cuts;
    extent_t r = me.strip / strips;
    const extent_t packet = (me.strip - r * strips) * warp_threads + lane;
    me.exists = packet < a.inner / V;
    me.j = me.exists ? packet * V : 0;
    if constexpr (base::outer > 0)
      for (int d = base::outer - 1; d >= 0; --d) {
        const extent_t n = a.outer[d] > 0 ? a.outer[d] : 1, q = base::quotient(r, n);
        me.index[d] = r - q * n, r = q;
      }
    to_top(a, me);
  }
  SINTER_INLINE static void to_top(const args& a, thread& me) {
    me.index[base::outer] = 0;
    base::go_to(me.p, a, me.index);
    me.p.j = me.j, me.p.kept = 0, me.p.count = 1, me.p.lane = 0;
  }
  template <int L, int... I> SINTER_INLINE static void loop(const args& a, int strand, [[maybe_unused]] int lane, thread& me,
                                                            [[maybe_unused]] shared& with, int_list<I...> list) {
    [[maybe_unused]] leaves<decltype(list)> s;
    (clear<I>(static_cast<left_of<I>&>(s).held), ...);
    const extent_t first = me.cut * a.loop / a.cuts, last = (me.cut + 1) * a.loop / a.cuts;
    for (extent_t r = first + strand; r < last; r += strands) {
      me.index[base::outer] = r;
      base::go_to(me.p, a, me.index);
      base::template read<L, false>(me.p, me.j);
      SINTER_UNROLL
      for (int l = 0; l < V; ++l) {
        me.p.j = me.j + l, me.p.lane = l;
        ev::template element_steps<L, true>(me.e[l], me.p, a);
        ev::template element_stores<L, true, false>(me.e[l], me.p, a);
        (accumulate<I>(me.e[l], static_cast<left_of<I>&>(s).held.lane[l], r), ...);
      }
      base::template write<L>(me.p, me.j);
    }
    ((static_cast<part_of<I>&>(with.part).of[strand][lane] = static_cast<left_of<I>&>(s).held), ...);
  }
  template <int I> SINTER_INLINE static void clear(state_of<I>& s) {
    SINTER_UNROLL
    for (int l = 0; l < V; ++l) s.lane[l] = reducer<I>::template identity<1>();
  }
  template <int I, class State> SINTER_INLINE static void accumulate(env& e, State& s, extent_t r) {
    s = reducer<I>::template accumulate<1>(s, ev::template at<base::parts::template step_at<I>.operand[0]>(e), r);
  }
  template <int I> SINTER_INLINE static void add(state_of<I>& s, const state_of<I>& more) {
    SINTER_UNROLL
    for (int l = 0; l < V; ++l) s.lane[l] = reducer<I>::template combine<1>(s.lane[l], more.lane[l]);
  }
  template <int P> SINTER_INLINE static void row_steps(const args& a, thread& me) {
    SINTER_UNROLL
    for (int l = 0; l < V; ++l) {
      me.p.j = me.j + l, me.p.lane = l;
      ev::template row_steps<P, true>(me.e[l], me.p, a);
    }
  }
  template <int P, int... I> SINTER_INLINE static void combine_strands(const args& a, [[maybe_unused]] int lane, thread& me,
                                                                       [[maybe_unused]] shared& with, int_list<I...>) {
    (combine_one<I>(lane, me, with), ...);
    to_top(a, me);
    row_steps<P>(a, me);
  }
  template <int I> SINTER_INLINE static void combine_one(int lane, thread& me, shared& with) {
    auto& of = static_cast<part_of<I>&>(with.part).of;
    auto s = of[0][lane];
    for (int k = 1; k < strands; ++k) add<I>(s, of[k][lane]);
    static_cast<left_of<I>&>(me.sum).held = s;
    result<I>(me, s);
  }
  template <int I> SINTER_INLINE static void result(thread& me, const state_of<I>& s) {
    SINTER_UNROLL
    for (int l = 0; l < V; ++l) {
      const auto x = reducer<I>::template finish<1>(s.lane[l]);
      if constexpr (base::parts::template step_at<I>.type == dtype::boolean) ev::template at<I>(me.e[l]) = x;
      else ev::template at<I>(me.e[l]) = simd::round_to<storage_t<base::parts::template step_at<I>.type>>(x);
    }
  }
  template <int... I> SINTER_INLINE static void add(thread& me, const left& from, int_list<I...>) {
    (add<I>(static_cast<left_of<I>&>(me.sum).held, static_cast<const left_of<I>&>(from).held), ...);
  }
  template <int... I> SINTER_INLINE static void results(const args& a, thread& me, int_list<I...>) {
    (result<I>(me, static_cast<left_of<I>&>(me.sum).held), ...);
    row_steps<1>(a, me);
  }
  SINTER_INLINE static void finish(const args& a, int strand, thread& me) {
    if (strand != 0 || !me.exists) return;
    SINTER_UNROLL
    for (int l = 0; l < V; ++l) {
      me.p.j = me.j + l, me.p.lane = l;
      ev::template row_stores<true>(me.e[l], me.p, a);
    }
    write_columns(me.p, me.j, sinter::detail::make_int_list<ev::size.stores>{});
  }
  template <int... S> SINTER_INLINE static void write_columns(where& p, [[maybe_unused]] extent_t j, int_list<S...>) {
    (write_column<S>(p, j), ...);
  }
  template <int S> SINTER_INLINE static void write_column(where& p, extent_t j) {
    if constexpr (!base::parts::template store_at<S>.element) p.write(j, int_list<S>{});
  }
};

}  // namespace cuda_kernels
}  // namespace SINTER_ISA
}  // namespace sinter
