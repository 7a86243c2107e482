// SPDX-License-Identifier: Apache-2.0
// Maps: a thread has a few packets of the flattened rows, all of which it loads before it stores the first.
#pragma once

#include <sinter/cuda/block.hpp>
#include <sinter/cuda/place.hpp>

namespace sinter {
inline namespace SINTER_ISA {
namespace cuda_kernels {

// So many that a thread waits for two accesses of 16 bytes at once, or four of an element: with the threads of a whole multiprocessor 64
// KB, more than twice what an H200's bandwidth times its latency asks for. What rows share is soon in the cache and counts for nothing. One
// where the body is long and registers are few.
template <class Code> SINTER_HOST_DEVICE constexpr int packets_in_flight(const Code& c, int v) {
  int arrays = 0;
  for (int i = 0; i < Code::size.accesses; ++i)
    arrays += c.accesses[i].kind == fuse::access::memory && c.accesses[i].inner == fuse::reach::unit;
  if (c.outer > 0 || arrays == 0) arrays = 1;
  const int wanted = v == 1 ? 4 : 2;
  return Code::size.steps > 24 || arrays >= wanted ? 1 : wanted / arrays;
}

template <class Key, int V> struct map_program : placed<Key, V> {
  using base = placed<Key, V>;
  using base::c, typename base::ev, typename base::args, typename base::where, typename base::env;
  static constexpr int packets = packets_in_flight(base::c, V);
  static constexpr const char* name = "map";
  static constexpr int threads = 256, across = warp_threads, phases = 1;
  static constexpr bool stores_rows = base::template results_written<0>::value.count < ev::size.stores;
  struct thread {};
  struct shared {};
  template <int> using reductions = int_list<>;
  template <int> static constexpr bool shares = false;

  SINTER_HOST_DEVICE static constexpr extent_t blocks(const args& a, extent_t rows) {
    return (rows * (a.inner / V) + threads * packets - 1) / (threads * packets);
  }
  template <int> SINTER_INLINE static void phase(const args& a, extent_t block, int t, thread&, shared&) {
    run(a, block * (threads * packets) + t);
  }

 private:
  SINTER_INLINE static void run(const args& a, extent_t first) {
    extent_t rows = 1;
    for (int d = 0; d < base::outer; ++d) rows *= a.outer[d];
    const extent_t in_row = a.inner / V, all = rows * in_row;
    if (first >= all) return;
    where p[packets];
    // Beyond the end the last packet is computed once more, and not stored: so nothing waits for a condition.
    SINTER_UNROLL
    for (int k = 0; k < packets; ++k) go_to(p[k], a, first + k * threads < all ? first + k * threads : all - 1, in_row);
    SINTER_UNROLL
    for (int k = 0; k < packets * V; ++k) {
      where& q = p[k / V];
      env e;
      q.lane = k % V;
      q.j += k % V > 0;
      ev::template steps<true>(e, q, a, typename ev::step_list{});
      if (first + k / V * threads >= all) continue;
      ev::template element_stores<0, true, false>(e, q, a);
      if constexpr (stores_rows)
        if (q.j == 0) ev::template row_stores<true>(e, q, a);
    }
    SINTER_UNROLL
    for (int k = 0; k < packets; ++k)
      if (first + k * threads < all) base::template write<0>(p[k], p[k].j - (V - 1));
  }
  SINTER_INLINE static void go_to(where& p, const args& a, extent_t packet, extent_t in_row) {
    const extent_t r = base::outer == 0 ? 0 : base::quotient(packet, in_row);
    base::go_to_row(p, a, r);
    p.j = (packet - r * in_row) * V, p.kept = 0, p.count = 1;
    base::template read<0, false>(p, p.j);
  }
};

}  // namespace cuda_kernels
}  // namespace SINTER_ISA
}  // namespace sinter
