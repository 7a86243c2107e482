// SPDX-License-Identifier: Apache-2.0
// Maps that read an array along its columns: tiles of 32 by 32 of the last outer loop and the inner one, for which such operands are read
// along their rows into shared memory first.
#pragma once

#include <sinter/cuda/block.hpp>
#include <sinter/cuda/place.hpp>

namespace sinter {
inline namespace SINTER_ISA {
namespace cuda_kernels {

template <class Key> struct transpose_program : placed<Key, 0> {
  using base = placed<Key, 0>;
  using base::c, typename base::ev, typename base::args, typename base::where, typename base::env;
  static constexpr const char* name = "transpose";
  static constexpr int tile = 32, strands = 8, threads = strands * warp_threads, across = warp_threads, phases = 2;
  static constexpr int lines = tile / strands, last = base::outer - 1;
  template <int> using reductions = int_list<>;
  template <int> static constexpr bool shares = true;

  template <int A, bool Staged = base::parts::template access_at<A>.staged> struct stage {
    storage_t<base::parts::template access_at<A>.type> held[tile][tile + 1];
  };
  template <int A> struct stage<A, false> {};
  template <class List> struct stages;
  template <int... A> struct stages<int_list<A...>> : stage<A>... {};
  struct thread {};
  using shared = stages<typename ev::access_list>;

  SINTER_HOST_DEVICE static constexpr extent_t tiles(extent_t n) { return (n + tile - 1) / tile; }
  SINTER_HOST_DEVICE static constexpr extent_t blocks(const args& a, extent_t rows) {
    return rows == 0 ? 0 : rows / a.outer[last] * tiles(a.outer[last]) * tiles(a.inner);
  }
  template <int P> SINTER_INLINE static void phase(const args& a, extent_t block, int t, thread&, shared& with) {
    const extent_t across_inner = tiles(a.inner), across_last = tiles(a.outer[last]);
    const extent_t line = base::quotient(block, across_inner), j0 = (block - line * across_inner) * tile;
    const extent_t before = base::quotient(line, across_last), i0 = (line - before * across_last) * tile;
    const extent_t row = before * a.outer[last] + i0;
    const int lane = t % warp_threads, strand = t / warp_threads;
    if constexpr (P == 0) {
      where p;
      base::go_to_row(p, a, row);
      fill(p, a, with, i0, j0, lane, strand, typename ev::access_list{});
    } else {
      if (j0 + lane >= a.inner) return;
      own o[lines];
      compute_all(o, a, with, row, i0, j0, lane, strand, sinter::detail::make_int_list<lines>{});
    }
  }

 private:
  struct own {
    env e;
    where p;
    bool exists;
  };
  template <int... A> SINTER_INLINE static void fill(const where& p, const args& a, shared& with, extent_t i0, extent_t j0, int lane,
                                                     int strand, int_list<A...>) {
    (fill_one<A>(p, a, static_cast<stage<A>&>(with), i0, j0, lane, strand), ...);
  }
  // Lane i of a warp reads row i0 + i at column j0 + strand, ...: beside each other in memory.
  template <int A>
  SINTER_INLINE static void fill_one(const where& p, const args& a, stage<A>& s, extent_t i0, extent_t j0, int lane, int strand) {
    if constexpr (base::parts::template access_at<A>.staged) {
      const auto* from = reinterpret_cast<const storage_t<base::parts::template access_at<A>.type>*>(p.access[A]);
      if (i0 + lane < a.outer[last])
        for (int k = strand; k < tile; k += strands)
          if (j0 + k < a.inner) s.held[lane][k] = from[lane * a.access[A].outer[last] + (j0 + k) * a.access[A].inner];
    }
  }
  template <int... K> SINTER_INLINE static void compute_all(own* o, const args& a, shared& with, extent_t row, extent_t i0, extent_t j0,
                                                            int lane, int strand, int_list<K...>) {
    (compute(o[K], a, with, row, i0, j0, lane, strand + K * strands, typename ev::access_list{}), ...);
    (store(o[K], a), ...);
  }
  template <int... A> SINTER_INLINE static void compute(own& o, const args& a, shared& with, extent_t row, extent_t i0, extent_t j0,
                                                        int lane, int i, int_list<A...>) {
    o.exists = i0 + i < a.outer[last];
    if (!o.exists) return;
    base::go_to_row(o.p, a, row + i);
    o.p.j = j0 + lane, o.p.kept = 0, o.p.count = 1;
    (point<A>(o.p, static_cast<stage<A>&>(with), j0, i), ...);
    ev::template row_steps<0, true>(o.e, o.p, a);
    ev::template element_steps<0, true>(o.e, o.p, a);
  }
  template <int A> SINTER_INLINE static void point(where& p, const stage<A>& s, extent_t j0, int i) {
    if constexpr (base::parts::template access_at<A>.staged)
      p.access[A] = simd::moved(reinterpret_cast<const char*>(&s.held[i][0]), -j0 * size_of(base::parts::template access_at<A>.type));
  }
  SINTER_INLINE static void store(own& o, const args& a) {
    if (!o.exists) return;
    ev::template element_stores<0, true, false>(o.e, o.p, a);
    if (o.p.j == 0) ev::template row_stores<true>(o.e, o.p, a);
  }
};

}  // namespace cuda_kernels
}  // namespace SINTER_ISA
}  // namespace sinter
