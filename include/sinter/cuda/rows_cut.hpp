// SPDX-License-Identifier: Apache-2.0
// Reductions of rows that are longer than what a block keeps in registers: each is cut into parts, a block of its own each, the last of
// which to finish combines what all of them left in memory. Not for row programs that need their elements again afterwards.
#pragma once

#include <sinter/cuda/arch/arrival.hpp>
#include <sinter/cuda/rows.hpp>

namespace sinter {
inline namespace SINTER_ISA {
namespace cuda_kernels {

template <class Key, int V> struct cut_rows_program : rows_program<Key, V, 256, 0> {
  using base = rows_program<Key, V, 256, 0>;
  using base::threads, typename base::ev, typename base::where;
  static_assert(simd::code_parts<Key>::loops == 1, "elements that are needed again");
  static constexpr const char* name = "cut rows";
  // The parts of elements; what they left; the parts of others; their results.
  static constexpr int phases = 4;
  // In flight, as in map.hpp.
  static constexpr int at_once = ev::size.steps > 24 ? 1 : V == 1 ? 4 : 2;

  using all = typename base::all_reductions;
  template <int P> using reductions = std::conditional_t<P == 0 || P == 2, all, int_list<>>;
  template <int P> static constexpr bool shares = P == 1;

  using args = cut_arguments<ev::size.accesses, ev::size.stores, ev::size.guards, base::outer>;
  using thread = typename base::thread;
  using left = decltype(thread::part);
  struct shared {
    bool last;
    typename base::shared of_row;
  };

  SINTER_HOST_DEVICE static constexpr extent_t strips_in_row(const typename base::args&) { return 1; }
  SINTER_HOST_DEVICE static constexpr extent_t blocks(const args& a, extent_t rows) { return rows * a.cuts; }
  // Parts of a row: so many blocks that a large GPU is busy with one, of at least 16 elements a thread. How many rows there are does not
  // matter, so that the bits of one do not depend on the others.
  static constexpr extent_t cuts_of(const typename base::args& a, extent_t) {
    const extent_t busy = 1024, possible = a.inner / (16 * threads), cuts = possible < busy ? possible : busy;
    return cuts > 0 ? cuts : 1;
  }
  static constexpr extent_t scratch_bytes(extent_t rows, extent_t cuts) {
    return cuts == 1 ? 0 : rows * cuts * static_cast<extent_t>(sizeof(left));
  }

  template <int P> SINTER_INLINE static void phase(const args& a, extent_t block, int t, thread& me, shared& with) {
    const extent_t row = a.cuts == 1 ? block : base::quotient(block, a.cuts), cut = a.cuts == 1 ? 0 : block - row * a.cuts;
    if constexpr (P == 0) {
      base::go_to_row(me.p, a, row);
      me.p.kept = 0, me.p.count = 1, me.p.lane = 0, me.p.j = 0;
      me.exists = true;
      ev::template row_steps<0, true>(me.row, me.p, a);
      base::clear(me, all{});
      take_part(a, cut * (a.inner / V) / a.cuts + t, (cut + 1) * (a.inner / V) / a.cuts, me);
    } else if constexpr (P == 1) {
      if (a.cuts == 1) return base::template phase<1>(a, row, t, me, with.of_row);
      if (t != 0) return;
      static_cast<left*>(a.partial)[block] = me.part;
      arch::publish();
      with.last = arch::arrive(a.arrived + row) == a.cuts - 1;
      arch::acquire();  // by the thread that counted; the others meet it at the barrier
    } else if constexpr (P == 2) {
      if (t == 0) a.arrived[row] = 0;
      base::clear(me, all{});
      const left* const from = static_cast<const left*>(a.partial) + row * a.cuts;
      for (extent_t k = t; k < a.cuts; k += threads) add(me, from[k], all{});
    } else {
      base::template phase<1>(a, row, t, me, with.of_row);
    }
  }
  template <int P> SINTER_INLINE static bool is_over(const args& a, const shared& with) { return P == 1 && (a.cuts == 1 || !with.last); }

 private:
  // Packets `k`, k + threads, ... before the last one: several are loaded before the first is computed.
  SINTER_INLINE static void take_part(const args& a, extent_t k, extent_t last, thread& me) {
    where at[at_once];
    SINTER_UNROLL
    for (int i = 0; i < at_once; ++i) at[i] = me.p;
    for (; k + (at_once - 1) * threads < last; k += at_once * threads) {
      SINTER_UNROLL
      for (int i = 0; i < at_once; ++i) base::template read<0, false>(at[i], (k + i * threads) * V);
      SINTER_UNROLL
      for (int i = 0; i < at_once; ++i) base::template compute<0>(a, (k + i * threads) * V, me, at[i], me.e);
    }
    for (; k < last; k += threads) {
      base::template read<0, false>(me.p, k * V);
      base::template compute<0>(a, k * V, me, me.p, me.e);
    }
  }
  template <int... I> SINTER_INLINE static void add(thread& me, const left& more, int_list<I...>) { (add_one<I>(me, more), ...); }
  template <int I> SINTER_INLINE static void add_one(thread& me, const left& more) {
    auto& s = base::template state<I>(me);
    s = base::template reducer<I>::template combine<1>(s, static_cast<const typename base::template part_of<I>&>(more).held);
  }
};

}  // namespace cuda_kernels
}  // namespace SINTER_ISA
}  // namespace sinter
