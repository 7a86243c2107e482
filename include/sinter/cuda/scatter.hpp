// SPDX-License-Identifier: Apache-2.0
// Scatter: every element of the result belongs to one thread, which applies its updates in their row-major order, so that results do not
// depend on who comes first. Where an offset belongs to a row of updates, a thread looks at its own elements only; where each update has
// an offset, every thread looks at all of them.
#pragma once

#include <sinter/cuda/block.hpp>
#include <sinter/cuda/place.hpp>

namespace sinter {
inline namespace SINTER_ISA {
namespace cuda_kernels {

template <int Accesses, int Stores, int Guards, int Outer> struct scatter_arguments : fuse::arguments<Accesses, Stores, Guards, Outer> {
  extent_t owners = 0;  // threads in all
};

template <class Key> struct scatter_program : placed<Key, 0> {
  using base = placed<Key, 0>;
  using base::c, typename base::ev, typename base::where, typename base::env;
  static constexpr const char* name = "scatter";
  static constexpr int threads = 128, across = warp_threads, phases = 1;
  using args = scatter_arguments<ev::size.accesses, ev::size.stores, ev::size.guards, base::outer>;
  struct thread {};
  struct shared {};
  template <int> using reductions = int_list<>;
  template <int> static constexpr bool shares = false;
  static constexpr fuse::code_store store = c.stores[0];
  static_assert(ev::size.stores == 1, "sinter: a scatter with several results; this is an error of sinter");

  // As many as there are elements in a row where that suffices; else enough to share the looking.
  static constexpr extent_t owners_of(const typename base::args& a) {
    const extent_t n = store.apart ? 4096 : a.inner < 65536 ? a.inner : 65536;
    return n < 1 ? 1 : n;
  }
  SINTER_HOST_DEVICE static constexpr extent_t blocks(const args& a, extent_t rows) {
    return rows == 0 || a.inner == 0 ? 0 : (a.owners + threads - 1) / threads;
  }

  template <int> SINTER_INLINE static void phase(const args& a, extent_t block, int t, thread&, shared&) {
    const extent_t me = block * threads + t;
    if (me >= a.owners) return;
    extent_t rows = 1;
    for (int d = 0; d < base::outer; ++d) rows *= a.outer[d];
    env e;
    where p;
    const extent_t step = a.store[0].inner;
    for (extent_t r = 0; r < rows; ++r) {
      base::go_to_row(p, a, r);
      p.j = p.kept = 0, p.count = 1;
      ev::template row_steps<0, true>(e, p, a);
      const extent_t row = (p.store[0] - a.store[0].base) / size_of(store.type);
      if constexpr (!store.element) {
        if (is_mine(a, me, row + offset(e))) ev::template write<0, true, false>(e, p, a);
      } else if (!store.apart && step == 1) {
        extent_t j = (me - row - offset(e)) % a.owners;
        for (j = j < 0 ? j + a.owners : j; j < a.inner; j += a.owners) {
          to_element(e, p, a, j);
          ev::template write<0, true, false>(e, p, a);
        }
      } else {
        for (extent_t j = 0; j < a.inner; ++j) {
          to_element(e, p, a, j);
          if (is_mine(a, me, row + j * step + offset(e))) ev::template write<0, true, false>(e, p, a);
        }
      }
    }
  }

 private:
  // Negative: outside, and dropped where it is written.
  SINTER_INLINE static extent_t offset(env& e) {
    return static_cast<extent_t>(simd::first(ev::template at<base::parts::c.steps[store.step].operand[0]>(e)));
  }
  SINTER_INLINE static bool is_mine(const args& a, extent_t me, extent_t element) { return (element - me) % a.owners == 0; }
  SINTER_INLINE static void to_element(env& e, where& p, const args& a, extent_t j) {
    p.j = j;
    ev::template element_steps<0, true>(e, p, a);
  }
};

}  // namespace cuda_kernels
}  // namespace SINTER_ISA
}  // namespace sinter
