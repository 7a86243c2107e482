// SPDX-License-Identifier: Apache-2.0
// Row programs: a warp, a block or a cluster of blocks has a row, whose elements stay in registers through all phases if there is room; a
// longer row is read again in each phase.
#pragma once

#include <sinter/cuda/block.hpp>
#include <sinter/cuda/place.hpp>

namespace sinter {
inline namespace SINTER_ISA {
namespace cuda_kernels {

// How a row is cut: so many threads, with so many packets each; 0 packets: as many as it takes, one after the other.
struct row_cut {
  int threads = 256, packets = 0, cluster = 1;
};
// Up to 32 elements a thread; rows of so few that a warp holds them need no block to wait for.
constexpr row_cut cut_of_row(extent_t n, int v) {
  if (n < 0) return {256, 0};
  const int most = 32 / v;
  for (int threads = 32; threads <= 1024; threads *= 2) {
    const extent_t packets = (n + v * threads - 1) / (v * threads);
    const bool roomy = threads == 32 ? packets <= most : packets <= (threads < 512 ? most / 2 : most);
    if (roomy) return {threads, static_cast<int>(packets > 0 ? packets : 1)};
  }
  return {1024, 0};
}

// How many values of an element a row program keeps from one loop to the next, at most.
template <class Code> constexpr int values_kept(const Code& c) {
  const auto first_loop = [](unsigned loops) {
    int l = 0;
    while (l < 16 && !(loops >> l & 1)) ++l;
    return l;
  };
  int most = 1;
  for (int l = 1; l < c.loops; ++l) {
    int kept = 0;
    for (int i = 0; i < Code::size.steps; ++i) {
      if (!c.steps[i].element || c.steps[i].reduction >= 0 || first_loop(c.steps[i].loops) >= l) continue;
      bool needed = false;
      for (int s = 0; s < Code::size.stores; ++s) needed |= c.stores[s].element && c.stores[s].step == i && c.stores[s].loop >= l;
      for (int k = i + 1; k < Code::size.steps; ++k)
        for (int o = 0; o < c.steps[k].operands; ++o)
          needed |= c.steps[k].operand[o] == i && (c.steps[k].element || c.steps[k].reduction >= 0) && first_loop(c.steps[k].loops) >= l;
      kept += needed;
    }
    most = kept > most ? kept : most;
  }
  return most;
}
// Rows that one block does not keep well: over blocks as small as hold them, with 32 registers of elements a thread. Of 65 to 80 registers
// in all a multiprocessor has three blocks of 256 threads, but one of 512; with 1024 an element that takes several may spill. A cluster of
// one: too long, or not long enough.
constexpr row_cut cut_over_cluster(extent_t n, int v, int registers) {
  if (n <= 16384) return {};
  const int most = 32 / v / registers > 0 ? 32 / v / registers : 1;
  if (n > 8192 * 32) return {};
  const auto packets = [&](int threads) { return static_cast<int>((n + v * threads - 1) / (v * threads)); };
  for (int threads = 256; threads <= 1024; threads *= 2)
    for (int cluster = 2; cluster <= 8; cluster *= 2)
      if (packets(threads * cluster) <= most) return {threads, packets(threads * cluster), cluster};
  return {1024, packets(8192), 8};
}
// Rows whose length is known at run time: 16384 registers of elements a block, of aligned packets alone.
constexpr row_cut open_cut_over_cluster(int v, int registers) {
  return v == 1 || 32 / v / registers == 0 ? row_cut{} : row_cut{512, 32 / v / registers, 8};
}

// Open: of a cluster only the blocks that a row needs, whose length is known at run time.
template <class Key, int V, int Threads, int Packets, int Cluster = 1, bool Open = false> struct rows_program : placed<Key, V> {
  using base = placed<Key, V>;
  using base::c, typename base::ev, typename base::args, typename base::where, typename base::env;
  static constexpr bool kept = Packets > 0;
  static constexpr const char* name = Cluster > 1 ? "rows over clusters" : "rows";
  static constexpr int cluster = Cluster, across = Threads * Cluster, threads = Threads == warp_threads ? 128 : Threads;
  static constexpr int rows_at_once = Cluster > 1 ? 1 : threads / across, packets = kept ? Packets : 1, phases = base::parts::loops + 1;

  template <int I> using reducer = typename ev::template reducer<I>;
  template <int I> struct part_of { typename reducer<I>::template state<1> held; };
  template <class List> struct parts;
  template <int... I> struct parts<int_list<I...>> : part_of<I>... {};

  template <int P> using reductions = typename base::template reductions<P>;
  template <int> static constexpr bool shares = false;

  // Elements stay as steps left them, if they are kept, each with what belongs to the row.
  struct thread {
    env e[packets * V], row;
    where p;
    bool exists;
    parts<typename base::all_reductions> part;
  };
  struct shared {};
  template <int I> SINTER_INLINE static auto& state(thread& me) { return static_cast<part_of<I>&>(me.part).held; }

  // Elements that the largest cluster keeps.
  static constexpr extent_t most = static_cast<extent_t>(across) * Packets * V;
  SINTER_INLINE static constexpr int cluster_of([[maybe_unused]] const args& a) {
    int n = cluster;
    if constexpr (Open)
      while (n > 1 && a.inner <= most / cluster * (n / 2)) n /= 2;
    return n;
  }
  SINTER_INLINE static constexpr extent_t blocks(const args& a, extent_t rows) {
    return (rows + rows_at_once - 1) / rows_at_once * cluster_of(a);
  }

  // Phase P is loop P; the last one stores what belongs to the row.
  template <int P> SINTER_INLINE static void phase(const args& a, extent_t block, int t, thread& me, shared&) {
    const auto number = static_cast<std::uint32_t>(block), row_blocks = static_cast<std::uint32_t>(cluster_of(a));
    const int row_threads = Cluster > 1 ? static_cast<int>(row_blocks) * threads : across;
    const int lane = Cluster > 1 ? static_cast<int>(number % row_blocks) * threads + t : t % across;
    if constexpr (P == 0) {
      extent_t rows = 1;
      for (int d = 0; d < base::outer; ++d) rows *= a.outer[d];
      const extent_t r = Cluster > 1 ? static_cast<extent_t>(number / row_blocks) : block * rows_at_once + t / across;
      me.exists = r < rows;  // a warp without a row of its own computes the last one again
      base::go_to_row(me.p, a, me.exists ? r : rows - 1);
      me.p.kept = 0, me.p.count = 1, me.p.lane = 0;
    } else {
      finish(me, reductions<P - 1>{});
    }
    me.p.j = 0;
    ev::template row_steps<P, true>(me.row, me.p, a);
    clear(me, reductions<P>{});
    if constexpr (P < base::parts::loops && kept) {
      SINTER_UNROLL
      for (int k = 0; k < packets; ++k) packet<P>(a, static_cast<extent_t>(k * row_threads + lane) * V, me, me.e + k * V);
    } else if constexpr (P < base::parts::loops) {
      for (extent_t j = static_cast<extent_t>(lane) * V; j < a.inner; j += across * V) packet<P>(a, j, me, me.e);
    } else if (lane == 0 && me.exists) {
      ev::template row_stores<true>(me.row, me.p, a);
    }
  }

 protected:
  template <int L> SINTER_INLINE static void packet(const args& a, extent_t j, thread& me, env* e) {
    if (j >= a.inner) return;
    base::template read<L, kept>(me.p, j);
    compute<L>(a, j, me, me.p, e);
  }
  // What was read at `p`.
  template <int L> SINTER_INLINE static void compute(const args& a, extent_t j, thread& me, where& p, env* e) {
    SINTER_UNROLL
    for (int l = 0; l < V; ++l) {
      p.j = j + l, p.lane = l;
      take_row<L>(me, e[l], typename ev::step_list{});
      ev::template element_steps<L, true, kept>(e[l], p, a);
      if (me.exists) ev::template element_stores<L, true, false>(e[l], p, a);
      accumulate_all(me, e[l], j + l, reductions<L>{});
    }
    if (me.exists) base::template write<L>(p, j);
  }
  template <int... I> SINTER_INLINE static void accumulate_all(thread& me, env& e, [[maybe_unused]] extent_t j, int_list<I...>) {
    ((state<I>(me) = reducer<I>::template accumulate<1>(state<I>(me), ev::template at<base::parts::template step_at<I>.operand[0]>(e), j)),
     ...);
  }
  template <int... I> SINTER_INLINE static void clear(thread& me, int_list<I...>) {
    ((state<I>(me) = reducer<I>::template identity<1>()), ...);
  }

 private:
  template <int... I> SINTER_INLINE static void finish(thread& me, int_list<I...>) { (finish_one<I>(me), ...); }
  template <int I> SINTER_INLINE static void finish_one(thread& me) {
    const auto x = reducer<I>::template finish<1>(state<I>(me));
    auto& to = ev::template at<I>(me.row);
    if constexpr (base::parts::template step_at<I>.type == dtype::boolean)
      to = simd::broadcast_mask<backend::cuda, base::parts::mask_bytes, 1>(simd::first(x));
    else
      to = simd::round_to<storage_t<base::parts::template step_at<I>.type>>(
          simd::broadcast<backend::cuda, simd::register_of<base::parts::template step_at<I>.type>, 1>(simd::first(x)));
  }
  static constexpr bool is_fresh_step(const fuse::code_step& s, int phase, bool reduced_before) {
    if (s.reduction >= 0) return phase > 0 && (kept ? reduced_before : s.depth <= phase);
    return !s.element && (kept ? s.depth == phase : s.depth <= phase);
  }
  // A constant of its own: device code takes no references to what lies on the host.
  template <int P, int I>
  static constexpr bool is_fresh = is_fresh_step(base::parts::template step_at<I>, P, base::template reduces<I, P - 1>);
  // What belongs to the row and is known since this phase began, for an element.
  template <int P, int... I> SINTER_INLINE static void take_row(const thread& me, env& e, int_list<I...>) { (take_step<P, I>(me, e), ...); }
  template <int P, int I> SINTER_INLINE static void take_step(const thread& me, env& e) {
    if constexpr (is_fresh<P, I>) ev::template at<I>(e) = ev::template at<I>(const_cast<thread&>(me).row);
  }
};

}  // namespace cuda_kernels
}  // namespace SINTER_ISA
}  // namespace sinter
